// SPDX-License-Identifier: EUPL-1.2
// What the engine's parts share: its tables, and each part's door to the others. Nothing outside
// proto/sync sees this.
//
//   chains.c    the chains held, their heads, the entries ahead of gaps
//   ledger.c    what was handed to the store and is not yet durable
//   outbox.c    the effects of one step
//   peers.c     links and beacons
//   heads.c     heads told and heard: what each peer is known to hold
//   fetch.c     what to ask of whom: wants, credit, time-outs
//   sparse.c    the same of peers from which only some entries are wanted
//   intake.c    runs that arrive: rebuilt, verified, placed
//   quarantine.c where a revocation ends a log
//   lookup.c    which chain holds a given id at a given seq
//   search.c    where an unknown branch leaves what is held
//   serve.c     what peers asked for
//   pick.c      what of it goes first, and what of it they hold already
//   spread.c    what became durable, sent unasked
//   compose.c   runs made of records, for both
//   own_log.c   publishing, and when it may begin
//   clock.c     by which clock
//   repair.c    damaged entries fetched again
//   keys.c      group keys asked for, passed on, and brought back
#ifndef SYNC_STATE_H
#define SYNC_STATE_H

#include "sitrep/engine.h"
#include "wire/message.h"
#include "wire/run.h"

#define NONE UINT32_MAX
#define NEVER UINT64_MAX

enum {
    LOOKUPS_MAX = 256, // questions to the store under way: 4 for each of the 64 peers
    SEARCHES_MAX = 32, // branches being located at once
    SERVES_MAX = 256,  // ranges one peer may have asked for; also the wants in one message
    REPAIRS_MAX = 64,  // damaged entries being fetched again
    REPAIR_NEIGHBOURS = 2 * RUN_ENTRIES_MAX, // the runs that can cover an entry lie within
    LEDGER_MAX =
        8192, // persists under way x chains each touches: 16 MiB of 64 KiB frames with 32 runs each
    TENTATIVE_MAX = 8, // chains of one author that peers claim and nothing has come of yet
    AUTHOR_SHARE = 8,  // one author's chains are at most this part of all there is room for
    UNSTORED_MAX =
        16 * 1024 *
        1024, // bytes handed to the store and not yet durable; above it no credit is given
    KEY_QUESTIONS_MAX = 512, // for keys, of peers, remembered at once
    KEY_QUESTIONS_OF_PEER = 32,
    KEY_ASKERS_MAX = 8,     // peers that ask the same, and are answered
    KEY_ANSWERERS_MAX = 16, // peers whose answers to one question are passed back
    KEY_ANSWERS_MAX = 64,   // different answers to one question that are passed back
    PEER_HELD_MAX = 128,    // stretches a peer is remembered to hold ahead of gaps
    READ_BYTES = 48 * 1024, // sealed bytes asked of the store for one message
    READ_RECORDS = 512,
    OUTBOX_SENDS = 1024,
    OUTBOX_PUBLISHES = 256,
    OUTBOX_READS = 512,
    OUTBOX_NOTES = 2048,
    OUTBOX_RECORDS = 2048, // more than a message of smallest entries: 96 KiB / (49 + 6)
    OUTBOX_CHAINS = 2048,
    OUTBOX_BYTES = 6 * 1024 * 1024,
};

// Of one run's entries, some of which may be stored in two places again (repair.c).
enum { RUN_RECORDS_MAX = 2 * RUN_ENTRIES_MAX };

static_assert(OUTBOX_RECORDS > MESSAGE_MAX / (SEALED_MIN + 6) + RUN_RECORDS_MAX,
              "one message's entries fit one step");

// -- chains --

struct ahead { // an entry held ahead of a gap
    uint64_t seq;
    uint8_t id[ID_LEN];
    uint8_t prev[ID_LEN];
    uint64_t ticket; // durable when the ledger has passed it
    uint32_t next;   // in ascending seq; also the free list
};

