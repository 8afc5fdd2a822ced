// SPDX-License-Identifier: EUPL-1.2
// Answers of the node, whole.
#include "sitrep/officers/collect.h"

#include <stdlib.h>

#include "sitrep/print.h"

static bool take(void *context, const json_t *line)
{
    json_t *copy = json_deep_copy(line);

    if (copy == NULL || json_array_append_new(context, copy) != 0) {
        abort();
    }
    return true;
}

json_t *collect(struct client *client, const char *path, enum exit_code *code)
{
    const struct call call = {.method = "GET", .path = path};
    json_t *lines = json_array();

    *code = client_stream(client, &call, take, lines);
    if (*code != EXIT_DONE) {
        json_decref(lines);
        return NULL;
    }
    return lines;
}

json_t *collect_one(struct client *client, const char *path, enum exit_code *code)
{
    const struct call call = {.method = "GET", .path = path};
    struct answer answer;
    json_t *json = NULL;

    *code = client_ask(client, &call, &answer);
    if (*code == EXIT_DONE && answer.json == NULL) {
        *code = complain(EXIT_FAILED, "the node's answer is not understood");
    } else if (*code == EXIT_DONE) {
        json = json_incref(answer.json);
    }
    answer_fini(&answer);
    return json;
}
