// SPDX-License-Identifier: EUPL-1.2
// sitrep watch: what happens, a line each, for as long as somebody looks. When the node stops it
// says so, waits, and goes on where it was.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/event.h"
#include "sitrep/print.h"
#include "sitrep/typed.h"
#include "sitrep/when.h"

const struct option_spec watch_options[] = {
    {"kind", "K", "only what is told of entries of this kind", false},
    {"only", "EVENTS", "only these: new,changed,proposed,conflicting,settled,outdated,overdue,...",
     false},
    {"since", "ID|T", "from an event's id on (--json shows them), or since a time as log takes it",
     false},
    {NULL, NULL, NULL, false},
};

enum { PATH_SIZE = 256, PAUSE_FIRST_MS = 100, PAUSE_MOST_MS = 5000, REFUSED_MOST = 6 };

struct watch {
    const struct arguments *arguments;
    const char *kind, *only; // NULL: all
    struct client *client;   // reads the stream
    struct client *other;    // asks what entries say
    struct event event;      // being put together
    char last[EVENT_ID_SIZE];
    char since[PATH_SIZE]; // the first query
    bool has_begun;        // something was told
    bool is_lost;          // and then the node went
};

// What was told is written out, line by line: there is nothing to finish.
static void leave(int number)
{
    (void)number;
    _exit(EXIT_DONE);
}

// -- what is wanted --

// Whether the comma-separated list has the word.
static bool lists(const char *list, const char *word)
{
    const size_t len = strlen(word);

    for (const char *at = list; *at != '\0'; at += strcspn(at, ",")) {
        at += *at == ',' ? 1 : 0;
        if (strcspn(at, ",") == len && memcmp(at, word, len) == 0) {
            return true;
        }
    }
    return false;
}

static enum exit_code check_only(const char *only)
{
    for (const char *at = only; at != NULL; at = strchr(at, ',')) {
        at += *at == ',' ? 1 : 0;
        const size_t len = strcspn(at, ",");
        if (!event_is_known(at, len)) {
            return complain(EXIT_USAGE,
                            "--only '%.*s': must be of state, new, changed, proposed, conflicting, "
                            "settled, outdated, overdue, link, gap, roster, fork, clock, restart",
                            (int)len, at);
        }
    }
    return EXIT_DONE;
}

static bool is_wanted(const struct watch *watch)
{
    const struct event *event = &watch->event;
    const char *kind = json_text(event->data, "kind");

    if (watch->only != NULL && !lists(watch->only, event->name)) {
        return false;
    }
    if (watch->kind != NULL) {
        return strcmp(kind, watch->kind) == 0;
    }
    // Nodes write receipts by themselves, all the time.
    return watch->arguments->is_json || watch->only != NULL || strcmp(kind, "receipt") != 0;
}

// -- what is told --

static void print_event_json(const struct event *event)
{
    json_t *whole = json_object();

    if (json_object_set_new(whole, "event", json_string(event->name)) != 0 ||
        (event->id[0] != '\0' && json_object_set_new(whole, "id", json_string(event->id)) != 0) ||
        json_object_update(whole, event->data) != 0) {
        abort();
    }
    print_json(whole);
    json_decref(whole);
}

// What is new is shown as 'sitrep log' shows it.
static void print_new(struct watch *watch)
{
    char path[CLIENT_PATH_MAX];
    struct answer answer = {.json = NULL};
    const struct call call = {.method = "GET", .path = path};
    const char *name = json_text(watch->event.data, "name");

    if (strchr(name, '#') == NULL && *name != '\0' &&
        client_entry_path("/v1/entries/", name, "", path) == EXIT_DONE &&
        client_call(watch->other, &call, &answer) == EXIT_DONE &&
        answer_code(&answer) == EXIT_DONE) {
        event_print(&watch->event, answer.json);
    } else {
        event_print(&watch->event, NULL);
    }
    answer_fini(&answer);
}

static void print_event(struct watch *watch)
{
    if (!is_wanted(watch)) {
        return;
    }
    if (watch->arguments->is_json) {
        print_event_json(&watch->event);
    } else if (strcmp(watch->event.name, "new") == 0) {
        print_new(watch);
    } else {
        event_print(&watch->event, NULL);
    }
    (void)fflush(stdout);
}