struct tracked {
    struct chain now; // with what was handed to the store
    uint64_t durable_seq;
    uint8_t durable_id[ID_LEN];
    uint64_t limit;       // the last seq that counts [5.11]; SEQ_MAX unless its author is revoked
    uint64_t counted_seq; // durable, and counting: what is told; first_seq - 1 where nothing is
    uint8_t counted_id[ID_LEN];
    uint8_t limit_id[ID_LEN]; // of the entry at `limit`
    bool has_limit_id;
    bool is_limit_read;             // the store is being asked for it
    bool is_limit_behind;           // by the entry behind it, whose prev it is
    uint32_t limit_serial;          // of that read
    uint64_t limit_due_ms;          // not asked for again before
    uint8_t print[FINGERPRINT_LEN]; // its part of the fingerprint
    uint32_t author;                // roster index
    uint32_t sibling;               // next chain of the same author, or NONE
    uint32_t ahead_first, ahead_last;
    uint32_t ahead_count;
    bool has_first_id; // a branch: only an entry with this id begins it, not another chain's
    uint8_t first_id[TAG_LEN];
    bool is_stored;                 // a row of it was handed to the store
    bool is_durable;                // and is durable
    bool is_dirty;                  // changed in this step
    uint32_t fetch_peer;            // slot of who was asked for what is missing, or NONE
    uint64_t fetch_to, fetch_asked; // what it is to send, and up to where it was told so
};

// -- peers --

struct claim { // what a peer says it holds of a chain, or was sent unasked behind that
    uint64_t seq;
    uint64_t shown; // of that, what it said
    uint8_t tip[TAG_LEN];
    bool has_tip;
    uint64_t asked; // up to where some entries were asked for, of a peer of which only they are
                    // wanted
};

struct run_end { // the last entry of the last authentic run from a peer: the next run follows it
                 // most often
    uint32_t author;
    uint64_t epoch, seq;
    uint8_t id[ID_LEN];
};

struct serve { // a range a peer asked for
    uint32_t author;
    uint32_t chain; // NONE until the tip was looked up
    uint64_t epoch, next, to;
    bool has_tip, is_first;
    uint8_t lane; // of all its runs, as each names the one before it by 8 bytes
    uint8_t tip[TAG_LEN];
    bool has_pick, is_only;          // some of it goes first; nothing else of it goes
    uint64_t pick_from, pick_next;   // where it is still looked for, downwards; none when crossed
    uint64_t newest_from, newest_to; // then all of these; from 0: none
    struct message_stretch skipped;  // just before `next`; first 0: nothing
};

