// SPDX-License-Identifier: EUPL-1.2
// The loop thread: waits for sockets, the store's writer and the desk, makes events of what came,
// and carries out the engine's effects in their order. Decides nothing about replication.
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "clock.h"
#include "node.h"

enum { FRAMES_PER_TURN = 64, WAIT_MAX_MS = 1000 };

static const char *peer_name(const struct node *node, uint32_t peer,
                             char out[static NAME_MAX_LEN + 1])
{
    struct span name = {(const uint8_t *)"?", 1};

    if (peer < node->roster->nodes_count) {
        name = node->roster->nodes[peer].name;
    }
    memcpy(out, name.bytes, name.len);
    out[name.len] = '\0';
    return out;
}

// -- effects --

static void queue_reads(struct node *node, const struct effects *effects)
{
    for (size_t i = 0; i < effects->reads_count; i++) {
        assert(node->reads_count <
               READS_MAX); // the engine has few under way, and they are answered in this turn
        node->reads[(node->reads_first + node->reads_count++) % READS_MAX] = effects->reads[i];
    }
}

static void note_roster_wanted(struct node *node, const struct note *note)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct event event = {.type = EVENT_ROSTER_COPY, .peer = note->peer};

    if (home_read_roster(&node->home, note->seq, &bytes, &len) == ERR_OK) {
        event.roster_copy = (struct span){bytes, len};
        node_step(node, &event);
    }
    free(bytes);
}

static void note_roster_seen(struct node *node, const struct note *note)
{
    char name[NAME_MAX_LEN + 1];
    enum err err = node_add_roster(node, note->bytes);

    if (err != ERR_OK && err != ERR_STATE) {
        log_limited(&node->refused_limit, LOG_LEVEL_WARNING, "roster-refused", "peer=%s reason=%s",
                    peer_name(node, note->peer, name), err_text(err));
    }
}

static void log_note(struct node *node, const struct note *note)
{
    char name[NAME_MAX_LEN + 1];

    switch (note->type) {
    case NOTE_REFUSED:
        log_limited(&node->refused_limit, LOG_LEVEL_WARNING, "refused", "peer=%s reason=%s",
                    peer_name(node, note->peer, name), refusal_text(note->refusal));
        break;
    case NOTE_FORK:
        log_write(LOG_LEVEL_ERROR, "fork", "chain=%u epoch=%llu seq=%llu", note->chain,
                  (unsigned long long)note->epoch, (unsigned long long)note->seq);
        break;
    case NOTE_DAMAGED:
        node->damaged++;
        log_write(LOG_LEVEL_ERROR, "damaged", "chain=%u seq=%llu", note->chain,
                  (unsigned long long)note->seq);
        break;
    case NOTE_REPAIRED:
        node->repaired++;
        log_write(LOG_LEVEL_INFO, "repaired", "chain=%u seq=%llu", note->chain,
                  (unsigned long long)note->seq);
        break;
    case NOTE_CONVERGED:
        log_limited(&node->link_limit, LOG_LEVEL_INFO, "converged", "peer=%s",
                    peer_name(node, note->peer, name));
        break;
    case NOTE_OWN_LOG_READY:
        log_write(LOG_LEVEL_INFO, "own-log-ready", "epoch=%llu", (unsigned long long)note->epoch);
        break;
    case NOTE_PUBLISHED:
    case NOTE_PUBLISH_FAILED:
    case NOTE_STORED:
    case NOTE_ROSTER_SEEN:
    case NOTE_ROSTER_WANTED:
        break;
    }
}

// What must wait until the step is over, because it steps again, is collected and returned.
static void take_notes(struct node *node, const struct effects *effects, struct note *wanted,
                       size_t *wanted_count)
{
    for (size_t i = 0; i < effects->notes_count; i++) {
        const struct note *note = &effects->notes[i];

        log_note(node, note);
        if (note->type == NOTE_PUBLISHED || note->type == NOTE_PUBLISH_FAILED) {
            publishing_done(node, note);
        } else if (note->type == NOTE_ROSTER_SEEN) {
            note_roster_seen(node, note);
        } else if (note->type == NOTE_ROSTER_WANTED && *wanted_count == 0) {
            wanted[(*wanted_count)++] = *note;
        }
    }
}

static enum err persist(struct node *node, const struct effect_persist *effect)
{
    return effect->ticket == 0 ? ERR_OK : store_submit(node->store, effect);
}

