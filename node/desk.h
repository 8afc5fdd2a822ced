// SPDX-License-Identifier: EUPL-1.2
// The desk between the API's threads and the loop: what may be asked of the running node. Calls
// here block the calling thread until the loop has answered; any thread but the loop's may call
// them.
#ifndef NODE_DESK_H
#define NODE_DESK_H

#include "gauge.h"
#include "home/home.h"
#include "profiles.h"
#include "sitrep/engine.h"
#include "store/store.h"
#include "transport/transport.h"
#include "tuner.h"

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
// (shutting down), ERR_DENIED (this node is revoked or no member of the group, or the
// exercise has ended), ERR_NOT_FOUND (no
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
    bool has_met_late_roster;   // since start: a replaced authority's key was used [5.23]
};
CHECKED enum err desk_status(struct desk *desk, struct desk_status *status);

struct desk_peer {
    struct peer_status status;
    struct transport_link link;
    struct choice choice;       // what holds of the link now
    enum tuner_verdict verdict; // on a rate that is looked for
    size_t waiting[LANES];      // bytes, for a thin line
    struct gauge_reading reading;
    uint64_t converged_in_s; // as gauge_outlook_s, both ways; 0: it is
};
// Every node of the roster but this one, in roster order. *peers is malloc'ed.
CHECKED enum err desk_peers(struct desk *desk, struct desk_peer **peers, size_t *count);

// How far peers say they hold the log of that node, an index of the roster. Errors: ERR_NOT_FOUND
// (a version that came in between has it, and the engine does not yet).
CHECKED enum err desk_claims(struct desk *desk, uint32_t node, struct engine_claims *claims);

// What each of the first `count` nodes of the roster has of an entry held here, as the links to
// them tell.
CHECKED enum err desk_claim(struct desk *desk, uint32_t chain, uint64_t seq,
                            enum peer_claim *claims, size_t count);

// Checks and takes over a new roster version: store, engine, transport, spread. Errors: as
// roster_check_next.
CHECKED enum err desk_add_roster(struct desk *desk, struct span signed_roster);

// -- exercises: asked of the desk of the real world --

struct exercise_end { // the entry that ended it [16.4]
    bool is_there;
    uint32_t node;
    uint64_t epoch, seq;
    uint64_t time_ms; // as its author's clock had it
};

enum { EXERCISES_MAX = 8, STRANGE_SPACES_MAX = 8 };

struct desk_exercise {
    char name[NAME_MAX_LEN + 1];
    uint8_t id[ID_LEN];
    uint64_t entries;
    uint64_t bytes_used; // by its store
    uint32_t peers;      // heard in it within the last minute
    struct exercise_end end;
};

struct strange_space { // that peers talk of, and this node does not hold [16.2]
    uint8_t id[TAG_LEN];
    uint32_t peer; // the last one
    uint64_t frames;
    uint64_t heard_ms; // wall clock
};

struct desk_exercises {
    struct desk_exercise held[EXERCISES_MAX];
    size_t held_count;
    struct strange_space strange[STRANGE_SPACES_MAX];
    size_t strange_count;
};
CHECKED enum err desk_exercises(struct desk *desk, struct desk_exercises *exercises);

enum exercise_order {
    EXERCISE_CREATE, // hold it from now on; nothing when it is held
    EXERCISE_STOP,   // its own desk answers nothing more; nothing when it is not held
    EXERCISE_PURGE   // when it was stopped and nobody uses its desk: closes and deletes it
};
// `name` is such that exercise_name_is_valid. Errors: ERR_STATE (the node is stopping), ERR_DENIED
// (create: there was one of that name, and it was purged), ERR_LIMIT (create: there are
// EXERCISES_MAX), ERR_NOT_FOUND (purge: it was not stopped), ERR_CORRUPT, ERR_IO, ERR_NO_SPACE.
CHECKED enum err desk_exercise(struct desk *desk, enum exercise_order order, const char *name);

// Cuts or heals the links to a peer. Errors: ERR_NOT_FOUND.
CHECKED enum err desk_cut(struct desk *desk, uint32_t peer, bool is_cut);
// What holds of the link to a peer now.
struct desk_link {
    struct choice choice; // the rate may be the peer's word
    uint32_t beacon_ms;   // from one beacon to the next, at most; 0: there was no link yet
    bool is_live;         // whether this node asks for the peer's live plane
};
// Changes what is set for the link, or with a change that says nothing only asks. Errors: as
// thin_change.
CHECKED enum err desk_link(struct desk *desk, uint32_t peer, const struct choice_change *change,
                           struct desk_link *link);

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
const char *desk_exercise_name(struct desk *desk); // "" in the real world
bool desk_has_ended(struct desk *desk);            // an exercise: nothing more is published in it
struct store *desk_store(struct desk *desk);
struct groups *desk_groups(struct desk *desk);
const struct home *desk_home(struct desk *desk); // to be copied: its `why` is for one thread

#endif
