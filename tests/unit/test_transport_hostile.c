// SPDX-License-Identifier: EUPL-1.2
// Transports among strangers and misbehaving members: what they may not do, and that others do not
// feel it.
#include <errno.h>

#include "federation.h"

static struct federation federation;

// Nodes 0 and 1 run and are linked; node 2 is a member whose keys the tests use.
static int start_members(void **state)
{
    (void)state;
    found(&federation, 3);
    federation.roster_nodes[2].endpoints_count = 0;
    start(&federation, 0);
    start(&federation, 1);
    AWAIT(&federation, has_last(&federation, 0, 1, PLANE_SYNC, "hello") &&
                           has_last(&federation, 1, 0, PLANE_SYNC, "hello"));
    return 0;
}

static int end_members(void **state)
{
    (void)state;
    end(&federation);
    return 0;
}

// The two that run still talk, on both planes.
static void check_others_served(void)
{
    static int round;
    char text[32];
    snprintf(text, sizeof text, "still here %d", round++);
    AWAIT(&federation, is_up(&federation, 0, 1) && is_up(&federation, 1, 0));
    send_text(&federation, 0, 1, text);
    AWAIT(&federation, has_last(&federation, 1, 0, PLANE_SYNC, text));
    AWAIT(&federation,
          (publish(&federation, 0, text), has_last(&federation, 1, 0, PLANE_LIVE, text)));
}

// Neither plane gives anything to, or takes anything from, these keys or none.
static void check_shut_out(const uint8_t *public_key, const uint8_t *secret_key,
                           const uint8_t *server_key)
{
    struct client dealer = client_open(ZMQ_DEALER, public_key, secret_key, server_key);
    struct client subscriber = client_open(ZMQ_SUB, public_key, secret_key, server_key);
    zmq_setsockopt(subscriber.socket, ZMQ_SUBSCRIBE, "", 0);
    uint64_t frames = stats_of(&federation, 0).frames_in;
    uint64_t failed = stats_of(&federation, 0).handshakes_failed;
    client_connect(&dealer, federation.nodes[0].sync);
    AWAIT(&federation, stats_of(&federation, 0).handshakes_failed > failed);
    failed = stats_of(&federation, 0).handshakes_failed;
    client_connect(&subscriber, federation.nodes[0].live);
    AWAIT(&federation, stats_of(&federation, 0).handshakes_failed > failed);
    zmq_send(dealer.socket, "let me in", 9, ZMQ_DONTWAIT);
    check_others_served();
    assert_false(client_has(&dealer));
    assert_false(client_has(&subscriber));
    assert_int_equal(stats_of(&federation, 0).frames_in, frames);
    assert_int_equal(stats_of(&federation, 0).subscriptions_refused, 0);
    client_close(&dealer);
    client_close(&subscriber);
}

static void strangers_get_nothing(void **state)
{
    (void)state;
    uint8_t public_key[BOX_KEY_LEN];
    uint8_t secret_key[BOX_KEY_LEN];
    crypto_box_keypair(public_key, secret_key);
    uint64_t denied = stats_of(&federation, 0).denied;
    check_shut_out(public_key, secret_key, federation.nodes[0].public_key);
    assert_true(stats_of(&federation, 0).denied >= denied + 2);
}

static void our_own_key_gets_nothing(void **state)
{
    (void)state;
    const struct member_node *zero = &federation.nodes[0];
    uint64_t denied = stats_of(&federation, 0).denied;
    check_shut_out(zero->public_key, zero->secret_key, zero->public_key);
    assert_true(stats_of(&federation, 0).denied >= denied + 2);
}

static void clients_without_curve_get_nothing(void **state)
{
    (void)state;
    check_shut_out(NULL, NULL, NULL);
}

// The roster says another key than the one who listens there.
static void another_server_is_not_talked_to(void **state)
{
    (void)state;
    struct roster_node nodes[MEMBERS];
    memcpy(nodes, federation.roster_nodes, sizeof nodes);
    nodes[2].endpoints = &federation.endpoints[1];
    nodes[2].endpoints_count = 1;
    struct roster roster = federation.roster;
    roster.nodes = nodes;
    transport_set_roster(federation.nodes[0].transport, &roster);
    uint64_t failed = stats_of(&federation, 0).handshakes_failed;
    // Tried more than once, never up.
    AWAIT(&federation, stats_of(&federation, 0).handshakes_failed >= failed + 2);
    assert_int_equal(federation.nodes[0].ups[2], 0);
    check_others_served();
}

