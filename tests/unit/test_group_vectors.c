// SPDX-License-Identifier: EUPL-1.2
// Vectors of groups: what one change may say, and how whole histories end. tests/vectors.h says how
// the file is written anew.
#include "edit.h"
#include "group_story.h"
#include "roundtrip_trust.h"
#include "trust/bits.h"

static json_t *make_set(const uint64_t *words, uint32_t max)
{
    json_t *const set = json_array();
    for (uint32_t i = 0; i < max; i++) {
        if (bits_has(words, i)) {
            json_array_append_new(set, json_integer(i));
        }
    }
    return set;
}

static const char *const op_names[] = {"create", "add", "remove", "own", "disown", "rekey"};

static json_t *make_change(const struct group_body *body)
{
    json_t *const change = json_object();
    json_object_set_new(change, "op", json_string(op_names[body->op]));
    if (body->op == GROUP_CREATE) {
        json_object_set_new(change, "name", json_string(body->name));
        json_object_set_new(change, "owners", make_set(body->owners.words, CENTRES_MAX));
        json_object_set_new(change, "centres", make_set(body->centres.words, CENTRES_MAX));
        json_object_set_new(change, "history", json_boolean(body->has_history));
    } else {
        json_t *const after = json_array();
        for (size_t i = 0; i < body->after_count; i++) {
            json_array_append_new(after, vectors_hex(body->after[i], ID_LEN));
        }
        json_object_set_new(change, "after", after);
        edit_set_hex(change, "group", body->group, TAG_LEN);
    }
    if (body->op != GROUP_CREATE && body->op != GROUP_REKEY) {
        edit_set_number(change, "centre", body->centre);
    }
    if (body->has_key) {
        edit_set_hex(change, "key", body->key_hash, DIGEST_LEN);
        json_object_set_new(change, "revoked", make_set(body->revoked.words, NODES_MAX));
    }
    return change;
}

static size_t add_body(json_t *file, const char *name, struct group_body *body, uint8_t *out)
{
    body->has_key |= body->op == GROUP_REMOVE || body->op == GROUP_REKEY;
    const size_t len = group_body_encode(body, out, GROUP_BODY_MAX);
    assert_true(len > 0);
    json_t *const json = vectors_add_accepted(file, name, out, len);
    json_object_set_new(json, "change", make_change(body));
    return len;
}

static struct group_body founding_body(void)
{
    struct group_body body = {.op = GROUP_CREATE, .name = "flood", .has_history = true};
    body.centres.words[0] = 0x7;
    body.owners.words[0] = 0x5;
    return body;
}

static struct group_body later_body(enum group_op op)
{
    struct group_body body = {.op = op, .after_count = 2};
    memset(body.group, 2, TAG_LEN);
    memset(body.after[0], 3, ID_LEN);
    memset(body.after[1], 4, ID_LEN);
    memset(body.key_hash, 0xab, DIGEST_LEN);
    body.centre = op == GROUP_REKEY ? 0 : 4;
    return body;
}

static void add_accepted(json_t *file)
{
    static uint8_t bytes[GROUP_BODY_MAX];
    struct group_body body = founding_body();
    add_body(file, "create", &body, bytes);
    body.centres.words[7] = UINT64_C(1) << 63;
    body.owners.words[7] = UINT64_C(1) << 63;
    body.has_history = false;
    memcpy(body.name, "a2345678901234567890123456789-12", NAME_MAX_LEN);
    add_body(file, "create with the last centre, and a name of 32", &body, bytes);
    for (enum group_op op = GROUP_ADD; op < GROUP_OPS; op++) {
        body = later_body(op);
        add_body(file, op_names[op], &body, bytes);
    }
    body = later_body(GROUP_ADD);
    body.has_key = true;
    bits_add(body.revoked.words, 17);
    bits_add(body.revoked.words, 4095);
    body.centre = 511;
    add_body(file, "add with a key", &body, bytes);
    body = later_body(GROUP_REKEY);
    body.after_count = 0;
    add_body(file, "rekey after the founding only", &body, bytes);
    body.after_count = GROUP_AFTER_MAX;
    for (size_t i = 0; i < GROUP_AFTER_MAX; i++) {
        memset(body.after[i], (int)i, ID_LEN);
    }
    add_body(file, "rekey after 16", &body, bytes);
}

