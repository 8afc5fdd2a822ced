// SPDX-License-Identifier: EUPL-1.2
// sitrep roster show, history and export: the versions this node holds, and files, for people.
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "home/home.h"
#include "sitrep/authority.h"
#include "sitrep/command.h"
#include "sitrep/fingerprint.h"
#include "sitrep/number.h"
#include "sitrep/print.h"
#include "sitrep/proposal_talk.h"
#include "sitrep/roster_diff.h"
#include "sitrep/roster_file.h"

const struct option_spec roster_show_options[] = {
    {"roster", "FILE", "the version in force, where there is no node", false},
    {NULL, NULL, NULL, false},
};

static json_t *text_json(struct span text)
{
    return text.len == 0 ? json_null() : json_stringn((const char *)text.bytes, text.len);
}

static json_t *hex_json(const uint8_t *bytes, size_t len)
{
    char hex[2 * ID_LEN + 1];
    (void)sodium_bin2hex(hex, sizeof hex, bytes, len);
    return json_string(hex);
}

static json_t *centre_json(const struct roster_centre *centre)
{
    json_t *titles = json_object();
    for (size_t i = 0; i < centre->titles_count; i++) {
        const struct roster_title *title = &centre->titles[i];
        json_object_setn_new(titles, (const char *)title->lang.bytes, title->lang.len,
                             text_json(title->text));
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "code", text_json(centre->code), "titles", titles,
                     "country", text_json(centre->country), "level", text_json(centre->level));
}

static json_t *node_json(const struct roster *roster, const struct roster_node *node)
{
    json_t *endpoints = json_array();
    for (size_t i = 0; i < node->endpoints_count; i++) {
        json_array_append_new(endpoints,
                              json_pack("{s:o, s:o}", "sync", text_json(node->endpoints[i].sync),
                                        "live", text_json(node->endpoints[i].live)));
    }
    json_t *revoked = json_null();
    if (node->is_revoked) {
        revoked = json_pack("{s:I, s:I}", "epoch", (json_int_t)node->revoked_epoch, "seq",
                            (json_int_t)node->revoked_seq);
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", text_json(node->name), "centre",
                     text_json(roster->centres[node->centre].code), "endpoints", endpoints,
                     "revoked", revoked, "signing", hex_json(node->signing, SIGN_KEY_LEN),
                     "transport", hex_json(node->transport, BOX_KEY_LEN));
}

static json_t *signers_json(const struct roster *roster)
{
    json_t *signers = json_array();
    for (size_t i = 0; i < roster->signatures_count; i++) {
        json_array_append_new(signers, authority_json(roster->signatures[i].authority));
    }
    return signers;
}

static json_t *roster_json(const struct roster *roster)
{
    json_t *authorities = json_array();
    json_t *centres = json_array();
    json_t *nodes = json_array();
    for (size_t i = 0; i < roster->authorities_count; i++) {
        json_array_append_new(authorities, authority_json(roster->authorities[i]));
    }
    for (size_t i = 0; i < roster->centres_count; i++) {
        json_array_append_new(centres, centre_json(&roster->centres[i]));
    }
    for (size_t i = 0; i < roster->nodes_count; i++) {
        json_array_append_new(nodes, node_json(roster, &roster->nodes[i]));
    }
    return json_pack("{s:I, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "version",
                     (json_int_t)roster->version, "name", text_json(roster->name), "federation",
                     hex_json(roster->federation, ID_LEN), "hash", hex_json(roster->hash, ID_LEN),
                     "threshold", (json_int_t)roster->threshold, "authorities", authorities,
                     "centres", centres, "nodes", nodes, "signed_by", signers_json(roster));
}

static void print_authority(const char *label, const uint8_t key[static SIGN_KEY_LEN])
{
    char words[WORDS_TEXT_MAX];
    char fingerprint[FINGERPRINT_TEXT_MAX];
    authority_words(key, words);
    fingerprint_text(key, fingerprint);
    print_row(label, "%s (%s)", words, fingerprint);
}

