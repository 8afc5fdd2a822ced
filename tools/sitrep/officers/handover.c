// SPDX-License-Identifier: EUPL-1.2
// sitrep handover show: what the last shift of this centre left.
#include <stdio.h>

#include "sitrep/command.h"
#include "sitrep/officers/collect.h"
#include "sitrep/officers/officers.h"
#include "sitrep/print.h"

enum exit_code command_handover_show(const struct arguments *arguments)
{
    struct client *client = client_open(arguments);
    enum exit_code code = EXIT_FAILED;

    if (client == NULL) {
        return code;
    }
    json_t *last = collect_last_own(client, "handover", &code);
    client_close(&client);
    if (last == NULL) {
        return code != EXIT_DONE ? code
                                 : complain(EXIT_REFUSED, "this centre has not handed over yet: "
                                                          "'sitrep handover take --help'");
    }
    struct arguments one = *arguments;
    char name[CLIENT_PATH_MAX];
    char *operands[] = {name};
    (void)snprintf(name, sizeof name, "%s", json_text(last, "name"));
    json_decref(last);
    one.operands = operands;
    one.operands_count = 1;
    return command_show(&one);
}
