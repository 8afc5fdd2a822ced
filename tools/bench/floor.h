// SPDX-License-Identifier: EUPL-1.2
// What the machine itself can do, measured in the same run: the least that each budget must cost.
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stddef.h>

// Entries a second through a bare pipeline of our steps in two threads' worth of work: two BLAKE2b
// and the cipher twice per entry, one signature in 32 verified, LMDB append with an index, synced
// commits of 10,000. `folder` gets a store.
double bench_floor_pipeline(const char *folder, size_t entries, size_t sealed_len);

// Entries a second when `batch` entries are hashed, enciphered, signed and committed, one batch
// after the other.
double bench_floor_publish(const char *folder, size_t entries, size_t batch);

// A latency's floor is measured at the latency's own rate: a machine that has slept between two
// entries wakes its disk, its cores and its caches for both alike.

// Seconds of `count` synced commits of one small record each, begun `every_s` after each other;
// times[count] is filled.
void bench_floor_commits(const char *folder, double every_s, double *times, size_t count);

// Seconds of `count` round trips of one small message over a CURVE connection on loopback, begun
// `every_s` after each other.
void bench_floor_round_trips(double every_s, double *times, size_t count);

#endif
