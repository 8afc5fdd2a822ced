// SPDX-License-Identifier: EUPL-1.2
// One event into a space's engine, and its effects carried out in their order. Decides nothing
// about replication.
#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "node.h"

static void queue_reads(struct space *space, const struct effects *effects)
{
    for (size_t i = 0; i < effects->reads_count; i++) {
        assert(space->reads_count <
               READS_MAX); // the engine has few under way, and they are answered in this turn
        space->reads[(space->reads_first + space->reads_count++) % READS_MAX] = effects->reads[i];
    }
}

static void note_roster_wanted(struct space *space, const struct note *note)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct event event = {.type = EVENT_ROSTER_COPY, .peer = note->peer};

    if (home_read_roster(&space->node->home, note->seq, &bytes, &len) == ERR_OK) {
        event.roster_copy = (struct span){bytes, len};
        space_step(space, &event);
    }
    free(bytes);
}

static void note_roster_seen(struct space *space, const struct note *note)
{
    char name[NAME_MAX_LEN + 1];
    enum err err = node_add_roster(space->node, note->bytes);

    if (err != ERR_OK && err != ERR_STATE) {
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
        log_limited(&space->node->refused_limit, LOG_LEVEL_WARNING, "refused", "peer=%s reason=%s",
                    node_peer_name(space->node, note->peer, name), refusal_text(note->refusal));
        break;
    case NOTE_FORK:
        log_write(LOG_LEVEL_ERROR, "fork", "node=%s epoch=%llu seq=%llu action=\"%s\"",
                  author_name(space, note->chain, name), (unsigned long long)note->epoch,
                  (unsigned long long)note->seq, "sitrep forks explains it");
        break;
    case NOTE_DAMAGED:
        space->damaged++;
        log_write(LOG_LEVEL_ERROR, "damaged", "chain=%u seq=%llu", note->chain,
                  (unsigned long long)note->seq);
        break;
    case NOTE_REPAIRED:
        space->repaired++;
        groups_look_again(space->groups, note->chain, note->seq);
        log_write(LOG_LEVEL_INFO, "repaired", "chain=%u seq=%llu", note->chain,
                  (unsigned long long)note->seq);
        break;
    case NOTE_CONVERGED:
        log_limited(&space->node->link_limit, LOG_LEVEL_INFO, "converged", "peer=%s",
                    node_peer_name(space->node, note->peer, name));
        break;
    case NOTE_OWN_LOG_READY:
        log_write(LOG_LEVEL_INFO, "own-log-ready", "epoch=%llu", (unsigned long long)note->epoch);
        break;
    case NOTE_PUBLISHED:
    case NOTE_PUBLISH_FAILED:
    case NOTE_STORED:
    case NOTE_ROSTER_SEEN:
    case NOTE_ROSTER_WANTED:
    case NOTE_KEY_WANTED:
    case NOTE_KEY_CAME:
        break;
    }
}

// Notes that are answered by another step, and so wait until this one is over. What is over the
// limit is asked again.
enum { LATER_MAX = 16 };
struct later {
    struct note list[LATER_MAX];
    size_t count;
};

