// SPDX-License-Identifier: EUPL-1.2
// The sync engine: what to send to whom, what to keep, what to ask for. One state machine without
// any input or output of its own; the daemon, the simulator and the fuzzer drive the same one.
//
// The shell calls engine_step(event) and then carries out the effects in this order: persist, send,
// publish, read, note. The event and every byte it points to belong to the caller and are copied if
// kept. The effects belong to the engine and are valid until its next step. Nothing is announced or
// acknowledged before its persist has been reported as done.
#ifndef SITREP_ENGINE_H
#define SITREP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cose.h"
#include "sitrep/err.h"
#include "sitrep/invitation.h"
#include "sitrep/limits.h"
#include "sitrep/link.h"
#include "sitrep/pacer.h"
#include "sitrep/record.h"
#include "sitrep/roster.h"
#include "sitrep/seal.h"
#include "sitrep/selection.h"

struct engine;

// A peer is a node of the roster, named by its index there.
struct engine_limits {
    uint32_t peers_max;    // links kept at once; default 64
    uint32_t chains_max;   // chains known; default 4096
    uint32_t floats_max;   // entries held ahead of gaps; default 16384
    uint32_t window_bytes; // credit given at most, shared by the peers fetched from; less where
                           // links are slow; default 4 MiB
    uint32_t beacon_ms;    // interval of beacons to one peer; default 1000
    uint32_t retry_ms; // what was asked for and did not come is asked again, elsewhere if possible;
                       // default 3000
};

struct engine_options {
    uint8_t space[ID_LEN];
    bool is_exercise; // what it sends fits a message of type 15, and rosters are not its business
    struct engine_limits limits; // zero fields take the default
    const struct roster
        *roster; // borrowed until replaced by EVENT_ROSTER or the engine is destroyed
    const struct signing_key *signing_key; // borrowed
    bool has_live_plane;                   // false: EFFECT publish stays empty
};

// Allocates everything it will ever use, except the chains' and peers' tables it grows up to their
// limits. Errors: ERR_NO_SPACE, ERR_LIMIT (limits out of range), ERR_NOT_FOUND (signing key not in
// the roster).
CHECKED enum err engine_create(struct engine **engine, const struct engine_options *options);
void engine_destroy(struct engine **engine);

// Before the first step: what the store holds. Chains in ascending number (parents first), then the
// entries ahead of gaps. The store can hold more of these than floats_max, as one that turned out
// to be of another branch stays until its place is taken; those there is no room for come again
// with the gap. Errors: ERR_CORRUPT (an author or a chain that is not there), ERR_LIMIT (more
// chains than chains_max), ERR_NO_SPACE.
CHECKED enum err engine_restore_chain(struct engine *engine, const struct chain *chain);
CHECKED enum err engine_restore_ahead(struct engine *engine, const struct record *record);
// And the clock of what is to be written, which goes on behind `time` of an entry that the store
// holds, unless that is more than five minutes ahead of `wall_ms` [3.3]: of the own log's last one
// at least.
void engine_restore_clock(struct engine *engine, uint64_t wall_ms, uint64_t time);

enum event_type {
    EVENT_TICK,           // a deadline came, or nothing but time passed
    EVENT_PEER_UP,        // an authenticated link to `peer` exists
    EVENT_LINE,           // from now on `line` holds of the link to `peer`; before the first time
                          // nothing is set
    EVENT_PART,           // a part of a message came from `peer`: it lives
    EVENT_PEER_DOWN,      // the last link to `peer` is gone
    EVENT_FRAME,          // a message from `peer`, authenticated by the transport
    EVENT_PUBLISH,        // the operator publishes `publish`
    EVENT_PERSISTED,      // every persist effect up to `ticket` is durable
    EVENT_PERSIST_FAILED, // the persist effect `ticket` and all later ones were not stored: `err`
    EVENT_STORE_READY,    // after a failure: there is space again
    EVENT_RECORDS,        // answer to a read effect
    EVENT_DAMAGED, // chain and seq of a stored entry that no longer matches its id, or is missing
    EVENT_ROSTER,  // `roster` replaces the one before (it has passed roster_check_next, or stands
                   // for rivals that have), and each index in it means the same signing key; what
                   // lies beyond a revocation in it counts no more
    EVENT_ROSTER_COPY, // answer to NOTE_ROSTER_WANTED: `peer` gets the signed roster `roster_copy`
    EVENT_ROSTER_ASK,  // `peer` is asked for the roster with the hash `roster_hash`
    EVENT_OWN_LOG_CLEAR, // the shell has waited for peers long enough: publish, see engine_own_log
    EVENT_KEYS_WANTED,   // the group keys this node may have and lacks: replaces the list before
    EVENT_KEY_VERDICT,   // answer to NOTE_KEY_WANTED, at once or later, or never
};

// What becomes of a peer's question for a group key [8.11].
enum key_verdict {
    KEY_ANSWER, // this node holds it, and the requester may have it: `sealed`
    KEY_DENY,   // the requester may not have it
    KEY_PASS,   // this node cannot answer: other peers are asked
};

