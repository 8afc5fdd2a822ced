// SPDX-License-Identifier: EUPL-1.2
// The wire between two devices: how a line takes its time, what becomes of packets, what is counted
// of TCP, which commands it takes. No device is opened.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/command.h"
#include "wire/line.h"
#include "wire/segment.h"

#define SECOND UINT64_C(1000000)

static const uint8_t zeros[PACKET_MAX];

static struct line *make_line(uint64_t rate)
{
    struct line *line = calloc(1, sizeof *line);
    assert_non_null(line);
    line_init(line, 1);
    line->weather.rate = rate;
    return line;
}

static void drop_line(struct line *line)
{
    line_fini(line);
    free(line);
}

// How many bytes the next packet has that is there at that time; 0: none.
static size_t arrives(struct line *line, uint64_t now_us)
{
    struct packet *packet = line_take(line, now_us);
    const size_t len = packet != NULL ? packet->len : 0;
    free(packet);
    return len;
}

static void packets_take_their_time(void **state)
{
    (void)state;
    struct line *line = make_line(2400); // 300 bytes a second
    assert_true(line_deadline_us(line) == UINT64_MAX);
    line_put(line, zeros, 300, 5 * SECOND);
    line_put(line, zeros, 150, 5 * SECOND);
    assert_int_equal(line_deadline_us(line), 6 * SECOND);
    assert_int_equal(arrives(line, 6 * SECOND - 1), 0);
    assert_int_equal(arrives(line, 6 * SECOND), 300);
    assert_int_equal(line_deadline_us(line), 6 * SECOND + SECOND / 2);
    // A delay begins when the last bit has left, and whoever looks late changes nothing.
    line->weather.delay_ms = 2000;
    line_put(line, zeros, 30, 6 * SECOND + SECOND / 4);
    assert_int_equal(arrives(line, 8 * SECOND), 0);
    assert_int_equal(line_deadline_us(line), 8 * SECOND + SECOND / 2);
    assert_int_equal(arrives(line, 20 * SECOND), 150);
    assert_int_equal(line_deadline_us(line), 8 * SECOND + 6 * SECOND / 10);
    assert_int_equal(arrives(line, 20 * SECOND), 30);
    // A line that was idle saved nothing up.
    line_put(line, zeros, 300, 30 * SECOND);
    assert_int_equal(line_deadline_us(line), 31 * SECOND);
    assert_int_equal(line->counts.bytes, 480);
    assert_int_equal(line->counts.arrived_bytes, 480);
    drop_line(line);
}

static void the_longest_wait_is_counted(void **state)
{
    (void)state;
    struct line *line = make_line(2400);
    line_put(line, zeros, 300, 0);
    assert_int_equal(line->counts.wait_most, 0);
    line_put(line, zeros, 300, SECOND / 4);
    line_put(line, zeros, 30, SECOND / 2);
    assert_int_equal(arrives(line, 10 * SECOND), 300);
    assert_int_equal(line->counts.wait_most, 3 * SECOND / 2);
    line_forget_highest(line);
    line_put(line, zeros, 30, 20 * SECOND);
    line_put(line, zeros, 30, 20 * SECOND);
    while (arrives(line, 30 * SECOND) > 0) {
    }
    assert_int_equal(line->counts.wait_most, SECOND / 10);
    drop_line(line);
}

// Every window of ten seconds, wherever it begins, and nothing of before and after.
static void the_fullest_window_is_counted(void **state)
{
    (void)state;
    struct window *window = calloc(1, sizeof *window);
    assert_non_null(window);
    uint64_t now_us = 77777 * SECOND;
    window_note(window, 5, now_us, 0);
    window_note(window, 7, now_us + 10 * SECOND - 1, 0);
    window_note(window, 7, now_us + 10 * SECOND + SECOND / 50, 0);
    assert_int_equal(window->most, 12);
    assert_int_equal(window->least, 7);
    now_us += 1000 * SECOND;
    for (int i = 0; i < 3000; i++) { // 100 bytes a second
        window_note(window, 1, now_us, 0);
        now_us += SECOND / 100;
        assert_true(window->bytes <= 1001);
    }
    assert_int_equal(window->most, 1001);
    assert_int_equal(window->bytes, 1001);
    assert_int_equal(window->least, 0);
    window_note(window, 2000, now_us + 5 * SECOND, 0);
    window_go_on(window, now_us + 6 * SECOND);
    assert_in_range(window->most, 2499, 2501);
    free(window);
}

