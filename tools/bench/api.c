// SPDX-License-Identifier: EUPL-1.2
// Asks a daemon each question of the picture, while entries come: before each one more. From the
// request to the last byte of the answer, over one connection. What the client makes of it is not
// counted here; commands.c has it.
#include "bench/api.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/client.h"
#include "bench/commands.h"
#include "bench/federation.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "bench/mix.h"

enum {
    BUDGETED = 100000, // entries, of which
    MANY = 1000000,
    ASKED = 100, // times each
    ASKED_OF_MANY = 20,
    PATH_SIZE = 200,
    QUESTIONS_MAX = 32,
    MIB = 1024 * 1024,
};

static const char floor_name[] = "floor: the status alone"; // what any answer takes

struct world {
    struct bench_federation federation;
    struct bench_daemon daemon;
    struct bench_client *client;
    struct ref *refs;
    uint32_t count; // entries filled in
    unsigned published;
};

struct question {
    const char *name;
    const char *wanted; // in the answer
    char path[PATH_SIZE];
};

struct questions {
    struct question list[QUESTIONS_MAX];
    size_t count;
};

__attribute__((format(printf, 4, 5))) static void add(struct questions *questions, const char *name,
                                                      const char *wanted, const char *format, ...)
{
    struct question *question = &questions->list[questions->count++];
    va_list args;

    if (questions->count > QUESTIONS_MAX) {
        abort();
    }
    *question = (struct question){.name = name, .wanted = wanted};
    va_start(args, format);
    (void)vsnprintf(question->path, PATH_SIZE, format, args);
    va_end(args);
}

static void moment_before(uint64_t hours, char out[static 32])
{
    const time_t at = (time_t)(bench_wall_ms() / 1000 - hours * 3600);
    struct tm tm;

    (void)strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
}

static void name_of(const struct world *world, uint32_t i, char out[static 32])
{
    const struct ref *ref = &world->refs[i];

    (void)snprintf(out, 32, "author-%u/%" PRIu64, (unsigned)(ref->author - BENCH_AUTHORS_FIRST),
                   ref->seq);
}

static void add_lists(struct questions *questions, const struct world *world)
{
    char measure[32];
    const uint32_t half = world->count / 2;

    name_of(world, half - half % MIX_BLOCK + MIX_MEASURE, measure);
    add(questions, "incidents that are open", "High water", "/v1/items?kind=incident&open=1");
    add(questions, "requests that are open", "pump", "/v1/items?kind=request&open=1");
    add(questions, "one item", "evacuate", "/v1/items/%s", measure);
    add(questions, "conflicts", "evacuate", "/v1/items?conflicting=1");
    add(questions, "phase board", "Governor", "/v1/phases");
    add(questions, "resource board", "pump-1", "/v1/resources");
    add(questions, "casualties", "injured", "/v1/casualties");
}

static void add_deliveries(struct questions *questions, const struct world *world)
{
    char asking[32];

    name_of(world, world->count - MIX_BLOCK + MIX_ASKING, asking);
    add(questions, "deliveries overdue", "overdue", "/v1/deliveries");
    add(questions, "delivery of one", "held", "/v1/deliveries/%s", asking);
    add(questions, "gaps", "author-0", "/v1/gaps");
}

static void add_logs(struct questions *questions, const struct world *world)
{
    char big[32];
    char since[32];

    name_of(world, 0, big);
    moment_before(12, since);
    add(questions, "timeline of 1 entry in 100", "High water", "/v1/items/%s/timeline", big);
    add(questions, "log, 50 entries", "author-", "/v1/entries?limit=50&after=%u",
        (unsigned)world->count / 2);
    add(questions, "new of 12 hours", "author-", "/v1/news?since=%s", since);
}

static void add_all(struct questions *questions, const struct world *world)
{
    char at[32];

    moment_before((uint64_t)world->count * MIX_STEP_MS / 2 / 3600000, at);
    questions->count = 0;
    add(questions, floor_name, "entries", "/v1/status");
    add(questions, "picture", "pump-1", "/v1/picture");
    add(questions, "picture --at", "pump-1", "/v1/picture?at=%s", at);
    add(questions, "picture --at --as", "pump-1", "/v1/picture?at=%s&as=centre-1", at);
    add_lists(questions, world);
    add_deliveries(questions, world);
    add_logs(questions, world);
}

// -- measuring --

