// SPDX-License-Identifier: EUPL-1.2
// Group keys of a run. The nodes judge by the changes they know, with the code under test; who may
// have a key is reckoned here a second time, as bits.
#include "sim/groups.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/officers.h"
#include "sim/world.h"

enum { KNOWN_AFTER_MS = 20000, SLOW_VERDICT_MS = 2000, GROUP_ENTRY_PERMILLE = 300 };

static bool has_bit(uint32_t bits, uint32_t place)
{
    return (bits >> place & 1) != 0;
}

// -- changes --

static bool is_known(const struct world *world, const struct node *node,
                     const struct change_of_run *change)
{
    return world->now_ms >= change->known_ms[node->index];
}

// How the group stands by what the node knows; NULL when it knows of none.
static struct group *evaluate(const struct world *world, const struct node *node, uint32_t place)
{
    const struct groups *groups = &world->groups;
    struct group_change known[GROUP_CHANGES] = {0};
    size_t count = 0;
    for (uint32_t i = 0; i < groups->changes_count; i++) {
        const struct change_of_run *change = &groups->changes[i];
        if (change->group == place && is_known(world, node, change)) {
            known[count].author = groups->list[place].founder;
            known[count].seq = i + 1;
            known[count].content = (struct span){change->content, change->len};
            memcpy(known[count++].id, change->id, ID_LEN);
        }
    }
    struct group *group = NULL;
    enum err err = group_evaluate(world->federation.space, groups->list[place].id,
                                  world->federation.rosters[node->version - 1],
                                  (struct group_changes){known, count}, &group);
    return err == ERR_OK ? group : NULL;
}

// Tells of the newest change, the author at once.
static void spread(struct world *world, const struct node *author, struct change_of_run *change)
{
    world->groups.changes_count++;
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        uint32_t delay_ms = i == author->index ? 0 : random_below(&world->random, KNOWN_AFTER_MS);
        change->known_ms[i] = world->now_ms + delay_ms;
        world_after(world, delay_ms, (struct happening){.type = HAPPENS_KEYS, .node = i});
    }
}

// What the change comes after, as its author knows it.
static void name_latest(const struct world *world, const struct node *author, uint32_t place,
                        struct group_body *body)
{
    struct group *group = evaluate(world, author, place);
    assert(group);
    body->after_count = group->latest_count;
    memcpy(body->after, group->latest, sizeof body->after);
    group_destroy(&group);
}

// Encodes the body as the next change, with a new key where it brings one.
static struct change_of_run *make_change(struct world *world, struct node *author, uint32_t place,
                                         struct group_body *body)
{
    struct groups *groups = &world->groups;
    struct group_of_run *group = &groups->list[place];
    assert(groups->changes_count < GROUP_CHANGES);
    struct change_of_run *change = &groups->changes[groups->changes_count];
    uint8_t secret[SECRET_LEN];
    random_fill(&world->random, change->id, ID_LEN);
    if (body->op == GROUP_CREATE) {
        group_id_derive(change->id, group->id);
    } else {
        name_latest(world, author, place, body);
        memcpy(body->group, group->id, TAG_LEN);
    }
    change->group = place;
    change->has_key = body->has_key;
    if (body->has_key) {
        random_fill(&world->random, secret, sizeof secret);
        group_key_derive(&change->key, group->id, secret);
        group_key_hash(group->id, secret, body->key_hash);
        group_revoked_nodes(world->federation.rosters[author->version - 1], &body->revoked);
        author->held_keys |= 1u << groups->changes_count;
    }
    change->len = group_body_encode(body, change->content, sizeof change->content);
    assert(change->len > 0);
    return change;
}

