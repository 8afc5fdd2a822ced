// SPDX-License-Identifier: EUPL-1.2
// What officers write, and when they look. What they must see is officers_audit.c's.
#include "sim/officers.h"

#include "sim/groups.h"
#include "sim/post.h"

enum {
    SETS_PER_LOOK = 4,
    STRAYS_PERMILLE = 50,
    RECEIPT_REFS = 28, // of each kind that a body of these tests has room for
    ENTRIES_MIN = 60,
    ENTRIES_MAX = 240,
    STORM_MS_MIN = 60000,
    STORM_MS_MAX = 300000,
};

static const uint64_t ack_by_ms = UINT64_C(1800000000000);

// -- receipts --

struct receipt_list {
    struct ref heads[RECEIPT_REFS], ahead[RECEIPT_REFS];
    size_t heads_count, ahead_count;
    uint32_t chain; // of the last head
    bool is_full;
    struct telling telling;
};

static void list_ref(struct receipt_list *list, struct ref *refs, size_t *count,
                     const struct ref *ref)
{
    if (*count < RECEIPT_REFS) {
        refs[(*count)++] = *ref;
    } else {
        list->is_full = true;
    }
}

// Slots come by chain and place: the last one before any gap stands for all before it.
static void list_head(struct receipt_list *list, const struct slot *slot, const struct ref *ref)
{
    if (list->heads_count > 0 && list->chain == slot->chain) {
        list->heads[list->heads_count - 1] = *ref;
        return;
    }
    list->chain = slot->chain;
    list_ref(list, list->heads, &list->heads_count, ref);
}

// What the node has of others, counts, and no receipt of its own tells of [18.13].
static void list_untold(const struct world *world, const struct node *node,
                        struct receipt_list *list)
{
    const struct officers *officers = world->officers;
    const struct post *post = &officers->posts[node->index];
    const struct disk_state *state = &node->disk.state;

    for (size_t i = 0; i < state->slots_count; i++) {
        const struct slot *slot = &state->slots[i];
        const struct chain *chain = &state->chains[slot->chain];
        const size_t entry = story_at(world, node, slot);
        if (entry == SIZE_MAX || slot->seq > world_counts_to(world, node, chain)) {
            continue;
        }
        list->telling.holds[entry] = true;
        if (post->told_by[entry] != 0 || officers->story.entries[entry].ref.author == node->peer) {
            continue;
        }
        const struct ref *ref = &officers->story.entries[entry].ref;
        list->telling.tells[entry] = true;
        if (slot->seq <= chain->head_seq) {
            list_head(list, slot, ref);
        } else {
            list_ref(list, list->ahead, &list->ahead_count, ref);
        }
    }
}

// Whether the last receipt is on its way to the store: until then it is not known what was told.
static bool is_telling(const struct world *world, const struct post *post)
{
    return post->receipt != 0 && world->oracle.issues[post->receipt - 1].state == ISSUE_WAITING;
}

// The number of its next one, by those in its store.
static uint64_t next_rank(const struct officers *officers, const struct node *node)
{
    const struct post *post = &officers->posts[node->index];
    uint64_t rank = 1;

    for (size_t i = 0; i < officers->story.count; i++) {
        rank += officers->facts[i].is_receipt && post->held_ms[i] != 0 &&
                officers->story.entries[i].ref.author == node->peer;
    }
    return rank;
}

// Says what has come since it said so last [18.13].
static bool write_receipt(struct world *world, const struct node *node)
{
    static struct receipt_list list;
    struct officers *officers = world->officers;
    struct post *post = &officers->posts[node->index];
    struct body *body = &officers->pen.body;

    memset(&list, 0, sizeof list);
    list_untold(world, node, &list);
    if (list.is_full || list.heads_count + list.ahead_count == 0 || is_telling(world, post)) {
        return false;
    }
    body_begin(body, "receipt");
    list.telling.rank = next_rank(officers, node);
    body_count(body, "number", list.telling.rank);
    if (list.heads_count > 0) {
        body_refs(body, "heads", list.heads, list.heads_count);
    }
    if (list.ahead_count > 0) {
        body_refs(body, "ahead", list.ahead, list.ahead_count);
    }
    post->receipt = list.telling.number = oracle_begin(world, node->index);
    officers->tellings[officers->tellings_count++] = list.telling;
    return true;
}

// -- what they write --

static void publish(struct world *world, struct node *node, const struct group_key *key)
{
    struct body *body = &world->officers->pen.body;
    const uint64_t number = oracle_begin(world, node->index);

    body_count(body, "n", number);
    struct publication item = {.content = body_end(body),
                               .key = key,
                               .precedence = (uint8_t)random_below(&world->random, PRECEDENCES)};
    node_publish_body(world, node, number, &item);
}

