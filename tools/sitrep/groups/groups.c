// SPDX-License-Identifier: EUPL-1.2
// sitrep group list and show: who shares keys with whom, how that came to be, and what this node
// can read. How a group stands is the node's to work out.
#include "sitrep/groups/groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

enum exit_code group_path(const char *name, char path[static CLIENT_PATH_MAX])
{
    // What names hold needs no escaping in a path; anything else names no group.
    if (*name == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-@./") != strlen(name)) {
        return complain(EXIT_USAGE, "'%s' is no group's name: it has a-z, 0-9 and - alone", name);
    }
    const int len = snprintf(path, CLIENT_PATH_MAX, "/v1/groups/%s", name);
    return len > 0 && len < CLIENT_PATH_MAX ? EXIT_DONE
                                            : complain(EXIT_USAGE, "this name is too long");
}

char *group_list_text(const json_t *list)
{
    size_t size = 1;
    size_t len = 0;
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item)
    {
        size += json_string_length(item) + strlen(", ");
    }
    char *text = calloc(1, size);
    if (text == NULL) {
        abort();
    }
    json_array_foreach(list, index, item)
    {
        const char *word = json_string_value(item);
        len += (size_t)snprintf(text + len, size - len, "%s%s", len > 0 ? ", " : "",
                                word != NULL ? word : "");
    }
    return text;
}

static bool list_has(const json_t *list, const char *wanted)
{
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item)
    {
        const char *word = json_string_value(item);
        if (word != NULL && strcmp(word, wanted) == 0) {
            return true;
        }
    }
    return false;
}

// -- list --

static const char *reading_word(const json_t *group)
{
    const char *reading = json_text(group, "reading");
    if (strcmp(reading, "held") == 0) {
        return "key held";
    }
    if (strcmp(reading, "awaited") == 0) {
        return "key awaited";
    }
    return strcmp(reading, "needed") == 0 ? "needs a key" : "no member";
}

static void list_members(const json_t *group)
{
    if (json_flag(group, "all_members")) {
        (void)printf("every centre, %zu now", json_array_size(json_object_get(group, "members")));
        return;
    }
    char *members = group_list_text(json_object_get(group, "members"));
    print_text(*members != '\0' ? members : "nobody is left in it", BREAKS_ESCAPED);
    free(members);
}

static void show_list(const json_t *json)
{
    const json_t *groups = json_object_get(json, "groups");
    size_t width = 0;
    size_t index;
    const json_t *group;
    json_array_foreach(groups, index, group)
    {
        const size_t len = strlen(json_text(group, "name"));
        width = len > width ? len : width;
    }
    json_array_foreach(groups, index, group)
    {
        const char *name = json_text(group, "name");
        print_text(name, BREAKS_ESCAPED);
        (void)printf("%*s  %-11s  ", (int)(width - strlen(name)), "", reading_word(group));
        list_members(group);
        (void)putchar('\n');
    }
    if (json_array_size(groups) <= 1) {
        tell("No group has been founded: 'sitrep group create NAME --centre CODE' does.");
    }
}

enum exit_code command_group_list(const struct arguments *arguments)
{
    return client_show(arguments, "/v1/groups", show_list);
}

// -- show --

static void show_members(const json_t *group)
{
    const json_t *owners = json_object_get(group, "owners");
    const json_t *deserted = json_object_get(group, "deserted");
    size_t index;
    const json_t *member;
    if (json_flag(group, "all_members")) {
        print_row("members", "every centre of the federation; each may ask for a new key");
        return;
    }
    json_array_foreach(json_object_get(group, "members"), index, member)
    {
        const char *code = json_string_value(member) != NULL ? json_string_value(member) : "?";
        print_row(index == 0 ? "members" : "", "%s%s%s", code,
                  list_has(owners, code) ? ", an owner" : "",
                  list_has(deserted, code) ? ", whose nodes were all revoked" : "");
    }
    if (index == 0) {
        print_row("members", "nobody is left in it");
    }
}

static void show_founding(const json_t *group)
{
    const json_t *founding = json_object_get(group, "founding");
    char time[WHEN_MAX];
    if (json_is_object(founding)) {
        when_local_text(json_text(founding, "time"), time);
        print_row("founded", "%s, by %s, as %s", time, json_text(founding, "centre"),
                  json_text(founding, "entry"));
    }
    print_row("history", "%s",
              json_flag(group, "history")
                  ? "open: who is added reads what was written before, too"
                  : "closed: who is added reads only what is written from then on");
}

