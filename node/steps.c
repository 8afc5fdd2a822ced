// SPDX-License-Identifier: EUPL-1.2
// One event into a space's engine, and its effects carried out in their order. Decides nothing
// about replication.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "node.h"

enum { LATER_MAX = 2 * ROSTER_PARENTS_MAX, RESTART_DELAY_MS = 500 };

static void queue_reads(struct space *space, const struct effects *effects)
{
    for (size_t i = 0; i < effects->reads_count; i++) {
        assert(space->reads_count <
               READS_MAX); // the engine has few under way, and they are answered in this turn
        space->reads[(space->reads_first + space->reads_count++) % READS_MAX] = effects->reads[i];
    }
}

static bool is_wanted(const struct lineage_link *link, const struct note *note)
{
    return note->has_hash ? memcmp(link->hash, note->hash, ID_LEN) == 0
                          : link->version == note->seq;
}

static void give_rosters(struct space *space, const struct note *note)
{
    struct lineage *lineage = space->node->lineage;

    for (size_t i = 0; i < lineage->count; i++) {
        uint8_t *bytes = NULL;
        size_t len = 0;

        if (is_wanted(&lineage->links[i], note) &&
            lineage_read(lineage, &lineage->links[i], &bytes, &len) == ERR_OK) {
            struct event event = {
                .type = EVENT_ROSTER_COPY, .peer = note->peer, .roster_copy = {bytes, len}};

            space_step(space, &event);
        }
        free(bytes);
    }
}

static void ask_roster(struct space *space, const struct note *note)
{
    struct event event = {.type = EVENT_ROSTER_ASK, .peer = note->peer, .roster_hash = note->hash};

    if (!lineage_holds(space->node->lineage, note->hash)) {
        space_step(space, &event);
    }
}

// What steps again, and so must wait until the step is over.
struct later {
    struct note notes[LATER_MAX];
    size_t count;
};

// What finds no room is asked again.
static void put_off(struct later *later, const struct note *note)
{
    if (later->count < LATER_MAX) {
        later->notes[later->count++] = *note;
    }
}

static void note_key_wanted(struct space *space, const struct note *note)
{
    struct sealed_key sealed = note->sealed_key;
    struct event event = {.type = EVENT_KEY_VERDICT,
                          .peer = note->peer,
                          .key_verdict = {.cookie = note->cookie, .sealed = &sealed}};

    event.key_verdict.verdict = groups_verdict(space->groups, (uint32_t)note->index, &sealed);
    space_step(space, &event);
}

static void do_later(struct space *space, const struct later *later)
{
    for (size_t i = 0; i < later->count; i++) {
        if (later->notes[i].type == NOTE_KEY_WANTED) {
            note_key_wanted(space, &later->notes[i]);
        } else if (later->notes[i].type == NOTE_ROSTER_WANTED) {
            give_rosters(space, &later->notes[i]);
        } else if (later->notes[i].type == NOTE_LINE) {
            thin_peer_says(space->node, later->notes[i].peer, later->notes[i].rate);
        } else {
            ask_roster(space, &later->notes[i]);
        }
    }
}

// Checks and keeps it; what is in force then is for the engines after this step.
static enum err take_roster(struct node *node, struct span signed_roster,
                            struct lineage_report *report)
{
    struct roster *standing = NULL;
    enum err err = lineage_add(node->lineage, signed_roster, report);

    if (report->is_late) {
        node->has_met_late_roster = true;
        log_limited(&node->refused_limit, LOG_LEVEL_ERROR, "roster-late", "reason=%s",
                    "it goes back behind a change of authorities: a replaced key may be stolen");
    }
    if (err == ERR_OK && report->is_news) {
        err = lineage_stand(node->lineage, &standing);
    }
    if (standing != NULL) {
        roster_destroy(&node->next_roster); // two in one step: only the newest is used
        node->next_roster = standing;
    }
    return err;
}

static void note_roster_seen(struct space *space, const struct note *note, struct later *later)
{
    char name[NAME_MAX_LEN + 1];
    struct lineage_report report;
    enum err err = take_roster(space->node, note->bytes, &report);

    for (size_t i = 0; i < report.missing_count; i++) { // [8.8]
        struct note lacking = {.type = NOTE_ROSTER_TOLD, .peer = note->peer};

        memcpy(lacking.hash, report.missing[i], ID_LEN);
        put_off(later, &lacking);
    }
    if (err != ERR_OK && err != ERR_STATE && err != ERR_NOT_FOUND && !report.is_late) {
        log_limited(&space->node->refused_limit, LOG_LEVEL_WARNING, "roster-refused",
                    "peer=%s reason=%s", node_peer_name(space->node, note->peer, name),
                    err_text(err));
    }
}

static const char *author_name(const struct space *space, uint32_t number,
                               char out[static NAME_MAX_LEN + 1])
{
    struct chain chain;
    int32_t node = -1;

    if (engine_get_chain(space->engine, number, &chain) == ERR_OK) {
        node = roster_find_signing(space->node->roster, chain.author);
    }
    return node < 0 ? "unknown" : node_peer_name(space->node, (uint32_t)node, out);
}

