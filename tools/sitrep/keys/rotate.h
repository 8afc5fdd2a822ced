// SPDX-License-Identifier: EUPL-1.2
// A node whose keys are to change: what both kinds of change begin with.
#ifndef SITREP_KEYS_ROTATE_H
#define SITREP_KEYS_ROTATE_H

#include "home/home.h"
#include "sitrep/invitation.h"
#include "sitrep/options.h"

struct rotating {
    struct home home;
    uint64_t expires_ms; // what is asked for the new keys; 0: nothing
    char *passphrase;    // of the home; NULL when there is none
    struct node_keys *keys;
    struct roster *roster;
    const struct roster_node *self; // in the roster
};

// A request like what the roster says of this node, now. False where it has no endpoint, after a
// complaint.
bool rotating_like_self(const struct rotating *rotating, struct request *request);

// successor.c: makes the keys of this node's successor, and writes its request [5.22]. What was
// made before is written again.
enum exit_code successor_request(struct rotating *rotating, const struct arguments *arguments);

#endif
