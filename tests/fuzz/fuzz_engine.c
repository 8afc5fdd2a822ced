// SPDX-License-Identifier: EUPL-1.2
// Feeds frames and events to one engine: member 0 of a federation of three, before a store that
// keeps what it is given. The input is a list of small orders; some bring raw frames, some build
// runs that a member really signed, so that the fuzzer gets behind the signatures.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "sitrep/engine.h"
#include "sitrep/invitation.h"
#include "wire/message.h"

enum {
    MEMBERS = 3,
    RECORDS_ROOM = 512,
    CHAINS_ROOM = 64,
    READS_ROOM = 64,
    MEMORY_MAX = 64 * 1024 * 1024,
    BODY = 80
};

struct trust {
    struct signing_key keys[MEMBERS];
    struct roster *roster;
    struct group_key group_key;
};

struct kept {
    struct record record;
    uint64_t ticket;
    uint8_t sealed[SEALED_MAX];
};

struct revision { // of the roster
    struct roster roster;
    struct roster_node nodes[MEMBERS];
};

struct bench {
    struct trust *trust;
    struct revision rosters[2]; // of them the one that `revocations` is odd or even for
    uint32_t revocations;
    struct engine *engine;
    struct kept *records[RECORDS_ROOM];
    size_t records_count;
    struct chain chains[CHAINS_ROOM];  // first_seq 0: none
    struct chain durable[CHAINS_ROOM]; // as they were when `confirmed` was reported
    uint64_t confirmed;                // ticket
    struct effect_read reads[READS_ROOM];
    size_t reads_count;
    uint64_t ticket;
    uint64_t now_ms;
    bool has_failed;
    uint8_t tips[MEMBERS][ID_LEN]; // of the runs built here
    uint64_t seqs[MEMBERS];
    struct note question; // the last one about a key
};

struct input {
    const uint8_t *at, *end;
};

