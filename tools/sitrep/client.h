// SPDX-License-Identifier: EUPL-1.2
// Talking to the running node: HTTP over HOME/api.sock.
#ifndef SITREP_CLIENT_H
#define SITREP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "sitrep/options.h"

struct client;

// NULL after a complaint.
struct client *client_open(const struct arguments *arguments);
void client_close(struct client **client);
// From now on there is no complaint when no node answers: the caller knows another way.
void client_do_without(struct client *client);
// Nor when the node goes away in the middle: the caller says so, and comes back.
void client_expect_breaks(struct client *client);

struct call {
    const char *method;    // "GET", "POST"
    const char *path;      // "/v1/status"
    const char *body_type; // NULL without a body
    const void *body;
    size_t body_len;
};

struct answer {
    long status;  // of HTTP
    json_t *json; // when that is what came
    uint8_t *body;
    size_t len;
};

// EXIT_DONE when an answer came, whatever it says; else the complaint has been made.
enum exit_code client_call(struct client *client, const struct call *call, struct answer *answer);
void answer_fini(struct answer *answer);

// EXIT_DONE for an answer of 2xx; else says what the node refuses, or failed at.
enum exit_code answer_check(const struct answer *answer);
// What the node says is wrong.
const char *answer_message(const struct answer *answer);
enum exit_code answer_code(const struct answer *answer);

// client_call, and answer_check.
enum exit_code client_ask(struct client *client, const struct call *call, struct answer *answer);
// POST of a JSON object; releases `body`.
enum exit_code client_post(struct client *client, const char *path, json_t *body,
                           struct answer *answer);
// POST of what publishes an entry; prints its name, and says where it is a proposal only. Releases
// `body`.
enum exit_code client_publish(const struct arguments *arguments, const char *path, json_t *body);
// The same over a client that is open.
enum exit_code client_publish_over(struct client *client, bool is_json, const char *path,
                                   json_t *body);
// GET of a JSON object, printed as --json has it.
enum exit_code client_print(struct client *client, const char *path);
// GET of a JSON object; EXIT_DONE only when it came.
enum exit_code client_read(struct client *client, const char *path, struct answer *answer);
// A whole command: one GET, its JSON handed to `show` (or printed as it is with --json).
enum exit_code client_show(const struct arguments *arguments, const char *path,
                           void (*show)(const json_t *json));
// The same, where `show` asks the node for more.
enum exit_code client_show_more(const struct arguments *arguments, const char *path,
                                enum exit_code (*show)(struct client *client, const json_t *json));

// Hands every line (a JSON object) of the answer to `take`, as they come; stops when it returns
// false.
typedef bool client_take(void *context, const json_t *line);
enum exit_code client_stream(struct client *client, const struct call *call, client_take *take,
                             void *context);

// The same for lines of text, without their ends; one that is not whole is left out. What the node
// refuses is in `answer`, for answer_check to say; to be released by answer_fini either way.
typedef bool client_take_line(void *context, const char *line, size_t len);
enum exit_code client_lines(struct client *client, const struct call *call, client_take_line *take,
                            void *context, struct answer *answer);

// GET of lines, each a JSON object, printed as they come, as --json has them.
enum exit_code client_print_lines(struct client *client, const char *path);

// `text` made fit for a path or query; malloc'ed.
char *client_escape(struct client *client, const char *text);

// `prefix` and a name made fit for a path or query. Complains of one too long to be a name.
enum { CLIENT_PATH_MAX = 512 };
enum exit_code client_node_path(struct client *client, const char *prefix, const char *node,
                                char path[static CLIENT_PATH_MAX]);

// `prefix` ("/v1/entries/"), the name and `query`. Complains of what is no entry's name.
enum exit_code client_entry_path(const char *prefix, const char *name, const char *query,
                                 char path[static CLIENT_PATH_MAX]);

#endif
