// SPDX-License-Identifier: EUPL-1.2
// sitrep roster propose: the next roster version, made from what was typed. Signs nothing.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/home.h"
#include "sitrep/command.h"
#include "sitrep/joining/newnode.h"
#include "sitrep/joining/request_file.h"
#include "sitrep/number.h"
#include "sitrep/print.h"
#include "sitrep/roster/authority.h"
#include "sitrep/roster/file.h"
#include "sitrep/roster/last_entry.h"
#include "sitrep/roster/proposal_entry.h"
#include "sitrep/roster/proposal_talk.h"
#include "sitrep/roster_edit.h"
#include "sitrep/when.h"

const struct option_spec roster_propose_options[] = {
    {"add", "REQUEST", "admit the node that asks in this file", false},
    {"revoke", "NODE", "revoke a node", false},
    {"last", "EPOCH:SEQ", "its last entry that counts (else the last one this node holds)", false},
    {"rotate", "REQUEST", "one step to the transport key of this file: announce, use, drop the old",
     false},
    {"endpoint", "NODE=tcp://HOST:PORT[,tcp://HOST:PORT]", "where it is reached: sync and live",
     false},
    {"expire", "NODE=DAYS", "when its keys shall have been replaced; 0: never", false},
    {"title", "CENTRE[@LANG]=TEXT", "a centre's name in full", false},
    {"name", "TEXT", "the federation's name", false},
    {"add-authority", "FILE", "a public key, as 'roster authority' writes it", false},
    {"remove-authority", "WORDS", "by its words, or 8 digits of its fingerprint", false},
    {"replace-authority", "WORDS=FILE", "one authority by another", false},
    {"set-threshold", "K", "how many authorities must sign", false},
    {"roster", "FILE", "the version in force, where there is no node", false},
    {"send", NULL, "publish it for all members, to be signed there", false},
    {"yes", NULL, "the words of requests were compared: do not ask", false},
    {NULL, NULL, NULL, false},
};

// What the edit borrows until it is finished.
struct scrap {
    struct scrap *next;
    union {
        struct request_file asked;
        uint8_t key[SIGN_KEY_LEN];
        struct {
            char name[NAME_MAX_LEN + 1];
            char sync[ENDPOINT_MAX_LEN + 1];
            char live[ENDPOINT_MAX_LEN + 1];
        } node;
        struct {
            char code[NAME_MAX_LEN + 1];
            char lang[ENDPOINT_MAX_LEN + 1];
        } centre;
    };
};

struct proposing {
    const struct arguments *arguments;
    struct home home;
    struct roster *current;
    struct roster_edit *edit;
    struct scrap *scraps;
};

static void proposing_fini(struct proposing *proposing)
{
    roster_edit_destroy(&proposing->edit);
    roster_destroy(&proposing->current);
    while (proposing->scraps != NULL) {
        struct scrap *next = proposing->scraps->next;
        free(proposing->scraps);
        proposing->scraps = next;
    }
}

static struct scrap *scrap_create(struct proposing *proposing)
{
    struct scrap *scrap = calloc(1, sizeof *scrap);
    if (scrap == NULL) {
        abort();
    }
    scrap->next = proposing->scraps;
    proposing->scraps = scrap;
    return scrap;
}

// Copies typed[0..len) where it fits. False when it does not, and no such name can exist.
static bool copy(char *out, size_t size, const char *typed, size_t len)
{
    if (len >= size) {
        return false;
    }
    memcpy(out, typed, len);
    out[len] = '\0';
    return true;
}

// Why a change is refused, for people.
static enum exit_code explain(enum err err, const char *option, const char *typed)
{
    static const char *const reasons[ERR_COUNT] = {
        [ERR_STATE] = "so it stands already",
        [ERR_NOT_FOUND] = "there is none of that name in the roster",
        [ERR_MALFORMED] = "such a name or address is not allowed",
        [ERR_DENIED] = "such a key is not allowed",
        [ERR_LIMIT] = "a roster has no room for it",
    };
    if (err == ERR_OK) {
        return EXIT_DONE;
    }
    assert(err < ERR_COUNT);
    return complain(EXIT_REFUSED, "--%s %s: %s", option, typed,
                    reasons[err] != NULL ? reasons[err] : err_text(err));
}

