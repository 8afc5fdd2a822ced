// SPDX-License-Identifier: EUPL-1.2
// What a member of the federation can do with its own keys: frames and subscriptions without sense.
#include <unistd.h>

#include "hostile.h"
#include "wire/message.h"

struct frame {
    uint8_t bytes[120 * 1024];
    size_t len;
};

static void make_heads(struct cbor_writer *out)
{
    enum { COUNT = 3 };
    struct message_head heads[COUNT] = {0};
    // The writer takes only heads of authors the message speaks of; what breaks that is in the
    // noise.
    const uint32_t last = COUNT - 1 + (uint32_t)below(NODES_MAX - COUNT + 1);
    const struct message_heads fixed = {below(2) == 0, 0, last};
    for (uint32_t i = 0; i < COUNT; i++) {
        heads[i] = (struct message_head){.author = i, .epoch = below(3), .seq = 1 + below(SEQ_MAX)};
        fill(heads[i].id, TAG_LEN);
    }
    message_put_heads(out, &fixed, heads, COUNT);
}

static void make_wants(struct cbor_writer *out)
{
    enum { COUNT = 500 };
    static struct message_want wants[COUNT];
    const struct message_wants fixed = {.restart = below(2) == 0, .credit = below(CREDIT_MAX)};
    const size_t count = 1 + below(COUNT);
    for (size_t i = 0; i < count; i++) {
        const uint64_t from = 1 + below(1000);
        wants[i] = (struct message_want){(uint32_t)below(4),        below(2),      from,
                                         from + below(SEQ_MAX / 2), below(2) == 0, {0}};
        fill(wants[i].tip, TAG_LEN);
    }
    message_put_wants(out, &fixed, wants, count);
}

// Well formed, and signed by nobody.
static void make_runs(struct cbor_writer *out)
{
    static uint8_t sealed[RUN_ENTRIES_MAX][400];
    struct run run = {.author = (uint32_t)below(4),
                      .epoch = below(2),
                      .seq = 1 + below(3),
                      .count = 1 + below(RUN_ENTRIES_MAX)};
    run.prev_len = run.seq == 1 ? 0 : below(2) == 0 ? TAG_LEN : ID_LEN;
    fill(run.prev, ID_LEN);
    fill(run.signature, SIGNATURE_LEN);
    for (size_t i = 0; i < run.count; i++) {
        fill(sealed[i], sizeof sealed[i]);
        run.items[i] = (struct run_item){.time = (UINT64_C(1) << 56) + i,
                                         .precedence = (uint8_t)below(4),
                                         .sealed = {sealed[i], SEALED_MIN + below(300)}};
    }
    message_put_runs(out, 1);
    run_encode(out, &run);
}

static void make_trace(struct cbor_writer *out)
{
    struct message_trace trace = {
        (uint32_t)below(4), below(2), 1 + below(SEQ_MAX), 1, {0}, below(2) == 0, true, {0}};
    trace.has_id = trace.is_answer;
    trace.at = 1 + below(trace.to);
    fill(trace.tip, TAG_LEN);
    fill(trace.id, TAG_LEN);
    message_put_trace(out, &trace);
}

static void make_beacon(struct cbor_writer *out)
{
    struct message_beacon beacon = {.roster_version = 1 + below(below(2) == 0 ? 4 : SEQ_MAX),
                                    .time_ms = below(SEQ_MAX),
                                    .echo_ms = below(SEQ_MAX),
                                    .held_ms = below(SEQ_MAX)};
    fill(beacon.fingerprint, FINGERPRINT_LEN);
    fill(beacon.roster_tag, TAG_LEN);
    message_put_beacon(out, &beacon);
}

static void make_roster(struct cbor_writer *out)
{
    uint8_t bytes[2000];
    fill(bytes, sizeof bytes);
    message_put_roster(out, (struct span){bytes, 1 + below(sizeof bytes)});
}

static void make_roster_want(struct cbor_writer *out)
{
    struct message_roster_want want = {.has_hash = below(2) == 0,
                                       .version = 1 + below(below(2) == 0 ? 4 : SEQ_MAX)};
    fill(want.hash, sizeof want.hash);
    message_put_roster_want(out, &want);
}

// A question for a key that nobody has, or an answer that nobody asked for.
static void make_key(struct cbor_writer *out)
{
    struct message_key key = {.requester = (uint32_t)below(4)};
    struct message_key_want want = {.requester = key.requester,
                                    .hops = (uint8_t)below(KEY_HOPS_MAX + 1)};
    fill(want.group, TAG_LEN);
    fill(want.key, TAG_LEN);
    fill(key.sealed.group, TAG_LEN);
    fill(key.sealed.key, TAG_LEN);
    fill(key.sealed.sealed, sizeof key.sealed.sealed);
    if (below(2) == 0) {
        message_put_key(out, &key);
    } else {
        message_put_key_want(out, &want);
    }
}

