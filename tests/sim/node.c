// SPDX-License-Identifier: EUPL-1.2
// A node's shell: its engine's events and effects, and its lives. What a node may not do is
// checked in audit.c.
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/audit.h"
#include "sim/groups.h"
#include "sim/line.h"
#include "sim/mischief.h"
#include "sim/note.h"
#include "sim/officers.h"
#include "sim/world.h"

// 2026-11-20, when nothing has to be skewed.
static const uint64_t base_wall_ms = UINT64_C(1795132800000);

enum { READ_ROOM = 1024, PUBLISH_ROOM = 64 };

static uint64_t node_now_ms(const struct world *world, const struct node *node)
{
    return world->now_ms + node->clock_offset_ms;
}

uint64_t node_wall_ms(const struct world *world, const struct node *node)
{
    return (uint64_t)((int64_t)(base_wall_ms + world->now_ms) + node->wall_offset_ms);
}

static bool restore(struct node *node, uint64_t wall_ms)
{
    const struct disk_state *state = &node->disk.state;
    for (size_t i = 0; i < state->chains_count; i++) {
        if (disk_has_chain(state, (uint32_t)i) &&
            engine_restore_chain(node->engine, &state->chains[i]) != ERR_OK) {
            return false;
        }
    }
    for (size_t i = 0; i < state->slots_count; i++) {
        const struct slot *slot = &state->slots[i];
        bool is_ahead = slot->seq > state->chains[slot->chain].head_seq;
        engine_restore_clock(node->engine, wall_ms, slot->blob->record.time);
        if (is_ahead && engine_restore_ahead(node->engine, &slot->blob->record) != ERR_OK) {
            return false;
        }
    }
    return true;
}

void node_scrub(struct world *world, struct node *node)
{
    for (size_t i = 0; i < node->disk.state.slots_count; i++) {
        const struct slot *slot = &node->disk.state.slots[i];
        if (slot->is_damaged) {
            world_after(world, random_below(&world->random, 5000),
                        (struct happening){.type = HAPPENS_DAMAGED,
                                           .node = node->index,
                                           .other = slot->chain,
                                           .from = slot->seq});
        }
    }
}

void node_start(struct world *world, struct node *node)
{
    assert(!node->is_alive);
    node->is_alive = true;
    node->life++;
    node->is_own_ready = false;
    node->ticket = 0;
    memset(node->views, 0, sizeof node->views);
    node->disk.has_failed = false;
    world_say(world, "%c starts", node_letter(world, node));
    if (node->is_malicious) {
        network_refresh(world);
        return;
    }
    struct engine_options options = {.limits = world->plan.limits,
                                     .roster = world->federation.rosters[node->version - 1],
                                     .signing_key = &world->federation.keys[node->peer],
                                     .has_live_plane = world->plan.has_live_plane};
    memcpy(options.space, world->federation.space, ID_LEN);
    enum err err = engine_create(&node->engine, &options);
    if (err != ERR_OK || !restore(node, node_wall_ms(world, node))) {
        world_fail(world, "%c cannot start from its store: %s", node_letter(world, node),
                   err_text(err));
        node->is_alive = node->engine != NULL;
        return;
    }
    node_scrub(world, node);
    node->deadline_ms = world->now_ms;
    world_after(world, 2000 + random_below(&world->random, 15000),
                (struct happening){.type = HAPPENS_OWN_LOG, .node = node->index});
    network_refresh(world);
    officers_look(world, node, LOOK_ANEW);
    groups_begin_node(world, node);
}

void node_crash(struct world *world, struct node *node)
{
    assert(node->is_alive);
    world_say(world, "%c crashes", node_letter(world, node));
    node->is_alive = false;
    node->life++;
    engine_destroy(&node->engine);
    lines_destroy(node);
    disk_drop(&node->disk);
    oracle_crashed(world, node->index);
    world->tally.crashes++;
    network_refresh(world);
}

struct node *node_pick(struct world *world, bool is_alive)
{
    uint32_t start = random_below(&world->random, world->nodes_count);
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        struct node *node = &world->nodes[(start + i) % world->nodes_count];
        if (!node->is_malicious && node->is_alive == is_alive && (is_alive || node->life > 0)) {
            return node;
        }
    }
    return NULL;
}

void node_start_later(struct world *world, const struct node *node)
{
    uint32_t max = world->is_healing ? 2000 : 30000;
    world_after(world, random_between(&world->random, 100, max),
                (struct happening){.type = HAPPENS_START, .node = node->index});
}

static void begin_commit(struct world *world, struct node *node)
{
    if (disk_begin(&node->disk)) {
        world_after(world, random_between(&world->random, 1, world->plan.commit_ms_max),
                    (struct happening){.type = HAPPENS_COMMIT, .node = node->index});
    }
}

