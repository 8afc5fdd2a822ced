// SPDX-License-Identifier: EUPL-1.2
// sitrep link: what the line to a peer passes. sitrep link cut and heal: for drills, the links to
// one peer are held down, or let up again.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/print.h"

const struct option_spec link_options[] = {
    {"profile", "NAME", "fibre, 4g, satellite, radio (2.4 kbit/s), or manual with a --rate", true},
    {"rate", "BITS", "bit/s the line passes, instead of the profile's", false},
    {NULL, NULL, NULL, false},
};

// Posts to the link's page; releases `body`.
static enum exit_code post_link(const struct arguments *arguments, json_t *body,
                                struct answer *answer)
{
    struct client *client = client_open(arguments);
    if (client == NULL) {
        json_decref(body);
        return EXIT_FAILED;
    }
    char path[CLIENT_PATH_MAX];
    enum exit_code code = client_node_path(client, "/v1/links/", arguments->operands[0], path);
    if (code == EXIT_DONE) {
        code = client_post(client, path, body, answer);
    } else {
        json_decref(body);
    }
    client_close(&client);
    if (code == EXIT_DONE && arguments->is_json) {
        print_json(answer->json);
    }
    return code;
}

static enum exit_code add_rate(const char *typed, json_t *body)
{
    errno = 0;
    const long long rate = strtoll(typed, NULL, 10);
    if (*typed == '\0' || strspn(typed, "0123456789") != strlen(typed) || errno != 0) {
        return complain(EXIT_USAGE, "--rate %s: must be a number of bit/s, such as 9600", typed);
    }
    (void)json_object_set_new(body, "rate", json_integer(rate));
    return EXIT_DONE;
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

enum exit_code command_link(const struct arguments *arguments)
{
    const char *rate = arguments_get(arguments, "rate");
    struct answer answer = {0};
    json_t *body = json_pack("{s:s}", "profile", arguments_get(arguments, "profile"));
    if (body == NULL) {
        return complain(EXIT_USAGE, "the profile's name is not UTF-8");
    }
    enum exit_code code = rate != NULL ? add_rate(rate, body) : EXIT_DONE;
    if (code != EXIT_DONE) {
        json_decref(body);
        return code;
    }
    code = post_link(arguments, body, &answer);
    if (code == EXIT_DONE && !arguments->is_json) {
        tell_rate(arguments->operands[0], json_number(answer.json, "rate"));
    }
    answer_fini(&answer);
    return code;
}

static enum exit_code set_cut(const struct arguments *arguments, bool is_cut)
{
    struct answer answer = {0};
    const enum exit_code code = post_link(arguments, json_pack("{s:b}", "cut", is_cut), &answer);
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