struct key_ref { // a group key by its ids
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
};

enum plane { PLANE_SYNC, PLANE_LIVE };

struct publication {
    struct span content; // CBOR body, body_check accepts it
    uint8_t precedence;
    const struct group_key *key; // what it is sealed with, and so for whom; never NULL
    uint8_t salt[SALT_LEN];      // fresh random bytes
};

struct event {
    enum event_type type;
    uint64_t now_ms;  // monotonic clock, same for all events of one loop turn
    uint64_t wall_ms; // since 1970
    uint32_t peer;    // PEER_UP, PEER_DOWN, LINE, PART, FRAME
    union {
        struct link_settings line; // LINE
        struct {
            enum plane plane;
            struct span bytes;
        } frame;
        struct {
            uint64_t cookie; // comes back in notes
            const struct publication *items;
            size_t count; // 1..ENGINE_PUBLISH_MAX
        } publish;
        struct {
            uint64_t ticket;
            enum err err;
        } persist;
        struct {
            uint64_t tag;                 // of the read effect
            const struct record *records; // consecutive seq from the one asked for; fewer, or none,
                                          // when damaged or absent
            size_t count;
            uint64_t searched; // of a search that found nothing: down to where it looked
        } records;
        struct {
            uint32_t chain;
            uint64_t seq;
        } damaged;
        const struct roster *roster; // ROSTER: borrowed from now on; the former one is released by
                                     // the caller afterwards
        struct span roster_copy;
        const uint8_t *roster_hash; // ROSTER_ASK: ID_LEN bytes
        bool new_epoch; // OWN_LOG_CLEAR: the store may be older than what was published; begin the
                        // next epoch
        struct {
            const struct key_ref *list; // the most wanted first: those beyond ENGINE_KEYS_MAX are
                                        // left out
            size_t count;
        } keys_wanted;
        struct {
            uint64_t cookie; // of the note; one that is not known any more does nothing
            enum key_verdict verdict;
            const struct sealed_key *sealed; // KEY_ANSWER: to the requester's transport key
        } key_verdict;
    };
};

enum { ENGINE_PUBLISH_MAX = 256, ENGINE_KEYS_MAX = 64, ENGINE_SEARCH_MAX = 1024 };

// Commit these records and chains in one transaction.
struct effect_persist {
    uint64_t ticket; // ascending; 0 when there is nothing to persist in this step
    const struct record *records;
    size_t records_count;
    const struct chain *chains; // new or changed; to be written as they stand
    size_t chains_count;
    bool is_repair; // records replace damaged ones of the same chain and seq; their arrival is kept
                    // where it is known
};

struct effect_send { // to one peer, over the sync plane
    uint32_t peer;
    uint8_t lane; // LANE_CONTROL, or the precedence of what it carries [17.1]
    struct span bytes;
    bool is_beacon; // the next one says the same: where nothing passes now it may be left out
};

struct effect_publish { // to the live plane
    uint8_t precedence;
    uint8_t group[TAG_LEN];
    struct span bytes;
};

struct effect_read { // answer with EVENT_RECORDS, soon, in any order
    uint64_t tag;
    uint32_t chain; // entries below its first_seq lie in its parent
    uint64_t from;
    uint32_t count_max;
    uint32_t bytes_max; // of sealed bytes; the first record comes whatever its size
    // A search: the last entry from `from` down to `to` that `selection` takes, and those behind it
    // up to the first that is signed. It may be given up after ENGINE_SEARCH_MAX entries.
    bool is_search;
    uint64_t to;
    struct selection selection;
};

enum note_type {
    NOTE_PUBLISHED,      // cookie, epoch, seq (the last), index (how many, consecutive): durable
    NOTE_PUBLISH_FAILED, // cookie, err: nothing of that publication was kept; ERR_DENIED: this node
                         // is revoked
    NOTE_STORED,    // peer, chain, seq, index: `index` entries up to seq, written by another node,
                    // became durable; none of those beyond a revocation
    NOTE_REFUSED,   // peer, reason: something a peer sent was refused
    NOTE_FORK,      // chain (the branch), seq: where it leaves its parent
    NOTE_DAMAGED,   // chain, seq: found damaged, being fetched again
    NOTE_REPAIRED,  // chain, seq
    NOTE_CONVERGED, // peer: same fingerprint
    NOTE_ROSTER_SEEN,   // peer, bytes: a signed roster, not yet checked against ours
    NOTE_ROSTER_WANTED, // peer, and seq, the version, or has_hash and hash: it asks for the rosters
                        // of that version, or that one; answer each with EVENT_ROSTER_COPY
    NOTE_ROSTER_TOLD, // peer, hash: a roster in force there, of no higher version than ours; if it
                      // is not known here, answer with EVENT_ROSTER_ASK
    NOTE_OWN_LOG_READY, // publishing may begin
    NOTE_KEY_WANTED,    // peer, index: the node that wants it, sealed_key: group and key alone,
                        // cookie: answer with EVENT_KEY_VERDICT
    NOTE_LINE, // peer, rate: what it says the line passes, in bit/s, after it came up and whenever
               // that changes; 0: nothing. Never in an exercise.
    NOTE_KEY_CAME, // peer, sealed_key: an answer to a question of this node, as it came; to be
                   // opened and held against its group. As long as the key is in the list of
                   // EVENT_KEYS_WANTED others are asked.
};

