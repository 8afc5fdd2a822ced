// SPDX-License-Identifier: EUPL-1.2
// sitrep keys rotate: a new transport key for this node beside the one in use, and the request with
// which an authority takes the roster to it [5.12]. Changes no roster. New signing keys are
// successor.c's.
#include "sitrep/keys/rotate.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/command.h"
#include "sitrep/joining/newnode.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const struct option_spec keys_rotate_options[] = {
    {"signing", NULL, "new keys for all, as this node's successor under a new name", false},
    {"node", "NAME", "with --signing: the successor's name (else this one's with a number)", false},
    {"expires", "DAYS", "ask that their age be warned of from 90 days before", false},
    {NULL, NULL, NULL, false},
};

static void rotating_fini(struct rotating *rotating)
{
    node_keys_destroy(&rotating->keys);
    passphrase_destroy(&rotating->passphrase);
    roster_destroy(&rotating->roster);
}

static enum exit_code rotating_begin(struct rotating *rotating, const char *path)
{
    struct home *home = &rotating->home;
    bool needs = false;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    enum err err = home_open(home, path);
    if (err == ERR_OK) {
        err = home_load_roster(home, &rotating->roster);
    }
    if (err == ERR_OK) {
        err = home_needs_passphrase(home, &needs);
    }
    if (err == ERR_OK && needs) {
        err = home_ask_passphrase(home, false, &rotating->passphrase);
    }
    if (err == ERR_OK) {
        err = home_load_node_keys(home, rotating->passphrase, &rotating->keys);
    }
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "%s", *home->why != '\0' ? home->why : err_text(err));
    }
    const int32_t self = roster_find_signing(rotating->roster, rotating->keys->signing_public);
    if (self < 0) {
        return complain(EXIT_REFUSED, "this node is no member of the federation");
    }
    rotating->self = &rotating->roster->nodes[self];
    return EXIT_DONE;
}

// Whether the key made last is still on its way: not in use, or the one before not dropped.
static bool is_under_way(const struct rotating *rotating)
{
    const struct node_keys *keys = rotating->keys;
    const struct roster_node *self = rotating->self;
    assert(keys != NULL && self != NULL); // by rotating_begin
    const uint8_t *last = keys->transport[keys->transport_count - 1].public_key;
    return keys->transport_count > 1 &&
           (memcmp(self->transport, last, BOX_KEY_LEN) != 0 || self->transport_also != NULL);
}

// The roster checked these lengths.
static void copy(char *out, struct span text)
{
    memcpy(out, text.bytes, text.len);
    out[text.len] = '\0';
}

bool rotating_like_self(const struct rotating *rotating, struct request *request)
{
    const struct roster_node *self = rotating->self;
    const struct roster_centre *centre = &rotating->roster->centres[self->centre];
    *request =
        (struct request){.time_ms = (uint64_t)when_now(), .expires_ms = rotating->expires_ms};
    copy(request->centre_code, centre->code);
    copy(request->centre_title, centre->titles[0].text);
    copy(request->node_name, self->name);
    if (self->endpoints_count == 0) {
        complain(EXIT_REFUSED,
                 "a node without an endpoint cannot make a request; have it given one");
        return false;
    }
    copy(request->sync_endpoint, self->endpoints[0].sync);
    copy(request->live_endpoint, self->endpoints[0].live);
    return true;
}

static enum exit_code write_request(const struct rotating *rotating, bool is_json)
{
    const struct node_keys *keys = rotating->keys;
    struct request request;
    uint8_t bytes[REQUEST_MAX];
    char *armoured = NULL;
    if (!rotating_like_self(rotating, &request)) {
        return EXIT_REFUSED;
    }
    memcpy(request.signing, keys->signing_public, SIGN_KEY_LEN);
    memcpy(request.transport, keys->transport[keys->transport_count - 1].public_key, BOX_KEY_LEN);
    const size_t len = request_encode(&request, &keys->signing, bytes);
    if (len == 0 || armour_encode("REQUEST", bytes, len, &armoured) != ERR_OK) {
        return complain(EXIT_FAILED, "the request cannot be made");
    }
    if (is_json) {
        json_t *json = json_pack("{s:s, s:s}", "node", request.node_name, "request", armoured);
        print_json(json);
        json_decref(json);
    } else {
        (void)fputs(armoured, stdout);
    }
    free(armoured);
    return EXIT_DONE;
}

static enum exit_code rotate_transport(struct rotating *rotating, bool is_json)
{
    enum exit_code code = EXIT_DONE;
    if (rotating->self->is_revoked) {
        return complain(EXIT_REFUSED, "this node was revoked");
    }
    if (is_under_way(rotating)) {
        tell("A new transport key was made before and is not wholly in place: this is for that "
             "one.");
    } else if (home_add_transport(&rotating->home, rotating->passphrase, rotating->keys,
                                  rotating->self->transport) != ERR_OK) {
        code = complain(EXIT_FAILED, "%s", rotating->home.why);
    }
    if (code == EXIT_DONE) {
        code = write_request(rotating, is_json);
    }
    if (code == EXIT_DONE) {
        tell("Restart the node, so that it has the new key. Then send this request to an "
             "authority.");
        tell(
            "With it, 'sitrep roster propose --rotate' makes three versions, one after the other:");
        tell(
            "one announces the key, one puts it in use, one drops the old one. Leave time between");
        tell("them, so that every node has seen the one before.");
    }
    return code;
}

enum exit_code command_keys_rotate(const struct arguments *arguments)
{
    struct rotating rotating = {.passphrase = NULL};
    enum exit_code code = newnode_read_expiry(arguments, &rotating.expires_ms);
    if (code == EXIT_DONE && arguments_has(arguments, "node") &&
        !arguments_has(arguments, "signing")) {
        code = complain(EXIT_USAGE, "--node goes with --signing: a node keeps its name otherwise");
    }
    if (code == EXIT_DONE) {
        code = rotating_begin(&rotating, arguments->home);
    }
    if (code == EXIT_DONE) {
        code = arguments_has(arguments, "signing")
                   ? successor_request(&rotating, arguments)
                   : rotate_transport(&rotating, arguments->is_json);
    }
    rotating_fini(&rotating);
    return code;
}