static void write_ack(struct pen *pen)
{
    struct ref of = pen_any_ref(pen);

    body_begin(&pen->body, "ack");
    body_refs(&pen->body, "of", &of, 1);
    body_text(&pen->body, "as", random_permille(pen->random, 500) ? "seen" : "accepted");
}

// What any kind may have, now and then.
static void adorn(struct pen *pen)
{
    if (random_permille(pen->random, 150)) {
        struct ref cited = pen_any_ref(pen);
        body_refs(&pen->body, "cites", &cited, 1);
    }
    if (random_permille(pen->random, 150)) {
        body_count(&pen->body, "ack_by", ack_by_ms);
    }
}

// Now and then an officer asks what was, and what others knew.
static void ask(struct world *world, const struct node *node)
{
    const struct officers *officers = world->officers;
    const struct post *post = &officers->posts[node->index];
    const uint32_t entry = random_below(&world->random, 1 + (uint32_t)officers->story.count);

    if (random_permille(&world->random, 50)) {
        post_check_moment(world, node, post->held_ms[entry]);
    }
    if (random_permille(&world->random, 10)) {
        post_check_others(world, node);
    }
}

static void act(struct world *world, struct node *node)
{
    struct officers *officers = world->officers;
    struct post *post = &officers->posts[node->index];
    const uint32_t what = random_below(&world->random, 100);

    officers->pen.arrived_ms = post->shown_ms;
    if (what < 15) {
        if (write_receipt(world, node)) {
            publish(world, node, &world->federation.group_key);
        }
        return;
    }
    if (what < 30) {
        pen_begin(&officers->pen);
    } else if (what < 37) {
        pen_count(&officers->pen);
    } else if (what < 45) {
        write_ack(&officers->pen);
    } else if (!pen_change(&officers->pen, post->picture)) {
        return;
    }
    adorn(&officers->pen);
    publish(world, node, groups_pick_key(world, node));
}

bool officers_write(struct world *world)
{
    struct officers *officers = world->officers;

    if (officers == NULL) {
        return false;
    }
    struct node *node = node_pick(world, true);
    // Those of all who publish once more must have room, too.
    if (node != NULL && world->publications < world->plan.publish_max &&
        (node->is_own_ready || random_permille(&world->random, 100))) {
        world->publications++;
        ask(world, node);
        act(world, node);
    }
    return true;
}

// -- runs --

void officers_look(struct world *world, struct node *node, enum look look)
{
    if (world->officers == NULL || node->is_malicious) {
        return;
    }
    struct post *post = &world->officers->posts[node->index];
    const uint64_t before = post->set;
    if (look == LOOK_ANEW) {
        if (post->picture != NULL) {
            post_compare(world, node);
        }
        post_look_anew(world, node);
    } else {
        post_look(world, node);
    }
    // Of all that may be had, some are looked at: by everyone who comes to have just these.
    if (look == LOOK_ANEW || (post->set != before && post->set % SETS_PER_LOOK == 0)) {
        post_compare(world, node);
    }
}

static void draw(struct plan *plan, uint64_t seed, const struct plan_bounds *bounds)
{
    // Who lies is run.c's matter.
    const struct plan_bounds all = {bounds->nodes_max, bounds->nodes_max, .is_honest = true};
    struct random random;

    random_init(&random, seed ^ UINT64_C(0x0ff1ce5));
    plan_draw(plan, &random, &all);
    plan->seed = seed;
    plan->storm_ms = random_between(&random, STORM_MS_MIN, STORM_MS_MAX);
    plan->publish_max = random_between(&random, ENTRIES_MIN, ENTRIES_MAX);
    plan->weather.publish_ms = plan->storm_ms / plan->publish_max;
}

static void begin(struct world *world)
{
    static struct officers officers; // too large for the stack; one run at a time
    const uint32_t per_centre = random_between(&world->random, 1, 2);

    memset(&officers, 0, sizeof officers);
    for (uint32_t i = 0; i < STORY_NODES; i++) {
        officers.centres[i] = i / per_centre;
    }
    officers.pen.story = &officers.story;
    officers.pen.random = &world->random;
    officers.pen.strays = STRAYS_PERMILLE;
    world->officers = &officers;
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (world->nodes[i].is_alive) {
            officers_look(world, &world->nodes[i], LOOK_ANEW);
        }
    }
}

void officers_seed(uint64_t seed, const struct plan_bounds *bounds, bool is_verbose,
                   struct run_result *result)
{
    static struct world world; // too large for the stack; one run at a time
    struct plan plan;
    struct sealer *sealer = sealer_create();

    draw(&plan, seed, bounds);
    world_init(&world, &plan, sealer);
    world.is_verbose = is_verbose;
    begin(&world);
    run_storm(&world);
    for (uint32_t i = 0; i < INSTANCES_MAX; i++) {
        picture_destroy(&world.officers->posts[i].picture);
    }
    story_end(&world.officers->story);
    run_end(&world, result);
    sealer_destroy(&sealer);
}