static void awaited_link(struct client *client, int type, size_t at)
{
    *client = client_of(&federation, type, 2, at);
    client_connect(client, federation.nodes[at].sync);
}

// Too large for us, too large for the decoder, too many frames, and none of it ends the link for
// long.
static void bad_messages_are_dropped(void **state)
{
    (void)state;
    static uint8_t bytes[256 * 1024];
    struct client client;
    awaited_link(&client, ZMQ_DEALER, 0);
    zmq_send(client.socket, "good", 4, 0);
    AWAIT(&federation, has_last(&federation, 0, 2, PLANE_SYNC, "good"));
    uint64_t frames = federation.nodes[0].frames[2][PLANE_SYNC];
    zmq_send(client.socket, bytes, MESSAGE_MAX + 1, 0);
    zmq_send(client.socket, "one", 3, ZMQ_SNDMORE);
    zmq_send(client.socket, "two", 3, 0);
    zmq_send(client.socket, "one", 3, ZMQ_SNDMORE);
    zmq_send(client.socket, "two", 3, ZMQ_SNDMORE);
    zmq_send(client.socket, "three", 5, 0);
    AWAIT(&federation, stats_of(&federation, 0).dropped_malformed == 3);
    assert_int_equal(federation.nodes[0].frames[2][PLANE_SYNC], frames);
    zmq_send(client.socket, bytes, sizeof bytes, 0);
    AWAIT(&federation, federation.nodes[0].downs[2] == 1);
    AWAIT(&federation, (zmq_send(client.socket, "better", 6, ZMQ_DONTWAIT),
                        has_last(&federation, 0, 2, PLANE_SYNC, "better")));
    check_others_served();
    client_close(&client);
}

// A client as a server, where node 2 would listen.
static struct client served_as_two(void)
{
    const struct member_node *two = &federation.nodes[2];
    struct client server = client_open(ZMQ_ROUTER, NULL, NULL, NULL);
    set_int(server.socket, ZMQ_CURVE_SERVER, 1);
    zmq_setsockopt(server.socket, ZMQ_CURVE_SECRETKEY, two->secret_key, BOX_KEY_LEN);
    assert_int_equal(zmq_bind(server.socket, two->sync), 0);
    return server;
}

// The same from a node we connect to.
static void links_recover_from_bad_servers(void **state)
{
    (void)state;
    static uint8_t bytes[256 * 1024];
    federation.roster_nodes[2].endpoints_count = 1;
    struct client server = served_as_two();
    transport_set_roster(federation.nodes[0].transport, &federation.roster);
    for (uint64_t round = 1; round <= 3; round++) {
        AWAIT(&federation, federation.nodes[0].ups[2] == round && client_has(&server));
        uint8_t id[16];
        char text[8];
        int id_len = zmq_recv(server.socket, id, sizeof id, 0);
        assert_true(id_len > 0);
        assert_int_equal(zmq_recv(server.socket, text, sizeof text, 0), 5); // its hello
        zmq_send(server.socket, id, (size_t)id_len, ZMQ_SNDMORE);
        zmq_send(server.socket, "fine", 4, 0);
        AWAIT(&federation, federation.nodes[0].frames[2][PLANE_SYNC] == round);
        zmq_send(server.socket, id, (size_t)id_len, ZMQ_SNDMORE);
        zmq_send(server.socket, bytes, sizeof bytes, 0);
        AWAIT(&federation, federation.nodes[0].downs[2] == round);
    }
    struct transport_link link;
    AWAIT(&federation, federation.nodes[0].ups[2] == 4);
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 2, &link), ERR_OK);
    assert_int_equal(link.reconnects, 3);
    client_close(&server);
}

