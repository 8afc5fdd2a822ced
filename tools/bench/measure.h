// SPDX-License-Identifier: EUPL-1.2
// Clocks, processes and rows: what every measurement needs.
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

double bench_now_s(void);           // monotonic
void bench_wait_until(double at_s); // in the same way for what is measured and its floor
uint64_t bench_wall_ms(void);
void bench_wait_readable(int fd);

enum { BENCH_PATH_MAX = 4096 };
// Where a program of the same build lies.
void bench_program(const char *name, char path[static BENCH_PATH_MAX]);

struct bench_daemon {
    pid_t pid;
    char home[3072];
    char log[3200];
};
// Starts sitrepd of the same build for `home`. Its log goes to a file beside the home.
void bench_daemon_start(struct bench_daemon *daemon, const char *home);
// Waits until the log holds a line of `event` (at most `timeout_s`) and returns the time it tells,
// in seconds since 1970.
double bench_daemon_wait(const struct bench_daemon *daemon, const char *event, double timeout_s);
void bench_daemon_wait_api(const struct bench_daemon *daemon,
                           double timeout_s); // until its socket answers
double bench_daemon_cpu_s(const struct bench_daemon *daemon);
uint64_t bench_daemon_anon_bytes(const struct bench_daemon *daemon); // RssAnon
void bench_daemon_stop(struct bench_daemon *daemon);

// Moves this process and those it starts into a network of their own, so that only their bytes are
// counted.
bool bench_own_network(void);
uint64_t bench_loopback_bytes(void);

// Sorts the values; that of which a share of `q` is not above it.
double bench_quantile(double *values, size_t count, double q);

// One row of the table and of build/bench.json. `budget` is the bound, above or below.
enum bench_sense { AT_LEAST, AT_MOST };
void bench_row(const char *name, double value, const char *unit, enum bench_sense sense,
               double budget);
// A row that only tells: a floor, or an amount.
void bench_fact(const char *name, double value, const char *unit);
enum { BENCH_ANSWER_MS = 100 }; // what an answer takes at most, of 100,000 entries
// Two rows, the p50 and the p99 of so many seconds in ms; the latter bound by `budget_ms`, where
// that is not 0. Sorts them.
void bench_times(const char *name, double *seconds, size_t count, double budget_ms);
bool bench_finish(const char *json_path); // false when a budget was missed

#endif
