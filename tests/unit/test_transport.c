// SPDX-License-Identifier: EUPL-1.2
// Transports among friends: frames, links that come and go, rosters that change.
#include "federation.h"

static void start_two(struct federation *federation)
{
    found(federation, 2);
    start(federation, 0);
    start(federation, 1);
    AWAIT(federation, is_up(federation, 0, 1) && is_up(federation, 1, 0));
}

static void exchange_frames(void **state)
{
    (void)state;
    struct federation federation;
    start_two(&federation);
    send_text(&federation, 0, 1, "from zero");
    send_text(&federation, 1, 0, "from one");
    AWAIT(&federation, has_last(&federation, 1, 0, PLANE_SYNC, "from zero") &&
                           has_last(&federation, 0, 1, PLANE_SYNC, "from one"));
    AWAIT(&federation, (publish(&federation, 1, "live one"),
                        has_last(&federation, 0, 1, PLANE_LIVE, "live one")));
    AWAIT(&federation, (publish(&federation, 0, "live zero"),
                        has_last(&federation, 1, 0, PLANE_LIVE, "live zero")));
    struct transport_stats stats = stats_of(&federation, 0);
    assert_int_equal(stats.dropped_malformed, 0);
    assert_int_equal(stats.dropped_unauthenticated, 0);
    assert_int_equal(stats.denied, 0);
    assert_int_equal(stats.subscriptions_refused, 0);
    end(&federation);
}

static void carry_the_largest_message(void **state)
{
    (void)state;
    struct federation federation;
    start_two(&federation);
    static uint8_t bytes[MESSAGE_MAX];
    randombytes_buf(bytes, sizeof bytes);
    struct span span = {.bytes = bytes, .len = sizeof bytes};
    const struct member_node *one = &federation.nodes[1];
    uint64_t before = one->frames[0][PLANE_SYNC];
    for (int i = 0; i < 100; i++) {
        assert_int_equal(transport_send(federation.nodes[0].transport, 1, span), ERR_OK);
    }
    AWAIT(&federation, one->last_len[0][PLANE_SYNC] == MESSAGE_MAX &&
                           one->frames[0][PLANE_SYNC] >= before + 100);
    assert_memory_equal(one->last[0][PLANE_SYNC], bytes, KEPT);
    end(&federation);
}

// A peer that does not read stops its sender, and nobody waits.
static void refuse_when_the_queue_is_full(void **state)
{
    (void)state;
    struct federation federation;
    start_two(&federation);
    static uint8_t bytes[MESSAGE_MAX];
    struct span span = {.bytes = bytes, .len = sizeof bytes};
    size_t sent = 0;
    while (transport_send(federation.nodes[0].transport, 1, span) == ERR_OK) {
        sent++;
        assert_true(sent < 100000);
    }
    assert_true(sent > 16);
    assert_int_equal(stats_of(&federation, 0).sends_refused, 1);
    AWAIT(&federation, federation.nodes[1].frames[0][PLANE_SYNC] >= sent);
    AWAIT(&federation, transport_send(federation.nodes[0].transport, 1, span) == ERR_OK);
    end(&federation);
}

// The node with the smaller key connects, the other one is reached back over that connection.
static void share_one_connection(void **state)
{
    (void)state;
    struct federation federation;
    start_two(&federation);
    struct transport_link link;
    assert_int_equal(transport_get_link(federation.nodes[1].transport, 0, &link), ERR_OK);
    assert_true(link.is_connected);
    assert_true(link.is_incoming);
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 1, &link), ERR_OK);
    assert_true(link.is_connected);
    assert_false(link.is_incoming);
    assert_string_equal(link.endpoint, federation.nodes[1].sync);
    assert_int_equal(link.reconnects, 0);
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 0, &link), ERR_NOT_FOUND);
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 9, &link), ERR_NOT_FOUND);
    end(&federation);
}

