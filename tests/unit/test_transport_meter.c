// SPDX-License-Identifier: EUPL-1.2
// What the kernel knows of connections: of libzmq's between two transports, and of descriptors that
// are not what they were.
#include <fcntl.h>
#include <netinet/tcp.h>

#include "federation.h"
#include "transport/meter.h"
#include "transport/socket.h"

static bool is_measured(const struct federation *federation, size_t who, uint32_t other,
                        struct transport_measured *measured)
{
    return transport_measure(federation->nodes[who].transport, other, measured) == ERR_OK;
}

static void start_two(struct federation *federation)
{
    found(federation, 2);
    start(federation, 0);
    start(federation, 1);
    AWAIT(federation, is_up(federation, 0, 1) && is_up(federation, 1, 0));
}

// Whoever of the two opened the connection.
static void count_what_both_ends_send(void **state)
{
    (void)state;
    enum { LEN = 5000, COUNT = 20 };
    static const uint8_t bytes[LEN];
    struct federation federation;
    start_two(&federation);
    for (size_t from = 0; from < 2; from++) {
        const uint32_t to = (uint32_t)(1 - from);
        struct transport_measured before[2], after[2];
        AWAIT(&federation, is_measured(&federation, from, to, &before[0]) &&
                               is_measured(&federation, to, (uint32_t)from, &before[1]));
        const uint64_t frames = federation.nodes[to].frames[from][PLANE_SYNC];
        for (int i = 0; i < COUNT; i++) {
            assert_int_equal(transport_send(federation.nodes[from].transport, to,
                                            (struct span){bytes, sizeof bytes}),
                             ERR_OK);
        }
        AWAIT(&federation, federation.nodes[to].frames[from][PLANE_SYNC] >= frames + COUNT &&
                               is_measured(&federation, from, to, &after[0]) &&
                               after[0].under_way == 0);
        assert_true(is_measured(&federation, to, (uint32_t)from, &after[1]));
        assert_int_equal(after[0].connection, before[0].connection);
        assert_int_not_equal(after[0].connection, after[1].connection);
        assert_true(after[0].sent >= before[0].sent + COUNT * LEN);
        assert_true(after[0].line_out - before[0].line_out > after[0].sent - before[0].sent);
        assert_true(after[1].line_in >= before[1].line_in + COUNT * LEN);
        assert_true(after[1].sent < before[1].sent + COUNT * LEN);
        assert_int_equal(after[0].unsent, 0);
        assert_true(after[0].rtt_ms < 1000);
    }
    end(&federation);
}

// A peer that does not read: what it leaves waits in this kernel, and is told.
static void count_what_waits(void **state)
{
    (void)state;
    static const uint8_t bytes[MESSAGE_MAX];
    struct federation federation;
    struct transport_measured measured;
    size_t sent = 0;
    start_two(&federation);
    const uint64_t deadline_ms = now_ms() + DEADLINE_S * 1000;
    do { // without letting the other one read
        sent += transport_send(federation.nodes[0].transport, 1,
                               (struct span){bytes, sizeof bytes}) == ERR_OK;
        assert_true(now_ms() < deadline_ms);
        assert_true(is_measured(&federation, 0, 1, &measured));
    } while (measured.unsent == 0);
    assert_true(transport_unsent(federation.nodes[0].transport, 1) > 0);
    assert_int_equal(transport_unsent(federation.nodes[0].transport, 0), 0);
    assert_int_equal(transport_unsent(federation.nodes[0].transport, 9), 0);
    AWAIT(&federation, federation.nodes[1].frames[0][PLANE_SYNC] >= sent &&
                           is_measured(&federation, 0, 1, &measured) && measured.unsent == 0 &&
                           measured.under_way == 0);
    end(&federation);
}

static void know_nothing_without_a_link(void **state)
{
    (void)state;
    struct federation federation;
    struct transport_measured before, after;
    start_two(&federation);
    AWAIT(&federation, is_measured(&federation, 0, 1, &before));
    assert_false(is_measured(&federation, 0, 0, &after));
    assert_false(is_measured(&federation, 0, 9, &after));
    transport_close(&federation.nodes[1].transport);
    federation.nodes[1].downs[0] = federation.nodes[1].ups[0];
    AWAIT(&federation, !is_up(&federation, 0, 1));
    assert_false(is_measured(&federation, 0, 1, &after));
    start(&federation, 1);
    AWAIT(&federation, is_up(&federation, 0, 1) && is_measured(&federation, 0, 1, &after));
    assert_int_not_equal(before.connection, after.connection);
    end(&federation);
}

// -- descriptors of our own --