static enum exit_code add(struct proposing *proposing, const char *typed)
{
    struct request_file *asked = &scrap_create(proposing)->asked;
    enum exit_code code = request_file_read(asked, typed);
    if (code == EXIT_DONE) {
        code = request_file_confirm(asked, proposing->arguments);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    const enum err err = roster_edit_add(proposing->edit, &asked->request);
    if (err == ERR_STATE) {
        return complain(EXIT_REFUSED,
                        "a node with the name %s, or with its keys, is already in the roster",
                        asked->request.node_name);
    }
    return explain(err, "add", typed);
}

static enum exit_code revoke(struct proposing *proposing, const char *typed)
{
    const char *last = arguments_get(proposing->arguments, "last");
    uint64_t epoch = 0;
    uint64_t seq = 0;
    enum exit_code code = EXIT_DONE;
    const int32_t node = roster_find_name(proposing->current, typed, strlen(typed));
    if (node < 0) {
        return explain(ERR_NOT_FOUND, "revoke", typed);
    }
    if (last == NULL && proposing->current->nodes[node].is_revoked) {
        // What came after is here too, and would count again.
        code = complain(EXIT_REFUSED,
                        "%s is revoked already: --last EPOCH:SEQ moves how far it counts", typed);
    } else if (last == NULL) {
        code = last_entry_ask(proposing->arguments, typed, &epoch, &seq);
    } else if (!last_entry_read(last, &epoch, &seq)) {
        code = complain(EXIT_USAGE, "--last %s: must be EPOCH:SEQ, such as 0:41", last);
    }
    return code == EXIT_DONE
               ? explain(roster_edit_revoke(proposing->edit, typed, epoch, seq), "revoke", typed)
               : code;
}

// The request is signed by the node's own key, which the roster has: there are no words to compare.
static enum exit_code rotate(struct proposing *proposing, const char *typed)
{
    struct request_file *asked = &scrap_create(proposing)->asked;
    const enum exit_code code = request_file_read(asked, typed);
    if (code != EXIT_DONE) {
        return code;
    }
    const enum err err = roster_edit_transport(proposing->edit, &asked->request);
    if (err == ERR_NOT_FOUND) {
        return complain(EXIT_REFUSED,
                        "--rotate %s: no node %s with that signing key is in the roster", typed,
                        asked->request.node_name);
    }
    if (err == ERR_STATE) {
        return complain(EXIT_REFUSED,
                        "--rotate %s: %s has changed to this key already, or takes its step in "
                        "this version",
                        typed, asked->request.node_name);
    }
    return explain(err, "rotate", typed);
}

// NODE=SYNC[,LIVE]; NODE= for none.
static enum exit_code endpoint(struct proposing *proposing, const char *typed)
{
    struct scrap *scrap = scrap_create(proposing);
    const char *sync = strchr(typed, '=');
    if (sync == NULL) {
        return complain(EXIT_USAGE, "--endpoint %s: must be NODE=tcp://HOST:PORT", typed);
    }
    const size_t name_len = (size_t)(sync++ - typed);
    const size_t sync_len = strcspn(sync, ",");
    const char *live = sync[sync_len] == ',' ? sync + sync_len + 1 : NULL;
    if (!copy(scrap->node.name, sizeof scrap->node.name, typed, name_len)) {
        return explain(ERR_NOT_FOUND, "endpoint", typed);
    }
    if (*sync == '\0') {
        return explain(roster_edit_endpoint(proposing->edit, scrap->node.name, NULL, NULL),
                       "endpoint", typed);
    }
    if (!copy(scrap->node.sync, sizeof scrap->node.sync, sync, sync_len)) {
        return explain(ERR_MALFORMED, "endpoint", typed);
    }
    const bool has_live = live != NULL
                              ? copy(scrap->node.live, sizeof scrap->node.live, live, strlen(live))
                              : newnode_next_port(scrap->node.sync, scrap->node.live);
    if (!has_live) {
        return explain(ERR_MALFORMED, "endpoint", typed);
    }
    return explain(
        roster_edit_endpoint(proposing->edit, scrap->node.name, scrap->node.sync, scrap->node.live),
        "endpoint", typed);
}

// NODE=DAYS: all its keys.
static enum exit_code expire(struct proposing *proposing, const char *typed)
{
    struct scrap *scrap = scrap_create(proposing);
    const size_t name_len = strcspn(typed, "=");
    uint64_t expires_ms = 0;
    if (typed[name_len] == '\0' ||
        !when_in_days(typed + name_len + 1, 0, when_now(), &expires_ms)) {
        return complain(EXIT_USAGE, "--expire %s: must be NODE=DAYS, of at most 36500 days", typed);
    }
    if (!copy(scrap->node.name, sizeof scrap->node.name, typed, name_len)) {
        return explain(ERR_NOT_FOUND, "expire", typed);
    }
    return explain(roster_edit_node_expiry(proposing->edit, scrap->node.name, expires_ms), "expire",
                   typed);
}

// CENTRE[@LANG]=TEXT.
static enum exit_code title(struct proposing *proposing, const char *typed)
{
    struct scrap *scrap = scrap_create(proposing);
    const char *text = strchr(typed, '=');
    if (text == NULL) {
        return complain(EXIT_USAGE, "--title %s: must be CENTRE=TEXT or CENTRE@LANG=TEXT", typed);
    }
    const size_t code_len = strcspn(typed, "@=");
    const char *lang = typed[code_len] == '@' ? typed + code_len + 1 : "und=";
    if (!copy(scrap->centre.code, sizeof scrap->centre.code, typed, code_len) ||
        !copy(scrap->centre.lang, sizeof scrap->centre.lang, lang, strcspn(lang, "="))) {
        return explain(ERR_NOT_FOUND, "title", typed);
    }
    return explain(
        roster_edit_title(proposing->edit, scrap->centre.code, scrap->centre.lang, text + 1),
        "title", typed);
}

static enum exit_code name(struct proposing *proposing, const char *typed)
{
    return explain(roster_edit_name(proposing->edit, typed), "name", typed);
}

static enum exit_code add_authority(struct proposing *proposing, const char *typed)
{
    uint8_t *key = scrap_create(proposing)->key;
    const enum exit_code code = authority_read(typed, key);
    return code == EXIT_DONE
               ? explain(roster_edit_add_authority(proposing->edit, key), "add-authority", typed)
               : code;
}

static enum exit_code remove_authority(struct proposing *proposing, const char *typed)
{
    const uint8_t *key = NULL;
    const enum exit_code code = authority_find(proposing->current, typed, &key);
    return code == EXIT_DONE ? explain(roster_edit_remove_authority(proposing->edit, key),
                                       "remove-authority", typed)
                             : code;
}

static enum exit_code replace_authority(struct proposing *proposing, const char *typed)
{
    char old_typed[512];
    const uint8_t *old = NULL;
    uint8_t *key = scrap_create(proposing)->key;
    const char *path = strchr(typed, '=');
    if (path == NULL || !copy(old_typed, sizeof old_typed, typed, (size_t)(path - typed))) {
        return complain(EXIT_USAGE, "--replace-authority %s: must be WORDS=FILE", typed);
    }
    enum exit_code code = authority_find(proposing->current, old_typed, &old);
    if (code == EXIT_DONE) {
        code = authority_read(path + 1, key);
    }
    return code == EXIT_DONE ? explain(roster_edit_replace_authority(proposing->edit, old, key),
                                       "replace-authority", typed)
                             : code;
}

static enum exit_code set_threshold(struct proposing *proposing, const char *typed)
{
    uint64_t threshold = 0;
    if (!number_read(typed, AUTHORITIES_MAX, &threshold)) {
        return complain(EXIT_USAGE, "--set-threshold %s: must be a number of authorities", typed);
    }
    return explain(roster_edit_threshold(proposing->edit, (uint32_t)threshold), "set-threshold",
                   typed);
}

// In this order, so that a node that is added can be given another endpoint at once.
static enum exit_code make_changes(struct proposing *proposing)
{
    static const struct {
        const char *option;
        enum exit_code (*make)(struct proposing *proposing, const char *typed);
    } changes[] = {
        {"add", add},
        {"revoke", revoke},
        {"rotate", rotate},
        {"endpoint", endpoint},
        {"expire", expire},
        {"title", title},
        {"name", name},
        {"replace-authority", replace_authority},
        {"remove-authority", remove_authority},
        {"add-authority", add_authority},
        {"set-threshold", set_threshold},
    };
    enum exit_code code = EXIT_DONE;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        size_t at = 0;
        const char *typed = arguments_next(proposing->arguments, changes[i].option, &at);
        while (typed != NULL && code == EXIT_DONE) {
            code = changes[i].make(proposing, typed);
            typed = arguments_next(proposing->arguments, changes[i].option, &at);
        }
    }
    return code;
}

