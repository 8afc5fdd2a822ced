// SPDX-License-Identifier: EUPL-1.2
// The desk between the API's threads and the loop: what may be asked of the running node. Calls
// here block the calling thread until the loop has answered; any thread but the loop's may call
// them.
#ifndef NODE_DESK_H
#define NODE_DESK_H

#include "home/home.h"
#include "sitrep/engine.h"
#include "store/store.h"
#include "transport/transport.h"

struct desk;
struct groups;

struct desk_entry {      // to be published
    struct span content; // CBOR body, body_check accepts it
    uint8_t precedence;
    uint8_t group[TAG_LEN];      // zero: all members
    const struct group_key *key; // to seal with; NULL: the group's, see groups_seal_key
};

struct desk_published {
    uint64_t epoch, seq;
};

// Publishes all or none, in this order, and returns when they are durable. count 1..4096.
// Errors: ERR_NO_SPACE (disk full), ERR_LIMIT (a body too large: *failed says which), ERR_STATE
// (shutting down), ERR_DENIED (this node is revoked, or no member of the group), ERR_NOT_FOUND (no
// such group), ERR_AGAIN (the own log was not yet compared with any peer within the waiting time,
// or no usable key of the group is here).
CHECKED enum err desk_publish(struct desk *desk, const struct desk_entry *entries, size_t count,
                              struct desk_published *published, size_t *failed);

struct desk_status {
    struct engine_status engine;
    struct transport_stats transport;
    struct store_stats store;
    uint64_t wall_ms, started_ms;
    uint64_t refused[REFUSALS]; // of all peers
    uint64_t damaged, repaired; // records, since start
    bool lacks_transport_key;   // the one the roster names for this node [5.12]
};
CHECKED enum err desk_status(struct desk *desk, struct desk_status *status);

struct desk_peer {
    struct peer_status status;
    struct transport_link link;
};
// Every node of the roster but this one, in roster order. *peers is malloc'ed.
CHECKED enum err desk_peers(struct desk *desk, struct desk_peer **peers, size_t *count);

// How far peers say they hold the log of that node, an index of the roster. Errors: ERR_NOT_FOUND
// (a version that came in between has it, and the engine does not yet).
CHECKED enum err desk_claims(struct desk *desk, uint32_t node, struct engine_claims *claims);

// Checks and takes over a new roster version: store, engine, transport, spread. Errors: as
// roster_check_next.
CHECKED enum err desk_add_roster(struct desk *desk, struct span signed_roster);

// Cuts or heals the links to a peer. Errors: ERR_NOT_FOUND.
CHECKED enum err desk_cut(struct desk *desk, uint32_t peer, bool is_cut);

// Tells the loop that a record was found damaged; it is fetched again from a peer.
void desk_report_damaged(struct desk *desk, uint32_t chain, uint64_t seq);

// Waits until something newer than `arrival` is durable, `timeout_ms` passed or the node stops.
// Returns the newest arrival.
uint64_t desk_wait_arrival(struct desk *desk, uint64_t arrival, uint32_t timeout_ms);
bool desk_is_stopping(struct desk *desk);

// -- without asking the loop; valid as long as the desk --
const struct roster *desk_roster(
    struct desk *desk);                // the newest; old versions stay valid until the process ends
uint32_t desk_self(struct desk *desk); // this node's index in the roster
const uint8_t *desk_space(struct desk *desk);
struct store *desk_store(struct desk *desk);
struct groups *desk_groups(struct desk *desk);
const struct home *desk_home(struct desk *desk); // to be copied: its `why` is for one thread

#endif