// What the duty officer can do with it here and now.
static void show_reading(const json_t *group)
{
    const char *reading = json_text(group, "reading");
    if (strcmp(reading, "held") == 0) {
        print_row("this node", "reads it and writes for it");
    } else if (strcmp(reading, "awaited") == 0) {
        print_row("this node", "waits for the key: it asks its peers, and gets it from the first "
                               "that holds it");
    } else if (strcmp(reading, "needed") == 0) {
        char *owners = group_list_text(json_object_get(group, "owners"));
        print_row("this node", "writes nothing for it until an owner brings a new key");
        print_row("", "a node of an owner does that by itself once it is reached: %s", owners);
        print_row("", "and 'sitrep group rekey' does it at once there");
        free(owners);
    } else {
        print_row("this node", "belongs to no member: it passes on what it cannot read");
    }
}

static void show_keys(const json_t *keys)
{
    size_t index;
    const json_t *key;
    json_array_foreach(keys, index, key)
    {
        const char *held = json_text(key, "held");
        const char *entry = json_text(key, "entry");
        print_row(index == 0 ? "keys" : "", "%s, %s, %s%s%s", json_text(key, "id"),
                  json_flag(key, "current")  ? "current"
                  : json_flag(key, "usable") ? "usable"
                                             : "former",
                  strcmp(held, "yes") == 0       ? "held here"
                  : strcmp(held, "awaited") == 0 ? "awaited here"
                                                 : "not for this node",
                  *entry != '\0' ? ", brought by " : ", of the first members", entry);
    }
}

static void append(char *out, size_t size, const char *text)
{
    const size_t len = strlen(out);
    (void)snprintf(out + len, size - len, "%s", text);
}

static void append_list(char *out, size_t size, const json_t *list)
{
    char *text = group_list_text(list);
    append(out, size, text);
    free(text);
}

void group_change_words(const json_t *change, char *out, size_t size)
{
    static const struct {
        const char *op;
        const char *before;
        const char *after;
    } rows[] = {{"add", "adds ", ""},
                {"remove", "removes ", ""},
                {"own", "makes ", " an owner"},
                {"disown", "makes ", " an owner no more"},
                {"rekey", "", ""}};
    const char *op = json_text(change, "op");
    const char *about = json_text(change, "about");
    out[0] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(op, rows[i].op) == 0) {
            append(out, size, rows[i].before);
            append(out, size, about);
            append(out, size, rows[i].after);
        }
    }
    if (strcmp(op, "create") == 0) {
        append(out, size, "founds it with ");
        append_list(out, size, json_object_get(change, "centres"));
        append(out, size, ", owned by ");
        append_list(out, size, json_object_get(change, "owners"));
    } else if (*json_text(change, "key") != '\0') {
        append(out, size, *out == '\0' ? "brings a new key" : ", with a new key");
    }
}

static void show_why_not(const json_t *change)
{
    static const struct {
        const char *effect;
        const char *why;
    } rows[] = {
        {"overruled", "at the same time somebody took away from it the right to say so"},
        {"unauthorised", "it was no owner then"},
        {"revoked", "its node was revoked before that"},
        {"too_many", "a group takes no more changes: found a new one"},
    };
    const char *effect = json_text(change, "effect");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(effect, rows[i].effect) == 0) {
            print_row("", "  does not count: %s", rows[i].why);
        }
    }
}

static void show_changes(const json_t *changes)
{
    size_t index;
    const json_t *change;
    json_array_foreach(changes, index, change)
    {
        char time[WHEN_MAX];
        char what[GROUP_WORDS_MAX];
        const char *node = json_text(change, "node");
        const char *centre = json_text(change, "centre");
        when_local_text(json_text(change, "time"), time);
        print_row(index == 0 ? "changes" : "", "%s  %s%s%s", time, json_text(change, "entry"),
                  strcmp(node, centre) == 0 ? "" : "  of ",
                  strcmp(node, centre) == 0 ? "" : centre);
        group_change_words(change, what, sizeof what);
        print_row("", "  %s", what);
        show_why_not(change);
    }
}

static void show_group(const json_t *group)
{
    (void)fputs(terminal_colour(stdout, COLOUR_BOLD), stdout);
    print_text(json_text(group, "name"), BREAKS_ESCAPED);
    (void)printf("%s\n", terminal_colour(stdout, COLOUR_NONE));
    show_members(group);
    show_founding(group);
    print_row("id", "%s", json_text(group, "id"));
    show_reading(group);
    show_keys(json_object_get(group, "keys"));
    show_changes(json_object_get(group, "changes"));
    if (json_number(group, "left_out") > 0) {
        print_row("", "and %" JSON_INTEGER_FORMAT " earlier ones that do not count",
                  json_number(group, "left_out"));
    }
}

enum exit_code command_group_show(const struct arguments *arguments)
{
    char path[CLIENT_PATH_MAX];
    const enum exit_code code = group_path(arguments->operands[0], path);
    return code == EXIT_DONE ? client_show(arguments, path, show_group) : code;
}
