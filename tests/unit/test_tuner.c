// SPDX-License-Identifier: EUPL-1.2
// The rate that is found on lines of many kinds, each a queue before a bottleneck, second by
// second.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sitrep/pacer.h"
#include "tuner.h"

struct line {
    uint64_t rate;   // bit/s
    uint64_t far_ms; // round trip of an empty line
    uint64_t queue_ms;
    bool is_down;
};

struct trial {
    struct line line;
    struct tuner tuner;
    struct transport_measured measured;
    uint64_t now_ms, queued, window; // that TCP sends in a second
    uint32_t rate;
    uint32_t changes, seconds_over;
    uint64_t mean; // rate of the last minutes of a life
};

enum { LAST_S = 120 };

static void begin(struct trial *trial, struct line line)
{
    *trial = (struct trial){.line = line,
                            .measured = {.connection = 1,
                                         .rtt_ms = (uint32_t)line.far_ms,
                                         .rtt_min_ms = (uint32_t)line.far_ms},
                            .now_ms = 1000,
                            .window = 15000,
                            .rate = TUNER_START};
}

// What finds the queue full is sent again, and TCP sends less for a while; nothing more is let out
// while the kernel keeps some.
static void pass(struct trial *trial)
{
    struct transport_measured *measured = &trial->measured;
    const uint64_t takes = trial->line.is_down ? 0 : trial->line.rate / 8;
    const uint64_t room = trial->line.rate / 8 * trial->line.queue_ms / 1000;
    const bool is_clogged = measured->unsent > (uint64_t)trial->rate * 300 / 8000;
    const uint64_t again = measured->unsent < trial->rate / 8 ? measured->unsent : trial->rate / 8;
    const uint64_t let_out = is_clogged ? 0 : trial->rate / 8 - again;
    const uint64_t due = measured->unsent + let_out;
    const uint64_t sent = due < trial->window ? due : trial->window;
    const uint64_t passed = trial->queued + sent < takes ? trial->queued + sent : takes;
    const uint64_t left = trial->queued + sent - passed;
    const uint64_t dropped = left > room ? left - room : 0;

    measured->sent += sent;
    measured->line_out += sent;
    measured->resent += dropped;
    measured->unsent = due - sent + dropped;
    trial->window = dropped > 0 ? passed * 7 / 10 : trial->window * 12 / 10 + 1500;
    trial->queued = left - dropped;
    measured->under_way = trial->queued;
    if (!trial->line.is_down) {
        const uint64_t rtt_ms =
            trial->line.far_ms +
            (trial->queued + pacer_moment_bytes(trial->rate)) * 8000 / trial->line.rate;
        measured->rtt_ms = (uint32_t)((measured->rtt_ms + rtt_ms) / 2);
    }
}

static void live(struct trial *trial, uint32_t seconds)
{
    trial->changes = 0;
    trial->seconds_over = 0;
    trial->mean = 0;
    for (uint32_t i = 0; i < seconds; i++) {
        pass(trial);
        trial->now_ms += 1000;
        const struct tuner_sample sample = {.now_ms = trial->now_ms,
                                            .rate = trial->rate,
                                            .is_waiting = true,
                                            .is_clogged = trial->measured.unsent >
                                                          (uint64_t)trial->rate * 300 / 8000,
                                            .measured = &trial->measured};
        const uint32_t rate = tuner_note(&trial->tuner, &sample);
        trial->changes += rate != trial->rate;
        trial->rate = rate;
        trial->mean += i + LAST_S >= seconds ? rate / LAST_S : 0;
        trial->seconds_over += rate > trial->line.rate * 105 / 100;
    }
}

static void check_fits(const struct trial *trial, const char *when)
{
    const uint64_t rate = trial->line.rate;
    if (trial->mean < rate * 65 / 100 || trial->mean > rate * 115 / 100) {
        fail_msg("%s: %llu on a line of %llu, far %llu ms, queue %llu ms", when,
                 (unsigned long long)trial->mean, (unsigned long long)rate,
                 (unsigned long long)trial->line.far_ms, (unsigned long long)trial->line.queue_ms);
    }
}

static const struct line lines[] = {
    {1500, 600, 2000, false}, {2400, 2000, 2000, false},  {2400, 2000, 10000, false},
    {9600, 600, 2000, false}, {9600, 2000, 10000, false}, {64000, 40, 2000, false},
    {64000, 600, 500, false}, {2000000, 20, 200, false},  {2000000, 600, 2000, false},
};
enum { LINES = sizeof lines / sizeof *lines };

static void lines_are_found_and_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES; i++) {
        struct trial trial;
        begin(&trial, lines[i]);
        live(&trial, 300);
        check_fits(&trial, "after five minutes");
        live(&trial, 3600);
        check_fits(&trial, "after an hour more");
        if (trial.changes > 60 || trial.seconds_over > 540) {
            fail_msg("line %zu: %u changes in an hour, %u s too fast", i, trial.changes,
                     trial.seconds_over);
        }
    }
}

static void another_line_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES; i++) {
        struct trial trial;
        begin(&trial, lines[i]);
        live(&trial, 300);
        trial.line.rate *= 8;
        live(&trial, 900);
        check_fits(&trial, "eight times as fast");
        trial.line.rate /= 8;
        trial.queued = 0;
        live(&trial, 300);
        check_fits(&trial, "as slow as before");
    }
}

static void a_break_changes_little(void **state)
{
    (void)state;
    for (size_t i = 0; i < LINES; i++) {
        struct trial trial;
        begin(&trial, lines[i]);
        live(&trial, 300);
        trial.line.is_down = true;
        live(&trial, 45);
        trial.line.is_down = false;
        live(&trial, 300);
        check_fits(&trial, "after a break");
    }
}

static void nothing_is_said_of_an_idle_line(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial, lines[0]);
    const struct tuner_sample idle = {.rate = 9600, .measured = &trial.measured};
    const struct tuner_sample unknown = {.rate = 9600, .is_waiting = true};
    for (uint64_t s = 1; s < 100; s++) {
        struct tuner_sample sample = idle;
        sample.now_ms = s * 1000;
        assert_int_equal(tuner_note(&trial.tuner, &sample), 9600);
        sample = unknown;
        sample.now_ms = s * 1000;
        assert_int_equal(tuner_note(&trial.tuner, &sample), 9600);
    }
    assert_int_equal(trial.tuner.verdict, TUNER_UNTRIED);
    assert_string_equal(tuner_verdict_text(TUNER_UNTRIED), "untried");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_found_and_kept),
        cmocka_unit_test(another_line_is_noticed),
        cmocka_unit_test(a_break_changes_little),
        cmocka_unit_test(nothing_is_said_of_an_idle_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
