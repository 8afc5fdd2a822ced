// SPDX-License-Identifier: EUPL-1.2
// One client of a daemon's API over one connection, as the command line is one.
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <stdint.h>

#include <jansson.h>

#include "bench/measure.h"

struct bench_client;

struct bench_client *bench_client_open(const struct bench_daemon *daemon);
void bench_client_close(struct bench_client **client);

// GET of a JSON document. The caller releases it.
json_t *bench_client_get(struct bench_client *client, const char *path);
// GET of anything, not looked into but for `wanted`: ends the process when that is not in it.
void bench_client_ask(struct bench_client *client, const char *path, const char *wanted);
// POST; ends the process when the answer is not 2xx.
void bench_client_post(struct bench_client *client, const char *path, const char *type,
                       const char *body, size_t len);

// Follows the entries of `daemon` behind arrival `after`, in a thread of its own, and notes when
// each became visible.
struct bench_follower;
struct bench_follower *bench_follow(const struct bench_daemon *daemon, size_t after);
// When the n-th entry since the follower began became visible (waits for it at most 10 s), on
// bench_now_s's clock.
double bench_follower_time(struct bench_follower *follower, size_t n);
void bench_follower_stop(struct bench_follower **follower);

#endif