static void log_note(struct space *space, const struct note *note)
{
    char name[NAME_MAX_LEN + 1];

    switch (note->type) {
    case NOTE_REFUSED:
        log_limited(&space->node->refused_limit, LOG_LEVEL_WARNING, "refused",
                    "peer=%s reason=%s space=%s", node_peer_name(space->node, note->peer, name),
                    refusal_text(note->refusal), space_title(space));
        break;
    case NOTE_FORK:
        log_write(LOG_LEVEL_ERROR, "fork", "node=%s epoch=%llu seq=%llu action=\"%s\"",
                  author_name(space, note->chain, name), (unsigned long long)note->epoch,
                  (unsigned long long)note->seq, "sitrep forks explains it");
        break;
    case NOTE_DAMAGED:
        space->damaged++;
        log_write(LOG_LEVEL_ERROR, "damaged", "chain=%u seq=%llu space=%s", note->chain,
                  (unsigned long long)note->seq, space_title(space));
        break;
    case NOTE_REPAIRED:
        space->repaired++;
        groups_look_again(space->groups, note->chain, note->seq);
        log_write(LOG_LEVEL_INFO, "repaired", "chain=%u seq=%llu space=%s", note->chain,
                  (unsigned long long)note->seq, space_title(space));
        break;
    case NOTE_CONVERGED:
        log_limited(&space->node->link_limit, LOG_LEVEL_INFO, "converged", "peer=%s space=%s",
                    node_peer_name(space->node, note->peer, name), space_title(space));
        break;
    case NOTE_OWN_LOG_READY:
        log_write(LOG_LEVEL_INFO, "own-log-ready", "epoch=%llu space=%s",
                  (unsigned long long)note->epoch, space_title(space));
        break;
    case NOTE_PUBLISHED:
    case NOTE_PUBLISH_FAILED:
    case NOTE_STORED:
    case NOTE_ROSTER_SEEN:
    case NOTE_ROSTER_WANTED:
    case NOTE_KEY_WANTED:
    case NOTE_KEY_CAME:
    case NOTE_ROSTER_TOLD:
    case NOTE_LINE:
        break;
    }
}

static void take_notes(struct space *space, const struct effects *effects, struct later *later)
{
    for (size_t i = 0; i < effects->notes_count; i++) {
        const struct note *note = &effects->notes[i];

        log_note(space, note);
        if (note->type == NOTE_PUBLISHED || note->type == NOTE_PUBLISH_FAILED) {
            publishing_done(space, note);
        } else if (note->type == NOTE_ROSTER_SEEN) {
            note_roster_seen(space, note, later);
        } else if (note->type == NOTE_KEY_CAME) {
            groups_take_key(space->groups, &note->sealed_key);
        } else if (note->type == NOTE_ROSTER_WANTED || note->type == NOTE_ROSTER_TOLD ||
                   note->type == NOTE_KEY_WANTED || note->type == NOTE_LINE) {
            put_off(later, note);
        }
    }
}

static enum err persist(struct space *space, const struct effect_persist *effect)
{
    for (size_t i = 0; i < effect->records_count && !effect->is_repair; i++) {
        space->sealed_bytes += effect->records[i].sealed_len;
        space->sealed_count++;
    }
    return effect->ticket == 0 ? ERR_OK : store_submit(space->store, effect);
}

static void step_once(struct space *space, struct event *event)
{
    struct effects effects;
    struct later later = {.count = 0};
    enum err err;
    uint64_t ticket;

    event->now_ms = clock_now_ms();
    event->wall_ms = clock_wall_ms();
    engine_step(space->engine, event, &effects);
    ticket = effects.persist.ticket;
    err = persist(space, &effects.persist);
    for (size_t i = 0; i < effects.sends_count; i++) {
        space_send(space, &effects.sends[i]);
    }
    for (size_t i = 0; i < effects.publishes_count; i++) {
        space_publish(space, &effects.publishes[i]);
    }
    queue_reads(space, &effects);
    take_notes(space, &effects, &later);
    do_later(space, &later);
    if (err != ERR_OK) {
        struct event failed = {.type = EVENT_PERSIST_FAILED, .persist = {ticket, err}};

        space->is_store_failed = true;
        space_step(space, &failed);
    }
}

static void answer_read(struct space *space)
{
    struct effect_read read = space->reads[space->reads_first];
    struct event event = {.type = EVENT_RECORDS, .records = {.tag = read.tag}};

    space->reads_first = (space->reads_first + 1) % READS_MAX;
    space->reads_count--;
    record_set_clear(&space->records);
    const enum err err =
        read.is_search ? store_search(space->store, &read, &space->records, &event.records.searched)
                       : store_read(space->store, read.chain, read.from, read.count_max,
                                    read.bytes_max, &space->records);
    if (err == ERR_OK) {
        event.records.records = space->records.records;
        event.records.count = space->records.count;
    } else if (read.is_search) {
        event.records.searched = read.to; // the engine asks for what it lacks otherwise
    }
    step_once(space, &event);
}

