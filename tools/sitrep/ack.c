// SPDX-License-Identifier: EUPL-1.2
// sitrep ack: that entries were seen, or accepted. What this centre has said so already is not said
// twice.
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const struct option_spec ack_options[] = {
    {"accepted", NULL, "accepted, not only seen", false},
    {"by", "NAME", "who says so", false},
    {"function", "NAME", "in which function", false},
    {"text", "TEXT", "what else there is to say", false},
    {NULL, NULL, NULL, false},
};

// -- what is said --

static bool set_text(json_t *fields, const char *name, const char *text)
{
    return text == NULL || json_object_set_new(fields, name, json_string(text)) == 0;
}

static json_t *make_by(const struct arguments *arguments)
{
    json_t *by = json_object();

    if (!set_text(by, "name", arguments_get(arguments, "by")) ||
        !set_text(by, "function", arguments_get(arguments, "function"))) {
        json_decref(by);
        return NULL;
    }
    return by;
}

// NULL: something is not UTF-8.
static json_t *make_ack(const struct arguments *arguments)
{
    json_t *entry = json_pack("{s:s,s:{s:[],s:s}}", "kind", "ack", "fields", "of", "as",
                              arguments_has(arguments, "accepted") ? "accepted" : "seen");
    json_t *fields = json_object_get(entry, "fields");
    json_t *by = make_by(arguments);
    bool is_text = by != NULL && set_text(entry, "text", arguments_get(arguments, "text"));

    for (size_t i = 0; is_text && i < (size_t)arguments->operands_count; i++) {
        is_text = json_array_append_new(json_object_get(fields, "of"),
                                        json_string(arguments->operands[i])) == 0;
    }
    if (is_text && json_object_size(by) > 0) {
        (void)json_object_set(fields, "by", by);
    }
    json_decref(by);
    if (!is_text) {
        json_decref(entry);
        return NULL;
    }
    return entry;
}

// -- what was said before --

static bool is_same(const json_t *said, const json_t *ack)
{
    const json_t *old = json_object_get(said, "fields");
    const json_t *new = json_object_get(ack, "fields");
    const json_t *by = json_object_get(new, "by");
    const json_t *said_by = json_object_get(old, "by");

    return strcmp(json_text(old, "as"), json_text(new, "as")) == 0 &&
           strcmp(json_text(said, "text"), json_text(ack, "text")) == 0 &&
           (by == said_by || json_equal(by, said_by));
}

// By the centre, among who acknowledged an entry; NULL: it has not said that.
static const json_t *find_said(const json_t *delivery, const char *centre, const json_t *ack)
{
    const json_t *found = NULL;
    size_t i;
    size_t n;
    json_t *of;
    json_t *said;

    json_array_foreach(json_object_get(delivery, "centres"), i, of)
    {
        const bool is_ours = strcmp(json_text(of, "centre"), centre) == 0;
        json_array_foreach(json_object_get(of, "acks"), n, said)
        {
            found = is_ours && is_same(said, ack) ? said : found;
        }
    }
    return found;
}

// Whether it was said of that entry, telling so. Of what this node knows nothing it was not.
static enum exit_code look_up(struct client *client, const char *name, const char *centre,
                              const json_t *ack, bool *is_said)
{
    struct answer answer = {.json = NULL};
    char path[CLIENT_PATH_MAX];

    *is_said = false;
    if (strchr(name, '#') != NULL) {
        return EXIT_DONE; // not here
    }
    enum exit_code code = client_entry_path("/v1/deliveries/", name, "", path);
    if (code == EXIT_DONE) {
        code = client_call(client, &(struct call){.method = "GET", .path = path}, &answer);
    }
    const json_t *said = code == EXIT_DONE ? find_said(answer.json, centre, ack) : NULL;
    if (said != NULL) {
        char moment[WHEN_MAX];
        when_local_text(json_text(said, "time"), moment);
        tell("%s: your centre has said so already, %s (%s)", name, moment, json_text(said, "name"));
        *is_said = true;
    }
    answer_fini(&answer);
    return code;
}

// Takes out of `of` what was said before.
static enum exit_code leave_out_said(struct client *client, const json_t *ack)
{
    json_t *of = json_object_get(json_object_get(ack, "fields"), "of");
    struct answer status = {.json = NULL};
    enum exit_code code = client_read(client, "/v1/status", &status);
    size_t i = 0;

    while (code == EXIT_DONE && i < json_array_size(of)) {
        bool is_said;
        code = look_up(client, json_string_value(json_array_get(of, i)),
                       json_text(status.json, "centre"), ack, &is_said);
        if (code == EXIT_DONE && is_said) {
            (void)json_array_remove(of, i);
        } else {
            i++;
        }
    }
    answer_fini(&status);
    return code;
}

enum exit_code command_ack(const struct arguments *arguments)
{
    json_t *ack = make_ack(arguments);
    if (ack == NULL) {
        return complain(EXIT_USAGE, "what is to be said is not UTF-8");
    }
    struct client *client = client_open(arguments);
    enum exit_code code = client == NULL ? EXIT_FAILED : leave_out_said(client, ack);
    if (code == EXIT_DONE &&
        json_array_size(json_object_get(json_object_get(ack, "fields"), "of")) > 0) {
        code = client_publish_over(client, arguments->is_json, "/v1/entries", json_incref(ack));
    }
    json_decref(ack);
    client_close(&client);
    return code;
}
