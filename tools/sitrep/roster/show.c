// SPDX-License-Identifier: EUPL-1.2
// sitrep roster show, history and export: the versions this node holds, and files, for people.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/lineage.h"
#include "sitrep/command.h"
#include "sitrep/keys/fingerprint.h"
#include "sitrep/number.h"
#include "sitrep/print.h"
#include "sitrep/roster/authority.h"
#include "sitrep/roster/diff.h"
#include "sitrep/roster/file.h"
#include "sitrep/roster/proposal_talk.h"
#include "sitrep/roster/rivals.h"

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
        roster_rivals_json(current, json);
        print_json(json);
        json_decref(json);
    } else if (code == EXIT_DONE) {
        print_roster(current);
        roster_rivals_print(current);
    }
    roster_destroy(&current);
    return code;
}

static void print_version(const struct roster *before, const struct roster *roster,
                          bool is_in_force, bool is_json)
{
    size_t index;
    json_t *change;
    json_t *changes = before != NULL ? roster_diff(before, roster) : json_array();
    if (is_json) {
        json_t *json =
            json_pack("{s:I, s:o, s:o, s:o, s:b}", "version", (json_int_t)roster->version, "hash",
                      hex_json(roster->hash, ID_LEN), "changes", json_incref(changes), "signed_by",
                      signers_json(roster), "in_force", is_in_force);
        print_json(json);
        json_decref(json);
    } else {
        char hash[ROSTER_HASH_TEXT_MAX];
        roster_hash_text(roster, hash);
        print_row("version", "%llu, %s%s%s", (unsigned long long)roster->version, hash,
                  before == NULL ? ", the first one held here" : "",
                  is_in_force ? ", in force" : "");
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

static bool is_parent(const struct lineage_link *link, const uint8_t hash[static ID_LEN])
{
    for (size_t p = 0; p < link->parents_count; p++) {
        if (memcmp(hash, link->parents[p], ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

// The first of its parents that is held; NULL where none is.
static enum err load_parent(struct lineage *lineage, const struct lineage_link *link,
                            struct roster **parent)
{
    for (size_t i = 0; i < lineage->count; i++) {
        if (is_parent(link, lineage->links[i].hash)) {
            return lineage_load(lineage, &lineage->links[i], parent);
        }
    }
    return ERR_OK;
}

static enum err print_link(struct lineage *lineage, const struct lineage_link *link, bool is_json)
{
    struct roster *before = NULL;
    struct roster *roster = NULL;
    enum err err = load_parent(lineage, link, &before);
    if (err == ERR_OK) {
        err = lineage_load(lineage, link, &roster);
    }
    if (err == ERR_OK) {
        print_version(before, roster, lineage_is_in_force(lineage, link), is_json);
    }
    roster_destroy(&before);
    roster_destroy(&roster);
    return err;
}

// From the oldest version held to the newest, rivals one after the other.
enum exit_code command_roster_history(const struct arguments *arguments)
{
    struct home home;
    struct lineage *lineage = NULL;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    if (home_open(&home, arguments->home) != ERR_OK || lineage_open(&home, &lineage) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", home.why);
    }
    enum err err = lineage->count > 0 ? ERR_OK : ERR_NOT_FOUND;
    for (size_t i = 0; i < lineage->count && err == ERR_OK; i++) {
        err = print_link(lineage, &lineage->links[i], arguments->is_json);
    }
    enum exit_code code = EXIT_DONE;
    if (lineage->count == 0) {
        code = complain(EXIT_FAILED, "%s has joined no federation yet", home.path);
    } else if (err != ERR_OK) {
        code = complain(EXIT_FAILED, "%s", home.why);
    }
    lineage_close(&lineage);
    return code;
}

static enum exit_code write_roster(struct span bytes, uint64_t version, bool is_json)
{
    char *armoured = NULL;
    const enum err err = armour_encode("ROSTER", bytes.bytes, bytes.len, &armoured);
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "the roster cannot be written: %s", err_text(err));
    }
    if (is_json) {
        json_t *json = json_pack("{s:I, s:s}", "version", (json_int_t)version, "roster", armoured);
        print_json(json);
        json_decref(json);
    } else {
        (void)fputs(armoured, stdout);
    }
    free(armoured);
    return EXIT_DONE;
}

// Those of a version, or all that are in force for 0.
static enum exit_code write_all(struct lineage *lineage, uint64_t version, bool is_json)
{
    enum exit_code code = EXIT_FAILED;
    size_t written = 0;
    for (size_t i = 0; i < lineage->count; i++) {
        const struct lineage_link *link = &lineage->links[i];
        uint8_t *bytes = NULL;
        size_t len = 0;
        if (version == 0 ? !lineage_is_in_force(lineage, link) : link->version != version) {
            continue;
        }
        if (lineage_read(lineage, link, &bytes, &len) != ERR_OK) {
            return complain(EXIT_FAILED, "%s", lineage->home->why);
        }
        code = write_roster((struct span){bytes, len}, link->version, is_json);
        free(bytes);
        written++;
    }
    if (written == 0 && version > 0) {
        return complain(EXIT_FAILED, "this node does not hold version %llu",
                        (unsigned long long)version);
    }
    return written == 0
               ? complain(EXIT_FAILED, "%s has joined no federation yet", lineage->home->path)
               : code;
}

enum exit_code command_roster_export(const struct arguments *arguments)
{
    struct home home;
    struct lineage *lineage = NULL;
    uint64_t version = 0;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    if (arguments->operands_count > 0 &&
        (!number_read(arguments->operands[0], SEQ_MAX, &version) || version == 0)) {
        return complain(EXIT_USAGE, "'%s' is no version: 1, 2, 3 ...", arguments->operands[0]);
    }
    if (home_open(&home, arguments->home) != ERR_OK || lineage_open(&home, &lineage) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", home.why);
    }
    const enum exit_code code = write_all(lineage, version, arguments->is_json);
    lineage_close(&lineage);
    return code;
}