// An index may mean another node than before only when rivals gave it to different ones [5.18]; and
// then a log may have its author back.
static bool are_places_kept(const struct roster *before, const struct roster *after)
{
    for (size_t i = 0; i < before->nodes_count && i < after->nodes_count; i++) {
        if (memcmp(before->nodes[i].signing, after->nodes[i].signing, SIGN_KEY_LEN) != 0) {
            return false;
        }
    }
    return before->nodes_count <= after->nodes_count &&
           (before->rivals_count == 0 || before->nodes_count == after->nodes_count);
}

static void log_roster(const struct roster *before, const struct roster *roster)
{
    log_write(LOG_LEVEL_INFO, "roster", "version=%llu nodes=%zu",
              (unsigned long long)roster->version, roster->nodes_count);
    if (roster->rivals_count > 0) {
        log_write(LOG_LEVEL_ERROR, "roster-forked", "rivals=%zu action=%s", roster->rivals_count,
                  "see: sitrep roster show");
    } else if (before->rivals_count > 0) {
        log_write(LOG_LEVEL_INFO, "roster-settled", "version=%llu",
                  (unsigned long long)roster->version);
    }
}

// Every space goes by the same roster.
static void use_next_roster(struct node *node)
{
    const struct roster *before = node->roster;

    log_roster(before, node->next_roster);
    if (!are_places_kept(before, node->next_roster)) {
        log_write(LOG_LEVEL_WARNING, "restarting", "reason=%s",
                  "places in the roster mean other nodes than before");
        // Everything that names nodes by their index is made anew, once who brought the roster has
        // its answer.
        node->restart_ms = clock_now_ms() + RESTART_DELAY_MS;
        roster_destroy(&node->next_roster);
        return;
    }
    node_keep_roster(node, node->next_roster);
    node->next_roster = NULL;
    transport_set_roster(node->transport, node->roster);
    if (node_choose_pair(node)) {
        transport_set_keys(node->transport, node->pair->public_key, node->pair->secret);
        log_write(LOG_LEVEL_INFO, "transport-key-changed", "version=%llu",
                  (unsigned long long)node->roster->version);
    }
    for (size_t i = 0; i < node->spaces_count; i++) {
        struct event event = {.type = EVENT_ROSTER, .roster = node->roster};

        desk_set_roster(node->spaces[i]->desk, node->roster);
        groups_set_roster(node->spaces[i]->groups, node->roster);
        step_once(node->spaces[i], &event);
        ending_use_roster(node->spaces[i]);
    }
}

static void answer_reads(struct node *node)
{
    for (size_t i = 0; i < node->spaces_count; i++) {
        while (node->spaces[i]->reads_count > 0) {
            answer_read(node->spaces[i]);
        }
    }
}

void space_step(struct space *space, struct event *event)
{
    step_once(space, event);
    while (space->reads_count > 0) {
        answer_read(space);
    }
    while (space->node->next_roster != NULL) {
        use_next_roster(space->node);
        answer_reads(space->node);
    }
}

enum err node_add_roster(struct node *node, struct span signed_roster)
{
    struct lineage_report report;

    return take_roster(node, signed_roster, &report);
}

// -- what the store has done --

static struct event event_of(struct space *space, const struct store_result *result)
{
    if (result->err == ERR_OK) {
        return (struct event){.type = EVENT_PERSISTED, .persist = {result->ticket, ERR_OK}};
    }

    space->is_store_failed = true;
    log_write(LOG_LEVEL_ERROR, "store-failed", "reason=%s space=%s", err_text(result->err),
              space_title(space));
    if (result->err == ERR_CORRUPT) {
        space_mark_suspect(space);
    }
    return (struct event){.type = EVENT_PERSIST_FAILED,
                          .persist = {result->first_failed, result->err}};
}

void space_take_results(struct space *space)
{
    struct store_result result;

    while (store_next_result(space->store, &result) == ERR_OK) {
        struct event event = event_of(space, &result);

        space_step(space, &event);
    }
    ending_look(space);
    desk_set_arrival(space->desk, store_last_arrival(space->store));
    groups_set_arrival(space->groups, store_last_arrival(space->store));
}

// -- groups --

// A new key of the real world's members is one of every exercise's, too [16.3].
static void use_keys_in_exercises(struct node *node)
{
    for (size_t i = 1; i < node->spaces_count; i++) {
        struct space *space = node->spaces[i];
        uint8_t all[TAG_LEN];
        size_t count;

        group_all_members(space->id, all);
        count = secrets_count(node->secrets, all);
        if (count != space->keys_count) {
            space->keys_count = count;
            groups_use_keys(space->groups);
            ending_look_again(space);
        }
    }
}

void space_take_groups(struct space *space)
{
    struct key_ref wanted[ENGINE_KEYS_MAX];
    struct event event = {.type = EVENT_KEYS_WANTED, .keys_wanted = {.list = wanted}};

    groups_changed(space->groups);
    event.keys_wanted.count = groups_wanted(space->groups, wanted);
    space_step(space, &event);
    node_follow_groups(space->node);
    if (!space_is_exercise(space)) {
        use_keys_in_exercises(space->node);
    }
}
