// SPDX-License-Identifier: EUPL-1.2
// The lanes of one link, and its pace [17]. What messages mean is not its business.
#include "sitrep/pacer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sync/partials.h"
#include "wire/parcel.h"
#include "wire/part.h"

enum {
    SEGMENT = 1400,    // bytes of a TCP segment, about
    SEGMENT_COST = 52, // headers of IP and TCP with timestamps; also an acknowledgement
    CURVE_COST = 33,   // ZMTP's command MESSAGE, nonce, flags and tag
    SHORT_MAX = 255,   // longest frame of ZMTP with a short length
    SHORT_COST = 2,
    LONG_COST = 9,
    SHORT_MOMENT_MS = 100, // where a segment takes less
    PART_COST = 11,        // what [17.2] adds to the bytes of a part, at most
    FIRST_PART_COST = 25,
    LATE_US = 100000,               // a turn of the loop that came late is made up for
    HELD_BYTES = 4 + HELD_MAX * 14, // of a message that tells what is held, at most
};

struct waiting { // a message
    struct waiting *next;
    uint32_t len;
    uint32_t sent; // or held by the peer since before this connection
    bool is_begun; // the first part of it left
    uint8_t bytes[];
};

struct lane {
    struct waiting *first, *last;
    size_t waiting; // bytes
};

struct pacer {
    uint32_t rate;
    uint32_t whole_max; // longer messages leave in parts
    uint32_t frame_max; // bytes of a part, also of what was begun when there was a rate
    uint64_t free_us;   // when the line has passed what was given to it
    struct lane lanes[LANES];
    struct waiting *gone; // the frame handed out is its bytes, or what was made in `frame`
    uint8_t *frame;
    struct held held[HELD_MAX]; // by the peer, of messages that were cut off
    size_t held_count;
    struct partials partials;
    struct span ready[PARCEL_MAX]; // messages to be handed out, of the last frame
    size_t ready_count, ready_next;
    uint8_t *message; // of parts: one of these
};

size_t pacer_wire_bytes(size_t len)
{
    const size_t framed = len + CURVE_COST;
    const size_t sent = framed + (framed > SHORT_MAX ? LONG_COST : SHORT_COST);

    return sent + (sent + SEGMENT - 1) / SEGMENT * SEGMENT_COST;
}

size_t pacer_moment_bytes(uint32_t rate)
{
    const size_t at_most = (size_t)((uint64_t)rate * PACER_MOMENT_MS / 8000);
    const size_t at_least = (size_t)((uint64_t)rate * SHORT_MOMENT_MS / 8000);
    const size_t efficient = at_least > SEGMENT ? at_least : SEGMENT;

    return efficient < at_most ? efficient : at_most;
}

// The longest message that costs no more than the line passes in a moment.
static uint32_t longest_whole(uint32_t rate)
{
    const size_t bytes = pacer_moment_bytes(rate);
    size_t len = bytes < MESSAGE_MAX ? bytes : MESSAGE_MAX;

    while (len > 1 && pacer_wire_bytes(len) > bytes) {
        len--;
    }
    return (uint32_t)len;
}

enum err pacer_set_rate(struct pacer *pacer, uint32_t rate)
{
    uint32_t whole_max = MESSAGE_MAX;

    if (rate != 0 && rate < PACER_RATE_MIN) {
        return ERR_LIMIT;
    }
    if (rate != 0) {
        whole_max = longest_whole(rate);
        uint8_t *frame = realloc(pacer->frame, whole_max);
        if (frame == NULL) {
            return ERR_NO_SPACE;
        }
        pacer->frame = frame;
        pacer->frame_max = whole_max;
    }
    pacer->rate = rate;
    pacer->whole_max = whole_max;
    return ERR_OK;
}

enum err pacer_create(struct pacer **out, uint32_t rate)
{
    struct pacer *pacer = calloc(1, sizeof *pacer);
    const enum err err = pacer == NULL ? ERR_NO_SPACE : pacer_set_rate(pacer, rate);

    if (err != ERR_OK) {
        free(pacer);
        pacer = NULL;
    }
    *out = pacer;
    return err;
}

void pacer_end(struct pacer *pacer)
{
    for (size_t i = 0; i < LANES; i++) {
        struct lane *lane = &pacer->lanes[i];

        while (lane->first != NULL) {
            struct waiting *next = lane->first->next;

            free(lane->first);
            lane->first = next;
        }
        *lane = (struct lane){.first = NULL};
    }
    pacer->held_count = 0;
    partials_interrupt(&pacer->partials);
}