// A TCP connection: ends[0] opened it.
static void connect_pair(int ends[static 2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    const int listening = socket(AF_INET, SOCK_STREAM, 0);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(connect(ends[0], (struct sockaddr *)&address, len), 0);
    ends[1] = accept(listening, NULL, NULL);
    assert_true(ends[1] >= 0);
    close(listening);
}

static void believe_no_other_socket(void **state)
{
    (void)state;
    int first[2], second[2];
    struct meter meter = {0};
    struct transport_measured measured;
    assert_int_equal(meter_read(&meter, &measured), ERR_NOT_FOUND);
    connect_pair(first);
    connect_pair(second);
    meter_learn(&meter, first[0]);
    assert_int_equal(write(first[0], "seven..", 7), 7);
    assert_int_equal(meter_read(&meter, &measured), ERR_OK);
    assert_int_equal(measured.sent, 7);
    assert_int_equal(measured.resent, 0);
    // The same number is not the same connection.
    assert_int_equal(dup2(second[0], first[0]), first[0]);
    assert_int_equal(meter_read(&meter, &measured), ERR_NOT_FOUND);
    close(first[0]);
    assert_int_equal(meter_read(&meter, &measured), ERR_NOT_FOUND);
    meter_learn(&meter, second[0]);
    assert_int_equal(meter_read(&meter, &measured), ERR_OK);
    assert_int_equal(measured.sent, 0);
    meter_forget(&meter);
    assert_int_equal(meter_read(&meter, &measured), ERR_NOT_FOUND);
    close(first[1]);
    close(second[0]);
    close(second[1]);
}

static int option_of(int fd, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, name, &value, &len), 0);
    return value;
}

// In front of a proxy it is a local socket.
static void count_what_waits_locally(void **state)
{
    (void)state;
    int ends[2], others[2];
    struct meter meter = {0};
    struct transport_measured measured;
    char bytes[100] = "";
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, others), 0);
    assert_int_equal(meter_unsent(&meter), 0);
    meter_learn(&meter, ends[0]);
    assert_int_equal(meter_read(&meter, &measured), ERR_NOT_FOUND);
    assert_int_equal(meter_unsent(&meter), 0);
    assert_int_equal(send(ends[0], bytes, sizeof bytes, 0), sizeof bytes);
    assert_true(meter_unsent(&meter) >= sizeof bytes);
    assert_int_equal(recv(ends[1], bytes, sizeof bytes, MSG_WAITALL), sizeof bytes);
    assert_int_equal(meter_unsent(&meter), 0);
    assert_int_equal(send(others[0], bytes, sizeof bytes, 0), sizeof bytes);
    assert_int_equal(dup2(others[0], ends[0]), ends[0]);
    assert_int_equal(meter_unsent(&meter), 0);
    for (size_t i = 0; i < 2; i++) {
        close(ends[i]);
        close(others[i]);
    }
}

static void make_patient(void **state)
{
    (void)state;
    int ends[2], others[2];
    struct meter meter = {0};
    connect_pair(ends);
    connect_pair(others);
    meter_make_patient(&meter);
    meter_learn(&meter, ends[0]);
    meter_make_patient(&meter);
    assert_int_equal(option_of(ends[0], TCP_THIN_LINEAR_TIMEOUTS), 1);
    assert_int_equal(option_of(ends[0], TCP_USER_TIMEOUT), PATIENT_UNACKNOWLEDGED_MS);
    assert_int_equal(option_of(ends[0], TCP_KEEPIDLE), socket_patience(true)->idle_s);
    assert_int_equal(option_of(ends[1], TCP_THIN_LINEAR_TIMEOUTS), 0);
    // The same number is not the same connection.
    assert_int_equal(dup2(others[0], ends[0]), ends[0]);
    meter_make_patient(&meter);
    assert_int_equal(option_of(others[0], TCP_THIN_LINEAR_TIMEOUTS), 0);
    for (size_t i = 0; i < 2; i++) {
        close(ends[i]);
        close(others[i]);
    }
}

static void read_tcp_only(void **state)
{
    (void)state;
    int local[2];
    struct meter meter;
    struct transport_measured measured;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, local), 0);
    meter_learn(&meter, local[0]);
    assert_int_equal(meter_read(&meter, &measured), ERR_NOT_FOUND);
    const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    meter_learn(&meter, file);
    assert_int_equal(meter_read(&meter, &measured), ERR_NOT_FOUND);
    meter_learn(&meter, -1);
    assert_int_equal(meter_read(&meter, &measured), ERR_NOT_FOUND);
    close(file);
    close(local[0]);
    close(local[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_what_both_ends_send),
        cmocka_unit_test(count_what_waits),
        cmocka_unit_test(know_nothing_without_a_link),
        cmocka_unit_test(believe_no_other_socket),
        cmocka_unit_test(count_what_waits_locally),
        cmocka_unit_test(make_patient),
        cmocka_unit_test(read_tcp_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
