// SPDX-License-Identifier: EUPL-1.2
// Publishing over the API: what is said of it to whoever did.
#include <stdio.h>

#include "sitrep/client.h"
#include "sitrep/print.h"

// What whoever published it may not expect.
static void tell_standing(const char *name, const json_t *published)
{
    const char *over = json_text(published, "over");

    if (json_flag(published, "proposed")) {
        tell("%s is a proposal: this is not your centre's to change. It holds when they take it "
             "over ('sitrep settle').",
             name);
    }
    if (*over != '\0') {
        tell("%s leaves it as it was, %s: lists show it with --all.", name, over);
    }
}

enum exit_code client_publish_over(struct client *client, bool is_json, const char *path,
                                   json_t *body)
{
    struct answer answer;
    const enum exit_code code = client_post(client, path, body, &answer);

    if (code == EXIT_DONE) {
        const char *name = json_text(answer.json, "name");
        if (is_json) {
            print_json(answer.json);
        } else {
            print_text(name, BREAKS_ESCAPED);
            (void)putchar('\n');
        }
        if (print_flush_published(name)) {
            tell_standing(name, answer.json);
        }
    }
    answer_fini(&answer);
    return code;
}

enum exit_code client_publish(const struct arguments *arguments, const char *path, json_t *body)
{
    struct client *client = client_open(arguments);

    if (client == NULL) {
        json_decref(body);
        return EXIT_FAILED;
    }
    const enum exit_code code = client_publish_over(client, arguments->is_json, path, body);
    client_close(&client);
    return code;
}
