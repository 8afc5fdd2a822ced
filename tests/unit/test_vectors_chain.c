// SPDX-License-Identifier: EUPL-1.2
// Vectors of authentic runs: an engine publishes entries, runs are made of them, and another engine
// rebuilds every header and id, or refuses what the signature does not cover [7.3, 3.6].
#include "draft.h"
#include "sitrep/engine.h"
#include "vectors.h"
#include "wire/message.h"

enum {
    ENTRIES = 5,
    AUTHOR = 0, // roster indexes
    READER = 1,
    PIECE_MAX = 128, // bytes of a content, and of a sealed body
    RUN_MAX = 4096,
};

#define WALL_MS UINT64_C(1790000000000)

// The entries one engine published, with copies of what the effects only lent.
struct log {
    struct draft draft;
    struct roster *roster;
    struct signing_key keys[2];
    struct group_key group;
    struct record records[ENTRIES];
    uint8_t sealed[ENTRIES][PIECE_MAX];
    uint8_t contents[ENTRIES][PIECE_MAX];
    size_t content_lens[ENTRIES];
};

static struct engine *make_engine(const struct log *log, uint32_t node)
{
    struct engine *engine = NULL;
    struct engine_options options = {
        .roster = log->roster, .signing_key = &log->keys[node], .has_live_plane = true};

    memcpy(options.space, log->roster->federation, ID_LEN);
    assert_int_equal(engine_create(&engine, &options), ERR_OK);
    return engine;
}

// Short enough to be left as it is: what a compressor writes differs between its versions.
static void fill_content(struct log *log, size_t i)
{
    static const char text[] = "report";
    struct cbor_writer writer;

    cbor_write(&writer, log->contents[i], PIECE_MAX);
    cbor_put_map(&writer, 2);
    cbor_put_text(&writer, "n", 1);
    cbor_put_uint(&writer, i + 1);
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, text, sizeof text - 1);
    log->content_lens[i] = cbor_written(&writer);
}

static void publish(struct log *log, struct engine *engine, size_t from, size_t to)
{
    struct publication items[ENTRIES] = {0};
    struct effects effects;
    struct event event = {
        .type = EVENT_PUBLISH, .now_ms = 1000 * from, .wall_ms = WALL_MS + 1000 * from};

    for (size_t i = from; i < to; i++) {
        fill_content(log, i);
        items[i].content = (struct span){log->contents[i], log->content_lens[i]};
        items[i].key = &log->group;
        items[i].precedence = (uint8_t)((i + 1) % PRECEDENCES);
        memset(items[i].salt, (int)(0x40 + i), SALT_LEN);
    }
    event.publish.items = items + from;
    event.publish.count = to - from;
    engine_step(engine, &event, &effects);
    assert_int_equal(effects.persist.records_count, to - from);
    for (size_t i = from; i < to; i++) {
        log->records[i] = effects.persist.records[i - from];
        assert_true(log->records[i].is_signed);
        assert_true(log->records[i].sealed_len <= PIECE_MAX);
        memcpy(log->sealed[i], log->records[i].sealed, log->records[i].sealed_len);
        log->records[i].sealed = log->sealed[i];
    }
}

static void log_init(struct log *log)
{
    uint8_t group[TAG_LEN];
    uint8_t secret[SECRET_LEN];
    uint8_t ignored[3][SIGN_KEY_LEN];
    struct effects effects;

    draft_init(&log->draft);
    assert_int_equal(draft_decode(&log->draft, &log->roster), ERR_OK);
    for (uint8_t i = 0; i < 2; i++) {
        draft_node_keys((uint8_t)(i + 1), &log->keys[i], ignored[0], ignored[1], ignored[2]);
    }
    group_all_members(log->roster->federation, group);
    memset(secret, 0x77, sizeof secret);
    group_key_derive(&log->group, group, secret);
    struct engine *engine = make_engine(log, AUTHOR);
    engine_step(engine, &(struct event){.type = EVENT_OWN_LOG_CLEAR, .wall_ms = WALL_MS}, &effects);
    publish(log, engine, 0, 3);
    publish(log, engine, 3, ENTRIES);
    engine_destroy(&engine);
}

static void log_fini(struct log *log)
{
    roster_destroy(&log->roster);
}