// Whoever of the two can be reached.
static void reach_one_without_endpoint(size_t without)
{
    struct federation federation;
    found(&federation, 2);
    federation.roster_nodes[without].endpoints_count = 0;
    start(&federation, 0);
    start(&federation, 1);
    AWAIT(&federation, is_up(&federation, 0, 1) && is_up(&federation, 1, 0));
    send_text(&federation, 1 - without, (uint32_t)without, "over yours");
    AWAIT(&federation,
          has_last(&federation, without, (uint32_t)(1 - without), PLANE_SYNC, "over yours"));
    end(&federation);
}

static void serve_nodes_that_cannot_be_reached(void **state)
{
    (void)state;
    reach_one_without_endpoint(0);
    reach_one_without_endpoint(1);
}

// Only tcp:// is ever connected to, whatever a roster says.
static void connect_to_valid_endpoints_only(void **state)
{
    (void)state;
    const char *bad[] = {"ipc:///tmp/x", "tcp://127.0.0.1", "udp://127.0.0.1:5000", "inproc://x",
                         "tcp://lo;127.0.0.1:5000"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct federation federation;
        found(&federation, 2);
        federation.endpoints[1].sync = text_span(bad[i]);
        start(&federation, 0);
        struct transport_link link;
        pump(&federation);
        assert_int_equal(transport_get_link(federation.nodes[0].transport, 1, &link), ERR_OK);
        assert_string_equal(link.endpoint, "");
        end(&federation);
    }
}

static void try_the_next_endpoint(void **state)
{
    (void)state;
    struct federation federation;
    found(&federation, 3);
    struct roster_endpoint both[] = {federation.endpoints[2], federation.endpoints[1]};
    federation.roster_nodes[0].endpoints_count = 0;
    federation.roster_nodes[1].endpoints = both;
    federation.roster_nodes[1].endpoints_count = 2;
    federation.roster.nodes_count = 2;
    start(&federation, 0);
    start(&federation, 1);
    AWAIT(&federation, is_up(&federation, 0, 1));
    struct transport_link link;
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 1, &link), ERR_OK);
    assert_string_equal(link.endpoint, federation.nodes[1].sync);
    AWAIT(&federation,
          (publish(&federation, 1, "there"), has_last(&federation, 0, 1, PLANE_LIVE, "there")));
    end(&federation);
}

// Node `index` ends and comes back at the same address.
static void restart(struct federation *federation, size_t index, uint32_t other)
{
    transport_close(&federation->nodes[index].transport);
    federation->nodes[index].downs[other] = federation->nodes[index].ups[other];
    AWAIT(federation, !is_up(federation, other, (uint32_t)index));
    assert_int_equal(
        transport_send(federation->nodes[other].transport, (uint32_t)index, text_span("nobody")),
        ERR_NOT_FOUND);
    start(federation, index);
    AWAIT(federation, is_up(federation, other, (uint32_t)index) && is_up(federation, index, other));
    send_text(federation, other, (uint32_t)index, "again");
    AWAIT(federation, has_last(federation, index, other, PLANE_SYNC, "again"));
    AWAIT(federation, (publish(federation, index, "back"),
                       has_last(federation, other, (uint32_t)index, PLANE_LIVE, "back")));
}

static void find_restarted_peers(void **state)
{
    (void)state;
    struct federation federation;
    start_two(&federation);
    restart(&federation, 1, 0);
    restart(&federation, 0, 1);
    struct transport_link link;
    assert_int_equal(transport_get_link(federation.nodes[1].transport, 0, &link), ERR_OK);
    assert_true(link.is_connected);
    end(&federation);
}

