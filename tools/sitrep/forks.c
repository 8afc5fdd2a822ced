// SPDX-License-Identifier: EUPL-1.2
// sitrep forks: the forks this node holds, explained; the proof of one, to be handed on; and the
// check of such a proof, which needs a roster and no node.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/home.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/exercise.h"
#include "sitrep/fork_proof.h"
#include "sitrep/input.h"
#include "sitrep/invitation.h"
#include "sitrep/print.h"
#include "sitrep/space.h"
#include "sitrep/when.h"

static const char armour_label[] = "FORK";

enum { TEXT_MAX = 1024 * 1024, LOG_NAME_MAX = 64 };

const struct option_spec forks_options[] = {
    {"proof", "NAME", "write the proof of the fork at this entry, such as be-nccn/42", false},
    {"check", "FILE", "check such a proof against the roster; - is standard input", false},
    {NULL, NULL, NULL, false},
};

// -- the list --

// "be-nccn", "be-nccn.1": how names of entries of that log begin.
static void name_log(const char *node, json_int_t epoch, char out[static LOG_NAME_MAX])
{
    if (epoch == 0) {
        (void)snprintf(out, LOG_NAME_MAX, "%s", node);
    } else {
        (void)snprintf(out, LOG_NAME_MAX, "%s.%" JSON_INTEGER_FORMAT, node, epoch);
    }
}

static void show_branches(const json_t *branches)
{
    size_t index;
    json_t *branch;
    json_array_foreach(branches, index, branch)
    {
        char arrived[WHEN_MAX];
        const char *id = json_text(branch, "id");
        when_local_text(json_text(branch, "arrived"), arrived);
        if (*id == '\0') {
            print_row("  branch", "%s, damaged here and being fetched again",
                      json_text(branch, "name"));
        } else {
            print_row("  branch", "%s, here since %s", json_text(branch, "name"), arrived);
            print_row("  id", "%s", id);
        }
    }
}

static void show_own_advice(const char *later)
{
    print_row(
        "  what to do", "%s",
        *later != '\0'
            ? "Nothing is lost: both branches are kept, and this node goes on in its next log."
            : "Nothing is lost: both branches are kept; this node goes on in its next log as "
              "soon as it publishes.");
    print_row("", "If two copies of this home were run, or a backup was put back: run only one.");
    print_row("", "If not, somebody else has this node's key: have it revoked, and join anew.");
}

// With so many branches, nodes that met different ones hold different ones [PROTOCOL 13.3].
static void show_advice_of_many(const json_t *fork)
{
    const json_int_t seq = json_number(fork, "seq");
    print_row("", "No log gets so many branches by accident, and no more of them are kept: other");
    print_row("", "nodes may hold other ones. Have it revoked with what is before them:");
    print_row("",
              "sitrep roster propose --revoke %s --last %" JSON_INTEGER_FORMAT
              ":%" JSON_INTEGER_FORMAT,
              json_text(fork, "node"), json_number(fork, "epoch"), seq - 1);
}

static void show_advice(const json_t *fork, const char *later)
{
    if (json_flag(fork, "own")) {
        show_own_advice(later);
        return;
    }
    const char *centre = json_text(fork, "centre");
    print_row("  what to do", "Call %s, read the branches to them, and ask which they wrote.",
              centre);
    if (*later == '\0') {
        print_row("", "Its node has not gone on in a new log yet: it may not know of the fork.");
    }
    print_row("", "If they wrote only one, somebody else has their key: have it revoked.");
    if (json_array_size(json_object_get(fork, "branches")) >= BRANCHES_MAX) {
        show_advice_of_many(fork);
    }
}

