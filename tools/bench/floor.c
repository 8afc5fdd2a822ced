// SPDX-License-Identifier: EUPL-1.2
// The floors, written as barely as the steps allow: no protocol, no checks but the hashes and
// signatures, no recovery.
#include "bench/floor.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lmdb.h>
#include <sodium.h>
#include <zmq.h>

#include "bench/measure.h"

enum {
    PER_MESSAGE = 128,
    PER_SIGNATURE = 32,
    PER_COMMIT = 10000,
    HEADER = 150,
    KEYS = 41,
    PUBLISHED_LEN = 300
};

static void must(bool is_good, const char *what)
{
    if (!is_good) {
        fprintf(stderr, "bench: floor: %s failed\n", what);
        exit(EXIT_FAILURE);
    }
}

// -- a store --

struct bare_store {
    MDB_env *env;
    MDB_dbi entries, index;
    uint64_t arrival;
};

static void open_store(struct bare_store *store, const char *folder)
{
    MDB_txn *txn = NULL;

    store->arrival = 0;
    must(mkdir(folder, 0700) == 0 && mdb_env_create(&store->env) == 0 &&
             mdb_env_set_maxdbs(store->env, 2) == 0 &&
             mdb_env_set_mapsize(store->env, (size_t)1 << 31) == 0 &&
             mdb_env_open(store->env, folder, 0, 0600) == 0,
         folder);
    must(mdb_txn_begin(store->env, NULL, 0, &txn) == 0 &&
             mdb_dbi_open(txn, "entries", MDB_CREATE, &store->entries) == 0 &&
             mdb_dbi_open(txn, "index", MDB_CREATE, &store->index) == 0 && mdb_txn_commit(txn) == 0,
         "store");
}

static void put_u64(uint8_t out[static 8], uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

// NOLINTNEXTLINE(readability-non-const-parameter): LMDB takes it as void *
static void append(struct bare_store *store, MDB_txn *txn, uint8_t *bytes, size_t len)
{
    uint8_t key[8];
    uint8_t place[12] = {0};
    MDB_val k = {8, key};
    MDB_val v = {len, bytes};

    put_u64(key, ++store->arrival);
    must(mdb_put(txn, store->entries, &k, &v, MDB_APPEND) == 0, "append");
    place[3] = (uint8_t)(store->arrival / PER_SIGNATURE % 10);
    put_u64(place + 4, store->arrival);
    k = (MDB_val){12, place};
    v = (MDB_val){8, key};
    must(mdb_put(txn, store->index, &k, &v, 0) == 0, "index");
}

// -- the pipeline --

struct batch {
    uint8_t *bytes;
    size_t count;
};

struct pipeline {
    size_t entries, sealed_len;
    const char *endpoint;
    void *context;
    char server_public[KEYS], server_secret[KEYS], client_public[KEYS], client_secret[KEYS];
    struct bare_store store;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct batch batches[2]; // one is filled while the other is written
    bool is_full[2];
    uint8_t verify_key[crypto_sign_PUBLICKEYBYTES], signature[crypto_sign_BYTES], message[HEADER];
};

static void *send_all(void *argument)
{
    struct pipeline *pipeline = argument;
    void *socket = zmq_socket(pipeline->context, ZMQ_PUSH);
    size_t len = PER_MESSAGE * pipeline->sealed_len;
    uint8_t *message = malloc(len);

    must(message != NULL, "memory");
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, pipeline->server_public, KEYS - 1);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, pipeline->client_public, KEYS - 1);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, pipeline->client_secret, KEYS - 1);
    must(zmq_connect(socket, pipeline->endpoint) == 0, "connect");
    randombytes_buf(message, len);
    for (size_t sent = 0; sent < pipeline->entries; sent += PER_MESSAGE) {
        must(zmq_send(socket, message, len, 0) == (int)len, "send");
    }
    free(message);
    zmq_close(socket);
    return NULL;
}