struct peer {
    uint32_t index;
    struct link_settings line;
    uint32_t told_rate, told_interval_ms; // by its last beacon; 0: nothing
    bool is_up;
    bool is_heard;
    bool has_lanes; // what it says may overtake what it said
    bool has_fingerprint;
    bool is_converged;
    bool wants_changed; // a want has to be sent
    bool wants_restart;
    bool is_reading;    // a read for it is under way
    bool was_asked;     // for its heads
    bool was_differing; // at the beacon before
    uint8_t fingerprint[FINGERPRINT_LEN];
    uint64_t roster_version;
    bool has_our_roster;  // the same in force there as here, by its last beacon
    struct claim *claims; // by chain
    struct run_end run_end;
    uint64_t beacon_ms; // when the next beacon is due
    uint64_t beacon_sent_ms;
    uint64_t heads_sent_ms;
    uint64_t heads_due_ms;    // when to ask for its heads; NEVER: not
    uint64_t heard_ms;        // monotonic
    uint64_t entry_ms;        // monotonic: an entry came from it
    uint64_t told_version;    // our fingerprint_version in the last beacon to it
    uint64_t matched_version; // our fingerprint_version when it was last equal to the peer's
    uint64_t last_frame_wall_ms, last_entry_wall_ms;
    uint64_t echo_time, echo_at_ms;
    uint32_t rtt_ms;
    int64_t clock_offset_ms;  // of its wall clock, ahead of ours, by the best beacon
    uint32_t clock_rtt_ms;    // the round trip that this rests on; UINT32_MAX: on none
    uint64_t clock_at_ms;     // monotonic, when
    uint32_t rtt_least_ms[2]; // in this period and the one before; UINT32_MAX where none
    uint64_t rtt_since_ms;
    int64_t granted;     // credit it still has from us
    int64_t window;      // the most it gets at once, by how fast it delivers
    uint64_t pace_ms;    // since when
    uint64_t pace_bytes; // came
    uint32_t fetching;   // chains asked of it
    uint64_t fetch_deadline_ms;
    uint64_t stalled_until_ms;
    uint64_t restart_until_ms; // runs asked for before a restart may still come
    uint32_t stalls;
    int64_t credit;       // what it lets us send
    struct serve *serves; // SERVES_MAX
    uint32_t serves_count, serve_turn;
    uint32_t read_serial;
    uint64_t read_until;        // the held entry before which the read under way ends; 0: none
    struct selection selection; // of what goes first, or alone
    bool takes_only;            // it wants nothing else of this node
    uint64_t passed_ms;         // when a thin line has passed the entries sent over it, about
    uint8_t slowest_lane;       // of what was pushed since its fingerprint was ours; LANES: nothing
    bool was_told_only;         // this node told it so
    uint64_t asked_ms;          // when all of it was last asked for; 0: not yet
    bool asked_newest;
    uint64_t serve_due_ms;                      // nothing is read for it before
    uint64_t pick_asked;                        // from where, by the read under way
    struct message_stretch held[PEER_HELD_MAX]; // ahead of gaps there, or on the way there
    size_t held_count;
    uint32_t key_answers; // to questions of this node, that are taken from it
    uint64_t refused[REFUSALS];
    uint64_t bytes_in, bytes_out;
};

// -- questions --

enum lookup_purpose { LOOKUP_TIP, LOOKUP_SEARCH, LOOKUP_SERVE, LOOKUP_TRACE };

struct lookup {
    bool is_used;
    enum lookup_purpose purpose;
    uint32_t peer;
    uint32_t author;
    uint64_t epoch, seq;
    uint8_t id[TAG_LEN];
    uint32_t chain; // being asked
    uint32_t owner; // search or serve
    uint32_t read_serial;
    uint64_t at;    // LOOKUP_TRACE: whose id is wanted
    bool is_unsure; // a chain may hold it, in what is not yet durable
};

struct search {
    bool is_used;
    uint32_t peer, author;
    uint64_t epoch, tip_seq;
    uint8_t tip[TAG_LEN];
    uint64_t low, high, middle; // held at low; not held at high
    bool is_high_tested;        // else high is only behind all that is held
    bool is_confirming;         // asking once more whether what the peer holds at high is new
    bool is_clipping;           // asking only what the peer holds where the log is cut off [5.16]
    uint8_t high_id[TAG_LEN];   // what the peer holds there
    uint8_t middle_id[TAG_LEN];
    uint32_t low_chain;
    uint8_t low_id[ID_LEN];
    uint64_t deadline_ms;
};

struct repair { // an entry to be fetched again
    bool is_used;
    bool is_asking; // else its neighbours are being read
    bool is_alone;  // next time it is asked for by its own id
    uint32_t read_serial;
    uint32_t chain; // that holds it
    uint32_t place; // the chain under which the store found it damaged
    uint64_t seq;
    uint64_t first;                         // of the neighbours
    uint64_t next;                          // to be read
    uint8_t ids[REPAIR_NEIGHBOURS][ID_LEN]; // from first on
    bool is_known[REPAIR_NEIGHBOURS];       // checked: a run that ends in it is of this chain
    uint32_t peer;
    uint64_t deadline_ms;
};

