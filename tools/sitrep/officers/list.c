// SPDX-License-Identifier: EUPL-1.2
// NOUN list: what there is of a kind, without what is over.
#include <string.h>

#include "sitrep/command.h"
#include "sitrep/items.h"
#include "sitrep/officers/officers.h"
#include "sitrep/officers/verbs.h"
#include "sitrep/print.h"

const struct option_spec list_options[] = {
    {"all", NULL, "also what is over", false},
    {"incident", "REF", "only what belongs to that incident", false},
    {NULL, NULL, NULL, false},
};

const struct option_spec entries_options[] = {
    {"since", "T", "arrived since: 2h, 30m or 1d ago, HH:MM, or an RFC 3339 time", false},
    {"centre", "C", "of this centre only", false},
    {"limit", "N", "at most N, the first that arrived", false},
    {NULL, NULL, NULL, false},
};

struct wish {
    const struct kind *kind;
    const char *incident; // NULL: of any
    bool has_all;
    size_t hidden;
};

// Whether all that holds is over, and nobody wants it otherwise.
static bool is_over(const struct wish *wish, const json_t *item)
{
    const json_t *heads = json_object_get(item, "heads");
    size_t i;
    json_t *head;

    json_array_foreach(heads, i, head)
    {
        const char *state = json_text(head, "state");
        const struct span name = {(const uint8_t *)state, strlen(state)};
        if (!kind_is_over(wish->kind, kind_state(wish->kind, name))) {
            return false;
        }
    }
    return json_array_size(heads) > 0 && json_array_size(json_object_get(item, "proposals")) == 0;
}

static bool is_of_incident(const json_t *item, const char *incident)
{
    size_t i;
    json_t *head;

    json_array_foreach(json_object_get(item, "heads"), i, head)
    {
        const json_t *fields = json_object_get(head, "fields");
        if (strcmp(json_text(fields, "incident"), incident) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(void *context, const json_t *item)
{
    struct wish *wish = context;

    if (wish->incident != NULL && !is_of_incident(item, wish->incident)) {
        return false;
    }
    if (!wish->has_all && is_over(wish, item)) {
        wish->hidden++;
        return false;
    }
    return true;
}

enum exit_code command_list(const struct arguments *arguments)
{
    const struct kind *kind = verb_kind(officers_verb(arguments->command));
    struct wish wish = {.kind = kind,
                        .incident = arguments_get(arguments, "incident"),
                        .has_all = arguments_has(arguments, "all")};
    const struct items_wanted wanted = {kind->name, is_wanted, &wish};
    size_t listed = 0;
    const enum exit_code code = items_list(arguments, &wanted, &listed);

    if (code != EXIT_DONE || arguments->is_json) {
        return code;
    }
    if (wish.hidden > 0) {
        tell("%zu more %s over: --all shows them, too.", wish.hidden,
             wish.hidden == 1 ? "is" : "are");
    } else if (listed == 0) {
        tell("There is nothing yet.");
    }
    return code;
}

enum exit_code command_entries(const struct arguments *arguments)
{
    struct arguments of_kind = *arguments;

    if (of_kind.given_count == GIVEN_MAX) {
        return complain(EXIT_USAGE, "more than %d options are given", GIVEN_MAX - 1);
    }
    of_kind.given[of_kind.given_count].name = "kind";
    of_kind.given[of_kind.given_count].value = verb_kind(officers_verb(arguments->command))->name;
    of_kind.given_count++;
    return command_log(&of_kind);
}
