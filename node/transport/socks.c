// SPDX-License-Identifier: EUPL-1.2
// The client's side of SOCKS5, up to the moment at which the connection is there. Carries nothing
// over it.
#include "transport/socks.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "transport/hub.h"

enum { VERSION = 5, LOGIN_VERSION = 1 };
enum { METHOD_NONE = 0, METHOD_LOGIN = 2, METHOD_NO_GOOD = 255 };
enum { COMMAND_CONNECT = 1 };
enum { ADDRESS_IPV4 = 1, ADDRESS_NAME = 3, ADDRESS_IPV6 = 4 };
enum { REPLY_DONE = 0, REPLY_NOT_ALLOWED = 2, REPLY_NO_SUCH_COMMAND = 7, REPLY_NO_SUCH_ADDRESS };
enum { QUESTION_MAX = 4 + 1 + SOCKS_TEXT_MAX + 2 };

// What a patient connection waits for; the proxy may be at the far end of a thin line.
enum { UNACKNOWLEDGED_MS = 120000, IDLE_S = 90, INTERVAL_S = 15, PROBES = 4 };

struct dial {
    int fd;
    int stop_fd;
    uint64_t deadline_ms;
    bool is_stopped;
    enum link_trouble trouble; // the first one
};

// -- addresses --

// Splits HOST:PORT; false when it is none.
static bool split(const char *text, char host[static ENDPOINT_MAX_LEN + 1], char port[static 6])
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || strlen(colon + 1) < 1 || strlen(colon + 1) > 5 ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1)) {
        return false;
    }
    const bool is_bracketed = text[0] == '[' && colon[-1] == ']';
    const char *begin = text + is_bracketed;
    const size_t len = (size_t)(colon - begin) - is_bracketed;
    const unsigned long number = strtoul(colon + 1, NULL, 10);
    if (len == 0 || len > ENDPOINT_MAX_LEN || number < 1 || number > 65535) {
        return false;
    }
    memcpy(host, begin, len);
    host[len] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return true;
}

bool socks_read_address(struct socks_proxy *proxy, const char *text)
{
    return split(text, proxy->host, proxy->port);
}

// -- bytes, as long as there is time --

static enum link_trouble fail(struct dial *dial, enum link_trouble trouble)
{
    if (dial->trouble == LINK_NO_TROUBLE && !dial->is_stopped) {
        dial->trouble = trouble;
    }
    return dial->trouble;
}

// False when time is up or somebody said stop.
static bool await(struct dial *dial, short events)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = dial->fd, .events = events},
                               {.fd = dial->stop_fd, .events = POLLIN}};
        const uint64_t now_ms = hub_now_ms();
        const uint64_t left_ms = dial->deadline_ms > now_ms ? dial->deadline_ms - now_ms : 0;
        const int count = poll(fds, 2, (int)left_ms);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        dial->is_stopped |= count > 0 && fds[1].revents != 0;
        return count > 0 && !dial->is_stopped;
    }
}

static bool say(struct dial *dial, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t sent = send(dial->fd, bytes, len, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes += sent;
            len -= (size_t)sent;
        } else if (errno != EAGAIN && errno != EINTR) {
            fail(dial, LINK_PROXY_HANGS_UP);
            return false;
        } else if (!await(dial, POLLOUT)) {
            fail(dial, LINK_PROXY_SILENT);
            return false;
        }
    }
    return true;
}

// Exactly `len` bytes: what comes behind the last answer is the other node's.
static bool hear(struct dial *dial, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t got = recv(dial->fd, bytes, len, 0);
        if (got > 0) {
            bytes += got;
            len -= (size_t)got;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            fail(dial, LINK_PROXY_HANGS_UP);
            return false;
        } else if (!await(dial, POLLIN)) {
            fail(dial, LINK_PROXY_SILENT);
            return false;
        }
    }
    return true;
}

// -- reaching the proxy --

static bool connect_one(struct dial *dial, const struct addrinfo *address)
{
    int error = 0;
    socklen_t len = sizeof error;
    dial->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (dial->fd >= 0 &&
        (connect(dial->fd, address->ai_addr, address->ai_addrlen) == 0 ||
         (errno == EINPROGRESS && await(dial, POLLOUT) &&
          getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0))) {
        return true;
    }
    if (dial->fd >= 0) {
        (void)close(dial->fd);
    }
    dial->fd = -1;
    return false;
}

static void tune(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, INTERVAL_S},
        {IPPROTO_TCP, TCP_KEEPCNT, PROBES},
        {IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1},
        // Only takes more when all it had was sent: what waits in it nothing can overtake.
        {IPPROTO_TCP, TCP_NOTSENT_LOWAT, 1},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                         sizeof options[i].value);
    }
}

static bool reach(struct dial *dial, const struct socks_proxy *proxy)
{
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    if (getaddrinfo(proxy->host, proxy->port, &wanted, &addresses) != 0) {
        fail(dial, LINK_PROXY_UNKNOWN);
        return false;
    }
    dial->deadline_ms = hub_now_ms() + proxy->reach_ms;
    for (const struct addrinfo *at = addresses; at != NULL && dial->fd < 0 && !dial->is_stopped;
         at = at->ai_next) {
        (void)connect_one(dial, at);
    }
    freeaddrinfo(addresses);
    if (dial->fd < 0) {
        fail(dial, LINK_PROXY_UNREACHABLE);
        return false;
    }
    tune(dial->fd);
    dial->deadline_ms = hub_now_ms() + proxy->answer_ms;
    return true;
}

// -- the dialogue --

