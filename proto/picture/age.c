// SPDX-License-Identifier: EUPL-1.2
// Until when what an entry says is current [18.20]. No clock is read here.
#include "picture/places.h"
#include "sitrep/seal.h"
#include "sitrep/sums.h"

enum { HOUR_MS = 3600 * 1000 };

// CURRENT_ALWAYS: the body has no such field.
static uint64_t time_of(struct span body, const char *name)
{
    struct cbor_reader reader;
    struct span value;

    if (name == NULL || body_find(body, name, &value) != ERR_OK) {
        return CURRENT_ALWAYS;
    }
    cbor_read(&reader, value.bytes, value.len);
    return cbor_get_uint(&reader);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t body_current_until(struct span body, const struct kind *kind, uint8_t state,
                            uint64_t written_ms)
{
    const uint64_t until_ms = earlier(time_of(body, "valid_to"), time_of(body, kind->until));
    uint64_t was_so_ms = time_of(body, "as_of");

    if (kind_is_over(kind, state)) {
        return CURRENT_ALWAYS;
    }
    if (until_ms != CURRENT_ALWAYS || kind->current_h == 0) {
        return until_ms;
    }
    if (was_so_ms == CURRENT_ALWAYS) {
        was_so_ms = time_of(body, "observed");
    }
    // What its author dates ahead is no newer for it.
    return earlier(was_so_ms, written_ms) + (uint64_t)kind->current_h * HOUR_MS;
}

uint64_t picture_sum_until(const struct picture *picture, uint32_t at)
{
    const struct place *place = &picture->places[at];

    return body_current_until((struct span){place->kept, place->kept_len}, &kinds[place->kind],
                              place->state, place->written_ms);
}
