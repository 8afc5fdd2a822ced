// SPDX-License-Identifier: EUPL-1.2
// What pictures must agree on: equal entries make equal pictures, at whichever node, now and at
// each moment before, in whatever order, parts and repetitions they came, also over restarts. What
// a picture makes of an entry is not known here.
#include <inttypes.h>

#include "sim/officers.h"
#include "sim/post.h"

enum { PARTS = 3 };

// -- one set, one picture --

// What is asked of a place, beside what the picture's own digest is of.
static void add_answers(crypto_generichash_state *state, struct picture *picture,
                        const struct ref *ref)
{
    const uint32_t place = picture_find(picture, ref);

    if (!story_version(picture, ref).is_here) {
        return;
    }
    const uint64_t answers[] = {picture_is_outdated(picture, place), picture_ack_by(picture, place),
                                picture_naming(picture, place, "of", NULL, 0)};
    (void)crypto_generichash_update(state, (const uint8_t *)answers, sizeof answers);
}

void post_see(const struct officers *officers, struct picture *picture,
              uint8_t digest[static DIGEST_LEN])
{
    crypto_generichash_state state;

    if (picture_digest(picture, digest) != ERR_OK) {
        abort();
    }
    (void)crypto_generichash_init(&state, NULL, 0, DIGEST_LEN);
    (void)crypto_generichash_update(&state, digest, DIGEST_LEN);
    for (size_t i = 0; i < officers->story.count; i++) {
        add_answers(&state, picture, &officers->story.entries[i].ref);
    }
    (void)crypto_generichash_final(&state, digest, DIGEST_LEN);
}

void post_compare(struct world *world, const struct node *node)
{
    struct officers *officers = world->officers;
    const struct post *post = &officers->posts[node->index];
    uint8_t digest[DIGEST_LEN];
    size_t at = 0;

    post_see(officers, post->picture, digest);
    while (at < officers->sightings_count && officers->sightings[at].set != post->set) {
        at++;
    }
    struct sighting *sighting = &officers->sightings[at];
    if (at < officers->sightings_count && memcmp(sighting->digest, digest, DIGEST_LEN) != 0) {
        world_fail(world, "%c shows another picture of the same entries than %c",
                   node_letter(world, node), node_letter(world, &world->nodes[sighting->instance]));
    }
    if (at == officers->sightings_count && at < SIGHTINGS_MAX) {
        *sighting = (struct sighting){.set = post->set, .instance = node->index};
        memcpy(sighting->digest, digest, DIGEST_LEN);
        officers->sightings_count++;
    }
}

// -- any order, any grouping, any duplicates --

static void shuffle(struct random *random, struct order *order)
{
    for (size_t i = order->count; i > 1; i--) {
        const size_t other = random_below(random, (uint32_t)i);
        const size_t kept = order->entries[i - 1];
        order->entries[i - 1] = order->entries[other];
        order->entries[other] = kept;
    }
}

void post_see_anew(struct world *world, const struct post *post, struct order *order,
                   uint8_t digest[static DIGEST_LEN])
{
    struct picture *picture = post_picture(world->officers);
    const size_t count = order->count;

    for (size_t i = 0; i < count; i++) {
        if (random_permille(&world->random, 100)) {
            order->entries[order->count++] = order->entries[i];
        }
    }
    shuffle(&world->random, order);
    for (size_t i = 0; i < order->count; i++) {
        post_show(world->officers, post, order->entries[i], picture);
        if (random_permille(&world->random, 20)) {
            post_see(world->officers, picture, digest);
        }
    }
    post_see(world->officers, picture, digest);
    picture_destroy(&picture);
}

void post_check_moment(struct world *world, const struct node *node, uint64_t moment_ms)
{
    const struct post *post = &world->officers->posts[node->index];
    uint8_t seen[DIGEST_LEN];
    uint8_t anew[DIGEST_LEN];
    struct order order = {.count = 0};

    picture_set_moment(post->picture, moment_ms);
    post_see(world->officers, post->picture, seen);
    picture_set_moment(post->picture, UINT64_MAX);
    for (size_t i = 0; i < world->officers->story.count; i++) {
        if (post->shown_ms[i] != 0 && post->shown_ms[i] <= moment_ms) {
            order.entries[order.count++] = i;
        }
    }
    post_see_anew(world, post, &order, anew);
    if (memcmp(seen, anew, DIGEST_LEN) != 0) {
        world_fail(world,
                   "%c shows another picture of %" PRIu64 " ms than one who got what it had then",
                   node_letter(world, node), moment_ms);
    }
}

// A part of what the post has, whatever came together, seen by two.
static void check_part(struct world *world, const struct node *node)
{
    const struct post *post = &world->officers->posts[node->index];
    const uint32_t permille = random_between(&world->random, 100, 900);
    struct order order = {.count = 0};
    struct order other;
    uint8_t one[DIGEST_LEN];
    uint8_t another[DIGEST_LEN];

    for (size_t i = 0; i < world->officers->story.count; i++) {
        if (post->shown_ms[i] != 0 && random_permille(&world->random, permille)) {
            order.entries[order.count++] = i;
        }
    }
    other = order;
    post_see_anew(world, post, &order, one);
    post_see_anew(world, post, &other, another);
    if (memcmp(one, another, DIGEST_LEN) != 0) {
        world_fail(world, "two see different pictures of the same %zu entries", order.count);
    }
}

// -- at rest --

// Who has the same keys has the same entries, but what lies ahead of a gap that is nowhere filled.
static void check_same_set(struct world *world, const struct node *node)
{
    const struct officers *officers = world->officers;

    if (world->has_lost || world->plan.revoked != 0) {
        return;
    }
    for (uint32_t i = 0; i < node->index; i++) {
        const struct node *other = &world->nodes[i];
        if (other->held_keys == node->held_keys &&
            officers->posts[i].set != officers->posts[node->index].set) {
            world_fail(world, "%c and %c do not show the same entries", node_letter(world, node),
                       node_letter(world, other));
        }
    }
}

void officers_audit(struct world *world)
{
    for (uint32_t i = 0; world->officers != NULL && i < world->nodes_count; i++) {
        struct node *node = &world->nodes[i];
        if (world_has_revoked(world, node)) {
            continue;
        }
        post_compare(world, node);
        check_same_set(world, node);
        post_check_moment(world, node, UINT64_MAX);
        post_check_others(world, node);
    }
    for (uint32_t i = 0; world->officers != NULL && i < PARTS; i++) {
        check_part(world, &world->nodes[random_below(&world->random, world->plan.members)]);
    }
}
