// SPDX-License-Identifier: EUPL-1.2
// Connections through a SOCKS5 proxy: what is said, what each answer means, and the bytes carried
// then. The proxy is a thread that follows a script.
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "transport/tunnel.h"

struct turn {
    const char *heard; // so many bytes, and these
    size_t heard_len;
    const char *said;
    size_t said_len;
};
#define TURN(heard, said)                                                                          \
    {                                                                                              \
        heard, sizeof heard - 1, said, sizeof said - 1                                             \
    }

enum { TURNS_MAX = 4 };
struct script {
    struct turn turns[TURNS_MAX]; // until one hears nothing
    bool is_bytewise;             // says one byte at a time
    bool is_echo;                 // behind the script; else it waits to be left
    int listener;
    char port[6];
    pthread_t thread;
};

static void say_all(const struct script *script, int fd, const char *bytes, size_t len)
{
    const size_t step = script->is_bytewise ? 1 : len;
    for (size_t at = 0; at < len; at += step) {
        (void)!send(fd, bytes + at, step, MSG_NOSIGNAL);
    }
}

static void hear_all(int fd, const char *wanted, size_t len)
{
    char heard[512];
    assert_true(len <= sizeof heard);
    assert_int_equal(recv(fd, heard, len, MSG_WAITALL), len);
    assert_memory_equal(heard, wanted, len);
}

static void echo(int fd)
{
    char bytes[4096];
    ssize_t len;
    while ((len = recv(fd, bytes, sizeof bytes, 0)) > 0) {
        for (ssize_t at = 0; at < len;) {
            at += send(fd, bytes + at, (size_t)(len - at), MSG_NOSIGNAL);
        }
    }
}

static void *follow(void *argument)
{
    struct script *script = argument;
    const int fd = accept(script->listener, NULL, NULL);
    assert_true(fd >= 0);
    for (size_t i = 0; i < TURNS_MAX && script->turns[i].heard_len > 0; i++) {
        const struct turn *turn = &script->turns[i];
        hear_all(fd, turn->heard, turn->heard_len);
        say_all(script, fd, turn->said, turn->said_len);
    }
    if (script->is_echo) {
        echo(fd);
    } else {
        char byte;
        (void)!recv(fd, &byte, 1, 0);
    }
    close(fd);
    return NULL;
}

static int listen_anywhere(char port[static 6])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(port, 6, "%d", ntohs(address.sin_port));
    return fd;
}

static void begin(struct script *script)
{
    script->listener = listen_anywhere(script->port);
    assert_int_equal(pthread_create(&script->thread, NULL, follow, script), 0);
}

static void end(struct script *script)
{
    assert_int_equal(pthread_join(script->thread, NULL), 0);
    close(script->listener);
}

static struct socks_proxy proxy_at(const char *port, const char *user, const char *password)
{
    struct socks_proxy proxy = {.reach_ms = 5000, .answer_ms = 200};
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%s", port);
    assert_true(socks_read_address(&proxy, address));
    snprintf(proxy.user, sizeof proxy.user, "%s", user);
    snprintf(proxy.password, sizeof proxy.password, "%s", password);
    return proxy;
}

#define GREETING "\5\1\0"
#define GREETING_LOGIN "\5\2\0\2"
#define REQUEST "\5\1\0\3\12host.local\x16\x26" // host.local:5670
#define DONE "\5\0\0\1\177\0\0\1\1\1"

static enum link_trouble dial(struct script *script, const char *user, const char *endpoint)
{
    enum link_trouble trouble;
    const int stop_fd = eventfd(0, EFD_CLOEXEC);
    begin(script);
    const struct socks_proxy proxy = proxy_at(script->port, user, "secret");
    const int fd = socks_dial(&proxy, endpoint, stop_fd, &trouble);
    assert_int_equal(fd >= 0, trouble == LINK_NO_TROUBLE);
    if (fd >= 0) {
        close(fd);
    }
    end(script);
    close(stop_fd);
    return trouble;
}

