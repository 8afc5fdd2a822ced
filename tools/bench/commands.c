// SPDX-License-Identifier: EUPL-1.2
// Left out: what does not end (watch, log --follow), what reads or makes everything anew (fsck,
// found, join, admit, keys rotate, roster ...), and what is about links and exercises.
#include "bench/commands.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

enum { RUNS = 10, WORDS_MAX = 24, LINE_MAX_LEN = 512, READ_SIZE = 65536, NAME_LEN = 64 };

// Words are parted by one blank; @incident, @measure, @asking and @at stand for those of struct
// bench_named, @new for the name of what the line before has published. What is to be measured
// stands last, behind what it needs, which `;` parts.
static const char *const lines[] = {
    "picture",
    "picture --at @at",
    "picture --at @at --as centre-1",
    "phase board",
    "resource board",
    "casualties",
    "casualties --incident @incident",
    "conflicts",
    "item list --kind incident",
    "item show @measure",
    "show @measure",
    "timeline @incident",
    "delivery",
    "delivery @asking",
    "gaps",
    "new",
    "new --since 2h",
    "log --limit 50",
    "log --since 2h",
    "status",
    "peers",
    "keys",
    "forks",
    "roster show",
    "group list",
    "group show all",
    "exercise list",
    "kinds",
    "publish journal Rising.",
    "incident open --name Flood",
    "incident open --name Flood;incident update @new Rising.",
    "incident open --name Flood;incident close @new",
    "incident open --name Flood;incident close @new;incident reopen @new",
    "incident open --name Flood;incident merge @new @incident",
    "incident open --name Flood;settle @new --take @new",
    "incident list",
    "incident show @incident",
    "report new --incident @incident Rising.",
    "report new Rising.;report update @new Falling.",
    "report new Rising.;report withdraw @new",
    "report list",
    "assessment new Dry.",
    "assessment new Dry.;assessment update @new Wet.",
    "assessment list",
    "advice new Leave.",
    "advice new Leave.;advice follow @new Done.",
    "advice new Leave.;advice reject @new No.",
    "advice list",
    "decision propose --body mayor Leave.",
    "decision propose --body mayor Leave.;decision take @new",
    "decision propose --body mayor Leave.;decision take @new;decision carry-out @new",
    "decision list",
    "measure plan --type shelter",
    "measure plan --type shelter;measure enforce @new",
    "measure plan --type shelter;measure lift @new",
    "measure list",
    "phase declare --authority Mayor --scheme be --level local",
    "phase declare --authority Mayor --scheme be --level local;phase change @new --level federal",
    "phase declare --authority Mayor --scheme be --level local;phase end @new",
    "phase list",
    "request new --capability pump --quantity 4",
    "request new --capability pump --quantity 4;request update @new --quantity 6",
    "request new --capability pump --quantity 4;request close @new",
    "request list",
    "request new --capability pump --quantity 4;offer new --request @new --quantity 2",
    ("request new --capability pump --quantity 4;offer new --request @new --quantity 2;"
     "offer accept @new"),
    ("request new --capability pump --quantity 4;offer new --request @new --quantity 2;"
     "offer accept @new;offer commit @new"),
    "offer list",
    "resource set --type pump-group --total 6 --available 4",
    "resource list --since 2h",
    "alert list --since 2h",
    "line draft --messages nl=Binnen",
    "line draft --messages nl=Binnen;line approve @new",
    "line list",
    "station new --name Eijsden",
    "station new --name Eijsden;measurement add --station @new --quantity level --value 3 --unit m",
    "station new --name Eijsden;measurement series @new",
    "contact set --function duty",
    "contact list",
    "task new Look.",
    "task new Look.;task take @new",
    "task new Look.;task done @new",
    "task list",
    "journal Called.",
    "journal list --since 2h",
    "report new Rising.;ack @new",
    "comtest call --deadline +15m",
    "comtest call --deadline +15m;comtest answer @new",
    "comtest call --deadline +15m;comtest table @new",
    "comtest list",
    "handover take Quiet.",
    "handover show",
    "lesson new Ask.",
    "lesson list",
    "report new Rising.;translate @new --into fr Montante.",
    "translation list",
};

struct running {
    const char *home;
    const struct bench_named *named;
    char program[BENCH_PATH_MAX];
    char fresh[NAME_LEN]; // name of what was published last
};

static _Noreturn void give_up(const char *line, const char *what)
{
    fprintf(stderr, "bench: sitrep %s: %s\n", line, what);
    exit(EXIT_FAILURE);
}

