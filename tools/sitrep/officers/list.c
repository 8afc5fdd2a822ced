// SPDX-License-Identifier: EUPL-1.2
// NOUN list: what there is of a kind, without what is over.
#include "sitrep/command.h"
#include "sitrep/items.h"
#include "sitrep/officers/officers.h"
#include "sitrep/officers/verbs.h"
#include "sitrep/print.h"

const struct option_spec list_options[] = {
    {"all", NULL, "also what is over", false},
    {"incident", "REF", "only what belongs to that incident", false},
    {"limit", "N", ITEMS_LIMIT_HELP, false},
    {NULL, NULL, NULL, false},
};

const struct option_spec entries_options[] = {
    {"since", "T", "arrived since: 2h, 30m or 1d ago, HH:MM, or an RFC 3339 time", false},
    {"centre", "C", "of this centre only", false},
    {"limit", "N", "at most N, the first that arrived", false},
    {NULL, NULL, NULL, false},
};

enum exit_code command_list(const struct arguments *arguments)
{
    const struct items_wanted wanted = {.kind = verb_kind(officers_verb(arguments->command))->name,
                                        .incident = arguments_get(arguments, "incident"),
                                        .is_open = !arguments_has(arguments, "all")};

    return items_list(arguments, &wanted, "There is nothing yet.");
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