static void cut_and_heal(void **state)
{
    (void)state;
    struct federation federation;
    start_two(&federation);
    for (size_t who = 0; who < 2; who++) {
        uint32_t other = (uint32_t)(1 - who);
        AWAIT(&federation, (publish(&federation, who, "before"),
                            has_last(&federation, other, (uint32_t)who, PLANE_LIVE, "before")));
        transport_cut(federation.nodes[who].transport, other, true);
        AWAIT(&federation,
              !is_up(&federation, who, other) && !is_up(&federation, other, (uint32_t)who));
        assert_int_equal(
            transport_send(federation.nodes[who].transport, other, text_span("unheard")),
            ERR_NOT_FOUND);
        struct transport_link link;
        assert_int_equal(transport_get_link(federation.nodes[who].transport, other, &link), ERR_OK);
        assert_true(link.is_cut);
        uint64_t denied = stats_of(&federation, who).denied;
        uint64_t heard = federation.nodes[other].frames[who][PLANE_LIVE];
        AWAIT(&federation,
              (publish(&federation, who, "cut"), stats_of(&federation, who).denied > denied));
        assert_int_equal(federation.nodes[other].frames[who][PLANE_LIVE], heard);
        assert_false(is_up(&federation, who, other));
        transport_cut(federation.nodes[who].transport, other, false);
        AWAIT(&federation,
              is_up(&federation, who, other) && is_up(&federation, other, (uint32_t)who));
        AWAIT(&federation, (publish(&federation, who, "after"),
                            has_last(&federation, other, (uint32_t)who, PLANE_LIVE, "after")));
        assert_int_equal(stats_of(&federation, who).dropped_unauthenticated, 0);
    }
    end(&federation);
}

// Node 2 comes with a new roster, and goes with the next.
static void follow_the_roster(void **state)
{
    (void)state;
    struct federation federation;
    start_two(&federation);
    struct roster larger = federation.roster;
    larger.nodes_count = 3;
    start_with(&federation, 2, &larger);
    AWAIT(&federation, stats_of(&federation, 0).denied + stats_of(&federation, 1).denied > 0 ||
                           stats_of(&federation, 2).denied > 0);
    assert_false(is_up(&federation, 0, 2));
    transport_set_roster(federation.nodes[0].transport, &larger);
    transport_set_roster(federation.nodes[1].transport, &larger);
    AWAIT(&federation, is_up(&federation, 0, 2) && is_up(&federation, 1, 2) &&
                           is_up(&federation, 2, 0) && is_up(&federation, 2, 1));
    assert_int_equal(federation.nodes[0].downs[1], 0);
    AWAIT(&federation,
          (publish(&federation, 0, "three"), has_last(&federation, 2, 0, PLANE_LIVE, "three") &&
                                                 has_last(&federation, 1, 0, PLANE_LIVE, "three")));

    struct roster_node nodes[MEMBERS];
    memcpy(nodes, larger.nodes, sizeof nodes);
    nodes[2].is_revoked = true;
    struct roster without = larger;
    without.nodes = nodes;
    transport_set_roster(federation.nodes[0].transport, &without);
    transport_set_roster(federation.nodes[1].transport, &without);
    AWAIT(&federation, !is_up(&federation, 0, 2) && !is_up(&federation, 1, 2) &&
                           !is_up(&federation, 2, 0) && !is_up(&federation, 2, 1));
    AWAIT(&federation, is_up(&federation, 0, 1) && is_up(&federation, 1, 0));
    uint64_t heard = federation.nodes[2].frames[0][PLANE_LIVE];
    AWAIT(&federation,
          (publish(&federation, 0, "two"), has_last(&federation, 1, 0, PLANE_LIVE, "two")));
    assert_int_equal(federation.nodes[2].frames[0][PLANE_LIVE], heard);
    assert_int_equal(transport_send(federation.nodes[0].transport, 2, text_span("no more")),
                     ERR_NOT_FOUND);
    end(&federation);
}

struct rotation {
    struct roster_node nodes[3][MEMBERS];
    struct roster announced, changed, dropped;
};

static struct roster roster_with(const struct federation *federation, struct roster_node *nodes,
                                 const uint8_t *transport, const uint8_t *also)
{
    memcpy(nodes, federation->roster_nodes, MEMBERS * sizeof *nodes);
    nodes[0].transport = transport;
    nodes[0].transport_also = also;
    struct roster roster = federation->roster;
    roster.nodes = nodes;
    return roster;
}