static void every_answer_has_its_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *user;
        struct turn turns[TURNS_MAX];
        enum link_trouble trouble;
    } rows[] = {
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, DONE)}, LINK_NO_TROUBLE},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "\5\0\0\3\2ab\1\1")}, LINK_NO_TROUBLE},
        {"",
         {TURN(GREETING, "\5\0"), TURN(REQUEST, "\5\0\0\4" DONE "1234567890")},
         LINK_NO_TROUBLE},
        {"me", {TURN(GREETING_LOGIN, "\5\0"), TURN(REQUEST, DONE)}, LINK_NO_TROUBLE},
        {"me",
         {TURN(GREETING_LOGIN, "\5\2"), TURN("\1\2me\6secret", "\1\0"), TURN(REQUEST, DONE)},
         LINK_NO_TROUBLE},
        {"me",
         {TURN(GREETING_LOGIN, "\5\2"), TURN("\1\2me\6secret", "\1\1")},
         LINK_PROXY_LOGIN_REFUSED},
        {"me", {TURN(GREETING_LOGIN, "\5\377")}, LINK_PROXY_LOGIN_REFUSED},
        {"", {TURN(GREETING, "\5\377")}, LINK_PROXY_WANTS_LOGIN},
        {"", {TURN(GREETING, "\5\2")}, LINK_PROXY_WANTS_LOGIN},
        {"", {TURN(GREETING, "HTTP/1.1 400 Bad Request\r\n")}, LINK_PROXY_FOREIGN},
        {"", {TURN(GREETING, "\4\0")}, LINK_PROXY_FOREIGN},
        {"", {TURN(GREETING, "\5")}, LINK_PROXY_SILENT},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "")}, LINK_PROXY_SILENT},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "\5\0\0\3\377abc")}, LINK_PROXY_SILENT},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "\5\0\0\2\0\0\0\0\0\0")}, LINK_PROXY_FOREIGN},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "\4\0\0\1")}, LINK_PROXY_FOREIGN},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "\5\1\0\1")}, LINK_PROXY_NO_WAY},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "\5\2\0\1")}, LINK_PROXY_FORBIDS},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "\5\5\0\1")}, LINK_PROXY_NO_WAY},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "\5\10\0\1")}, LINK_PROXY_CANNOT},
        {"", {TURN(GREETING, "\5\0"), TURN(REQUEST, "\5\377\0\1")}, LINK_PROXY_NO_WAY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int bytewise = 0; bytewise < 2; bytewise++) {
            struct script script = {.is_bytewise = bytewise};
            memcpy(script.turns, rows[i].turns, sizeof script.turns);
            const enum link_trouble trouble = dial(&script, rows[i].user, "tcp://host.local:5670");
            if (trouble != rows[i].trouble) {
                fail_msg("row %zu: %s", i, link_trouble_text(trouble));
            }
        }
    }
}

static void addresses_go_as_numbers_and_names_as_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *endpoint;
        struct turn request;
    } rows[] = {
        {"tcp://10.1.2.3:65535", TURN("\5\1\0\1\12\1\2\3\377\377", DONE)},
        {"tcp://[2001:db8::7]:1", TURN("\5\1\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7\0\1", DONE)},
        {"tcp://x:80", TURN("\5\1\0\3\1x\0\x50", DONE)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script script = {.turns = {TURN(GREETING, "\5\0"), rows[i].request}};
        assert_int_equal(dial(&script, "", rows[i].endpoint), LINK_NO_TROUBLE);
    }
}

static void addresses_of_proxies_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *port;
    } rows[] = {
        {"proxy.example:1080", "proxy.example", "1080"},
        {"[::1]:9050", "::1", "9050"},
        {"10.0.0.1:1", "10.0.0.1", "1"},
    };
    static const char *const bad[] = {"",     "proxy",   "proxy:",  ":1080", "proxy:0",
                                      "[]:1", "p:65536", "p:1080 ", "p:-1",  "p:1x"};
    struct socks_proxy proxy;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(socks_read_address(&proxy, rows[i].text));
        assert_string_equal(proxy.host, rows[i].host);
        assert_string_equal(proxy.port, rows[i].port);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(socks_read_address(&proxy, bad[i]));
    }
}

static void a_proxy_that_is_not_there_is_told(void **state)
{
    (void)state;
    char port[6];
    enum link_trouble trouble;
    const int stop_fd = eventfd(0, EFD_CLOEXEC);
    close(listen_anywhere(port));
    struct socks_proxy proxy = proxy_at(port, "", "");
    assert_int_equal(socks_dial(&proxy, "tcp://x:1", stop_fd, &trouble), -1);
    assert_int_equal(trouble, LINK_PROXY_UNREACHABLE);
    strcpy(proxy.host, "no such name");
    assert_int_equal(socks_dial(&proxy, "tcp://x:1", stop_fd, &trouble), -1);
    assert_int_equal(trouble, LINK_PROXY_UNKNOWN);
    close(stop_fd);
}

// -- tunnels --

static int connect_near(const char *address)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const char *text = address + strlen("ipc://@");
    const size_t len = strlen(text);
    memcpy(name.sun_path + 1, text, len);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, size), 0);
    return fd;
}

