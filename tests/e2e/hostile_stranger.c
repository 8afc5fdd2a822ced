// SPDX-License-Identifier: EUPL-1.2
// Connections with ZeroMQ by those who are in no roster.
#include <poll.h>
#include <time.h>

#include "hostile.h"

enum { PATIENCE_MS = 20000 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *open_monitor(void *context, void *zmq, const char *name)
{
    void *monitor = zmq_socket(context, ZMQ_PAIR);
    if (monitor == NULL || zmq_socket_monitor(zmq, name, ZMQ_EVENT_ALL) != 0 ||
        zmq_connect(monitor, name) != 0) {
        give_up("no monitor");
    }
    return monitor;
}

struct attempt {
    void *zmq;
    void *monitor;
    size_t succeeded, failed, frames;
};

static void take_event(struct attempt *attempt)
{
    zmq_msg_t frame;
    uint16_t event = 0;
    zmq_msg_init(&frame);
    if (zmq_msg_recv(&frame, attempt->monitor, ZMQ_DONTWAIT) < 0) {
        return;
    }
    memcpy(&event, zmq_msg_data(&frame), sizeof event);
    (void)zmq_msg_recv(&frame, attempt->monitor, 0); // the address
    (void)zmq_msg_close(&frame);
    attempt->succeeded += event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    attempt->failed += event == ZMQ_EVENT_DISCONNECTED ||
                       event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ||
                       event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL ||
                       event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
}

static void take_frame(struct attempt *attempt)
{
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    attempt->frames += zmq_msg_recv(&frame, attempt->zmq, ZMQ_DONTWAIT) >= 0;
    (void)zmq_msg_close(&frame);
}

// A valid key that is in no roster, the node's own public key without its secret, and no key.
static int stranger(const struct target *target)
{
    enum { ATTEMPTS = 6 };
    void *context = zmq_ctx_new();
    struct attempt attempts[ATTEMPTS] = {0};
    struct attempt sum = {0};
    uint8_t public_key[BOX_KEY_LEN];
    uint8_t secret_key[BOX_KEY_LEN];
    crypto_box_keypair(public_key, secret_key);
    const struct keys keys[3] = {{public_key, secret_key}, {target->key, secret_key}, {NULL, NULL}};
    for (size_t i = 0; i < ATTEMPTS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "inproc://attempt-%zu", i);
        attempts[i].zmq =
            open_client(context, i % 2 == 0 ? ZMQ_DEALER : ZMQ_SUB, target, keys[i / 2]);
        attempts[i].monitor = open_monitor(context, attempts[i].zmq, name);
        if (i % 2 != 0) {
            (void)zmq_setsockopt(attempts[i].zmq, ZMQ_SUBSCRIBE, "", 0);
        }
        (void)zmq_connect(attempts[i].zmq, i % 2 == 0 ? target->sync : target->live);
        if (i % 2 == 0) {
            (void)zmq_send(attempts[i].zmq, "\x82\x04\x19\xff\xff", 5, ZMQ_DONTWAIT); // credit
        }
    }
    size_t refused = 0;
    for (int64_t end = now_ms() + PATIENCE_MS; refused < ATTEMPTS && now_ms() < end;) {
        (void)poll(NULL, 0, 10);
        refused = 0;
        for (size_t i = 0; i < ATTEMPTS; i++) {
            take_event(&attempts[i]);
            take_frame(&attempts[i]);
            refused += attempts[i].failed > 0;
        }
    }
    for (size_t i = 0; i < ATTEMPTS; i++) {
        sum.succeeded += attempts[i].succeeded;
        sum.frames += attempts[i].frames;
    }
    printf("{\"attempts\":%d,\"refused\":%zu,\"succeeded\":%zu,\"frames\":%zu}\n", ATTEMPTS,
           refused, sum.succeeded, sum.frames);
    return 0; // without closing: nothing waits for what was never sent
}

int main(int argc, char **argv)
{
    static struct aim aim;
    take_aim(&aim, argc, argv);
    return stranger(&aim.target);
}