static const struct edit founding_edits[] = {
    {"another kind", BYTES("egroup"), BYTES("egroop"), ERR_MALFORMED},
    {"unknown operation", BYTES("fcreate"), BYTES("fcreata"), ERR_MALFORMED},
    {"a founding called rekey", BYTES("fcreate"), BYTES("erekey"), ERR_MALFORMED},
    {"named all", BYTES("eflood"), BYTES("call"), ERR_MALFORMED},
    {"named in capitals", BYTES("eflood"), BYTES("eFlood"), ERR_MALFORMED},
    {"no name", BYTES("eflood"), BYTES("\x60"), ERR_MALFORMED},
    {"name with a NUL", BYTES("eflood"), BYTES("eflo\0d"), ERR_MALFORMED},
    {"name of 33", BYTES("eflood"),
     BYTES("\x78\x21"
           "a23456789012345678901234567890123"),
     ERR_MALFORMED},
    {"no owner", BYTES("fowners\x82\x00\x02"), BYTES("fowners\x80"), ERR_MALFORMED},
    {"no centre", BYTES("gcentres\x83\x00\x01\x02"), BYTES("gcentres\x80"), ERR_MALFORMED},
    {"owner who is no member", BYTES("fowners\x82\x00\x02"), BYTES("fowners\x82\x00\x03"),
     ERR_MALFORMED},
    {"centres descending", BYTES("gcentres\x83\x00\x01\x02"), BYTES("gcentres\x83\x00\x02\x01"),
     ERR_MALFORMED},
    {"centre twice", BYTES("gcentres\x83\x00\x01\x02"), BYTES("gcentres\x84\x00\x01\x02\x02"),
     ERR_MALFORMED},
    {"centre 512", BYTES("gcentres\x83\x00\x01\x02"), BYTES("gcentres\x84\x00\x01\x02\x19\x02\x00"),
     ERR_LIMIT},
    {"history is a number", BYTES("ghistory\xf5"), BYTES("ghistory\x01"), ERR_MALFORMED},
    {"with a key",
     BYTES("\xa6"
           "bopfcreate"),
     BYTES("\xa7"
           "bopfcreateckey\x58\x20" KEY_OF_AB),
     ERR_MALFORMED},
    {"one field fewer", BYTES("\xa6"), BYTES("\xa5"), ERR_MALFORMED},
    {"one field more", BYTES("\xa6"), BYTES("\xa7"), ERR_MALFORMED},
};

static const struct edit later_edits[] = {
    {"node 4096 revoked", BYTES("grevoked\x80"), BYTES("grevoked\x81\x19\x10\x00"), ERR_LIMIT},
    {"revoked descending", BYTES("grevoked\x80"), BYTES("grevoked\x82\x02\x01"), ERR_MALFORMED},
    {"key of 31 bytes", BYTES("\x58\x20\xab"), BYTES("\x58\x1f"), ERR_MALFORMED},
    {"without its key", BYTES("ckey\x58\x20" KEY_OF_AB), BYTES(""), ERR_MALFORMED},
    {"group of 7 bytes", BYTES("egroup\x48\x02"), BYTES("egroup\x47"), ERR_MALFORMED},
    {"centre 512 removed", BYTES("fcentre\x04"), BYTES("fcentre\x19\x02\x00"), ERR_LIMIT},
    {"centre as text", BYTES("fcentre\x04"), BYTES("fcentre\x61\x34"), ERR_MALFORMED},
    {"unknown field", BYTES("fcentre\x04"), BYTES("fcentro\x04"), ERR_MALFORMED},
    {"after the same twice",
     BYTES("\x58\x20\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04"
           "\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04\x04"
           "\x04\x04\x04"),
     BYTES("\x58\x20\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03"
           "\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03"
           "\x03\x03\x03"),
     ERR_MALFORMED},
    {"a key where none belongs", BYTES("fremove"), BYTES("cown"), ERR_MALFORMED},
};