// Packets of four seconds, each at the end of the one before, fill every window alike; one that
// comes too soon shows.
static void a_packet_counts_while_it_passes(void **state)
{
    (void)state;
    struct window *window = calloc(1, sizeof *window);
    assert_non_null(window);
    uint64_t now_us = 77777 * SECOND;
    for (int i = 0; i < 20; i++) {
        window_note(window, 1200, now_us, 4 * SECOND);
        now_us += 4 * SECOND;
    }
    assert_in_range(window->most, 2995, 3010);
    assert_in_range(window->least, 2990, 3010);
    window_note(window, 1200, now_us, 4 * SECOND);
    window_note(window, 1200, now_us + SECOND, 4 * SECOND);
    window_note(window, 1200, now_us + 30 * SECOND, 4 * SECOND);
    assert_in_range(window->most, 3890, 3910);
    assert_in_range(window->least, 0, 5);
    // As long as it may be, and no window lasts for ever.
    window_note(window, 1200, now_us + 40 * SECOND, 4000 * SECOND);
    window_go_on(window, now_us + 70 * SECOND);
    assert_int_equal(window->bytes, 0);
    free(window);
}

// What the sender sent counts, not what the line passes.
static void dropped_packets_fill_windows(void **state)
{
    (void)state;
    struct line *line = make_line(2400);
    for (int i = 0; i < 100; i++) {
        line_put(line, zeros, 300, SECOND);
    }
    assert_true(line->counts.dropped > 50);
    window_go_on(&line->window, 2 * SECOND);
    assert_int_equal(line->window.most, 30000);
    assert_int_equal(line->counts.sent_bytes, 30000);
    line_forget_highest(line);
    assert_int_equal(line->window.most, 0);
    assert_int_equal(line->counts.queue_most, line->waiting_bytes);
    assert_int_equal(line->counts.sent_bytes, 30000);
    drop_line(line);
}

static void a_rate_changes(void **state)
{
    (void)state;
    struct line *line = make_line(2400);
    line_put(line, zeros, 300, 0);
    line_put(line, zeros, 300, 0);
    line->weather.rate = 24000; // the first one is on the line already
    assert_int_equal(arrives(line, SECOND - 1), 0);
    assert_int_equal(arrives(line, SECOND), 300);
    assert_int_equal(line_deadline_us(line), SECOND + SECOND / 10);
    line->weather.rate = 0;
    line_put(line, zeros, 1500, SECOND);
    assert_int_equal(arrives(line, SECOND + SECOND / 10), 300);
    assert_int_equal(arrives(line, SECOND + SECOND / 10), 1500);
    drop_line(line);
}

static void a_full_queue_drops_what_comes_last(void **state)
{
    (void)state;
    static const struct {
        uint64_t rate, queue_bytes;
        size_t len;
        unsigned kept; // of 200
    } rows[] = {
        {2400, 0, 1500, 2},     // at least two packets
        {64000, 0, 1600, 10},   // two seconds
        {64000, 0, 1500, 10},   // 10.67 of them
        {64000, 500, 100, 5},   // as told
        {64000, 500, 501, 0},   //
        {0, 0, 1500, 200},      // no rate, no queue
        {2000000, 0, 2500, 200} // 500,000 bytes exactly
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct line *line = make_line(rows[i].rate);
        line->weather.queue_bytes = rows[i].queue_bytes;
        for (int n = 0; n < 200; n++) {
            line_put(line, zeros, rows[i].len, n < 100 || rows[i].rate != 0 ? 0 : SECOND);
        }
        assert_int_equal(line->counts.dropped, 200 - rows[i].kept);
        assert_true(line->counts.queue_most <= rows[i].kept * rows[i].len);
        // When the first has left there is room again.
        if (rows[i].kept > 0 && rows[i].kept < 200) {
            line_put(line, zeros, rows[i].len, line_deadline_us(line));
            assert_int_equal(line->counts.dropped, 200 - rows[i].kept);
        }
        drop_line(line);
    }
    struct line *line = make_line(0);
    line->weather.delay_ms = 1;
    for (int n = 0; n <= PACKETS_MAX; n++) {
        line_put(line, zeros, 1, 0);
    }
    assert_int_equal(line->counts.dropped, 1);
    drop_line(line);
}

