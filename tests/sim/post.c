// SPDX-License-Identifier: EUPL-1.2
// What comes to a post, from its node's store. What officers make of it is officers.c's.
#include "sim/post.h"

#include "sim/groups.h"

// -- the story --

static size_t bucket_of(const struct ref *ref)
{
    return (size_t)(ref->tag[0] << 8 | ref->tag[1]) % STORY_BUCKETS;
}

size_t story_find(const struct officers *officers, const struct ref *ref)
{
    size_t at = bucket_of(ref);

    while (officers->buckets[at] != 0) {
        const size_t entry = officers->buckets[at] - 1;
        if (ref_compare(&officers->story.entries[entry].ref, ref) == 0) {
            return entry;
        }
        at = (at + 1) % STORY_BUCKETS;
    }
    return SIZE_MAX;
}

static struct ref ref_of(const struct world *world, const struct chain *chain,
                         const struct record *record)
{
    const struct roster *roster = federation_last(&world->federation);
    struct ref ref = {.author = (uint32_t)roster_find_signing(roster, chain->author),
                      .epoch = (uint32_t)chain->epoch,
                      .seq = record->seq};

    memcpy(ref.tag, record->id, TAG_LEN);
    return ref;
}

static bool is_receipt(struct span body)
{
    struct content content;
    struct content_fault why;

    return content_read(body, &content, &why) == ERR_OK &&
           strcmp(content.kind->name, "receipt") == 0;
}

static void mark_fork(struct officers *officers, size_t entry)
{
    const struct ref *ref = &officers->story.entries[entry].ref;

    for (size_t i = 0; i < entry; i++) {
        const struct ref *other = &officers->story.entries[i].ref;
        if (other->author == ref->author && other->epoch == ref->epoch && other->seq == ref->seq) {
            officers->facts[i].is_of_fork = officers->facts[entry].is_of_fork = true;
        }
    }
}

static size_t add_to_story(struct world *world, const struct ref *ref, const struct record *record,
                           struct span body)
{
    struct officers *officers = world->officers;
    const uint32_t group = groups_find(world, record->group);
    const size_t entry = officers->story.count;
    size_t at = bucket_of(ref);

    story_put(&officers->story, ref, body);
    officers->facts[entry] = (struct fact){.number = oracle_number(body),
                                           .written_ms = record->time >> 16,
                                           .precedence = record->precedence,
                                           .group = group == GROUPS_MAX ? 0 : (uint16_t)(1 + group),
                                           .is_receipt = is_receipt(body)};
    mark_fork(officers, entry);
    while (officers->buckets[at] != 0) {
        at = (at + 1) % STORY_BUCKETS;
    }
    officers->buckets[at] = (uint16_t)(1 + entry);
    return entry;
}

size_t story_at(const struct world *world, const struct node *node, const struct slot *slot)
{
    const struct ref ref =
        ref_of(world, &node->disk.state.chains[slot->chain], &slot->blob->record);

    return story_find(world->officers, &ref);
}

size_t story_take(struct world *world, const struct node *node, const struct slot *slot)
{
    struct officers *officers = world->officers;
    const struct chain *chain = &node->disk.state.chains[slot->chain];
    const struct record *record = &slot->blob->record;
    const struct ref ref = ref_of(world, chain, record);
    const size_t known = story_find(officers, &ref);
    struct span body;

    if (known != SIZE_MAX || officers->story.count + 1 >= STORY_ENTRIES) {
        return known;
    }
    if (!groups_open_body(world, NULL, chain, record, &body)) {
        world_fail(world, "%c stores what nobody can open", node_letter(world, node));
        return SIZE_MAX;
    }
    return add_to_story(world, &ref, record, body);
}

// -- what comes --

struct picture *post_picture(const struct officers *officers)
{
    struct picture *picture = NULL;

    if (picture_create(&picture, (const uint8_t *)"a picture's key..") != ERR_OK ||
        picture_set_centres(picture, officers->centres, STORY_NODES) != ERR_OK) {
        abort();
    }
    return picture;
}

static void show(struct picture *picture, const struct picture_entry *entry)
{
    if (picture_add(picture, entry) != ERR_OK) {
        abort();
    }
}

static struct picture_entry entry_of(const struct officers *officers, const struct post *post,
                                     size_t entry)
{
    const struct story_entry *from = &officers->story.entries[entry];

    return (struct picture_entry){.ref = from->ref,
                                  .written_ms = officers->facts[entry].written_ms,
                                  .arrived_ms = post->held_ms[entry],
                                  .precedence = officers->facts[entry].precedence,
                                  .group = officers->facts[entry].group,
                                  .body = {from->bytes, from->len}};
}