void groups_found(struct world *world, struct node *node, uint32_t members)
{
    struct groups *groups = &world->groups;
    uint32_t place = groups->count;
    assert(place < GROUPS_MAX);
    struct group_of_run *group = &groups->list[place];
    *group = (struct group_of_run){.founder = node->peer,
                                   .members = members | 1u << node->peer,
                                   .has_history = random_permille(&world->random, 500)};
    struct group_body body = {
        .op = GROUP_CREATE, .name = "some", .has_history = group->has_history};
    body.centres.words[0] = group->members;
    body.owners.words[0] = 1u << node->peer;
    groups->count++;
    world_say(world, "%c founds a group of members %x", node_letter(world, node), group->members);
    spread(world, node, make_change(world, node, place, &body));
    body = (struct group_body){.op = GROUP_REKEY, .has_key = true};
    struct change_of_run *rekey = make_change(world, node, place, &body);
    rekey->audience = group->members;
    spread(world, node, rekey);
}

// Adds a member, removes one, or brings a new key alone.
static void change_group(struct world *world, struct node *node, uint32_t place)
{
    struct groups *groups = &world->groups;
    struct group_of_run *group = &groups->list[place];
    uint32_t centre = random_below(&world->random, world->plan.members);
    bool is_member = has_bit(group->members, centre);
    struct group_body body = {.op = GROUP_REKEY, .has_key = true};
    if (centre != group->founder) {
        body.op = is_member ? GROUP_REMOVE : GROUP_ADD;
        body.centre = centre;
        body.has_key = is_member || random_permille(&world->random, 300);
        group->members ^= 1u << centre;
    }
    struct change_of_run *change = make_change(world, node, place, &body);
    change->audience = group->members;
    if (body.op == GROUP_ADD && group->has_history) {
        for (uint32_t i = 0; i < groups->changes_count; i++) {
            groups->changes[i].audience |= groups->changes[i].group == place ? 1u << centre : 0;
        }
    }
    group->is_changed = true;
    world_say(world, "%c changes a group: members %x", node_letter(world, node), group->members);
    spread(world, node, change);
}

// A twin of the founder may not have heard of the group yet.
static bool knows_all(const struct world *world, const struct node *node, uint32_t place)
{
    for (uint32_t i = 0; i < world->groups.changes_count; i++) {
        const struct change_of_run *change = &world->groups.changes[i];
        if (change->group == place && !is_known(world, node, change)) {
            return false;
        }
    }
    return true;
}

// A group that is to be changed yet, and whose founder is there; `node` gets the instance.
static uint32_t pick_group(struct world *world, struct node **node)
{
    for (uint32_t g = 0; g < world->groups.count; g++) {
        for (uint32_t i = 0; i < world->nodes_count; i++) {
            struct node *founder = &world->nodes[i];
            if (!world->groups.list[g].is_changed && founder->is_alive &&
                founder->peer == world->groups.list[g].founder && knows_all(world, founder, g)) {
                *node = founder;
                return g;
            }
        }
    }
    return GROUPS_MAX;
}

void groups_change(struct world *world)
{
    struct node *founder = NULL;
    uint32_t group = pick_group(world, &founder);
    struct node *node = node_pick(world, true);
    // Changes of one that is revoked later may come to count no more.
    bool may_found = node && world->groups.count < GROUPS_MAX &&
                     (world->plan.revoked == 0 || node->peer != world->plan.revoked);
    if (founder && random_permille(&world->random, may_found ? 500 : 1000)) {
        change_group(world, founder, group);
    } else if (may_found) {
        groups_found(world, node, 1 + (uint32_t)random_below(&world->random, 1u << MEMBERS_MAX));
    }
}

// -- a node's shell --

static bool is_entitled(const struct world *world, const struct node *node, uint32_t member,
                        const struct change_of_run *change)
{
    struct group *group = evaluate(world, node, change->group);
    bool is = group && group_entitled(group, world->federation.rosters[node->version - 1], member,
                                      change->key.id);
    group_destroy(&group);
    return is;
}

void groups_begin_node(struct world *world, struct node *node)
{
    for (uint32_t i = 0; i < world->groups.changes_count; i++) {
        const struct change_of_run *change = &world->groups.changes[i];
        if (!is_known(world, node, change)) {
            world_after(world, change->known_ms[node->index] - world->now_ms,
                        (struct happening){.type = HAPPENS_KEYS, .node = node->index});
        }
    }
    groups_refresh(world, node);
}