static void step_once(struct node *node, struct event *event)
{
    struct effects effects;
    struct note wanted = {0};
    size_t wanted_count = 0;
    enum err err;
    uint64_t ticket;

    event->now_ms = clock_now_ms();
    event->wall_ms = clock_wall_ms();
    engine_step(node->engine, event, &effects);
    ticket = effects.persist.ticket;
    err = persist(node, &effects.persist);
    for (size_t i = 0; i < effects.sends_count; i++) {
        // What a full queue refuses is lost, and the engine asks again.
        enum err sent =
            transport_send(node->transport, effects.sends[i].peer, effects.sends[i].bytes);
        (void)sent;
    }
    for (size_t i = 0; i < effects.publishes_count; i++) {
        transport_publish(node->transport, effects.publishes[i].precedence,
                          effects.publishes[i].group, effects.publishes[i].bytes);
    }
    queue_reads(node, &effects);
    take_notes(node, &effects, &wanted, &wanted_count);
    if (wanted_count > 0) {
        note_roster_wanted(node, &wanted);
    }
    if (err != ERR_OK) {
        struct event failed = {.type = EVENT_PERSIST_FAILED, .persist = {ticket, err}};

        node->is_store_failed = true;
        node_step(node, &failed);
    }
}

static void answer_read(struct node *node)
{
    struct effect_read read = node->reads[node->reads_first];
    struct event event = {.type = EVENT_RECORDS, .records = {.tag = read.tag}};

    node->reads_first = (node->reads_first + 1) % READS_MAX;
    node->reads_count--;
    record_set_clear(&node->records);
    if (store_read(node->store, read.chain, read.from, read.count_max, read.bytes_max,
                   &node->records) == ERR_OK) {
        event.records.records = node->records.records;
        event.records.count = node->records.count;
    }
    step_once(node, &event);
}

static void use_next_roster(struct node *node)
{
    struct event event = {.type = EVENT_ROSTER, .roster = node->next_roster};

    node_keep_roster(node, node->next_roster);
    node->next_roster = NULL;
    transport_set_roster(node->transport, node->roster);
    if (node_choose_pair(node)) {
        transport_set_keys(node->transport, node->pair->public_key, node->pair->secret);
        log_write(LOG_LEVEL_INFO, "transport-key-changed", "version=%llu",
                  (unsigned long long)node->roster->version);
    }
    desk_set_roster(node->desk, node->roster);
    log_write(LOG_LEVEL_INFO, "roster", "version=%llu nodes=%zu",
              (unsigned long long)node->roster->version, node->roster->nodes_count);
    step_once(node, &event);
}