// -- keys --

struct key_wanted { // a key this node lacks
    struct key_ref key;
    uint32_t turn;  // slot of the next peer to be asked
    uint32_t round; // how often all were asked
    uint64_t due_ms;
};

enum key_question_state {
    QUESTION_NOTED,    // the shell has not judged it yet
    QUESTION_ANSWERED, // by this node's shell
    QUESTION_DENIED,
    QUESTION_PASSED
};

struct key_question { // of a peer, for itself or for another node
    bool is_used;
    enum key_question_state state;
    uint32_t requester;
    struct key_ref key;
    uint8_t hops; // the most it came with
    uint32_t serial;
    uint64_t noted_ms;
    uint32_t askers[KEY_ASKERS_MAX]; // peers; the first is who it is counted for
    size_t askers_count;
    struct sealed_key answer; // ANSWERED
    struct {
        uint32_t peer;
        uint32_t count;
    } answerers[KEY_ANSWERERS_MAX]; // PASSED
    size_t answerers_count;
    uint8_t answers[KEY_ANSWERS_MAX][TAG_LEN]; // how those passed back begin
    size_t answers_count;
};

// -- ledger --

struct ledger_line {
    uint64_t ticket;
    uint32_t chain;
    uint32_t peer; // who sent it, or NONE: our own
    uint64_t head_seq;
    uint8_t head_id[ID_LEN];
    uint32_t records;
    uint32_t bytes;
    uint64_t from, to;  // of the records
    uint8_t precedence; // the most urgent of them
    uint64_t cookie;    // of a publication
    bool is_publication;
};

// -- outbox --

struct outbox {
    struct effects effects;
    uint8_t *bytes;
    size_t bytes_used;
    struct effect_send *sends;
    struct effect_publish *publishes;
    struct effect_read *reads;
    struct note *notes;
    struct record *records;
    struct chain *chains;
    size_t sends_count, publishes_count, reads_count, notes_count, records_count, chains_count;
    bool is_repair;
};

struct engine {
    struct engine_options options;
    struct engine_limits limits;
    const struct roster *roster;
    uint32_t self;
    uint64_t now_ms, wall_ms;
    uint64_t hybrid_time;

    struct tracked *chains;
    uint32_t chains_count, chains_capacity;
    uint32_t *author_chain; // by roster index: its first chain
    uint32_t authors_capacity;
    struct ahead *aheads;
    uint32_t ahead_free;
    uint32_t aheads_count;
    uint8_t fingerprint[FINGERPRINT_LEN];
    uint64_t fingerprint_version; // changes with it
    uint64_t entries;
    bool is_limit_due; // of some chain the id at its limit is not known

    struct peer *peers;
    uint32_t peers_count;
    uint32_t *peer_slot; // by roster index, NONE

    struct lookup lookups[LOOKUPS_MAX];
    struct search searches[SEARCHES_MAX];
    struct repair repairs[REPAIRS_MAX];
    uint32_t repairs_count;
    uint32_t author_fetching[NODES_MAX]; // chains of that author that are asked for
    uint64_t author_served[NODES_MAX];   // when one was read for a peer, by `serve_serial`
    uint64_t serve_serial;
    bool is_catching_up;     // something was asked for, and not all of it is durable
    bool fetch_is_due;       // claims or heads changed: assign anew
    uint64_t fetch_retry_ms; // when a stalled peer may be asked again

    struct ledger_line *ledger; // ring
    uint32_t ledger_head, ledger_count;
    uint64_t next_ticket;
    uint64_t unstored_bytes;
    bool is_store_failed;

    uint64_t own_epoch;
    bool is_own_log_ready;
    bool is_own_compared; // with what at least one peer holds of it

    struct key_wanted keys_wanted[ENGINE_KEYS_MAX];
    size_t keys_wanted_count;
    struct key_question key_questions[KEY_QUESTIONS_MAX];
    uint32_t key_serial;

