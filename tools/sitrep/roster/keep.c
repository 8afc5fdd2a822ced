// SPDX-License-Identifier: EUPL-1.2
// Hands a signed roster to the running node, or to the home of one that does not run.
#include "sitrep/roster/keep.h"

#include "sitrep/client.h"
#include "sitrep/print.h"

static enum exit_code write_home(struct home *home, struct span bytes)
{
    struct roster *next = NULL;
    const enum err err = home_add_roster(home, bytes.bytes, bytes.len, &next);
    roster_destroy(&next);
    switch ((int)err) {
    case ERR_OK:
        return EXIT_DONE;
    case ERR_MALFORMED:
    case ERR_LIMIT:
    case ERR_DENIED:
    case ERR_STATE:
    case ERR_NOT_FOUND:
        return complain(EXIT_REFUSED, "%s", home->why);
    default:
        return complain(EXIT_FAILED, "%s", home->why);
    }
}

static enum exit_code post(const struct arguments *arguments, struct span bytes)
{
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    const struct call call = {"POST", "/v1/roster", "application/octet-stream", bytes.bytes,
                              bytes.len};
    struct answer answer;
    const enum exit_code code = client_ask(client, &call, &answer);
    answer_fini(&answer);
    client_close(&client);
    return code;
}

enum exit_code roster_keep(struct home *home, const struct arguments *arguments, struct span bytes,
                           struct roster **roster)
{
    struct roster *next = NULL;
    const enum err err = home_lock(home);
    enum exit_code code = EXIT_DONE;
    if (err == ERR_OK) {
        code = write_home(home, bytes);
    } else if (err == ERR_STATE) {
        code = post(arguments, bytes);
    } else {
        code = complain(EXIT_FAILED, "%s", home->why);
    }
    if (code == EXIT_DONE && roster_decode(bytes.bytes, bytes.len, &next) == ERR_OK) {
        roster_destroy(roster);
        *roster = next;
    }
    return code;
}