static uint8_t take(struct input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

static struct span take_bytes(struct input *input, size_t len)
{
    size_t left = (size_t)(input->end - input->at);
    struct span span = {.bytes = input->at, .len = len < left ? len : left};
    input->at += span.len;
    return span;
}

// -- trust --

static struct roster *admit(const struct roster *before, const struct signing_key *authority,
                            unsigned member, const uint8_t *signing)
{
    struct request request = {.time_ms = 1};
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct roster *roster = NULL;
    memcpy(request.centre_code, "centre-a", 9);
    request.centre_code[7] = (char)('a' + (int)member);
    memcpy(request.centre_title, "Centre", 7);
    memcpy(request.node_name, request.centre_code, 9);
    memcpy(request.sync_endpoint, "tcp://10.0.0.1:7000", 20);
    memcpy(request.live_endpoint, "tcp://10.0.0.1:7001", 20);
    memcpy(request.signing, signing, SIGN_KEY_LEN);
    memset(request.transport, 9 + (int)member, BOX_KEY_LEN);
    if (roster_admit(before, &request, authority, &bytes, &len) != ERR_OK ||
        roster_decode(bytes, len, &roster) != ERR_OK) {
        abort();
    }
    free(bytes);
    return roster;
}

static struct trust *found(void)
{
    struct trust *trust = calloc(1, sizeof *trust);
    uint8_t public_keys[MEMBERS][SIGN_KEY_LEN];
    uint8_t seed[SIGN_KEY_LEN] = {0};
    uint8_t transport[BOX_KEY_LEN];
    uint8_t group[TAG_LEN];
    assert(trust);
    for (unsigned i = 0; i < MEMBERS; i++) {
        seed[0] = (uint8_t)i;
        signing_key_from_seed(&trust->keys[i], seed, public_keys[i]);
    }
    memset(transport, 9, sizeof transport);
    struct roster_founding founding = {.name = "fuzzed",
                                       .centre_code = "centre-a",
                                       .centre_title = "Centre",
                                       .node_name = "centre-a",
                                       .sync_endpoint = "tcp://10.0.0.1:7000",
                                       .live_endpoint = "tcp://10.0.0.1:7001",
                                       .signing = public_keys[0],
                                       .transport = transport};
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (roster_found(&founding, &trust->keys[0], &bytes, &len) != ERR_OK ||
        roster_decode(bytes, len, &trust->roster) != ERR_OK) {
        abort();
    }
    free(bytes);
    for (unsigned i = 1; i < MEMBERS; i++) {
        struct roster *next = admit(trust->roster, &trust->keys[0], i, public_keys[i]);
        roster_destroy(&trust->roster);
        trust->roster = next;
    }
    group_all_members(trust->roster->federation, group);
    group_key_derive(&trust->group_key, group, seed);
    return trust;
}

// -- store --

static struct kept **find(struct bench *bench, uint32_t chain, uint64_t seq)
{
    for (size_t i = 0; i < bench->records_count; i++) {
        if (bench->records[i]->record.chain == chain && bench->records[i]->record.seq == seq) {
            return &bench->records[i];
        }
    }
    return NULL;
}

static void keep(struct bench *bench, const struct record *record)
{
    struct kept **slot = find(bench, record->chain, record->seq);
    if (!slot && bench->records_count < RECORDS_ROOM) {
        slot = &bench->records[bench->records_count++];
        *slot = malloc(sizeof **slot);
        assert(*slot);
    }
    assert(record->sealed_len <= SEALED_MAX);
    assert(record->chain < CHAINS_ROOM);
    if (slot) { // what does not fit is a damaged store, which an engine must bear
        (*slot)->record = *record;
        memcpy((*slot)->sealed, record->sealed, record->sealed_len);
        (*slot)->record.sealed = (*slot)->sealed;
        (*slot)->ticket = bench->ticket;
    }
}

// What was not confirmed is gone.
static void forget(struct bench *bench)
{
    size_t kept = 0;
    for (size_t i = 0; i < bench->records_count; i++) {
        if (bench->records[i]->ticket > bench->confirmed) {
            free(bench->records[i]);
        } else {
            bench->records[kept++] = bench->records[i];
        }
    }
    bench->records_count = kept;
    memcpy(bench->chains, bench->durable, sizeof bench->chains);
}

static void carry_out(struct bench *bench, const struct effects *effects)
{
    const struct effect_persist *persist = &effects->persist;
    assert(persist->ticket == 0 || persist->ticket > bench->ticket);
    bench->ticket = persist->ticket > 0 ? persist->ticket : bench->ticket;
    for (size_t i = 0; !bench->has_failed && i < persist->records_count; i++) {
        keep(bench, &persist->records[i]);
    }
    for (size_t i = 0; !bench->has_failed && i < persist->chains_count; i++) {
        if (persist->chains[i].number < CHAINS_ROOM) {
            bench->chains[persist->chains[i].number] = persist->chains[i];
        }
    }
    for (size_t i = 0; i < effects->sends_count; i++) {
        assert(effects->sends[i].bytes.len > 0);
        assert(effects->sends[i].bytes.len <= MESSAGE_MAX);
        assert(effects->sends[i].peer > 0);
        assert(effects->sends[i].peer < MEMBERS);
    }
    for (size_t i = 0; i < effects->notes_count; i++) {
        assert(effects->notes[i].type != NOTE_KEY_WANTED || effects->notes[i].index < MEMBERS);
        if (effects->notes[i].type == NOTE_KEY_WANTED) {
            bench->question = effects->notes[i];
        }
    }
    for (size_t i = 0; i < effects->reads_count && bench->reads_count < READS_ROOM; i++) {
        bench->reads[bench->reads_count++] = effects->reads[i];
    }
}

static void step(struct bench *bench, struct event *event)
{
    struct effects effects;
    struct engine_status status;
    event->now_ms = bench->now_ms;
    event->wall_ms = UINT64_C(1795132800000) + bench->now_ms;
    engine_step(bench->engine, event, &effects);
    carry_out(bench, &effects);
    engine_get_status(bench->engine, &status);
    assert(status.memory <= MEMORY_MAX);
}

// The newest version; the one before stays as it is while the engine may look at it.
static const struct roster *bench_roster(const struct bench *bench)
{
    return &bench->rosters[bench->revocations % 2].roster;
}

static void use_first_roster(struct bench *bench)
{
    struct revision *first = &bench->rosters[0];
    assert(bench->trust->roster->nodes_count == MEMBERS);
    first->roster = *bench->trust->roster;
    memcpy(first->nodes, bench->trust->roster->nodes, sizeof first->nodes);
    first->roster.nodes = first->nodes;
}

// Revokes a member from some point on, or moves the point.
static void revoke(struct bench *bench, struct input *input)
{
    const struct revision *before = &bench->rosters[bench->revocations % 2];
    struct revision *next = &bench->rosters[(bench->revocations + 1) % 2];
    uint8_t how = take(input);
    *next = *before;
    next->roster.version++;
    next->roster.nodes = next->nodes;
    struct roster_node *node = &next->nodes[how % MEMBERS];
    node->is_revoked = true;
    node->revoked_epoch = (how >> 4) % 2;
    node->revoked_seq = take(input) % 32;
    bench->revocations++;
    struct event event = {.type = EVENT_ROSTER};
    event.roster = &next->roster;
    step(bench, &event);
}

static void start(struct bench *bench)
{
    struct engine_options options = {.limits = {.peers_max = 4,
                                                .chains_max = CHAINS_ROOM,
                                                .floats_max = 16,
                                                .window_bytes = 65536},
                                     .roster = bench_roster(bench),
                                     .signing_key = &bench->trust->keys[0],
                                     .has_live_plane = true};
    memcpy(options.space, bench->trust->roster->federation, ID_LEN);
    if (engine_create(&bench->engine, &options) != ERR_OK) {
        abort();
    }
    for (uint32_t i = 0; i < CHAINS_ROOM; i++) {
        bool is_kept = bench->chains[i].first_seq > 0;
        if (is_kept && engine_restore_chain(bench->engine, &bench->chains[i]) != ERR_OK) {
            abort();
        }
    }
    for (size_t i = 0; i < bench->records_count; i++) {
        const struct record *record = &bench->records[i]->record;
        bool is_ahead = record->seq > bench->chains[record->chain].head_seq;
        if (is_ahead && engine_restore_ahead(bench->engine, record) != ERR_OK) {
            abort();
        }
        bench->records[i]->ticket = 0;
    }
    bench->reads_count = 0;
    bench->has_failed = false;
    bench->ticket = bench->confirmed = 0;
}

// -- orders --

static void bring_frame(struct bench *bench, struct input *input, enum plane plane)
{
    uint32_t peer = 1 + take(input) % (MEMBERS - 1);
    size_t len = take(input);
    len = len << 3 | take(input) % 8;
    struct event event = {.type = EVENT_FRAME, .peer = peer};
    event.frame.plane = plane;
    event.frame.bytes = take_bytes(input, len);
    step(bench, &event);
}

struct forgery {
    uint32_t author;
    uint64_t epoch, seq;
    uint8_t prev[ID_LEN];
    uint8_t byte; // all of the body
};

static void write_run(const struct bench *bench, const struct forgery *forgery, struct run *run,
                      uint8_t id[static ID_LEN])
{
    static uint8_t sealed[BODY];
    memset(sealed, forgery->byte, sizeof sealed);
    const struct roster *roster = bench->trust->roster;
    struct header header = {
        .epoch = forgery->epoch, .seq = forgery->seq, .time = 1, .size = sizeof sealed};
    uint8_t bytes[HEADER_MAX];
    memcpy(header.author, roster->nodes[forgery->author].signing, SIGN_KEY_LEN);
    header_digest(sealed, sizeof sealed, header.digest);
    *run = (struct run){
        .author = forgery->author, .epoch = forgery->epoch, .seq = forgery->seq, .count = 1};
    if (forgery->seq > 1) {
        memcpy(header.prev, forgery->prev, ID_LEN);
        memcpy(run->prev, forgery->prev, ID_LEN);
        run->prev_len = ID_LEN;
    }
    run->items[0].time = 1;
    run->items[0].sealed = (struct span){.bytes = sealed, .len = sizeof sealed};
    size_t len = header_encode(&header, bytes);
    header_id(roster->federation, bytes, len, id);
    cose_sign(&bench->trust->keys[forgery->author],
              (struct span){.bytes = roster->federation, .len = ID_LEN},
              (struct span){.bytes = bytes, .len = len}, run->signature);
}

// A valid entry: the author's next, one after a gap, or another in the place of the last.
static void bring_entry(struct bench *bench, struct input *input)
{
    uint8_t how = take(input);
    struct forgery forgery = {.author = how % MEMBERS, .byte = take(input)};
    uint64_t *seq = &bench->seqs[forgery.author];
    uint8_t *tip = bench->tips[forgery.author];
    uint8_t id[ID_LEN];
    uint8_t buffer[1024];
    struct run run;
    struct cbor_writer writer;
    forgery.epoch = how >> 7;
    forgery.seq = *seq + 1 + ((how >> 2 & 3) == 1 ? take(input) % 4 : 0);
    if ((how >> 2 & 3) == 2 && *seq > 0) {
        forgery.seq = *seq;
    }
    memcpy(forgery.prev, tip, ID_LEN);
    write_run(bench, &forgery, &run, id);
    if (forgery.seq > *seq) {
        *seq = forgery.seq;
        memcpy(tip, id, ID_LEN);
    }
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_runs(&writer, 1);
    run_encode(&writer, &run);
    struct event event = {.type = EVENT_FRAME, .peer = 1 + (how >> 4) % (MEMBERS - 1)};
    event.frame.plane = how & 0x40 ? PLANE_LIVE : PLANE_SYNC;
    event.frame.bytes = (struct span){.bytes = buffer, .len = cbor_written(&writer)};
    step(bench, &event);
}

static void answer_read(struct bench *bench, struct input *input)
{
    struct record records[32];
    size_t count = 0;
    uint8_t how = take(input);
    if (bench->reads_count == 0) {
        return;
    }
    struct effect_read *slot = &bench->reads[how % bench->reads_count];
    struct effect_read read = *slot;
    *slot = bench->reads[bench->reads_count - 1];
    bench->reads_count--;
    while (how < 0xf0 && count < 32 && count < read.count_max) {
        uint32_t chain = read.chain;
        while (chain < CHAINS_ROOM && read.from + count < bench->chains[chain].first_seq) {
            chain = bench->chains[chain].parent;
        }
        struct kept **kept = find(bench, chain, read.from + count);
        if (!kept) {
            break;
        }
        records[count++] = (*kept)->record;
    }
    struct event event = {.type = EVENT_RECORDS};
    event.records.tag = read.tag;
    event.records.records = records;
    event.records.count = count;
    step(bench, &event);
}

static void report_store(struct bench *bench, uint8_t how)
{
    struct event event = {.type = EVENT_PERSISTED};
    event.persist.ticket = bench->ticket;
    if (bench->has_failed) {
        event.type = EVENT_STORE_READY;
        bench->has_failed = false;
    } else if (how % 8 == 7 && bench->ticket > bench->confirmed) {
        event.type = EVENT_PERSIST_FAILED;
        event.persist.ticket = bench->confirmed + 1;
        event.persist.err = ERR_NO_SPACE;
        bench->has_failed = true;
        forget(bench);
    } else if (bench->ticket == bench->confirmed) {
        return;
    } else {
        bench->confirmed = bench->ticket;
        memcpy(bench->durable, bench->chains, sizeof bench->durable);
    }
    step(bench, &event);
}

static void publish(struct bench *bench, uint8_t how)
{
    static const uint8_t content[] = {0xa1, 0x64, 'k', 'i', 'n', 'd', 0x61, 'x'};
    struct publication items[4] = {0};
    for (size_t i = 0; i < 4; i++) {
        items[i].content = (struct span){.bytes = content, .len = sizeof content};
        items[i].precedence = how % PRECEDENCES;
        items[i].key = &bench->trust->group_key;
    }
    struct event event = {.type = EVENT_PUBLISH};
    event.publish.cookie = 1;
    event.publish.items = items;
    event.publish.count = 1 + how % 4;
    step(bench, &event);
}

static void bring_message(struct bench *bench, uint8_t how, const struct cbor_writer *writer)
{
    struct event event = {.type = EVENT_FRAME, .peer = 1 + how % (MEMBERS - 1)};
    event.frame.plane = PLANE_SYNC;
    event.frame.bytes = (struct span){.bytes = writer->start, .len = cbor_written(writer)};
    step(bench, &event);
}

// A question for one of a few keys, or an answer to one.
static void bring_key(struct bench *bench, struct input *input, bool is_answer)
{
    uint8_t how = take(input);
    uint8_t which = take(input);
    struct message_key key = {.requester = (how >> 1) % (MEMBERS + 1)};
    struct message_key_want want = {.requester = key.requester, .hops = (how >> 4) % 9};
    uint8_t buffer[256];
    struct cbor_writer writer;
    want.group[0] = key.sealed.group[0] = which % 8;
    want.key[0] = key.sealed.key[0] = which / 8;
    cbor_write(&writer, buffer, sizeof buffer);
    if (is_answer) {
        message_put_key(&writer, &key);
    } else {
        message_put_key_want(&writer, &want);
    }
    bring_message(bench, how, &writer);
}

static void want_keys(struct bench *bench, struct input *input)
{
    struct key_ref list[ENGINE_KEYS_MAX + 8] = {0};
    struct event event = {.type = EVENT_KEYS_WANTED};
    event.keys_wanted.list = list;
    event.keys_wanted.count = take(input) % (sizeof list / sizeof *list);
    uint8_t which = take(input);
    for (size_t i = 0; i < event.keys_wanted.count; i++) {
        list[i].group[0] = (uint8_t)(which + i) % 8;
        list[i].key[0] = (uint8_t)(which + i) / 8;
    }
    step(bench, &event);
}

static void judge(struct bench *bench, uint8_t how)
{
    struct event event = {.type = EVENT_KEY_VERDICT};
    event.key_verdict.cookie = bench->question.cookie;
    event.key_verdict.verdict = (enum key_verdict)(how / 4 % 3);
    event.key_verdict.sealed = &bench->question.sealed_key;
    step(bench, &event);
}

static void obey_of_keys(struct bench *bench, struct input *input)
{
    uint8_t how = take(input);
    switch (how % 4) {
    case 0:
        want_keys(bench, input);
        break;
    case 1:
        judge(bench, how);
        break;
    default:
        bring_key(bench, input, how % 4 == 3);
        break;
    }
}

static void obey_small(struct bench *bench, struct input *input, uint8_t order)
{
    struct event event = {.type = EVENT_TICK};
    switch (order) {
    case 0:
        bench->now_ms += (uint64_t)take(input) * 64;
        break;
    case 1:
        event.type = EVENT_PEER_UP;
        event.peer = 1 + take(input) % (MEMBERS - 1);
        break;
    case 2:
        event.type = EVENT_PEER_DOWN;
        event.peer = 1 + take(input) % (MEMBERS - 1);
        break;
    case 3:
        event.type = EVENT_OWN_LOG_CLEAR;
        event.new_epoch = take(input) & 1;
        break;
    default:
        event.type = EVENT_DAMAGED;
        event.damaged.chain = take(input) % CHAINS_ROOM;
        event.damaged.seq = take(input);
        break;
    }
    step(bench, &event);
}

static void obey(struct bench *bench, struct input *input)
{
    uint8_t order = take(input) % 16;
    switch (order) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
        obey_small(bench, input, order);
        break;
    case 5:
    case 6:
        report_store(bench, take(input));
        break;
    case 7:
        revoke(bench, input);
        break;
    case 8:
        publish(bench, take(input));
        break;
    case 9:
        engine_destroy(&bench->engine);
        forget(bench);
        start(bench);
        break;
    case 10:
    case 11:
        answer_read(bench, input);
        break;
    case 12:
        bring_frame(bench, input, PLANE_LIVE);
        break;
    case 13:
        bring_frame(bench, input, PLANE_SYNC);
        break;
    case 14:
        obey_of_keys(bench, input);
        break;
    default:
        bring_entry(bench, input);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct trust *trust; // keys and signatures are made once, not for each input
    static struct bench bench;
    if (!trust) {
        trust = found();
    }
    bench = (struct bench){.trust = trust, .now_ms = 1};
    use_first_roster(&bench);
    start(&bench);
    struct input input = {.at = data, .end = data + size};
    while (input.at < input.end) {
        obey(&bench, &input);
    }
    engine_destroy(&bench.engine);
    for (size_t i = 0; i < bench.records_count; i++) {
        free(bench.records[i]);
    }
    return 0;
}
