// SPDX-License-Identifier: EUPL-1.2
// sitrep admit: an authority lets a node in. Makes the next roster version, where it may do so
// alone, and the invitation.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/home.h"
#include "sitrep/command.h"
#include "sitrep/invitation.h"
#include "sitrep/joining/request_file.h"
#include "sitrep/print.h"
#include "sitrep/roster.h"
#include "sitrep/roster/authority.h"
#include "sitrep/roster/keep.h"

const struct option_spec admit_options[] = {
    {"yes", NULL, "the words were compared: do not ask", false},
    {"authority", "FILE", "the authority's key (else the one in the home)", false},
    {NULL, NULL, NULL, false},
};

struct admission {
    struct home home;
    struct request_file asked;
    char *passphrase;
    struct signing_key *authority;
    uint8_t authority_public[SIGN_KEY_LEN];
    struct group_keys *keys;
    struct roster *roster; // the newest; after `extend` the one with the node in it
};

static void admission_fini(struct admission *admission)
{
    passphrase_destroy(&admission->passphrase);
    signing_key_destroy(&admission->authority);
    group_keys_destroy(&admission->keys);
    roster_destroy(&admission->roster);
}

// A key in the home has the home's passphrase; one that lies apart has its own.
static enum err load_authority(struct admission *admission, const char *path)
{
    struct home *home = &admission->home;
    char *passphrase = NULL;
    bool needs = false;
    enum err err = home_authority_needs_passphrase(home, path, &needs);
    if (err == ERR_OK && needs && path != NULL) {
        err = home_ask_authority_passphrase(home, false, &passphrase);
    } else if (err == ERR_OK && needs && admission->passphrase == NULL) {
        err = home_ask_passphrase(home, false, &admission->passphrase);
    }
    if (err == ERR_OK) {
        err = home_load_authority(home, path, path != NULL ? passphrase : admission->passphrase,
                                  &admission->authority, admission->authority_public);
    }
    passphrase_destroy(&passphrase);
    return err;
}

static enum err load_keys(struct admission *admission, const char *authority_path)
{
    struct home *home = &admission->home;
    bool needs = false;
    enum err err = home_needs_passphrase(home, &needs);
    if (err == ERR_OK && needs) {
        err = home_ask_passphrase(home, false, &admission->passphrase);
    }
    if (err == ERR_OK) {
        err = load_authority(admission, authority_path);
    }
    if (err == ERR_OK) {
        err = home_load_group_keys(home, admission->passphrase, &admission->keys);
    }
    return err;
}

static bool is_admitted(const struct admission *admission)
{
    const struct request *request = &admission->asked.request;
    const int32_t index = roster_find_signing(admission->roster, request->signing);
    if (index < 0) {
        return false;
    }
    const struct roster_node *node = &admission->roster->nodes[index];
    return !node->is_revoked && node->name.len == strlen(request->node_name) &&
           memcmp(node->name.bytes, request->node_name, node->name.len) == 0 &&
           memcmp(node->transport, request->transport, BOX_KEY_LEN) == 0;
}

// Where several must sign, an admission is a proposal like any other; once it is in force, the same
// command writes the invitation.
static enum exit_code refuse_alone(const struct admission *admission, const char *path)
{
    complain(EXIT_REFUSED, "%u of %zu authorities must sign before %s is admitted. First:",
             admission->roster->threshold, admission->roster->authorities_count,
             admission->asked.request.node_name);
    tell("    sitrep roster propose --add %s > PROPOSAL", path);
    tell("    sitrep roster sign PROPOSAL > SIGNED        (each authority)");
    tell("    sitrep roster import SIGNED...");
    tell("Then 'sitrep admit %s' writes the invitation.", path);
    return EXIT_REFUSED;
}

static enum exit_code extend_roster(struct admission *admission, const struct arguments *arguments)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    const enum err err = roster_admit(admission->roster, &admission->asked.request,
                                      admission->authority, &bytes, &len);
    if (err == ERR_STATE) {
        return complain(EXIT_REFUSED,
                        "a node with the name %s, or with its keys, is already in the roster",
                        admission->asked.request.node_name);
    }
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "the roster cannot be extended: %s", err_text(err));
    }
    const enum exit_code code =
        roster_keep(&admission->home, arguments, (struct span){bytes, len}, &admission->roster);
    free(bytes);
    return code;
}

