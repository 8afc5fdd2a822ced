// SPDX-License-Identifier: EUPL-1.2
// How long a daemon's answers take, over its API and as whole commands.
#ifndef BENCH_API_H
#define BENCH_API_H

// With nodes in a folder below `below`, which hold 10,000 and 100,000 entries; and of the
// latter each command.
void bench_api(const char *below);
// The same with 1,000,000.
void bench_api_many(const char *below);

#endif
