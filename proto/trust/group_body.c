// SPDX-License-Identifier: EUPL-1.2
// One change of a group between struct and bytes [14.2, 14.3]. What it does to the group, and
// whether its author may, is not decided here.
#include <assert.h>
#include <string.h>

#include "sitrep/group.h"
#include "trust/bits.h"

// In the order of their encoding [1.1].
enum field {
    FIELD_OP,
    FIELD_KEY,
    FIELD_KIND,
    FIELD_NAME,
    FIELD_AFTER,
    FIELD_GROUP,
    FIELD_CENTRE,
    FIELD_OWNERS,
    FIELD_CENTRES,
    FIELD_HISTORY,
    FIELD_REVOKED,
    FIELDS
};

static const char *const field_names[FIELDS] = {"op",      "key",     "kind",   "name",
                                                "after",   "group",   "centre", "owners",
                                                "centres", "history", "revoked"};

static const char *const op_names[GROUP_OPS] = {"create", "add",    "remove",
                                                "own",    "disown", "rekey"};

enum {
    ALWAYS = 1 << FIELD_OP | 1 << FIELD_KIND,
    KEYED = 1 << FIELD_KEY | 1 << FIELD_REVOKED,
    LATER = ALWAYS | 1 << FIELD_AFTER | 1 << FIELD_GROUP,
    FOUNDING =
        ALWAYS | 1 << FIELD_NAME | 1 << FIELD_OWNERS | 1 << FIELD_CENTRES | 1 << FIELD_HISTORY,
    OF_CENTRE = LATER | 1 << FIELD_CENTRE,
};

void centre_set_add(struct centre_set *set, uint32_t centre)
{
    assert(centre < CENTRES_MAX);
    bits_add(set->words, centre);
}

// The fields a change of `op` has [14.2].
static unsigned fields_of(enum group_op op, bool has_key)
{
    switch (op) {
    case GROUP_CREATE:
        return FOUNDING;
    case GROUP_ADD:
        return has_key ? OF_CENTRE | KEYED : OF_CENTRE;
    case GROUP_REMOVE:
        return OF_CENTRE | KEYED;
    case GROUP_OWN:
    case GROUP_DISOWN:
        return OF_CENTRE;
    case GROUP_REKEY:
        return LATER | KEYED;
    case GROUP_OPS:
        break;
    }
    return 0;
}

static bool name_is_allowed(const char *name)
{
    return strcmp(name, "all") != 0 && roster_name_is_valid(name, strlen(name)); // [14.3]
}

static bool ids_ascend(const struct group_body *body)
{
    for (size_t i = 1; i < body->after_count; i++) {
        if (memcmp(body->after[i - 1], body->after[i], ID_LEN) >= 0) {
            return false;
        }
    }
    return true;
}

// What no single field shows [14.3].
static bool is_sound(const struct group_body *body)
{
    enum { WORDS_OF_CENTRES = CENTRES_MAX / 64 };
    if (body->op == GROUP_CREATE) {
        return name_is_allowed(body->name) &&
               !bits_are_none(body->owners.words, WORDS_OF_CENTRES) &&
               bits_are_in(body->owners.words, body->centres.words, WORDS_OF_CENTRES);
    }
    return ids_ascend(body);
}

static void put_set(struct cbor_writer *writer, const uint64_t *words, uint32_t max)
{
    size_t count = 0;
    for (uint32_t i = 0; i < max; i++) {
        count += bits_has(words, i) ? 1 : 0;
    }
    cbor_put_array(writer, count);
    for (uint32_t i = 0; i < max; i++) {
        if (bits_has(words, i)) {
            cbor_put_uint(writer, i);
        }
    }
}

static void put_text(struct cbor_writer *writer, const char *text)
{
    cbor_put_text(writer, text, strlen(text));
}

static void put_field(struct cbor_writer *writer, const struct group_body *body, enum field field)
{
    switch (field) {
    case FIELD_OP:
        put_text(writer, op_names[body->op]);
        break;
    case FIELD_KEY:
        cbor_put_bytes(writer, body->key_hash, DIGEST_LEN);
        break;
    case FIELD_KIND:
        put_text(writer, "group");
        break;
    case FIELD_NAME:
        put_text(writer, body->name);
        break;
    case FIELD_AFTER:
        cbor_put_array(writer, body->after_count);
        for (size_t i = 0; i < body->after_count; i++) {
            cbor_put_bytes(writer, body->after[i], ID_LEN);
        }
        break;
    case FIELD_GROUP:
        cbor_put_bytes(writer, body->group, TAG_LEN);
        break;
    case FIELD_CENTRE:
        cbor_put_uint(writer, body->centre);
        break;
    case FIELD_OWNERS:
        put_set(writer, body->owners.words, CENTRES_MAX);
        break;
    case FIELD_CENTRES:
        put_set(writer, body->centres.words, CENTRES_MAX);
        break;
    case FIELD_HISTORY:
        cbor_put_bool(writer, body->has_history);
        break;
    case FIELD_REVOKED:
        put_set(writer, body->revoked.words, NODES_MAX);
        break;
    case FIELDS:
        break;
    }
}

