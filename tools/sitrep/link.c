// SPDX-License-Identifier: EUPL-1.2
// sitrep link: what is set for the link to a peer. sitrep link cut and heal: for drills, the links
// to one peer are held down, or let up again.
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/link_words.h"
#include "sitrep/number.h"
#include "sitrep/print.h"

const struct option_spec link_options[] = {
    {"profile", "NAME",
     "fibre, 4g, satellite, radio (2.4 kbit/s), manual with a --rate, measured: to be found, or "
     "none: "
     "what the peer says",
     false},
    {"rate", "BITS", "bit/s the line passes, instead of the profile's", false},
    {"beacon", "SECONDS", "between signs of life, 1 to 60, or 0 for as often as usual", false},
    {"precedence", "P", "fetch nothing below it: priority, immediate, flash, or routine for all",
     false},
    {"groups", "NAMES", "fetch only what is for these groups, with commas between; any for all",
     false},
    {"live", "on|off", "whether to ask for the peer's live plane; a thin line has none", false},
    {NULL, NULL, NULL, false},
};

static void show_wanted(const json_t *link)
{
    char words[LINK_WANTED_SIZE];
    if (link_wanted_words(link, words)) {
        print_row("fetches", "%s", words);
    } else {
        print_row("fetches", "everything");
    }
}

static void show(const json_t *link)
{
    char words[LINK_WORDS_SIZE];
    const bool is_thin = json_number(link, "rate") > 0;
    const json_int_t beacon_ms = json_number(link, "beacon_ms");
    link_rate_words(link, words);
    print_row("node", "%s", json_text(link, "node"));
    print_row("line", "%s", words);
    if (beacon_ms > 0) {
        print_row("beacon", "every %.3g s", (double)beacon_ms / 1000.0);
    } else {
        print_row("beacon", "as usual");
    }
    show_wanted(link);
    if (json_flag(link, "live")) {
        print_row("live", "on");
    } else {
        print_row("live", is_thin ? "off: a thin line has no room for it" : "off");
    }
}

static void tell_rate(const char *node, json_int_t rate)
{
    if (rate == 0) {
        tell("The line to %s is not thin.", node);
    } else {
        tell(
            "The line to %s gets no more than %" JSON_INTEGER_FORMAT
            " bit/s from here, the most urgent first. Unless it was told itself, %s does the same.",
            node, rate, node);
    }
}

// What was asked for more often than the line can bear.
static void tell_beacon(const json_t *link, uint64_t wanted_s)
{
    const json_int_t beacon_ms = json_number(link, "beacon_ms");
    if (wanted_s != 0 && beacon_ms > (json_int_t)wanted_s * 1000) {
        tell("A beacon goes every %.3g s: more often would take too much of the line.",
             (double)beacon_ms / 1000.0);
    }
}

// -- orders --

// Posts to the link's page, or with a NULL body asks for it; releases `body`.
static enum exit_code ask_link(const struct arguments *arguments, json_t *body,
                               struct answer *answer)
{
    struct client *client = client_open(arguments);
    if (client == NULL) {
        json_decref(body);
        return EXIT_FAILED;
    }
    char path[CLIENT_PATH_MAX];
    enum exit_code code = client_node_path(client, "/v1/links/", arguments->operands[0], path);
    if (code != EXIT_DONE) {
        json_decref(body);
    } else if (body != NULL) {
        code = client_post(client, path, body, answer);
    } else {
        const struct call call = {.method = "GET", .path = path};
        code = client_ask(client, &call, answer);
    }
    client_close(&client);
    if (code == EXIT_DONE && arguments->is_json) {
        print_json(answer->json);
    }
    return code;
}

static enum exit_code add_number(const struct arguments *arguments, const char *option,
                                 const char *example, uint64_t *number)
{
    const char *typed = arguments_get(arguments, option);
    *number = 0;
    if (typed != NULL && !number_read(typed, INT32_MAX, number)) {
        return complain(EXIT_USAGE, "--%s %s: must be a number of %s", option, typed, example);
    }
    return EXIT_DONE;
}

static enum exit_code add_live(const struct arguments *arguments, json_t *body)
{
    const char *typed = arguments_get(arguments, "live");
    if (typed == NULL) {
        return EXIT_DONE;
    }
    if (strcmp(typed, "on") != 0 && strcmp(typed, "off") != 0) {
        return complain(EXIT_USAGE, "--live %s: must be on or off", typed);
    }
    (void)json_object_set_new(body, "live", json_boolean(strcmp(typed, "on") == 0));
    return EXIT_DONE;
}

