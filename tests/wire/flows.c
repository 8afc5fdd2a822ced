// SPDX-License-Identifier: EUPL-1.2
// Bytes sent twice: a sequence number that has passed already. What a full queue refused never
// passed, so the gaps below the highest number are kept.
#include "wire/flows.h"

#include <assert.h>
#include <string.h>

// The position of the first byte seen, so that a segment below it has one, too.
static const uint64_t origin = UINT64_C(1) << 32;

static bool is_of(const struct flow *flow, const struct segment *segment)
{
    return flow->source == segment->source && flow->destination == segment->destination &&
           flow->source_port == segment->source_port &&
           flow->destination_port == segment->destination_port;
}

// The segment's flow, or where to put it: a free place or that of the quietest.
static struct flow *find(struct flows *flows, const struct segment *segment)
{
    struct flow *quietest = &flows->flows[0];
    for (size_t i = 0; i < FLOWS_MAX; i++) {
        struct flow *flow = &flows->flows[i];
        if (flow->used != 0 && is_of(flow, segment)) {
            return flow;
        }
        if (flow->used < quietest->used) {
            quietest = flow;
        }
    }
    quietest->used = 0;
    return quietest;
}

// Numbers within 2 GiB of the highest one are told apart.
static uint64_t position(const struct flow *flow, uint32_t sequence)
{
    const uint32_t end = flow->first + (uint32_t)(flow->end - origin);
    const int32_t distance = (int32_t)(sequence - end);
    return flow->end + (uint64_t)(int64_t)distance;
}

static void remove_gap(struct flow *flow, size_t at)
{
    flow->gap_count--;
    memmove(&flow->gaps[at], &flow->gaps[at + 1], (flow->gap_count - at) * sizeof *flow->gaps);
}

static void insert_gap(struct flow *flow, size_t at, struct gap gap)
{
    if (flow->gap_count == GAPS_MAX) {
        if (at == 0) {
            return;
        }
        remove_gap(flow, 0);
        at--;
    }
    memmove(&flow->gaps[at + 1], &flow->gaps[at], (flow->gap_count - at) * sizeof *flow->gaps);
    flow->gaps[at] = gap;
    flow->gap_count++;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// Takes begin..end out of the gap at that place; returns how many bytes of it were missing.
static uint64_t fill_gap(struct flow *flow, size_t at, uint64_t begin, uint64_t end)
{
    const struct gap gap = flow->gaps[at];
    begin = greater(begin, gap.begin);
    end = smaller(end, gap.end);
    if (begin >= end) {
        return 0;
    }
    if (gap.begin < begin && end < gap.end) {
        flow->gaps[at].begin = end;
        insert_gap(flow, at, (struct gap){gap.begin, begin});
    } else if (gap.begin < begin) {
        flow->gaps[at].end = begin;
    } else if (end < gap.end) {
        flow->gaps[at].begin = end;
    } else {
        remove_gap(flow, at);
    }
    return end - begin;
}

// Notes begin..end as passed; returns how many of these bytes had not passed before.
static uint64_t pass(struct flow *flow, uint64_t begin, uint64_t end)
{
    assert(begin <= end);
    uint64_t fresh = 0;
    // Backwards, because filling changes the gaps from here on.
    for (size_t i = flow->gap_count; i > 0; i--) {
        fresh += fill_gap(flow, i - 1, begin, end);
    }
    if (end <= flow->end) {
        return fresh;
    }
    if (begin > flow->end) {
        insert_gap(flow, flow->gap_count, (struct gap){flow->end, begin});
    }
    fresh += end - greater(begin, flow->end);
    flow->end = end;
    return fresh;
}

static void begin_flow(struct flow *flow, const struct segment *segment)
{
    *flow = (struct flow){
        .source = segment->source,
        .destination = segment->destination,
        .source_port = segment->source_port,
        .destination_port = segment->destination_port,
        .first = segment->sequence,
        .end = origin,
    };
}

void flows_note(struct flows *flows, const struct segment *segment)
{
    struct flow *flow = find(flows, segment);
    // The same SYN again is a repetition; another one takes the ports for a new connection.
    if (flow->used == 0 || (segment->is_first && segment->sequence != flow->first)) {
        begin_flow(flow, segment);
        flows->connections += segment->is_opening ? 1 : 0;
    }
    flow->used = ++flows->clock;
    const uint64_t begin = position(flow, segment->sequence);
    const uint64_t end = begin + segment->payload_len;
    flows->bytes += segment->payload_len;
    flows->twice += segment->payload_len - pass(flow, begin, end);
}