static void add_edits(json_t *file, struct group_body body, const struct edit *edits, size_t count)
{
    static uint8_t bytes[GROUP_BODY_MAX];
    const size_t len = group_body_encode(&body, bytes, sizeof bytes);
    assert_true(len > 0);
    for (size_t i = 0; i < count; i++) {
        size_t edited_len;
        uint8_t *const edited = edit_apply(&edits[i], (struct span){bytes, len}, &edited_len);
        vectors_add_refused(file, edits[i].name, edited, edited_len, edits[i].err);
        free(edited);
    }
}

// What the encoder would not write.
static void add_unsound(json_t *file)
{
    uint8_t bytes[1024];
    struct cbor_writer writer;
    const uint8_t id[ID_LEN] = {1};
    const struct {
        const char *name;
        const char *op;
        size_t after;
        enum err err;
    } cases[] = {{"disown after 17", "disown", 17, ERR_LIMIT},
                 {"remove without a key", "remove", 1, ERR_MALFORMED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cbor_write(&writer, bytes, sizeof bytes);
        cbor_put_map(&writer, 5);
        cbor_put_text(&writer, "op", 2);
        cbor_put_text(&writer, cases[i].op, strlen(cases[i].op));
        cbor_put_text(&writer, "kind", 4);
        cbor_put_text(&writer, "group", 5);
        cbor_put_text(&writer, "after", 5);
        cbor_put_array(&writer, cases[i].after);
        for (size_t j = 0; j < cases[i].after; j++) {
            cbor_put_bytes(&writer, id, ID_LEN);
        }
        cbor_put_text(&writer, "group", 5);
        cbor_put_bytes(&writer, id, TAG_LEN);
        cbor_put_text(&writer, "centre", 6);
        cbor_put_uint(&writer, 4);
        vectors_add_refused(file, cases[i].name, bytes, cbor_written(&writer), cases[i].err);
    }
}

static const char *effect_name(enum group_effect effect)
{
    static const char *const names[] = {"counts",    "overruled",  "unauthorised", "revoked",
                                        "unrelated", "unreadable", "too many"};
    return names[effect];
}

static json_t *make_nodes(const struct story *story)
{
    json_t *const nodes = json_array();
    for (size_t i = 0; i < STORY_NODES; i++) {
        const struct roster_node *const from = &story->nodes[i];
        json_t *const node = json_object();
        edit_set_number(node, "centre", from->centre);
        json_object_set_new(node, "revoked",
                            from->is_revoked ? json_pack("[I, I]", (json_int_t)from->revoked_epoch,
                                                         (json_int_t)from->revoked_seq)
                                             : json_null());
        json_array_append_new(nodes, node);
    }
    return nodes;
}

// Sets of the group of all members are left out: they are everybody.
static json_t *make_centres(const struct group *group, const struct centre_set *set)
{
    return group->is_all ? json_array() : make_set(set->words, CENTRES_MAX);
}

static json_t *make_standing(const struct story *story, const struct group *group)
{
    json_t *const expected = json_object();
    json_t *const effects = json_array();
    json_t *const keys = json_array();
    json_t *const latest = json_array();

    json_object_set_new(expected, "name", json_string(group->name));
    json_object_set_new(expected, "history", json_boolean(group->has_history));
    json_object_set_new(expected, "members", make_centres(group, &group->members));
    json_object_set_new(expected, "owners", make_centres(group, &group->owners));
    for (size_t i = 0; i < story->count; i++) {
        json_array_append_new(effects, json_string(effect_name(group->effects[i])));
    }
    json_object_set_new(expected, "effects", effects);
    for (size_t i = 0; i < group->keys_count; i++) {
        json_t *const key = json_object();
        edit_set_hex(key, "key", group->keys[i].hash, DIGEST_LEN);
        edit_set_hex(key, "change", group->keys[i].change, ID_LEN);
        json_object_set_new(key, "audience", make_centres(group, &group->keys[i].audience));
        json_object_set_new(key, "usable", json_boolean(group->keys[i].is_usable));
        json_array_append_new(keys, key);
    }
    json_object_set_new(expected, "keys", keys);
    json_object_set_new(expected, "current",
                        group->current != NULL ? vectors_hex(group->current->change, ID_LEN)
                                               : json_null());
    for (size_t i = 0; i < group->latest_count; i++) {
        json_array_append_new(latest, vectors_hex(group->latest[i], ID_LEN));
    }
    json_object_set_new(expected, "latest", latest);
    return expected;
}

static void add_history(json_t *histories, const char *name, const struct story *story)
{
    json_t *const history = json_object();
    json_t *const changes = json_array();
    struct group *group = story_evaluate(story);

    json_object_set_new(history, "name", json_string(name));
    edit_set_hex(history, "space", story->space, ID_LEN);
    edit_set_hex(history, "group", story->group, TAG_LEN);
    json_object_set_new(history, "nodes", make_nodes(story));
    for (size_t i = 0; i < story->count; i++) {
        const struct group_change *const from = &story->changes[i];
        json_t *const change = json_object();
        edit_set_hex(change, "id", from->id, ID_LEN);
        edit_set_number(change, "author", from->author);
        edit_set_number(change, "epoch", from->epoch);
        edit_set_number(change, "seq", from->seq);
        edit_set_hex(change, "hex", from->content.bytes, from->content.len);
        json_array_append_new(changes, change);
    }
    json_object_set_new(history, "changes", changes);
    json_object_set_new(history, "expected", make_standing(story, group));
    json_array_append_new(histories, history);
    group_destroy(&group);
}

static json_t *make_histories(void)
{
    static struct story story;
    static const struct {
        const char *name;
        const char *changes;
    } told[] = {
        {"removed and added again", "0-2@1 0+2@2 2+4@3 0+4@3"},
        {"removal against a concurrent addition", "0+4@1 1-4@1"},
        {"two owners remove each other", "0-1@1 1-0@1 2+4@23 2o4@4 2k@5"},
        {"an addition built on one that is overruled", "1o2@1 2+4@2 2o4@3 4+5@4 0d1@1 0k@56"},
        {"removals on both sides, and a new key", "0-2@1 1-3@1 1k@23"},
        {"a key that went round before a removal was known", "0k@1 1-2@1 0-1@23 1+5@1 1k@5"},
    };
    json_t *const histories = json_array();
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        story_begin(&story);
        story_found(&story, 0, 0xf, 0x3, true);
        story_read(&story, told[i].changes);
        add_history(histories, told[i].name, &story);
    }
    story_revoke(&story, 1, 1, 3);
    add_history(histories, "the same, and node 1 revoked", &story);
    story_begin(&story);
    group_all_members(story.space, story.group);
    story_read(&story, "3k@#22 4k@#33 5+6@0 5k@01");
    story_revoke(&story, 15, 1, 2);
    story_read(&story, "1k@3#55 2k@3#44 15k@0");
    add_history(histories, "the group of all members", &story);
    for (uint32_t seed = 0; seed < 6; seed++) {
        char name[32];
        story_draw(&story, 100 + seed, 24);
        if (seed >= 4) {
            story_revoke(&story, seed - 3, 1, 12);
        }
        assert_true(snprintf(name, sizeof name, "drawn, %u", seed) > 0);
        add_history(histories, name, &story);
    }
    return histories;
}