static enum exit_code add_groups(const struct arguments *arguments, json_t *body)
{
    const char *typed = arguments_get(arguments, "groups");
    json_t *names = json_array();
    if (typed == NULL) {
        json_decref(names);
        return EXIT_DONE;
    }
    for (const char *at = strcmp(typed, "any") != 0 ? typed : ""; *at != '\0';) {
        const size_t len = strcspn(at, ",");
        if (json_array_append_new(names, json_stringn(at, len)) != 0) {
            json_decref(names);
            return complain(EXIT_USAGE, "a group's name is not UTF-8");
        }
        at += at[len] == ',' ? len + 1 : len;
    }
    (void)json_object_set_new(body, "groups", names);
    return EXIT_DONE;
}

static enum exit_code add_profile(const struct arguments *arguments, json_t *body)
{
    const char *typed = arguments_get(arguments, "profile");
    const char *precedence = arguments_get(arguments, "precedence");
    if (typed != NULL && json_object_set_new(body, "profile", json_string(typed)) != 0) {
        return complain(EXIT_USAGE, "the profile's name is not UTF-8");
    }
    if (precedence != NULL &&
        json_object_set_new(body, "precedence", json_string(precedence)) != 0) {
        return complain(EXIT_USAGE, "the precedence is not UTF-8");
    }
    return add_groups(arguments, body);
}

// What was typed, as the API's body. What it may be is for the node to say.
static enum exit_code write_order(const struct arguments *arguments, json_t *body,
                                  uint64_t *beacon_s)
{
    uint64_t rate;
    enum exit_code code = add_profile(arguments, body);
    if (code == EXIT_DONE) {
        code = add_number(arguments, "rate", "bit/s, such as 9600", &rate);
    }
    if (code == EXIT_DONE) {
        code = add_number(arguments, "beacon", "seconds, such as 60", beacon_s);
    }
    if (code == EXIT_DONE && arguments_has(arguments, "rate")) {
        (void)json_object_set_new(body, "rate", json_integer((json_int_t)rate));
    }
    if (code == EXIT_DONE && arguments_has(arguments, "beacon")) {
        (void)json_object_set_new(body, "beacon_ms", json_integer((json_int_t)*beacon_s * 1000));
    }
    return code == EXIT_DONE ? add_live(arguments, body) : code;
}

// What an order came to; without one, or where no sentence says it, all that holds now.
static void tell_order(const struct arguments *arguments, const struct answer *answer,
                       uint64_t beacon_s)
{
    const bool is_of_rate = arguments_has(arguments, "profile") || arguments_has(arguments, "rate");
    if (!is_of_rate || arguments_has(arguments, "precedence") ||
        arguments_has(arguments, "groups")) {
        show(answer->json);
    } else if (strcmp(json_text(answer->json, "profile"), "measured") == 0) {
        tell("What passes from here to %s is looked for while something waits: see 'sitrep "
             "peers'.",
             arguments->operands[0]);
    } else {
        tell_rate(arguments->operands[0], json_number(answer->json, "rate"));
    }
    tell_beacon(answer->json, beacon_s);
}

enum exit_code command_link(const struct arguments *arguments)
{
    struct answer answer = {0};
    uint64_t beacon_s = 0;
    json_t *body = json_object();
    enum exit_code code = write_order(arguments, body, &beacon_s);
    if (code != EXIT_DONE || json_object_size(body) == 0) {
        json_decref(body);
        body = NULL;
    }
    if (code == EXIT_DONE) {
        code = ask_link(arguments, body, &answer);
    }
    if (code == EXIT_DONE && !arguments->is_json) {
        tell_order(arguments, &answer, beacon_s);
    }
    answer_fini(&answer);
    return code;
}

static enum exit_code set_cut(const struct arguments *arguments, bool is_cut)
{
    struct answer answer = {0};
    const enum exit_code code = ask_link(arguments, json_pack("{s:b}", "cut", is_cut), &answer);
    if (code == EXIT_DONE && !arguments->is_json) {
        tell("The link to %s %s.", arguments->operands[0],
             is_cut ? "is cut until it is healed" : "may come up again");
    }
    answer_fini(&answer);
    return code;
}

enum exit_code command_cut(const struct arguments *arguments)
{
    return set_cut(arguments, true);
}

enum exit_code command_heal(const struct arguments *arguments)
{
    return set_cut(arguments, false);
}