static bool log_in(struct dial *dial, const struct socks_proxy *proxy)
{
    uint8_t bytes[3 + 2 * SOCKS_TEXT_MAX];
    const size_t user_len = strlen(proxy->user);
    const size_t password_len = strlen(proxy->password);
    bytes[0] = LOGIN_VERSION;
    bytes[1] = (uint8_t)user_len;
    memcpy(bytes + 2, proxy->user, user_len);
    bytes[2 + user_len] = (uint8_t)password_len;
    memcpy(bytes + 3 + user_len, proxy->password, password_len);
    const bool is_said = say(dial, bytes, 3 + user_len + password_len);
    sodium_memzero(bytes, sizeof bytes);

    uint8_t answer[2];
    if (!is_said || !hear(dial, answer, sizeof answer)) {
        return false;
    }
    if (answer[0] != LOGIN_VERSION || answer[1] != 0) {
        fail(dial, LINK_PROXY_LOGIN_REFUSED);
        return false;
    }
    return true;
}

static bool greet(struct dial *dial, const struct socks_proxy *proxy)
{
    const bool has_login = proxy->user[0] != '\0';
    const uint8_t greeting[] = {VERSION, has_login ? 2 : 1, METHOD_NONE, METHOD_LOGIN};
    uint8_t choice[2];
    if (!say(dial, greeting, has_login ? 4 : 3) || !hear(dial, choice, sizeof choice)) {
        return false;
    }
    if (choice[0] != VERSION) {
        fail(dial, LINK_PROXY_FOREIGN);
        return false;
    }
    if (choice[1] == METHOD_LOGIN && has_login) {
        return log_in(dial, proxy);
    }
    if (choice[1] != METHOD_NONE) {
        fail(dial, has_login ? LINK_PROXY_LOGIN_REFUSED : LINK_PROXY_WANTS_LOGIN);
        return false;
    }
    return true;
}

static size_t write_request(uint8_t request[static QUESTION_MAX], const char *host,
                            const char *port)
{
    const size_t name_len = strnlen(host, SOCKS_TEXT_MAX);
    const unsigned long number = strtoul(port, NULL, 10);
    size_t len = 3;
    static_assert((int)ENDPOINT_MAX_LEN <= (int)SOCKS_TEXT_MAX, "a name's length is one byte");
    memcpy(request, (uint8_t[]){VERSION, COMMAND_CONNECT, 0}, 3);
    if (inet_pton(AF_INET, host, request + len + 1) == 1) {
        request[len] = ADDRESS_IPV4;
        len += 1 + sizeof(struct in_addr);
    } else if (inet_pton(AF_INET6, host, request + len + 1) == 1) {
        request[len] = ADDRESS_IPV6;
        len += 1 + sizeof(struct in6_addr);
    } else {
        request[len] = ADDRESS_NAME;
        request[len + 1] = (uint8_t)name_len;
        memcpy(request + len + 2, host, name_len);
        len += 2 + name_len;
    }
    request[len] = (uint8_t)(number >> 8);
    request[len + 1] = (uint8_t)number;
    return len + 2;
}

static enum link_trouble trouble_of(uint8_t reply)
{
    switch (reply) {
    case REPLY_NOT_ALLOWED:
        return LINK_PROXY_FORBIDS;
    case REPLY_NO_SUCH_COMMAND:
    case REPLY_NO_SUCH_ADDRESS:
        return LINK_PROXY_CANNOT;
    default:
        return LINK_PROXY_NO_WAY;
    }
}

// The address the proxy connects from, which nobody needs.
static bool pass_over_address(struct dial *dial, uint8_t type)
{
    uint8_t address[SOCKS_TEXT_MAX + 2];
    uint8_t len = sizeof(struct in_addr);
    if (type == ADDRESS_IPV6) {
        len = sizeof(struct in6_addr);
    } else if (type == ADDRESS_NAME) {
        if (!hear(dial, &len, 1)) {
            return false;
        }
    } else if (type != ADDRESS_IPV4) {
        fail(dial, LINK_PROXY_FOREIGN);
        return false;
    }
    return hear(dial, address, (size_t)len + 2);
}

static bool ask(struct dial *dial, const char *host, const char *port)
{
    uint8_t request[QUESTION_MAX];
    uint8_t reply[4];
    if (!say(dial, request, write_request(request, host, port)) ||
        !hear(dial, reply, sizeof reply)) {
        return false;
    }
    if (reply[0] != VERSION) {
        fail(dial, LINK_PROXY_FOREIGN);
        return false;
    }
    if (reply[1] != REPLY_DONE) {
        fail(dial, trouble_of(reply[1]));
        return false;
    }
    return pass_over_address(dial, reply[3]);
}

int socks_dial(const struct socks_proxy *proxy, const char *endpoint, int stop_fd,
               enum link_trouble *trouble)
{
    static const char scheme[] = "tcp://";
    char host[ENDPOINT_MAX_LEN + 1];
    char port[6];
    struct dial dial = {.fd = -1, .stop_fd = stop_fd, .trouble = LINK_NO_TROUBLE};
    assert(strncmp(endpoint, scheme, sizeof scheme - 1) == 0);
    if (!split(endpoint + sizeof scheme - 1, host, port)) {
        fail(&dial, LINK_PROXY_CANNOT);
    } else if (reach(&dial, proxy) && greet(&dial, proxy) && ask(&dial, host, port)) {
        *trouble = LINK_NO_TROUBLE;
        return dial.fd;
    }
    if (dial.fd >= 0) {
        (void)close(dial.fd);
    }
    *trouble = dial.trouble;
    return -1;
}