static json_t *make_context(void)
{
    json_t *const context = json_object();
    uint8_t founding[ID_LEN];
    uint8_t secret[SECRET_LEN];
    uint8_t group[TAG_LEN];
    uint8_t hash[DIGEST_LEN];

    memset(founding, 0x10, sizeof founding);
    memset(secret, 1, sizeof secret);
    group_id_derive(founding, group);
    group_key_hash(group, secret, hash);
    edit_set_hex(context, "founding", founding, ID_LEN);
    edit_set_hex(context, "group", group, TAG_LEN);
    edit_set_hex(context, "group secret", secret, SECRET_LEN);
    edit_set_hex(context, "key", hash, DIGEST_LEN);
    return context;
}

static json_t *make_group(void)
{
    json_t *const file = vectors_file("Bodies of kind group, PROTOCOL.md 14.2-14.4, and how "
                                      "histories of a group end, 14.5-14.11.");
    json_object_set_new(file, "context", make_context());
    add_accepted(file);
    add_edits(file, founding_body(), founding_edits,
              sizeof founding_edits / sizeof *founding_edits);
    add_edits(file, later_body(GROUP_REMOVE), later_edits,
              sizeof later_edits / sizeof *later_edits);
    add_unsound(file);
    json_object_set_new(file, "histories", make_histories());
    return file;
}