static void nothing_arrives_while_it_is_down(void **state)
{
    (void)state;
    struct line *line = make_line(8000);
    line->weather.delay_ms = 500;
    line_put(line, zeros, 1000, 0);
    assert_int_equal(arrives(line, SECOND), 0);
    line->weather.is_down = 1; // the first one has left before
    line_put(line, zeros, 1001, SECOND);
    assert_int_equal(arrives(line, 10 * SECOND), 1000);
    assert_int_equal(arrives(line, 10 * SECOND), 0);
    line->weather.is_down = 0;
    line_put(line, zeros, 1002, 10 * SECOND);
    assert_int_equal(arrives(line, 12 * SECOND), 1002);
    assert_int_equal(line->counts.blocked, 1);
    assert_int_equal(line->counts.packets, 3);
    assert_int_equal(line->packet_count, 0);
    drop_line(line);
}

// Sends 10,000 packets and returns how many were lost.
static uint64_t send_many(void)
{
    enum { PACKETS = 10000 };
    struct line *line = make_line(0);
    line->weather.loss = 200;
    line->weather.duplicate = 50;
    uint64_t arrived = 0;
    for (uint64_t n = 0; n < PACKETS; n++) {
        line_put(line, zeros, 20 + n % 100, n);
        while (arrives(line, n) != 0) {
            arrived++;
        }
    }
    const uint64_t lost = line->counts.lost;
    const uint64_t duplicated = line->counts.duplicated;
    assert_in_range(lost, PACKETS / 5 - 250, PACKETS / 5 + 250);
    assert_in_range(duplicated, PACKETS / 25 - 120, PACKETS / 25 + 120);
    assert_int_equal(arrived, PACKETS - lost + duplicated);
    assert_int_equal(arrived, line->counts.arrived);
    drop_line(line);
    return lost;
}

static void chance_follows_the_seed(void **state)
{
    (void)state;
    assert_int_equal(send_many(), send_many());
}

static void order_is_lost_only_when_told(void **state)
{
    (void)state;
    struct line *line = make_line(0);
    line->weather.delay_ms = 10;
    line->weather.jitter_ms = 1000;
    uint64_t expected = 0;
    for (size_t n = 1; n <= 500; n++) {
        line_put(line, zeros, n, n * 1000);
    }
    for (size_t n = 1; n <= 500; n++) {
        struct packet *packet = line_take(line, 3 * SECOND);
        assert_non_null(packet);
        assert_int_equal(packet->len, n);
        assert_true(packet->due_us >= expected);
        assert_in_range(packet->due_us, n * 1000 + 10000, 500000 + 1010000);
        expected = packet->due_us;
        free(packet);
    }
    line->weather.jitter_ms = 0;
    line->weather.hold_ms = 5;
    line->weather.reorder = 1000;
    line_put(line, zeros, 1, 10 * SECOND);
    assert_int_equal(arrives(line, 10 * SECOND), 0); // but it has left
    line->weather.reorder = 0;
    line_put(line, zeros, 2, 10 * SECOND);
    line_put(line, zeros, 3, 10 * SECOND + 6000);
    for (size_t n = 0; n < 3; n++) {
        static const size_t order[] = {2, 1, 3};
        assert_int_equal(arrives(line, 11 * SECOND), order[n]);
    }
    assert_int_equal(line->counts.held, 1);
    drop_line(line);
}