static bool all_are_up(struct federation *federation)
{
    return is_up(federation, 0, 1) && is_up(federation, 1, 0) && is_up(federation, 0, 2) &&
           is_up(federation, 2, 0) && is_up(federation, 1, 2) && is_up(federation, 2, 1);
}

// Node 0 changes its key. Node 2 hears of the change last; whoever connects to whom, nobody is
// locked out on the way [5.12].
static void change_a_transport_key_of(struct federation *federation, const uint8_t *public_key,
                                      const uint8_t *secret_key)
{
    const uint8_t *before = federation->nodes[0].public_key;
    struct rotation rotation;
    rotation.announced = roster_with(federation, rotation.nodes[0], before, public_key);
    rotation.changed = roster_with(federation, rotation.nodes[1], public_key, before);
    rotation.dropped = roster_with(federation, rotation.nodes[2], public_key, NULL);
    for (size_t i = 0; i < MEMBERS; i++) {
        start(federation, i);
    }
    AWAIT(federation, all_are_up(federation));
    for (size_t i = 0; i < MEMBERS; i++) {
        transport_set_roster(federation->nodes[i].transport, &rotation.announced);
    }
    AWAIT(federation, all_are_up(federation));
    assert_int_equal(federation->nodes[1].downs[0], 0); // nothing was cut for it
    transport_set_roster(federation->nodes[1].transport, &rotation.changed);
    AWAIT(federation, all_are_up(federation)); // under the key before
    transport_set_keys(federation->nodes[0].transport, public_key, secret_key);
    transport_set_roster(federation->nodes[0].transport, &rotation.changed);
    AWAIT(federation, federation->nodes[1].downs[0] > 0 && federation->nodes[2].downs[0] > 0 &&
                          all_are_up(federation)); // node 2 has the first version still
    AWAIT(federation,
          (publish(federation, 0, "new"), has_last(federation, 1, 0, PLANE_LIVE, "new") &&
                                              has_last(federation, 2, 0, PLANE_LIVE, "new")));
    AWAIT(federation,
          (publish(federation, 2, "old"), has_last(federation, 0, 2, PLANE_LIVE, "old")));
    for (size_t i = 0; i < MEMBERS; i++) {
        transport_set_roster(federation->nodes[i].transport, &rotation.dropped);
    }
    AWAIT(federation, all_are_up(federation));
    AWAIT(federation,
          (publish(federation, 2, "dropped"), has_last(federation, 0, 2, PLANE_LIVE, "dropped")));
    end(federation);
}

static void change_a_transport_key(void **state)
{
    (void)state;
    // Once node 1 calls node 0, once it is called.
    for (int calls = 0; calls < 2; calls++) {
        struct federation federation;
        uint8_t public_key[BOX_KEY_LEN];
        uint8_t secret_key[BOX_KEY_LEN];
        found(&federation, MEMBERS);
        federation.roster_nodes[1].endpoints_count = (size_t)calls;
        crypto_box_keypair(public_key, secret_key);
        change_a_transport_key_of(&federation, public_key, secret_key);
    }
}

// Who has the old key only is put out when the last version drops it.
static void refuse_a_dropped_key(void **state)
{
    (void)state;
    struct federation federation;
    uint8_t public_key[BOX_KEY_LEN];
    uint8_t secret_key[BOX_KEY_LEN];
    found(&federation, 2);
    crypto_box_keypair(public_key, secret_key);
    start(&federation, 0);
    start(&federation, 1);
    AWAIT(&federation, is_up(&federation, 0, 1) && is_up(&federation, 1, 0));
    struct roster_node nodes[MEMBERS];
    struct roster dropped = roster_with(&federation, nodes, public_key, NULL);
    transport_set_roster(federation.nodes[1].transport, &dropped);
    AWAIT(&federation, !is_up(&federation, 0, 1) && !is_up(&federation, 1, 0));
    uint64_t denied = stats_of(&federation, 1).denied;
    AWAIT(&federation, stats_of(&federation, 1).denied > denied);
    assert_false(is_up(&federation, 1, 0));
    end(&federation);
}