static void test_group(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"group", make_group, roundtrip_group, NULL});
}

// A secret has the key id that its hash begins with.
static void test_a_hash_begins_with_the_id(void **state)
{
    (void)state;
    const uint8_t secret[SECRET_LEN] = {1};
    const uint8_t group[TAG_LEN] = {2};
    uint8_t hash[DIGEST_LEN];
    struct group_key key;
    group_key_derive(&key, group, secret);
    group_key_hash(group, secret, hash);
    assert_memory_equal(key.id, hash, TAG_LEN);
}

static void test_the_longest(void **state)
{
    (void)state;
    static uint8_t bytes[GROUP_BODY_MAX];
    struct group_body body = founding_body();
    memset(&body.centres, 0xff, sizeof body.centres);
    memset(&body.owners, 0xff, sizeof body.owners);
    memset(&body.revoked, 0xff, sizeof body.revoked);
    memcpy(body.name, "a2345678901234567890123456789-12", NAME_MAX_LEN);
    size_t len = group_body_encode(&body, bytes, sizeof bytes);
    assert_true(len > 0);
    assert_int_equal(roundtrip_group(bytes, len), ERR_OK);
    body = later_body(GROUP_REMOVE);
    body.after_count = GROUP_AFTER_MAX;
    for (size_t i = 0; i < GROUP_AFTER_MAX; i++) {
        memset(body.after[i], (int)i, ID_LEN);
    }
    memset(&body.revoked, 0xff, sizeof body.revoked);
    len = group_body_encode(&body, bytes, sizeof bytes);
    assert_true(len > 0);
    assert_int_equal(roundtrip_group(bytes, len), ERR_OK);
}

static void test_what_the_encoder_refuses(void **state)
{
    (void)state;
    uint8_t bytes[512];
    struct group_body body = founding_body();
    assert_true(group_body_encode(&body, bytes, sizeof bytes) > 0);
    assert_int_equal(group_body_encode(&body, bytes, 60), 0);
    memcpy(body.name, "all", 4);
    assert_int_equal(group_body_encode(&body, bytes, sizeof bytes), 0);
    body = founding_body();
    body.owners.words[0] = 0x8;
    assert_int_equal(group_body_encode(&body, bytes, sizeof bytes), 0);
    body = later_body(GROUP_ADD);
    memset(body.after[0], 9, ID_LEN);
    assert_int_equal(group_body_encode(&body, bytes, sizeof bytes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_a_hash_begins_with_the_id),
        cmocka_unit_test(test_the_longest),
        cmocka_unit_test(test_what_the_encoder_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
