// SPDX-License-Identifier: EUPL-1.2
// Answers of the node, whole.
#include "sitrep/officers/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

json_t *collect_last_own(struct client *client, const char *kind, enum exit_code *code)
{
    char path[CLIENT_PATH_MAX];
    json_t *status = collect_one(client, "/v1/status", code);
    json_t *last = NULL;

    if (status == NULL) {
        return NULL;
    }
    (void)snprintf(path, sizeof path, "/v1/entries?kind=%s&centre=%.64s", kind,
                   json_text(status, "centre"));
    json_t *entries = collect(client, path, code);
    if (json_array_size(entries) > 0) {
        last = json_incref(json_array_get(entries, json_array_size(entries) - 1));
    }
    json_decref(entries);
    json_decref(status);
    return last;
}

bool collect_names(const json_t *entry, const char *field, const json_t *item)
{
    const char *name = json_text(json_object_get(entry, "fields"), field);
    size_t i;
    json_t *version;

    if (strcmp(name, json_text(item, "item")) == 0) {
        return true;
    }
    json_array_foreach(json_object_get(item, "all"), i, version)
    {
        if (strcmp(name, json_text(version, "name")) == 0) {
            return true;
        }
    }
    return false;
}
