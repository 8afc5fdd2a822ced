// SPDX-License-Identifier: EUPL-1.2
// GET /v1/gaps: what this node does not know, by node of the roster: since when nothing came, which
// entries are missing, whether its silence is unusual, and how far its clock is off.
#include "picture/gaps.h"

#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "clock.h"
#include "reading/view.h"

enum {
    LOOKED_AT = 32,   // of the last entries
    FEW = 4,          // of fewer nobody knows a rhythm
    UNUSUAL = 4,      // times what lies between its entries usually
    PATIENCE_S = 600, // below it silence is nothing to speak of
    RANGES_SHOWN = 16,
    CHAINS_FIRST = 64,
};

// What is asked of the store once, for all nodes.
struct holdings {
    struct chain *chains;
    size_t chains_count, chains_room;
    struct gaps gaps;
};

struct writing {
    const struct desk_view *view;
    const struct roster *roster;
    const struct holdings *holdings;
    struct text *out;
    struct record_set set;
};

// -- what is held --

static enum err take_chain(void *context, const struct chain *chain)
{
    struct holdings *holdings = context;

    if (holdings->chains_count == holdings->chains_room) {
        const size_t room = holdings->chains_room == 0 ? CHAINS_FIRST : 2 * holdings->chains_room;
        struct chain *grown = realloc(holdings->chains, room * sizeof *grown);
        if (grown == NULL) {
            return ERR_NO_SPACE;
        }
        holdings->chains = grown;
        holdings->chains_room = room;
    }
    holdings->chains[holdings->chains_count++] = *chain;
    return ERR_OK;
}

static enum err holdings_read(struct holdings *holdings, struct desk *desk)
{
    const enum err err = store_each_chain(desk_store(desk), take_chain, holdings);

    return err == ERR_OK ? gaps_find(desk_store(desk), desk_roster(desk), &holdings->gaps) : err;
}

static void holdings_fini(struct holdings *holdings)
{
    free(holdings->chains);
    gaps_fini(&holdings->gaps);
}

// The chain of the node that was written to last: of the highest epoch, the longest.
static const struct chain *find_chain(const struct writing *writing, uint32_t node)
{
    const struct chain *found = NULL;

    for (size_t i = 0; i < writing->holdings->chains_count; i++) {
        const struct chain *chain = &writing->holdings->chains[i];
        if (memcmp(chain->author, writing->roster->nodes[node].signing, SIGN_KEY_LEN) == 0 &&
            (found == NULL || chain->epoch > found->epoch ||
             (chain->epoch == found->epoch && chain->head_seq > found->head_seq))) {
            found = chain;
        }
    }
    return found;
}

// -- what is missing --

struct ranges {
    struct text *out;
    uint64_t epoch;
    size_t shown;
    uint64_t missing;
};

static void write_range(struct ranges *ranges, uint64_t from, uint64_t to)
{
    if (from > to) {
        return;
    }
    ranges->missing += to - from + 1;
    if (ranges->shown++ >= RANGES_SHOWN) {
        return;
    }
    text_open(ranges->out, '{');
    text_key(ranges->out, "epoch");
    text_uint(ranges->out, ranges->epoch);
    text_key(ranges->out, "from");
    text_uint(ranges->out, from);
    text_key(ranges->out, "to");
    text_uint(ranges->out, to);
    text_close(ranges->out, '}');
}

// Between its head and what is held ahead of it, and up to what peers say there is.
static void write_gaps_of(const struct writing *writing, const struct chain *chain,
                          const struct engine_claims *claims, struct ranges *ranges)
{
    uint64_t next = chain->head_seq + 1;

    ranges->epoch = chain->epoch;
    for (size_t i = 0; i < writing->holdings->gaps.count; i++) {
        const struct gap *gap = &writing->holdings->gaps.list[i];
        if (gap->chain == chain->number) {
            write_range(ranges, gap->from, gap->to);
            next = gap->held_to + 1;
        }
    }
    if (claims->epoch == chain->epoch && claims->seq > chain->head_seq) {
        write_range(ranges, next, claims->seq);
    }
}

static void write_missing(const struct writing *writing, uint32_t node, const struct chain *last)
{
    struct engine_claims claims = {0};
    struct ranges ranges = {.out = writing->out};

    if (desk_claims(writing->view->desk, node, &claims) != ERR_OK) {
        claims = (struct engine_claims){0};
    }
    text_key(writing->out, "missing");
    text_open(writing->out, '[');
    for (size_t i = 0; i < writing->holdings->chains_count; i++) {
        const struct chain *chain = &writing->holdings->chains[i];
        if (memcmp(chain->author, writing->roster->nodes[node].signing, SIGN_KEY_LEN) == 0) {
            write_gaps_of(writing, chain, &claims, &ranges);
        }
    }
    if (claims.seq > 0 && (last == NULL || claims.epoch > last->epoch)) {
        ranges.epoch = claims.epoch; // a log of which nothing has come
        write_range(&ranges, 1, claims.seq);
    }
    text_close(writing->out, ']');
    text_key(writing->out, "missing_count");
    text_uint(writing->out, ranges.missing);
}

// -- when it last wrote --