    struct sealer *sealer;
    uint32_t read_serial;
    struct outbox out;
    size_t memory;
};

// -- chains.c --
enum err chains_init(struct engine *engine);
void chains_fini(struct engine *engine);
CHECKED enum err chains_use_roster(struct engine *engine); // grows the authors' table
struct tracked *chain_at(struct engine *engine, uint32_t number);
// The author's first chain in `epoch` (the main one), or NULL.
struct tracked *chain_of_log(struct engine *engine, uint32_t author, uint64_t epoch);
// The next chain of the same log, or NULL.
struct tracked *chain_next_branch(struct engine *engine, const struct tracked *chain);
// How many of them count: those that begin up to their limit.
uint32_t chain_branches(struct engine *engine, uint32_t author, uint64_t epoch);
// A new chain, known only here until something of it is stored. NULL when a limit is reached.
struct tracked *chain_add(struct engine *engine, uint32_t author, uint64_t epoch);
// A chain of the store, under the number it has there.
CHECKED enum err chain_restore(struct engine *engine, uint32_t author, const struct chain *row);
// The same of one whose author the roster does not name: its number stays taken, nothing counts.
CHECKED enum err chain_keep(struct engine *engine, const struct chain *row);
// Forgets chains that were never handed to the store and that nobody claims any more. Their numbers
// are given anew.
void chains_trim(struct engine *engine);
// The whole chain's head becomes (seq, id), handed to the store in this step.
void chain_advance(struct engine *engine, struct tracked *chain, uint64_t seq,
                   const uint8_t id[static ID_LEN]);
void chain_set_durable(struct engine *engine, struct tracked *chain, uint64_t seq,
                       const uint8_t id[static ID_LEN]);
// What counts of it anew, and with it the fingerprint: when more became durable, or its limit
// moved.
void chain_recount(struct engine *engine, struct tracked *chain);
// Told of each entry that is placed in the chain: the one at its limit is remembered.
void chain_learn_limit(struct tracked *chain, uint64_t seq, const uint8_t id[static ID_LEN]);
struct ahead *ahead_find(struct engine *engine, const struct tracked *chain, uint64_t seq);
CHECKED enum err ahead_add(struct engine *engine, struct tracked *chain,
                           const struct record *record, uint64_t ticket);
void ahead_remove(struct engine *engine, struct tracked *chain, uint64_t seq);
// Moves the head over entries that were ahead and now follow it. Drops those that turn out to be of
// another branch.
void chain_absorb(struct engine *engine, struct tracked *chain);

// -- ledger.c --
enum err ledger_init(struct engine *engine);
void ledger_fini(struct engine *engine);
bool ledger_has_room(const struct engine *engine, uint32_t lines);
void ledger_add(struct engine *engine, const struct ledger_line *line);
void ledger_persisted(struct engine *engine, uint64_t ticket);
void ledger_failed(struct engine *engine, uint64_t ticket, enum err err);

// -- outbox.c --
enum err outbox_init(struct engine *engine);
void outbox_fini(struct engine *engine);
void outbox_clear(struct engine *engine);
void outbox_finish(struct engine *engine, struct effects *effects); // dirty chains, ticket
// Room for one message: a writer over at most `size` bytes; NULL writer->start when the outbox is
// full.
struct cbor_writer outbox_begin(struct engine *engine, size_t size);
bool outbox_send(struct engine *engine, struct peer *peer, const struct cbor_writer *writer,
                 uint8_t lane);
void outbox_publish(struct engine *engine, const struct record *first,
                    const struct cbor_writer *writer);
bool outbox_read(struct engine *engine, const struct effect_read *read);
struct record *outbox_record(struct engine *engine); // zeroed; NULL when full
uint64_t outbox_ticket(const struct engine *engine); // of this step's persist
void outbox_note(struct engine *engine, const struct note *note);

