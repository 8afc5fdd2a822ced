// SPDX-License-Identifier: EUPL-1.2
// Connections below ZeroMQ, by nobody: noise, announcements of giants, silence.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostile.h"

static int connect_raw(const char *endpoint)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    char host[ENDPOINT_MAX_LEN + 1];
    const char *colon = strrchr(endpoint, ':');
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - endpoint - 6), endpoint + 6);
    to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || inet_pton(AF_INET, host, &to.sin_addr) != 1) {
        give_up("no socket");
    }
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool push(int fd, const void *bytes, size_t len)
{
    return send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

// A greeting of ZMTP with that major version.
static bool push_greeting(int fd, uint8_t major, const char *mechanism)
{
    uint8_t greeting[64] = {[0] = 0xff, [9] = 0x7f, [10] = major};
    memcpy(greeting + 12, mechanism, strlen(mechanism));
    return push(fd, greeting, sizeof greeting);
}

// Ways to begin, each followed by bytes that mean nothing.
static void push_garbage(int fd, size_t way)
{
    uint8_t bytes[3000];
    uint8_t hello[200] = {0};
    size_t len = 1 + below(sizeof bytes);
    bool goes_on = true;
    fill(bytes, sizeof bytes);
    switch (way % 9) {
    case 0:
        break;
    case 1:
        goes_on = push_greeting(fd, 3, "CURVE");
        break;
    case 2:
        goes_on = push_greeting(fd, 3, "NULL") && push(fd, "\x04\x05READY", 7);
        break;
    case 3:
        goes_on = push_greeting(fd, (uint8_t)below(256), "PLAIN");
        break;
    case 4: // a HELLO of the right size, and nothing right in it
        memcpy(hello, "\x05HELLO\x01\x00", 8);
        fill(hello + 80, sizeof hello - 80);
        goes_on = push_greeting(fd, 3, "CURVE") && push(fd, "\x04\xc8", 2) &&
                  push(fd, hello, sizeof hello);
        break;
    case 5: // a greeting cut short
        len = 0;
        goes_on = push(fd, "\xff\0\0\0\0\0\0\0\x01\x7f\x03", 1 + below(11));
        break;
    case 6:
        goes_on = push(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 36);
        break;
    case 7: // the first version: a length, flags, an identity
        goes_on = push(fd, "\x01\x00", 2);
        break;
    default: // the greeting byte by byte wrong
        goes_on = push(fd, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10);
        break;
    }
    if (goes_on) {
        (void)push(fd, bytes, len);
    }
}

static int garbage(const struct target *target, size_t count)
{
    size_t connected = 0;
    for (size_t i = 0; i < count; i++) {
        int fd = connect_raw(i % 2 == 0 ? target->sync : target->live);
        if (fd < 0) {
            continue;
        }
        connected++;
        push_garbage(fd, i / 2);
        struct pollfd closed = {.fd = fd, .events = POLLIN | POLLRDHUP};
        (void)poll(&closed, 1, (int)below(20));
        close(fd);
    }
    printf("{\"connected\":%zu}\n", connected);
    return connected > 0 ? 0 : 1;
}

// Announces far more than may come, and sends as much of it as is taken.
static uint64_t push_giant(int fd, size_t way)
{
    static const uint8_t chunk[64 * 1024];
    // Flags: 2 long, 4 command; then the length.
    const uint8_t message[9] = {0x02, 0, 0, 0, 2};
    const uint8_t command[9] = {0x06, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const uint8_t old[] = {0xff, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0x7f, 0x01};
    uint64_t sent = 0;
    ssize_t len = 0;
    bool goes_on = way % 4 == 3 ? push(fd, old, sizeof old) && push(fd, message, sizeof message)
                                : push_greeting(fd, 3, way % 4 == 2 ? "NULL" : "CURVE") &&
                                      push(fd, way % 2 == 0 ? message : command, 9);
    while (goes_on && sent < 256 * UINT64_C(1048576) &&
           (len = send(fd, chunk, sizeof chunk, MSG_NOSIGNAL)) > 0) {
        sent += (uint64_t)len;
    }
    return sent;
}

static int giants(const struct target *target, size_t rounds)
{
    enum { AT_ONCE = 4 };
    uint64_t most = 0;
    for (size_t round = 0; round < rounds; round++) {
        int fds[AT_ONCE];
        for (size_t i = 0; i < AT_ONCE; i++) {
            fds[i] = connect_raw((round + i) % 2 == 0 ? target->sync : target->live);
        }
        for (size_t i = 0; i < AT_ONCE; i++) {
            uint64_t sent = fds[i] < 0 ? 0 : push_giant(fds[i], round / 2 + i);
            most = sent > most ? sent : most;
        }
        for (size_t i = 0; i < AT_ONCE; i++) {
            (void)close(fds[i]); // -1 does no harm
        }
    }
    printf("{\"most_sent\":%llu}\n", (unsigned long long)most);
    return 0;
}

// Holds the connections until it is ended; half of them have begun a greeting.
static int idle(const struct target *target, size_t count)
{
    size_t connected = 0;
    for (size_t i = 0; i < count; i++) {
        int fd = connect_raw(i % 2 == 0 ? target->sync : target->live);
        connected += fd >= 0;
        if (fd >= 0 && i % 4 >= 2) {
            (void)push(fd, "\xff\0\0\0\0\0\0\0\x01\x7f\x03", 11);
        }
    }
    printf("{\"connected\":%zu}\n", connected);
    fflush(stdout);
    pause();
    return 0;
}

int main(int argc, char **argv)
{
    static struct aim aim;
    take_aim(&aim, argc, argv);
    if (strcmp(argv[1], "garbage") == 0) {
        return garbage(&aim.target, aim.count);
    }
    if (strcmp(argv[1], "giants") == 0) {
        return giants(&aim.target, aim.count);
    }
    if (strcmp(argv[1], "idle") == 0) {
        return idle(&aim.target, aim.count);
    }
    return 2;
}
