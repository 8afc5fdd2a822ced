// SPDX-License-Identifier: EUPL-1.2
// A body against the table of kinds [18.1]. What other entries say is not known here.
#include <assert.h>
#include <string.h>

#include "picture/values.h"
#include "sitrep/seal.h"

// The place of the field in the kind; FIELDS_MAX: it has none of that name.
static size_t place_find(const struct kind *kind, struct span name)
{
    const struct field *field;

    for (size_t i = 0; (field = kind_field(kind, i)) != NULL; i++) {
        assert(i < FIELDS_MAX);
        if (span_is(name, field->name)) {
            return i;
        }
    }
    return FIELDS_MAX;
}

static enum err refuse(struct content_fault *why, enum fault fault, const struct field *field)
{
    why->fault = fault;
    why->field = field;
    return ERR_MALFORMED;
}

static const struct field *field_named(const struct kind *kind, const char *name)
{
    const size_t place = place_find(kind, (struct span){(const uint8_t *)name, strlen(name)});

    assert(place < FIELDS_MAX);
    return kind_field(kind, place);
}

struct span content_get(const struct content *content, const char *name)
{
    const size_t place =
        place_find(content->kind, (struct span){(const uint8_t *)name, strlen(name)});

    assert(place < FIELDS_MAX);
    return content->values[place];
}

bool content_has(const struct content *content, const char *name)
{
    const size_t place =
        place_find(content->kind, (struct span){(const uint8_t *)name, strlen(name)});

    return place < FIELDS_MAX && content->values[place].bytes != NULL;
}

static enum err read_values(struct span body, struct content *content, struct content_fault *why)
{
    struct cbor_reader reader;

    cbor_read(&reader, body.bytes, body.len);
    const size_t pairs = cbor_get_map(&reader);
    for (size_t i = 0; i < pairs && reader.err == ERR_OK; i++) {
        const size_t place = place_find(content->kind, cbor_get_text(&reader));
        const uint8_t *begin = reader.at;
        if (place == FIELDS_MAX) {
            (void)cbor_skip(&reader);
            continue;
        }
        value_read(&reader, kind_field(content->kind, place), why);
        if (reader.err != ERR_OK) {
            const enum fault fault = why->fault == FAULT_NONE ? FAULT_VALUE : why->fault;
            return refuse(why, fault, kind_field(content->kind, place));
        }
        content->values[place] = (struct span){begin, (size_t)(reader.at - begin)};
    }
    return cbor_finish(&reader);
}

static enum err read_state(struct content *content, struct content_fault *why)
{
    const struct span value = content_get(content, "state");

    content->state = kind_states_count(content->kind) == 0 ? STATE_NONE : 0;
    if (value.bytes == NULL) {
        return ERR_OK;
    }
    struct cbor_reader reader;
    cbor_read(&reader, value.bytes, value.len);
    content->state = kind_state(content->kind, cbor_get_text(&reader));
    return content->state != STATE_NONE
               ? ERR_OK
               : refuse(why, FAULT_STATE, field_named(content->kind, "state"));
}

// Nothing of a kind without versions changes anything, or is changed [18.5].
static enum err check_unchanging(const struct content *content, struct content_fault *why)
{
    static const char *const changing[] = {"item", "supersedes", "editors"};

    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++) {
        if (content_get(content, changing[i]).bytes != NULL) {
            return refuse(why, FAULT_UNCHANGING, field_named(content->kind, changing[i]));
        }
    }
    return ERR_OK;
}

// How it says what it changes, or that it begins something [18.5].
static enum err check_change(const struct content *content, struct content_fault *why)
{
    const struct kind *kind = content->kind;
    const bool has_item = content_get(content, "item").bytes != NULL;
    const bool has_supersedes = content_get(content, "supersedes").bytes != NULL;

    if (kind->merge != MERGE_VERSIONS) {
        return check_unchanging(content, why);
    }
    if (has_item != has_supersedes) {
        return refuse(why, FAULT_SUPERSEDES, field_named(kind, "supersedes"));
    }
    if (!has_item && content->state != STATE_NONE &&
        (kind->states_begin >> content->state & 1) == 0) {
        return refuse(why, FAULT_BEGIN, field_named(kind, "state"));
    }
    return ERR_OK;
}

static enum err check_needed(const struct content *content, struct content_fault *why)
{
    const unsigned state = content->state == STATE_NONE ? 1 : 1u << content->state;
    const struct field *field;

    for (size_t i = 0; (field = kind_field(content->kind, i)) != NULL; i++) {
        if ((field->needed & state) != 0 && content->values[i].bytes == NULL) {
            return refuse(why, FAULT_MISSING, field);
        }
    }
    return ERR_OK;
}

enum err content_read(struct span body, struct content *content, struct content_fault *why)
{
    struct content read = {.state = STATE_NONE};
    struct span kind;

    assert(content != NULL && why != NULL);
    *why = (struct content_fault){.fault = FAULT_NONE};
    enum err err = body_check(body, &kind);
    if (err != ERR_OK) {
        return ERR_MALFORMED;
    }
    read.kind = kind_find(kind);
    if (read.kind == NULL || read.kind->merge == MERGE_SYSTEM) {
        return ERR_NOT_FOUND;
    }
    why->kind = read.kind;
    err = read_values(body, &read, why);
    if (err == ERR_OK) {
        err = read_state(&read, why);
    }
    if (err == ERR_OK) {
        err = check_change(&read, why);
    }
    if (err == ERR_OK) {
        err = check_needed(&read, why);
    }
    if (err == ERR_OK) {
        *content = read;
    }
    return err;
}