// Entries first..last (from 0) as one run, with the signature of the last.
static void fill_run(const struct log *log, size_t first, size_t last, struct run *run)
{
    *run = (struct run){.author = AUTHOR, .seq = first + 1, .count = last - first + 1};
    run->prev_len = first == 0 ? 0 : ID_LEN;
    memcpy(run->prev, log->records[first].prev, run->prev_len);
    for (size_t i = 0; i < run->count; i++) {
        const struct record *record = &log->records[first + i];
        run->items[i].time = record->time;
        run->items[i].precedence = record->precedence;
        memcpy(run->items[i].group, record->group, TAG_LEN);
        memcpy(run->items[i].key, record->key, TAG_LEN);
        run->items[i].sealed = (struct span){record->sealed, record->sealed_len};
    }
    memcpy(run->signature, log->records[last].signature, SIGNATURE_LEN);
}

static size_t encode(const struct run *run, uint8_t out[static RUN_MAX])
{
    struct cbor_writer writer;

    cbor_write(&writer, out, RUN_MAX);
    run_encode(&writer, run);
    const size_t len = cbor_written(&writer);
    assert_true(len > 0);
    return len;
}

// What an engine makes of one run that arrives live: how many records it stores, or its refusal.
static enum err receive(const struct log *log, struct span run, size_t *stored,
                        uint8_t ids[static ENTRIES][ID_LEN])
{
    uint8_t frame[RUN_MAX + 16];
    struct cbor_writer writer;
    struct effects effects;
    struct engine *engine = make_engine(log, READER);
    struct event event = {.type = EVENT_PEER_UP, .wall_ms = WALL_MS, .peer = AUTHOR};

    engine_step(engine, &event, &effects);
    cbor_write(&writer, frame, sizeof frame);
    message_put_runs(&writer, 1);
    cbor_put_raw(&writer, run.bytes, run.len);
    event.type = EVENT_FRAME;
    event.frame.plane = PLANE_LIVE;
    event.frame.bytes = (struct span){frame, cbor_written(&writer)};
    engine_step(engine, &event, &effects);
    *stored = effects.persist.records_count;
    assert_true(*stored <= ENTRIES);
    for (size_t i = 0; i < *stored; i++) {
        memcpy(ids[i], effects.persist.records[i].id, ID_LEN);
    }
    enum err err = ERR_OK;
    for (size_t i = 0; i < effects.notes_count; i++) {
        if (effects.notes[i].type == NOTE_REFUSED) {
            assert_int_equal(effects.notes[i].refusal, REFUSED_SIGNATURE);
            err = ERR_DENIED;
        }
    }
    engine_destroy(&engine);
    return err;
}

static json_t *describe_ids(const struct log *log, size_t first, size_t last)
{
    json_t *const ids = json_array();

    for (size_t i = first; i <= last; i++) {
        json_array_append_new(ids, vectors_hex(log->records[i].id, ID_LEN));
    }
    return ids;
}

static json_t *describe_contents(const struct log *log, size_t first, size_t last)
{
    json_t *const contents = json_array();

    for (size_t i = first; i <= last; i++) {
        json_array_append_new(contents, vectors_hex(log->contents[i], log->content_lens[i]));
    }
    return contents;
}

static void add_accepted(json_t *file, const struct log *log, const char *name, size_t first,
                         size_t last)
{
    struct run run;
    uint8_t bytes[RUN_MAX];
    uint8_t ids[ENTRIES][ID_LEN];
    size_t stored;

    fill_run(log, first, last, &run);
    const size_t len = encode(&run, bytes);
    assert_int_equal(receive(log, (struct span){bytes, len}, &stored, ids), ERR_OK);
    assert_int_equal(stored, last - first + 1);
    for (size_t i = 0; i < stored; i++) {
        assert_memory_equal(ids[i], log->records[first + i].id, ID_LEN);
    }
    json_t *const json = vectors_add_accepted(file, name, bytes, len);
    json_object_set_new(json, "prev", first == 0 ? json_null() : vectors_hex(run.prev, ID_LEN));
    json_object_set_new(json, "ids", describe_ids(log, first, last));
    json_object_set_new(json, "contents", describe_contents(log, first, last));
}

static void add_refused(json_t *file, const struct log *log, const char *name,
                        const struct run *run)
{
    uint8_t bytes[RUN_MAX];
    uint8_t ids[ENTRIES][ID_LEN];
    size_t stored;
    const size_t len = encode(run, bytes);

    assert_int_equal(receive(log, (struct span){bytes, len}, &stored, ids), ERR_DENIED);
    assert_int_equal(stored, 0);
    vectors_add_refused(file, name, bytes, len, ERR_DENIED);
}