// A packet of IPv4 and TCP with that payload; returns its length.
static size_t build(uint8_t *packet, uint16_t port, uint32_t sequence, size_t payload_len,
                    bool is_first)
{
    const size_t len = 40 + payload_len;
    memset(packet, 0, len);
    packet[0] = 0x45;
    packet[2] = (uint8_t)(len >> 8);
    packet[3] = (uint8_t)len;
    packet[6] = 0x40; // do not fragment
    packet[9] = 6;
    packet[15] = 1;
    packet[19] = 2;
    packet[20] = (uint8_t)(port >> 8);
    packet[21] = (uint8_t)port;
    packet[23] = 80;
    for (int i = 0; i < 4; i++) {
        packet[24 + i] = (uint8_t)(sequence >> (24 - 8 * i));
    }
    packet[32] = 0x50;
    packet[33] = is_first ? 2 : 16;
    return len;
}

static void segments_are_read(void **state)
{
    (void)state;
    uint8_t packet[200];
    struct segment segment;
    const size_t len = build(packet, 4711, 0xfffffffe, 60, false);
    assert_int_equal(len, 100);
    assert_true(segment_read(&segment, packet, len));
    assert_int_equal(segment.source, 1);
    assert_int_equal(segment.destination, 2);
    assert_int_equal(segment.source_port, 4711);
    assert_int_equal(segment.destination_port, 80);
    assert_int_equal(segment.sequence, 0xfffffffe);
    assert_int_equal(segment.payload_len, 60);
    assert_false(segment.is_first);
    assert_false(segment.is_opening);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = malloc(cut > 0 ? cut : 1);
        assert_non_null(exact);
        memcpy(exact, packet, cut);
        assert_false(segment_read(&segment, exact, cut));
        free(exact);
    }
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {
        {0, 0x65}, {0, 0x44}, {0, 0x4f}, {2, 1},     {3, 39},
        {6, 0x20}, {7, 1},    {9, 17},   {32, 0x40}, {32, 0xf0},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)build(packet, 4711, 1, 10, false);
        packet[wrong[i].at] = wrong[i].value;
        assert_false(segment_read(&segment, packet, 50));
    }
    // Options of both headers are no payload, nor is what follows the packet.
    (void)build(packet, 4711, 7, 60, true);
    packet[0] = 0x46;
    memmove(packet + 24, packet + 20, 20);
    packet[36] = 0x80;
    assert_true(segment_read(&segment, packet, sizeof packet));
    assert_int_equal(segment.payload_len, 100 - 24 - 32);
    assert_int_equal(segment.sequence, 8);
    assert_true(segment.is_first);
    assert_true(segment.is_opening);
    packet[37] = 2 + 16;
    assert_true(segment_read(&segment, packet, sizeof packet));
    assert_true(segment.is_first);
    assert_false(segment.is_opening);
}

static uint64_t twice(struct flows *flows, uint16_t port, uint32_t sequence, uint32_t len)
{
    const uint64_t before = flows->twice;
    const struct segment segment = {.source = 1,
                                    .destination = 2,
                                    .source_port = port,
                                    .destination_port = 80,
                                    .sequence = sequence,
                                    .payload_len = len};
    flows_note(flows, &segment);
    return flows->twice - before;
}

static void what_is_sent_twice_is_counted(void **state)
{
    (void)state;
    // Around the end of the numbers, too.
    static const uint32_t origins[] = {1000, 0xffffffff - 150, 0x7fffffff - 150};
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        const uint32_t from = origins[i];
        struct flows *flows = calloc(1, sizeof *flows);
        assert_non_null(flows);
        assert_int_equal(twice(flows, 1, from, 100), 0);
        assert_int_equal(twice(flows, 1, from, 100), 100);
        assert_int_equal(twice(flows, 1, from + 100, 100), 0);
        assert_int_equal(twice(flows, 2, from, 100), 0); // another connection
        assert_int_equal(twice(flows, 1, from + 50, 200), 150);
        assert_int_equal(twice(flows, 1, from + 300, 100), 0); // 250 to 300 did not pass
        assert_int_equal(twice(flows, 1, from + 260, 10), 0);
        assert_int_equal(twice(flows, 1, from + 240, 80), 40);
        assert_int_equal(twice(flows, 1, from + 240, 80), 80);
        assert_int_equal(twice(flows, 1, from + 399, 0), 0);
        assert_int_equal(twice(flows, 1, from + 600, 100), 0);
        assert_int_equal(twice(flows, 1, from + 500, 50), 0);
        assert_int_equal(twice(flows, 1, from + 380, 400), 20 + 50 + 100);
        assert_int_equal(twice(flows, 1, from - 10, 20), 20); // before the first one seen
        assert_int_equal(flows->bytes, 100 * 4 + 200 + 100 + 10 + 80 * 2 + 100 + 50 + 400 + 20);
        free(flows);
    }
}

