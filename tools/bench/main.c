// SPDX-License-Identifier: EUPL-1.2
// sitrep-bench: measures the budgets, each with its floor beside it in the same run.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <curl/curl.h>
#include <sodium.h>

#include "bench/federation.h"
#include "bench/measure.h"

enum { ENTRIES = 100000, CONTENT = 400, AUTHORS = 10 };

static void catch_up(const char *below)
{
    static struct bench_federation federation;
    struct bench_filling filling = {.count = ENTRIES, .content_len = CONTENT, .signed_every = 32};
    struct bench_daemon source;
    struct bench_daemon sink;
    double up, converged, cpu;
    uint64_t bytes;

    bench_federation_make(&federation, below, AUTHORS);
    bench_federation_fill(&federation, federation.source, &filling);
    bench_daemon_start(&source, federation.source);
    bench_daemon_wait(&source, "own-log-ready", 30);
    cpu = bench_daemon_cpu_s(&source);
    bytes = bench_loopback_bytes();
    bench_daemon_start(&sink, federation.sink);
    up = bench_daemon_wait(&sink, "link-up", 30);
    converged = bench_daemon_wait(&sink, "converged", 120);
    cpu = bench_daemon_cpu_s(&source) - cpu + bench_daemon_cpu_s(&sink);
    bytes = bench_loopback_bytes() - bytes;
    bench_row("catch-up of 100,000 entries", ENTRIES / (converged - up), "entries/s", AT_LEAST,
              250000);
    bench_row("catch-up, wire bytes per sealed byte",
              (double)bytes / (double)federation.sealed_bytes, "", AT_MOST, 1.15);
    bench_row("catch-up, CPU seconds, both sides", cpu, "s", AT_MOST, 0.9);
    bench_daemon_stop(&sink);
    bench_daemon_stop(&source);
}

int main(int argc, char **argv)
{
    const char *build = argc > 1 ? argv[1] : "build";
    char json_path[4096];

    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return EXIT_FAILURE;
    }
    if (!bench_own_network()) {
        fprintf(stderr, "bench: not root: other programs' loopback traffic is counted too\n");
    }
    catch_up(build);
    (void)snprintf(json_path, sizeof json_path, "%s/bench.json", build);
    return bench_finish(json_path) ? EXIT_SUCCESS : EXIT_FAILURE;
}
