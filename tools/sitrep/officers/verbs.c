// SPDX-License-Identifier: EUPL-1.2
// The table of verbs, and nothing else. A test holds it against the table of kinds: each step can
// be said.
#include "sitrep/officers/verbs.h"

#include <string.h>

#include "sitrep/officers/officers.h"
#include "sitrep/reports/report.h"

#define LISTED(noun, what)                                                                         \
    {noun, "list", VERB_LIST, NULL, NULL, "list " what, .example = ""},                            \
    {                                                                                              \
        noun, "show", VERB_SHOW, NULL, NULL, "show one with all its versions",                     \
            .example = "be-nccn/12"                                                                \
    }

const struct verb verbs[] = {
    {"incident", "open", VERB_BEGIN, NULL, "text", "begin an incident",
     .example = "--name 'High water Meuse' --hazard natural --where Eijsden"},
    {"incident", "update", VERB_CHANGE, NULL, "text", "say what is new of it",
     .example = "be-nccn/12 --scale cross-border --lead nl-kcr2"},
    {"incident", "close", VERB_CHANGE, "closed", "text", "it is over", .example = "be-nccn/12"},
    {"incident", "reopen", VERB_CHANGE, "open", "text", "it goes on", .example = "be-nccn/12"},
    {"incident", "merge", VERB_CHANGE, "merged", "merged_into text", "it is the same as another",
     .example = "be-nccn/12 nl-kcr2/7"},
    LISTED("incident", "incidents that are open"),

    {"report", "new", VERB_BEGIN, NULL, "text",
     "publish a situation report; without TEXT draft one in an editor",
     .example = "--type observation --incident be-nccn/12 'Meuse at 3.4 m and rising.'",
     .options = report_new_options, .run = command_report_new},
    {"report", "edit", VERB_OTHER, NULL, NULL, "go on with a draft", .example = "situation-4",
     .of = "DRAFT", .run = command_report_edit},
    {"report", "send", VERB_OTHER, NULL, NULL, "publish a draft", .example = "situation-4",
     .of = "DRAFT", .run = command_report_send},
    {"report", "drafts", VERB_OTHER, NULL, NULL, "list what is drafted here", .example = "",
     .run = command_report_drafts},
    {"report", "discard", VERB_OTHER, NULL, NULL, "delete a draft", .example = "situation-4",
     .of = "DRAFT", .run = command_report_discard},
    {"report", "update", VERB_CHANGE, NULL, "text", "correct one, or go on with it",
     .example = "be-nccn/14 --report-version update 'Meuse at 3.6 m.'"},
    {"report", "withdraw", VERB_CHANGE, "withdrawn", "text", "it was wrong",
     .example = "be-nccn/14"},
    LISTED("report", "reports that were not withdrawn"),

    {"assessment", "new", VERB_BEGIN, NULL, "text", "say what the facts mean",
     .example = "--incident be-nccn/12 'The dyke holds until tomorrow noon.'"},
    {"assessment", "update", VERB_CHANGE, NULL, "text", "say it anew",
     .example = "be-nccn/15 'The dyke holds until tonight.'"},
    LISTED("assessment", "assessments"),

    {"advice", "new", VERB_BEGIN, NULL, "text", "advise a course of action",
     .example = "--to nl-kcr2,lu-hcpn --deadline 18:00 'Close the locks.'"},
    {"advice", "update", VERB_CHANGE, NULL, "text", "say it anew",
     .example = "be-nccn/16 --deadline +2h"},
    {"advice", "follow", VERB_CHANGE, "followed", "reason", "do what it says, and why",
     .example = "be-nccn/16 'The locks are closed.'"},
    {"advice", "reject", VERB_CHANGE, "rejected", "reason", "do not do it, and why",
     .example = "be-nccn/16 'Ships are still under way.'"},
    LISTED("advice", "advice that is open"),

    {"decision", "propose", VERB_BEGIN, NULL, "text", "put a decision forward",
     .example = "--body 'policy cell' 'Evacuate the quays.'"},
    {"decision", "update", VERB_CHANGE, NULL, "text", "say it anew",
     .example = "be-nccn/17 --basis 'art. 9'"},
    {"decision", "take", VERB_CHANGE, "taken", "text", "it is decided", .example = "be-nccn/17"},
    {"decision", "carry-out", VERB_CHANGE, "carried-out", "text", "it has been done",
     .example = "be-nccn/17"},
    {"decision", "withdraw", VERB_CHANGE, "withdrawn", "text", "it does not hold any more",
     .example = "be-nccn/17"},
    LISTED("decision", "decisions that are to be taken or carried out"),

    {"measure", "plan", VERB_BEGIN, NULL, "text", "prepare a protective action",
     .example = "--type evacuate --where Eijsden --editors nl-kcr2 'Houses below the dyke.'"},
    {"measure", "update", VERB_CHANGE, NULL, "text", "say what is new of it",
     .example = "be-nccn/18 --to +12h"},
    {"measure", "enforce", VERB_CHANGE, "in-force", "text", "it holds from now on",
     .example = "be-nccn/18"},
    {"measure", "lift", VERB_CHANGE, "lifted", "text", "it does not hold any more",
     .example = "be-nccn/18"},
    LISTED("measure", "measures that are planned or in force"),

    {"phase", "declare", VERB_BEGIN, NULL, "reason", "declare a phase, in the authority's scheme",
     .example = "--authority 'Governor of Liège' --scheme be --level provincial"},
    {"phase", "change", VERB_CHANGE, "changed", "reason", "go to another level",
     .example = "be-nccn/19 --level federal"},
    {"phase", "end", VERB_CHANGE, "ended", "reason", "it is over", .example = "be-nccn/19"},
    LISTED("phase", "phases that are not ended"),

    {"request", "new", VERB_BEGIN, NULL, "text", "ask for assistance",
     .example = "--capability 'high-capacity pump' --quantity 4 --where Visé --deadline +6h"},
    {"request", "update", VERB_CHANGE, NULL, "text", "say what is new of it",
     .example = "be-nccn/20 --quantity 6"},
    {"request", "close", VERB_CHANGE, "closed", "text", "nothing more is needed",
     .example = "be-nccn/20"},
    {"request", "cancel", VERB_CHANGE, "cancelled", "text", "it was not needed",
     .example = "be-nccn/20"},
    {"request", "reopen", VERB_CHANGE, "requested", "text", "it is needed after all",
     .example = "be-nccn/20"},
    LISTED("request", "requests that are open"),

    {"offer", "new", VERB_BEGIN, NULL, "text", "offer assistance for a request",
     .example = "--request be-nccn/20 --quantity 2 --arrival +3h"},
    {"offer", "update", VERB_CHANGE, NULL, "text", "say what is new of it",
     .example = "lu-hcpn/3 --arrival +4h"},
    {"offer", "accept", VERB_CHANGE, "accepted", "text", "take it, as who asked",
     .example = "lu-hcpn/3"},
    {"offer", "decline", VERB_CHANGE, "declined", "reason", "do without it, as who asked",
     .example = "lu-hcpn/3 'Enough has been offered.'"},
    {"offer", "commit", VERB_CHANGE, "committed", "text", "what was accepted will come",
     .example = "lu-hcpn/3"},
    {"offer", "depart", VERB_CHANGE, "en-route", "text", "it is on its way",
     .example = "lu-hcpn/3"},
    {"offer", "arrive", VERB_CHANGE, "on-site", "text", "it is there", .example = "lu-hcpn/3"},
    {"offer", "release", VERB_CHANGE, "released", "text", "it is not needed any more",
     .example = "lu-hcpn/3"},
    {"offer", "withdraw", VERB_CHANGE, "withdrawn", "reason", "it cannot come",
     .example = "lu-hcpn/3 'Needed at home.'"},
    LISTED("offer", "offers that are not over"),

    {"resource", "set", VERB_BEGIN, NULL, "text", "say how many of something there are",
     .example = "--type pump-group --total 6 --available 4", .preset = "as_of",
     .preset_value = "now"},
    {"resource", "list", VERB_LIST, NULL, NULL, "list what centres said they have", .example = ""},

    {"alert", "list", VERB_LIST, NULL, NULL, "list public alerts ('sitrep import cap')",
     .example = ""},

    {"line", "draft", VERB_BEGIN, NULL, NULL, "word what is to be said in public",
     .example = "--messages 'nl=Blijf binnen.' --messages 'fr=Restez chez vous.'"},
    {"line", "update", VERB_CHANGE, NULL, NULL, "word it anew",
     .example = "be-nccn/21 --embargo 18:00"},
    {"line", "approve", VERB_CHANGE, "approved", NULL, "it may be said", .example = "be-nccn/21"},
    {"line", "redraft", VERB_CHANGE, "draft", NULL, "it may not be said as it is",
     .example = "be-nccn/21"},
    LISTED("line", "lines"),

    {"station", "new", VERB_BEGIN, NULL, "text", "name a place of measurement",
     .example = "--name 'Meuse at Eijsden' --quantity water-level"},
    {"station", "update", VERB_CHANGE, NULL, "text", "say what is new of it",
     .example = "be-nccn/22 --where 'Eijsden, weir'"},
    LISTED("station", "stations"),

    {"measurement", "add", VERB_BEGIN, NULL, "text", "say one value",
     .example =
         "--station be-nccn/22 --quantity water-level --value 3.4 --unit m --observed 14:00"},
    {"measurement", "series", VERB_OTHER, NULL, NULL, "list the values of a station in time",
     .example = "be-nccn/22", .of = "REF", .options = series_options, .run = command_series},
    {"measurement", "list", VERB_LIST, NULL, NULL, "list measurements as they arrived",
     .example = ""},

    {"contact", "set", VERB_BEGIN, NULL, "text",
     "say whom to call for a function of this centre, in place of what was said before",
     .example = "--function 'duty officer' --phone '+32 2 555 01 01' --languages nl,fr",
     .path = "/v1/contacts"},
    {"contact", "update", VERB_CHANGE, NULL, "text", "say what is new of one",
     .example = "be-nccn/23 --duty-to +8h"},
    LISTED("contact", "contacts"),

    {"task", "new", VERB_BEGIN, NULL, "text", "say what is to be done",
     .example = "--to nl-kcr2 --discipline D1 --deadline +1h 'Check the culverts.'"},
    {"task", "update", VERB_CHANGE, NULL, "text", "say what is new of it",
     .example = "be-nccn/24 --team B"},
    {"task", "take", VERB_CHANGE, "taken", "text", "begin with it", .example = "be-nccn/24"},
    {"task", "done", VERB_CHANGE, "done", "text", "it is done", .example = "be-nccn/24"},
    {"task", "reopen", VERB_CHANGE, "open", "text", "give it back", .example = "be-nccn/24"},
    {"task", "drop", VERB_CHANGE, "dropped", "reason", "it need not be done",
     .example = "be-nccn/24 'Dry there.'"},
    LISTED("task", "tasks that are to be done"),

    {"journal", NULL, VERB_BEGIN, NULL, "text",
     "write a line into the log book; 'journal list' lists them",
     .example = "'Governor called at 14:05.'"},
    {"journal", "list", VERB_LIST, NULL, NULL, "list the log book", .example = ""},

    {"comtest", "call", VERB_BEGIN, NULL, "text", "call a communication test",
     .example = "--deadline +15m 'Weekly test.'"},
    {"comtest", "update", VERB_CHANGE, NULL, "text", "say what is new of it",
     .example = "be-nccn/25 --deadline +30m"},
    {"comtest", "answer", VERB_BEGIN, NULL, "comtest text", "answer one", .example = "be-nccn/25",
     .kind = "answer"},
    {"comtest", "close", VERB_CHANGE, "closed", "text", "it is over", .example = "be-nccn/25"},
    {"comtest", "table", VERB_OTHER, NULL, NULL, "show which centre answered, and when",
     .example = "be-nccn/25", .of = "REF", .run = command_comtest_table},
    LISTED("comtest", "tests that are not closed"),

    {"handover", "take", VERB_BEGIN, NULL, "text", "take over; what is held and open is added",
     .example = "--from 'day shift' --to 'night shift' --points 'Pumps for Visé not confirmed.'",
     .preset = "taken_at", .preset_value = "now", .path = "/v1/handover"},
    {"handover", "show", VERB_OTHER, NULL, NULL, "show the last one of this centre", .example = "",
     .run = command_handover_show},
    {"handover", "list", VERB_LIST, NULL, NULL, "list handovers", .example = ""},

    {"lesson", "new", VERB_BEGIN, NULL, "text", "write down a finding",
     .example = "--cites be-nccn/12,nl-kcr2/7 'Agree on one name for each road.'"},
    {"lesson", "update", VERB_CHANGE, NULL, "text", "say it anew",
     .example = "be-nccn/26 'Agree on names of roads.'"},
    LISTED("lesson", "lessons"),

    {"translate", NULL, VERB_BEGIN, NULL, "translation_of text",
     "say an entry in another language; 'translation' has more",
     .example = "be-nccn/14 --into fr 'Meuse à 3,4 m, en hausse.'", .kind = "translation",
     .preset = "method", .preset_value = "human"},
    {"translation", "update", VERB_CHANGE, NULL, "text", "say it anew",
     .example = "be-nccn/27 'Meuse à 3,6 m.'"},
    LISTED("translation", "translations"),

    {.noun = NULL},
};

const struct kind *verb_kind(const struct verb *verb)
{
    const char *name = verb->kind != NULL ? verb->kind : verb->noun;

    return kind_find((struct span){(const uint8_t *)name, strlen(name)});
}

bool verb_is_noun(const char *word)
{
    for (const struct verb *verb = verbs; verb->noun != NULL; verb++) {
        if (strcmp(verb->noun, word) == 0) {
            return true;
        }
    }
    return false;
}