static void *write_all(void *argument)
{
    struct pipeline *pipeline = argument;

    for (size_t done = 0, turn = 0; done < pipeline->entries; turn ^= 1) {
        struct batch *batch = &pipeline->batches[turn];
        MDB_txn *txn = NULL;

        pthread_mutex_lock(&pipeline->lock);
        while (!pipeline->is_full[turn]) {
            pthread_cond_wait(&pipeline->changed, &pipeline->lock);
        }
        pthread_mutex_unlock(&pipeline->lock);
        must(mdb_txn_begin(pipeline->store.env, NULL, 0, &txn) == 0, "begin");
        for (size_t i = 0; i < batch->count; i++) {
            append(&pipeline->store, txn, batch->bytes + i * pipeline->sealed_len,
                   pipeline->sealed_len);
        }
        must(mdb_txn_commit(txn) == 0, "commit");
        done += batch->count;
        pthread_mutex_lock(&pipeline->lock);
        batch->count = 0;
        pipeline->is_full[turn] = false;
        pthread_cond_broadcast(&pipeline->changed);
        pthread_mutex_unlock(&pipeline->lock);
    }
    return NULL;
}

static void check_entry(struct pipeline *pipeline, const uint8_t *bytes, size_t number)
{
    uint8_t digest[32];
    uint8_t header[HEADER] = {0};

    crypto_generichash(digest, sizeof digest, bytes, pipeline->sealed_len, NULL, 0);
    memcpy(header, digest, sizeof digest);
    crypto_generichash(digest, sizeof digest, header, sizeof header, pipeline->verify_key, 32);
    if (number % PER_SIGNATURE == 0) {
        must(crypto_sign_verify_detached(pipeline->signature, pipeline->message, HEADER,
                                         pipeline->verify_key) == 0,
             "verify");
    }
}

static void hand_over(struct pipeline *pipeline, size_t turn)
{
    pthread_mutex_lock(&pipeline->lock);
    pipeline->is_full[turn] = true;
    pthread_cond_broadcast(&pipeline->changed);
    while (pipeline->is_full[turn ^ 1]) {
        pthread_cond_wait(&pipeline->changed, &pipeline->lock);
    }
    pthread_mutex_unlock(&pipeline->lock);
}

static void receive_all(struct pipeline *pipeline, void *socket)
{
    size_t turn = 0;

    for (size_t done = 0; done < pipeline->entries;) {
        struct batch *batch = &pipeline->batches[turn];
        zmq_msg_t message;
        const uint8_t *bytes;

        zmq_msg_init(&message);
        must(zmq_msg_recv(&message, socket, 0) >= 0, "receive");
        bytes = zmq_msg_data(&message);
        for (size_t i = 0; i < PER_MESSAGE && done < pipeline->entries; i++, done++) {
            check_entry(pipeline, bytes + i * pipeline->sealed_len, done);
            memcpy(batch->bytes + batch->count++ * pipeline->sealed_len,
                   bytes + i * pipeline->sealed_len, pipeline->sealed_len);
        }
        zmq_msg_close(&message);
        if (batch->count + PER_MESSAGE > PER_COMMIT || done == pipeline->entries) {
            hand_over(pipeline, turn);
            turn ^= 1;
        }
    }
}

static void *bind_server(struct pipeline *pipeline, int type, char endpoint[static 256])
{
    void *socket = zmq_socket(pipeline->context, type);
    size_t len = 256;
    int yes = 1;

    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof yes);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, pipeline->server_secret, KEYS - 1);
    must(zmq_bind(socket, "tcp://127.0.0.1:*") == 0 &&
             zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &len) == 0,
         "bind");
    pipeline->endpoint = endpoint;
    return socket;
}

static void make_keys(struct pipeline *pipeline)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];

    zmq_curve_keypair(pipeline->server_public, pipeline->server_secret);
    zmq_curve_keypair(pipeline->client_public, pipeline->client_secret);
    crypto_sign_keypair(pipeline->verify_key, secret);
    crypto_sign_detached(pipeline->signature, NULL, pipeline->message, HEADER, secret);
}

double bench_floor_pipeline(const char *folder, size_t entries, size_t sealed_len)
{
    struct pipeline *pipeline = calloc(1, sizeof *pipeline);
    pthread_t sender;
    pthread_t writer;
    char endpoint[256];
    void *socket;
    double begun;
    double seconds;

    must(pipeline != NULL, "memory");
    pipeline->entries = entries;
    pipeline->sealed_len = sealed_len;
    pipeline->context = zmq_ctx_new();
    pthread_mutex_init(&pipeline->lock, NULL);
    pthread_cond_init(&pipeline->changed, NULL);
    for (int i = 0; i < 2; i++) {
        pipeline->batches[i].bytes = malloc((PER_COMMIT + PER_MESSAGE) * sealed_len);
        must(pipeline->batches[i].bytes != NULL, "memory");
    }
    make_keys(pipeline);
    open_store(&pipeline->store, folder);
    socket = bind_server(pipeline, ZMQ_PULL, endpoint);
    begun = bench_now_s();
    pthread_create(&sender, NULL, send_all, pipeline);
    pthread_create(&writer, NULL, write_all, pipeline);
    receive_all(pipeline, socket);
    pthread_join(writer, NULL);
    seconds = bench_now_s() - begun;
    pthread_join(sender, NULL);
    zmq_close(socket);
    zmq_ctx_term(pipeline->context);
    mdb_env_close(pipeline->store.env);
    for (int i = 0; i < 2; i++) {
        free(pipeline->batches[i].bytes);
    }
    free(pipeline);
    return (double)entries / seconds;
}