// Names a member gives its connection mean nothing, and what it says under one is not heard.
static void routing_ids_redirect_nothing(void **state)
{
    (void)state;
    const char *names[] = {"node-1", "x", "\x7f\x01\x02\x03\x04", "a-name-of-more-than-five"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint64_t dropped = stats_of(&federation, 0).dropped_malformed;
        struct client client = client_of(&federation, ZMQ_DEALER, 2, 0);
        zmq_setsockopt(client.socket, ZMQ_ROUTING_ID, names[i], strlen(names[i]));
        client_connect(&client, federation.nodes[0].sync);
        zmq_send(client.socket, "squatting", 9, 0);
        AWAIT(&federation, stats_of(&federation, 0).dropped_malformed > dropped);
        assert_int_equal(federation.nodes[0].ups[2], 0);
        assert_int_equal(transport_send(federation.nodes[0].transport, 2, text_span("who?")),
                         ERR_NOT_FOUND);
        check_others_served();
        assert_false(client_has(&client));
        client_close(&client);
    }
}

// Two connections of one member: the answer goes to the newer one, which is another link; and the
// older one takes nothing with it when it is lost, nor is heard any more.
static void the_last_connection_is_answered(void **state)
{
    (void)state;
    struct client older;
    struct client newer;
    awaited_link(&older, ZMQ_DEALER, 0);
    zmq_send(older.socket, "older", 5, 0);
    AWAIT(&federation, has_last(&federation, 0, 2, PLANE_SYNC, "older"));
    awaited_link(&newer, ZMQ_DEALER, 0);
    zmq_send(newer.socket, "newer", 5, 0);
    AWAIT(&federation, has_last(&federation, 0, 2, PLANE_SYNC, "newer"));
    assert_int_equal(federation.nodes[0].downs[2], 1);
    assert_int_equal(federation.nodes[0].ups[2], 2);
    while (client_has(&older)) { // the hello at its coming up
        char text[8];
        zmq_recv(older.socket, text, sizeof text, 0);
    }
    send_text(&federation, 0, 2, "to the newer");
    AWAIT(&federation, client_has(&newer));
    assert_false(client_has(&older));
    const uint64_t frames = federation.nodes[0].frames[2][PLANE_SYNC];
    zmq_send(older.socket, "outdated", 8, 0);
    AWAIT(&federation, (zmq_send(newer.socket, "current", 7, ZMQ_DONTWAIT),
                        federation.nodes[0].frames[2][PLANE_SYNC] >= frames + 100));
    assert_true(has_last(&federation, 0, 2, PLANE_SYNC, "current"));
    uint64_t admitted = stats_of(&federation, 0).admitted;
    client_close(&older);
    awaited_link(&older, ZMQ_DEALER, 0);
    AWAIT(&federation, stats_of(&federation, 0).admitted > admitted);
    assert_int_equal(federation.nodes[0].downs[2], 1);
    client_close(&newer);
    AWAIT(&federation, federation.nodes[0].downs[2] == 2);
    client_close(&older);
}

static void drain(struct client *client)
{
    char bytes[64];
    while (client_has(client)) {
        zmq_recv(client->socket, bytes, sizeof bytes, 0);
    }
}

// Both ends may open a connection at once. What is sent keeps to the one it began with, as there is
// no order between two; and when that is lost, with what was on its way there, it is another link,
// though the other connection lived all the time.
static void two_connections_are_one_link(void **state)
{
    (void)state;
    struct member_node *node = &federation.nodes[0];
    struct client client;
    federation.roster_nodes[2].endpoints_count = 1;
    struct client server = served_as_two();
    transport_set_roster(node->transport, &federation.roster);
    AWAIT(&federation, node->ups[2] == 1 && client_has(&server));
    awaited_link(&client, ZMQ_DEALER, 0);
    zmq_send(client.socket, "as well", 7, 0);
    AWAIT(&federation, has_last(&federation, 0, 2, PLANE_SYNC, "as well"));
    drain(&server);
    send_text(&federation, 0, 2, "over the first");
    AWAIT(&federation, client_has(&server));
    assert_false(client_has(&client));
    assert_int_equal(node->downs[2], 0);
    client_close(&server);
    AWAIT(&federation, node->downs[2] == 1 && node->ups[2] == 2);
    drain(&client);
    send_text(&federation, 0, 2, "over the second");
    AWAIT(&federation, client_has(&client));
    client_close(&client);
    AWAIT(&federation, node->downs[2] == 2);
}