static void take_notes(struct space *space, const struct effects *effects, struct later *later)
{
    for (size_t i = 0; i < effects->notes_count; i++) {
        const struct note *note = &effects->notes[i];

        log_note(space, note);
        if (note->type == NOTE_PUBLISHED || note->type == NOTE_PUBLISH_FAILED) {
            publishing_done(space, note);
        } else if (note->type == NOTE_ROSTER_SEEN) {
            note_roster_seen(space, note);
        } else if (note->type == NOTE_KEY_CAME) {
            groups_take_key(space->groups, &note->sealed_key);
        } else if ((note->type == NOTE_ROSTER_WANTED || note->type == NOTE_KEY_WANTED) &&
                   later->count < LATER_MAX) {
            later->list[later->count++] = *note;
        }
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

static void answer_notes(struct space *space, const struct later *later)
{
    for (size_t i = 0; i < later->count; i++) {
        if (later->list[i].type == NOTE_KEY_WANTED) {
            note_key_wanted(space, &later->list[i]);
        } else {
            note_roster_wanted(space, &later->list[i]);
        }
    }
}

static enum err persist(struct space *space, const struct effect_persist *effect)
{
    return effect->ticket == 0 ? ERR_OK : store_submit(space->store, effect);
}

static void step_once(struct space *space, struct event *event)
{
    struct effects effects;
    struct later later;
    enum err err;
    uint64_t ticket;

    event->now_ms = clock_now_ms();
    event->wall_ms = clock_wall_ms();
    engine_step(space->engine, event, &effects);
    ticket = effects.persist.ticket;
    err = persist(space, &effects.persist);
    for (size_t i = 0; i < effects.sends_count; i++) {
        // What a full queue refuses is lost, and the engine asks again.
        enum err sent =
            transport_send(space->node->transport, effects.sends[i].peer, effects.sends[i].bytes);
        (void)sent;
    }
    for (size_t i = 0; i < effects.publishes_count; i++) {
        transport_publish(space->node->transport, effects.publishes[i].precedence,
                          effects.publishes[i].group, effects.publishes[i].bytes);
    }
    queue_reads(space, &effects);
    later.count = 0;
    take_notes(space, &effects, &later);
    answer_notes(space, &later);
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
    if (store_read(space->store, read.chain, read.from, read.count_max, read.bytes_max,
                   &space->records) == ERR_OK) {
        event.records.records = space->records.records;
        event.records.count = space->records.count;
    }
    step_once(space, &event);
}

// Every space goes by the same roster.
static void use_next_roster(struct node *node)
{
    node_keep_roster(node, node->next_roster);
    node->next_roster = NULL;
    transport_set_roster(node->transport, node->roster);
    if (node_choose_pair(node)) {
        transport_set_keys(node->transport, node->pair->public_key, node->pair->secret);
        log_write(LOG_LEVEL_INFO, "transport-key-changed", "version=%llu",
                  (unsigned long long)node->roster->version);
    }
    log_write(LOG_LEVEL_INFO, "roster", "version=%llu nodes=%zu",
              (unsigned long long)node->roster->version, node->roster->nodes_count);
    for (size_t i = 0; i < node->spaces_count; i++) {
        struct event event = {.type = EVENT_ROSTER, .roster = node->roster};

        desk_set_roster(node->spaces[i]->desk, node->roster);
        groups_set_roster(node->spaces[i]->groups, node->roster);
        step_once(node->spaces[i], &event);
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
    struct roster *roster = NULL;
    enum err err = home_add_roster(&node->home, signed_roster.bytes, signed_roster.len, &roster);

    if (err == ERR_OK && node->next_roster != NULL) {
        roster_destroy(&node->next_roster); // two in one step: only the newest is used
    }
    if (err == ERR_OK) {
        node->next_roster = roster;
    }
    return err;
}

// -- what the store has done --

static struct event event_of(struct space *space, const struct store_result *result)
{
    if (result->err == ERR_OK) {
        return (struct event){.type = EVENT_PERSISTED, .persist = {result->ticket, ERR_OK}};
    }
    space->is_store_failed = true;
    log_write(LOG_LEVEL_ERROR, "store-failed", "reason=%s", err_text(result->err));
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
    desk_set_arrival(space->desk, store_last_arrival(space->store));
    groups_set_arrival(space->groups, store_last_arrival(space->store));
}

// -- groups --

void space_take_groups(struct space *space)
{
    struct key_ref wanted[ENGINE_KEYS_MAX];
    struct event event = {.type = EVENT_KEYS_WANTED, .keys_wanted = {.list = wanted}};

    groups_changed(space->groups);
    event.keys_wanted.count = groups_wanted(space->groups, wanted);
    space_step(space, &event);
    node_follow_groups(space->node);
}
