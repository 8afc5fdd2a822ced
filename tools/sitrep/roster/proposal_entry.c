// SPDX-License-Identifier: EUPL-1.2
// sitrep roster proposals and send: proposals as entries, by way of the running node. Signing is
// roster_sign.c's; a node takes by itself what enough have signed.
#include "sitrep/roster/proposal_entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "home/home.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/roster/authority.h"
#include "sitrep/roster/diff.h"
#include "sitrep/roster/file.h"
#include "sitrep/roster/proposal_talk.h"
#include "sitrep/when.h"

bool proposal_is_entry(const char *typed)
{
    const char *slash = strchr(typed, '/');
    return slash != NULL && slash > typed && *typed >= 'a' && *typed <= 'z' && slash[1] >= '1' &&
           slash[1] <= '9' && strchr(slash + 1, '/') == NULL && access(typed, F_OK) != 0;
}

// -- what the node has --

static enum exit_code fetch_all(const struct arguments *arguments, bool is_needed,
                                struct answer *answer)
{
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    if (!is_needed) {
        client_do_without(client);
    }
    const struct call call = {.method = "GET", .path = "/v1/roster/proposals"};
    enum exit_code code = client_ask(client, &call, answer);
    if (code == EXIT_DONE && !json_is_array(json_object_get(answer->json, "proposals"))) {
        code = complain(EXIT_FAILED, "the node's answer is not understood");
    }
    client_close(&client);
    return code;
}

// NULL when it is none.
static struct proposal *open_item(const json_t *item)
{
    const char *text = json_text(item, "proposal");
    const size_t size = strlen(text) / 4 * 3 + 3;
    struct proposal *proposal = NULL;
    uint8_t *bytes = malloc(size);
    size_t len = 0;
    if (bytes == NULL) {
        abort();
    }
    if (sodium_base642bin(bytes, size, text, strlen(text), NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) == 0 &&
        proposal_decode(bytes, len, &proposal) != ERR_OK) {
        proposal = NULL;
    }
    free(bytes);
    return proposal;
}

static bool is_carried_by(const json_t *item, const char *entry)
{
    size_t index;
    json_t *origin;
    json_array_foreach(json_object_get(item, "entries"), index, origin)
    {
        if (strcmp(json_text(origin, "entry"), entry) == 0) {
            return true;
        }
    }
    return false;
}

enum exit_code proposal_fetch(const struct arguments *arguments, const char *entry,
                              struct proposal **proposal)
{
    struct answer answer = {0};
    size_t index;
    json_t *item;
    const enum exit_code code = fetch_all(arguments, true, &answer);
    *proposal = NULL;
    json_array_foreach(json_object_get(answer.json, "proposals"), index, item)
    {
        if (code == EXIT_DONE && *proposal == NULL && is_carried_by(item, entry)) {
            *proposal = open_item(item);
        }
    }
    answer_fini(&answer);
    return code != EXIT_DONE || *proposal != NULL
               ? code
               : complain(EXIT_REFUSED,
                          "%s carries no proposal that may still follow: 'sitrep roster "
                          "proposals' lists those there are",
                          entry);
}

static const char *first_entry(const json_t *item)
{
    return json_text(json_array_get(json_object_get(item, "entries"), 0), "entry");
}

static bool is_rival(const json_t *item, const struct proposal *proposal,
                     const uint8_t authority[static SIGN_KEY_LEN])
{
    struct proposal *other = open_item(item);
    const bool is = other != NULL && other->roster->version == proposal->roster->version &&
                    memcmp(other->roster->hash, proposal->roster->hash, ID_LEN) != 0 &&
                    proposal_is_signed_by(other, authority);
    proposal_destroy(&other);
    return is;
}

void proposal_find_rival(const struct arguments *arguments, const struct proposal *proposal,
                         const uint8_t authority[static SIGN_KEY_LEN],
                         char entry[static PROPOSAL_ENTRY_MAX])
{
    struct answer answer = {0};
    const enum exit_code code = fetch_all(arguments, false, &answer);
    const json_t *list = json_object_get(answer.json, "proposals");
    *entry = '\0';
    for (size_t i = 0; code == EXIT_DONE && i < json_array_size(list) && *entry == '\0'; i++) {
        const json_t *item = json_array_get(list, i);
        if (is_rival(item, proposal, authority)) {
            (void)snprintf(entry, PROPOSAL_ENTRY_MAX, "%s", first_entry(item));
        }
    }
    answer_fini(&answer);
}

// -- sending --

static json_t *make_body(const uint8_t *bytes, size_t len)
{
    const size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    if (text == NULL) {
        abort();
    }
    (void)sodium_bin2base64(text, size, bytes, len, sodium_base64_VARIANT_ORIGINAL);
    json_t *body = json_pack("{s:s, s:s, s:{s:{s:s}}}", "kind", PROPOSAL_KIND, "precedence",
                             "priority", "fields", "proposal", "$bytes", text);
    free(text);
    return body;
}