static void follow_a_changed_endpoint(void **state)
{
    (void)state;
    struct federation federation;
    found(&federation, 2);
    struct roster_endpoint nowhere[MEMBERS];
    struct roster_node nodes[MEMBERS];
    memcpy(nowhere, federation.endpoints, sizeof nowhere);
    memcpy(nodes, federation.roster_nodes, sizeof nodes);
    nowhere[1] = federation.endpoints[2];
    nodes[1].endpoints = &nowhere[1];
    nodes[0].endpoints_count = 0;
    struct roster wrong = federation.roster;
    wrong.nodes = nodes;
    start_with(&federation, 0, &wrong);
    start_with(&federation, 1, &wrong);
    struct transport_link link;
    pump(&federation);
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 1, &link), ERR_OK);
    assert_string_equal(link.endpoint, federation.nodes[2].sync);
    transport_set_roster(federation.nodes[0].transport, &federation.roster);
    AWAIT(&federation, is_up(&federation, 0, 1));
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 1, &link), ERR_OK);
    assert_string_equal(link.endpoint, federation.nodes[1].sync);
    end(&federation);
}

static void follow_other_groups(void **state)
{
    (void)state;
    struct federation federation;
    start_two(&federation);
    const uint8_t groups[2][TAG_LEN] = {"another", "allmemb"};
    transport_set_groups(federation.nodes[0].transport, groups, 2);
    AWAIT(&federation, (transport_publish(federation.nodes[1].transport, 3, group_other,
                                          text_span("other group")),
                        has_last(&federation, 0, 1, PLANE_LIVE, "other group")));
    AWAIT(&federation,
          (publish(&federation, 1, "all"), has_last(&federation, 0, 1, PLANE_LIVE, "all")));
    end(&federation);
}

static void wait_for_descriptors_too(void **state)
{
    (void)state;
    struct federation federation;
    found(&federation, 2);
    start(&federation, 0);
    int ends[2][2];
    int fds[2];
    bool ready[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(ends[i]), 0);
        fds[i] = ends[i][0];
    }
    assert_int_equal(write(ends[1][1], "x", 1), 1);
    transport_wait(federation.nodes[0].transport, fds, ready, 2, 1000);
    assert_false(ready[0]);
    assert_true(ready[1]);
    for (int i = 0; i < 2; i++) {
        close(ends[i][0]);
        close(ends[i][1]);
    }
    end(&federation);
}

static void say_what_cannot_be_bound(void **state)
{
    (void)state;
    struct federation federation;
    found(&federation, 2);
    start(&federation, 0);
    const char *bad[] = {federation.nodes[0].sync, "ipc:///tmp/never", "tcp://192.0.2.1:9",
                         "tcp://nonsense"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct transport *transport = NULL;
        struct transport_options options = {
            .bind_sync = bad[i],
            .bind_live = federation.nodes[1].live,
            .secret_key = federation.nodes[1].secret_key,
            .roster = &federation.roster,
            .has_live_plane = true,
        };
        memcpy(options.public_key, federation.nodes[1].public_key, BOX_KEY_LEN);
        char why[256] = "";
        assert_int_equal(transport_open(&transport, &options, why), ERR_IO);
        assert_null(transport);
        assert_non_null(strstr(why, bad[i]));
    }
    end(&federation);
}