void pacer_begin(struct pacer *pacer)
{
    struct held list[HELD_MAX];
    uint8_t bytes[HELD_BYTES];
    struct cbor_writer writer;

    pacer_end(pacer);
    const size_t count = partials_tell(&pacer->partials, list);
    if (count == 0) {
        return;
    }
    cbor_write(&writer, bytes, sizeof bytes);
    held_put(&writer, list, count);
    // Without memory for it the messages come whole.
    const enum err told =
        pacer_put(pacer, LANE_CONTROL, (struct span){bytes, cbor_written(&writer)});
    (void)told;
}

void pacer_destroy(struct pacer **handle)
{
    struct pacer *pacer = *handle;

    if (pacer == NULL) {
        return;
    }
    pacer_end(pacer);
    partials_fini(&pacer->partials);
    free(pacer->gone);
    free(pacer->frame);
    free(pacer->message);
    free(pacer);
    *handle = NULL;
}

// -- what leaves --

enum err pacer_put(struct pacer *pacer, uint8_t number, struct span message)
{
    struct lane *lane = &pacer->lanes[number];
    struct waiting *waiting;

    assert(number < LANES && message.len >= 1 && message.len <= MESSAGE_MAX);
    if (lane->waiting + message.len > PACER_WAITING_MAX) {
        return ERR_LIMIT;
    }
    waiting = malloc(sizeof *waiting + message.len);
    if (waiting == NULL) {
        return ERR_NO_SPACE;
    }
    *waiting = (struct waiting){.len = (uint32_t)message.len};
    memcpy(waiting->bytes, message.bytes, message.len);
    if (lane->last != NULL) {
        lane->last->next = waiting;
    } else {
        lane->first = waiting;
    }
    lane->last = waiting;
    lane->waiting += message.len;
    return ERR_OK;
}

// Its number; LANES when nothing waits.
static size_t best_lane(const struct pacer *pacer)
{
    for (size_t i = LANES; i > 0; i--) {
        if (pacer->lanes[i - 1].first != NULL) {
            return i - 1;
        }
    }
    return LANES;
}

// The first message of the lane leaves it.
static void remove_first(struct pacer *pacer, struct lane *lane)
{
    struct waiting *first = lane->first;

    lane->first = first->next;
    lane->last = first->next == NULL ? NULL : lane->last;
    pacer->gone = first;
}

static struct span take_whole(struct pacer *pacer, struct lane *lane)
{
    struct waiting *first = lane->first;

    lane->waiting -= first->len;
    remove_first(pacer, lane);
    return (struct span){first->bytes, first->len};
}

// How many messages of the lane leave in one frame, which takes the line no longer than a moment.
// What is urgent is of use by itself, and does not wait for what is behind it.
static size_t count_parcel(const struct pacer *pacer, uint8_t lane)
{
    const size_t room = pacer->rate == 0 ? 0 : pacer->whole_max;
    size_t len = PARCEL_HEAD;
    size_t count = 0;

    if (lane == IMMEDIATE || lane == FLASH) {
        return 1;
    }
    for (const struct waiting *w = pacer->lanes[lane].first; w != NULL && count < PARCEL_MAX;
         w = w->next) {
        len += PARCEL_MESSAGE_HEAD + w->len;
        if (len > room || message_is_for_pacer((struct span){w->bytes, w->len})) {
            break;
        }
        count++;
    }
    return count;
}

static struct span take_parcel(struct pacer *pacer, struct lane *lane, size_t count)
{
    struct span list[PARCEL_MAX];
    struct cbor_writer writer;
    const struct waiting *waiting = lane->first;

    for (size_t i = 0; i < count; i++, waiting = waiting->next) {
        list[i] = (struct span){waiting->bytes, waiting->len};
    }
    cbor_write(&writer, pacer->frame, pacer->frame_max);
    parcel_put(&writer, list, count);
    for (size_t i = 0; i < count; i++) {
        (void)take_whole(pacer, lane);
        free(pacer->gone);
        pacer->gone = NULL;
    }
    return (struct span){pacer->frame, cbor_written(&writer)};
}

// Goes on where the peer says it holds the message up to [17.6].
static void begin_parts(const struct pacer *pacer, struct lane *lane,
                        const uint8_t tag[static TAG_LEN])
{
    struct waiting *first = lane->first;

    for (size_t i = 0; i < pacer->held_count; i++) {
        const struct held *held = &pacer->held[i];

        if (memcmp(held->tag, tag, TAG_LEN) == 0 && held->len < first->len &&
            held->len > first->sent) {
            lane->waiting -= held->len - first->sent;
            first->sent = held->len;
        }
    }
    first->is_begun = true;
}

static struct span take_part(struct pacer *pacer, struct lane *lane)
{
    struct waiting *first = lane->first;
    struct part part = {
        .lane = (uint8_t)(lane - pacer->lanes), .is_first = !first->is_begun, .total = first->len};
    const uint32_t room = pacer->frame_max - (part.is_first ? FIRST_PART_COST : PART_COST);
    struct cbor_writer writer;

