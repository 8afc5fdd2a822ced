// SPDX-License-Identifier: EUPL-1.2
// How patient one connection is that was told nothing: briskly given up, then waited for, and brisk
// again where the line has shown itself good. That a thin line is met that way is shown on one, by
// tests/e2e/34-thinnest-lines.sh.
#include <fcntl.h>
#include <netinet/tcp.h>

#include "federation.h"
#include "transport/state.h"

enum { WAIT_MS = 20000, FILLERS = 8, DESCRIPTORS = 1024 };

struct trial {
    struct hub hub;
    struct line line;
    struct federation federation; // for keys and a port
};

static void begin(struct trial *trial)
{
    *trial = (struct trial){.line = {.is_open = false}};
    found(&trial->federation, 2);
    const struct member_node *self = &trial->federation.nodes[0];
    assert_int_equal(hub_open(&trial->hub, self->public_key, self->secret_key), ERR_OK);
}

static void finish(struct trial *trial)
{
    line_close(&trial->hub, &trial->line);
    hub_close(&trial->hub);
}

static void open_line(struct trial *trial)
{
    const struct member_node *other = &trial->federation.nodes[1];
    line_open(&trial->hub, &trial->line, SYNC_CLIENT, other->sync, other->public_key);
    assert_true(trial->line.is_open);
}

// Until it is up, closed, or to be given up; how long that took, in ms.
static uint64_t await_change(struct trial *trial)
{
    struct line *line = &trial->line;
    const uint64_t start_ms = hub_now_ms();
    while (line->is_open && !line->is_up && !line_is_refused(line)) {
        assert_true(hub_now_ms() < start_ms + WAIT_MS);
        hub_wait(&trial->hub, NULL, NULL, 0, 20);
        hub_set_ready(&trial->hub, &line->socket.monitor);
        (void)line_serve(&trial->hub, line, hub_now_ms());
    }
    return hub_now_ms() - start_ms;
}

static struct sockaddr_in address_of(const struct trial *trial)
{
    const char *port = strrchr(trial->federation.nodes[1].sync, ':') + 1;
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

// Takes connections and says nothing.
static int listen_mutely(const struct trial *trial, int backlog)
{
    const struct sockaddr_in address = address_of(trial);
    const int yes = 1;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, backlog), 0);
    return fd;
}

// Speaks CURVE with the other node's keys, and lets everybody in. A listener that is there already
// is taken over, with who waits at it; else -1.
static struct client serve(const struct trial *trial, int listener)
{
    const struct member_node *other = &trial->federation.nodes[1];
    struct client server = {.context = zmq_ctx_new()};
    server.socket = zmq_socket(server.context, ZMQ_ROUTER);
    set_int(server.socket, ZMQ_LINGER, 0);
    set_int(server.socket, ZMQ_USE_FD, listener);
    set_int(server.socket, ZMQ_CURVE_SERVER, 1);
    zmq_setsockopt(server.socket, ZMQ_CURVE_SECRETKEY, other->secret_key, BOX_KEY_LEN);
    assert_int_equal(zmq_bind(server.socket, other->sync), 0);
    return server;
}

static void wait_longer_for_a_handshake(void **state)
{
    (void)state;
    struct trial trial;
    struct line *line = &trial.line;
    begin(&trial);
    const int mute = listen_mutely(&trial, 16);
    open_line(&trial);
    assert_false(line->is_patient);
    const uint64_t took_ms = await_change(&trial);
    assert_true(took_ms >= (uint64_t)socket_patience(false)->handshake_ms - 500);
    assert_false(line->is_open);
    assert_int_equal(line->handshakes_failed, 1);
    assert_int_equal(line->turned_away, 0); // another key would not have helped
    assert_int_equal(close(mute), 0);

    // The other end is there again, and the line is a good one after all.
    struct client server = serve(&trial, -1);
    open_line(&trial);
    assert_true(line->is_patient);
    await_change(&trial);
    assert_false(line->is_open);
    assert_int_equal(line->handshakes, 0);
    assert_true(line->retry_at_ms <= hub_now_ms());
    open_line(&trial);
    assert_false(line->is_patient);
    await_change(&trial);
    assert_true(line->is_up);
    assert_int_equal(line->handshakes, 1);

    // Who is told of a thin line goes by that.
    line_close(&trial.hub, line);
    line->is_thin = true;
    open_line(&trial);
    assert_true(line->is_patient);
    await_change(&trial);
    assert_true(line->is_up);
    finish(&trial);
    client_close(&server);
}

static int option_of(int fd, int name)
{
    int value = 0;
    socklen_t size = sizeof value;
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, name, &value, &size), 0);
    return value;
}

// Two round trips of more than half a second: what is lost there needs more time to come.
static void be_patient_on_a_far_line(void **state)
{
    (void)state;
    struct trial trial;
    struct line *line = &trial.line;
    begin(&trial);
    const int mute = listen_mutely(&trial, 16);
    open_line(&trial);
    assert_false(line->is_patient);
    const uint64_t start_ms = hub_now_ms();
    while (hub_now_ms() < start_ms + 1500) {
        hub_wait(&trial.hub, NULL, NULL, 0, 20);
        hub_set_ready(&trial.hub, &line->socket.monitor);
        (void)line_serve(&trial.hub, line, hub_now_ms());
    }
    struct client server = serve(&trial, mute);
    await_change(&trial);
    assert_true(line->is_up);
    assert_true(line->is_patient);
    assert_int_equal(option_of(line->meter.fd, TCP_USER_TIMEOUT), PATIENT_UNACKNOWLEDGED_MS);
    finish(&trial);
    client_close(&server);
}