static bool take_line(void *context, const char *line, size_t len)
{
    struct watch *watch = context;

    if (watch->is_lost) {
        watch->is_lost = false;
        tell("the node answers again");
    }
    if (!watch->has_begun) {
        watch->has_begun = true;
        client_expect_breaks(watch->client);
    }
    if (event_take_line(&watch->event, line, len)) {
        print_event(watch);
        if (watch->event.id[0] != '\0') {
            memcpy(watch->last, watch->event.id, sizeof watch->last);
        }
    }
    if (len == 0) {
        event_clear(&watch->event);
    }
    return !ferror(stdout);
}

// -- over and over --

static enum exit_code read_since(struct watch *watch)
{
    const char *since = arguments_get(watch->arguments, "since");
    char time[WHEN_MAX];
    int64_t ms = 0;

    if (since == NULL) {
        return EXIT_DONE;
    }
    if (strcmp(since, "0") == 0 ||
        (strchr(since, '.') != NULL && strspn(since, "0123456789abcdef.-") == strlen(since) &&
         strlen(since) < EVENT_ID_SIZE)) {
        (void)snprintf(watch->since, sizeof watch->since, "?after=%s", since);
        return EXIT_DONE;
    }
    if (!when_typed(since, when_now(), &ms) || ms < 0) {
        return complain(EXIT_USAGE,
                        "--since '%s': must be like 2h, 30m, 1d, 14:30 or "
                        "2026-03-01T14:30:00+01:00, or the id of an event",
                        since);
    }
    when_rfc3339(ms, time);
    (void)snprintf(watch->since, sizeof watch->since, "?since=%s", time);
    return EXIT_DONE;
}

static enum exit_code read_stream(struct watch *watch, struct answer *answer)
{
    char path[PATH_SIZE + EVENT_ID_SIZE];
    const struct call call = {.method = "GET", .path = path};

    if (watch->last[0] != '\0') {
        (void)snprintf(path, sizeof path, "/v1/events?after=%s", watch->last);
    } else {
        (void)snprintf(path, sizeof path, "/v1/events%s", watch->since);
    }
    event_clear(&watch->event);
    return client_lines(watch->client, &call, take_line, watch, answer);
}

// The longer it takes, the seldomer it is tried.
static void pause_before_next(unsigned *pause_ms)
{
    const struct timespec pause = {*pause_ms / 1000, (long)(*pause_ms % 1000) * 1000000};

    (void)nanosleep(&pause, NULL);
    *pause_ms = *pause_ms * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS : *pause_ms * 2;
}

// Whether to ask again. A node that has just started may not have the exercise yet.
static bool may_come_back(const struct watch *watch, enum exit_code code, unsigned *refused)
{
    if (ferror(stdout) || !watch->has_begun) {
        return false;
    }
    return code == EXIT_DONE || code == EXIT_UNREACHABLE ||
           (code == EXIT_REFUSED && ++*refused < REFUSED_MOST);
}

static enum exit_code watch_on(struct watch *watch)
{
    unsigned pause_ms = PAUSE_FIRST_MS;
    unsigned refused = 0;

    for (;;) {
        struct answer answer;
        enum exit_code code = read_stream(watch, &answer);
        const bool goes_on = may_come_back(watch, code, &refused);
        if (!goes_on && (code == EXIT_REFUSED || code == EXIT_FAILED) && answer.status != 0) {
            code = answer_check(&answer);
        }
        answer_fini(&answer);
        if (!goes_on) {
            return code;
        }
        if (!watch->is_lost) { // it had answered
            watch->is_lost = true;
            pause_ms = PAUSE_FIRST_MS;
            refused = 0;
            tell("the node at %s stopped: waiting until it answers again", watch->arguments->home);
        }
        pause_before_next(&pause_ms);
    }
}

enum exit_code command_watch(const struct arguments *arguments)
{
    struct arguments quiet = *arguments;
    struct watch watch = {.arguments = arguments,
                          .kind = arguments_get(arguments, "kind"),
                          .only = arguments_get(arguments, "only")};
    enum exit_code code = check_only(watch.only);

    if (code == EXIT_DONE) {
        code = read_since(&watch);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    typed_kind(arguments);
    (void)signal(SIGINT, leave);
    (void)signal(SIGTERM, leave);
    (void)signal(SIGPIPE, leave);
    quiet.is_json = true; // the stream has told which exercise it is
    watch.client = client_open(arguments);
    watch.other = watch.client == NULL ? NULL : client_open(&quiet);
    if (watch.other != NULL) {
        client_expect_breaks(watch.other);
        code = watch_on(&watch);
    } else {
        code = EXIT_FAILED;
    }
    event_clear(&watch.event);
    client_close(&watch.other);
    client_close(&watch.client);
    return code;
}