static void show_fork(const json_t *fork)
{
    char log[LOG_NAME_MAX];
    char later[LOG_NAME_MAX] = "";
    char noticed[WHEN_MAX];
    const json_int_t seq = json_number(fork, "seq");
    const json_t *branches = json_object_get(fork, "branches");
    name_log(json_text(fork, "node"), json_number(fork, "epoch"), log);
    if (json_is_integer(json_object_get(fork, "later_epoch"))) {
        name_log(json_text(fork, "node"), json_number(fork, "later_epoch"), later);
    }
    when_local_text(json_text(fork, "noticed"), noticed);
    (void)fputs(terminal_colour(stdout, COLOUR_BOLD), stdout);
    print_row("fork", "%s/%" JSON_INTEGER_FORMAT, log, seq);
    (void)fputs(terminal_colour(stdout, COLOUR_NONE), stdout);
    print_row_node("  author", fork);
    print_row(
        "  what",
        "%zu different entries, all signed with this node's key, are number %" JSON_INTEGER_FORMAT
        " of its log",
        json_array_size(branches), seq);
    print_row("  noticed", "%s", noticed);
    show_branches(branches);
    if (*later != '\0') {
        print_row("  healed", "its author has gone on in a new log: %s/1 and after", later);
    } else {
        print_row("  healed", "not yet");
    }
    show_advice(fork, later);
}

static void show(const json_t *json)
{
    const json_t *forks = json_object_get(json, "forks");
    size_t index;
    json_t *fork;
    json_array_foreach(forks, index, fork)
    {
        if (index > 0) {
            (void)putchar('\n');
        }
        show_fork(fork);
    }
    if (json_array_size(forks) == 0) {
        tell("No log that this node holds is forked.");
    }
}

// -- proofs --

static enum exit_code print_proof(const struct answer *answer)
{
    char *text = NULL;
    if (armour_encode(armour_label, answer->body, answer->len, &text) != ERR_OK) {
        return complain(EXIT_FAILED, "the node's answer is not understood");
    }
    (void)fputs(text, stdout);
    free(text);
    return EXIT_DONE;
}

static enum exit_code write_proof(const struct arguments *arguments, const char *name)
{
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    char path[512];
    // The slash of the name stands as it is; what is no name the node refuses.
    char *escaped = client_escape(client, name);
    char *slash = strstr(escaped, "%2F");
    const int len = slash == NULL ? snprintf(path, sizeof path, "/v1/forks/%s", escaped)
                                  : snprintf(path, sizeof path, "/v1/forks/%.*s/%s",
                                             (int)(slash - escaped), escaped, slash + 3);
    free(escaped);
    struct answer answer = {0};
    const struct call call = {.method = "GET", .path = path};
    enum exit_code code = len > 0 && (size_t)len < sizeof path
                              ? client_ask(client, &call, &answer)
                              : complain(EXIT_USAGE, "there is no entry of so long a name");
    if (code == EXIT_DONE) {
        code = print_proof(&answer);
    }
    answer_fini(&answer);
    client_close(&client);
    return code;
}

static enum exit_code read_proof(const char *path, uint8_t **bytes, size_t *len)
{
    struct input input;
    const enum exit_code code = input_read(&input, path, TEXT_MAX);
    if (code != EXIT_DONE) {
        return code;
    }
    const enum err err =
        armour_decode(armour_label, (const char *)input.bytes, input.len, bytes, len);
    input_fini(&input);
    if (err == ERR_NOT_FOUND) {
        return complain(EXIT_REFUSED, "%s holds no proof of a fork", path);
    }
    return err == ERR_OK ? EXIT_DONE
                         : complain(EXIT_REFUSED, "the proof in %s was changed on its way: %s",
                                    path, err_text(err));
}

static json_t *branch_to_json(const struct fork_branch *branch)
{
    char id[2 * ID_LEN + 1];
    char time[WHEN_MAX];
    (void)sodium_bin2hex(id, sizeof id, branch->id, ID_LEN);
    when_rfc3339((int64_t)(branch->time >> 16), time);
    return json_pack("{s:s, s:s}", "id", id, "time", time);
}

