// SPDX-License-Identifier: EUPL-1.2
// sitrep admit: an authority lets a node in. Makes the next roster version and the invitation.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/home.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/input.h"
#include "sitrep/invitation.h"
#include "sitrep/print.h"
#include "sitrep/roster.h"

const struct option_spec admit_options[] = {
    {"yes", NULL, "the words were compared: do not ask", false},
    {"authority", "FILE", "the authority's key (else the one in the home)", false},
    {NULL, NULL, NULL, false},
};

enum { TEXT_MAX = 64 * 1024 }; // of a request that came by mail, with what is around it

struct admission {
    struct home home;
    struct request request;
    char words[WORDS_TEXT_MAX];
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

static enum exit_code read_request(struct admission *admission, const char *path)
{
    struct input input;
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum exit_code code = input_read(&input, path, TEXT_MAX);
    if (code != EXIT_DONE) {
        return code;
    }
    enum err err = armour_decode("REQUEST", (const char *)input.bytes, input.len, &bytes, &len);
    if (err == ERR_NOT_FOUND) {
        code = complain(EXIT_REFUSED, "%s holds no request", path);
    } else if (err != ERR_OK) {
        code = complain(EXIT_REFUSED, "the request in %s was damaged on its way", path);
    } else {
        err = request_decode(bytes, len, &admission->request);
        if (err == ERR_OK) {
            request_words(bytes, len, admission->words);
        } else {
            code = complain(EXIT_REFUSED, "the request in %s is refused: %s", path, err_text(err));
        }
    }
    free(bytes);
    input_fini(&input);
    return code;
}

static void show_request(const struct admission *admission)
{
    const struct request *request = &admission->request;
    tell("This node asks to be admitted:");
    tell("    centre    %s, %s", request->centre_code, request->centre_title);
    tell("    node      %s", request->node_name);
    tell("    endpoints %s (sync), %s (live)", request->sync_endpoint, request->live_endpoint);
    tell("    words     %s", admission->words);
}

// Only the words, heard from a known voice, tell that the request is theirs.
static enum exit_code ask_words(const struct arguments *arguments)
{
    if (arguments_has(arguments, "yes")) {
        return EXIT_DONE;
    }
    FILE *tty = fopen("/dev/tty", "r+e");
    if (tty == NULL) {
        return complain(EXIT_REFUSED, "compare the words over the phone, then give --yes");
    }
    char answer[16] = "";
    (void)fputs("Do the words match? [y/N] ", tty);
    (void)fflush(tty);
    const bool is_answered = fgets(answer, sizeof answer, tty) != NULL;
    (void)fclose(tty);
    if (is_answered && (answer[0] == 'y' || answer[0] == 'Y')) {
        return EXIT_DONE;
    }
    return complain(EXIT_REFUSED, "not admitted");
}

static enum err load_keys(struct admission *admission, const char *authority_path)
{
    struct home *home = &admission->home;
    bool needs = false;
    bool authority_needs = false;
    enum err err = home_needs_passphrase(home, &needs);
    if (err == ERR_OK) {
        err = home_authority_needs_passphrase(home, authority_path, &authority_needs);
    }
    if (err == ERR_OK && (needs || authority_needs)) {
        err = home_ask_passphrase(home, false, &admission->passphrase);
    }
    if (err == ERR_OK) {
        err = home_load_authority(home, authority_path, admission->passphrase,
                                  &admission->authority, admission->authority_public);
    }
    if (err == ERR_OK) {
        err = home_load_group_keys(home, admission->passphrase, &admission->keys);
    }
    if (err == ERR_OK) {
        err = home_load_roster(home, &admission->roster);
    }
    return err;
}

static bool is_admitted(const struct admission *admission)
{
    const struct request *request = &admission->request;
    const int32_t index = roster_find_signing(admission->roster, request->signing);
    if (index < 0) {
        return false;
    }
    const struct roster_node *node = &admission->roster->nodes[index];
    return !node->is_revoked && node->name.len == strlen(request->node_name) &&
           memcmp(node->name.bytes, request->node_name, node->name.len) == 0 &&
           memcmp(node->transport, request->transport, BOX_KEY_LEN) == 0;
}

// A running node holds the lock, and takes the new version by its API; otherwise it is written
// here, under the lock.
static enum exit_code keep_roster(struct admission *admission, const struct arguments *arguments,
                                  const uint8_t *bytes, size_t len)
{
    struct roster *next = NULL;
    enum err err = home_lock(&admission->home);
    if (err == ERR_OK) {
        err = home_add_roster(&admission->home, bytes, len, &next);
        if (err != ERR_OK) {
            return complain(EXIT_FAILED, "%s", admission->home.why);
        }
        roster_destroy(&admission->roster);
        admission->roster = next;
        return EXIT_DONE;
    }
    if (err != ERR_STATE) {
        return complain(EXIT_FAILED, "%s", admission->home.why);
    }
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    const struct call call = {"POST", "/v1/roster", "application/octet-stream", bytes, len};
    struct answer answer;
    enum exit_code code = client_ask(client, &call, &answer);
    answer_fini(&answer);
    client_close(&client);
    if (code == EXIT_DONE && roster_decode(bytes, len, &next) == ERR_OK) {
        roster_destroy(&admission->roster);
        admission->roster = next;
    }
    return code;
}

static enum exit_code extend_roster(struct admission *admission, const struct arguments *arguments)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    const enum err err =
        roster_admit(admission->roster, &admission->request, admission->authority, &bytes, &len);
    if (err == ERR_STATE) {
        return complain(EXIT_REFUSED,
                        "a node with the name %s, or with its keys, is already in the roster",
                        admission->request.node_name);
    }
    if (err == ERR_DENIED) {
        return complain(EXIT_REFUSED, "this key is no authority of the federation");
    }
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "the roster cannot be extended: %s", err_text(err));
    }
    const enum exit_code code = keep_roster(admission, arguments, bytes, len);
    free(bytes);
    return code;
}

