// SPDX-License-Identifier: EUPL-1.2
// A line as a modem makes it: one packet at a time leaves at the line's rate, others wait, and what
// finds the queue full is gone. Reads no clock, moves no packet in or out of a system.
#include "wire/line.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { US_PER_MS = 1000 };

void line_init(struct line *line, uint64_t seed)
{
    memset(line, 0, sizeof *line);
    random_init(&line->random, seed);
}

static void insert_behind(struct packets *packets, struct packet *before, struct packet *packet)
{
    packet->previous = before;
    packet->next = before != NULL ? before->next : packets->first;
    *(before != NULL ? &before->next : &packets->first) = packet;
    *(packet->next != NULL ? &packet->next->previous : &packets->last) = packet;
}

static struct packet *take_first(struct packets *packets)
{
    struct packet *packet = packets->first;
    packets->first = packet->next;
    *(packet->next != NULL ? &packet->next->previous : &packets->last) = NULL;
    packet->next = NULL;
    return packet;
}

static void free_all(struct packets *packets)
{
    while (packets->first != NULL) {
        free(take_first(packets));
    }
}

void line_fini(struct line *line)
{
    free_all(&line->waiting);
    free_all(&line->under_way);
}

static uint64_t queue_limit(const struct weather *weather)
{
    const uint64_t usual = weather->rate / 8 * QUEUE_MS / 1000;
    if (weather->queue_bytes != 0) {
        return weather->queue_bytes;
    }
    return weather->rate == 0 ? UINT64_MAX : usual > QUEUE_MIN ? usual : QUEUE_MIN;
}

// Rounded up: a line is never faster than its rate.
static uint64_t transmission_us(uint64_t rate, size_t len)
{
    return rate == 0 ? 0 : ((uint64_t)len * 8 * 1000000 + rate - 1) / rate;
}

static struct packet *copy(struct line *line, const uint8_t *bytes, size_t len)
{
    if (line->packet_count == PACKETS_MAX) {
        return NULL;
    }
    struct packet *packet = malloc(sizeof *packet + len);
    if (packet == NULL) {
        return NULL;
    }
    *packet = (struct packet){.len = len};
    memcpy(packet->bytes, bytes, len);
    line->packet_count++;
    return packet;
}

static void schedule(struct packets *under_way, struct packet *packet, uint64_t due_us)
{
    packet->due_us = due_us;
    struct packet *before = under_way->last;
    while (before != NULL && before->due_us > due_us) {
        before = before->previous;
    }
    insert_behind(under_way, before, packet);
}

static bool survives(struct line *line)
{
    if (line->weather.is_down != 0) {
        line->counts.blocked++;
        return false;
    }
    if (random_permille(&line->random, (uint32_t)line->weather.loss)) {
        line->counts.lost++;
        return false;
    }
    return true;
}

static uint64_t arrival_us(struct line *line, uint64_t left_us)
{
    const struct weather *weather = &line->weather;
    const uint32_t jitter_us = (uint32_t)weather->jitter_ms * US_PER_MS;
    const uint64_t due_us = left_us + weather->delay_ms * US_PER_MS +
                            (jitter_us > 0 ? random_between(&line->random, 0, jitter_us) : 0);
    if (random_permille(&line->random, (uint32_t)weather->reorder)) {
        line->counts.held++;
        return due_us + weather->hold_ms * US_PER_MS;
    }
    if (due_us > line->ordered_us) {
        line->ordered_us = due_us;
    }
    return line->ordered_us;
}

// The packet has left the line.
static void leave(struct line *line, struct packet *packet, uint64_t left_us)
{
    struct segment segment;
    line->counts.packets++;
    line->counts.bytes += packet->len;
    if (segment_read(&segment, packet->bytes, packet->len)) {
        flows_note(&line->flows, &segment);
    }
    if (!survives(line)) {
        line->packet_count--;
        free(packet);
        return;
    }
    const uint64_t due_us = arrival_us(line, left_us);
    schedule(&line->under_way, packet, due_us);
    if (random_permille(&line->random, (uint32_t)line->weather.duplicate)) {
        struct packet *twin = copy(line, packet->bytes, packet->len);
        if (twin != NULL) {
            line->counts.duplicated++;
            schedule(&line->under_way, twin, due_us);
        }
    }
}

static void note_wait(struct line *line, uint64_t wait_us)
{
    if (wait_us > line->counts.wait_most) {
        line->counts.wait_most = wait_us;
    }
}

// The next one begins when the last one ended, however late we look.
static void advance(struct line *line, uint64_t now_us)
{
    while (line->waiting.first != NULL && line->leaves_us <= now_us) {
        const uint64_t left_us = line->leaves_us;
        struct packet *packet = take_first(&line->waiting);
        line->waiting_bytes -= packet->len;
        if (line->waiting.first != NULL) {
            note_wait(line, left_us - line->waiting.first->due_us);
            line->leaves_us += transmission_us(line->weather.rate, line->waiting.first->len);
        }
        leave(line, packet, left_us);
    }
}

void line_put(struct line *line, const uint8_t *bytes, size_t len, uint64_t now_us)
{
    assert(len <= PACKET_MAX);
    advance(line, now_us);
    window_note(&line->window, len, now_us, transmission_us(line->weather.paced, len));
    line->counts.sent_bytes += len;
    struct packet *packet =
        line->waiting_bytes + len <= queue_limit(&line->weather) ? copy(line, bytes, len) : NULL;
    if (packet == NULL) {
        line->counts.dropped++;
        return;
    }
    if (line->waiting.first == NULL) {
        line->leaves_us = now_us + transmission_us(line->weather.rate, len);
    }
    packet->due_us = now_us;
    insert_behind(&line->waiting, line->waiting.last, packet);
    line->waiting_bytes += len;
    if (line->waiting_bytes > line->counts.queue_most) {
        line->counts.queue_most = line->waiting_bytes;
    }
}

void line_forget_highest(struct line *line)
{
    line->counts.queue_most = line->waiting_bytes;
    line->counts.wait_most = 0;
    line->window = (struct window){0};
}

uint64_t line_deadline_us(const struct line *line)
{
    const uint64_t leaves_us = line->waiting.first != NULL ? line->leaves_us : UINT64_MAX;
    const struct packet *next = line->under_way.first;
    return next != NULL && next->due_us < leaves_us ? next->due_us : leaves_us;
}

struct packet *line_take(struct line *line, uint64_t now_us)
{
    advance(line, now_us);
    if (line->under_way.first == NULL || line->under_way.first->due_us > now_us) {
        return NULL;
    }
    struct packet *packet = take_first(&line->under_way);
    line->packet_count--;
    line->counts.arrived++;
    line->counts.arrived_bytes += packet->len;
    return packet;
}
