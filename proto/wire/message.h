// SPDX-License-Identifier: EUPL-1.2
// The messages of the sync plane. PROTOCOL.md 8. Lists are walked in place: begin, next until it
// says no, then finish.
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include <stdbool.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/invitation.h"
#include "sitrep/limits.h"
#include "sitrep/roster.h"
#include "sitrep/selection.h"
#include "wire/run.h"

enum message_type {
    MESSAGE_BEACON = 1,
    MESSAGE_HEADS = 2,
    MESSAGE_WANT = 3,
    MESSAGE_CREDIT = 4,
    MESSAGE_RUNS = 5,
    MESSAGE_ROSTER = 6,
    MESSAGE_ROSTER_WANT = 7,
    MESSAGE_TRACE = 8,
    MESSAGE_TRACED = 9,
    MESSAGE_KEY_WANT = 10,
    MESSAGE_KEY = 11,
    MESSAGE_ROSTER_IS = 12,
    MESSAGE_PART = 13, // part.h
    MESSAGE_HELD = 14,
    MESSAGE_SPACE = 15,
    MESSAGE_PARCEL = 16, // parcel.h
};

struct message_beacon {
    uint8_t fingerprint[FINGERPRINT_LEN];
    uint64_t roster_version;
    uint8_t roster_tag[TAG_LEN]; // roster_tag for time_ms
    uint64_t time_ms;
    uint64_t echo_ms; // 0 when none
    uint64_t held_ms;
    uint32_t rate;        // bit/s its sender was told the line to the receiver passes; 0: not told
    uint32_t interval_ms; // until its next one, at most
};

// What goes without saying of the interval, and the longest one.
enum { BEACON_USUAL_MS = 1000, BEACON_INTERVAL_MAX_MS = 600000 };

struct message_heads { // the fixed part
    bool reply;
    uint32_t first, last; // author indexes; first > last claims no range
};

struct message_head {
    uint32_t author;
    uint64_t epoch, seq; // seq >= 1
    uint8_t id[TAG_LEN];
};

// What of the ranges goes before all else, the newest first [8.12].
struct message_pick {
    struct selection selection;
    uint8_t newest; // so many last entries of each range too, whatever their precedence
    bool only;      // nothing else of the ranges is wanted
};

struct message_stretch { // entries that lie ahead of a gap
    uint32_t author;
    uint64_t epoch, first, last; // 1 <= first <= last
    uint8_t id[TAG_LEN];         // of the last
};

enum { STRETCHES_MAX = 64 }; // in one want [8.12]

struct message_wants { // the fixed part
    bool restart;
    uint64_t credit; // at most CREDIT_MAX
    bool has_pick;   // else nothing is picked, nor said of what is held
    struct message_pick pick;
    size_t held_count; // at most STRETCHES_MAX
    struct message_stretch held[STRETCHES_MAX];
};

struct message_want {
    uint32_t author;
    uint64_t epoch, from, to; // 1 <= from <= to
    bool has_tip;
    uint8_t tip[TAG_LEN];
};

// A question for the id at seq `at`, or with `is_answer` the answer to it.
struct message_trace {
    uint32_t author;
    uint64_t epoch, to, at; // 1 <= at <= to
    uint8_t tip[TAG_LEN];
    bool is_answer;
    bool has_id;
    uint8_t id[TAG_LEN];
};

// A question for a group key. It may come from another node than the one that wants it.
struct message_key_want {
    uint32_t requester; // index of the node that wants the key
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
    uint8_t hops; // how often it may still be passed on, at most KEY_HOPS_MAX
};

struct message_key {
    uint32_t requester;
    struct sealed_key sealed; // to the requester's transport key
};

// A question for a roster: for that hash, or for what the peer has of a version.
struct message_roster_want {
    bool has_hash;
    uint64_t version; // without a hash
    uint8_t hash[ID_LEN];
};

// The rosters in force at the sender, ascending by hash.
struct message_roster_is {
    size_t count; // at least 1
    uint8_t hashes[ROSTER_PARENTS_MAX][ID_LEN];
};

// A message of another space, not looked into.
struct message_space {
    uint8_t space[TAG_LEN]; // how its id begins
    struct span message;    // 1..MESSAGE_WRAPPED_MAX bytes
};

#define CREDIT_MAX (UINT64_C(1) << 32) // bytes

// A message being read. `type` is set by message_read; 0 when the bytes are not even a message.
struct message_reader {
    enum message_type type;
    size_t fields; // the type included
    struct cbor_reader cbor;
    bool is_long;               // a beacon or a want in its longer form
    size_t left;                // items of the list still to come
    struct message_heads heads; // what a list of heads is held against
    struct message_head before;
    bool has_before;
};

// Starts reading; `bytes` stay alive. Unknown types are given as they are (a number not in the
// enum), and nothing behind the number is looked at.
void message_read(struct message_reader *reader, struct span bytes);
// Whether it says that it is about messages, and so the pacer's: a part, what is held, a parcel.
bool message_is_for_pacer(struct span bytes);
// ERR_OK when everything was consumed and well formed.
CHECKED enum err message_finish(const struct message_reader *reader);

void message_get_beacon(struct message_reader *reader, struct message_beacon *beacon);
void message_get_heads(struct message_reader *reader, struct message_heads *heads);
// The order heads have in a message [8.3], as qsort wants it: of two struct message_head.
int message_head_compare(const void *left, const void *right);
bool message_next_head(struct message_reader *reader, struct message_head *head);
void message_get_wants(struct message_reader *reader, struct message_wants *wants);
bool message_next_want(struct message_reader *reader, struct message_want *want);
uint64_t message_get_credit(struct message_reader *reader);
void message_get_runs(struct message_reader *reader);
bool message_next_run(struct message_reader *reader, struct run *run);
struct span message_get_roster(struct message_reader *reader);
void message_get_roster_want(struct message_reader *reader, struct message_roster_want *want);
void message_get_roster_is(struct message_reader *reader, struct message_roster_is *is);
void message_get_trace(struct message_reader *reader, struct message_trace *trace); // and traced

// Each writes one whole message to the writer's buffer, or marks it full. Heads are ascending by
// author, epoch, seq and id; two that look the same on the wire are written once.
void message_put_beacon(struct cbor_writer *writer, const struct message_beacon *beacon);
void message_put_heads(struct cbor_writer *writer, const struct message_heads *fixed,
                       const struct message_head *heads, size_t count);
void message_put_wants(struct cbor_writer *writer, const struct message_wants *fixed,
                       const struct message_want *wants, size_t count);
void message_put_credit(struct cbor_writer *writer, uint64_t bytes);
// The head of a runs message; `count` calls of run_encode follow.
void message_put_runs(struct cbor_writer *writer, size_t count);
void message_put_roster(struct cbor_writer *writer, struct span signed_roster);
void message_put_roster_want(struct cbor_writer *writer, const struct message_roster_want *want);
void message_put_roster_is(struct cbor_writer *writer, const uint8_t (*hashes)[ID_LEN],
                           size_t count);
void message_put_trace(struct cbor_writer *writer, const struct message_trace *trace);

// Whether the requester may have the key is for group_entitled, and whether it is the right one for
// group_check_key.
void message_get_key_want(struct message_reader *reader, struct message_key_want *want);
void message_put_key_want(struct cbor_writer *writer, const struct message_key_want *want);
void message_get_key(struct message_reader *reader, struct message_key *key);
void message_put_key(struct cbor_writer *writer, const struct message_key *key);
void message_get_space(struct message_reader *reader, struct message_space *space);
void message_put_space(struct cbor_writer *writer, const struct message_space *space);

#endif