void node_step(struct node *node, struct event *event)
{
    step_once(node, event);
    while (node->reads_count > 0 || node->next_roster != NULL) {
        if (node->next_roster != NULL) {
            use_next_roster(node);
        } else {
            answer_read(node);
        }
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

// -- what comes --

static struct event event_of(struct node *node, const struct store_result *result)
{
    if (result->err == ERR_OK) {
        return (struct event){.type = EVENT_PERSISTED, .persist = {result->ticket, ERR_OK}};
    }
    node->is_store_failed = true;
    log_write(LOG_LEVEL_ERROR, "store-failed", "reason=%s", err_text(result->err));
    if (result->err == ERR_CORRUPT) {
        node_mark_suspect(node);
    }
    return (struct event){.type = EVENT_PERSIST_FAILED,
                          .persist = {result->first_failed, result->err}};
}

static void take_results(struct node *node)
{
    struct store_result result;

    while (store_next_result(node->store, &result) == ERR_OK) {
        struct event event = event_of(node, &result);

        node_step(node, &event);
    }
    desk_set_arrival(node->desk, store_last_arrival(node->store));
}

static void add_refused(const struct node *node, uint32_t index, uint64_t refused[static REFUSALS])
{
    struct peer_status peer;

    if (engine_get_peer(node->engine, index, &peer) != ERR_OK) {
        return;
    }
    for (size_t r = 0; r < REFUSALS; r++) {
        refused[r] += peer.refused[r];
    }
}

static void answer_status(struct node *node, struct desk_status *status)
{
    *status = (struct desk_status){.wall_ms = clock_wall_ms(),
                                   .started_ms = node->started_ms,
                                   .damaged = node->damaged,
                                   .repaired = node->repaired};
    engine_get_status(node->engine, &status->engine);
    transport_get_stats(node->transport, &status->transport);
    store_get_stats(node->store, &status->store);
    for (uint32_t i = 0; i < node->roster->nodes_count; i++) {
        add_refused(node, i, status->refused);
    }
}

static enum err answer_peers(struct node *node, struct errand *errand)
{
    size_t count = 0;
    struct desk_peer *list = calloc(node->roster->nodes_count, sizeof *list);

    if (list == NULL) {
        return ERR_NO_SPACE;
    }
    for (uint32_t i = 0; i < node->roster->nodes_count; i++) {
        struct desk_peer *peer = &list[count];

        if (i == node->self) {
            continue;
        }
        if (engine_get_peer(node->engine, i, &peer->status) != ERR_OK) {
            peer->status = (struct peer_status){.peer = i, .rtt_ms = UINT32_MAX};
        }
        if (transport_get_link(node->transport, i, &peer->link) != ERR_OK) {
            peer->link = (struct transport_link){.peer = i};
        }
        count++;
    }
    errand->peers.list = list;
    errand->peers.count = count;
    return ERR_OK;
}

static void run_errand(struct node *node, struct errand *errand)
{
    struct event event = {.type = EVENT_TICK};
    enum err err = ERR_OK;

    switch (errand->type) {
    case ERRAND_PUBLISH:
        publishing_add(node, errand); // answered when durable
        return;
    case ERRAND_STATUS:
        answer_status(node, errand->status);
        break;
    case ERRAND_PEERS:
        err = answer_peers(node, errand);
        break;
    case ERRAND_ADD_ROSTER:
        err = node_add_roster(node, errand->signed_roster);
        node_step(node, &event);
        break;
    case ERRAND_CUT:
        if (errand->cut.peer >= node->roster->nodes_count || errand->cut.peer == node->self) {
            err = ERR_NOT_FOUND;
        } else {
            transport_cut(node->transport, errand->cut.peer, errand->cut.is_cut);
        }
        break;
    case ERRAND_DAMAGED:
        event = (struct event){.type = EVENT_DAMAGED,
                               .damaged = {errand->damaged.chain, errand->damaged.seq}};
        node_step(node, &event);
        break;
    }
    desk_answer(node->desk, errand, err);
}

static void take_errands(struct node *node)
{
    struct errand *errand = desk_take(node->desk);

    while (errand != NULL) {
        struct errand *next = errand->next;

        run_errand(node, errand);
        errand = next;
    }
}

static void log_link(struct node *node, const struct transport_event *event)
{
    char name[NAME_MAX_LEN + 1];

    log_limited(&node->link_limit, LOG_LEVEL_INFO,
                event->type == TRANSPORT_UP ? "link-up" : "link-down", "peer=%s",
                peer_name(node, event->peer, name));
}

static void take_frames(struct node *node)
{
    struct transport_event arrived;

    for (int i = 0; i < FRAMES_PER_TURN && transport_next(node->transport, &arrived) == ERR_OK;
         i++) {
        struct event event = {.type = EVENT_FRAME, .peer = arrived.peer};

        if (arrived.type == TRANSPORT_FRAME) {
            event.frame.plane = arrived.plane;
            event.frame.bytes = arrived.bytes;
        } else {
            event.type = arrived.type == TRANSPORT_UP ? EVENT_PEER_UP : EVENT_PEER_DOWN;
            log_link(node, &arrived);
        }
        node_step(node, &event);
    }
}

static uint32_t time_to_wait(const struct node *node)
{
    uint64_t now = clock_now_ms();
    uint64_t deadline = engine_deadline_ms(node->engine);

    deadline = deadline < node->upkeep_ms ? deadline : node->upkeep_ms;
    if (deadline <= now) {
        return 0;
    }
    return deadline - now < WAIT_MAX_MS ? (uint32_t)(deadline - now) : WAIT_MAX_MS;
}

static void take_signal(struct node *node)
{
    struct signalfd_siginfo info;

    if (read(node->signal_fd, &info, sizeof info) == sizeof info) {
        log_write(LOG_LEVEL_INFO, "stopping", "signal=%u", info.ssi_signo);
        node->is_stopping = true;
    }
}

void node_run(struct node *node)
{
    const int fds[] = {store_results_fd(node->store), desk_fd(node->desk), node->signal_fd};
    bool ready[3];

    sd_notify(0, "READY=1");
    while (!node->is_stopping && !node->must_restart) {
        struct event tick = {.type = EVENT_TICK};

        transport_wait(node->transport, fds, ready, 3, time_to_wait(node));
        if (ready[0]) {
            take_results(node);
        }
        take_frames(node);
        if (ready[1]) {
            take_errands(node);
        }
        if (ready[2]) {
            take_signal(node);
        }
        publishing_continue(node);
        if (clock_now_ms() >= engine_deadline_ms(node->engine)) {
            node_step(node, &tick);
        }
        upkeep(node);
    }
    sd_notify(0, "STOPPING=1");
}
