// SPDX-License-Identifier: EUPL-1.2
// sitrep join: a node takes up its invitation: the roster it begins with, and the group keys.
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/home.h"
#include "sitrep/command.h"
#include "sitrep/input.h"
#include "sitrep/invitation.h"
#include "sitrep/print.h"
#include "sitrep/roster.h"

enum { TEXT_MAX = 2 * 1024 * 1024 };

struct joining {
    struct home home;
    char *passphrase;
    struct node_keys *keys;
    struct group_keys *groups;
    uint8_t *bytes; // of the invitation
    struct invitation invitation;
    struct roster *roster; // the invitation's
};

static void joining_fini(struct joining *joining)
{
    passphrase_destroy(&joining->passphrase);
    node_keys_destroy(&joining->keys);
    group_keys_destroy(&joining->groups);
    roster_destroy(&joining->roster);
    free(joining->bytes);
}

static enum exit_code read_invitation(struct joining *joining, const char *path)
{
    struct input input;
    size_t len = 0;
    enum exit_code code = input_read(&input, path, TEXT_MAX);
    if (code != EXIT_DONE) {
        return code;
    }
    enum err err =
        armour_decode("INVITATION", (const char *)input.bytes, input.len, &joining->bytes, &len);
    input_fini(&input);
    if (err == ERR_NOT_FOUND) {
        return complain(EXIT_REFUSED, "%s holds no invitation", path);
    }
    if (err != ERR_OK) {
        return complain(EXIT_REFUSED, "the invitation in %s was damaged on its way", path);
    }
    err = invitation_decode(joining->bytes, len, &joining->invitation);
    if (err == ERR_OK) {
        const struct span document = joining->invitation.signed_roster;
        err = roster_decode(document.bytes, document.len, &joining->roster);
    }
    if (err != ERR_OK) {
        return complain(EXIT_REFUSED, "the invitation in %s is refused: %s", path, err_text(err));
    }
    return EXIT_DONE;
}

static enum err load_keys(struct joining *joining)
{
    struct home *home = &joining->home;
    bool needs = false;
    enum err err = home_needs_passphrase(home, &needs);
    if (err == ERR_OK && needs) {
        err = home_ask_passphrase(home, false, &joining->passphrase);
    }
    if (err == ERR_OK) {
        err = home_load_node_keys(home, joining->passphrase, &joining->keys);
    }
    if (err == ERR_OK) {
        err = home_load_group_keys(home, joining->passphrase, &joining->groups);
    }
    if (err == ERR_NOT_FOUND && joining->keys != NULL) {
        joining->groups = sodium_malloc(sizeof *joining->groups);
        if (joining->groups == NULL) {
            abort();
        }
        sodium_memzero(joining->groups, sizeof *joining->groups);
        err = ERR_OK;
    }
    return err;
}

static enum exit_code check_recipient(const struct joining *joining)
{
    const int32_t index = roster_find_signing(joining->roster, joining->keys->signing_public);
    if (memcmp(joining->invitation.recipient, joining->keys->signing_public, SIGN_KEY_LEN) != 0 ||
        index < 0 ||
        memcmp(joining->roster->nodes[index].transport, joining->keys->transport[0].public_key,
               BOX_KEY_LEN) != 0) {
        return complain(EXIT_REFUSED, "this invitation is for another node");
    }
    return EXIT_DONE;
}