static char *stands_for(struct running *running, char *word)
{
    const struct {
        const char *word, *value;
    } known[] = {
        {"@new", running->fresh},
        {"@incident", running->named->incident},
        {"@measure", running->named->measure},
        {"@asking", running->named->asking},
        {"@at", running->named->at},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(word, known[i].word) == 0) {
            (void)snprintf(word, NAME_LEN, "%s", known[i].value);
        }
    }
    return word;
}

// Reads all of it, and keeps what fits.
static void read_all(int fd, char first[static READ_SIZE])
{
    static char rest[READ_SIZE];
    size_t len = 0;
    ssize_t got;

    do {
        const bool has_room = len < READ_SIZE - 1;
        got = read(fd, has_room ? first + len : rest, has_room ? READ_SIZE - 1 - len : READ_SIZE);
        len += has_room && got > 0 ? (size_t)got : 0;
    } while (got > 0);
    first[len] = '\0';
}

// Seconds from the start of the process to its end.
static double spawn(const char *line, char **words, char out[static READ_SIZE])
{
    posix_spawn_file_actions_t actions;
    int ends[2];
    int status = 0;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        give_up(line, "no pipe");
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const double begun = bench_now_s();
    const int code = posix_spawn(&pid, words[0], &actions, NULL, words, environ);
    close(ends[1]);
    if (code != 0) {
        give_up(line, strerror(code));
    }
    read_all(ends[0], out);
    (void)waitpid(pid, &status, 0);
    const double took = bench_now_s() - begun;
    close(ends[0]);
    posix_spawn_file_actions_destroy(&actions);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        give_up(line, "failed");
    }
    return took;
}

static void keep_name(struct running *running, const char *out)
{
    json_t *json = json_loads(out, 0, NULL);
    const char *name = json_string_value(json_object_get(json, "name"));

    (void)snprintf(running->fresh, sizeof running->fresh, "%s", name == NULL ? "" : name);
    json_decref(json);
}

static double run(struct running *running, const char *line)
{
    static char out[READ_SIZE];
    static char words[WORDS_MAX][LINE_MAX_LEN];
    char json[] = "--json";
    char home[] = "--home";
    char path[BENCH_PATH_MAX];
    char *argv[WORDS_MAX + 5] = {running->program, home, path, json};
    size_t count = 0;

    (void)snprintf(path, sizeof path, "%s", running->home);
    for (const char *at = line; *at != '\0' && count < WORDS_MAX; count++) {
        const size_t len = strcspn(at, " ");
        (void)snprintf(words[count], LINE_MAX_LEN, "%.*s", (int)len, at);
        argv[4 + count] = stands_for(running, words[count]);
        at += at[len] == ' ' ? len + 1 : len;
    }
    const double took = spawn(line, argv, out);
    keep_name(running, out);
    return took;
}

// Runs all that it needs, and returns what the last one took.
static double run_all(struct running *running, const char *line, char last[static LINE_MAX_LEN])
{
    double took = 0;

    while (*line != '\0') {
        const size_t len = strcspn(line, ";");
        (void)snprintf(last, LINE_MAX_LEN, "%.*s", (int)len, line);
        took = run(running, last);
        line += line[len] == ';' ? len + 1 : len;
    }
    return took;
}

// Milliseconds that nine of ten runs do not exceed.
static double measure(struct running *running, const char *line, char name[static LINE_MAX_LEN])
{
    double took[RUNS];
    char last[LINE_MAX_LEN];

    for (size_t i = 0; i < RUNS; i++) {
        took[i] = run_all(running, line, last) * 1000;
    }
    (void)snprintf(name, LINE_MAX_LEN, "sitrep %.400s", last);
    return bench_quantile(took, RUNS, 0.9);
}

void bench_commands(const struct bench_daemon *daemon, const struct bench_named *named)
{
    static struct running running;
    char slowest[LINE_MAX_LEN] = "";
    char row[2 * LINE_MAX_LEN];
    double most = 0;

    running = (struct running){.home = daemon->home, .named = named};
    bench_program("sitrep", running.program);
    bench_fact("floor: sitrep --version", measure(&running, "--version", row), "ms");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char name[LINE_MAX_LEN];
        const double took = measure(&running, lines[i], name);

        bench_row(name, took, "ms", AT_MOST, BENCH_ANSWER_MS);
        if (took > most) {
            most = took;
            (void)snprintf(slowest, sizeof slowest, "%s", name);
        }
    }
    (void)snprintf(row, sizeof row, "slowest command: %s", slowest);
    bench_row(row, most, "ms", AT_MOST, BENCH_ANSWER_MS);
}