    if (part.is_first) {
        part_tag((struct span){first->bytes, first->len}, part.tag);
        begin_parts(pacer, lane, part.tag);
    }
    const uint32_t left = first->len - first->sent;
    part.offset = first->sent;
    part.bytes = (struct span){first->bytes + first->sent, left < room ? left : room};
    cbor_write(&writer, pacer->frame, pacer->frame_max);
    part_put(&writer, &part);
    first->sent += (uint32_t)part.bytes.len;
    lane->waiting -= part.bytes.len;
    if (first->sent == first->len) {
        remove_first(pacer, lane);
    }
    return (struct span){pacer->frame, cbor_written(&writer)};
}

static void occupy(struct pacer *pacer, uint64_t now_us, size_t wire_bytes)
{
    if (pacer->rate == 0) {
        return;
    }
    if (pacer->free_us + LATE_US < now_us) {
        pacer->free_us = now_us - LATE_US;
    }
    pacer->free_us += (uint64_t)wire_bytes * 8000000 / pacer->rate;
}

void pacer_charge(struct pacer *pacer, uint64_t now_ms, size_t wire_bytes)
{
    occupy(pacer, now_ms * 1000, wire_bytes);
}

static struct span take_from(struct pacer *pacer, struct lane *lane)
{
    const struct waiting *first = lane->first;
    size_t count;

    if (first->is_begun || first->len > pacer->whole_max) {
        return take_part(pacer, lane);
    }
    count = count_parcel(pacer, (uint8_t)(lane - pacer->lanes));
    return count > 1 ? take_parcel(pacer, lane, count) : take_whole(pacer, lane);
}

bool pacer_take(struct pacer *pacer, uint64_t now_ms, struct span *frame)
{
    const size_t best = best_lane(pacer);
    struct lane *lane = best == LANES ? NULL : &pacer->lanes[best];

    free(pacer->gone);
    pacer->gone = NULL;
    if (lane == NULL || (pacer->rate != 0 && now_ms * 1000 < pacer->free_us)) {
        return false;
    }
    *frame = take_from(pacer, lane);
    occupy(pacer, now_ms * 1000, pacer_wire_bytes(frame->len));
    return true;
}

uint64_t pacer_due_ms(const struct pacer *pacer)
{
    if (best_lane(pacer) == LANES) {
        return UINT64_MAX;
    }
    return pacer->rate == 0 ? 0 : (pacer->free_us + 999) / 1000;
}

size_t pacer_waiting(const struct pacer *pacer, uint8_t lane)
{
    assert(lane < LANES);
    return pacer->lanes[lane].waiting;
}

// -- what comes --

bool pacer_takes(struct span frame)
{
    return message_is_for_pacer(frame);
}

static enum err receive_part(struct pacer *pacer, struct message_reader *reader)
{
    struct part part;
    size_t len = 0;

    part_get(reader, &part);
    enum err err = message_finish(reader);
    if (err == ERR_OK) {
        err = partials_add(&pacer->partials, &part, &pacer->message, &len);
    }
    if (err == ERR_OK && len > 0) {
        pacer->ready[0] = (struct span){pacer->message, len};
        pacer->ready_count = 1;
    }
    return err;
}

// What is false in it costs nobody but who says it: what goes on from there is refused, or lost.
static enum err receive_held(struct pacer *pacer, struct message_reader *reader)
{
    struct held list[HELD_MAX];
    const size_t count = held_get(reader, list);
    const enum err err = message_finish(reader);

    if (err == ERR_OK) {
        memcpy(pacer->held, list, count * sizeof *list);
        pacer->held_count = count;
    }
    return err;
}

static enum err receive_parcel(struct pacer *pacer, struct message_reader *reader)
{
    const size_t count = parcel_get(reader, pacer->ready);
    const enum err err = message_finish(reader);

    pacer->ready_count = err == ERR_OK ? count : 0;
    return err;
}

enum err pacer_receive(struct pacer *pacer, uint64_t now_ms, struct span frame)
{
    struct message_reader reader;

    free(pacer->message);
    pacer->message = NULL;
    pacer->ready_count = pacer->ready_next = 0;
    occupy(pacer, now_ms * 1000, SEGMENT_COST);
    message_read(&reader, frame);
    if (reader.type == MESSAGE_PART) {
        return receive_part(pacer, &reader);
    }
    if (reader.type == MESSAGE_HELD) {
        return receive_held(pacer, &reader);
    }
    if (reader.type == MESSAGE_PARCEL) {
        return receive_parcel(pacer, &reader);
    }
    pacer->ready[0] = frame;
    pacer->ready_count = 1;
    return ERR_OK;
}

bool pacer_next(struct pacer *pacer, struct span *message)
{
    if (pacer->ready_next == pacer->ready_count) {
        return false;
    }
    *message = pacer->ready[pacer->ready_next++];
    return true;
}
