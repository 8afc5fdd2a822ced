// SPDX-License-Identifier: EUPL-1.2
// sitrep report new, edit, send, drafts, discard: a report begins with what the last one of its
// type said, is edited for as long as it takes, and is published by nothing but send.
#include "sitrep/reports/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sitrep/client.h"
#include "sitrep/input.h"
#include "sitrep/officers/fields.h"
#include "sitrep/officers/officers.h"
#include "sitrep/print.h"
#include "sitrep/reports/draft_text.h"
#include "sitrep/reports/drafts.h"
#include "sitrep/reports/template.h"
#include "sitrep/when.h"

const struct option_spec report_new_options[] = {
    {"no-edit", NULL, "publish what is given, without an editor; so does TEXT", false},
    {NULL, NULL, NULL, false},
};

enum { DRAFT_MAX = 1024 * 1024 };

// -- what a draft begins with --

// The version that holds; the caller drops it. NULL: there is none, or no node.
static json_t *find_last(const struct arguments *arguments, const char *type)
{
    struct client *client = client_open(arguments);
    char path[CLIENT_PATH_MAX];
    struct answer answer = {0};
    json_t *last = NULL;

    if (client == NULL) {
        return NULL;
    }
    client_do_without(client); // a draft needs no node
    if (client_node_path(client, "/v1/reports/last?type=", type, path) == EXIT_DONE &&
        client_call(client, &(struct call){.method = "GET", .path = path}, &answer) == EXIT_DONE &&
        answer_code(&answer) == EXIT_DONE) {
        last = json_incref(answer.json);
    }
    answer_fini(&answer);
    client_close(&client);
    return last;
}

static void take_over(json_t *report, json_t *last, const char *name)
{
    json_t *value = json_object_get(last, name);

    if (value != NULL && json_object_get(report, name) == NULL) {
        (void)json_object_set(report, name, value);
    }
}

// What was true of the last report alone is not taken over.
static void go_on_from(json_t *report, json_t *last)
{
    static const char *const own[] = {"item",    "supersedes",  "state",      "number",
                                      "version", "period_from", "period_to",  "observed",
                                      "ack_by",  "attachments", "approved_by"};
    json_t *fields = json_object_get(report, "fields");
    json_t *before = json_copy(json_object_get(last, "fields"));
    const json_int_t number = json_number(before, "number");
    json_t *until = json_incref(json_object_get(before, "period_to"));

    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        (void)json_object_del(before, own[i]);
    }
    (void)json_object_set_new(before, "number", json_integer(number + 1));
    (void)json_object_set_new(before, "version", json_string("update"));
    if (until != NULL) {
        (void)json_object_set_new(before, "period_from", until);
    }
    (void)json_object_update_missing(fields, before);
    take_over(report, last, "text");
    take_over(report, last, "precedence");
    take_over(report, last, "group"); // what was for few is not drafted for all
    json_decref(before);
}

static void begin_anew(json_t *fields)
{
    if (json_object_get(fields, "number") == NULL) {
        (void)json_object_set_new(fields, "number", json_integer(1));
    }
    if (json_object_get(fields, "version") == NULL) {
        (void)json_object_set_new(fields, "version", json_string("initial"));
    }
}

static const char *environment_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0') {
            return template_language(value);
        }
    }
    return template_language(NULL);
}

static enum exit_code complete(const struct arguments *arguments, json_t *report)
{
    json_t *fields = json_object_get(report, "fields");

    if (fields == NULL) {
        fields = json_object();
        (void)json_object_set_new(report, "fields", fields);
    }
    if (json_object_get(fields, "type") == NULL) {
        (void)json_object_set_new(fields, "type", json_string("observation"));
    }
    const char *type = json_text(fields, "type");
    if (template_headings(type, "en") == NULL) {
        return complain(EXIT_USAGE,
                        "--type '%s': must be observation, situation, resources, casualties or "
                        "summary",
                        type);
    }
    json_t *last = find_last(arguments, type);
    if (last != NULL) {
        go_on_from(report, last);
        tell("This begins with what %s said.", json_text(last, "name"));
    }
    begin_anew(fields);
    if (json_object_get(fields, "lang") == NULL) {
        (void)json_object_set_new(fields, "lang", json_string(environment_language()));
    }
    json_decref(last);
    return EXIT_DONE;
}

// -- drafts --

