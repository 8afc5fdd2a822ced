// SPDX-License-Identifier: EUPL-1.2
// What a verb says, published: an entry that changes none, or what is new of an item. Which fields
// it has is the table's; what it replaces is for the node to find.
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/officers/fields.h"
#include "sitrep/officers/officers.h"
#include "sitrep/officers/verbs.h"
#include "sitrep/print.h"
#include "sitrep/typed.h"

// What is typed, and the JSON that becomes of it.
struct writing {
    const struct arguments *arguments;
    const struct verb *verb;
    const struct kind *kind;
    json_t *entry, *fields;
};

static enum exit_code put(struct writing *writing, const struct field *field, const char *typed)
{
    return field_put(field, typed, writing->verb->act == VERB_CHANGE, writing->fields);
}

static enum exit_code put_operands(struct writing *writing)
{
    const struct arguments *arguments = writing->arguments;
    const char *at = writing->verb->operands != NULL ? writing->verb->operands : "";
    enum exit_code code = EXIT_DONE;

    for (int i = writing->verb->act == VERB_CHANGE ? 1 : 0;
         i < arguments->operands_count && code == EXIT_DONE; i++) {
        const size_t len = strcspn(at, " ");
        code = put(writing, field_named(writing->kind, at, len), arguments->operands[i]);
        at += len + (at[len] == ' ');
    }
    return code;
}

static enum exit_code put_options(struct writing *writing)
{
    const struct field *field;
    enum exit_code code = EXIT_DONE;

    for (size_t i = 0; (field = kind_field(writing->kind, i)) != NULL && code == EXIT_DONE; i++) {
        char name[OPTION_NAME_SIZE];
        size_t at = 0;
        if (!field_is_typed(field)) {
            continue;
        }
        field_option(writing->kind, field, name);
        for (const char *typed = arguments_next(writing->arguments, name, &at);
             typed != NULL && code == EXIT_DONE;
             typed = arguments_next(writing->arguments, name, &at)) {
            code = put(writing, field, typed);
        }
    }
    return code;
}

static enum exit_code put_others(struct writing *writing)
{
    enum exit_code code = EXIT_DONE;
    size_t at = 0;

    for (const char *typed = arguments_next(writing->arguments, "set", &at);
         typed != NULL && code == EXIT_DONE;
         typed = arguments_next(writing->arguments, "set", &at)) {
        code = typed_field("set", typed, writing->fields);
    }
    return code;
}

static enum exit_code put_preset(struct writing *writing)
{
    const struct verb *verb = writing->verb;

    if (verb->preset == NULL || json_object_get(writing->fields, verb->preset) != NULL) {
        return EXIT_DONE;
    }
    return put(writing, field_named(writing->kind, verb->preset, strlen(verb->preset)),
               verb->preset_value);
}

// What only other states have, goes: who reopens an incident takes away what it was merged into.
static void drop_others(struct writing *writing, const char *state)
{
    const struct kind *kind = writing->kind;
    const struct field *field;
    unsigned bit = 1;

    for (size_t i = 0; strcmp(kind->states[i], state) != 0; i++) {
        bit <<= 1;
    }
    for (size_t i = 0; (field = kind_field(kind, i)) != NULL; i++) {
        if (field->needed != NEVER_NEEDED && (field->needed & bit) == 0 &&
            json_object_get(writing->fields, field->name) == NULL) {
            (void)json_object_set_new(writing->fields, field->name, json_null());
        }
    }
}

// The text stands beside the fields, and so do kind and state.
static void put_together(struct writing *writing)
{
    const bool is_change = writing->verb->act == VERB_CHANGE;
    const char *state = is_change ? writing->verb->state : NULL;
    const char *begun = arguments_get(writing->arguments, "state");
    json_t *text = json_object_get(writing->fields, "text");

    (void)json_object_set_new(writing->entry, "kind", json_string(writing->kind->name));
    if (state != NULL) {
        drop_others(writing, state);
        (void)json_object_set_new(writing->entry, "state", json_string(state));
    }
    if (begun != NULL) {
        (void)json_object_set_new(writing->fields, "state", json_string(begun));
    }
    if (text != NULL) {
        (void)json_object_set(writing->entry, "text", text);
        (void)json_object_del(writing->fields, "text");
    }
    if (json_object_size(writing->fields) > 0) {
        (void)json_object_set(writing->entry, "fields", writing->fields);
    }
}