void groups_refresh(struct world *world, struct node *node)
{
    struct key_ref wanted[GROUP_CHANGES];
    size_t count = 0;
    for (uint32_t i = 0; i < world->groups.changes_count && !node->is_malicious; i++) {
        const struct change_of_run *change = &world->groups.changes[i];
        if (change->has_key && !has_bit(node->held_keys, i) && is_known(world, node, change) &&
            is_entitled(world, node, node->peer, change)) {
            memcpy(wanted[count].group, change->key.group, TAG_LEN);
            memcpy(wanted[count++].key, change->key.id, TAG_LEN);
        }
    }
    if (world->groups.changes_count == 0 || node->is_malicious) {
        return;
    }
    struct event event = {.type = EVENT_KEYS_WANTED,
                          .keys_wanted = {.list = wanted, .count = count}};
    node_step(world, node, &event);
}

// The change that brought a key; NULL when there is none.
static const struct change_of_run *find_change(const struct world *world, const uint8_t *group,
                                               const uint8_t *key)
{
    for (uint32_t i = 0; i < world->groups.changes_count; i++) {
        const struct change_of_run *change = &world->groups.changes[i];
        if (change->has_key && memcmp(change->key.group, group, TAG_LEN) == 0 &&
            memcmp(change->key.id, key, TAG_LEN) == 0) {
            return change;
        }
    }
    return NULL;
}

void groups_wanted(struct world *world, const struct node *node, const struct note *note)
{
    bool is_slow = random_permille(&world->random, 100);
    struct happening question = {.type = HAPPENS_KEY_VERDICT,
                                 .node = node->index,
                                 .number = note->cookie,
                                 .other = (uint32_t)note->index};
    question.len = sizeof(struct key_ref);
    question.bytes = malloc(question.len);
    assert(question.bytes);
    memcpy(question.bytes, note->sealed_key.group, TAG_LEN);
    memcpy(question.bytes + TAG_LEN, note->sealed_key.key, TAG_LEN);
    world_after(world, random_below(&world->random, is_slow ? SLOW_VERDICT_MS : 10), question);
}

// The answer to a question by who holds the key and finds the requester entitled.
static void give(struct world *world, const struct node *node, uint32_t member,
                 const struct change_of_run *change, struct sealed_key *sealed)
{
    const struct roster *roster = world->federation.rosters[node->version - 1];
    uint8_t chance[32];
    if (!has_bit(change->audience, member) || roster->nodes[member].is_revoked) {
        world_fail(world, "%c gives %c a key that it may not have", node_letter(world, node),
                   'a' + (int)member);
    }
    random_fill(&world->random, chance, sizeof chance);
    enum err err = group_key_seal(&change->key, roster->nodes[member].transport, chance, sealed);
    assert(err == ERR_OK);
    (void)err;
}

void groups_judge(struct world *world, struct node *node, const struct happening *question)
{
    const struct change_of_run *change =
        find_change(world, question->bytes, question->bytes + TAG_LEN);
    struct sealed_key sealed;
    struct event event = {.type = EVENT_KEY_VERDICT,
                          .key_verdict = {.cookie = question->number, .verdict = KEY_PASS}};
    if (change && is_known(world, node, change)) {
        uint32_t place = (uint32_t)(change - world->groups.changes);
        if (!is_entitled(world, node, question->other, change)) {
            event.key_verdict.verdict = KEY_DENY;
        } else if (has_bit(node->held_keys, place)) {
            give(world, node, question->other, change, &sealed);
            event.key_verdict.verdict = KEY_ANSWER;
            event.key_verdict.sealed = &sealed;
        }
    }
    node_step(world, node, &event);
}

