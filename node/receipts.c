// SPDX-License-Identifier: EUPL-1.2
// Receipts of one space: what has come since the last one, and when the next may be written.
//
// What a receipt told is not remembered in the home: after a start the last one in the own log says
// when it was written, and so what it told.
#include "receipts.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "clock.h"
#include "desk.h"
#include "groups/groups.h"
#include "naming.h"
#include "sitrep/content.h"

enum {
    SLOTS = 20,       // in which nodes write, one behind the other
    PATIENCE = 4,     // times the interval: how long entries that wait go first
    RETRY_MS = 1000,  // while they do
    REST_MS = 600000, // nothing is awaited
    READ_COUNT = 64,
    LOOK_BACK = 4096, // own entries looked at for the last receipt
    UNSURE_MS = 2000, // before it: whether it tells of what came then is looked up
    HEADS_MAX = 4096, // [18.13]
    AHEAD_MAX = 1024,
    BODY_MAX = 80 + (HEADS_MAX + AHEAD_MAX) * REF_MAX,
};

struct receipts {
    struct desk *desk;
    struct naming *naming;
    struct sealer *sealer;
    uint64_t interval_ms;
    pthread_t thread;
    struct record_set set;
    uint64_t told; // arrivals up to this one
    uint64_t seen; // arrivals up to this one were looked at for something to tell
    uint64_t came_ms, written_ms;
    uint64_t number; // of the last one; 0: there is none
    struct ref *heads, *ahead;
    uint32_t *chains; // of heads
    size_t heads_count, ahead_count;
    bool is_full;
    uint8_t *body;
};

uint64_t rhythm_due_ms(const struct rhythm *rhythm, uint64_t came_ms, uint64_t written_ms)
{
    const uint64_t slot_ms = rhythm->interval_ms / SLOTS + 1;
    const uint64_t all_ms = slot_ms * rhythm->nodes;
    const uint64_t apart_ms = all_ms > rhythm->interval_ms ? all_ms : rhythm->interval_ms;
    const uint64_t turn_ms = came_ms + slot_ms * (1 + rhythm->self % SLOTS);
    const uint64_t next_ms = written_ms == 0 ? 0 : written_ms + apart_ms;

    return turn_ms > next_ms ? turn_ms : next_ms;
}

uint64_t rhythm_late_ms(const struct rhythm *rhythm, uint64_t due_ms)
{
    return due_ms + PATIENCE * rhythm->interval_ms;
}

static struct rhythm rhythm_of(const struct receipts *receipts)
{
    return (struct rhythm){.interval_ms = receipts->interval_ms,
                           .self = desk_self(receipts->desk),
                           .nodes = (uint32_t)desk_roster(receipts->desk)->nodes_count};
}

// -- what came --

static bool is_receipt(struct receipts *receipts, const struct record *record,
                       const struct chain *chain)
{
    static const char name[] = "receipt";
    struct span content;
    struct span kind;

    return groups_open_body(desk_groups(receipts->desk), receipts->sealer, record, chain,
                            &content) == ERR_OK &&
           body_check(content, &kind) == ERR_OK && kind.len == sizeof name - 1 &&
           memcmp(kind.bytes, name, kind.len) == 0;
}

// What others wrote and counts.
static bool is_of_others(struct receipts *receipts, const struct record *record,
                         struct named *named)
{
    return naming_of(receipts->naming, desk_roster(receipts->desk), record, named) == ERR_OK &&
           named->node != desk_self(receipts->desk) && !named->is_quarantined;
}

static void look_at(struct receipts *receipts, const struct record *record)
{
    struct named named;

    if (is_of_others(receipts, record, &named) && !is_receipt(receipts, record, &named.chain)) {
        receipts->came_ms = clock_now_ms();
    }
    receipts->seen = record->arrival;
}

// The next arrivals behind one; false when there are none, or nothing more is to be read.
static bool read_on(struct receipts *receipts, uint64_t behind)
{
    return !desk_is_stopping(receipts->desk) &&
           store_read_arrivals(desk_store(receipts->desk), behind + 1, false, READ_COUNT,
                               &receipts->set) == ERR_OK &&
           receipts->set.count > 0;
}

// Looks for something other than receipts in what came, up to the first.
static void look(struct receipts *receipts)
{
    while (receipts->came_ms == 0 && read_on(receipts, receipts->seen)) {
        for (size_t i = 0; i < receipts->set.count && receipts->came_ms == 0; i++) {
            look_at(receipts, &receipts->set.records[i]);
        }
    }
}