// -- peers.c --
enum err peers_init(struct engine *engine);
void peers_fini(struct engine *engine);
CHECKED enum err peers_use_roster(struct engine *engine);
CHECKED enum err peers_grow_claims(struct engine *engine, uint32_t capacity);
struct peer *peer_find(struct engine *engine, uint32_t index);
void peer_up(struct engine *engine, uint32_t index);
void peer_down(struct engine *engine, uint32_t index);
// EVENT_LINE. How often it gets a beacon, and how long an answer of its may take beyond a round
// trip, follow from its rate.
void peer_set_line(struct engine *engine, uint32_t index, const struct link_settings *line);
uint32_t peer_beacon_interval_ms(const struct engine *engine, const struct peer *peer);
uint64_t peer_patience_ms(const struct engine *engine, const struct peer *peer);
void peer_part(struct engine *engine, struct peer *peer); // EVENT_PART
void peer_refuse(struct engine *engine, struct peer *peer, enum refusal refusal);
void peer_beacon(struct engine *engine, struct peer *peer, struct message_reader *reader);
void peer_roster_is(struct engine *engine, struct peer *peer, struct message_reader *reader);
void peer_ask_roster(struct engine *engine, struct peer *peer, const uint8_t *hash);
void peers_tick(struct engine *engine);
void peers_durable_changed(struct engine *engine);
uint64_t peers_deadline_ms(const struct engine *engine);

// -- heads.c --
void peer_heads(struct engine *engine, struct peer *peer, struct message_reader *reader);
// The same message on the live plane: no list of everything, and no answer to ours [8.10].
void peer_hint(struct engine *engine, struct peer *peer, struct message_reader *reader);
// All own heads, to be answered; or, as the answer, those the peer lacks.
void heads_send(struct engine *engine, struct peer *peer, bool reply);
void peer_claim(struct engine *engine, struct peer *peer, struct tracked *chain,
                const struct message_head *tip);
// What a peer says is the head of a chain: found among ours, presumed to continue one, or searched
// for.
void peer_head(struct engine *engine, struct peer *peer, const struct message_head *head);

// -- fetch.c --
void fetch_update(struct engine *engine); // assigns what is missing and sends wants and credit
void fetch_release(struct engine *engine, struct peer *peer); // it no longer delivers
void fetch_received(struct engine *engine, struct peer *peer, size_t bytes);
void fetch_lives(struct engine *engine, struct peer *peer); // something came from it
void fetch_progress(struct engine *engine, struct peer *peer, struct tracked *chain);
void fetch_restart(struct engine *engine, struct peer *peer);
void fetch_tick(struct engine *engine);
void fetch_begin(struct engine *engine, struct peer *peer); // the link is new
void fetch_timed(struct engine *engine, struct peer *peer); // its rtt_ms was measured
uint32_t fetch_least_rtt_ms(const struct peer *peer);       // of late; UINT32_MAX: unknown

void fetch_credit(struct engine *engine, struct peer *peer);
uint64_t fetch_credit_due(const struct engine *engine, const struct peer *peer);
// The entries ahead of gaps that lie in a range.
void fetch_list_held(const struct engine *engine, const struct tracked *chain,
                     const struct message_want *want, struct message_wants *fixed);

// -- sparse.c --
bool peer_is_sparse(const struct peer *peer);
// Asks for what was selected of what the peer holds, once.
void sparse_ask(struct engine *engine, struct peer *peer);
// It is asked again for all of it.
void sparse_restart(struct engine *engine, struct peer *peer);
void claim_forget(struct claim *claim); // but for what was asked

// -- intake.c --
void intake_runs(struct engine *engine, struct peer *peer, struct message_reader *reader,
                 size_t bytes);

// -- quarantine.c --
void quarantine_use_roster(struct engine *engine);
// A head beyond the limit: what the peer holds up to there is found out.
void quarantine_head(struct engine *engine, struct peer *peer, const struct message_head *head,
                     uint64_t limit);
