// SPDX-License-Identifier: EUPL-1.2
// Measures from outside: the daemons are the real ones, started as processes.
#include "bench/measure.h"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

enum { UTIME_FIELD = 14 };

double bench_now_s(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void bench_wait_until(double at_s)
{
    while (bench_now_s() < at_s) {
        (void)poll(NULL, 0, 1);
    }
}

uint64_t bench_wall_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

void bench_wait_readable(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};

    (void)poll(&item, 1, 1000);
}

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(EXIT_FAILURE);
}

// -- daemons --

void bench_program(const char *name, char path[static BENCH_PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", path, BENCH_PATH_MAX - 1);
    char *slash;

    path[len > 0 ? len : 0] = '\0';
    slash = strrchr(path, '/');
    if (slash == NULL || snprintf(slash + 1, (size_t)(path + BENCH_PATH_MAX - slash - 1), "%s",
                                  name) >= path + BENCH_PATH_MAX - slash - 1) {
        give_up("cannot tell where this program lies");
    }
}

void bench_daemon_start(struct bench_daemon *daemon, const char *home)
{
    char path[BENCH_PATH_MAX];
    int fd;

    bench_program("sitrepd", path);
    (void)snprintf(daemon->home, sizeof daemon->home, "%s", home);
    (void)snprintf(daemon->log, sizeof daemon->log, "%s.log", home);
    fd = open(daemon->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    daemon->pid = fork();
    if (daemon->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM); // it ends with the benchmark, however that ends
        dup2(fd, STDERR_FILENO);
        unsetenv("JOURNAL_STREAM");
        execl(path, path, "--home", home, (char *)NULL);
        _exit(127);
    }
    close(fd);
    if (daemon->pid < 0) {
        give_up("cannot start sitrepd");
    }
}

static double parse_time(const char *line)
{
    struct tm tm = {0};
    const char *at = strstr(line, "time=");
    const char *rest = at == NULL ? NULL : strptime(at + 5, "%Y-%m-%dT%H:%M:%S", &tm);

    return rest == NULL ? 0 : (double)timegm(&tm) + strtod(rest, NULL);
}

static double find_event(const char *log, const char *event)
{
    char line[2048];
    char wanted[128];
    double found = 0;
    FILE *file = fopen(log, "re");

    (void)snprintf(wanted, sizeof wanted, "event=%s", event);
    while (file != NULL && found == 0 && fgets(line, sizeof line, file) != NULL) {
        const char *at = strstr(line, wanted);
        bool is_whole = at != NULL && strchr(" \n", at[strlen(wanted)]) != NULL;

        found = is_whole ? parse_time(line) : 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

double bench_daemon_wait(const struct bench_daemon *daemon, const char *event, double timeout_s)
{
    double deadline = bench_now_s() + timeout_s;
    double found;

    while ((found = find_event(daemon->log, event)) == 0) {
        if (bench_now_s() > deadline || waitpid(daemon->pid, NULL, WNOHANG) != 0) {
            fprintf(stderr, "bench: %s never said %s\n", daemon->log, event);
            exit(EXIT_FAILURE);
        }
        (void)poll(NULL, 0, 20);
    }
    return found;
}

void bench_daemon_wait_api(const struct bench_daemon *daemon, double timeout_s)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    double deadline = bench_now_s() + timeout_s;
    bool is_answering = false;

    if (snprintf(address.sun_path, sizeof address.sun_path, "%s/api.sock", daemon->home) >=
        (int)sizeof address.sun_path) {
        give_up("the path of the home is too long for a socket");
    }
    while (!is_answering) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        is_answering = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        close(fd);
        if (bench_now_s() > deadline) {
            give_up("the API does not answer");
        }
        (void)poll(NULL, 0, 1);
    }
}

double bench_daemon_cpu_s(const struct bench_daemon *daemon)
{
    char path[64];
    char text[1024] = "";
    unsigned long ticks = 0;
    FILE *file;
    char *at;

    (void)snprintf(path, sizeof path, "/proc/%d/stat", daemon->pid);
    file = fopen(path, "re");
    if (file == NULL || fgets(text, sizeof text, file) == NULL) {
        give_up("a daemon is gone");
    }
    fclose(file);
    at = strrchr(text,
                 ')'); // the second field may hold anything; utime and stime are the 14th and 15th
    for (int field = 2; at != NULL && field < UTIME_FIELD; field++) {
        at = strchr(at + 1, ' ');
    }
    if (at == NULL) {
        give_up("cannot read /proc/PID/stat");
    }
    ticks = strtoul(at, &at, 10);
    ticks += strtoul(at, NULL, 10);
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

uint64_t bench_daemon_anon_bytes(const struct bench_daemon *daemon)
{
    char path[64];
    char line[256];
    uint64_t kib = 0;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%d/status", daemon->pid);
    file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "RssAnon:", 8) == 0) {
            kib = strtoull(line + 8, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kib * 1024;
}

void bench_daemon_stop(struct bench_daemon *daemon)
{
    kill(daemon->pid, SIGTERM);
    waitpid(daemon->pid, NULL, 0);
    daemon->pid = 0;
}

// -- the network --

bool bench_own_network(void)
{
    struct ifreq request = {.ifr_flags = 0};
    int fd;
    bool is_up;

    if (unshare(CLONE_NEWNET) != 0) {
        return false;
    }
    memcpy(request.ifr_name, "lo", 3);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
    is_up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    close(fd);
    return is_up;
}

uint64_t bench_loopback_bytes(void)
{
    char line[512];
    uint64_t bytes = 0;
    FILE *file = fopen("/proc/net/dev", "re");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *at = strstr(line, "lo:");

        if (at != NULL) {
            bytes = strtoull(at + 3, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return bytes;
}

// -- rows --

static int by_value(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return *x < *y ? -1 : *x > *y;
}

double bench_quantile(double *values, size_t count, double q)
{
    qsort(values, count, sizeof *values, by_value);
    return values[(size_t)(q * (double)(count - 1))];
}

static json_t *rows;
static bool is_missed;

static void add_row(const char *name, double value, const char *unit, json_t *bound)
{
    json_t *row = json_pack("{s:s, s:f, s:s}", "name", name, "value", value, "unit", unit);

    if (rows == NULL) {
        rows = json_array();
    }
    if (bound != NULL) {
        json_object_update(row, bound);
        json_decref(bound);
    }
    json_array_append_new(rows, row);
}

void bench_row(const char *name, double value, const char *unit, enum bench_sense sense,
               double budget)
{
    bool is_kept = sense == AT_LEAST ? value >= budget : value <= budget;

    printf("%-52s %12.3f %-10s %s %g%s\n", name, value, unit,
           sense == AT_LEAST ? ">=" : "<=", budget, is_kept ? "" : "   MISSED");
    fflush(stdout);
    is_missed |= !is_kept;
    add_row(name, value, unit,
            json_pack("{s:f, s:s, s:b}", "budget", budget, "sense",
                      sense == AT_LEAST ? "at least" : "at most", "kept", is_kept));
}

void bench_fact(const char *name, double value, const char *unit)
{
    printf("%-52s %12.3f %s\n", name, value, unit);
    fflush(stdout);
    add_row(name, value, unit, NULL);
}

void bench_times(const char *name, double *seconds, size_t count, double budget_ms)
{
    char row[128];

    (void)snprintf(row, sizeof row, "%s, p50", name);
    bench_fact(row, bench_quantile(seconds, count, 0.5) * 1000, "ms");
    (void)snprintf(row, sizeof row, "%s, p99", name);
    if (budget_ms > 0) {
        bench_row(row, bench_quantile(seconds, count, 0.99) * 1000, "ms", AT_MOST, budget_ms);
    } else {
        bench_fact(row, bench_quantile(seconds, count, 0.99) * 1000, "ms");
    }
}

bool bench_finish(const char *json_path)
{
    if (json_dump_file(rows, json_path, JSON_INDENT(2)) != 0) {
        give_up("cannot write the results");
    }
    json_decref(rows);
    rows = NULL;
    return !is_missed;
}
