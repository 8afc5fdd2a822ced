// SPDX-License-Identifier: EUPL-1.2
// A node that gives prepared answers over its socket, for tests of the command line: says what it
// is told to, and keeps what it was asked.
#ifndef TESTS_UNIT_PREPARED_NODE_H
#define TESTS_UNIT_PREPARED_NODE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "sitrep/options.h"
#include "unit/scratch.h"

enum { ANSWERS_MAX = 8, REQUEST_BYTES = 256 * 1024 };

// One answer a connection.
struct node {
    char home[SCRATCH_PATH_MAX];
    int listener;
    pthread_t thread;
    const char *answers[ANSWERS_MAX]; // everything behind "HTTP/1.1 "
    size_t answers_count;
    char *asked[ANSWERS_MAX];
    size_t asked_count;
};

static inline bool is_whole(const char *request)
{
    const char *body = strstr(request, "\r\n\r\n");
    const char *length = strstr(request, "Content-Length: ");
    if (body == NULL) {
        return false;
    }
    const size_t wanted = length != NULL ? strtoul(length + 16, NULL, 10) : 0;
    return strlen(body + 4) >= wanted;
}

static inline void *serve(void *context)
{
    struct node *node = context;
    for (size_t i = 0; i < node->answers_count; i++) {
        const int fd = accept(node->listener, NULL, NULL);
        if (fd < 0) {
            break;
        }
        char *request = calloc(1, REQUEST_BYTES);
        size_t len = 0;
        while (!is_whole(request)) {
            const ssize_t got = read(fd, request + len, REQUEST_BYTES - 1 - len);
            if (got <= 0) {
                break;
            }
            len += (size_t)got;
        }
        node->asked[node->asked_count++] = request;
        (void)dprintf(fd, "HTTP/1.1 %s", node->answers[i]);
        (void)close(fd);
    }
    return NULL;
}

static inline int setup(void **state)
{
    struct node *node = calloc(1, sizeof *node);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    scratch_make(node->home);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.90s/api.sock", node->home);
    node->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *state = node;
    return bind(node->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
                   listen(node->listener, 8) == 0
               ? 0
               : -1;
}

static inline int teardown(void **state)
{
    struct node *node = *state;
    if (node->answers_count > 0) {
        (void)shutdown(node->listener, SHUT_RDWR); // what was not asked for is not waited for
        (void)pthread_join(node->thread, NULL);
    }
    (void)close(node->listener);
    for (size_t i = 0; i < node->asked_count; i++) {
        free(node->asked[i]);
    }
    scratch_remove(node->home);
    free(node);
    return 0;
}

static inline void start(struct node *node, const char *const *answers)
{
    while (answers[node->answers_count] != NULL) {
        node->answers[node->answers_count] = answers[node->answers_count];
        node->answers_count++;
    }
    assert_int_equal(pthread_create(&node->thread, NULL, serve, node), 0);
}

static inline struct arguments arguments_of(const struct node *node)
{
    struct arguments arguments = {.is_json = false};
    (void)snprintf(arguments.home, sizeof arguments.home, "%s", node->home);
    return arguments;
}

static inline const char *body_of(const char *request)
{
    return strstr(request, "\r\n\r\n") + 4;
}

#endif
