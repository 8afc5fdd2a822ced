// SPDX-License-Identifier: EUPL-1.2
// sitrep link cut and heal: for drills, the links to one peer are held down, or let up again.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/print.h"

static enum exit_code set_link(const struct arguments *arguments, bool is_cut)
{
    const char *node = arguments->operands[0];
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    char path[512];
    char *escaped = client_escape(client, node);
    const int len = snprintf(path, sizeof path, "/v1/links/%s", escaped);
    free(escaped);
    enum exit_code code = EXIT_DONE;
    struct answer answer = {0};
    if (len < 0 || (size_t)len >= sizeof path) {
        code = complain(EXIT_USAGE, "there is no node of so long a name");
    } else {
        code = client_post(client, path, json_pack("{s:b}", "cut", is_cut), &answer);
    }
    if (code == EXIT_DONE && arguments->is_json) {
        json_t *json = json_pack("{s:s, s:b}", "node", node, "cut", is_cut);
        print_json(json);
        json_decref(json);
    } else if (code == EXIT_DONE) {
        tell("The link to %s %s.", node,
             is_cut ? "is cut until it is healed" : "may come up again");
    }
    answer_fini(&answer);
    client_close(&client);
    return code;
}

enum exit_code command_cut(const struct arguments *arguments)
{
    return set_link(arguments, true);
}

enum exit_code command_heal(const struct arguments *arguments)
{
    return set_link(arguments, false);
}