static bool holds_key(const struct group_keys *groups, const struct group_key *key)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (memcmp(groups->keys[i].group, key->group, TAG_LEN) == 0 &&
            memcmp(groups->keys[i].id, key->id, TAG_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static enum exit_code take_keys(struct joining *joining)
{
    for (size_t i = 0; i < joining->invitation.keys_count; i++) {
        if (joining->groups->count == GROUP_KEYS_MAX) {
            return complain(EXIT_REFUSED, "this node already holds %d group keys", GROUP_KEYS_MAX);
        }
        struct group_key *key = &joining->groups->keys[joining->groups->count];
        const enum err err =
            group_key_unseal(&joining->invitation.keys[i], joining->keys->transport[0].public_key,
                             joining->keys->transport[0].secret, key);
        if (err != ERR_OK) {
            return complain(EXIT_REFUSED, "a group key of the invitation cannot be opened");
        }
        if (!holds_key(joining->groups, key)) {
            joining->groups->count++;
        }
    }
    if (joining->groups->count == 0) {
        return complain(EXIT_REFUSED, "the invitation holds no group key");
    }
    if (home_save_group_keys(&joining->home, joining->passphrase, joining->groups) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", joining->home.why);
    }
    return EXIT_DONE;
}

// The first roster held is the anchor of all that follow; one of another federation never enters.
static enum exit_code check_federation(struct joining *joining, bool *has_roster)
{
    struct roster *held = NULL;
    const enum err err = home_load_roster(&joining->home, &held);
    *has_roster = err == ERR_OK;
    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? EXIT_DONE : complain(EXIT_FAILED, "%s", joining->home.why);
    }
    const bool is_same = memcmp(held->federation, joining->roster->federation, ID_LEN) == 0;
    roster_destroy(&held);
    return is_same ? EXIT_DONE
                   : complain(EXIT_REFUSED, "this node is already in another federation");
}

static enum exit_code take_roster(struct joining *joining)
{
    struct roster *kept = NULL;
    const struct span document = joining->invitation.signed_roster;
    if (home_add_roster(&joining->home, document.bytes, document.len, &kept) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", joining->home.why);
    }
    roster_destroy(&kept);
    return EXIT_DONE;
}

static void show(const struct joining *joining, bool is_json)
{
    const struct roster *roster = joining->roster;
    const struct roster_node *node =
        &roster->nodes[roster_find_signing(roster, joining->keys->signing_public)];
    if (is_json) {
        json_t *json = json_pack("{s:s%, s:s%, s:I}", "node", (const char *)node->name.bytes,
                                 node->name.len, "name", (const char *)roster->name.bytes,
                                 roster->name.len, "roster_version", (json_int_t)roster->version);
        print_json(json);
        json_decref(json);
        return;
    }
    print_row("joined", "%.*s", (int)roster->name.len, (const char *)roster->name.bytes);
    print_row("node", "%.*s", (int)node->name.len, (const char *)node->name.bytes);
    for (size_t i = 0; i < roster->nodes_count; i++) {
        if (&roster->nodes[i] != node) {
            print_row("with", "%.*s", (int)roster->nodes[i].name.len,
                      (const char *)roster->nodes[i].name.bytes);
        }
    }
    tell("Start the node with: sitrepd --home %s", joining->home.path);
}

enum exit_code command_join(const struct arguments *arguments)
{
    struct joining joining = {.passphrase = NULL};
    bool has_roster = false;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    if (home_open(&joining.home, arguments->home) != ERR_OK || home_lock(&joining.home) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", joining.home.why);
    }
    enum exit_code code = read_invitation(&joining, arguments->operands[0]);
    if (code == EXIT_DONE && load_keys(&joining) != ERR_OK) {
        code = complain(EXIT_FAILED, "%s", joining.home.why);
    }
    if (code == EXIT_DONE) {
        code = check_recipient(&joining);
    }
    if (code == EXIT_DONE) {
        code = check_federation(&joining, &has_roster);
    }
    if (code == EXIT_DONE) {
        code = take_keys(&joining);
    }
    // The roster comes last: with it the node counts as joined, and has all it needs.
    if (code == EXIT_DONE && !has_roster) {
        code = take_roster(&joining);
    }
    if (code == EXIT_DONE) {
        const enum err err = home_remove(&joining.home, "request");
        if (err != ERR_OK && err != ERR_NOT_FOUND) {
            code = complain(EXIT_FAILED, "%s", joining.home.why);
        }
    }
    if (code == EXIT_DONE) {
        show(&joining, arguments->is_json);
    }
    joining_fini(&joining);
    return code;
}