// -- what is told --

static struct ref ref_to(const struct named *named, const struct record *record)
{
    struct ref ref = {
        .author = named->node, .epoch = (uint32_t)named->name.epoch, .seq = record->seq};

    memcpy(ref.tag, record->id, TAG_LEN);
    return ref;
}

// The farthest entry of a chain that came and lies before any gap stands for all before it.
static void tell_head(struct receipts *receipts, const struct named *named,
                      const struct record *record)
{
    size_t at = 0;

    while (at < receipts->heads_count && receipts->chains[at] != record->chain) {
        at++;
    }
    if (at == HEADS_MAX) {
        receipts->is_full = true;
        return;
    }
    if (at == receipts->heads_count) {
        receipts->chains[receipts->heads_count++] = record->chain;
    } else if (receipts->heads[at].seq > record->seq) {
        return;
    }
    receipts->heads[at] = ref_to(named, record);
}

static void tell(struct receipts *receipts, const struct record *record)
{
    struct named named;

    if (!is_of_others(receipts, record, &named)) {
        return;
    }
    if (record->seq <= named.chain.head_seq) {
        tell_head(receipts, &named, record);
    } else if (receipts->ahead_count < AHEAD_MAX) {
        receipts->ahead[receipts->ahead_count++] = ref_to(&named, record);
    } else {
        receipts->is_full = true;
    }
}

// Gathers what came up to `newest` and was not told. False: not all of it.
static bool gather(struct receipts *receipts, uint64_t newest)
{
    uint64_t at = receipts->told;

    receipts->heads_count = receipts->ahead_count = 0;
    receipts->is_full = false;
    while (at < newest && read_on(receipts, at)) {
        for (size_t i = 0; i < receipts->set.count && at < newest; i++) {
            at = receipts->set.records[i].arrival;
            tell(receipts, &receipts->set.records[i]);
        }
    }
    return at >= newest && !receipts->is_full;
}

static int compare_refs(const void *a, const void *b)
{
    return ref_compare(a, b);
}

static void put_refs(struct cbor_writer *writer, const char *name, struct ref *refs, size_t count)
{
    if (count == 0) {
        return;
    }
    qsort(refs, count, sizeof *refs, compare_refs);
    cbor_put_text(writer, name, strlen(name));
    cbor_put_array(writer, count);
    for (size_t i = 0; i < count; i++) {
        ref_put(writer, &refs[i]);
    }
}

static struct span make_body(struct receipts *receipts)
{
    struct cbor_writer writer;

    cbor_write(&writer, receipts->body, BODY_MAX);
    cbor_put_map(&writer, 2U + (receipts->heads_count > 0) + (receipts->ahead_count > 0));
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, "receipt", 7);
    put_refs(&writer, "ahead", receipts->ahead, receipts->ahead_count);
    put_refs(&writer, "heads", receipts->heads, receipts->heads_count);
    cbor_put_text(&writer, "number", 6);
    cbor_put_uint(&writer, receipts->number + 1);
    assert(cbor_written(&writer) > 0);
    return (struct span){receipts->body, cbor_written(&writer)};
}

// Also when it could not be written: it is tried again when the next would be due.
static void write_receipt(struct receipts *receipts, uint64_t now_ms)
{
    const uint64_t newest = store_last_arrival(desk_store(receipts->desk));
    struct desk_published published;
    size_t failed;
    bool is_told = gather(receipts, newest);

    if (is_told && receipts->heads_count + receipts->ahead_count > 0) {
        const struct desk_entry entry = {.content = make_body(receipts), .precedence = ROUTINE};
        is_told = desk_publish(receipts->desk, &entry, 1, &published, &failed) == ERR_OK;
        receipts->number += is_told ? 1 : 0;
    }
    receipts->written_ms = now_ms;
    if (is_told) {
        receipts->told = newest;
        receipts->came_ms = 0;
        // What came since is looked at anew.
        receipts->seen = newest;
    }
}

// -- when --

static bool is_idle(const struct desk_peer *peer)
{
    size_t waiting = 0;

    for (size_t i = 0; i < LANES; i++) {
        waiting += peer->waiting[i];
    }
    return waiting == 0 && peer->status.missing_here == 0 &&
           (peer->choice.settings.rate == 0 || peer->status.missing_there == 0);
}