// -- publishing --

static void write_batch(struct bare_store *store, const uint8_t *secret, uint8_t *record,
                        size_t batch)
{
    static const uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    uint8_t digest[48];
    MDB_txn *txn = NULL;

    must(mdb_txn_begin(store->env, NULL, 0, &txn) == 0, "begin");
    for (size_t i = 0; i < batch; i++) {
        crypto_generichash(digest, sizeof digest, record, HEADER, secret, 32);
        crypto_aead_xchacha20poly1305_ietf_encrypt(record, NULL, record, PUBLISHED_LEN, NULL, 0,
                                                   NULL, nonce, digest);
        crypto_generichash(digest, sizeof digest, record, PUBLISHED_LEN, NULL, 0);
        crypto_sign_detached(record, NULL, record, HEADER, secret);
        append(store, txn, record, PUBLISHED_LEN);
    }
    must(mdb_txn_commit(txn) == 0, "commit");
}

double bench_floor_publish(const char *folder, size_t entries, size_t batch)
{
    struct bare_store store;
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    uint8_t record[PUBLISHED_LEN + crypto_aead_xchacha20poly1305_ietf_ABYTES] = {0};
    double begun;
    double seconds;

    crypto_sign_keypair(public_key, secret);
    open_store(&store, folder);
    begun = bench_now_s();
    for (size_t done = 0; done < entries; done += batch) {
        write_batch(&store, secret, record, batch);
    }
    seconds = bench_now_s() - begun;
    mdb_env_close(store.env);
    return (double)entries / seconds;
}

// -- latencies --

void bench_floor_commits(const char *folder, double every_s, double *times, size_t count)
{
    struct bare_store store;
    uint8_t record[600] = {0};

    open_store(&store, folder);
    for (size_t i = 0; i < count; i++) {
        double begun = bench_now_s();
        MDB_txn *txn = NULL;

        must(mdb_txn_begin(store.env, NULL, 0, &txn) == 0, "begin");
        append(&store, txn, record, sizeof record);
        must(mdb_txn_commit(txn) == 0, "commit");
        times[i] = bench_now_s() - begun;
        bench_wait_until(begun + every_s);
    }
    mdb_env_close(store.env);
}

struct echo {
    void *socket;
    size_t count;
};

static void *echo_all(void *argument)
{
    struct echo *echo = argument;
    char text[64];

    for (size_t i = 0; i < echo->count; i++) {
        int len = zmq_recv(echo->socket, text, sizeof text, 0);

        must(len > 0 && zmq_send(echo->socket, text, (size_t)len, 0) == len, "echo");
    }
    return NULL;
}

void bench_floor_round_trips(double every_s, double *times, size_t count)
{
    struct pipeline *keys = calloc(1, sizeof *keys);
    struct echo echo = {.count = count};
    pthread_t thread;
    char endpoint[256];
    char text[64] = "ping";
    void *socket;

    must(keys != NULL, "memory");
    keys->context = zmq_ctx_new();
    make_keys(keys);
    echo.socket = bind_server(keys, ZMQ_REP, endpoint);
    socket = zmq_socket(keys->context, ZMQ_REQ);
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, keys->server_public, KEYS - 1);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->client_public, KEYS - 1);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->client_secret, KEYS - 1);
    must(zmq_connect(socket, endpoint) == 0, "connect");
    pthread_create(&thread, NULL, echo_all, &echo);
    for (size_t i = 0; i < count; i++) {
        double begun = bench_now_s();

        must(zmq_send(socket, text, 50, 0) == 50 && zmq_recv(socket, text, sizeof text, 0) == 50,
             "round trip");
        times[i] = bench_now_s() - begun;
        bench_wait_until(begun + every_s);
    }
    pthread_join(thread, NULL);
    zmq_close(socket);
    zmq_close(echo.socket);
    zmq_ctx_term(keys->context);
    free(keys);
}
