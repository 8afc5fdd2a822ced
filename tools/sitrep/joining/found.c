// SPDX-License-Identifier: EUPL-1.2
// sitrep found: a new federation, and its first node with the authority.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/command.h"
#include "sitrep/joining/newnode.h"
#include "sitrep/print.h"
#include "sitrep/roster.h"
#include "sitrep/seal.h"

const struct option_spec found_options[] = {NEWNODE_OPTIONS};

// The group of all members exists from the start, with one key.
static enum err create_group(struct newnode *newnode, const struct roster *roster)
{
    struct group_keys *keys = sodium_malloc(sizeof *keys);
    if (keys == NULL) {
        abort();
    }
    sodium_memzero(keys, sizeof *keys);
    uint8_t group[TAG_LEN];
    uint8_t secret[SECRET_LEN];
    group_all_members(roster->federation, group);
    randombytes_buf(secret, sizeof secret);
    group_key_derive(&keys->keys[0], group, secret);
    keys->count = 1;
    sodium_memzero(secret, sizeof secret);
    const enum err err = home_save_group_keys(&newnode->home, newnode->passphrase, keys);
    group_keys_destroy(&keys);
    return err;
}

static enum err create_roster(struct newnode *newnode, const char *name, struct roster **roster)
{
    struct home *home = &newnode->home;
    struct signing_key *authority = NULL;
    uint8_t authority_public[SIGN_KEY_LEN];
    uint8_t *signed_roster = NULL;
    size_t len = 0;
    enum err err =
        home_create_authority(home, NULL, newnode->passphrase, &authority, authority_public);
    if (err != ERR_OK) {
        return err;
    }
    const struct roster_founding founding = {
        .name = name,
        .keys_expire_ms = newnode->request.expires_ms,
        .centre_code = newnode->request.centre_code,
        .centre_title = newnode->request.centre_title,
        .node_name = newnode->request.node_name,
        .sync_endpoint = newnode->request.sync_endpoint,
        .live_endpoint = newnode->request.live_endpoint,
        .signing = newnode->request.signing,
        .transport = newnode->request.transport,
    };
    err = roster_found(&founding, authority, &signed_roster, &len);
    signing_key_destroy(&authority);
    if (err != ERR_OK) {
        (void)snprintf(home->why, sizeof home->why, "the roster cannot be made: %s", err_text(err));
        return err;
    }
    err = home_add_roster(home, signed_roster, len, roster);
    free(signed_roster);
    return err;
}

static void show(const struct newnode *newnode, const struct roster *roster, bool is_json)
{
    char federation[2 * ID_LEN + 1];
    (void)sodium_bin2hex(federation, sizeof federation, roster->federation, ID_LEN);
    if (is_json) {
        json_t *json =
            json_pack("{s:s, s:s, s:s, s:s%, s:I, s:s}", "node", newnode->request.node_name,
                      "centre", newnode->request.centre_code, "federation", federation, "name",
                      (const char *)roster->name.bytes, roster->name.len, "roster_version",
                      (json_int_t)roster->version, "home", newnode->home.path);
        print_json(json);
        json_decref(json);
        return;
    }
    print_row("founded", "%.*s", (int)roster->name.len, (const char *)roster->name.bytes);
    print_row("node", "%s, of %s", newnode->request.node_name, newnode->request.centre_title);
    print_row("endpoints", "%s (sync), %s (live)", newnode->request.sync_endpoint,
              newnode->request.live_endpoint);
    print_row("federation", "%s", federation);
    print_row("home", "%s", newnode->home.path);
    tell("Start the node with: sitrepd --home %s", newnode->home.path);
}

enum exit_code command_found(const struct arguments *arguments)
{
    const char *name = arguments->operands[0];
    struct newnode newnode = {.passphrase = NULL};
    struct roster *roster = NULL;
    enum exit_code code = newnode_check_title("the federation's name", name);
    if (code == EXIT_DONE) {
        code = newnode_read(&newnode, arguments);
    }
    if (code == EXIT_DONE) {
        code = newnode_create(&newnode, arguments);
    }
    if (code == EXIT_DONE) {
        enum err err = create_roster(&newnode, name, &roster);
        if (err == ERR_OK) {
            err = create_group(&newnode, roster);
        }
        if (err != ERR_OK) {
            code = complain(EXIT_FAILED, "%s; remove %s before trying again", newnode.home.why,
                            newnode.home.path);
        }
    }
    if (code == EXIT_DONE) {
        assert(roster != NULL);
        show(&newnode, roster, arguments->is_json);
    }
    roster_destroy(&roster);
    newnode_fini(&newnode);
    return code;
}
