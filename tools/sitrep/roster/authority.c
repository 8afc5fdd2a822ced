// SPDX-License-Identifier: EUPL-1.2
// sitrep roster authority: a key that may sign rosters, in a file of its own; and how authorities
// are named. Whether a key is an authority anywhere is for rosters to say.
#include "sitrep/roster/authority.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "home/home.h"
#include "sitrep/command.h"
#include "sitrep/input.h"
#include "sitrep/keys/fingerprint.h"
#include "sitrep/print.h"

const struct option_spec roster_authority_options[] = {
    {"out", "FILE", "the new key's file; one that is there is shown again", true},
    {"no-passphrase", NULL, "leave the key unwrapped: for tests and drills", false},
    {NULL, NULL, NULL, false},
};

enum {
    TEXT_MAX = 64 * 1024, // of a public key that came by mail, with what is around it
    PREFIX_MIN = 8,       // digits of a fingerprint that may stand for it
};

void authority_words(const uint8_t key[static SIGN_KEY_LEN], char out[static WORDS_TEXT_MAX])
{
    request_words(key, SIGN_KEY_LEN, out);
}

json_t *authority_json(const uint8_t key[static SIGN_KEY_LEN])
{
    char words[WORDS_TEXT_MAX];
    char hex[2 * SIGN_KEY_LEN + 1];
    char fingerprint[FINGERPRINT_TEXT_MAX];
    authority_words(key, words);
    fingerprint_text(key, fingerprint);
    (void)sodium_bin2hex(hex, sizeof hex, key, SIGN_KEY_LEN);
    return json_pack("{s:s, s:s, s:s}", "words", words, "fingerprint", fingerprint, "key", hex);
}

static bool read_hex(const char *typed, uint8_t key[static SIGN_KEY_LEN])
{
    size_t len = 0;
    return strlen(typed) == (size_t)2 * SIGN_KEY_LEN &&
           sodium_hex2bin(key, SIGN_KEY_LEN, typed, strlen(typed), NULL, &len, NULL) == 0 &&
           len == SIGN_KEY_LEN;
}

enum exit_code authority_read(const char *typed, uint8_t key[static SIGN_KEY_LEN])
{
    struct input input;
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (read_hex(typed, key)) {
        return EXIT_DONE;
    }
    enum exit_code code = input_read(&input, typed, TEXT_MAX);
    if (code != EXIT_DONE) {
        return code;
    }
    const enum err err =
        armour_decode("AUTHORITY", (const char *)input.bytes, input.len, &bytes, &len);
    if (err == ERR_NOT_FOUND) {
        code = complain(EXIT_REFUSED,
                        "%s holds no authority's public key: 'sitrep roster authority' writes it",
                        typed);
    } else if (err != ERR_OK || len != SIGN_KEY_LEN) {
        code = complain(EXIT_REFUSED, "the public key in %s was damaged on its way", typed);
    } else {
        memcpy(key, bytes, SIGN_KEY_LEN);
    }
    free(bytes);
    input_fini(&input);
    return code;
}

static bool is_named(const uint8_t key[static SIGN_KEY_LEN], const char *typed)
{
    char words[WORDS_TEXT_MAX];
    char fingerprint[FINGERPRINT_TEXT_MAX];
    authority_words(key, words);
    fingerprint_text(key, fingerprint);
    return strcmp(words, typed) == 0 ||
           (strlen(typed) >= PREFIX_MIN && strncmp(fingerprint, typed, strlen(typed)) == 0);
}

static const uint8_t *find_listed(const struct roster *roster,
                                  const uint8_t key[static SIGN_KEY_LEN])
{
    for (size_t i = 0; i < roster->authorities_count; i++) {
        if (memcmp(roster->authorities[i], key, SIGN_KEY_LEN) == 0) {
            return roster->authorities[i];
        }
    }
    return NULL;
}

bool authority_is_listed(const struct roster *roster, const uint8_t key[static SIGN_KEY_LEN])
{
    return find_listed(roster, key) != NULL;
}

enum exit_code authority_find(const struct roster *roster, const char *typed, const uint8_t **key)
{
    uint8_t read[SIGN_KEY_LEN];
    size_t found = 0;
    for (size_t i = 0; i < roster->authorities_count; i++) {
        if (is_named(roster->authorities[i], typed)) {
            *key = roster->authorities[i];
            found++;
        }
    }
    if (found == 1) {
        return EXIT_DONE;
    }
    if (found > 1) {
        return complain(EXIT_USAGE, "%s stands for %zu authorities: give more digits", typed,
                        found);
    }
    if (access(typed, F_OK) == 0) {
        const enum exit_code code = authority_read(typed, read);
        if (code != EXIT_DONE) {
            return code;
        }
        *key = find_listed(roster, read);
        if (*key != NULL) {
            return EXIT_DONE;
        }
    }
    return complain(EXIT_REFUSED,
                    "%s is no authority of roster version %llu: 'sitrep roster show' lists them",
                    typed, (unsigned long long)roster->version);
}

static enum err ask_passphrase(struct home *home, bool is_wanted, bool is_new, char **passphrase)
{
    return is_wanted ? home_ask_authority_passphrase(home, is_new, passphrase) : ERR_OK;
}

// Makes the key, or opens the one that is there: its public half may have been lost.
static enum err make_key(struct home *home, const struct arguments *arguments,
                         uint8_t public_key[static SIGN_KEY_LEN])
{
    const char *path = arguments_get(arguments, "out");
    char *passphrase = NULL;
    struct signing_key *key = NULL;
    bool needs = !arguments_has(arguments, "no-passphrase");
    const bool is_there = access(path, F_OK) == 0;
    enum err err = is_there ? home_authority_needs_passphrase(home, path, &needs) : ERR_OK;
    if (err == ERR_OK) {
        err = ask_passphrase(home, needs, !is_there, &passphrase);
    }
    if (err == ERR_OK && is_there) {
        err = home_load_authority(home, path, passphrase, &key, public_key);
        if (err == ERR_OK) {
            tell("%s is there already; this is its public key again.", path);
        }
    } else if (err == ERR_OK) {
        err = home_create_authority(home, path, passphrase, &key, public_key);
    }
    passphrase_destroy(&passphrase);
    signing_key_destroy(&key);
    return err;
}

static enum exit_code show(const uint8_t public_key[static SIGN_KEY_LEN], bool is_json)
{
    char words[WORDS_TEXT_MAX];
    char *armoured = NULL;
    authority_words(public_key, words);
    const enum err err = armour_encode("AUTHORITY", public_key, SIGN_KEY_LEN, &armoured);
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "the public key cannot be written: %s", err_text(err));
    }
    if (is_json) {
        json_t *json = authority_json(public_key);
        json_object_set_new(json, "authority", json_string(armoured));
        print_json(json);
        json_decref(json);
    } else {
        (void)fputs(armoured, stdout);
    }
    free(armoured);
    tell("Send this public key to whoever proposes the roster, then read these words to them over "
         "the phone:");
    tell("    %s", words);
    return EXIT_DONE;
}

enum exit_code command_roster_authority(const struct arguments *arguments)
{
    struct home nowhere = {.path = ""}; // the key lies apart from any node
    uint8_t public_key[SIGN_KEY_LEN];
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    if (make_key(&nowhere, arguments, public_key) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", nowhere.why);
    }
    return show(public_key, arguments->is_json);
}
