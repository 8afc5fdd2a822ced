// SPDX-License-Identifier: EUPL-1.2
// Finds the last entry of a node's log that is held here, and says what may lie beyond it. Whether
// to wait for that is for people.
#include "sitrep/roster/last_entry.h"

#include <stdio.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/limits.h"
#include "sitrep/number.h"
#include "sitrep/print.h"

bool last_entry_read(const char *typed, uint64_t *epoch, uint64_t *seq)
{
    char text[16];
    const size_t len = strcspn(typed, ":");
    if (typed[len] == '\0' || len >= sizeof text) {
        return false;
    }
    memcpy(text, typed, len);
    text[len] = '\0';
    return number_read(text, EPOCH_MAX, epoch) && number_read(typed + len + 1, SEQ_MAX, seq);
}

static enum exit_code get(struct client *client, const char *path, struct answer *answer)
{
    const struct call call = {.method = "GET", .path = path};
    const enum exit_code code = client_ask(client, &call, answer);
    return code == EXIT_DONE && answer->json == NULL
               ? complain(EXIT_FAILED, "the node's answer is not understood")
               : code;
}

// What a node that is not connected holds of the log, this one does not know.
static bool is_out_of_reach(const json_t *peer, const char *revoked)
{
    const char *state = json_text(peer, "state");
    return strcmp(state, "converged") != 0 && strcmp(state, "syncing") != 0 &&
           strcmp(state, "revoked") != 0 && strcmp(json_text(peer, "node"), revoked) != 0;
}

static void tell_out_of_reach(const json_t *peers, const char *revoked)
{
    enum { NAMED = 8 };
    char names[NAMED * (NAME_MAX_LEN + 2) + 1] = "";
    size_t count = 0;
    size_t index;
    json_t *peer;
    json_array_foreach(peers, index, peer)
    {
        const char *name = json_text(peer, "node");
        const size_t len = strlen(names);
        if (!is_out_of_reach(peer, revoked)) {
            continue;
        }
        if (count++ < NAMED && strlen(name) <= NAME_MAX_LEN) {
            (void)snprintf(names + len, sizeof names - len, "%s%s", len > 0 ? ", " : "", name);
        }
    }
    if (count > 0) {
        tell("Not in touch with %zu other node%s now: %s%s. What only they hold of %s would not "
             "count.",
             count, count == 1 ? "" : "s", names, count > NAMED ? ", ..." : "", revoked);
    }
}

static void tell_beyond(const json_t *log, const char *node)
{
    const json_t *claimed = json_object_get(log, "claimed");
    const json_int_t missing = json_number(claimed, "missing");
    tell("%s counts up to %" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT
         ", the last entry of it that this node holds.",
         node, json_number(log, "epoch"), json_number(log, "head"));
    if (missing > 0) {
        tell("A peer says it holds %" JSON_INTEGER_FORMAT " more, up to %" JSON_INTEGER_FORMAT
             ":%" JSON_INTEGER_FORMAT
             ": they would not count. Wait for them and propose again, or name the last one with "
             "--last.",
             missing, json_number(claimed, "epoch"), json_number(claimed, "seq"));
    }
}

static enum exit_code ask(struct client *client, const char *node, struct answer *log,
                          struct answer *peers)
{
    char path[CLIENT_PATH_MAX];
    enum exit_code code = client_node_path(client, "/v1/logs/", node, path);
    if (code == EXIT_DONE) {
        code = get(client, path, log);
    }
    return code == EXIT_DONE ? get(client, "/v1/peers", peers) : code;
}

enum exit_code last_entry_ask(const struct arguments *arguments, const char *node, uint64_t *epoch,
                              uint64_t *seq)
{
    struct client *client = client_open(arguments);
    struct answer log = {0};
    struct answer peers = {0};
    if (client == NULL) {
        return EXIT_FAILED;
    }
    const enum exit_code code = ask(client, node, &log, &peers);
    if (code == EXIT_DONE) {
        *epoch = (uint64_t)json_number(log.json, "epoch");
        *seq = (uint64_t)json_number(log.json, "head");
        tell_beyond(log.json, node);
        tell_out_of_reach(json_object_get(peers.json, "peers"), node);
    } else if (code == EXIT_UNREACHABLE) {
        tell(
            "Without a running node, say yourself what the last entry of %s is that counts: --last "
            "EPOCH:SEQ.",
            node);
    }
    answer_fini(&log);
    answer_fini(&peers);
    client_close(&client);
    return code;
}