// Told once, tried again and again; node 1 finds the way to node 0 by itself.
static void tell_why_the_proxy_gives_no_link(void **state)
{
    (void)state;
    struct federation federation;
    found(&federation, 2);
    federation.nodes[0].proxy = "127.0.0.1:1"; // nobody listens there
    start(&federation, 0);
    AWAIT(&federation, federation.nodes[0].troubles[1] > 0);
    struct transport_link link;
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 1, &link), ERR_OK);
    assert_int_equal(link.trouble, LINK_PROXY_UNREACHABLE);
    assert_int_equal(stats_of(&federation, 0).handshakes_failed, 0);
    start(&federation, 1);
    AWAIT(&federation, is_up(&federation, 0, 1) && is_up(&federation, 1, 0));
    assert_int_equal(transport_get_link(federation.nodes[0].transport, 1, &link), ERR_OK);
    assert_int_equal(link.trouble, LINK_NO_TROUBLE);
    assert_int_equal(federation.nodes[0].troubles[1], 1);
    end(&federation);
}

// Where the live plane of one link is off, and where the line is thin, nothing of the peer's comes
// on it; the sync plane goes on, and it comes again when that ends.
static void leave_the_live_plane_of_one(void **state)
{
    (void)state;
    static const struct link_settings without[] = {{.is_live_off = true}, {.rate = 2400}};
    static const struct link_settings nothing = {.rate = 0};
    struct federation federation;
    start_two(&federation);
    const struct member_node *zero = &federation.nodes[0];
    for (size_t i = 0; i < 2; i++) {
        const char *text = i == 0 ? "first" : "second";
        AWAIT(&federation,
              (publish(&federation, 1, text), has_last(&federation, 0, 1, PLANE_LIVE, text)));
        transport_set_line(zero->transport, 1, &without[i]);
        const uint64_t before = zero->frames[1][PLANE_LIVE];
        publish(&federation, 1, "unheard");
        send_text(&federation, 1, 0, text);
        AWAIT(&federation, has_last(&federation, 0, 1, PLANE_SYNC, text));
        assert_int_equal(zero->frames[1][PLANE_LIVE], before);
        transport_set_line(zero->transport, 1, &nothing);
    }
    AWAIT(&federation,
          (publish(&federation, 1, "at last"), has_last(&federation, 0, 1, PLANE_LIVE, "at last")));
    end(&federation);
}

static void do_without_live_plane(void **state)
{
    (void)state;
    struct federation federation;
    found(&federation, 2);
    start(&federation, 0);
    struct member_node *one = &federation.nodes[1];
    struct transport_options options = {
        .bind_sync = one->sync, .secret_key = one->secret_key, .roster = &federation.roster};
    memcpy(options.public_key, one->public_key, BOX_KEY_LEN);
    char why[256] = "";
    assert_int_equal(transport_open(&one->transport, &options, why), ERR_OK);
    AWAIT(&federation, is_up(&federation, 0, 1) && is_up(&federation, 1, 0));
    publish(&federation, 1, "nothing");
    send_text(&federation, 1, 0, "sync");
    AWAIT(&federation, has_last(&federation, 0, 1, PLANE_SYNC, "sync"));
    end(&federation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange_frames),
        cmocka_unit_test(carry_the_largest_message),
        cmocka_unit_test(refuse_when_the_queue_is_full),
        cmocka_unit_test(share_one_connection),
        cmocka_unit_test(serve_nodes_that_cannot_be_reached),
        cmocka_unit_test(connect_to_valid_endpoints_only),
        cmocka_unit_test(try_the_next_endpoint),
        cmocka_unit_test(find_restarted_peers),
        cmocka_unit_test(cut_and_heal),
        cmocka_unit_test(follow_the_roster),
        cmocka_unit_test(change_a_transport_key),
        cmocka_unit_test(refuse_a_dropped_key),
        cmocka_unit_test(follow_a_changed_endpoint),
        cmocka_unit_test(follow_other_groups),
        cmocka_unit_test(wait_for_descriptors_too),
        cmocka_unit_test(say_what_cannot_be_bound),
        cmocka_unit_test(tell_why_the_proxy_gives_no_link),
        cmocka_unit_test(leave_the_live_plane_of_one),
        cmocka_unit_test(do_without_live_plane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
