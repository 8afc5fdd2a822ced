// SPDX-License-Identifier: EUPL-1.2
// Many seeds on two worker processes, results through a pipe. A worker that dies (an assertion of
// the engine, say) names its seed by the start message it sent before.
#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/run.h"

enum { WORKERS = 2 };

struct report {
    uint32_t worker;
    bool is_start;
    uint64_t seed;
    struct run_result result;
};

_Static_assert(sizeof(struct report) <= 4096, "a report is written to the pipe in one piece");

struct overseer {
    const struct campaign *campaign;
    struct tally tally;
    uint64_t running[WORKERS]; // seed under way; 0: none
    uint64_t next[WORKERS];    // index of the first seed that the worker has not begun
    pid_t workers[WORKERS];
    uint64_t failures;
    uint64_t done;
};

static void work(const struct overseer *overseer, uint32_t worker, int fd)
{
    const struct campaign *campaign = overseer->campaign;
    struct report report = {.worker = worker};
    for (uint64_t i = overseer->next[worker]; i < campaign->count; i += WORKERS) {
        report.seed = campaign->from + i;
        report.is_start = true;
        if (write(fd, &report, sizeof report) != (ssize_t)sizeof report) {
            _exit(2);
        }
        campaign->run(report.seed, &campaign->bounds, false, &report.result);
        report.is_start = false;
        if (write(fd, &report, sizeof report) != (ssize_t)sizeof report) {
            _exit(2);
        }
    }
}

static void add(struct tally *sum, const struct tally *part)
{
    uint64_t *to = (uint64_t *)sum;
    const uint64_t *from = (const uint64_t *)part;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++) {
        to[i] += from[i];
    }
}

static void say_failure(const struct overseer *overseer, uint64_t seed, const char *failure)
{
    const struct plan_bounds *bounds = &overseer->campaign->bounds;
    const char *option = overseer->campaign->option;
    printf("seed %" PRIu64 " failed %s\n  repeat: sitrep-sim %s %" PRIu64
           " --nodes %u..%u --verbose\n",
           seed, failure, option, seed, bounds->nodes_min, bounds->nodes_max);
    fflush(stdout);
}

static void take_report(struct overseer *overseer, const struct report *report)
{
    overseer->running[report->worker] = report->is_start ? report->seed : 0;
    if (report->is_start) {
        overseer->next[report->worker] = report->seed - overseer->campaign->from + WORKERS;
        return;
    }
    add(&overseer->tally, &report->result.tally);
    overseer->done++;
    if (overseer->done % 1000 == 0 && overseer->done < overseer->campaign->count) {
        printf("  %" PRIu64 " seeds\n", overseer->done);
        fflush(stdout);
    }
    if (report->result.failure[0]) {
        overseer->failures++;
        say_failure(overseer, report->seed, report->result.failure);
    }
}

// False when it died; then its seed has failed.
static bool bury_worker(struct overseer *overseer, uint32_t worker, bool is_stopped)
{
    if (is_stopped) {
        kill(overseer->workers[worker], SIGKILL);
    }
    int status = 0;
    waitpid(overseer->workers[worker], &status, 0);
    if (is_stopped || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
        return true;
    }
    char how[64];
    snprintf(how, sizeof how, "because its process ended with status %d", status);
    overseer->failures++;
    say_failure(overseer, overseer->running[worker], how);
    return false;
}

static bool read_report(int fd, struct report *report)
{
    size_t got = 0;
    while (got < sizeof *report) {
        ssize_t n = read(fd, (uint8_t *)report + got, sizeof *report - got);
        if (n <= 0) {
            return false;
        }
        got += (size_t)n;
    }
    return true;
}

static void say_sum(const struct overseer *overseer, double seconds)
{
    const struct tally *sum = &overseer->tally;
    printf("sim: %" PRIu64 " seeds, %.1f virtual hours, %" PRIu64 " entries, %" PRIu64
           " frames, %" PRIu64 " crashes, %" PRIu64 " partitions, %" PRIu64 " full disks, %" PRIu64
           " restored backups, %" PRIu64 " forks, %" PRIu64 " repairs, %" PRIu64
           " revocations, %" PRIu64 " forked rosters, %" PRIu64 " quarantined, %" PRIu64
           " keys, %.1f seconds\n",
           sum->runs, (double)sum->virtual_ms / 3600000.0, sum->entries, sum->frames, sum->crashes,
           sum->partitions, sum->disk_full, sum->restores, sum->forks, sum->repairs,
           sum->revocations, sum->roster_forks, sum->quarantined, sum->keys, seconds);
}

static bool start_workers(struct overseer *overseer, const bool *is_needed, int *read_end)
{
    int fds[2];
    if (pipe(fds) != 0) {
        perror("pipe");
        return false;
    }
    for (uint32_t i = 0; i < WORKERS; i++) {
        fflush(stdout);
        overseer->workers[i] = is_needed[i] ? fork() : 0;
        if (is_needed[i] && overseer->workers[i] == 0) {
            close(fds[0]);
            work(overseer, i, fds[1]);
            _exit(0);
        }
    }
    close(fds[1]);
    *read_end = fds[0];
    return true;
}

// Runs workers until all seeds are done. A worker that dies is replaced when the campaign is
// thorough.
static void oversee(struct overseer *overseer)
{
    bool is_needed[WORKERS] = {true, true};
    bool is_stopped = false;
    int fd;
    while (!is_stopped && (is_needed[0] || is_needed[1]) &&
           start_workers(overseer, is_needed, &fd)) {
        static struct report report;
        while (!is_stopped && read_report(fd, &report)) {
            take_report(overseer, &report);
            is_stopped = overseer->failures > 0 && !overseer->campaign->is_thorough;
        }
        close(fd);
        for (uint32_t i = 0; i < WORKERS; i++) {
            is_needed[i] = is_needed[i] && !bury_worker(overseer, i, is_stopped);
        }
        is_stopped = overseer->failures > 0 && !overseer->campaign->is_thorough;
    }
}

uint64_t campaign_run(const struct campaign *campaign)
{
    static struct overseer overseer;
    overseer = (struct overseer){.campaign = campaign};
    for (uint32_t i = 0; i < WORKERS; i++) {
        overseer.next[i] = i;
    }
    struct timespec begin;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    oversee(&overseer);
    clock_gettime(CLOCK_MONOTONIC, &end);
    say_sum(&overseer,
            (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    return overseer.failures;
}
