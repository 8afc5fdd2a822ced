// SPDX-License-Identifier: EUPL-1.2
// Histories of a group, told change by change: node i belongs to centre i % STORY_CENTRES. Shared
// by unit tests, vectors and the fuzzer; whether a history is a legal one is what they try out.
#ifndef TESTS_GROUP_STORY_H
#define TESTS_GROUP_STORY_H

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "roundtrip.h"
#include "sitrep/group.h"

enum { STORY_CENTRES = 8, STORY_NODES = 16, STORY_MAX = 64, STORY_BODY_MAX = 1024 };

struct story {
    uint8_t space[ID_LEN];
    uint8_t group[TAG_LEN];
    struct roster roster;
    struct roster_node nodes[STORY_NODES];
    struct group_change changes[STORY_MAX];
    uint8_t bodies[STORY_MAX][STORY_BODY_MAX];
    size_t count;
};

// One change. `after` has bit i for change i.
struct story_act {
    uint32_t author; // node
    enum group_op op;
    uint32_t centre;
    uint64_t after;
    uint8_t id;   // every byte of its id; 0: 0x10 and its place
    bool has_key; // for GROUP_ADD; the rest follows from `op`
};

static inline void story_begin(struct story *story)
{
    *story = (struct story){.count = 0};
    memset(story->space, 5, ID_LEN);
    memcpy(story->roster.federation, story->space, ID_LEN); // the real world
    for (uint32_t i = 0; i < STORY_NODES; i++) {
        story->nodes[i].centre = i % STORY_CENTRES;
    }
    story->roster.nodes = story->nodes;
    story->roster.nodes_count = STORY_NODES;
    story->roster.centres_count = STORY_CENTRES;
}

static inline void story_revoke(struct story *story, uint32_t node, uint64_t epoch, uint64_t seq)
{
    story->nodes[node].is_revoked = true;
    story->nodes[node].revoked_epoch = epoch;
    story->nodes[node].revoked_seq = seq;
}

// The secret that change `place` brings.
static inline void story_key(const struct story *story, size_t place, struct group_key *key)
{
    uint8_t secret[SECRET_LEN];

    memset(secret, (int)(0x80 + place), sizeof secret);
    group_key_derive(key, story->group, secret);
}

static inline void story_put(struct story *story, uint32_t author, const uint8_t id[static ID_LEN],
                             struct group_body *body)
{
    struct group_change *const change = &story->changes[story->count];
    struct group_key key;

    roundtrip_demand(story->count < STORY_MAX);
    story_key(story, story->count, &key);
    group_key_hash(story->group, key.secret, body->key_hash);
    group_revoked_nodes(&story->roster, &body->revoked);
    const size_t len = group_body_encode(body, story->bodies[story->count], STORY_BODY_MAX);
    roundtrip_demand(len > 0);
    *change = (struct group_change){.author = author,
                                    .epoch = 1,
                                    .seq = story->count + 1,
                                    .content = {story->bodies[story->count], len}};
    memcpy(change->id, id, ID_LEN);
    story->count++;
}

// The founding by node `author`, of centres and owners as bits, and the first key by the same: two
// changes. The id of the first founding is of bytes 0x10, that of its key 0x11.
static inline void story_found(struct story *story, uint32_t author, uint32_t centres,
                               uint32_t owners, bool has_history)
{
    struct group_body body = {.op = GROUP_CREATE, .name = "flood", .has_history = has_history};
    uint8_t id[ID_LEN];

    memset(id, 0x10 + (int)story->count, sizeof id);
    group_id_derive(id, story->group);
    body.centres.words[0] = centres;
    body.owners.words[0] = owners;
    story_put(story, author, id, &body);
    body = (struct group_body){.op = GROUP_REKEY};
    memcpy(body.group, story->group, TAG_LEN);
    memset(id, 0x10 + (int)story->count, sizeof id);
    story_put(story, author, id, &body);
}

static inline int story_compare_ids(const void *left, const void *right)
{
    return memcmp(left, right, ID_LEN);
}

static inline void story_tell_as(struct story *story, const struct story_act *act,
                                 const uint8_t id[static ID_LEN])
{
    struct group_body body = {.op = act->op, .has_key = act->has_key};

    memcpy(body.group, story->group, TAG_LEN);
    body.centre = act->op == GROUP_REKEY ? 0 : act->centre;
    for (size_t i = 0; i < story->count; i++) {
        if ((act->after >> i & 1) != 0 && body.after_count < GROUP_AFTER_MAX) {
            memcpy(body.after[body.after_count], story->changes[i].id, ID_LEN);
            body.after_count++;
        }
    }
    qsort(body.after, body.after_count, ID_LEN, story_compare_ids);
    story_put(story, act->author, id, &body);
}

static inline void story_tell(struct story *story, const struct story_act *act)
{
    uint8_t id[ID_LEN];

    memset(id, act->id != 0 ? act->id : 0x10 + (int)story->count, sizeof id);
    story_tell_as(story, act, id);
}