struct asking {
    const char *name;
    const char *bytes;
    size_t len;
};

// One message to the publisher that asks for what cannot be: refused, put out, not let in again,
// until the roster changes.
static void check_refused(const struct asking *asking)
{
    transport_set_roster(federation.nodes[0].transport, &federation.roster);
    struct transport_stats before = stats_of(&federation, 0);
    struct client client = client_of(&federation, ZMQ_XSUB, 2, 0);
    client_connect(&client, federation.nodes[0].live);
    // An XSUB sends nothing before it is connected.
    AWAIT(&federation, stats_of(&federation, 0).admitted > before.admitted);
    AWAIT(&federation,
          (zmq_send(client.socket, asking->bytes, asking->len, ZMQ_DONTWAIT),
           stats_of(&federation, 0).subscriptions_refused > before.subscriptions_refused));
    AWAIT(&federation, stats_of(&federation, 0).denied > before.denied);
    check_others_served();
    assert_false(client_has(&client));
    client_close(&client);
}

static void bad_subscriptions_are_refused(void **state)
{
    (void)state;
    const struct asking askings[] = {
        {"everything", "\x01", 1},
        {"too short", "\x01o0allmemb", 9},
        {"too long", "\x01o0allmemb\0x", 12},
        {"no such plane", "\x01x0allmemb", 11},
        {"precedence below", "\x01o/allmemb", 11},
        {"precedence above", "\x01o4allmemb", 11},
        {"binary precedence", "\x01o\0allmemb", 11},
        {"capital plane", "\x01O0allmemb", 11},
        {"a plane alone", "\x01o", 2},
        {"not a subscription", "\x02o0allmemb", 11},
    };
    for (size_t i = 0; i < sizeof askings / sizeof *askings; i++) {
        print_message("%s\n", askings[i].name);
        check_refused(&askings[i]);
    }
    assert_int_equal(federation.nodes[0].downs[1], 0);
}

static void ask(struct client *client, uint8_t kind, char precedence, const uint8_t *group)
{
    uint8_t message[11] = {kind, 'o', (uint8_t)precedence};
    memcpy(message + 3, group, TAG_LEN);
    assert_int_equal(zmq_send(client->socket, message, sizeof message, 0), sizeof message);
}

// Well-formed topics: 64 that nobody else asked for, of known groups or not, and not one more.
static void subscriptions_are_limited(void **state)
{
    (void)state;
    check_others_served(); // so that what they ask for does not count as this client's
    struct client client = client_of(&federation, ZMQ_XSUB, 2, 0);
    uint64_t admitted = stats_of(&federation, 0).admitted;
    client_connect(&client, federation.nodes[0].live);
    AWAIT(&federation, stats_of(&federation, 0).admitted > admitted);
    uint8_t group[TAG_LEN] = "group";
    for (uint8_t i = 1; i <= 64; i++) {
        group[TAG_LEN - 1] = i;
        ask(&client, 1, '0', group);
    }
    ask(&client, 1, '1', group_all);
    // A client that had to connect once more asks for all of them again.
    AWAIT(&federation, stats_of(&federation, 0).subscriptions_refused >= 64);
    AWAIT(&federation, (publish(&federation, 0, "in"), client_has(&client)));
    uint64_t refused = stats_of(&federation, 0).subscriptions_refused;
    ask(&client, 0, '0', group); // takes one back, asks for another
    ask(&client, 1, '2', group);
    AWAIT(&federation, stats_of(&federation, 0).subscriptions_refused > refused);
    check_others_served();
    // Only from here on: a refusal of the client before may come as late as now.
    uint64_t denied = stats_of(&federation, 0).denied;
    ask(&client, 1, '3', group);
    AWAIT(&federation, stats_of(&federation, 0).denied > denied);
    check_others_served();
    client_close(&client);
}

