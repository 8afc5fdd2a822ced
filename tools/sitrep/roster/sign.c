// SPDX-License-Identifier: EUPL-1.2
// sitrep roster sign and import: an authority signs a proposal it has been shown, and one that is
// signed by enough takes effect.
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/home.h"
#include "sitrep/ask.h"
#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/roster/authority.h"
#include "sitrep/roster/file.h"
#include "sitrep/roster/keep.h"
#include "sitrep/roster/proposal_entry.h"
#include "sitrep/roster/proposal_talk.h"
#include "sitrep/roster/rivals.h"

const struct option_spec roster_sign_options[] = {
    {"authority", "FILE", "the authority's key (else the one in the home)", false},
    {"roster", "FILE", "the version in force, where there is no node", false},
    {"send", NULL, "publish the signature for all members; done anyhow for a REF", false},
    {"instead", NULL, "also when this authority has signed another one of that version", false},
    {"yes", NULL, "sign without asking", false},
    {NULL, NULL, NULL, false},
};

struct signing {
    struct home home;
    struct roster *current;
    struct proposal *proposal; // of all the files
};

static void signing_fini(struct signing *signing)
{
    roster_destroy(&signing->current);
    proposal_destroy(&signing->proposal);
}

static enum exit_code load_key(struct signing *signing, const struct arguments *arguments,
                               struct signing_key **key, uint8_t public_key[static SIGN_KEY_LEN])
{
    struct home *home = &signing->home;
    const char *path = arguments_get(arguments, "authority");
    char *passphrase = NULL;
    bool needs = false;
    enum err err = ERR_OK;
    if (path == NULL && arguments_has(arguments, "roster")) {
        err = home_open(home, arguments->home);
    }
    if (err == ERR_OK) {
        err = home_authority_needs_passphrase(home, path, &needs);
    }
    if (err == ERR_OK && needs) {
        err = path != NULL ? home_ask_authority_passphrase(home, false, &passphrase)
                           : home_ask_passphrase(home, false, &passphrase);
    }
    if (err == ERR_OK) {
        err = home_load_authority(home, path, passphrase, key, public_key);
    }
    passphrase_destroy(&passphrase);
    return err == ERR_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", home->why);
}

// Two of one version, each signed by enough, would be a fork of the roster [5.18].
static enum exit_code check_rival(const struct signing *signing, const struct arguments *arguments,
                                  const uint8_t public_key[static SIGN_KEY_LEN])
{
    char entry[PROPOSAL_ENTRY_MAX];
    if (arguments_has(arguments, "instead") || arguments_has(arguments, "roster")) {
        return EXIT_DONE;
    }
    proposal_find_rival(arguments, signing->proposal, public_key, entry);
    return *entry == '\0'
               ? EXIT_DONE
               : complain(EXIT_REFUSED,
                          "this authority has signed another version %llu, which %s carries: if "
                          "others sign both, the roster forks. When that one is given up by all, "
                          "--instead signs this one",
                          (unsigned long long)signing->proposal->roster->version, entry);
}

static enum exit_code sign(struct signing *signing, const struct arguments *arguments)
{
    struct signing_key *key = NULL;
    uint8_t public_key[SIGN_KEY_LEN];
    enum exit_code code = load_key(signing, arguments, &key, public_key);
    if (code == EXIT_DONE && proposal_is_signed_by(signing->proposal, public_key)) {
        tell("This authority has signed it already.");
    } else if (code == EXIT_DONE &&
               (code = check_rival(signing, arguments, public_key)) == EXIT_DONE) {
        const enum err err = proposal_sign(signing->current, signing->proposal, key);
        if (err == ERR_DENIED) {
            code = complain(EXIT_REFUSED,
                            "this key is an authority neither of version %llu nor of the proposed "
                            "one",
                            (unsigned long long)signing->current->version);
        } else if (err != ERR_OK) {
            code = complain(EXIT_FAILED, "it cannot be signed: %s", err_text(err));
        }
    }
    signing_key_destroy(&key);
    return code;
}

// What came by an entry goes on by one.
static enum exit_code hand_on(const struct signing *signing, const struct arguments *arguments)
{
    json_t *json = proposal_json(signing->current, signing->proposal);
    bool is_sent = arguments_has(arguments, "send");
    for (int i = 0; i < arguments->operands_count; i++) {
        is_sent = is_sent || proposal_is_entry(arguments->operands[i]);
    }
    return is_sent
               ? proposal_send(arguments, signing->proposal, json)
               : roster_file_write(signing->current, signing->proposal, json, arguments->is_json);
}