static enum exit_code publish(const struct arguments *arguments, json_t *body,
                              struct answer *answer)
{
    enum { TOO_LARGE = 413 };
    struct client *client = client_open(arguments);
    if (client == NULL) {
        json_decref(body);
        return EXIT_FAILED;
    }
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (text == NULL) {
        abort();
    }
    const struct call call = {"POST", "/v1/entries", "application/json", text, strlen(text)};
    enum exit_code code = client_call(client, &call, answer);
    if (code == EXIT_DONE && answer->status == TOO_LARGE) {
        code = complain(EXIT_REFUSED,
                        "this roster is too large for an entry: hand the proposal on as a file");
    } else if (code == EXIT_DONE) {
        code = answer_check(answer);
    }
    free(text);
    client_close(&client);
    return code;
}

enum exit_code proposal_send(const struct arguments *arguments, const struct proposal *proposal,
                             json_t *json)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct answer answer = {0};
    enum exit_code code = EXIT_FAILED;
    if (proposal_encode(proposal, &bytes, &len) == ERR_OK) {
        code = publish(arguments, make_body(bytes, len), &answer);
    } else {
        complain(code, "there is not enough memory");
    }
    if (code == EXIT_DONE && arguments->is_json) {
        json_object_set_new(json, "entry", json_string(json_text(answer.json, "name")));
        print_json(json);
    } else if (code == EXIT_DONE) {
        print_text(json_text(answer.json, "name"), BREAKS_ESCAPED);
        (void)putchar('\n');
    }
    json_decref(json);
    free(bytes);
    answer_fini(&answer);
    return code;
}

enum exit_code command_roster_send(const struct arguments *arguments)
{
    struct home home;
    struct roster *current = NULL;
    struct proposal *proposal = NULL;
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    enum exit_code code = roster_in_force(arguments, &home, &current);
    if (code == EXIT_DONE) {
        code = roster_files_merge(arguments, current, &proposal);
    }
    if (code == EXIT_DONE) {
        code = proposal_send(arguments, proposal, proposal_json(current, proposal));
    }
    if (code == EXIT_DONE) {
        proposal_tell_missing(current, proposal);
    }
    proposal_destroy(&proposal);
    roster_destroy(&current);
    return code;
}

// -- listing --

static void show_signers(const struct roster *current, const struct proposal *proposal)
{
    struct proposal_tally tally;
    for (size_t i = 0; i < proposal->signatures_count; i++) {
        char words[WORDS_TEXT_MAX];
        authority_words(proposal->signatures[i].authority, words);
        print_row("signed by", "'%s'", words);
    }
    proposal_count(current, proposal, &tally);
    print_row("signatures",
              "%zu of %zu needed of version %llu's authorities, %zu of %zu of its own",
              tally.before, tally.before_needed, (unsigned long long)current->version, tally.own,
              tally.own_needed);
}

static void show_item(const struct roster *current, const struct proposal *proposal,
                      const json_t *item)
{
    const json_t *origin = json_array_get(json_object_get(item, "entries"), 0);
    char ago[WHEN_MAX];
    size_t index;
    json_t *change;
    json_t *changes = roster_diff(current, proposal->roster);
    when_ago_text(json_text(origin, "time"), when_now(), ago);
    print_row("proposal", "%s, %s", json_text(origin, "entry"), ago);
    print_row("version", "%llu", (unsigned long long)proposal->roster->version);
    json_array_foreach(changes, index, change)
    {
        print_row(index == 0 ? "changes" : "", "%s", json_string_value(change));
    }
    json_decref(changes);
    show_signers(current, proposal);
}

static void print_item(const struct arguments *arguments, const struct roster *current,
                       const json_t *item)
{
    struct proposal *proposal = open_item(item);
    if (proposal == NULL || proposal_check(current, proposal) != ERR_OK) {
        proposal_destroy(&proposal); // another version came into force in between
        return;
    }
    if (arguments->is_json) {
        json_t *json = proposal_json(current, proposal);
        json_object_set(json, "entries", json_object_get(item, "entries"));
        print_json(json);
        json_decref(json);
    } else {
        show_item(current, proposal, item);
    }
    proposal_destroy(&proposal);
}

enum exit_code command_roster_proposals(const struct arguments *arguments)
{
    struct home home;
    struct roster *current = NULL;
    struct answer answer = {0};
    if (sodium_init() < 0) {
        return complain(EXIT_FAILED, "the cryptographic library cannot be started");
    }
    enum exit_code code = fetch_all(arguments, true, &answer);
    if (code == EXIT_DONE) {
        code = roster_in_force(arguments, &home, &current);
    }
    const json_t *list = json_object_get(answer.json, "proposals");
    for (size_t i = 0; code == EXIT_DONE && i < json_array_size(list); i++) {
        if (i > 0 && !arguments->is_json) {
            (void)putchar('\n');
        }
        print_item(arguments, current, json_array_get(list, i));
    }
    if (code == EXIT_DONE && json_array_size(list) == 0) {
        tell("Nothing is proposed that may follow version %llu.",
             (unsigned long long)current->version);
    }
    answer_fini(&answer);
    roster_destroy(&current);
    return code;
}