// What was on its way already may still come.
static void check_nothing_newer(struct client *client)
{
    char text[64];
    int len;
    while ((len = zmq_recv(client->socket, text, sizeof text, ZMQ_DONTWAIT)) >= 0) {
        const char *older[] = {"o1allmemb", "in", "hello"};
        size_t i = 0;
        while (i < 3 && memcmp(text, older[i], strlen(older[i])) != 0) {
            i++;
        }
        assert_true(i < 3);
    }
}

// Who is no longer a member, or is cut, has a live connection and a subscription, and hears nothing
// more over either.
static void check_put_out(void (*put_out)(void))
{
    struct client dealer;
    struct client subscriber = client_of(&federation, ZMQ_SUB, 2, 0);
    awaited_link(&dealer, ZMQ_DEALER, 0);
    zmq_setsockopt(subscriber.socket, ZMQ_SUBSCRIBE, "o1allmemb", 10);
    client_connect(&subscriber, federation.nodes[0].live);
    AWAIT(&federation,
          (zmq_send(dealer.socket, "in", 2, ZMQ_DONTWAIT), publish(&federation, 0, "in"),
           client_has(&dealer) && client_has(&subscriber)));
    uint64_t denied = stats_of(&federation, 0).denied;
    put_out();
    transport_publish(federation.nodes[0].transport, 1, group_all, text_span("at once"));
    assert_int_equal(transport_send(federation.nodes[0].transport, 2, text_span("out")),
                     ERR_NOT_FOUND);
    uint64_t heard = federation.nodes[0].frames[2][PLANE_SYNC];
    AWAIT(&federation, (zmq_send(dealer.socket, "out", 3, ZMQ_DONTWAIT),
                        stats_of(&federation, 0).denied >= denied + 2));
    check_others_served();
    assert_int_equal(federation.nodes[0].frames[2][PLANE_SYNC], heard);
    assert_false(is_up(&federation, 0, 2));
    check_nothing_newer(&subscriber);
    check_nothing_newer(&dealer);
    client_close(&dealer);
    client_close(&subscriber);
}

static struct roster_node without_two[MEMBERS];

static void revoke_two(void)
{
    static struct roster roster;
    memcpy(without_two, federation.roster_nodes, sizeof without_two);
    without_two[2].is_revoked = true;
    roster = federation.roster;
    roster.nodes = without_two;
    transport_set_roster(federation.nodes[0].transport, &roster);
}

static void cut_two(void)
{
    transport_cut(federation.nodes[0].transport, 2, true);
}

static void the_revoked_are_put_out(void **state)
{
    (void)state;
    check_put_out(revoke_two);
}

static void the_cut_are_put_out(void **state)
{
    (void)state;
    check_put_out(cut_two);
}

static size_t resident_kib(void)
{
    char line[128];
    size_t kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    assert_non_null(status);
    while (fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmRSS: %zu", &kib) == 1) {
            break;
        }
    }
    fclose(status);
    return kib;
}

