// SPDX-License-Identifier: EUPL-1.2
// sitrep-bench: measures the budgets, each with its floor beside it in the same run.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>
#include <sodium.h>

#include "bench/answers.h"
#include "bench/api.h"
#include "bench/client.h"
#include "bench/federation.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "bench/picture.h"
#include "bench/thin.h"

enum {
    ENTRIES = 100000,
    CONTENT = 400,
    SEALED = CONTENT + 49,
    AUTHORS = 10,
    MISSING = 10,
    PUBLISHED = 40000,
    PER_REQUEST = 100,
    LIVE = 500,
    LIVE_PER_S = 100,
    MANY = 1000000,
    MIB = 1024 * 1024,
};

struct pair { // two daemons, source and sink
    struct bench_federation federation;
    struct bench_daemon source, sink;
};

// -- answers of the API --

static json_t *peer_of(struct bench_client *client)
{
    json_t *peers = bench_client_get(client, "/v1/peers");
    json_t *list = json_object_get(peers, "peers");
    json_t *found = NULL;
    size_t i;
    json_t *peer;

    json_array_foreach(list, i, peer)
    {
        const char *name = json_string_value(json_object_get(peer, "node"));

        if (name != NULL && strncmp(name, "author-", 7) != 0) {
            found = json_deep_copy(peer);
        }
    }
    json_decref(peers);
    return found;
}

static double peer_number(struct bench_client *client, const char *name)
{
    json_t *peer = peer_of(client);
    double value = json_number_value(json_object_get(peer, name));

    json_decref(peer);
    return value;
}

static bool is_converged(struct bench_client *client)
{
    json_t *peer = peer_of(client);
    bool is = json_is_true(json_object_get(peer, "converged"));

    json_decref(peer);
    return is;
}

static void await_converged(struct bench_client *client)
{
    double deadline = bench_now_s() + 60;

    while (!is_converged(client)) {
        if (bench_now_s() > deadline) {
            fprintf(stderr, "bench: the nodes do not converge\n");
            exit(EXIT_FAILURE);
        }
        (void)poll(NULL, 0, 5);
    }
}

// -- measurements --

static void catch_up(struct pair *pair)
{
    double up;
    double converged;
    double cpu;
    uint64_t bytes;

    bench_daemon_start(&pair->source, pair->federation.source);
    bench_daemon_wait(&pair->source, "own-log-ready", 30);
    cpu = bench_daemon_cpu_s(&pair->source);
    bytes = bench_loopback_bytes();
    bench_daemon_start(&pair->sink, pair->federation.sink);
    up = bench_daemon_wait(&pair->sink, "link-up", 30);
    converged = bench_daemon_wait(&pair->sink, "converged", 120);
    cpu = bench_daemon_cpu_s(&pair->source) - cpu + bench_daemon_cpu_s(&pair->sink);
    bytes = bench_loopback_bytes() - bytes;
    bench_row("catch-up of 100,000 entries of 400 bytes", ENTRIES / (converged - up), "entries/s",
              AT_LEAST, 250000);
    bench_row("catch-up: wire bytes per sealed byte",
              (double)bytes / (double)pair->federation.sealed_bytes, "", AT_MOST, 1.15);
    bench_row("catch-up: CPU seconds, both sides", cpu, "s", AT_MOST, 0.9);
}

// Both daemons anew: what they send until they know that they hold the same.
static void prove_convergence(struct pair *pair)
{
    struct bench_client *client;

    bench_daemon_stop(&pair->sink);
    bench_daemon_start(&pair->sink, pair->federation.sink);
    bench_daemon_wait(&pair->sink, "converged", 30);
    client = bench_client_open(&pair->sink);
    bench_row("two converged nodes prove it: payload in", peer_number(client, "bytes_in"), "bytes",
              AT_MOST, 64);
    bench_row("two converged nodes prove it: payload out", peer_number(client, "bytes_out"),
              "bytes", AT_MOST, 64);
    bench_client_close(&client);
}

static char *make_lines(size_t count, size_t *len)
{
    char *lines = malloc(count * 600);
    char *at = lines;

    if (lines == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t noise[150];
        char hex[301];

        randombytes_buf(noise, sizeof noise);
        sodium_bin2hex(hex, sizeof hex, noise, sizeof noise);
        at += sprintf(at, "{\"kind\":\"report\",\"text\":\"%s\"}\n", hex);
    }
    *len = (size_t)(at - lines);
    return lines;
}