// What the signature of the last entry covers, one by one.
static void add_changed(json_t *file, const struct log *log)
{
    struct run run;
    uint8_t sealed[PIECE_MAX];

    fill_run(log, 0, 4, &run);
    memcpy(run.signature, log->records[3].signature, SIGNATURE_LEN);
    add_refused(file, log, "signature of the entry before the last", &run);
    fill_run(log, 0, 4, &run);
    run.count--;
    add_refused(file, log, "last entry left out", &run);
    fill_run(log, 0, 4, &run);
    run.items[0].precedence ^= 1;
    add_refused(file, log, "precedence of the first changed", &run);
    fill_run(log, 0, 4, &run);
    run.items[2].time++;
    add_refused(file, log, "time of the third changed", &run);
    fill_run(log, 0, 4, &run);
    memset(run.items[1].group, 0x66, TAG_LEN);
    add_refused(file, log, "group of the second changed", &run);
    fill_run(log, 0, 4, &run);
    memcpy(sealed, log->sealed[1], log->records[1].sealed_len);
    sealed[40] ^= 1;
    run.items[1].sealed.bytes = sealed;
    add_refused(file, log, "body of the second changed", &run);
    fill_run(log, 0, 4, &run);
    const struct run_item second = run.items[1];
    run.items[1] = run.items[2];
    run.items[2] = second;
    add_refused(file, log, "second and third swapped", &run);
}

// Whose run it is, and what it follows.
static void add_elsewhere(json_t *file, const struct log *log)
{
    static const uint8_t elsewhere[ID_LEN] = {0xee};
    struct run run;
    struct header header = {.seq = 1};
    uint8_t bytes[HEADER_MAX];

    fill_run(log, 0, 4, &run);
    run.author = READER;
    add_refused(file, log, "another author", &run);
    fill_run(log, 0, 4, &run);
    run.epoch++;
    add_refused(file, log, "the next epoch", &run);
    fill_run(log, 3, 4, &run);
    run.prev[31] ^= 1;
    add_refused(file, log, "after another entry", &run);
    fill_run(log, 3, 4, &run);
    run.seq++;
    add_refused(file, log, "one seq later", &run);

    fill_run(log, 0, 0, &run);
    memcpy(header.author, log->roster->nodes[AUTHOR].signing, SIGN_KEY_LEN);
    header.time = run.items[0].time;
    header.precedence = run.items[0].precedence;
    memcpy(header.group, run.items[0].group, TAG_LEN);
    memcpy(header.key, run.items[0].key, TAG_LEN);
    header.size = (uint32_t)run.items[0].sealed.len;
    header_digest(run.items[0].sealed.bytes, run.items[0].sealed.len, header.digest);
    const struct span payload = {bytes, header_encode(&header, bytes)};
    (void)cose_sign(&log->keys[AUTHOR], (struct span){elsewhere, ID_LEN}, payload, run.signature);
    add_refused(file, log, "signed for another space", &run);
}

static json_t *make_chain(const struct log *log)
{
    json_t *const file = vectors_file(
        "Authentic runs, PROTOCOL.md 7.3: by author index 0 (context), whose entry before the run "
        "has the id prev, or an unknown one when refused. contents are the opened bodies.");
    json_t *const context = json_object();

    json_object_set_new(context, "space", vectors_hex(log->roster->federation, ID_LEN));
    json_object_set_new(context, "authors", json_array());
    for (size_t i = 0; i < 2; i++) {
        json_array_append_new(json_object_get(context, "authors"),
                              vectors_hex(log->roster->nodes[i].signing, SIGN_KEY_LEN));
    }
    json_object_set_new(context, "group secret", vectors_hex(log->group.secret, SECRET_LEN));
    json_object_set_new(file, "context", context);
    add_accepted(file, log, "the whole log", 0, 4);
    add_accepted(file, log, "the first entry", 0, 0);
    add_accepted(file, log, "two entries ahead of a gap", 3, 4);
    add_changed(file, log);
    add_elsewhere(file, log);
    return file;
}

static void test_chain(void **state)
{
    (void)state;
    static const char path[] = "proto/vectors/chain.json";
    static struct log log;
    json_error_t error;

    log_init(&log);
    json_t *const expected = make_chain(&log);
    if (getenv("SITREP_WRITE_VECTORS") != NULL) {
        assert_int_equal(json_dump_file(expected, path, JSON_INDENT(2)), 0);
        FILE *const end = fopen(path, "a");
        assert_non_null(end);
        assert_int_equal(fputc('\n', end), '\n');
        assert_int_equal(fclose(end), 0);
    }
    json_t *const file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (file == NULL) {
        fail_msg("%s:%d: %s", path, error.line, error.text);
    }
    assert_true(json_equal(file, expected));
    json_decref(file);
    json_decref(expected);
    log_fini(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_chain)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