static void print_verdict(const struct arguments *arguments, const struct fork_proof *proof,
                          const struct roster *roster, int32_t node)
{
    const struct span name = roster->nodes[node].name;
    const struct span code = roster->centres[roster->nodes[node].centre].code;
    json_t *branches = json_array();
    for (size_t i = 0; i < proof->branches_count; i++) {
        (void)json_array_append_new(branches, branch_to_json(&proof->branches[i]));
    }
    json_t *json =
        json_pack("{s:s%, s:s%, s:I, s:I, s:o}", "node", (const char *)name.bytes, name.len,
                  "centre", (const char *)code.bytes, code.len, "epoch", (json_int_t)proof->epoch,
                  "seq", (json_int_t)proof->seq, "branches", branches);
    if (arguments->is_json) {
        print_json(json);
        json_decref(json);
        return;
    }
    char log[LOG_NAME_MAX];
    name_log(json_text(json, "node"), (json_int_t)proof->epoch, log);
    if (space_named(arguments) != NULL) {
        print_row("space", "EXERCISE %s", space_named(arguments));
    }
    print_row_node("author", json);
    print_row("proven", "its key signed %zu different entries as %s/%" PRIu64,
              proof->branches_count, log, proof->seq);
    for (size_t i = 0; i < proof->branches_count; i++) {
        char time[WHEN_MAX];
        when_local_text(json_text(json_array_get(branches, i), "time"), time);
        print_row("id", "%s", json_text(json_array_get(branches, i), "id"));
        print_row("", "by its author's clock of %s", time);
    }
    json_decref(json);
}

// Whether the proof is about a node of this federation.
static enum exit_code judge(const struct arguments *arguments, const struct fork_proof *proof,
                            const char *path)
{
    struct home home;
    struct roster *roster = NULL;
    enum exit_code code = EXIT_DONE;
    enum err err = home_open(&home, arguments->home);
    if (err == ERR_OK) {
        err = home_load_roster(&home, &roster);
    }
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "%s", home.why);
    }
    const int32_t node = roster_find_signing(roster, proof->author);
    uint8_t space[ID_LEN];
    memcpy(space, roster->federation, ID_LEN);
    if (space_named(arguments) != NULL) {
        space_of_exercise(roster->federation, space_named(arguments), space);
    }
    if (memcmp(proof->space, space, ID_LEN) != 0) {
        code = complain(EXIT_REFUSED,
                        "the proof in %s is about entries of another federation, or of another "
                        "space than %s",
                        path,
                        space_named(arguments) != NULL ? space_named(arguments)
                                                       : "the real world; name it with --space");
    } else if (node < 0) {
        code = complain(EXIT_REFUSED,
                        "the proof in %s is about a key that roster version %" PRIu64 " does not "
                        "have",
                        path, roster->version);
    } else {
        print_verdict(arguments, proof, roster, node);
    }
    roster_destroy(&roster);
    return code;
}

static enum exit_code check_proof(const struct arguments *arguments, const char *path)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct fork_proof proof;
    enum exit_code code = read_proof(path, &bytes, &len);
    if (code != EXIT_DONE) {
        return code;
    }
    const enum err err = fork_proof_decode(bytes, len, &proof);
    if (err == ERR_OK) {
        code = judge(arguments, &proof, path);
    } else {
        code = complain(EXIT_REFUSED, "the proof in %s proves nothing: %s", path, err_text(err));
    }
    free(bytes);
    return code;
}

enum exit_code command_forks(const struct arguments *arguments)
{
    const char *proof = arguments_get(arguments, "proof");
    const char *check = arguments_get(arguments, "check");
    if (proof != NULL && check != NULL) {
        return complain(EXIT_USAGE, "--proof writes and --check reads: give one of them");
    }
    if (proof != NULL) {
        return write_proof(arguments, proof);
    }
    return check != NULL ? check_proof(arguments, check)
                         : client_show(arguments, "/v1/forks", show);
}
