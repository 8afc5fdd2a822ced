// SPDX-License-Identifier: EUPL-1.2
// Until when what an entry says is current [18.20]. No clock is read here.
#include "picture/places.h"
#include "sitrep/sums.h"

enum { HOUR_MS = 3600 * 1000 };

// What a body says of when it holds; CURRENT_ALWAYS: nothing.
struct said {
    uint64_t valid_to_ms, until_ms, as_of_ms, observed_ms;
};

static uint64_t *member_of(struct said *said, const struct kind *kind, struct span name)
{
    if (span_is(name, "valid_to")) {
        return &said->valid_to_ms;
    }
    if (kind->until != NULL && span_is(name, kind->until)) {
        return &said->until_ms;
    }
    if (span_is(name, "as_of") && field_find(kind->fields, name)->name != NULL) {
        return &said->as_of_ms;
    }
    return span_is(name, "observed") ? &said->observed_ms : NULL;
}

static struct said read_said(struct span body, const struct kind *kind)
{
    struct said said = {CURRENT_ALWAYS, CURRENT_ALWAYS, CURRENT_ALWAYS, CURRENT_ALWAYS};
    struct cbor_reader reader;

    cbor_read(&reader, body.bytes, body.len);
    const size_t pairs = cbor_get_map(&reader);
    for (size_t i = 0; i < pairs && reader.err == ERR_OK; i++) {
        uint64_t *member = member_of(&said, kind, cbor_get_text(&reader));
        if (member != NULL) {
            *member = cbor_get_uint(&reader);
        } else {
            (void)cbor_skip(&reader);
        }
    }
    return said;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t body_current_until(struct span body, const struct kind *kind, uint8_t state,
                            uint64_t written_ms)
{
    if (kind_is_over(kind, state)) {
        return CURRENT_ALWAYS;
    }
    const struct said said = read_said(body, kind);
    const uint64_t until_ms = earlier(said.valid_to_ms, said.until_ms);
    if (until_ms != CURRENT_ALWAYS || kind->current_h == 0) {
        return until_ms;
    }
    const uint64_t was_so_ms = said.as_of_ms != CURRENT_ALWAYS ? said.as_of_ms : said.observed_ms;
    // What its author dates ahead is no newer for it.
    return earlier(was_so_ms, written_ms) + (uint64_t)kind->current_h * HOUR_MS;
}

uint64_t picture_sum_until(const struct picture *picture, uint32_t at)
{
    const struct place *place = &picture->places[at];

    return body_current_until((struct span){place->kept, place->kept_len}, &kinds[place->kind],
                              place->state, place->written_ms);
}
