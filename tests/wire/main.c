// SPDX-License-Identifier: EUPL-1.2
// sitrep-wire: a wire between two TUN devices in two network namespaces. Commands come on standard
// input (command.h), each is answered by one line on standard output. Ends when told to, or with
// standard input; then it prints what it counted.
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "wire/command.h"
#include "wire/tun.h"

enum { BURST = 64 }; // packets taken from a device at once

struct wire {
    struct line lines[ENDS];
    int devices[ENDS];
    int signals;                 // SIGINT and SIGTERM, to be read
    char typed[COMMAND_MAX + 1]; // a command that is not whole yet; too long for one, it is refused
    size_t typed_len;
    bool is_ended;
    uint8_t packet[PACKET_MAX];
};

static uint64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void answer(struct wire *wire, const char *text)
{
    switch (command_run(wire->lines, text)) {
    case ANSWER_DONE:
        (void)puts("done");
        break;
    case ANSWER_COUNTS:
        command_write_counts(stdout, wire->lines);
        break;
    case ANSWER_END:
        wire->is_ended = true;
        break;
    case ANSWER_REFUSED:
        (void)printf("refused: %s\n", text);
        break;
    }
    (void)fflush(stdout);
}

static void hear(struct wire *wire)
{
    char bytes[256];
    const ssize_t len = read(STDIN_FILENO, bytes, sizeof bytes);
    if (len < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    wire->is_ended |= len <= 0;
    for (ssize_t i = 0; i < len; i++) {
        if (bytes[i] == '\n') {
            wire->typed[wire->typed_len] = '\0';
            wire->typed_len = 0;
            answer(wire, wire->typed);
        } else if (wire->typed_len < COMMAND_MAX) {
            wire->typed[wire->typed_len++] = bytes[i];
        }
    }
}

// What the system sends at that end. Returns false when the device is gone.
static bool take_in(struct wire *wire, int end)
{
    for (int i = 0; i < BURST; i++) {
        const ssize_t len = read(wire->devices[end], wire->packet, PACKET_MAX);
        if (len < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        line_put(&wire->lines[end], wire->packet, (size_t)len, now_us());
    }
    return true;
}

static void hand_out(struct wire *wire, int end)
{
    struct packet *packet;
    while ((packet = line_take(&wire->lines[end], now_us())) != NULL) {
        // A device that is not up refuses; to the sender that is a loss like any other.
        const ssize_t written = write(wire->devices[1 - end], packet->bytes, packet->len);
        (void)written;
        free(packet);
    }
}

static bool wait_for_more(struct wire *wire)
{
    struct pollfd fds[] = {
        {.fd = wire->devices[0], .events = POLLIN},
        {.fd = wire->devices[1], .events = POLLIN},
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = wire->signals, .events = POLLIN},
    };
    const uint64_t a_us = line_deadline_us(&wire->lines[0]);
    const uint64_t b_us = line_deadline_us(&wire->lines[1]);
    const uint64_t next_us = a_us < b_us ? a_us : b_us;
    const uint64_t now = now_us();
    const uint64_t pause_us = next_us > now ? next_us - now : 0;
    const struct timespec pause = {(time_t)(pause_us / 1000000), (long)(pause_us % 1000000) * 1000};
    if (ppoll(fds, sizeof fds / sizeof *fds, next_us == UINT64_MAX ? NULL : &pause, NULL) < 0) {
        return errno == EINTR;
    }
    wire->is_ended = fds[3].revents != 0;
    if (fds[2].revents != 0) {
        hear(wire);
    }
    for (int end = 0; end < ENDS; end++) {
        if (fds[end].revents != 0 && !take_in(wire, end)) {
            return false;
        }
    }
    return true;
}

static int run(struct wire *wire)
{
    bool is_good = true;
    while (is_good && !wire->is_ended) {
        is_good = wait_for_more(wire);
        hand_out(wire, 0);
        hand_out(wire, 1);
    }
    if (!is_good) {
        (void)fprintf(stderr, "sitrep-wire: a device: %s\n", strerror(errno));
    }
    command_write_counts(stdout, wire->lines);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

struct options {
    const char *netns[ENDS];
    const char *device;
    uint64_t seed;
};

static bool read_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"a", required_argument, NULL, 'a'},
        {"b", required_argument, NULL, 'b'},
        {"device", required_argument, NULL, 'd'},
        {"seed", required_argument, NULL, 's'},
        {NULL, 0, NULL, 0},
    };
    *options = (struct options){.device = "wire", .seed = now_us()};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (option) {
        case 'a':
        case 'b':
            options->netns[option - 'a'] = optarg;
            break;
        case 'd':
            options->device = optarg;
            break;
        case 's':
            options->seed = strtoull(optarg, NULL, 10);
            break;
        default:
            return false;
        }
    }
    return options->netns[0] != NULL && options->netns[1] != NULL;
}

static int open_signals(void)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

static int begin(struct wire *wire, const struct options *options, char *const *commands)
{
    for (int end = 0; end < ENDS; end++) {
        line_init(&wire->lines[end], options->seed + (uint64_t)end);
    }
    for (; *commands != NULL; commands++) {
        if (command_run(wire->lines, *commands) != ANSWER_DONE) {
            (void)fprintf(stderr, "sitrep-wire: refused: %s\n", *commands);
            return 2;
        }
    }
    for (int end = 0; end < ENDS; end++) {
        wire->devices[end] = tun_open(options->netns[end], options->device);
        if (wire->devices[end] < 0) {
            (void)fprintf(stderr, "sitrep-wire: %s in %s: %s\n", options->device,
                          options->netns[end], strerror(errno));
            return EXIT_FAILURE;
        }
    }
    wire->signals = open_signals();
    (void)printf("seed %" PRIu64 "\n", options->seed);
    (void)fflush(stdout);
    return run(wire);
}

int main(int argc, char **argv)
{
    struct options options;
    if (!read_options(&options, argc, argv)) {
        (void)fprintf(stderr,
                      "usage: %s --a NETNS --b NETNS [--device NAME] [--seed N] "
                      "[COMMAND...]\n",
                      argv[0]);
        return 2;
    }
    struct wire *wire = calloc(1, sizeof *wire);
    if (wire == NULL) {
        return EXIT_FAILURE;
    }
    const int code = begin(wire, &options, argv + optind);
    line_fini(&wire->lines[0]);
    line_fini(&wire->lines[1]);
    free(wire);
    return code;
}