static void publish(struct world *world)
{
    char line[256];
    const int len =
        snprintf(line, sizeof line,
                 "{\"kind\":\"report\",\"text\":\"Level at the mark, for the %uth time.\"}",
                 ++world->published);

    bench_client_post(world->client, "/v1/entries", "application/json", line, (size_t)len);
}

static void change(struct world *world)
{
    char path[64] = "/v1/items/";
    char body[64];
    const int len = snprintf(body, sizeof body, "{\"text\":\"Change %u\"}", ++world->published);

    name_of(world, 0, path + strlen(path));
    bench_client_post(world->client, path, "application/json", body, (size_t)len);
}

static void row(const struct world *world, const char *name, double *took, size_t count)
{
    char text[96];

    (void)snprintf(text, sizeof text, "API: %s, %u entries", name, (unsigned)world->count);
    const bool is_bound = world->count == BUDGETED && name != floor_name;
    bench_times(text, took, count, is_bound ? BENCH_ANSWER_MS : 0);
}

static void measure_commits(const struct world *world, size_t asked)
{
    double took[ASKED];
    char path[sizeof world->federation.folder + 16];
    char name[96];

    (void)snprintf(path, sizeof path, "%s/commits", world->federation.folder);
    bench_floor_commits(path, 0, took, asked);
    (void)snprintf(name, sizeof name, "floor: a synced commit, beside %u entries",
                   (unsigned)world->count);
    bench_times(name, took, asked, 0);
}

static void measure_writing(struct world *world, const char *name,
                            void (*write)(struct world *world), size_t asked)
{
    double took[ASKED];

    for (size_t i = 0; i < asked; i++) {
        const double begun = bench_now_s();
        write(world);
        took[i] = bench_now_s() - begun;
    }
    row(world, name, took, asked);
}

static void measure(struct world *world, const struct question *question, size_t asked)
{
    double took[ASKED];

    for (size_t i = 0; i < asked; i++) {
        publish(world);
        const double begun = bench_now_s();
        bench_client_ask(world->client, question->path, question->wanted);
        took[i] = bench_now_s() - begun;
    }
    row(world, question->name, took, asked);
}

// Until the whole picture is there, which is read anew after each start.
static void measure_start(struct world *world)
{
    char name[96];
    const double begun = bench_now_s();

    bench_daemon_start(&world->daemon, world->federation.source);
    bench_daemon_wait_api(&world->daemon, 30);
    world->client = bench_client_open(&world->daemon);
    bench_client_ask(world->client, "/v1/phases", "Governor");
    (void)snprintf(name, sizeof name, "start until the first picture, %u entries",
                   (unsigned)world->count);
    bench_fact(name, bench_now_s() - begun, "s");
    bench_daemon_wait(&world->daemon, "own-log-ready", 30);
}

static void measure_commands(const struct world *world)
{
    struct bench_named named;

    name_of(world, 0, named.incident);
    name_of(world, MIX_MEASURE, named.measure);
    name_of(world, world->count - MIX_BLOCK + MIX_ASKING, named.asking);
    moment_before((uint64_t)world->count * MIX_STEP_MS / 2 / 3600000, named.at);
    bench_commands(&world->daemon, &named);
}

static void measure_size(const char *below, uint32_t count, size_t asked)
{
    static struct world world;
    static struct questions questions;
    char name[96];

    world = (struct world){.count = count, .refs = calloc(count, sizeof *world.refs)};
    if (world.refs == NULL) {
        abort();
    }
    bench_federation_make(&world.federation, below, MIX_WRITERS);
    bench_federation_fill_mix(&world.federation, world.federation.source, count, world.refs);
    measure_start(&world);
    add_all(&questions, &world);
    for (size_t i = 0; i < questions.count; i++) {
        measure(&world, &questions.list[i], asked);
    }
    measure_commits(&world, asked);
    measure_writing(&world, "publish one report", publish, asked);
    measure_writing(&world, "change one item", change, asked);
    if (count == BUDGETED) {
        measure_commands(&world);
    }
    (void)snprintf(name, sizeof name, "memory with a picture of %u entries", (unsigned)count);
    bench_fact(name, (double)bench_daemon_anon_bytes(&world.daemon) / MIB, "MiB");
    bench_client_close(&world.client);
    bench_daemon_stop(&world.daemon);
    bench_federation_remove(&world.federation);
    free(world.refs);
}

void bench_api(const char *below)
{
    measure_size(below, BUDGETED / 10, ASKED);
    measure_size(below, BUDGETED, ASKED);
}

void bench_api_many(const char *below)
{
    measure_size(below, MANY, ASKED_OF_MANY);
}