static bool is_accepted_at(int fd, in_port_t port)
{
    struct sockaddr_in here = {0};
    struct sockaddr_in there = {0};
    socklen_t here_size = sizeof here;
    socklen_t there_size = sizeof there;
    return getsockname(fd, (struct sockaddr *)&here, &here_size) == 0 &&
           getpeername(fd, (struct sockaddr *)&there, &there_size) == 0 && here.sin_port == port;
}

// How many connections this process has accepted there; each has to be patient.
static int served_patiently(const char *address)
{
    const in_port_t port = htons((uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10));
    int count = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        if (is_accepted_at(fd, port)) {
            assert_int_equal(option_of(fd, TCP_USER_TIMEOUT), PATIENT_UNACKNOWLEDGED_MS);
            assert_int_equal(option_of(fd, TCP_THIN_LINEAR_TIMEOUTS), 1);
            assert_int_equal(option_of(fd, TCP_KEEPIDLE), socket_patience(true)->idle_s);
            count++;
        }
    }
    return count;
}

static void restart_servers(struct member_node *node)
{
    node->transport->sync.must_reopen = true;
    node->transport->live.must_reopen = true;
}

// Who serves waits for what is lost, whatever line it is, on both planes.
static void be_patient_with_whoever_opened_it(void **state)
{
    (void)state;
    struct federation federation;
    found(&federation, 2);
    start(&federation, 0);
    start(&federation, 1);
    const struct member_node *nodes = federation.nodes;
    AWAIT(&federation, served_patiently(nodes[0].sync) + served_patiently(nodes[1].sync) > 0);
    AWAIT(&federation, served_patiently(nodes[0].live) > 0 && served_patiently(nodes[1].live) > 0);
    // Also after the address was opened again.
    restart_servers(&federation.nodes[0]);
    AWAIT(&federation, served_patiently(nodes[0].live) == 0);
    AWAIT(&federation, served_patiently(nodes[0].live) > 0);
    end(&federation);
}

static void wait_longer_for_tcp(void **state)
{
    (void)state;
    struct trial trial;
    struct line *line = &trial.line;
    int fillers[FILLERS];
    begin(&trial);
    // A listener with no room left drops what would connect.
    const int full = listen_mutely(&trial, 0);
    const struct sockaddr_in address = address_of(&trial);
    for (size_t i = 0; i < FILLERS; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (const struct sockaddr *)&address, sizeof address);
    }
    open_line(&trial);
    assert_false(line->is_patient);
    const uint64_t took_ms = await_change(&trial);
    assert_true(took_ms >= 2 * (uint64_t)socket_patience(false)->connect_ms - 500);
    assert_true(line_is_refused(line));
    assert_true(line->is_late);
    line_close(&trial.hub, line);
    open_line(&trial);
    assert_true(line->is_patient);
    finish(&trial);
    for (size_t i = 0; i < FILLERS; i++) {
        assert_int_equal(close(fillers[i]), 0);
    }
    assert_int_equal(close(full), 0);
}

static void stay_brisk_where_nobody_listens(void **state)
{
    (void)state;
    struct trial trial;
    begin(&trial);
    open_line(&trial);
    await_change(&trial);
    assert_true(line_is_refused(&trial.line));
    assert_false(trial.line.is_late);
    line_close(&trial.hub, &trial.line);
    open_line(&trial);
    assert_false(trial.line.is_patient);
    finish(&trial);
}

// As if nothing had come since long ago, also when a greeting comes just now.
static bool has_fallen_silent(struct federation *federation, struct peer *peer, uint64_t downs)
{
    if (federation->nodes[0].downs[1] > downs) {
        return true;
    }
    peer->sync.heard_ms = hub_now_ms() - SILENCE_MAX_MS - 1;
    return false;
}

// While TCP sees nothing wrong.
static void give_up_a_silent_connection(void **state)
{
    (void)state;
    struct federation federation;
    found(&federation, 2);
    start(&federation, 0);
    start(&federation, 1);
    AWAIT(&federation, is_up(&federation, 0, 1) && is_up(&federation, 1, 0));
    struct peer *peer = federation.nodes[0].transport->peers[1];
    assert_true(peer->sync.is_up);
    // Where both connected at once, one of the two connections took the other's place.
    const uint64_t downs = federation.nodes[0].downs[1];
    struct transport_link before;
    struct transport_link link;
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 1, &before), ERR_OK);
    AWAIT(&federation, has_fallen_silent(&federation, peer, downs));
    AWAIT(&federation, is_up(&federation, 0, 1) && is_up(&federation, 1, 0));
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 1, &link), ERR_OK);
    assert_true(link.reconnects > before.reconnects);
    end(&federation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wait_longer_for_a_handshake),
        cmocka_unit_test(be_patient_on_a_far_line),
        cmocka_unit_test(be_patient_with_whoever_opened_it),
        cmocka_unit_test(wait_longer_for_tcp),
        cmocka_unit_test(stay_brisk_where_nobody_listens),
        cmocka_unit_test(give_up_a_silent_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