static size_t count_keys(const struct group_keys *keys, const uint8_t group[static TAG_LEN])
{
    size_t count = 0;
    for (size_t i = 0; i < keys->count; i++) {
        count += memcmp(keys->keys[i].group, group, TAG_LEN) == 0 ? 1 : 0;
    }
    return count;
}

// The keys of the group of all members, sealed to the new node: the first, which no change names
// and nobody can ask for, and the latest. It asks for the rest, like for those of other groups.
static enum err seal_keys(const struct admission *admission, struct invitation *invitation)
{
    uint8_t everybody[TAG_LEN];
    uint8_t random[32];
    size_t at = 0;
    group_all_members(admission->roster->federation, everybody);
    const size_t count = count_keys(admission->keys, everybody);
    for (size_t i = 0; i < admission->keys->count; i++) {
        const struct group_key *key = &admission->keys->keys[i];
        if (memcmp(key->group, everybody, TAG_LEN) != 0) {
            continue;
        }
        at++;
        if (at > 1 && count - at >= INVITATION_KEYS_MAX - 1) {
            continue;
        }
        randombytes_buf(random, sizeof random);
        const enum err err = group_key_seal(key, admission->asked.request.transport, random,
                                            &invitation->keys[invitation->keys_count]);
        if (err != ERR_OK) {
            return err;
        }
        invitation->keys_count++;
    }
    return invitation->keys_count > 0 ? ERR_OK : ERR_NOT_FOUND;
}

static enum exit_code show_invitation(const struct admission *admission, const uint8_t *bytes,
                                      size_t len, bool is_json)
{
    char *armoured = NULL;
    const enum err err = armour_encode("INVITATION", bytes, len, &armoured);
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "the invitation cannot be written: %s", err_text(err));
    }
    if (is_json) {
        json_t *json = json_pack("{s:s, s:s, s:I, s:s}", "node", admission->asked.request.node_name,
                                 "words", admission->asked.words, "roster_version",
                                 (json_int_t)admission->roster->version, "invitation", armoured);
        print_json(json);
        json_decref(json);
    } else {
        (void)fputs(armoured, stdout);
    }
    free(armoured);
    tell("%s is in roster version %llu. Send this invitation back to it.",
         admission->asked.request.node_name, (unsigned long long)admission->roster->version);
    return EXIT_DONE;
}

static enum exit_code invite(const struct admission *admission, bool is_json)
{
    struct invitation invitation = {.signed_roster = admission->roster->signed_document};
    memcpy(invitation.recipient, admission->asked.request.signing, SIGN_KEY_LEN);
    memcpy(invitation.authority, admission->authority_public, SIGN_KEY_LEN);
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum err err = seal_keys(admission, &invitation);
    if (err == ERR_OK) {
        err = invitation_encode(&invitation, admission->authority, &bytes, &len);
    }
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "the invitation cannot be made: %s", err_text(err));
    }
    const enum exit_code code = show_invitation(admission, bytes, len, is_json);
    free(bytes);
    return code;
}

enum exit_code command_admit(const struct arguments *arguments)
{
    struct admission admission = {.passphrase = NULL};
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    if (home_open(&admission.home, arguments->home) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", admission.home.why);
    }
    if (home_load_roster(&admission.home, &admission.roster) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", admission.home.why);
    }
    const char *path = arguments->operands[0];
    enum exit_code code = request_file_read(&admission.asked, path);
    if (code == EXIT_DONE && admission.roster->threshold > 1 && !is_admitted(&admission)) {
        code = refuse_alone(&admission, path);
    }
    if (code == EXIT_DONE) {
        code = request_file_confirm(&admission.asked, arguments);
    }
    if (code == EXIT_DONE &&
        load_keys(&admission, arguments_get(arguments, "authority")) != ERR_OK) {
        code = complain(EXIT_FAILED, "%s", admission.home.why);
    }
    if (code == EXIT_DONE && !authority_is_listed(admission.roster, admission.authority_public)) {
        code = complain(EXIT_REFUSED, "this key is no authority of the federation");
    }
    if (code == EXIT_DONE && !is_admitted(&admission)) {
        code = extend_roster(&admission, arguments);
    }
    if (code == EXIT_DONE) {
        code = invite(&admission, arguments->is_json);
    }
    admission_fini(&admission);
    return code;
}
