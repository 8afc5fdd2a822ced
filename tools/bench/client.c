// SPDX-License-Identifier: EUPL-1.2
// The API from a client's side, with libcurl over the daemon's Unix socket.
#include "bench/client.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

enum { FOLLOWED_MAX = 100000 };

struct bench_client {
    CURL *curl;
    char *text;
    size_t len;
};

static size_t collect(char *bytes, size_t size, size_t count, void *context)
{
    struct bench_client *client = context;
    char *grown = realloc(client->text, client->len + size * count + 1);

    if (grown == NULL) {
        return 0;
    }
    client->text = grown;
    memcpy(client->text + client->len, bytes, size * count);
    client->len += size * count;
    client->text[client->len] = '\0';
    return size * count;
}

static CURL *open_handle(const struct bench_daemon *daemon)
{
    CURL *curl = curl_easy_init();
    char path[3300];

    (void)snprintf(path, sizeof path, "%s/api.sock", daemon->home);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    return curl;
}

struct bench_client *bench_client_open(const struct bench_daemon *daemon)
{
    struct bench_client *client = calloc(1, sizeof *client);

    if (client == NULL) {
        abort();
    }
    client->curl = open_handle(daemon);
    curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, client);
    return client;
}

void bench_client_close(struct bench_client **client)
{
    curl_easy_cleanup((*client)->curl);
    free((*client)->text);
    free(*client);
    *client = NULL;
}

static void perform(struct bench_client *client, const char *path)
{
    char url[512];
    long status = 0;
    CURLcode code;

    client->len = 0;
    (void)snprintf(url, sizeof url, "http://localhost%s", path);
    curl_easy_setopt(client->curl, CURLOPT_URL, url);
    code = curl_easy_perform(client->curl);
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status < 200 || status > 299) {
        fprintf(stderr, "bench: %s answers %ld (%s) %s\n", path, status, curl_easy_strerror(code),
                client->len > 0 ? client->text : "");
        exit(EXIT_FAILURE);
    }
}

static void get(struct bench_client *client, const char *path)
{
    curl_easy_setopt(client->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
    perform(client, path);
}

void bench_client_ask(struct bench_client *client, const char *path, const char *wanted)
{
    get(client, path);
    if (client->len == 0 || strstr(client->text, wanted) == NULL) {
        fprintf(stderr, "bench: %s answers without %s: %s\n", path, wanted,
                client->len > 0 ? client->text : "");
        exit(EXIT_FAILURE);
    }
}

json_t *bench_client_get(struct bench_client *client, const char *path)
{
    json_t *json;

    get(client, path);
    json = json_loads(client->text, 0, NULL);
    if (json == NULL) {
        fprintf(stderr, "bench: %s is no JSON\n", path);
        exit(EXIT_FAILURE);
    }
    return json;
}

void bench_client_post(struct bench_client *client, const char *path, const char *type,
                       const char *body, size_t len)
{
    char header[128];
    struct curl_slist *headers;

    (void)snprintf(header, sizeof header, "Content-Type: %s", type);
    headers = curl_slist_append(NULL, header);
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE, (long)len);
    perform(client, path);
    curl_slist_free_all(headers);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
}

// -- following --

struct bench_follower {
    CURL *curl;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    bool is_stopping;
    size_t count;
    double times[FOLLOWED_MAX];
};

// NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type
static size_t note_lines(char *bytes, size_t size, size_t count, void *context)
{
    struct bench_follower *follower = context;
    double now = bench_now_s();

    pthread_mutex_lock(&follower->lock);
    for (size_t i = 0; i < size * count; i++) {
        if (bytes[i] == '\n' && follower->count < FOLLOWED_MAX) {
            follower->times[follower->count++] = now;
        }
    }
    pthread_cond_broadcast(&follower->arrived);
    pthread_mutex_unlock(&follower->lock);
    return size * count;
}

static int keep_going(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct bench_follower *follower = context;
    bool is_stopping;

    (void)a;
    (void)b;
    (void)c;
    (void)d;
    pthread_mutex_lock(&follower->lock);
    is_stopping = follower->is_stopping;
    pthread_mutex_unlock(&follower->lock);
    return is_stopping;
}

static void *follow(void *context)
{
    struct bench_follower *follower = context;

    (void)curl_easy_perform(follower->curl);
    return NULL;
}

struct bench_follower *bench_follow(const struct bench_daemon *daemon, size_t after)
{
    char url[128];

    struct bench_follower *follower = calloc(1, sizeof *follower);

    if (follower == NULL) {
        abort();
    }
    pthread_mutex_init(&follower->lock, NULL);
    pthread_cond_init(&follower->arrived, NULL);
    follower->curl = open_handle(daemon);
    (void)snprintf(url, sizeof url, "http://localhost/v1/entries?follow=1&after=%zu", after);
    curl_easy_setopt(follower->curl, CURLOPT_URL, url);
    curl_easy_setopt(follower->curl, CURLOPT_WRITEFUNCTION, note_lines);
    curl_easy_setopt(follower->curl, CURLOPT_WRITEDATA, follower);
    curl_easy_setopt(follower->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(follower->curl, CURLOPT_XFERINFOFUNCTION, keep_going);
    curl_easy_setopt(follower->curl, CURLOPT_XFERINFODATA, follower);
    pthread_create(&follower->thread, NULL, follow, follower);
    return follower;
}

double bench_follower_time(struct bench_follower *follower, size_t n)
{
    struct timespec deadline;
    double time = 0;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 10;
    pthread_mutex_lock(&follower->lock);
    while (follower->count <= n &&
           pthread_cond_timedwait(&follower->arrived, &follower->lock, &deadline) == 0) {
    }
    time = follower->count > n ? follower->times[n] : 0;
    pthread_mutex_unlock(&follower->lock);
    if (time == 0) {
        fprintf(stderr, "bench: entry %zu never became visible\n", n);
        exit(EXIT_FAILURE);
    }
    return time;
}

void bench_follower_stop(struct bench_follower **follower)
{
    pthread_mutex_lock(&(*follower)->lock);
    (*follower)->is_stopping = true;
    pthread_mutex_unlock(&(*follower)->lock);
    pthread_join((*follower)->thread, NULL);
    curl_easy_cleanup((*follower)->curl);
    pthread_cond_destroy(&(*follower)->arrived);
    pthread_mutex_destroy(&(*follower)->lock);
    free(*follower);
    *follower = NULL;
}