enum refusal {
    REFUSED_MALFORMED,
    REFUSED_UNKNOWN_AUTHOR,
    REFUSED_REVOKED,
    REFUSED_SIGNATURE,
    REFUSED_LIMIT,
    REFUSED_UNKNOWN_PREV,
    REFUSED_UNEXPECTED,
    REFUSED_BRANCHES,
    REFUSALS
};
const char *refusal_text(enum refusal refusal);

struct note {
    enum note_type type;
    uint32_t peer;
    uint32_t chain;
    uint64_t epoch;
    uint64_t seq;
    uint64_t cookie;
    size_t index;
    uint32_t rate;
    enum err err;
    enum refusal refusal;
    struct span bytes;
    struct sealed_key sealed_key;
    bool has_hash;
    uint8_t hash[ID_LEN]; // of a roster
};

struct effects {
    struct effect_persist persist;
    const struct effect_send *sends;
    size_t sends_count;
    const struct effect_publish *publishes;
    size_t publishes_count;
    const struct effect_read *reads;
    size_t reads_count;
    const struct note *notes;
    size_t notes_count;
};

// Takes one event. `effects` is filled, and valid until the next step.
void engine_step(struct engine *engine, const struct event *event, struct effects *effects);

// When the engine wants its next EVENT_TICK, on the clock of now_ms.
uint64_t engine_deadline_ms(const struct engine *engine);

enum peer_state {
    PEER_DOWN,       // no link
    PEER_UNVERIFIED, // a link, but nothing valid has come over it yet
    PEER_SYNCING,    // both talk, and differ
    PEER_CONVERGED,  // both hold the same entries, proven by fingerprint
    PEER_SILENT,     // a link, but nothing has come for as long as three beacons take, ours or its
};
const char *peer_state_text(enum peer_state state);

struct peer_status {
    uint32_t peer;
    enum peer_state state;
    bool has_fingerprint;
    uint8_t fingerprint[FINGERPRINT_LEN]; // what it last said
    uint64_t missing_here;                // entries it has, by its heads, that are not durable here
    uint64_t missing_there;               // and it has not shown to hold what was sent to it
    uint32_t rtt_ms;                      // last measured; UINT32_MAX when unknown
    int64_t clock_offset_ms; // its clock is so much ahead of ours, by beacons, give or take half of
    uint32_t clock_rtt_ms;   // the round trip they took; UINT32_MAX: unknown
    uint32_t beacon_ms;      // from one beacon to it to the next, at most
    uint64_t last_frame_ms;  // wall clock of the last valid message; 0 never
    uint64_t last_entry_ms;  // wall clock of the last verified entry that came from it; 0 never
    uint64_t roster_version;
    uint64_t refused[REFUSALS];
    uint64_t bytes_in, bytes_out; // of messages
};

struct engine_status {
    uint8_t fingerprint[FINGERPRINT_LEN];
    uint64_t entries;     // durable, without a gap, and counting
    uint64_t ahead;       // held ahead of gaps, and counting
    uint64_t quarantined; // held, but beyond a revocation: never told or shown as others are
    uint32_t chains;
    uint32_t forks;     // of what counts
    uint32_t own_chain; // CHAIN_NONE before the first entry
    uint64_t own_epoch;
    uint64_t own_head; // durable
    uint64_t own_next; // seq the next published entry will have
    bool is_own_log_ready;
    bool is_store_failed;
    bool is_revoked; // this node is: it publishes nothing more
    size_t memory;   // bytes the engine has allocated
};

void engine_get_status(const struct engine *engine, struct engine_status *status);
// Errors: ERR_NOT_FOUND (never heard of).
CHECKED enum err engine_get_peer(const struct engine *engine, uint32_t peer,
                                 struct peer_status *status);
// How far peers have said they hold one node's log, of what counts and lacks no branch here.
struct engine_claims {
    uint64_t epoch, seq; // the furthest place one of them claims; 0, 0 when none claims anything
    uint64_t missing;    // the most entries that one of them claims and are not durable here
};
// `author` is an index of the roster.
void engine_get_claims(const struct engine *engine, uint32_t author, struct engine_claims *claims);
// What one peer has of an entry, as far as this node can tell: it said so, or the entry was sent.
enum peer_claim { CLAIM_NONE, CLAIM_SENT, CLAIM_HELD };
// Of the peer of that index, and the entry `seq`, which lies in that chain and is durable here.
// CLAIM_NONE of peers never heard of.
enum peer_claim engine_get_claim(const struct engine *engine, uint32_t index, uint32_t chain,
                                 uint64_t seq);
// Errors: ERR_NOT_FOUND.
CHECKED enum err engine_get_chain(const struct engine *engine, uint32_t number,
                                  struct chain *chain);

#endif