static void cut(struct bench_client *client, const char *node, bool is_cut)
{
    char path[64];
    const char *body = is_cut ? "{\"cut\":true}" : "{\"cut\":false}";

    (void)snprintf(path, sizeof path, "/v1/links/%s", node);
    bench_client_post(client, path, "application/json", body, strlen(body));
}

// Sealed bytes of the source's own entries 1..count.
static double own_sealed(struct bench_client *client, size_t count)
{
    double bytes = 0;

    for (size_t i = 1; i <= count; i++) {
        char path[64];
        json_t *entry;

        (void)snprintf(path, sizeof path, "/v1/entries/source/%zu", i);
        entry = bench_client_get(client, path);
        bytes += json_number_value(json_object_get(entry, "size"));
        json_decref(entry);
    }
    return bytes;
}

static void fetch_missing(struct pair *pair)
{
    struct bench_client *source = bench_client_open(&pair->source);
    struct bench_client *sink = bench_client_open(&pair->sink);
    size_t len = 0;
    char *lines = make_lines(MISSING, &len);
    double before;
    double sealed;

    await_converged(sink);
    cut(sink, "source", true);
    bench_client_post(source, "/v1/entries", "application/x-ndjson", lines, len);
    sealed = own_sealed(source, MISSING);
    before = peer_number(sink, "bytes_in");
    cut(sink, "source", false);
    await_converged(sink);
    bench_fact("10 missing of 100,000: sealed bytes", sealed, "bytes");
    bench_row("10 missing of 100,000: payload beyond sealed",
              peer_number(sink, "bytes_in") - before - sealed, "bytes", AT_MOST, 600);
    free(lines);
    bench_client_close(&source);
    bench_client_close(&sink);
}

static void publish(struct pair *pair)
{
    struct bench_client *client = bench_client_open(&pair->source);
    size_t len = 0;
    char *lines = make_lines(PER_REQUEST, &len);
    char path[2100];
    double begun;

    (void)snprintf(path, sizeof path, "%s/publishing", pair->federation.folder);
    bench_fact("floor: hash, seal, sign and commit 100 at a time",
               bench_floor_publish(path, PUBLISHED, PER_REQUEST), "entries/s");
    begun = bench_now_s();
    for (size_t i = 0; i < PUBLISHED / PER_REQUEST; i++) {
        bench_client_post(client, "/v1/entries", "application/x-ndjson", lines, len);
    }
    bench_row("publish, one client, batches of 100", PUBLISHED / (bench_now_s() - begun),
              "entries/s", AT_LEAST, 20000);
    free(lines);
    bench_client_close(&client);
}

static size_t entries_of(struct bench_client *client)
{
    json_t *status = bench_client_get(client, "/v1/status");
    size_t entries = (size_t)json_integer_value(json_object_get(status, "entries"));

    json_decref(status);
    return entries;
}

// Publishes one entry every hundredth of a second and notes how long each took to be visible at the
// sink.
static void publish_live(struct pair *pair, double durable[static LIVE],
                         double latency[static LIVE])
{
    struct bench_client *client = bench_client_open(&pair->source);
    struct bench_client *sink = bench_client_open(&pair->sink);
    static double begun[LIVE];
    size_t len = 0;
    char *line = make_lines(1, &len);
    struct bench_follower *follower;

    await_converged(sink);
    follower = bench_follow(&pair->sink, entries_of(sink));
    for (size_t i = 0; i < LIVE; i++) {
        begun[i] = bench_now_s();
        bench_client_post(client, "/v1/entries", "application/x-ndjson", line, len);
        durable[i] = (bench_now_s() - begun[i]) * 1000;
        bench_wait_until(begun[i] + 1.0 / LIVE_PER_S);
    }
    for (size_t i = 0; i < LIVE; i++) {
        latency[i] = (bench_follower_time(follower, i) - begun[i]) * 1000;
    }
    bench_follower_stop(&follower);
    free(line);
    bench_client_close(&client);
    bench_client_close(&sink);
}

