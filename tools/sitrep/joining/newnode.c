// SPDX-License-Identifier: EUPL-1.2
// Makes the home of a new node: its name checked, its keys, its configuration.
#include "sitrep/joining/newnode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/print.h"
#include "sitrep/roster.h"
#include "sitrep/when.h"

static const char default_conf[] =
    "# The node's configuration. Remove a '#' to change a value from its default.\n"
    "\n"
    "sync\n"
    "#    bind = \"tcp://*:5670\"    # default: all addresses, the port of the roster's endpoint\n"
    "#    beacon_ms = 1000         # how often peers hear from this node, 100..60000\n"
    "#    retry_ms = 3000          # what did not come is asked for again, 100..60000\n"
    "#    window_kib = 4096        # what peers together may send unasked for more, 64..16384\n"
    "#    peers_max = 64           # links kept at once, 1..256\n"
    "#    own_log_wait_ms = 3000   # wait for peers before first publishing, 0..600000\n"
    "live\n"
    "#    bind = \"tcp://*:5671\"\n"
    "#    enabled = 1              # 0: everything goes by the sync plane\n"
    "store\n"
    "#    reserve_mib = 64         # nothing is written below this much free disk, 1..1048576\n"
    "#    scrub_per_s = 2000       # records checked a second in the background, 0..1000000\n"
    "log\n"
    "#    level = info             # error, warning, info, debug\n";

bool newnode_next_port(const char *endpoint, char out[static ENDPOINT_MAX_LEN + 1])
{
    const char *colon = strrchr(endpoint, ':');
    const long port = colon != NULL ? strtol(colon + 1, NULL, 10) : 0;
    if (port < 1 || port > 65534) {
        return false;
    }
    const int len = snprintf(out, ENDPOINT_MAX_LEN + 1, "%.*s:%ld", (int)(colon - endpoint),
                             endpoint, port + 1);
    return len > 0 && len <= ENDPOINT_MAX_LEN;
}

enum exit_code newnode_read_name(const char *what, const char *typed,
                                 char out[static NAME_MAX_LEN + 1])
{
    const size_t len = strlen(typed);
    if (!roster_name_is_valid(typed, len)) {
        return complain(EXIT_USAGE,
                        "%s '%s': 1 to %d of a-z, 0-9 and -, beginning with a letter and not "
                        "ending in -",
                        what, typed, NAME_MAX_LEN);
    }
    memcpy(out, typed, len + 1);
    return EXIT_DONE;
}

static enum exit_code read_endpoint(const char *what, const char *typed,
                                    char out[static ENDPOINT_MAX_LEN + 1])
{
    const size_t len = strlen(typed);
    if (!roster_endpoint_is_valid(typed, len)) {
        return complain(EXIT_USAGE, "%s '%s': must be tcp://HOST:PORT", what, typed);
    }
    memcpy(out, typed, len + 1);
    return EXIT_DONE;
}

enum exit_code newnode_check_title(const char *what, const char *typed)
{
    const size_t len = strlen(typed);
    if (len == 0 || len > TITLE_MAX_LEN) { // [5.8]
        return complain(EXIT_USAGE, "%s must have 1 to %d bytes", what, TITLE_MAX_LEN);
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)typed[i] < ' ' || typed[i] == 0x7f) {
            return complain(EXIT_USAGE, "%s '%s': a control character stands in it", what, typed);
        }
    }
    json_t *utf8 = json_string(typed);
    json_decref(utf8);
    return utf8 != NULL ? EXIT_DONE : complain(EXIT_USAGE, "%s '%s': is not UTF-8", what, typed);
}

static enum exit_code read_title(const char *typed, char out[static TITLE_MAX_LEN + 1])
{
    const enum exit_code code = newnode_check_title("the title", typed);
    if (code == EXIT_DONE) {
        memcpy(out, typed, strlen(typed) + 1);
    }
    return code;
}

enum exit_code newnode_read_expiry(const struct arguments *arguments, uint64_t *expires_ms)
{
    const char *typed = arguments_get(arguments, "expires");
    *expires_ms = 0;
    return typed == NULL || when_in_days(typed, 1, when_now(), expires_ms)
               ? EXIT_DONE
               : complain(EXIT_USAGE, "--expires takes a number of days, 1 to 36500");
}

enum exit_code newnode_read(struct newnode *newnode, const struct arguments *arguments)
{
    struct request *request = &newnode->request;
    const char *centre = arguments_get(arguments, "centre");
    const char *node = arguments_get(arguments, "node");
    const char *live = arguments_get(arguments, "live");
    char next[ENDPOINT_MAX_LEN + 1] = "";
    enum exit_code code = newnode_read_name("the centre's code", centre, request->centre_code);
    if (code == EXIT_DONE) {
        code =
            newnode_read_name("the node's name", node != NULL ? node : centre, request->node_name);
    }
    if (code == EXIT_DONE) {
        code = read_title(arguments_get(arguments, "title"), request->centre_title);
    }
    if (code == EXIT_DONE) {
        code = read_endpoint("the endpoint", arguments_get(arguments, "endpoint"),
                             request->sync_endpoint);
    }
    if (code == EXIT_DONE && live == NULL && !newnode_next_port(request->sync_endpoint, next)) {
        code = complain(EXIT_USAGE, "there is no port after that of %s: give --live",
                        request->sync_endpoint);
    }
    if (code == EXIT_DONE) {
        code =
            read_endpoint("the live endpoint", live != NULL ? live : next, request->live_endpoint);
    }
    if (code == EXIT_DONE) {
        code = newnode_read_expiry(arguments, &request->expires_ms);
    }
    return code;
}

enum exit_code newnode_create(struct newnode *newnode, const struct arguments *arguments)
{
    struct home *home = &newnode->home;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    enum err err = ERR_OK;
    if (!arguments_has(arguments, "no-passphrase")) {
        err = home_ask_passphrase(home, true, &newnode->passphrase);
    }
    if (err == ERR_OK) {
        err = home_create(home, arguments->home);
    }
    if (err == ERR_OK) {
        err = home_lock(home);
    }
    if (err == ERR_OK) {
        err = home_write(home, "node.conf", (const uint8_t *)default_conf, sizeof default_conf - 1);
    }
    if (err == ERR_OK) {
        err = home_create_node_keys(home, newnode->passphrase, &newnode->keys);
    }
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "%s", home->why);
    }
    memcpy(newnode->request.signing, newnode->keys->signing_public, SIGN_KEY_LEN);
    memcpy(newnode->request.transport, newnode->keys->transport[0].public_key, BOX_KEY_LEN);
    newnode->request.time_ms = (uint64_t)when_now();
    return EXIT_DONE;
}

void newnode_fini(struct newnode *newnode)
{
    node_keys_destroy(&newnode->keys);
    passphrase_destroy(&newnode->passphrase);
}