static int compare_times(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

// What lies between one entry and the next usually, in s: the middle one of the last.
static uint64_t usual_s(const struct record_set *set)
{
    uint64_t between_ms[LOOKED_AT];
    size_t count = 0;

    for (size_t i = 1; i < set->count && count < LOOKED_AT; i++) {
        const uint64_t before_ms = set->records[i - 1].time >> 16;
        const uint64_t time_ms = set->records[i].time >> 16;
        between_ms[count++] = time_ms > before_ms ? time_ms - before_ms : 0;
    }
    qsort(between_ms, count, sizeof *between_ms, compare_times);
    return between_ms[count / 2] / 1000;
}

// No entry can come before it was written: so much its clock is ahead, at least.
static uint64_t ahead_by_entries(const struct record_set *set)
{
    uint64_t most_ms = 0;

    for (size_t i = 0; i < set->count; i++) {
        const uint64_t written_ms = set->records[i].time >> 16;
        const uint64_t arrived_ms = set->records[i].arrived_ms;
        if (written_ms > arrived_ms && written_ms - arrived_ms > most_ms) {
            most_ms = written_ms - arrived_ms;
        }
    }
    return most_ms;
}

static void write_entry(const struct writing *writing, const struct record *record)
{
    struct text *out = writing->out;
    struct view view;

    text_key(out, "last_entry");
    if (record == NULL || view_name(writing->view, record, &view) != ERR_OK) {
        text_null(out);
        return;
    }
    char name[NAME_SIZE];
    name_format(&view.named.name, name);
    text_open(out, '{');
    text_key(out, "name");
    text_string(out, name);
    text_key(out, "written");
    text_time(out, record->time >> 16);
    text_key(out, "arrived");
    text_time(out, record->arrived_ms);
    text_close(out, '}');
}

static void write_silence(const struct writing *writing, const struct record *last)
{
    struct text *out = writing->out;
    const uint64_t now_ms = clock_wall_ms();
    const uint64_t silence_s =
        last != NULL && now_ms > last->arrived_ms ? (now_ms - last->arrived_ms) / 1000 : 0;
    const bool has_rhythm = writing->set.count >= FEW;
    const uint64_t usual = has_rhythm ? usual_s(&writing->set) : 0;

    text_key(out, "silence_s");
    if (last == NULL) {
        text_null(out);
    } else {
        text_uint(out, silence_s);
    }
    text_key(out, "usual_s");
    if (has_rhythm) {
        text_uint(out, usual);
    } else {
        text_null(out);
    }
    text_key(out, "silent");
    text_bool(out, has_rhythm && silence_s > PATIENCE_S && silence_s > UNUSUAL * usual);
}

// -- its clock, its link --

static void write_offset(struct text *out, int64_t offset_ms, const char *by, uint64_t error_ms)
{
    text_open(out, '{');
    text_key(out, "offset_ms");
    text_int(out, offset_ms);
    text_key(out, "by");
    text_string(out, by);
    if (strcmp(by, "beacons") == 0) {
        text_key(out, "error_ms");
        text_uint(out, error_ms);
    }
    text_close(out, '}');
}

static void write_clock(const struct writing *writing, const struct peer_status *status)
{
    const uint64_t ahead_ms = ahead_by_entries(&writing->set);

    text_key(writing->out, "clock");
    if (status->clock_rtt_ms != UINT32_MAX) {
        write_offset(writing->out, status->clock_offset_ms, "beacons", status->clock_rtt_ms / 2);
    } else if (ahead_ms > 0) {
        write_offset(writing->out, (int64_t)ahead_ms, "entries", 0);
    } else {
        text_null(writing->out);
    }
}

// -- all of it --

static void write_node(struct writing *writing, const struct desk_peer *peer)
{
    const uint32_t node = peer->status.peer;
    const struct chain *chain = find_chain(writing, node);
    struct text *out = writing->out;
    const struct record *last = NULL;

    record_set_clear(&writing->set);
    if (chain != NULL && chain->head_seq > 0) {
        const uint64_t from = chain->head_seq > LOOKED_AT ? chain->head_seq - LOOKED_AT + 1 : 1;
        if (store_read(desk_store(writing->view->desk), chain->number, from, LOOKED_AT, UINT32_MAX,
                       &writing->set) == ERR_OK &&
            writing->set.count > 0) {
            last = &writing->set.records[writing->set.count - 1];
        }
    }
    text_open(out, '{');
    text_key(out, "node");
    text_span(out, writing->roster->nodes[node].name);
    text_key(out, "centre");
    text_span(out, writing->roster->centres[writing->roster->nodes[node].centre].code);
    write_entry(writing, last);
    write_missing(writing, node, chain);
    write_silence(writing, last);
    write_clock(writing, &peer->status);
    text_key(out, "link");
    text_string(out, peer_state_text(peer->status.state));
    text_key(out, "last_heard");
    text_time(out, peer->status.last_frame_ms);
    text_close(out, '}');
}

static void reply_gaps(struct call *call, const struct holdings *holdings,
                       const struct desk_peer *peers, size_t count)
{
    struct writing writing = {.view = call->view,
                              .roster = desk_roster(call->view->desk),
                              .holdings = holdings,
                              .out = reply_json(&call->reply, MHD_HTTP_OK)};

    text_open(writing.out, '{');
    view_write_space(call->view, writing.out);
    text_key(writing.out, "nodes");
    text_open(writing.out, '[');
    for (size_t i = 0; i < count; i++) {
        if (!writing.roster->nodes[peers[i].status.peer].is_revoked) {
            write_node(&writing, &peers[i]);
        }
    }
    text_close(writing.out, ']');
    text_close(writing.out, '}');
    record_set_fini(&writing.set);
}

void gaps_get(struct call *call)
{
    struct holdings holdings = {.chains = NULL};
    struct desk_peer *peers = NULL;
    size_t count = 0;
    enum err err = holdings_read(&holdings, call->view->desk);

    if (err == ERR_OK) {
        err = desk_peers(call->view->desk, &peers, &count);
    }
    if (err == ERR_OK) {
        reply_gaps(call, &holdings, peers, count);
    } else {
        reply_failed(&call->reply, err, "the gaps");
    }
    free(peers);
    holdings_fini(&holdings);
}