static struct tunnel *open_tunnel(struct script *script, char address[static TUNNEL_ADDRESS_SIZE])
{
    begin(script);
    const struct socks_proxy proxy = proxy_at(script->port, "", "");
    struct tunnel *tunnel = tunnel_open(&proxy, "tcp://host.local:5670", address);
    assert_non_null(tunnel);
    return tunnel;
}

static struct script echoing = {.turns = {TURN(GREETING, "\5\0"), TURN(REQUEST, DONE)},
                                .is_echo = true};

// More than all buffers hold, each way at once.
static void a_tunnel_carries_both_ways(void **state)
{
    (void)state;
    enum { LEN = 4 * 1024 * 1024 };
    char address[TUNNEL_ADDRESS_SIZE];
    struct script script = echoing;
    struct tunnel *tunnel = open_tunnel(&script, address);
    const int fd = connect_near(address);
    uint8_t *sent = malloc(LEN);
    uint8_t *got = malloc(LEN);
    size_t sent_len = 0;
    size_t got_len = 0;
    randombytes_buf(sent, LEN);
    while (got_len < LEN) {
        struct pollfd poller = {fd, (short)(POLLIN | (sent_len < LEN ? POLLOUT : 0)), 0};
        assert_int_equal(poll(&poller, 1, 20000), 1);
        if ((poller.revents & POLLOUT) != 0) {
            const ssize_t len = send(fd, sent + sent_len, LEN - sent_len, MSG_DONTWAIT);
            sent_len += len > 0 ? (size_t)len : 0;
        }
        if ((poller.revents & POLLIN) != 0) {
            const ssize_t len = recv(fd, got + got_len, LEN - got_len, MSG_DONTWAIT);
            assert_true(len > 0);
            got_len += (size_t)len;
        }
    }
    assert_memory_equal(sent, got, LEN);
    assert_int_equal(tunnel_trouble(tunnel), LINK_NO_TROUBLE);
    close(fd);
    end(&script); // it is left
    tunnel_close(&tunnel);
    free(sent);
    free(got);
}

static void await_end(int fd)
{
    char byte;
    struct pollfd poller = {fd, POLLIN, 0};
    assert_int_equal(poll(&poller, 1, 20000), 1);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
}

static void a_tunnel_ends_with_its_trouble(void **state)
{
    (void)state;
    char address[TUNNEL_ADDRESS_SIZE];
    struct script script = {.turns = {TURN(GREETING, "\5\377")}};
    struct tunnel *tunnel = open_tunnel(&script, address);
    const int fd = connect_near(address);
    await_end(fd);
    assert_int_equal(tunnel_trouble(tunnel), LINK_PROXY_WANTS_LOGIN);
    close(fd);
    end(&script);
    tunnel_close(&tunnel);
}

static void a_closed_tunnel_leaves_the_proxy(void **state)
{
    (void)state;
    char address[TUNNEL_ADDRESS_SIZE];
    struct script script = echoing;
    struct tunnel *tunnel = open_tunnel(&script, address);
    const int fd = connect_near(address);
    char byte = 'x';
    assert_int_equal(send(fd, &byte, 1, 0), 1);
    assert_int_equal(recv(fd, &byte, 1, 0), 1);
    tunnel_close(&tunnel);
    assert_null(tunnel);
    await_end(fd);
    end(&script);
    close(fd);
}

// The proxy's login is this process's.
static void other_processes_are_hung_up_on(void **state)
{
    (void)state;
    char address[TUNNEL_ADDRESS_SIZE];
    struct script script = echoing;
    struct tunnel *tunnel = open_tunnel(&script, address);
    const pid_t child = fork();
    if (child == 0) {
        char byte;
        const int stranger = connect_near(address);
        _exit(recv(stranger, &byte, 1, 0) == 0 ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    char byte = 'x';
    const int fd = connect_near(address);
    assert_int_equal(send(fd, &byte, 1, 0), 1);
    assert_int_equal(recv(fd, &byte, 1, 0), 1);
    close(fd);
    end(&script);
    tunnel_close(&tunnel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_has_its_meaning),
        cmocka_unit_test(addresses_go_as_numbers_and_names_as_they_are),
        cmocka_unit_test(addresses_of_proxies_are_read),
        cmocka_unit_test(a_proxy_that_is_not_there_is_told),
        cmocka_unit_test(a_tunnel_carries_both_ways),
        cmocka_unit_test(a_tunnel_ends_with_its_trouble),
        cmocka_unit_test(a_closed_tunnel_leaves_the_proxy),
        cmocka_unit_test(other_processes_are_hung_up_on),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