enum exit_code officers_write(const struct arguments *arguments, json_t *entry)
{
    struct writing writing = {.arguments = arguments,
                              .verb = officers_verb(arguments->command),
                              .entry = entry,
                              .fields = json_object()};

    writing.kind = verb_kind(writing.verb);
    enum exit_code code = put_operands(&writing);
    if (code == EXIT_DONE) {
        code = put_options(&writing);
    }
    if (code == EXIT_DONE) {
        code = put_others(&writing);
    }
    if (code == EXIT_DONE) {
        fields_doubt(writing.kind, writing.fields);
        code = put_preset(&writing);
    }
    if (code == EXIT_DONE) {
        put_together(&writing);
        code = typed_precedence(arguments, entry);
    }
    if (code == EXIT_DONE) {
        code = typed_group(arguments, entry);
    }
    json_decref(writing.fields);
    return code;
}

// A language that is not said again is not there any more: it may be forgotten.
static void doubt_languages(const char *name, const json_t *said, json_t *before)
{
    const char *language;
    json_t *text;

    json_object_foreach(before, language, text)
    {
        if (json_is_object(said) && json_object_get(said, language) == NULL) {
            tell("\"%s\": what it said in %s is left out now; all languages are said together.",
                 name, language);
        }
    }
}

// The field that is said in languages, when it is said now.
static const struct field *texts_field(const struct kind *kind, const json_t *said)
{
    const struct field *field;
    size_t at = 0;

    while ((field = kind_field(kind, at)) != NULL &&
           (field->type != VALUE_TEXTS || json_object_get(said, field->name) == NULL)) {
        at++;
    }
    return field;
}

// Against the version that holds. What cannot be changed is for the node to refuse.
static enum exit_code doubt_texts(const struct arguments *arguments, const char *path,
                                  const json_t *said)
{
    const struct field *field = texts_field(verb_kind(officers_verb(arguments->command)), said);
    const struct call call = {.method = "GET", .path = path};
    struct arguments quiet = *arguments;
    struct answer answer = {.json = NULL};

    if (field == NULL) {
        return EXIT_DONE;
    }
    quiet.is_json = true; // which exercise it is, is told once
    struct client *client = client_open(&quiet);
    const enum exit_code code = client == NULL ? EXIT_FAILED : client_call(client, &call, &answer);
    if (code == EXIT_DONE && answer_code(&answer) == EXIT_DONE) {
        const json_t *head = json_array_get(json_object_get(answer.json, "heads"), 0);
        doubt_languages(field->name, json_object_get(said, field->name),
                        json_object_get(json_object_get(head, "fields"), field->name));
    }
    answer_fini(&answer);
    client_close(&client);
    return code;
}

static enum exit_code publish(const struct arguments *arguments, const char *path)
{
    json_t *entry = json_object();
    enum exit_code code = officers_write(arguments, entry);

    if (code == EXIT_DONE && officers_verb(arguments->command)->act == VERB_CHANGE) {
        code = doubt_texts(arguments, path, json_object_get(entry, "fields"));
    }
    if (code == EXIT_DONE) {
        code = client_publish(arguments, path, json_incref(entry));
    }
    json_decref(entry);
    return code;
}

enum exit_code command_begin(const struct arguments *arguments)
{
    const char *path = officers_verb(arguments->command)->path;

    return publish(arguments, path != NULL ? path : "/v1/entries");
}

enum exit_code command_change(const struct arguments *arguments)
{
    char path[CLIENT_PATH_MAX];
    const enum exit_code code = client_entry_path("/v1/items/", arguments->operands[0], "", path);

    return code == EXIT_DONE ? publish(arguments, path) : code;
}