static void print_node(const struct roster *roster, const struct roster_node *node)
{
    const struct span code = roster->centres[node->centre].code;
    if (node->is_revoked) {
        print_row("node", "%.*s, of %.*s, revoked after epoch %llu, number %llu",
                  (int)node->name.len, (const char *)node->name.bytes, (int)code.len,
                  (const char *)code.bytes, (unsigned long long)node->revoked_epoch,
                  (unsigned long long)node->revoked_seq);
        return;
    }
    print_row("node", "%.*s, of %.*s", (int)node->name.len, (const char *)node->name.bytes,
              (int)code.len, (const char *)code.bytes);
    for (size_t i = 0; i < node->endpoints_count; i++) {
        const struct roster_endpoint *endpoint = &node->endpoints[i];
        print_row("  endpoint", "%.*s (sync), %.*s (live)", (int)endpoint->sync.len,
                  (const char *)endpoint->sync.bytes, (int)endpoint->live.len,
                  (const char *)endpoint->live.bytes);
    }
}

static void print_centre(const struct roster_centre *centre)
{
    for (size_t i = 0; i < centre->titles_count; i++) {
        const struct roster_title *title = &centre->titles[i];
        print_row("centre", "%.*s, %.*s (%.*s)", (int)centre->code.len,
                  (const char *)centre->code.bytes, (int)title->text.len,
                  (const char *)title->text.bytes, (int)title->lang.len,
                  (const char *)title->lang.bytes);
    }
}

static void print_roster(const struct roster *roster)
{
    print_row("federation", "%.*s", (int)roster->name.len, (const char *)roster->name.bytes);
    print_row("version", "%llu", (unsigned long long)roster->version);
    print_row("must sign", "%u of %zu authorities", roster->threshold, roster->authorities_count);
    for (size_t i = 0; i < roster->authorities_count; i++) {
        print_authority("authority", roster->authorities[i]);
    }
    for (size_t i = 0; i < roster->centres_count; i++) {
        print_centre(&roster->centres[i]);
    }
    for (size_t i = 0; i < roster->nodes_count; i++) {
        print_node(roster, &roster->nodes[i]);
    }
    for (size_t i = 0; i < roster->signatures_count; i++) {
        print_authority("signed by", roster->signatures[i].authority);
    }
}

static enum exit_code show_file(const struct arguments *arguments, const struct roster *current)
{
    struct proposal *proposal = NULL;
    const enum exit_code code = roster_files_merge(arguments, current, &proposal);
    if (code == EXIT_DONE && arguments->is_json) {
        json_t *json = proposal_json(current, proposal);
        json_object_set_new(json, "roster", roster_json(proposal->roster));
        print_json(json);
        json_decref(json);
    } else if (code == EXIT_DONE) {
        proposal_tell(current, proposal);
        proposal_tell_missing(current, proposal);
        print_roster(proposal->roster);
    }
    proposal_destroy(&proposal);
    return code;
}

enum exit_code command_roster_show(const struct arguments *arguments)
{
    struct home home = {.path = ""};
    struct roster *current = NULL;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    enum exit_code code = roster_in_force(arguments, &home, &current);
    if (code == EXIT_DONE && arguments->operands_count > 0) {
        code = show_file(arguments, current);
    } else if (code == EXIT_DONE && arguments->is_json) {
        json_t *json = roster_json(current);
        print_json(json);
        json_decref(json);
    } else if (code == EXIT_DONE) {
        print_roster(current);
    }
    roster_destroy(&current);
    return code;
}

