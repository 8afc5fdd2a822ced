// SPDX-License-Identifier: EUPL-1.2
// sitrep link cut and heal: for drills, the links to one peer are held down, or let up again.

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
    char path[CLIENT_PATH_MAX];
    struct answer answer = {0};
    enum exit_code code = client_node_path(client, "/v1/links/", node, path);
    if (code == EXIT_DONE) {
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
