// SPDX-License-Identifier: EUPL-1.2
// How long the command line takes, as a person waits for it: each command a process of its own,
// with --json, from its start to its end.
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

#include "bench/measure.h"

// What the commands name: entries, and a moment.
struct bench_named {
    char incident[32]; // to which much belongs
    char measure[32];
    char asking[32]; // an acknowledgement is wanted of it
    char at[32];     // RFC 3339
};

// A row for each command that asks or writes, and the slowest of them.
void bench_commands(const struct bench_daemon *daemon, const struct bench_named *named);

#endif