// The report that a draft is; the caller drops it. NULL after a complaint, with *code.
static json_t *read_draft(const char *name, const char *path, enum exit_code *code)
{
    struct draft_fault fault;
    struct input input;

    *code = input_read(&input, path, DRAFT_MAX);
    if (*code != EXIT_DONE) {
        return NULL;
    }
    json_t *report = draft_read((const char *)input.bytes, input.len, &fault);
    if (report == NULL) {
        *code = complain(EXIT_REFUSED, "%s, line %zu: %s ('sitrep report edit %s')", name,
                         fault.line, fault.why, name);
    } else {
        const char *kind = json_text(report, "kind");
        fields_doubt(kind_find((struct span){(const uint8_t *)kind, strlen(kind)}),
                     json_object_get(report, "fields"));
    }
    input_fini(&input);
    return report;
}

static enum exit_code edit(const char *name, const char *path)
{
    enum exit_code code = drafts_edit(path);

    (void)chmod(path, S_IRUSR | S_IWUSR); // whatever the editor made of it
    json_t *report = code == EXIT_DONE ? read_draft(name, path, &code) : NULL;
    if (report != NULL) {
        tell("%s is drafted: 'sitrep report send %s' publishes it.", name, name);
    }
    json_decref(report);
    return code;
}

// Whether there is nothing in it but what it is a report of.
static bool says_nothing(const json_t *report)
{
    static const char *const contents[] = {"sections", "casualties", "means", "outlook",
                                           "attachments"};
    bool has_content = *json_text(report, "text") != '\0';

    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        has_content |= json_object_get(json_object_get(report, "fields"), contents[i]) != NULL;
    }
    return !has_content;
}

static enum exit_code publish_given(const struct arguments *arguments)
{
    json_t *report = json_object();
    enum exit_code code = officers_write(arguments, report);

    if (code == EXIT_DONE && says_nothing(report)) {
        code = complain(EXIT_REFUSED, "this report says nothing: give a text, or --set "
                                      "sections:=..., or draft it without --no-edit");
    }
    if (code == EXIT_DONE) {
        code = client_publish(arguments, "/v1/entries", json_incref(report));
    }
    json_decref(report);
    return code;
}

enum exit_code command_report_new(const struct arguments *arguments)
{
    char name[DRAFT_NAME_MAX];
    char path[DRAFT_PATH_MAX];

    if (arguments->operands_count > 0 || arguments_has(arguments, "no-edit")) {
        return publish_given(arguments);
    }
    json_t *report = json_object();
    enum exit_code code = officers_write(arguments, report);
    if (code == EXIT_DONE) {
        code = complete(arguments, report);
    }
    if (code == EXIT_DONE) {
        code = drafts_make(arguments, report, name);
    }
    json_decref(report);
    if (code == EXIT_DONE) {
        code = drafts_find(arguments, name, path);
    }
    return code == EXIT_DONE ? edit(name, path) : code;
}

enum exit_code command_report_edit(const struct arguments *arguments)
{
    char path[DRAFT_PATH_MAX];
    const char *name = arguments->operands[0];
    const enum exit_code code = drafts_find(arguments, name, path);

    return code == EXIT_DONE ? edit(name, path) : code;
}

static enum exit_code discard(const char *path)
{
    return unlink(path) == 0 ? EXIT_DONE : complain(EXIT_FAILED, "%s: %s", path, strerror(errno));
}

enum exit_code command_report_send(const struct arguments *arguments)
{
    char path[DRAFT_PATH_MAX];
    const char *name = arguments->operands[0];
    enum exit_code code = drafts_find(arguments, name, path);
    json_t *report = code == EXIT_DONE ? read_draft(name, path, &code) : NULL;

    if (report != NULL && says_nothing(report)) {
        json_decref(report);
        return complain(EXIT_REFUSED, "%s says nothing yet: 'sitrep report edit %s'", name, name);
    }
    if (report != NULL) {
        code = client_publish(arguments, "/v1/entries", report);
    }
    return code == EXIT_DONE ? discard(path) : code;
}

enum exit_code command_report_discard(const struct arguments *arguments)
{
    char path[DRAFT_PATH_MAX];
    const enum exit_code code = drafts_find(arguments, arguments->operands[0], path);

    return code == EXIT_DONE ? discard(path) : code;
}

static void list_one(const struct arguments *arguments, const char *name, const char *path)
{
    struct stat info;
    char changed[WHEN_MAX] = "";

    if (stat(path, &info) != 0) {
        return; // sent meanwhile
    }
    const int64_t ms = (int64_t)info.st_mtim.tv_sec * 1000;
    if (arguments->is_json) {
        when_rfc3339(ms, changed);
        json_t *json =
            json_pack("{s:s, s:s, s:s}", "draft", name, "changed", changed, "path", path);
        print_json(json);
        json_decref(json);
        return;
    }
    when_local(ms, changed);
    (void)printf("%-24s %s\n", name, changed);
}

enum exit_code command_report_drafts(const struct arguments *arguments)
{
    return drafts_each(arguments, list_one);
}