enum exit_code command_roster_sign(const struct arguments *arguments)
{
    struct signing signing = {.current = NULL};
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    enum exit_code code = roster_in_force(arguments, &signing.home, &signing.current);
    if (code == EXIT_DONE) {
        code = roster_files_merge(arguments, signing.current, &signing.proposal);
    }
    if (code == EXIT_DONE) {
        proposal_tell(signing.current, signing.proposal);
        code =
            ask_yes(arguments, "Sign it?", "read what it changes, then give --yes", "not signed");
    }
    if (code == EXIT_DONE) {
        code = sign(&signing, arguments);
    }
    if (code == EXIT_DONE) {
        code = hand_on(&signing, arguments);
    }
    if (code == EXIT_DONE) {
        proposal_tell_missing(signing.current, signing.proposal);
    }
    signing_fini(&signing);
    return code;
}

static enum exit_code put_in_force(struct signing *signing, const struct arguments *arguments)
{
    struct proposal_tally tally;
    uint8_t *bytes = NULL;
    size_t len = 0;
    proposal_count(signing->current, signing->proposal, &tally);
    if (!tally.is_complete) {
        proposal_tell(signing->current, signing->proposal);
        proposal_tell_missing(signing->current, signing->proposal);
        return complain(EXIT_REFUSED, "not signed by enough authorities: nothing is changed");
    }
    if (proposal_encode(signing->proposal, &bytes, &len) != ERR_OK) {
        return complain(EXIT_FAILED, "there is not enough memory");
    }
    const enum exit_code code =
        roster_keep(&signing->home, arguments, (struct span){bytes, len}, &signing->current);
    free(bytes);
    return code;
}

// What the only file holds, when that is a signed roster that does not follow what is in force.
static enum exit_code find_apart(const struct signing *signing, const struct arguments *arguments,
                                 struct roster **apart)
{
    struct proposal *proposal = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;
    const char *path = arguments->operands[0];
    if (arguments->operands_count != 1 || proposal_is_entry(path) || strcmp(path, "-") == 0) {
        return EXIT_DONE;
    }
    const enum exit_code code = roster_file_read(path, &proposal);
    if (code != EXIT_DONE) {
        return code;
    }
    enum err err = proposal_encode(proposal, &bytes, &len);
    if (err == ERR_OK) {
        err = roster_decode(bytes, len, apart);
    }
    if (err == ERR_OK && roster_check_next(signing->current, *apart) == ERR_OK) {
        roster_destroy(apart);
    }
    free(bytes);
    proposal_destroy(&proposal);
    return EXIT_DONE;
}

// A rival of what is in force, or what goes on from a rival: the home knows what it follows [5.21].
static enum exit_code import_apart(struct signing *signing, const struct arguments *arguments,
                                   const struct roster *apart)
{
    enum exit_code code =
        roster_keep(&signing->home, arguments, apart->signed_document, &signing->current);
    if (code != EXIT_DONE) {
        return code;
    }
    roster_destroy(&signing->current);
    if (home_load_roster(&signing->home, &signing->current) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", signing->home.why);
    }
    roster_rivals_tell(signing->current);
    if (arguments->is_json) {
        json_t *json = json_pack("{s:I}", "version", (json_int_t)apart->version);
        roster_rivals_json(signing->current, json);
        print_json(json);
        json_decref(json);
    } else {
        tell("This roster of version %llu is held here now, and goes on to the peers.",
             (unsigned long long)apart->version);
    }
    return EXIT_DONE;
}

enum exit_code command_roster_import(const struct arguments *arguments)
{
    struct signing signing = {.current = NULL};
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    struct roster *apart = NULL;
    enum exit_code code = roster_in_force(arguments, &signing.home, &signing.current);
    if (code == EXIT_DONE) {
        code = find_apart(&signing, arguments, &apart);
    }
    if (apart != NULL) {
        code = import_apart(&signing, arguments, apart);
        roster_destroy(&apart);
        signing_fini(&signing);
        return code;
    }
    if (code == EXIT_DONE) {
        code = roster_files_merge(arguments, signing.current, &signing.proposal);
    }
    json_t *json = NULL;
    if (code == EXIT_DONE) {
        json = proposal_json(signing.current, signing.proposal);
        code = put_in_force(&signing, arguments);
    }
    if (code == EXIT_DONE && arguments->is_json) {
        print_json(json);
    } else if (code == EXIT_DONE) {
        tell("Roster version %llu is in force here, and goes on to the peers.",
             (unsigned long long)signing.current->version);
    }
    json_decref(json);
    signing_fini(&signing);
    return code;
}