static void live(struct pair *pair)
{
    static double durable[LIVE];
    static double latency[LIVE];
    static double commits[LIVE];
    static double trips[LIVE];
    static const double quantiles[] = {0.5, 0.99};
    static const double budgets[] = {2.5, 4};
    static const char *const names[] = {"p50", "p99"};
    char path[2100];

    publish_live(pair, durable, latency);
    (void)snprintf(path, sizeof path, "%s/commits", pair->federation.folder);
    bench_floor_commits(path, 1.0 / LIVE_PER_S, commits, LIVE);
    bench_floor_round_trips(1.0 / LIVE_PER_S, trips, LIVE);
    for (size_t i = 0; i < 2; i++) {
        double q = quantiles[i];
        double floor =
            (2 * bench_quantile(commits, LIVE, q) + bench_quantile(trips, LIVE, q)) * 1000;
        double value = bench_quantile(latency, LIVE, q);
        char name[96];

        (void)snprintf(name, sizeof name, "floor: two synced commits and a round trip at 100/s, %s",
                       names[i]);
        bench_fact(name, floor, "ms");
        (void)snprintf(name, sizeof name, "publish call until durable at 100/s, %s", names[i]);
        bench_fact(name, bench_quantile(durable, LIVE, q), "ms");
        (void)snprintf(name, sizeof name, "live latency at 100/s, %s", names[i]);
        bench_fact(name, value, "ms");
        (void)snprintf(name, sizeof name, "live latency at 100/s, %s over its floor", names[i]);
        bench_row(name, value / floor, "x", AT_MOST, budgets[i]);
    }
}

static void large_store(const char *below)
{
    static struct bench_federation federation;
    struct bench_filling filling = {.count = MANY, .content_len = CONTENT, .signed_every = 32};
    struct bench_daemon daemon;
    struct bench_client *client;
    char path[4096];
    struct stat file;
    double begun;

    bench_federation_make(&federation, below, AUTHORS);
    bench_federation_fill(&federation, federation.source, &filling);
    (void)snprintf(path, sizeof path, "%s/store/real/data.mdb", federation.source);
    if (stat(path, &file) == 0) {
        bench_row("disk, bytes per entry beyond 1.3 x sealed",
                  (double)file.st_blocks * 512 / MANY - 1.3 * SEALED, "bytes", AT_MOST, 200);
    }
    begun = bench_now_s();
    bench_daemon_start(&daemon, federation.source);
    bench_daemon_wait_api(&daemon, 30);
    bench_row("start with 1,000,000 entries", bench_now_s() - begun, "s", AT_MOST, 1);
    client = bench_client_open(&daemon);
    json_decref(bench_client_get(client, "/v1/status"));
    bench_row("memory with 1,000,000 entries", (double)bench_daemon_anon_bytes(&daemon) / MIB,
              "MiB", AT_MOST, 64);
    bench_client_close(&client);
    bench_daemon_stop(&daemon);
    bench_federation_remove(&federation);
}

static void measure_pair(const char *below)
{
    static struct pair pair;
    struct bench_filling filling = {.count = ENTRIES, .content_len = CONTENT, .signed_every = 32};
    char path[2100];

    bench_federation_make(&pair.federation, below, AUTHORS);
    bench_federation_fill(&pair.federation, pair.federation.source, &filling);
    (void)snprintf(path, sizeof path, "%s/pipeline", pair.federation.folder);
    bench_fact("floor: a bare pipeline of the same steps",
               bench_floor_pipeline(path, ENTRIES, SEALED), "entries/s");
    catch_up(&pair);
    prove_convergence(&pair);
    fetch_missing(&pair);
    live(&pair);
    publish(&pair);
    bench_daemon_stop(&pair.sink);
    bench_daemon_stop(&pair.source);
    bench_federation_remove(&pair.federation);
}

static void measure_picture(const char *build)
{
    (void)build;
    bench_picture();
    bench_answers();
}

// What is measured, in this order.
static const struct {
    const char *name;
    void (*run)(const char *build);
} parts[] = {
    {"pair", measure_pair}, {"store", large_store},   {"picture", measure_picture},
    {"api", bench_api},     {"many", bench_api_many}, {"thin", bench_thin},
};

static bool is_asked_for(const char *name, char **names, int count)
{
    bool is = false;

    for (int i = 0; i < count && !is; i++) {
        is = strcmp(names[i], name) == 0;
    }
    return is;
}

// sitrep-bench BUILD [PART]...; all parts when none is named
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
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (argc <= 2 || is_asked_for(parts[i].name, argv + 2, argc - 2)) {
            parts[i].run(build);
        }
    }
    (void)snprintf(json_path, sizeof json_path, "%s/bench.json", build);
    return bench_finish(json_path) ? EXIT_SUCCESS : EXIT_FAILURE;
}