// --last is about the one node that is revoked.
static enum exit_code check_usage(const struct arguments *arguments)
{
    size_t at = 0;
    size_t revoked = 0;
    while (arguments_next(arguments, "revoke", &at) != NULL) {
        revoked++;
    }
    return arguments_has(arguments, "last") && revoked != 1
               ? complain(EXIT_USAGE, "--last goes with exactly one --revoke")
               : EXIT_DONE;
}

static enum exit_code finish(struct proposing *proposing, struct proposal **proposal)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    uint32_t threshold = 0;
    enum err err = roster_edit_finish(proposing->edit, &bytes, &len);
    if (err == ERR_STATE) {
        return complain(EXIT_USAGE, "say what is to change: see 'sitrep roster propose --help'");
    }
    if (err == ERR_DENIED) {
        const size_t authorities = roster_edit_authorities(proposing->edit, &threshold);
        if (threshold > authorities) {
            return complain(EXIT_REFUSED,
                            "%u cannot sign where there would be %zu: add authorities, or give a "
                            "lower --set-threshold",
                            threshold, authorities);
        }
        return complain(EXIT_REFUSED,
                        "%u of %zu authorities is no majority: give --set-threshold %zu at least",
                        threshold, authorities, authorities / 2 + 1);
    }
    if (err == ERR_OK) {
        err = proposal_decode(bytes, len, proposal);
    }
    if (err == ERR_OK) {
        err = proposal_check(proposing->current, *proposal);
    }
    free(bytes);
    return err == ERR_OK ? EXIT_DONE
                         : complain(EXIT_REFUSED, "no roster can be made of this: %s",
                                    err == ERR_MALFORMED ? "a text is not UTF-8" : err_text(err));
}

enum exit_code command_roster_propose(const struct arguments *arguments)
{
    struct proposing proposing = {.arguments = arguments};
    struct proposal *proposal = NULL;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    enum exit_code code = check_usage(arguments);
    if (code == EXIT_DONE) {
        code = roster_in_force(arguments, &proposing.home, &proposing.current);
    }
    if (code == EXIT_DONE && roster_edit_begin(proposing.current, &proposing.edit) != ERR_OK) {
        code = complain(EXIT_FAILED, "version %llu can have no successor",
                        (unsigned long long)proposing.current->version);
    }
    if (code == EXIT_DONE) {
        code = make_changes(&proposing);
    }
    if (code == EXIT_DONE) {
        code = finish(&proposing, &proposal);
    }
    if (code == EXIT_DONE) {
        proposal_tell(proposing.current, proposal);
        json_t *json = proposal_json(proposing.current, proposal);
        code = arguments_has(arguments, "send")
                   ? proposal_send(arguments, proposal, json)
                   : roster_file_write(proposing.current, proposal, json, arguments->is_json);
    }
    if (code == EXIT_DONE) {
        proposal_tell_missing(proposing.current, proposal);
    }
    proposal_destroy(&proposal);
    proposing_fini(&proposing);
    return code;
}