static void persist(struct world *world, struct node *node, const struct effect_persist *effect)
{
    if (effect->ticket == 0) {
        if (effect->records_count + effect->chains_count > 0) {
            world_fail(world, "%c persists without a ticket", node_letter(world, node));
        }
        return;
    }
    if (effect->ticket <= node->ticket) {
        world_fail(world, "%c uses ticket %" PRIu64 " after %" PRIu64, node_letter(world, node),
                   effect->ticket, node->ticket);
    }
    node->ticket = effect->ticket;
    disk_submit(&node->disk, effect);
    if (node->disk.has_failed) {
        world_after(world, 1,
                    (struct happening){.type = HAPPENS_PERSIST_FAILED, .node = node->index});
    }
    begin_commit(world, node);
}

static void carry_out(struct world *world, struct node *node, const struct effects *effects)
{
    audit_persist(world, node, &effects->persist);
    persist(world, node, &effects->persist);
    for (size_t i = 0; i < effects->sends_count; i++) {
        const struct effect_send *send = &effects->sends[i];
        audit_send(world, node, send->bytes);
        network_send(world, node->index, send);
    }
    for (size_t i = 0; i < effects->publishes_count; i++) {
        audit_send(world, node, effects->publishes[i].bytes);
        network_publish(world, node->index, effects->publishes[i].bytes);
    }
    if (effects->publishes_count > 0 && !world->plan.has_live_plane) {
        world_fail(world, "%c publishes without a live plane", node_letter(world, node));
    }
    for (size_t i = 0; i < effects->reads_count; i++) {
        const struct effect_read *read = &effects->reads[i];
        world_after(world, random_between(&world->random, 0, world->plan.read_ms_max),
                    (struct happening){.type = HAPPENS_READ,
                                       .node = node->index,
                                       .number = read->tag,
                                       .other = read->chain,
                                       .from = read->from,
                                       .count_max = read->count_max,
                                       .bytes_max = read->bytes_max,
                                       .is_search = read->is_search,
                                       .to = read->to,
                                       .selection = read->selection});
    }
    for (size_t i = 0; i < effects->notes_count; i++) {
        note_take(world, node, &effects->notes[i]);
    }
}

void node_step(struct world *world, struct node *node, struct event *event)
{
    assert(node->is_alive);
    assert(!node->is_malicious);
    event->now_ms = node_now_ms(world, node);
    event->wall_ms = node_wall_ms(world, node);
    if (event->wall_ms > node->latest_wall_ms) {
        node->latest_wall_ms = event->wall_ms;
    }
    struct effects effects;
    engine_step(node->engine, event, &effects);
    world->tally.steps++;
    uint64_t deadline_ms = engine_deadline_ms(node->engine);
    node->deadline_ms =
        deadline_ms < event->now_ms ? world->now_ms : deadline_ms - node->clock_offset_ms;
    carry_out(world, node, &effects);
    audit_step(world, node, event->type);
}

static void hand_over(struct world *world, struct node *node, uint64_t cookie,
                      struct publication *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        random_fill(&world->random, items[i].salt, SALT_LEN);
    }
    struct event event = {.type = EVENT_PUBLISH,
                          .publish = {.cookie = cookie, .items = items, .count = count}};
    node_step(world, node, &event);
}

void node_publish_body(struct world *world, struct node *node, uint64_t cookie,
                       struct publication *item)
{
    oracle_enter(world, cookie, item->content);
    hand_over(world, node, cookie, item, 1);
}

void node_publish(struct world *world, struct node *node, size_t count, size_t size)
{
    assert(count <= PUBLISH_ROOM);
    static uint8_t contents[PUBLISH_ROOM][CONTENT_ROOM];
    struct publication items[PUBLISH_ROOM] = {0};
    uint64_t first = oracle_begin(world, node->index);
    for (size_t i = 0; i < count; i++) {
        items[i].content = oracle_issue(world, first, size, contents[i]);
        items[i].key = &world->federation.group_key;
        items[i].precedence = world->is_urgent ? FLASH
                              : world->is_routine
                                  ? ROUTINE
                                  : (uint8_t)random_below(&world->random, PRECEDENCES);
    }
    hand_over(world, node, first, items, count);
}