// The keys of the group of all members, sealed to the new node.
static enum err seal_keys(const struct admission *admission, struct invitation *invitation)
{
    uint8_t everybody[TAG_LEN];
    uint8_t random[32];
    group_all_members(admission->roster->federation, everybody);
    for (size_t i = 0; i < admission->keys->count; i++) {
        const struct group_key *key = &admission->keys->keys[i];
        if (memcmp(key->group, everybody, TAG_LEN) != 0) {
            continue;
        }
        if (invitation->keys_count == INVITATION_KEYS_MAX) {
            return ERR_LIMIT;
        }
        randombytes_buf(random, sizeof random);
        const enum err err = group_key_seal(key, admission->request.transport, random,
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
        json_t *json = json_pack("{s:s, s:s, s:I, s:s}", "node", admission->request.node_name,
                                 "words", admission->words, "roster_version",
                                 (json_int_t)admission->roster->version, "invitation", armoured);
        print_json(json);
        json_decref(json);
    } else {
        (void)fputs(armoured, stdout);
    }
    free(armoured);
    tell("%s is in roster version %llu. Send this invitation back to it.",
         admission->request.node_name, (unsigned long long)admission->roster->version);
    return EXIT_DONE;
}

static enum exit_code invite(const struct admission *admission, bool is_json)
{
    struct invitation invitation = {.signed_roster = admission->roster->signed_document};
    memcpy(invitation.recipient, admission->request.signing, SIGN_KEY_LEN);
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
    enum exit_code code = read_request(&admission, arguments->operands[0]);
    if (code == EXIT_DONE) {
        show_request(&admission);
        code = ask_words(arguments);
    }
    if (code == EXIT_DONE &&
        load_keys(&admission, arguments_get(arguments, "authority")) != ERR_OK) {
        code = complain(EXIT_FAILED, "%s", admission.home.why);
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