static int connect_raw(const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

// A greeting of ZMTP 3.0 with CURVE, then a frame said to be 8 GiB long.
static size_t announce_giant(int fd)
{
    uint8_t greeting[64] = {[0] = 0xff, [9] = 0x7f, [10] = 3};
    memcpy(greeting + 12, "CURVE", 5);
    const uint8_t frame[9] = {0x02, 0, 0, 0, 2};
    size_t sent = 0;
    if (send(fd, greeting, sizeof greeting, MSG_NOSIGNAL) == sizeof greeting &&
        send(fd, frame, sizeof frame, MSG_NOSIGNAL) == sizeof frame) {
        sent = sizeof greeting + sizeof frame;
    }
    return sent;
}

static void giant_announcements_are_cut(void **state)
{
    (void)state;
    enum { CONNECTIONS = 4, SENT_MAX = 256 * 1024 * 1024 };
    static const uint8_t chunk[64 * 1024];
    const size_t before = resident_kib();
    for (size_t i = 0; i < CONNECTIONS; i++) {
        int fd = connect_raw(i % 2 == 0 ? federation.nodes[0].sync : federation.nodes[0].live);
        assert_int_equal(announce_giant(fd), 73);
        size_t sent = 0;
        ssize_t len;
        while (sent < SENT_MAX && (len = send(fd, chunk, sizeof chunk, MSG_NOSIGNAL)) > 0) {
            sent += (size_t)len;
        }
        // Cut long before.
        assert_true(sent < SENT_MAX);
        close(fd);
    }
    assert_true(resident_kib() < before + 16 * 1024);
    check_others_served();
}

static bool is_closed(int fd)
{
    char byte;
    ssize_t len;
    while ((len = recv(fd, &byte, 1, MSG_DONTWAIT)) > 0) {
    }
    return len == 0 || errno != EAGAIN;
}

static void garbage_is_survived(void **state)
{
    (void)state;
    enum { CONNECTIONS = 60 };
    int fds[CONNECTIONS];
    for (size_t i = 0; i < CONNECTIONS; i++) {
        uint8_t bytes[200];
        randombytes_buf(bytes, sizeof bytes);
        if (i % 2 == 0) { // a greeting, so far
            bytes[0] = 0xff;
            bytes[9] = 0x7f;
        }
        fds[i] = connect_raw(i % 3 == 0 ? federation.nodes[0].live : federation.nodes[0].sync);
        assert_int_equal(send(fds[i], bytes, sizeof bytes, MSG_NOSIGNAL), sizeof bytes);
    }
    check_others_served();
    for (size_t i = 0; i < CONNECTIONS; i++) {
        AWAIT(&federation, is_closed(fds[i]));
        close(fds[i]);
    }
    AWAIT(&federation, stats_of(&federation, 0).handshakes_failed > 0);
    check_others_served();
}

// A member that sends only what is dropped keeps nobody from their other work.
static void floods_of_bad_messages_leave_time(void **state)
{
    (void)state;
    struct client client;
    awaited_link(&client, ZMQ_DEALER, 0);
    for (int i = 0; i < 2000; i++) {
        zmq_send(client.socket, "a", 1, ZMQ_SNDMORE | ZMQ_DONTWAIT);
        zmq_send(client.socket, "b", 1, ZMQ_DONTWAIT);
    }
    struct member_node *zero = &federation.nodes[0];
    struct transport_event event;
    while (stats_of(&federation, 0).dropped_malformed == 0) {
        transport_wait(zero->transport, NULL, NULL, 0, 100);
        uint64_t dropped = stats_of(&federation, 0).dropped_malformed;
        if (transport_next(zero->transport, &event) == ERR_OK) {
            take(zero, &event);
        }
        assert_true(stats_of(&federation, 0).dropped_malformed <= dropped + 256);
    }
    check_others_served();
    client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strangers_get_nothing, start_members, end_members),
        cmocka_unit_test_setup_teardown(our_own_key_gets_nothing, start_members, end_members),
        cmocka_unit_test_setup_teardown(clients_without_curve_get_nothing, start_members,
                                        end_members),
        cmocka_unit_test_setup_teardown(another_server_is_not_talked_to, start_members,
                                        end_members),
        cmocka_unit_test_setup_teardown(bad_messages_are_dropped, start_members, end_members),
        cmocka_unit_test_setup_teardown(links_recover_from_bad_servers, start_members, end_members),
        cmocka_unit_test_setup_teardown(routing_ids_redirect_nothing, start_members, end_members),
        cmocka_unit_test_setup_teardown(the_last_connection_is_answered, start_members,
                                        end_members),
        cmocka_unit_test_setup_teardown(two_connections_are_one_link, start_members, end_members),
        cmocka_unit_test_setup_teardown(bad_subscriptions_are_refused, start_members, end_members),
        cmocka_unit_test_setup_teardown(subscriptions_are_limited, start_members, end_members),
        cmocka_unit_test_setup_teardown(the_revoked_are_put_out, start_members, end_members),
        cmocka_unit_test_setup_teardown(the_cut_are_put_out, start_members, end_members),
        cmocka_unit_test_setup_teardown(giant_announcements_are_cut, start_members, end_members),
        cmocka_unit_test_setup_teardown(garbage_is_survived, start_members, end_members),
        cmocka_unit_test_setup_teardown(floods_of_bad_messages_leave_time, start_members,
                                        end_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