static void make_message(struct frame *frame)
{
    struct cbor_writer out;
    cbor_write(&out, frame->bytes, MESSAGE_MAX);
    switch (below(9)) {
    case 0:
        make_beacon(&out);
        break;
    case 1:
        make_heads(&out);
        break;
    case 2:
        make_wants(&out);
        break;
    case 3:
        message_put_credit(&out, below(CREDIT_MAX));
        break;
    case 4:
        make_runs(&out);
        break;
    case 5:
        make_roster(&out);
        break;
    case 6:
        make_roster_want(&out);
        break;
    case 7:
        make_key(&out);
        break;
    default:
        make_trace(&out);
        break;
    }
    frame->len = cbor_written(&out);
}

// Bytes without meaning: noise, depth without end, lists of four thousand million.
static void make_noise(struct frame *frame)
{
    static const uint8_t huge[] = {0x82, 0x05, 0x9a, 0xff, 0xff, 0xff, 0xff, 0x80};
    frame->len = below(4) == 0 ? below(MESSAGE_MAX) : below(300);
    fill(frame->bytes, frame->len);
    if (below(4) == 0) {
        memset(frame->bytes, 0x81, frame->len);
    } else if (below(4) == 0) {
        memcpy(frame->bytes, huge, sizeof huge);
        frame->len = sizeof huge;
    }
}

static void mutate(struct frame *frame)
{
    for (uint64_t i = 1 + below(4); i > 0 && frame->len > 0; i--) {
        frame->bytes[below(frame->len)] ^= (uint8_t)(1 + below(255));
    }
    if (below(8) == 0) {
        frame->len = below(frame->len + 1);
    }
}

static void make_frame(struct frame *frame, size_t number)
{
    if (number % 50 == 49) { // too large for a message, not for a frame
        frame->len = MESSAGE_MAX + 1 + below(sizeof frame->bytes - MESSAGE_MAX - 1);
    } else if (number % 4 == 0) {
        make_noise(frame);
    } else {
        make_message(frame);
        if (number % 4 == 1) {
            mutate(frame);
        }
    }
}

static int frames(const struct target *target, struct keys keys, size_t count)
{
    static struct frame frame;
    void *context = zmq_ctx_new();
    void *zmq = open_client(context, ZMQ_DEALER, target, keys);
    size_t sent = 0;
    size_t heard = 0;
    (void)zmq_connect(zmq, target->sync);
    for (size_t i = 0; i < count; i++) {
        make_frame(&frame, i);
        const int more = i % 97 == 96 ? ZMQ_SNDMORE : 0; // a message of several frames
        sent += zmq_send(zmq, frame.bytes, frame.len, more) >= 0;
        if (more != 0) {
            (void)zmq_send(zmq, "tail", 4, 0);
        }
        zmq_msg_t answer;
        zmq_msg_init(&answer);
        while (zmq_msg_recv(&answer, zmq, ZMQ_DONTWAIT) >= 0) {
            heard++;
        }
        (void)zmq_msg_close(&answer);
    }
    (void)zmq_close(zmq);
    (void)zmq_ctx_term(context);
    printf("{\"sent\":%zu,\"heard\":%zu}\n", sent, heard);
    return sent > 0 ? 0 : 1;
}

// Subscribes to that many topics, some of them well formed, and stays until it is ended.
static int subscriptions(const struct target *target, struct keys keys, size_t count)
{
    void *context = zmq_ctx_new();
    void *zmq = open_client(context, ZMQ_SUB, target, keys);
    for (size_t i = 0; i < count; i++) {
        uint8_t topic[40];
        fill(topic, sizeof topic);
        size_t len = below(sizeof topic);
        if (i % 2 == 0) {
            topic[0] = below(2) == 0 ? 'o' : 'r';
            topic[1] = (uint8_t)('0' + below(4));
            len = 10;
        }
        if (zmq_setsockopt(zmq, ZMQ_SUBSCRIBE, topic, len) != 0) {
            give_up("no subscription");
        }
    }
    (void)zmq_connect(zmq, target->live);
    puts("{\"asking\":true}");
    (void)fflush(stdout);
    pause();
    return 0;
}

int main(int argc, char **argv)
{
    static struct aim aim;
    struct node_keys *keys = NULL;
    take_aim(&aim, argc, argv);
    if (home_load_node_keys(&aim.home, NULL, &keys) != ERR_OK) {
        give_up(aim.home.why);
    }
    const struct keys own = {keys->transport[0].public_key, keys->transport[0].secret};
    if (strcmp(argv[1], "frames") == 0) {
        return frames(&aim.target, own, aim.count);
    }
    if (strcmp(argv[1], "subscriptions") == 0) {
        return subscriptions(&aim.target, own, aim.count);
    }
    return 2;
}