static void connections_are_told_apart(void **state)
{
    (void)state;
    struct flows *flows = calloc(1, sizeof *flows);
    assert_non_null(flows);
    struct segment syn = {.source_port = 1, .sequence = 100, .is_first = true, .is_opening = true};
    flows_note(flows, &syn);
    flows_note(flows, &syn); // said again
    assert_int_equal(flows->connections, 1);
    syn.sequence = 105;
    flows_note(flows, &syn);
    assert_int_equal(flows->connections, 2);
    syn = (struct segment){.source_port = 2, .is_first = true}; // the answer to one
    flows_note(flows, &syn);
    assert_int_equal(flows->connections, 2);
    // The quietest one is forgotten: its bytes are new again, those of others are not.
    for (uint32_t port = 1; port <= FLOWS_MAX; port++) {
        assert_int_equal(twice(flows, (uint16_t)(1000 + port), 1, 10), 0);
    }
    assert_int_equal(twice(flows, 1001, 1, 10), 10);
    assert_int_equal(twice(flows, 2000, 1, 10), 0); // in the place of 1002
    assert_int_equal(twice(flows, 1001, 1, 10), 10);
    assert_int_equal(twice(flows, 1003, 1, 10), 10);
    assert_int_equal(twice(flows, 1002, 1, 10), 0);
    free(flows);
}

static void gaps_are_bounded(void **state)
{
    (void)state;
    struct flows *flows = calloc(1, sizeof *flows);
    assert_non_null(flows);
    for (uint32_t i = 0; i <= GAPS_MAX; i++) {
        assert_int_equal(twice(flows, 1, i * 20, 10), 0); // GAPS_MAX gaps of 10
    }
    assert_int_equal(twice(flows, 1, 12, 5), 0); // parts the lowest; no place for its beginning
    assert_int_equal(twice(flows, 1, 10, 10), 7);
    assert_int_equal(twice(flows, 1, 52, 5), 0); // in the place that is free now
    assert_int_equal(twice(flows, 1, 92, 5), 0); // the lowest one left counts as passed
    assert_int_equal(twice(flows, 1, 30, 10), 10);
    assert_int_equal(twice(flows, 1, 50, 10), 5);
    assert_int_equal(twice(flows, 1, 0, GAPS_MAX * 20 + 10),
                     GAPS_MAX * 20 + 10 - (GAPS_MAX - 3) * 10 + 5);
    free(flows);
}

static void a_line_counts_what_it_carries(void **state)
{
    (void)state;
    uint8_t packet[400];
    struct line *line = make_line(8000);
    line->weather.queue_bytes = 300;
    const size_t len = build(packet, 5, 1, 200, false);
    line_put(line, packet, len, 0);
    line_put(line, packet, len, 0); // does not pass the queue
    assert_int_equal(arrives(line, SECOND), len);
    assert_int_equal(line->flows.bytes, 200);
    assert_int_equal(line->flows.twice, 0);
    line->weather.loss = 1000;
    line_put(line, packet, len, SECOND); // is lost behind the line
    assert_int_equal(arrives(line, 2 * SECOND), 0);
    assert_int_equal(line->flows.twice, 200);
    drop_line(line);
}