static void answer_read(struct world *world, struct node *node, const struct happening *happening)
{
    struct record records[READ_ROOM];
    struct slot *damaged = NULL;
    struct read_request request = {.chain = happening->other,
                                   .from = happening->from,
                                   .count_max = happening->count_max,
                                   .bytes_max = happening->bytes_max,
                                   .is_search = happening->is_search,
                                   .to = happening->to,
                                   .selection = happening->selection};
    bool is_found = true;
    if (request.is_search) {
        request.from = disk_search(&node->disk.state, &request, &is_found);
    }
    if (request.count_max > READ_ROOM) {
        request.count_max = READ_ROOM;
    }
    size_t count = is_found ? disk_read(&node->disk.state, &request, records, &damaged) : 0;
    if (damaged) {
        world_after(world, 1,
                    (struct happening){.type = HAPPENS_DAMAGED,
                                       .node = node->index,
                                       .other = damaged->chain,
                                       .from = damaged->seq});
    }
    struct event event = {.type = EVENT_RECORDS,
                          .records = {.tag = happening->number,
                                      .records = records,
                                      .count = count,
                                      .searched = request.from}};
    node_step(world, node, &event);
}

static void finish_commit(struct world *world, struct node *node)
{
    struct disk *disk = &node->disk;
    if (disk->is_full) {
        disk->has_failed = true;
        disk->writing = 0;
        world_after(world, random_below(&world->random, 50),
                    (struct happening){.type = HAPPENS_PERSIST_FAILED, .node = node->index});
        return;
    }
    uint64_t repairs = disk->repairs;
    uint64_t ticket = disk_commit(disk);
    world->tally.repairs += disk->repairs - repairs;
    if (disk->fault[0]) {
        world_fail(world, "store of %c: %s", node_letter(world, node), disk->fault);
    }
    // Told before the next commit can end: notices stay in order.
    world_after(
        world, random_below(&world->random, 2),
        (struct happening){.type = HAPPENS_PERSISTED, .node = node->index, .number = ticket});
    begin_commit(world, node);
    officers_look(world, node, LOOK_ON);
}

static void fail_persist(struct world *world, struct node *node)
{
    if (!node->disk.has_failed) {
        begin_commit(world, node); // there was space again before the engine could be told
        return;
    }
    uint64_t ticket = disk_drop(&node->disk);
    if (ticket == 0) {
        return;
    }
    struct event event = {.type = EVENT_PERSIST_FAILED,
                          .persist = {.ticket = ticket, .err = ERR_NO_SPACE}};
    node_step(world, node, &event);
}

static void see_link(struct world *world, struct node *node, const struct happening *happening)
{
    uint32_t other = happening->other;
    uint32_t peer = world->nodes[other].peer;
    const struct link *link = network_link(world, node->index, other);
    bool is_up = happening->type != HAPPENS_LINK_DOWN;
    if (is_up && (link->session != happening->session || node->views[other] == link->session)) {
        return; // it broke again meanwhile, or a frame was faster than this notice
    }
    if (!is_up && node->views[other] != happening->session) {
        return;
    }
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        // A lost link that was not noticed yet is noticed at the latest when a new one comes.
        if (world->nodes[i].peer == peer && node->views[i] != 0) {
            node->views[i] = 0;
            struct event down = {.type = EVENT_PEER_DOWN, .peer = peer};
            node_step(world, node, &down);
        }
    }
    if (is_up) {
        node->views[other] = link->session;
        struct event up = {.type = EVENT_PEER_UP, .peer = peer};
        line_begin(world, node, other);
        node_step(world, node, &up);
    }
}

static void take_message(struct world *world, struct node *node, const struct happening *happening,
                         struct span message)
{
    struct event event = {.type = EVENT_FRAME, .peer = world->nodes[happening->other].peer};
    event.frame.plane = happening->is_live ? PLANE_LIVE : PLANE_SYNC;
    event.frame.bytes = message;
    node_step(world, node, &event);
}

static void take_paced(struct world *world, struct node *node, const struct happening *happening)
{
    const struct span frame = {.bytes = happening->bytes, .len = happening->len};
    const uint32_t session = node->views[happening->other];
    struct span message;
    bool is_whole = false;
    if (!line_receive(world, node, happening->other, frame)) {
        return;
    }
    // What one does to the node may end the link, and what the others were with it.
    while (node->is_alive && node->views[happening->other] == session &&
           line_next(world, node, happening->other, &message)) {
        is_whole = true;
        take_message(world, node, happening, message);
    }
    if (!is_whole) {
        struct event event = {.type = EVENT_PART, .peer = world->nodes[happening->other].peer};
        node_step(world, node, &event);
    }
}