// Entries go first: nothing is missing here, nor waits for a thin line.
static bool is_quiet(struct receipts *receipts)
{
    struct desk_peer *peers = NULL;
    size_t count = 0;
    bool is_quiet = desk_peers(receipts->desk, &peers, &count) == ERR_OK;

    for (size_t i = 0; i < count; i++) {
        is_quiet = is_quiet && (!peers[i].link.is_connected || is_idle(&peers[i]));
    }
    free(peers);
    return is_quiet;
}

// Returns for how long nothing is to be done here.
static uint64_t act(struct receipts *receipts)
{
    const struct rhythm rhythm = rhythm_of(receipts);
    const uint64_t now_ms = clock_now_ms();
    const uint64_t due_ms = rhythm_due_ms(&rhythm, receipts->came_ms, receipts->written_ms);

    if (now_ms < due_ms) {
        return due_ms - now_ms;
    }
    if (now_ms < rhythm_late_ms(&rhythm, due_ms) && !is_quiet(receipts)) {
        return RETRY_MS;
    }
    write_receipt(receipts, now_ms);
    return 0;
}

// -- where it begins --

static size_t take_refs(struct span body, const char *name, struct ref *refs, size_t max)
{
    struct span value;
    struct cbor_reader reader;
    size_t count = 0;

    if (body_find(body, name, &value) != ERR_OK) {
        return 0;
    }
    cbor_read(&reader, value.bytes, value.len);
    for (size_t left = cbor_get_array(&reader); left > 0 && count < max; left--) {
        ref_get(&reader, &refs[count++]);
    }
    return reader.err == ERR_OK ? count : 0;
}

static uint64_t take_number(struct span body)
{
    struct span value;
    struct cbor_reader reader;

    if (body_find(body, "number", &value) != ERR_OK) {
        return 0;
    }
    cbor_read(&reader, value.bytes, value.len);
    return cbor_get_uint(&reader);
}

// What the last receipt told.
static void take_told(struct receipts *receipts, const struct record *record,
                      const struct chain *chain)
{
    struct span body;

    if (groups_open_body(desk_groups(receipts->desk), receipts->sealer, record, chain, &body) ==
        ERR_OK) {
        receipts->heads_count = take_refs(body, "heads", receipts->heads, HEADS_MAX);
        receipts->ahead_count = take_refs(body, "ahead", receipts->ahead, AHEAD_MAX);
        receipts->number = take_number(body);
    }
}

// Or has nothing to tell of it.
static bool has_told(struct receipts *receipts, const struct record *record)
{
    struct named named;

    if (!is_of_others(receipts, record, &named)) {
        return true;
    }
    const struct ref ref = ref_to(&named, record);
    bool has = false;
    for (size_t i = 0; i < receipts->heads_count && !has; i++) {
        const struct ref *head = &receipts->heads[i];
        has = head->author == ref.author && head->epoch == ref.epoch && head->seq >= ref.seq;
    }
    for (size_t i = 0; i < receipts->ahead_count && !has; i++) {
        has = ref_compare(&receipts->ahead[i], &ref) == 0;
    }
    return has;
}

// The last receipt among some entries of the own chain from that one on; false: there is none.
static bool find_in(struct receipts *receipts, const struct chain *chain, uint64_t from,
                    struct record *found)
{
    struct record_set *set = &receipts->set;

    if (store_read(desk_store(receipts->desk), chain->number, from, READ_COUNT, UINT32_MAX, set) !=
        ERR_OK) {
        return false;
    }
    for (size_t i = set->count; i-- > 0;) {
        if (is_receipt(receipts, &set->records[i], chain)) {
            *found = set->records[i]; // whose bytes are not looked at again
            take_told(receipts, &set->records[i], chain);
            return true;
        }
    }
    return false;
}

static bool find_last(struct receipts *receipts, struct record *found)
{
    struct desk_status status;
    struct chain chain;

    if (desk_status(receipts->desk, &status) != ERR_OK ||
        store_get_chain(desk_store(receipts->desk), status.engine.own_chain, &chain) != ERR_OK) {
        return false;
    }
    for (uint64_t back = 0; back < LOOK_BACK && back < chain.head_seq; back += READ_COUNT) {
        const uint64_t last = chain.head_seq - back;
        if (find_in(receipts, &chain, last >= READ_COUNT ? last - READ_COUNT + 1 : 1, found)) {
            return true;
        }
    }
    return false;
}

