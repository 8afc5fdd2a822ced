// SPDX-License-Identifier: EUPL-1.2
// For the programs here that behave badly towards a running node: which node, with what keys, and
// chance that is the same for the same seed. Each prints what came of it as a line of JSON; whether
// that was right is judged by the scripts.
#ifndef TESTS_E2E_HOSTILE_H
#define TESTS_E2E_HOSTILE_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <zmq.h>

#include "home/home.h"

enum { SEED_LEN = randombytes_SEEDBYTES };

struct target {
    char sync[ENDPOINT_MAX_LEN + 1];
    char live[ENDPOINT_MAX_LEN + 1];
    uint8_t key[BOX_KEY_LEN];
};

static inline _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "hostile: %s: %s\n", why, strerror(errno));
    exit(1);
}

// HOME NODE [COUNT [SEED]], behind the way to behave.
struct aim {
    struct home home;
    struct target target;
    size_t count;
};

static struct {
    uint64_t seed;
    uint64_t count;
} chance;

static inline void fill(uint8_t *bytes, size_t len)
{
    uint8_t seed[SEED_LEN] = {0};
    memcpy(seed, &chance.seed, sizeof chance.seed);
    memcpy(seed + sizeof chance.seed, &chance.count, sizeof chance.count);
    chance.count++;
    randombytes_buf_deterministic(bytes, len, seed);
}

static inline uint64_t below(uint64_t bound)
{
    uint64_t number;
    fill((uint8_t *)&number, sizeof number);
    return number % bound;
}

static inline void open_home(struct home *home, const char *path)
{
    if (home_open(home, path) != ERR_OK) {
        give_up(home->why);
    }
}

static inline void copy_text(char out[static ENDPOINT_MAX_LEN + 1], struct span text)
{
    memcpy(out, text.bytes, text.len);
    out[text.len] = '\0';
}

// The node of that name in the roster `home` holds.
static inline void find_target(struct home *home, const char *name, struct target *target)
{
    struct roster *roster = NULL;
    if (home_load_roster(home, &roster) != ERR_OK) {
        give_up(home->why);
    }
    int32_t index = roster_find_name(roster, name, strlen(name));
    if (index < 0 || roster->nodes[index].endpoints_count == 0) {
        give_up("there is no such node");
    }
    copy_text(target->sync, roster->nodes[index].endpoints[0].sync);
    copy_text(target->live, roster->nodes[index].endpoints[0].live);
    memcpy(target->key, roster->nodes[index].transport, BOX_KEY_LEN);
    roster_destroy(&roster);
}

struct keys {
    const uint8_t *public_key; // NULL: without CURVE
    const uint8_t *secret_key;
};

static inline void *open_client(void *context, int type, const struct target *target,
                                struct keys keys)
{
    void *zmq = zmq_socket(context, type);
    const int linger = 5000;
    const int send_ms = 1000;
    if (zmq == NULL || zmq_setsockopt(zmq, ZMQ_LINGER, &linger, sizeof linger) != 0 ||
        zmq_setsockopt(zmq, ZMQ_SNDTIMEO, &send_ms, sizeof send_ms) != 0) {
        give_up("no socket");
    }
    if (keys.public_key != NULL) {
        (void)zmq_setsockopt(zmq, ZMQ_CURVE_SERVERKEY, target->key, BOX_KEY_LEN);
        (void)zmq_setsockopt(zmq, ZMQ_CURVE_PUBLICKEY, keys.public_key, BOX_KEY_LEN);
        (void)zmq_setsockopt(zmq, ZMQ_CURVE_SECRETKEY, keys.secret_key, BOX_KEY_LEN);
    }
    return zmq;
}

static inline void take_aim(struct aim *aim, int argc, char **argv)
{
    if (argc < 4 || sodium_init() < 0) {
        (void)fprintf(stderr, "usage: %s WAY HOME NODE [COUNT [SEED]]\n", argv[0]);
        exit(2);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    aim->count = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    chance.seed = argc > 5 ? strtoull(argv[5], NULL, 10) : 1;
    open_home(&aim->home, argv[2]);
    find_target(&aim->home, argv[3], &aim->target);
}

#endif