void quarantine_read(struct engine *engine, uint32_t number, const struct event *event);
void quarantine_tick(struct engine *engine);
uint64_t quarantine_deadline_ms(const struct engine *engine);
uint64_t quarantine_count(const struct engine *engine);  // entries held that do not count
uint32_t quarantine_aheads(const struct engine *engine); // of them, ahead of gaps

// -- lookup.c --
bool lookup_start(struct engine *engine, const struct lookup *lookup);
void lookup_answered(struct engine *engine, uint32_t slot, const struct event *event);
void lookup_forget_peer(struct engine *engine, uint32_t peer);
void lookup_forget_beyond(struct engine *engine, uint32_t author, uint64_t epoch, uint64_t limit);
// The tag of a read: whom its answer is for. `serial` tells late answers to a slot's former
// question.
uint64_t read_tag(struct engine *engine, char kind, uint32_t slot, uint32_t *serial);
bool read_is_current(const struct event *event, uint32_t serial);
// The header that was signed, with the record's prev.
void record_header(const struct record *record, const struct chain *chain, struct header *header);
// Whether a record from the store still is the entry it says it is; `prev` is the id before it.
bool record_is_intact(const struct engine *engine, const struct record *record,
                      const uint8_t prev[static ID_LEN]);

// -- search.c --
// is_tested: the tip's own seq was looked up and no chain holds it.
void search_start(struct engine *engine, struct peer *peer, const struct message_head *tip,
                  bool is_tested);
// Asks what the peer holds at `at` of the chain that ends in `tip`.
void search_clip(struct engine *engine, struct peer *peer, const struct message_head *tip,
                 uint64_t at);
// Forgets what is being looked for behind `limit` of a log.
void search_forget_beyond(struct engine *engine, uint32_t author, uint64_t epoch, uint64_t limit);
void search_found(struct engine *engine, const struct lookup *lookup, struct tracked *chain,
                  const struct record *record); // chain NULL: not held
// What it waits for will not be known.
void search_forget(struct engine *engine, const struct lookup *lookup);
void search_traced(struct engine *engine, struct peer *peer, struct message_reader *reader);
void search_tick(struct engine *engine);
bool search_concerns(const struct engine *engine, uint32_t author);
void search_forget_peer(struct engine *engine, uint32_t peer);

// -- compose.c --
struct cut { // what bounds a run
    size_t bytes_max;
    size_t enough;  // it ends at the first signature beyond
    uint64_t limit; // beyond it only what the first signature from there on covers [5.15]
    bool is_own;    // what this node wrote itself it can sign again
};

struct batch_view { // consecutive records that make one run
    const struct record *records;
    size_t count;
};

struct prev { // what a run says of the entry before it [7.5]
    const uint8_t *id;
    uint8_t len;
};

// How many of `records` make the longest run that ends in a signature [7.4]; 0 when there is none.
size_t compose_cut(const struct record *records, size_t count, const struct cut *cut);
// Of the most urgent of them.
uint8_t compose_precedence(struct batch_view view);
void compose_run(const struct engine *engine, struct cbor_writer *writer,
                 const struct tracked *chain, struct batch_view view, struct prev prev);
size_t compose_sealed_bytes(struct batch_view view);
// Whether a run of so many takes the peer's line more than a moment: then its message has to be the
// same whenever it is made [17.6].
bool compose_is_long(const struct peer *peer, size_t sealed_bytes);
// How many of the records are as they were signed. The first that is not is fetched again from
// elsewhere.
size_t compose_intact(struct engine *engine, const struct event *event);