size_t group_body_encode(const struct group_body *body, uint8_t *out, size_t size)
{
    assert(body && out);
    assert(body->op < GROUP_OPS);
    assert(body->after_count <= GROUP_AFTER_MAX);
    assert(body->centre < CENTRES_MAX);
    if (!is_sound(body)) {
        return 0;
    }
    const unsigned fields = fields_of(body->op, body->has_key);
    struct cbor_writer writer;
    cbor_write(&writer, out, size);
    cbor_put_map(&writer, (size_t)__builtin_popcount(fields));
    for (enum field field = 0; field < FIELDS; field++) {
        if ((fields & 1u << field) != 0) {
            put_text(&writer, field_names[field]);
            put_field(&writer, body, field);
        }
    }
    return cbor_written(&writer);
}

// The place of `text` in a list of names, or `count`.
static size_t name_find(struct span text, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text.len == strlen(names[i]) && memcmp(text.bytes, names[i], text.len) == 0) {
            return i;
        }
    }
    return count;
}

static void get_op(struct cbor_reader *reader, struct group_body *body)
{
    const size_t op = name_find(cbor_get_text(reader), op_names, GROUP_OPS);
    if (op == GROUP_OPS) {
        cbor_fail(reader, ERR_MALFORMED);
        return;
    }
    body->op = (enum group_op)op;
}

// Indexes below `max`, ascending [14.3].
static void get_set(struct cbor_reader *reader, uint64_t *words, uint32_t max)
{
    const size_t count = cbor_get_array(reader);
    uint64_t least = 0;
    if (count > max) {
        cbor_fail(reader, ERR_LIMIT);
    }
    for (size_t i = 0; i < count && !reader->err; i++) {
        const uint64_t index = cbor_get_uint_max(reader, max - 1);
        if (index < least) {
            cbor_fail(reader, ERR_MALFORMED);
        }
        bits_add(words, (uint32_t)index);
        least = index + 1;
    }
}

static void get_after(struct cbor_reader *reader, struct group_body *body)
{
    const size_t count = cbor_get_array(reader);
    if (count > GROUP_AFTER_MAX) {
        cbor_fail(reader, ERR_LIMIT);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        cbor_get_exact(reader, body->after[i], ID_LEN);
    }
    body->after_count = count;
}

static void get_name(struct cbor_reader *reader, struct group_body *body)
{
    const struct span name = cbor_get_text(reader);
    if (name.len > NAME_MAX_LEN) {
        cbor_fail(reader, ERR_MALFORMED); // as the roster's names [5.8]
        return;
    }
    if (name.len > 0) {
        memcpy(body->name, name.bytes, name.len);
    }
    if (strlen(body->name) != name.len) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

static void get_field(struct cbor_reader *reader, struct group_body *body, enum field field)
{
    static const char *const kind[] = {"group"};
    switch (field) {
    case FIELD_OP:
        get_op(reader, body);
        break;
    case FIELD_KEY:
        cbor_get_exact(reader, body->key_hash, DIGEST_LEN);
        body->has_key = true;
        break;
    case FIELD_KIND:
        if (name_find(cbor_get_text(reader), kind, 1) != 0) {
            cbor_fail(reader, ERR_MALFORMED);
        }
        break;
    case FIELD_NAME:
        get_name(reader, body);
        break;
    case FIELD_AFTER:
        get_after(reader, body);
        break;
    case FIELD_GROUP:
        cbor_get_exact(reader, body->group, TAG_LEN);
        break;
    case FIELD_CENTRE:
        body->centre = (uint32_t)cbor_get_uint_max(reader, CENTRES_MAX - 1);
        break;
    case FIELD_OWNERS:
        get_set(reader, body->owners.words, CENTRES_MAX);
        break;
    case FIELD_CENTRES:
        get_set(reader, body->centres.words, CENTRES_MAX);
        break;
    case FIELD_HISTORY:
        body->has_history = cbor_get_bool(reader);
        break;
    case FIELD_REVOKED:
        get_set(reader, body->revoked.words, NODES_MAX);
        break;
    case FIELDS:
        cbor_fail(reader, ERR_MALFORMED);
        break;
    }
}

enum err group_body_decode(struct span content, struct group_body *body)
{
    assert(body);
    enum err err = cbor_check(content.bytes, content.len); // order and repetition of keys too
    if (err) {
        return err;
    }
    struct group_body read = {0};
    struct cbor_reader reader;
    unsigned fields = 0;
    cbor_read(&reader, content.bytes, content.len);
    const size_t pairs = cbor_get_map(&reader);
    for (size_t i = 0; i < pairs && !reader.err; i++) {
        const enum field field = (enum field)name_find(cbor_get_text(&reader), field_names, FIELDS);
        get_field(&reader, &read, field);
        fields |= 1u << field;
    }
    err = cbor_finish(&reader);
    if (err) {
        return err;
    }
    if (fields != fields_of(read.op, read.has_key) || !is_sound(&read)) {
        return ERR_MALFORMED;
    }
    *body = read;
    return ERR_OK;
}

void group_revoked_nodes(const struct roster *roster, struct node_set *revoked)
{
    assert(roster && revoked);
    assert(roster->nodes_count <= NODES_MAX);
    *revoked = (struct node_set){0};
    for (uint32_t i = 0; i < roster->nodes_count; i++) {
        if (roster->nodes[i].is_revoked) {
            bits_add(revoked->words, i);
        }
    }
}