static void print_version(const struct roster *before, const struct roster *roster, bool is_json)
{
    size_t index;
    json_t *change;
    json_t *changes = before != NULL ? roster_diff(before, roster) : json_array();
    if (is_json) {
        json_t *json = json_pack("{s:I, s:o, s:o, s:o}", "version", (json_int_t)roster->version,
                                 "hash", hex_json(roster->hash, ID_LEN), "changes",
                                 json_incref(changes), "signed_by", signers_json(roster));
        print_json(json);
        json_decref(json);
    } else {
        print_row("version", "%llu%s", (unsigned long long)roster->version,
                  before == NULL ? ", the first one held here" : "");
        json_array_foreach(changes, index, change)
        {
            print_row("  change", "%s", json_string_value(change));
        }
        for (size_t i = 0; i < roster->signatures_count; i++) {
            print_authority("  signed by", roster->signatures[i].authority);
        }
    }
    json_decref(changes);
}

static enum err read_version(struct home *home, uint64_t version, struct roster **roster)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum err err = home_read_roster(home, version, &bytes, &len);
    if (err == ERR_OK) {
        err = roster_decode(bytes, len, roster);
        free(bytes);
    }
    return err;
}

// From the oldest version held to the newest; home_load_roster has checked that each follows.
static enum exit_code print_versions(struct home *home, uint64_t newest, bool is_json)
{
    struct roster *before = NULL;
    struct roster *roster = NULL;
    uint64_t first = newest;
    while (first > 1 && read_version(home, first - 1, &roster) == ERR_OK) {
        roster_destroy(&roster);
        first--;
    }
    enum err err = ERR_OK;
    for (uint64_t version = first; version <= newest && err == ERR_OK; version++) {
        err = read_version(home, version, &roster);
        if (err == ERR_OK) {
            print_version(before, roster, is_json);
            roster_destroy(&before);
            before = roster;
            roster = NULL;
        }
    }
    roster_destroy(&before);
    return err == ERR_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", home->why);
}

enum exit_code command_roster_history(const struct arguments *arguments)
{
    struct home home;
    struct roster *newest = NULL;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    if (home_open(&home, arguments->home) != ERR_OK || home_load_roster(&home, &newest) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", home.why);
    }
    const uint64_t version = newest->version;
    roster_destroy(&newest);
    return print_versions(&home, version, arguments->is_json);
}

static enum exit_code write_roster(const struct roster *roster, bool is_json)
{
    char *armoured = NULL;
    const struct span bytes = roster->signed_document;
    const enum err err = armour_encode("ROSTER", bytes.bytes, bytes.len, &armoured);
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "the roster cannot be written: %s", err_text(err));
    }
    if (is_json) {
        json_t *json =
            json_pack("{s:I, s:s}", "version", (json_int_t)roster->version, "roster", armoured);
        print_json(json);
        json_decref(json);
    } else {
        (void)fputs(armoured, stdout);
    }
    free(armoured);
    return EXIT_DONE;
}

// The version that was typed, or the newest.
static enum exit_code pick_version(struct home *home, const struct arguments *arguments,
                                   struct roster **roster)
{
    uint64_t version = 0;
    if (arguments->operands_count == 0) {
        return home_load_roster(home, roster) == ERR_OK ? EXIT_DONE
                                                        : complain(EXIT_FAILED, "%s", home->why);
    }
    const char *typed = arguments->operands[0];
    if (!number_read(typed, SEQ_MAX, &version) || version == 0) {
        return complain(EXIT_USAGE, "'%s' is no version: 1, 2, 3 ...", typed);
    }
    const enum err err = read_version(home, version, roster);
    if (err == ERR_NOT_FOUND) {
        return complain(EXIT_FAILED, "this node does not hold version %s", typed);
    }
    return err == ERR_OK ? EXIT_DONE
                         : complain(EXIT_FAILED, "version %s: %s", typed, err_text(err));
}

enum exit_code command_roster_export(const struct arguments *arguments)
{
    struct home home;
    struct roster *roster = NULL;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    if (home_open(&home, arguments->home) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", home.why);
    }
    enum exit_code code = pick_version(&home, arguments, &roster);
    if (roster != NULL) {
        code = write_roster(roster, arguments->is_json);
    }
    roster_destroy(&roster);
    return code;
}