// -- serve.c --
void serve_want(struct engine *engine, struct peer *peer, struct message_reader *reader);
void serve_credit(struct engine *engine, struct peer *peer, struct message_reader *reader);
void serve_resolved(struct engine *engine, const struct lookup *lookup, struct tracked *chain);
void serve_read(struct engine *engine, uint32_t slot, const struct event *event);
void serve_continue(struct engine *engine);
uint64_t serve_deadline_ms(const struct engine *engine);

// The range in that place is done with, or cannot be served.
void serve_drop(struct peer *peer, uint32_t slot);

// -- pick.c --
// A want came; then of each of its ranges what became of it.
void pick_want(struct peer *peer, const struct message_wants *wants);
void pick_range(struct serve *serve, const struct message_want *want,
                const struct message_pick *pick);
// Reads what goes next before all else; false when there is no such thing.
bool pick_continue(struct engine *engine, struct peer *peer);
void pick_read(struct engine *engine, uint32_t slot, const struct event *event);
// What the peer has been sent, or will be, ahead of what it lacks.
void sent_ahead(struct peer *peer, uint32_t author, uint64_t epoch, struct batch_view view);
// Moves a range behind what the peer holds where it goes on.
void skip_held(struct engine *engine, struct peer *peer, struct serve *serve);
// Whether what was skipped is what the peer holds, by the first entry read behind it; else the
// range goes back.
bool skipped_fits(struct peer *peer, struct serve *serve, const struct record *behind);
// The first entry of a range, from where it goes on, that the peer holds; 0: none.
uint64_t next_held(const struct peer *peer, const struct serve *serve);
void forget_held(struct peer *peer, const struct serve *serve, uint64_t first);

// -- spread.c --
// What this node wrote, from..to of a chain of its own, for the live plane.
void spread_live(struct engine *engine, uint32_t chain, uint64_t from, uint64_t to);
void spread_live_read(struct engine *engine, uint32_t number, const struct event *event);
// What became durable goes at once to the peers to which the line is thin, as far as they can use
// it [17.4].
void spread_push(struct engine *engine, const struct ledger_line *line);
void spread_push_read(struct engine *engine, uint32_t number, const struct event *event);

// -- trace.c --
void trace_asked(struct engine *engine, struct peer *peer, struct message_reader *reader);
void trace_found(struct engine *engine, const struct lookup *lookup, struct tracked *chain);
void trace_read(struct engine *engine, uint32_t slot, const struct event *event);

// -- own_log.c --
void own_log_publish(struct engine *engine, const struct event *event);
void own_log_compared(struct engine *engine);
void own_log_clear(struct engine *engine, bool new_epoch);
void own_log_forked(struct engine *engine, uint64_t epoch);

// -- clock.c --
// Goes on behind that time, unless it is more than five minutes ahead of the wall clock.
void clock_follow(struct engine *engine, uint64_t time);
uint64_t clock_next(struct engine *engine);

// -- repair.c --
void repair_start(struct engine *engine, uint32_t number, uint64_t seq);
void repair_read(struct engine *engine, uint32_t slot, const struct event *event);
enum repair_use {
    REPAIR_NONE,
    REPAIR_PART, // some of it mended something; its signature is not among what was handed over
    REPAIR_WHOLE // nothing is left to do with it
};
// Whether the run, already verified, mends a damaged entry; then its records are handed to the
// store.
enum repair_use repair_take(struct engine *engine, struct tracked *log,
                            const struct record *records, size_t count);
void repair_tick(struct engine *engine);

// -- keys.c --
void keys_want(struct engine *engine, const struct event *event);
void keys_judged(struct engine *engine, const struct event *event);
void keys_asked(struct engine *engine, struct peer *peer, struct message_reader *reader);
void keys_answered(struct engine *engine, struct peer *peer, struct message_reader *reader);
void keys_peer_up(struct engine *engine, struct peer *peer);
void keys_use_roster(struct engine *engine); // what was said by the one before is forgotten
void keys_tick(struct engine *engine);
uint64_t keys_deadline_ms(const struct engine *engine);

#endif