static void take_frame(struct world *world, struct node *node, const struct happening *happening)
{
    const struct link *link = network_link(world, node->index, happening->other);
    if (link->session == 0 || link->session != happening->session) {
        return;
    }
    if (node->is_malicious) {
        mischief_receive(world, node, happening);
        return;
    }
    if (node->views[happening->other] != link->session) {
        see_link(world, node,
                 &(struct happening){
                     .type = HAPPENS_LINK_UP, .other = happening->other, .session = link->session});
    }
    if (happening->is_live || world->plan.network.rate == 0) {
        take_message(world, node, happening,
                     (struct span){.bytes = happening->bytes, .len = happening->len});
    } else {
        take_paced(world, node, happening);
    }
}

static void wait_for_own_log(struct world *world, struct node *node)
{
    if (node->is_own_ready) {
        return;
    }
    if (node->was_restored && world->plan.is_restore_gentle) {
        // Somebody holds what this store lacks: the operator lets the node wait.
        world_after(world, 5000, (struct happening){.type = HAPPENS_OWN_LOG, .node = node->index});
        return;
    }
    struct event event = {.type = EVENT_OWN_LOG_CLEAR, .new_epoch = node->was_restored};
    node_step(world, node, &event);
}

static void take_roster(struct world *world, struct node *node, uint64_t number)
{
    struct federation *federation = &world->federation;
    uint32_t taken = federation_take(federation, node->version, federation->rosters[number - 1]);
    if (taken == 0) {
        return;
    }
    node->version = taken;
    world_say(world, "%c holds roster %u", node_letter(world, node), taken);
    if (node->is_malicious) {
        network_refresh(world);
        return;
    }
    struct event event = {.type = EVENT_ROSTER, .roster = federation->rosters[taken - 1]};
    node_step(world, node, &event);
    officers_look(world, node, LOOK_ANEW);
    network_refresh(world);
    groups_refresh(world, node);
}

static void copy_roster(struct world *world, struct node *node, const struct happening *happening)
{
    struct event event = {.type = EVENT_ROSTER_COPY,
                          .peer = happening->other,
                          .roster_copy =
                              world->federation.rosters[happening->number - 1]->signed_document};
    node_step(world, node, &event);
}

static void ask_roster(struct world *world, struct node *node, const struct happening *happening)
{
    struct event event = {
        .type = EVENT_ROSTER_ASK, .peer = happening->other, .roster_hash = happening->bytes};
    assert(happening->len == ID_LEN);
    node_step(world, node, &event);
}

static void report_damage(struct world *world, struct node *node, const struct happening *happening)
{
    const struct slot *slot = disk_find(&node->disk.state, happening->other, happening->from);
    if (!slot || !slot->is_damaged) {
        return;
    }
    struct event event = {.type = EVENT_DAMAGED,
                          .damaged = {.chain = happening->other, .seq = happening->from}};
    node_step(world, node, &event);
}

void node_happens(struct world *world, struct node *node, const struct happening *happening)
{
    struct event event = {0};
    switch (happening->type) {
    case HAPPENS_FRAME:
        take_frame(world, node, happening);
        break;
    case HAPPENS_LINK_UP:
    case HAPPENS_LINK_DOWN:
        if (!node->is_malicious) {
            see_link(world, node, happening);
        }
        break;
    case HAPPENS_PACE:
        line_go_on(world, node, happening->other);
        break;
    case HAPPENS_LINE_TOLD:
        line_told(world, node, happening->other, (uint32_t)happening->number);
        break;
    case HAPPENS_COMMIT:
        finish_commit(world, node);
        break;
    case HAPPENS_PERSISTED:
        event.type = EVENT_PERSISTED;
        event.persist.ticket = happening->number;
        node_step(world, node, &event);
        break;
    case HAPPENS_PERSIST_FAILED:
        fail_persist(world, node);
        break;
    case HAPPENS_STORE_READY:
        event.type = EVENT_STORE_READY;
        node->disk.has_failed = false;
        node_step(world, node, &event);
        break;
    case HAPPENS_READ:
        answer_read(world, node, happening);
        break;
    case HAPPENS_DAMAGED:
        report_damage(world, node, happening);
        break;
    case HAPPENS_ROSTER:
        take_roster(world, node, happening->number);
        break;
    case HAPPENS_ROSTER_COPY:
        copy_roster(world, node, happening);
        break;
    case HAPPENS_KEYS:
        groups_refresh(world, node);
        break;
    case HAPPENS_KEY_VERDICT:
        groups_judge(world, node, happening);
        break;
    case HAPPENS_ROSTER_ASK:
        ask_roster(world, node, happening);
        break;
    case HAPPENS_OWN_LOG:
        wait_for_own_log(world, node);
        break;
    case HAPPENS_START:
    case HAPPENS_WEATHER:
    case HAPPENS_DISK_SPACE:
    case HAPPENS_HEAL:
        assert(false);
        break;
    }
}