void groups_take_key(struct world *world, struct node *node, const struct note *note)
{
    struct group_key key;
    const struct change_of_run *change =
        find_change(world, note->sealed_key.group, note->sealed_key.key);
    if (!change || !is_known(world, node, change)) {
        world_fail(world, "%c gets a key that it did not ask for", node_letter(world, node));
        return;
    }
    if (group_key_unseal(&note->sealed_key, world->federation.transports[node->peer],
                         world->federation.transport_secrets[node->peer], &key) != ERR_OK) {
        return; // asked again, as long as it is in the list
    }
    struct group *group = evaluate(world, node, change->group);
    if (group && group_check_key(group, &key) == ERR_OK) {
        groups_audit_key(world, node->peer, &key);
        node->held_keys |= 1u << (change - world->groups.changes);
        world->tally.keys++;
        officers_look(world, node, LOOK_ON);
        world_after(world, 1, (struct happening){.type = HAPPENS_KEYS, .node = node->index});
    }
    group_destroy(&group);
}

// -- bodies --

const struct group_key *groups_pick_key(struct world *world, const struct node *node)
{
    const struct groups *groups = &world->groups;
    if (groups->changes_count > 0 && random_permille(&world->random, GROUP_ENTRY_PERMILLE)) {
        const uint32_t place = random_below(&world->random, groups->changes_count);
        if (has_bit(node->held_keys, place)) {
            return &groups->changes[place].key;
        }
    }
    return &world->federation.group_key;
}

bool groups_open_body(const struct world *world, const struct node *node, const struct chain *chain,
                      const struct record *record, struct span *content)
{
    const struct change_of_run *change = find_change(world, record->group, record->key);
    const struct group_key *key = change ? &change->key : &world->federation.group_key;
    const bool may_open =
        !change || !node || has_bit(node->held_keys, (uint32_t)(change - world->groups.changes));
    const struct header header = disk_header(chain, record);
    const struct span sealed = {.bytes = record->sealed, .len = record->sealed_len};
    return may_open && seal_open(world->sealer, key, &header, sealed, content) == ERR_OK;
}

uint32_t groups_find(const struct world *world, const uint8_t group[static TAG_LEN])
{
    uint32_t place = 0;
    while (place < world->groups.count &&
           memcmp(world->groups.list[place].id, group, TAG_LEN) != 0) {
        place++;
    }
    return place < world->groups.count ? place : GROUPS_MAX;
}

// -- audit --

void groups_audit_key(struct world *world, uint32_t member, const struct group_key *key)
{
    const struct change_of_run *change = find_change(world, key->group, key->id);
    if (!change || memcmp(change->key.secret, key->secret, SECRET_LEN) != 0) {
        world_fail(world, "%c takes a false key", 'a' + (int)member);
    } else if (!has_bit(change->audience, member)) {
        world_fail(world, "%c has come by a key that it may not have", 'a' + (int)member);
    }
}

static bool is_sound(const struct world *world, const struct node *node)
{
    return !node->is_malicious && node->is_alive && !world_has_revoked(world, node);
}

static bool has_twin(const struct world *world, const struct node *node)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (i != node->index && world->nodes[i].peer == node->peer) {
            return true;
        }
    }
    return false;
}

static bool is_held(const struct world *world, uint32_t place)
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        if (is_sound(world, &world->nodes[i]) && has_bit(world->nodes[i].held_keys, place)) {
            return true;
        }
    }
    return false;
}

bool groups_are_settled(struct world *world, char *why, size_t why_size)
{
    for (uint32_t c = 0; c < world->groups.changes_count; c++) {
        const struct change_of_run *change = &world->groups.changes[c];
        for (uint32_t i = 0; change->has_key && is_held(world, c) && i < world->nodes_count; i++) {
            const struct node *node = &world->nodes[i];
            // A question in the name of two goes by neither of them; one may be the bridge.
            bool is_due = is_sound(world, node) && has_bit(change->audience, node->peer) &&
                          !has_twin(world, node);
            if (is_due && !has_bit(node->held_keys, c)) {
                snprintf(why, why_size, "%c lacks key %u", node_letter(world, node), c);
                return false;
            }
        }
    }
    return true;
}