void post_show(const struct officers *officers, const struct post *post, size_t entry,
               struct picture *picture)
{
    const struct picture_entry shown = entry_of(officers, post, entry);

    show(picture, &shown);
}

static uint64_t sum_of(const struct ref *ref)
{
    uint64_t sum;

    static_assert(sizeof sum == TAG_LEN, "a tag is added as a number");
    memcpy(&sum, ref->tag, sizeof sum);
    return sum;
}

const struct telling *telling_find(const struct officers *officers, uint64_t number)
{
    for (size_t i = 0; i < officers->tellings_count; i++) {
        if (officers->tellings[i].number == number) {
            return &officers->tellings[i];
        }
    }
    return NULL;
}

// An own receipt is in the store: what it tells is told.
static void take_receipt(struct officers *officers, struct post *post, size_t receipt)
{
    const struct telling *telling = telling_find(officers, officers->facts[receipt].number);

    for (size_t i = 0; telling != NULL && i < STORY_ENTRIES; i++) {
        if (telling->tells[i] && post->told_by[i] == 0) {
            post->told_by[i] = (uint16_t)(1 + receipt);
        }
    }
}

// What its node can open, and opens as its author wrote it, comes into the picture.
static void open_entry(struct world *world, const struct node *node, const struct slot *slot,
                       size_t entry)
{
    struct officers *officers = world->officers;
    struct post *post = &officers->posts[node->index];
    const struct chain *chain = &node->disk.state.chains[slot->chain];
    const struct story_entry *from = &officers->story.entries[entry];
    struct picture_entry shown = entry_of(officers, post, entry);

    if (slot->is_damaged ||
        !groups_open_body(world, node, chain, &slot->blob->record, &shown.body)) {
        post->is_behind = true;
        return;
    }
    if (shown.body.len != from->len || memcmp(shown.body.bytes, from->bytes, from->len) != 0) {
        world_fail(world, "%c opens another body than others", node_letter(world, node));
    }
    show(post->picture, &shown);
    post->shown_ms[entry] = post->held_ms[entry];
    post->set += sum_of(&from->ref);
}

static void take(struct world *world, const struct node *node, const struct slot *slot)
{
    struct officers *officers = world->officers;
    struct post *post = &officers->posts[node->index];
    const size_t entry = story_take(world, node, slot);

    if (entry == SIZE_MAX || post->shown_ms[entry] != 0) {
        return;
    }
    if (post->held_ms[entry] == 0) {
        post->held_ms[entry] = node_wall_ms(world, node);
    }
    if (post->held_step[entry] == 0) {
        post->held_step[entry] = world->tally.steps;
    }
    if (officers->story.entries[entry].ref.author == node->peer &&
        officers->facts[entry].is_receipt) {
        take_receipt(officers, post, entry);
    }
    const struct chain *chain = &node->disk.state.chains[slot->chain];
    if (slot->seq <= world_counts_to(world, node, chain)) {
        open_entry(world, node, slot, entry);
    }
}

void post_look(struct world *world, struct node *node)
{
    struct post *post = &world->officers->posts[node->index];
    const struct disk_state *state = &node->disk.state;
    const uint64_t seen = post->is_behind ? 0 : post->seen;

    post->is_behind = false;
    post->seen = state->arrivals;
    for (size_t i = 0; i < state->slots_count; i++) {
        if (state->slots[i].blob->record.arrival > seen) {
            take(world, node, &state->slots[i]);
        }
    }
}

// What was in the store and is not any more has not come.
static void forget_lost(struct world *world, const struct node *node)
{
    struct officers *officers = world->officers;
    struct post *post = &officers->posts[node->index];
    const struct disk_state *state = &node->disk.state;
    static bool is_here[STORY_ENTRIES];

    memset(is_here, 0, sizeof is_here);
    for (size_t i = 0; i < state->slots_count; i++) {
        const size_t entry = story_take(world, node, &state->slots[i]);
        if (entry != SIZE_MAX) {
            is_here[entry] = true;
        }
    }
    for (size_t entry = 0; entry < officers->story.count; entry++) {
        if (!is_here[entry]) {
            post->held_ms[entry] = 0;
        }
    }
}

void post_look_anew(struct world *world, struct node *node)
{
    struct officers *officers = world->officers;
    struct post *post = &officers->posts[node->index];

    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (world->nodes[i].peer == node->peer && (i != node->index || node->was_restored)) {
            post->is_torn = officers->posts[i].is_torn = true;
        }
    }
    forget_lost(world, node);
    picture_destroy(&post->picture);
    post->picture = post_picture(officers);
    memset(post->shown_ms, 0, sizeof post->shown_ms);
    memset(post->told_by, 0, sizeof post->told_by);
    post->set = 0;
    post->is_behind = true;
    post_look(world, node);
}
