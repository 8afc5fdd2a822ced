// SPDX-License-Identifier: EUPL-1.2
// sitrep keys rotate --signing: the keys of this node's successor, and the request with which it is
// admitted [5.22]. The running node takes them up at its first start with a roster that has them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/joining/newnode.h"
#include "sitrep/joining/request_file.h"
#include "sitrep/keys/rotate.h"
#include "sitrep/print.h"

struct successor {
    struct rotating *rotating;
    struct node_keys *keys;
};

// A name that was numbered before goes on from there: after be-nccn-2 comes be-nccn-3.
static size_t stem_len(const struct roster *roster, struct span name)
{
    size_t len = name.len;
    while (len > 0 && name.bytes[len - 1] >= '0' && name.bytes[len - 1] <= '9') {
        len--;
    }
    const bool is_numbered = len > 1 && len < name.len && name.bytes[len - 1] == '-' &&
                             roster_find_name(roster, (const char *)name.bytes, len - 1) >= 0;
    return is_numbered ? len - 1 : name.len;
}

static enum exit_code choose_name(const struct rotating *rotating,
                                  char out[static NAME_MAX_LEN + 1])
{
    const struct span name = rotating->self->name;
    const size_t stem = stem_len(rotating->roster, name);
    for (unsigned number = 2; number <= NODES_MAX + 1; number++) {
        const int len =
            snprintf(out, NAME_MAX_LEN + 1, "%.*s-%u", (int)stem, (const char *)name.bytes, number);
        if (len > NAME_MAX_LEN) {
            break;
        }
        if (roster_find_name(rotating->roster, out, (size_t)len) < 0) {
            return EXIT_DONE;
        }
    }
    return complain(EXIT_USAGE, "no name is left after %.*s: give --node", (int)name.len,
                    (const char *)name.bytes);
}

static enum exit_code read_name(const struct rotating *rotating, const struct arguments *arguments,
                                char out[static NAME_MAX_LEN + 1])
{
    const char *typed = arguments_get(arguments, "node");
    if (typed == NULL) {
        return choose_name(rotating, out);
    }
    const enum exit_code code = newnode_read_name("the successor's name", typed, out);
    if (code == EXIT_DONE && roster_find_name(rotating->roster, typed, strlen(typed)) >= 0) {
        return complain(EXIT_REFUSED, "a node %s is in the roster already", typed);
    }
    return code;
}

static enum exit_code write_request(const struct successor *successor, struct request *request,
                                    bool is_json)
{
    struct home *home = &successor->rotating->home;
    uint8_t bytes[REQUEST_MAX];
    memcpy(request->signing, successor->keys->signing_public, SIGN_KEY_LEN);
    memcpy(request->transport, successor->keys->transport[0].public_key, BOX_KEY_LEN);
    const size_t len = request_encode(request, &successor->keys->signing, bytes);
    if (len == 0) {
        return complain(EXIT_FAILED, "the request cannot be made");
    }
    if (home_write(home, "request", bytes, len) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", home->why);
    }
    return request_file_write(bytes, len, request->node_name, is_json);
}

// The request made with these keys before, whose words may have been read to somebody.
static bool write_again(const struct successor *successor, bool is_json, enum exit_code *code)
{
    struct request request;
    uint8_t *bytes = NULL;
    size_t len = 0;
    const bool is_there =
        home_read(&successor->rotating->home, "request", REQUEST_MAX, &bytes, &len) == ERR_OK &&
        request_decode(bytes, len, &request) == ERR_OK &&
        memcmp(request.signing, successor->keys->signing_public, SIGN_KEY_LEN) == 0;
    if (is_there) {
        tell("A successor was asked for before; this is the same request, as %s.",
             request.node_name);
        *code = request_file_write(bytes, len, request.node_name, is_json);
    }
    free(bytes);
    return is_there;
}

static enum exit_code make(struct successor *successor, const struct arguments *arguments)
{
    struct rotating *rotating = successor->rotating;
    struct request request;
    if (!rotating_like_self(rotating, &request)) {
        return EXIT_REFUSED;
    }
    const enum exit_code code = read_name(rotating, arguments, request.node_name);
    if (code != EXIT_DONE) {
        return code;
    }
    if (successor->keys == NULL &&
        home_create_next_keys(&rotating->home, rotating->passphrase, &successor->keys) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", rotating->home.why);
    }
    return write_request(successor, &request, arguments->is_json);
}

static void tell_what_follows(void)
{
    tell("An authority has this node admitted: 'sitrep roster propose --add REQUEST', as for any.");
    tell("When that version is in force at all peers, restart the node: it goes on under the new");
    tell("name and keys, with all it holds. Then have the former node revoked on this one:");
    tell("'sitrep roster propose --revoke NODE'. What it wrote counts for ever.");
}

enum exit_code successor_request(struct rotating *rotating, const struct arguments *arguments)
{
    struct successor successor = {.rotating = rotating};
    enum exit_code code = EXIT_DONE;
    const enum err err =
        home_load_next_keys(&rotating->home, rotating->passphrase, &successor.keys);
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        return complain(EXIT_FAILED, "%s", rotating->home.why);
    }
    if (err == ERR_OK && node_keys_are_admitted(successor.keys, rotating->roster)) {
        code = complain(EXIT_REFUSED, "the successor is in the roster: restart the node");
    } else if (err != ERR_OK || !write_again(&successor, arguments->is_json, &code)) {
        code = make(&successor, arguments);
    }
    if (code == EXIT_DONE) {
        tell_what_follows();
    }
    node_keys_destroy(&successor.keys);
    return code;
}