// Changes as text, separated by spaces: node, operation (+ adds, - removes, o owns, d disowns, k
// brings a key), centre, @ and a digit for each change it comes after, # and two hex digits for its
// id. "1+4@0 0d1@01" says: node 1 adds centre 4 after change 0; node 0 disowns centre 1 after both.
static inline void story_read(struct story *story, const char *text)
{
    static const char ops[] = {[GROUP_ADD] = '+',
                               [GROUP_REMOVE] = '-',
                               [GROUP_OWN] = 'o',
                               [GROUP_DISOWN] = 'd',
                               [GROUP_REKEY] = 'k'};
    char *at;

    for (const char *from = text; *from != '\0'; from = at + strspn(at, " ")) {
        struct story_act act = {.author = (uint32_t)strtoul(from, &at, 10)};
        const char *const op = memchr(ops + 1, *at, sizeof ops - 1);
        roundtrip_demand(op != NULL);
        act.op = (enum group_op)(op - ops);
        act.centre = (uint32_t)strtoul(at + 1, &at, 10);
        roundtrip_demand(*at == '@');
        for (at++; *at >= '0' && *at <= '9'; at++) {
            act.after |= UINT64_C(1) << (*at - '0');
        }
        if (*at == '#') {
            act.id = (uint8_t)strtoul(at + 1, &at, 16);
        }
        story_tell(story, &act);
    }
}

// The caller destroys the group.
static inline struct group *story_evaluate(const struct story *story)
{
    struct group *group = NULL;
    const struct group_changes changes = {story->changes, story->count};

    roundtrip_demand(group_evaluate(story->space, story->group, &story->roster, changes, &group) ==
                     ERR_OK);
    return group;
}

static inline bool story_keys_are_same(const struct group_keying *a, const struct group_keying *b)
{
    return memcmp(a->hash, b->hash, DIGEST_LEN) == 0 && memcmp(a->change, b->change, ID_LEN) == 0 &&
           memcmp(&a->audience, &b->audience, sizeof a->audience) == 0 &&
           a->is_usable == b->is_usable;
}

// Whether two groups stand the same, the effects of changes aside.
static inline bool story_is_same(const struct group *a, const struct group *b)
{
    bool same = memcmp(a->id, b->id, TAG_LEN) == 0 && a->is_all == b->is_all &&
                strcmp(a->name, b->name) == 0 && memcmp(a->founding, b->founding, ID_LEN) == 0 &&
                a->founder == b->founder && a->has_history == b->has_history &&
                memcmp(&a->members, &b->members, sizeof a->members) == 0 &&
                memcmp(&a->owners, &b->owners, sizeof a->owners) == 0 &&
                a->latest_count == b->latest_count &&
                memcmp(a->latest, b->latest, a->latest_count * ID_LEN) == 0 &&
                a->needs_key == b->needs_key && a->keys_count == b->keys_count &&
                (a->current == NULL) == (b->current == NULL);
    for (size_t i = 0; same && i < a->keys_count; i++) {
        same = story_keys_are_same(&a->keys[i], &b->keys[i]);
    }
    return same && (a->current == NULL || a->current - a->keys == b->current - b->keys);
}

// The changes turned round, each twice: the group must stand the same, and every change count the
// same.
static inline void story_demand_any_order(const struct story *story, const struct group *group)
{
    struct group_change *const turned = malloc(2 * STORY_MAX * sizeof *turned);
    struct group *again = NULL;

    roundtrip_demand(turned != NULL);
    for (size_t i = 0; i < story->count; i++) {
        turned[story->count - 1 - i] = story->changes[i];
        turned[story->count + i] = story->changes[i];
    }
    const struct group_changes changes = {turned, 2 * story->count};
    roundtrip_demand(group_evaluate(story->space, story->group, &story->roster, changes, &again) ==
                     ERR_OK);
    roundtrip_demand(story_is_same(group, again));
    for (size_t i = 0; i < story->count; i++) {
        roundtrip_demand(again->effects[story->count - 1 - i] == group->effects[i]);
        roundtrip_demand(again->effects[story->count + i] == group->effects[i]);
    }
    group_destroy(&again);
    free(turned);
}

// A history drawn from `seed`: founding by node 0 with three owners, then changes by anybody after
// up to three of the earlier ones.
static inline void story_draw(struct story *story, uint32_t seed, size_t count)
{
    uint8_t draws[STORY_MAX][8 + ID_LEN];
    uint8_t seed_bytes[randombytes_SEEDBYTES] = {(uint8_t)seed, (uint8_t)(seed >> 8)};

    randombytes_buf_deterministic(draws, sizeof draws, seed_bytes);
    story_begin(story);
    story_found(story, 0, 0x1f, 0x07, seed % 2 == 0);
    while (story->count < count) {
        const uint8_t *const draw = draws[story->count];
        struct story_act act = {.author = draw[0] % STORY_NODES, .centre = draw[1] % 6};
        const uint8_t op = draw[2] % 10; // additions twice as often as each of the others
        act.op = op < 3
                     ? GROUP_ADD
                     : (op < 6 ? GROUP_OWN
                               : (op < 7 ? GROUP_REMOVE : (op < 9 ? GROUP_DISOWN : GROUP_REKEY)));
        act.author %= op % 2 == 0 ? 4 : STORY_NODES;
        act.has_key = (draw[3] & 1) != 0;
        const size_t reach = story->count < 6 ? story->count : 6;
        const size_t draws_end = 5 + draw[3] / 2u % 3;
        for (size_t i = 4; i < draws_end; i++) {
            act.after |= UINT64_C(1) << (story->count - 1 - draw[i] % reach);
        }
        story_tell_as(story, &act, draw + 8);
    }
}

#endif