static void commands_are_taken_or_refused(void **state)
{
    (void)state;
    struct line *lines = calloc(ENDS, sizeof *lines);
    assert_non_null(lines);
    static const char *const good[] = {
        "rate 2400",  " b  rate\t9600 ", "a loss 1000", "queue 0",   "down",  "a up\r",
        "delay 2000", "b jitter 5",      "duplicate 1", "reorder 2", "hold 3"};
    static const char *const bad[] = {
        "",          "a",        "rate",       "rate -1",  "rate 1x", "rate 99999999999999999999",
        "loss 1001", "c rate 1", "a b rate 1", "rate 1 2", "down 1",  "a counts",
        "end b",     "rate +1",  "Rate 1",     "up up"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(command_run(lines, good[i]), ANSWER_DONE);
    }
    const struct weather a = lines[0].weather;
    const struct weather b = lines[1].weather;
    const struct weather wanted_a = {
        .rate = 2400, .delay_ms = 2000, .loss = 1000, .duplicate = 1, .reorder = 2, .hold_ms = 3};
    const struct weather wanted_b = {.rate = 9600,
                                     .delay_ms = 2000,
                                     .jitter_ms = 5,
                                     .duplicate = 1,
                                     .reorder = 2,
                                     .hold_ms = 3,
                                     .is_down = 1};
    assert_memory_equal(&a, &wanted_a, sizeof a);
    assert_memory_equal(&b, &wanted_b, sizeof b);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(command_run(lines, bad[i]), ANSWER_REFUSED);
    }
    char long_one[COMMAND_MAX + 1];
    memset(long_one, ' ', sizeof long_one);
    memcpy(long_one, "rate 1", 6);
    long_one[COMMAND_MAX] = '\0';
    assert_int_equal(command_run(lines, long_one), ANSWER_REFUSED);
    assert_memory_equal(&lines[0].weather, &wanted_a, sizeof a);
    assert_memory_equal(&lines[1].weather, &wanted_b, sizeof b);
    assert_int_equal(command_run(lines, "counts\n"), ANSWER_COUNTS);
    lines[1].counts.wait_most = 1;
    assert_int_equal(command_run(lines, "forget"), ANSWER_DONE);
    assert_int_equal(lines[1].counts.wait_most, 0);
    assert_int_equal(command_run(lines, "end"), ANSWER_END);
    free(lines);
}

static void counts_are_written(void **state)
{
    (void)state;
    struct line *lines = calloc(ENDS, sizeof *lines);
    assert_non_null(lines);
    lines[0].counts = (struct counts){1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 15};
    lines[0].waiting_bytes = 10;
    lines[0].window.most = 16;
    lines[0].window.least = 17;
    lines[0].flows.bytes = 12;
    lines[0].flows.twice = 13;
    lines[0].flows.connections = UINT64_MAX;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    command_write_counts(out, lines);
    (void)fclose(out);
    assert_string_equal(
        text,
        "{\"a\":{\"packets\":1,\"bytes\":2,\"dropped\":3,\"lost\":4,\"blocked\":5,\"duplicated\":6,"
        "\"held\":7,\"arrived\":8,\"arrived_bytes\":9,\"waiting\":10,\"queue_most\":11,"
        "\"wait_most\":14,\"sent_bytes\":15,\"window_most\":16,\"window_least\":17,\"tcp\":12,"
        "\"twice\":13,\"connections\":18446744073709551615},"
        "\"b\":{\"packets\":0,\"bytes\":0,\"dropped\":0,\"lost\":0,\"blocked\":0,\"duplicated\":0,"
        "\"held\":0,\"arrived\":0,\"arrived_bytes\":0,\"waiting\":0,\"queue_most\":0,"
        "\"wait_most\":0,\"sent_bytes\":0,\"window_most\":0,\"window_least\":0,\"tcp\":0,"
        "\"twice\":0,\"connections\":0}}\n");
    free(text);
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_take_their_time),
        cmocka_unit_test(the_longest_wait_is_counted),
        cmocka_unit_test(the_fullest_window_is_counted),
        cmocka_unit_test(a_packet_counts_while_it_passes),
        cmocka_unit_test(dropped_packets_fill_windows),
        cmocka_unit_test(a_rate_changes),
        cmocka_unit_test(a_full_queue_drops_what_comes_last),
        cmocka_unit_test(nothing_arrives_while_it_is_down),
        cmocka_unit_test(chance_follows_the_seed),
        cmocka_unit_test(order_is_lost_only_when_told),
        cmocka_unit_test(segments_are_read),
        cmocka_unit_test(what_is_sent_twice_is_counted),
        cmocka_unit_test(connections_are_told_apart),
        cmocka_unit_test(gaps_are_bounded),
        cmocka_unit_test(a_line_counts_what_it_carries),
        cmocka_unit_test(commands_are_taken_or_refused),
        cmocka_unit_test(counts_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