// Goes down over arrivals from `*at` on, up to the first before that moment; false: there is none
// among those read.
static bool find_before(struct receipts *receipts, uint64_t moment_ms, uint64_t *at)
{
    struct record_set *set = &receipts->set;

    if (store_read_arrivals(desk_store(receipts->desk), *at, true, READ_COUNT, set) != ERR_OK ||
        set->count == 0) {
        *at = 0;
        return true;
    }
    for (size_t i = 0; i < set->count; i++) {
        *at = set->records[i].arrival;
        if (set->records[i].arrived_ms < moment_ms) {
            return true;
        }
    }
    *at -= 1;
    return false;
}

// The last arrival that the receipt surely tells of; 0: none.
static uint64_t find_told(struct receipts *receipts, const struct record *receipt)
{
    const uint64_t written_ms = receipt->time >> 16;
    uint64_t at = receipt->arrival - 1;

    while (at > 0 && !find_before(receipts, written_ms - UNSURE_MS, &at)) {
    }
    return at;
}

// What came before that arrival and the last receipt tells of is told, up to the first that it does
// not tell of.
static void skip_told(struct receipts *receipts, uint64_t arrival)
{
    bool is_told = true;

    while (is_told && receipts->told + 1 < arrival && read_on(receipts, receipts->told)) {
        for (size_t i = 0; i < receipts->set.count && is_told; i++) {
            const struct record *record = &receipts->set.records[i];
            is_told = record->arrival < arrival && has_told(receipts, record);
            receipts->told = is_told ? record->arrival : receipts->told;
        }
    }
}

static void begin(struct receipts *receipts)
{
    struct record last;

    if (!find_last(receipts, &last)) {
        return;
    }
    const uint64_t written_ms = last.time >> 16;
    const uint64_t wall_ms = clock_wall_ms();
    const uint64_t now_ms = clock_now_ms();
    const uint64_t age_ms = wall_ms > written_ms ? wall_ms - written_ms : 0;
    receipts->told = find_told(receipts, &last);
    skip_told(receipts, last.arrival);
    receipts->seen = receipts->told;
    receipts->written_ms = now_ms > age_ms ? now_ms - age_ms : 1;
}

static void *run(void *context)
{
    struct receipts *receipts = context;
    uint64_t rest_ms = 0;

    begin(receipts);
    while (!desk_is_stopping(receipts->desk)) {
        look(receipts);
        if (receipts->came_ms != 0) {
            rest_ms = act(receipts);
            (void)desk_wait_arrival(receipts->desk, UINT64_MAX, (uint32_t)rest_ms);
        } else {
            (void)desk_wait_arrival(receipts->desk, receipts->seen, REST_MS);
        }
    }
    return NULL;
}

static void free_all(struct receipts *receipts)
{
    naming_destroy(&receipts->naming);
    sealer_destroy(&receipts->sealer);
    record_set_fini(&receipts->set);
    free(receipts->heads);
    free(receipts->ahead);
    free(receipts->chains);
    free(receipts->body);
    free(receipts);
}

enum err receipts_start(struct receipts **out, struct desk *desk, uint32_t interval_s)
{
    struct receipts *receipts = calloc(1, sizeof *receipts);

    *out = NULL;
    if (receipts == NULL) {
        return ERR_NO_SPACE;
    }
    receipts->desk = desk;
    receipts->interval_ms = (uint64_t)interval_s * 1000;
    receipts->sealer = sealer_create();
    receipts->heads = calloc(HEADS_MAX, sizeof *receipts->heads);
    receipts->chains = calloc(HEADS_MAX, sizeof *receipts->chains);
    receipts->ahead = calloc(AHEAD_MAX, sizeof *receipts->ahead);
    receipts->body = malloc(BODY_MAX);
    enum err err = receipts->sealer == NULL || receipts->heads == NULL ||
                           receipts->chains == NULL || receipts->ahead == NULL ||
                           receipts->body == NULL
                       ? ERR_NO_SPACE
                       : naming_create(&receipts->naming, desk_store(desk));
    if (err == ERR_OK && pthread_create(&receipts->thread, NULL, run, receipts) != 0) {
        err = ERR_IO;
    }
    if (err != ERR_OK) {
        free_all(receipts);
        return err;
    }
    *out = receipts;
    return ERR_OK;
}

void receipts_close(struct receipts **handle)
{
    if (*handle == NULL) {
        return;
    }
    (void)pthread_join((*handle)->thread, NULL);
    free_all(*handle);
    *handle = NULL;
}
