// SPDX-License-Identifier: EUPL-1.2
// One space of the node: the real world, or an exercise [3.8]. Its store, its engine, its desk, and
// what is on its way between them. What all spaces share is the node's.
//
//   space.c       opens and closes it
//   steps.c       one event into the engine, its effects carried out
//   errands.c     what the API's threads ask for
//   publishing.c  publications: in pieces the engine takes, under the guard's ceiling
//   upkeep.c      what is done every second
//   envelope.c    frames of an exercise on links that others use, too
//   ending.c      whether an exercise has ended
//
// The loop thread's alone, but for what the desk gives to the API's threads.
#ifndef NODE_SPACE_H
#define NODE_SPACE_H

#include <stdbool.h>

#include "errand.h"
#include "groups/groups.h"
#include "home/home.h"
#include "sitrep/engine.h"
#include "store/store.h"

struct node;

// What was heard of a peer in an exercise, on the clock of clock_now_ms; 0: nothing.
struct contact {
    uint64_t heard_ms;
    uint64_t knocked_ms; // when it was last spoken to, unheard
};

enum { READS_MAX = 8192, CHUNKS_MAX = 512 };

struct chunk { // a piece of a publication that the engine has
    struct errand *errand;
    size_t first, count;
};

struct space {
    struct node *node;           // whose it is
    size_t slot;                 // where the crash handler finds its store's path
    char name[NAME_MAX_LEN + 1]; // of the exercise; "": the real world
    uint8_t id[ID_LEN];
    struct store *store;
    struct engine *engine;
    struct groups *groups;
    struct desk *desk;
    struct receipts *receipts; // NULL: none are written

    struct effect_read reads[READS_MAX]; // ring: reads the engine asked for
    uint32_t reads_first, reads_count;
    struct record_set records;

    struct errand *waiting;          // publications not yet wholly handed to the engine, in order
    struct chunk chunks[CHUNKS_MAX]; // by cookie modulo CHUNKS_MAX
    uint64_t next_cookie, done_cookie;
    struct guard guard;
    bool is_suspicious; // the store may be older than what was published from here
    uint64_t published_ms;
    uint64_t own_log_deadline_ms; // 0: the wait for the own log is over

    bool is_store_failed;
    bool was_rebuilt;     // the store, at this start
    uint32_t scrub_chain; // CHAIN_NONE: the records as they lie
    uint64_t scrub_at;
    uint32_t chains_max;
    uint64_t damaged, repaired;
    uint64_t sealed_bytes, sealed_count; // of entries that became known since the start

    // of an exercise alone
    struct contact *contacts; // by roster index
    uint8_t *frame;           // MESSAGE_MAX bytes
    bool is_stopped;          // it is about to be closed
    size_t keys_count;        // of all members, when they were last looked at
    uint64_t looked;          // arrivals up to here were looked at for its end
    struct exercise_end end;
};

// Opens the store, the engine and the desk of the real world (""), or of the exercise of that name;
// the node has its keys and its roster. On failure a sentence for a person has been written to
// stderr, and *space is to be closed all the same. Errors: ERR_NO_SPACE, ERR_STATE, ERR_IO,
// ERR_CORRUPT.
CHECKED enum err space_open(struct space **space, struct node *node, const char *name);
bool space_is_exercise(const struct space *space);
const char *space_title(const struct space *space); // its name for people
// Loads the guard and begins the wait for the own log; the transport is open. Once, after
// space_open. Without memory or threads no receipts are written, with a word in the log.
void space_begin(struct space *space);
// What holds of the link to a peer now, for its engine.
void space_set_line(struct space *space, uint32_t peer, const struct link_settings *settings);
// From now on nothing waits for this space, and what is asked of it is answered with ERR_STATE.
void space_stop(struct space *space);
// Frees everything; nobody uses the desk any longer.
void space_close(struct space **handle);
// The store is damaged beyond mending entry by entry: the next start rebuilds it, and is due now.
void space_mark_suspect(struct space *space);
// So it is after a crash in the store, too. Errors: ERR_IO.
CHECKED enum err space_watch_crashes(void);

// steps.c: feeds one event and carries out its effects, and those of the reads they ask for.
void space_step(struct space *space, struct event *event);
// What the store has made durable.
void space_take_results(struct space *space);

// Groups stand otherwise than before, or keys came.
void space_take_groups(struct space *space);

// errands.c
void space_take_errands(struct space *space);

// publishing.c
void publishing_add(struct space *space, struct errand *errand);
void publishing_continue(struct space *space);
void publishing_done(struct space *space, const struct note *note);
void publishing_stop(struct space *space);
void publishing_load_guard(struct space *space);
void publishing_tighten_guard(struct space *space);

// envelope.c: to a peer, and to the live plane.
void space_send(struct space *space, const struct effect_send *send);
void space_publish(struct space *space, const struct effect_publish *effect);
// The space a frame from `peer` is of, and the message in it; NULL when this node does not hold it.
struct space *envelope_open(struct node *node, uint32_t peer, struct span *frame);
void envelope_peer_changed(struct space *space, uint32_t peer); // its link came, or went
bool envelope_is_heard(const struct space *space, uint32_t peer, uint64_t now_ms);

// ending.c: looks at what has become durable since the last call.
void ending_look(struct space *space);
void ending_look_again(struct space *space); // at all of it
bool ending_is_kind(struct span kind);
void ending_use_roster(struct space *space); // what is revoked ends nothing

// upkeep.c
void space_look_for_damage(struct space *space); // all of it at once, after a rebuild

#endif
