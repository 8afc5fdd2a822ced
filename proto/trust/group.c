// SPDX-License-Identifier: EUPL-1.2
// How a group stands, from its changes: members, owners, keys and who may have them [14]. Which
// changes count is decided in group_rules.c.
#include "sitrep/group.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "trust/bits.h"
#include "trust/group_history.h"

// A group with the memory behind it.
struct standing {
    struct group group;         // first, so that a pointer to it is a pointer to all
    enum group_effect *effects; // of every change handed over, behind the keys
    struct group_keying keys[];
};

// A change that brings a key.
struct bringing {
    const struct step *step;
    struct group_body body;
    struct centre_set knowing; // whose nodes have the key, as far as the change tells
};

static struct change_set all_counted(const struct history *history)
{
    struct change_set all = {0};
    for (uint32_t number = 0; number < history->counted_count; number++) {
        bits_add(all.words, number);
    }
    return all;
}

static struct change_set find_later(const struct history *history, const struct step *step)
{
    struct change_set later = {0};
    for (uint32_t number = (uint32_t)step->number + 1; number < history->counted_count; number++) {
        if (bits_has(history->counted[number].step->seen.words, (uint32_t)step->number)) {
            bits_add(later.words, number);
        }
    }
    return later;
}

// Whether what made `centre` a member for the change still holds, but for removals that came after
// the change [14.9].
static bool was_admitted_by(const struct history *history, uint32_t number, uint32_t centre,
                            const struct change_set *later)
{
    const struct counted *const counted = &history->counted[number];
    struct change_set before = counted->step->seen;
    bits_join(before.words, later->words, CHANGE_WORDS);
    return bits_are_none(counted->overruling.words, CHANGE_WORDS) &&
           bits_are_in(history->removals[centre].words, before.words, CHANGE_WORDS);
}

static void add_admitted(const struct history *history, uint32_t number,
                         const struct change_set *later, struct centre_set *audience)
{
    const struct centre_set given = history_given(history, number, MEMBERSHIP);
    if (bits_are_none(given.words, CENTRE_WORDS)) {
        return;
    }
    for (uint32_t centre = 0; centre < CENTRES_MAX; centre++) {
        if (centre_set_has(&given, centre) && was_admitted_by(history, number, centre, later)) {
            centre_set_add(audience, centre);
        }
    }
}

// [14.9]
static void find_audience(const struct history *history, const struct step *step,
                          struct centre_set *audience)
{
    const struct change_set later = find_later(history, step);
    for (uint32_t number = 0; number <= (uint32_t)step->number; number++) {
        if (bits_has(step->seen.words, number)) {
            add_admitted(history, number, &later, audience);
        }
    }
}

// Whether a node has the key that was revoked since [14.10].
static bool is_known_to_revoked(const struct roster *roster, const struct bringing *bringing)
{
    for (uint32_t i = 0; i < roster->nodes_count; i++) {
        if (roster->nodes[i].is_revoked &&
            centre_set_has(&bringing->knowing, roster->nodes[i].centre) &&
            !bits_has(bringing->body.revoked.words, i)) {
            return true;
        }
    }
    return false;
}

// [14.10]
static bool is_usable(const struct history *history, const struct group *group,
                      const struct bringing *bringing, const struct centre_set *audience)
{
    return bringing->step->effect == GROUP_COUNTS &&
           bits_are_in(bringing->knowing.words, group->members.words, CENTRE_WORDS) &&
           (group->has_history ||
            bits_are_in(group->members.words, audience->words, CENTRE_WORDS)) &&
           !is_known_to_revoked(history->roster, bringing);
}

static void add_key(const struct history *history, const struct step *step,
                    struct standing *standing)
{
    struct group *const group = &standing->group;
    struct bringing bringing = {.step = step};
    struct centre_set owners;
    const enum err err = group_body_decode(step->change->content, &bringing.body);
    assert(!err); // it was read before
    (void)err;
    if (group_find_key(group, bringing.body.key_hash)) {
        return; // [14.9] one key id, one key: the first in order
    }
    struct group_keying *const key = &standing->keys[group->keys_count];
    memcpy(key->hash, bringing.body.key_hash, DIGEST_LEN);
    memcpy(key->change, step->change->id, ID_LEN);
    if (group->is_all) {
        key->audience = group->members;
        bringing.knowing = group->members;
    } else {
        find_audience(history, step, &key->audience);
        history_view(history, &step->seen, &bringing.knowing, &owners);
        centre_set_add(&bringing.knowing, step->author_centre);
    }
    key->is_usable = is_usable(history, group, &bringing, &key->audience);
    group->keys_count++;
}

static const struct step *find_change(const struct history *history,
                                      const uint8_t id[static ID_LEN])
{
    for (uint32_t number = 0; number < history->counted_count; number++) {
        const struct step *const step = history->counted[number].step;
        if (memcmp(step->change->id, id, ID_LEN) == 0) {
            return step;
        }
    }
    return NULL;
}

// Of the usable keys that no usable one came after, the one of the smallest change [14.10].
static const struct group_keying *find_current(const struct history *history,
                                               const struct standing *standing)
{
    const struct group_keying *current = NULL;
    struct change_set followed = {0}; // what usable keys came after
    for (size_t i = standing->group.keys_count; i > 0; i--) {
        const struct group_keying *const key = &standing->keys[i - 1];
        if (!key->is_usable) {
            continue;
        }
        const struct step *const step = find_change(history, key->change);
        if (!bits_has(followed.words, (uint32_t)step->number) &&
            (!current || memcmp(key->change, current->change, ID_LEN) < 0)) {
            current = key;
        }
        bits_join(followed.words, step->seen.words, CHANGE_WORDS);
    }
    return current;
}

static struct change_set find_named(const struct history *history)
{
    struct change_set named = {0};
    for (uint32_t number = 0; number < history->counted_count; number++) {
        struct change_set past = history->counted[number].step->seen;
        past.words[number / 64] &= ~(UINT64_C(1) << (number % 64));
        bits_join(named.words, past.words, CHANGE_WORDS);
    }
    return named;
}

// [14.3] What is after all else, and where there is room the last change of every author: what one
// author did may come to count no more, and the others' should not be lost with it.
static void find_latest(const struct history *history, struct group *group)
{
    const struct change_set named = find_named(history);
    struct change_set latest = {0};
    struct node_set authors = {0};
    const uint32_t first = group->is_all ? 0 : 1; // the founding need not be named
    uint32_t room = GROUP_AFTER_MAX;
    for (uint32_t number = history->counted_count; number > first && room > 0; number--) {
        if (!bits_has(named.words, number - 1)) {
            bits_add(latest.words, number - 1);
            bits_add(authors.words, history->counted[number - 1].step->change->author);
            room--;
        }
    }
    for (uint32_t number = history->counted_count; number > first && room > 0; number--) {
        const uint32_t author = history->counted[number - 1].step->change->author;
        if (!bits_has(authors.words, author)) {
            bits_add(latest.words, number - 1);
            bits_add(authors.words, author);
            room--;
        }
    }
    for (uint32_t i = 0; i < history->steps_count; i++) {
        const struct step *const step = &history->steps[i]; // ascending by id
        if (step->number != NO_NUMBER && bits_has(latest.words, (uint32_t)step->number)) {
            memcpy(group->latest[group->latest_count], step->change->id, ID_LEN);
            group->latest_count++;
        }
    }
}

static void fill_founded(const struct history *history, struct group *group)
{
    const struct change_set all = all_counted(history);
    const struct group_change *const founding = history->counted[0].step->change;
    memcpy(group->name, history->founding.name, sizeof group->name);
    memcpy(group->founding, founding->id, ID_LEN);
    group->founder = founding->author;
    group->has_history = history->founding.has_history;
    history_view(history, &all, &group->members, &group->owners);
}

static void fill_standing(const struct history *history, struct standing *standing)
{
    struct group *const group = &standing->group;
    memcpy(group->id, history->group, TAG_LEN);
    group->is_all = history->is_all;
    group->keys = standing->keys;
    group->effects = standing->effects;
    if (group->is_all) {
        group->has_history = true;
        memset(&group->members, 0xff, sizeof group->members);
        memset(&group->owners, 0xff, sizeof group->owners);
    } else {
        fill_founded(history, group);
    }
    find_latest(history, group);
    for (uint32_t number = 0; number < history->counted_count; number++) {
        if (history->counted[number].step->has_key) {
            add_key(history, history->counted[number].step, standing);
        }
    }
    group->current = find_current(history, standing);
    group->needs_key = !group->current;
}

// The first key of the group of all members came by invitation and is none of `keys`; it serves
// until a node is revoked [14.10].
static bool first_key_serves(const struct group *group, const struct roster *roster)
{
    struct node_set revoked;
    group_revoked_nodes(roster, &revoked);
    return group->keys_count == 0 && bits_are_none(revoked.words, NODES_MAX / 64);
}

static struct standing *standing_create(const struct history *history, size_t changes_count)
{
    size_t keyed = 0;
    for (uint32_t number = 0; number < history->counted_count; number++) {
        keyed += history->counted[number].step->has_key ? 1 : 0;
    }
    struct standing *const standing =
        calloc(1, sizeof *standing + keyed * sizeof standing->keys[0] +
                      changes_count * sizeof standing->effects[0]);
    if (standing) {
        standing->effects = (enum group_effect *)&standing->keys[keyed];
    }
    return standing;
}

enum err group_evaluate(const uint8_t space[static ID_LEN], const uint8_t group[static TAG_LEN],
                        const struct roster *roster, struct group_changes changes,
                        struct group **out)
{
    assert(roster && out);
    assert(changes.list || changes.count == 0);
    struct history *history = NULL;
    struct standing *standing = NULL;
    uint8_t all[TAG_LEN];
    *out = NULL;
    group_all_members(space, all);
    const struct history_subject subject = {group, roster, memcmp(group, all, TAG_LEN) == 0};
    // [16.3] The keys of all members of an exercise follow from those of the real world.
    const bool is_derived = subject.is_all && memcmp(space, roster->federation, ID_LEN) != 0;
    const struct group_changes none = {NULL, 0};
    enum err err = history_create(&subject, is_derived ? none : changes, &history);
    if (err) {
        return err;
    }
    history_judge(history);
    if (!history->is_all && history->counted_count == 0) {
        err = ERR_NOT_FOUND;
        goto out;
    }
    standing = standing_create(history, changes.count);
    if (!standing) {
        err = ERR_NO_SPACE;
        goto out;
    }
    for (size_t i = 0; i < changes.count; i++) {
        standing->effects[i] =
            is_derived ? GROUP_UNAUTHORISED : history->steps[history->step_of[i]].effect;
    }
    fill_standing(history, standing);
    if (is_derived || (subject.is_all && first_key_serves(&standing->group, roster))) {
        standing->group.needs_key = false;
    }
    *out = &standing->group;
out:
    history_destroy(&history);
    return err;
}

void group_destroy(struct group **group)
{
    assert(group);
    free(*group);
    *group = NULL;
}

const struct group_keying *group_find_key(const struct group *group,
                                          const uint8_t key[static TAG_LEN])
{
    assert(group);
    for (size_t i = 0; i < group->keys_count; i++) {
        if (memcmp(group->keys[i].hash, key, TAG_LEN) == 0) {
            return &group->keys[i];
        }
    }
    return NULL;
}

bool group_entitled(const struct group *group, const struct roster *roster, uint32_t requester,
                    const uint8_t key[static TAG_LEN])
{
    assert(group && roster);
    const struct group_keying *const found = group_find_key(group, key);
    if (!found || requester >= roster->nodes_count || roster->nodes[requester].is_revoked) {
        return false;
    }
    const uint32_t centre = roster->nodes[requester].centre;
    return centre_set_has(&found->audience, centre) ||
           (group->has_history && centre_set_has(&group->members, centre));
}

enum err group_check_key(const struct group *group, const struct group_key *key)
{
    assert(group && key);
    uint8_t hash[DIGEST_LEN];
    if (memcmp(group->id, key->group, TAG_LEN) != 0) {
        return ERR_NOT_FOUND;
    }
    const struct group_keying *const found = group_find_key(group, key->id);
    if (!found) {
        return ERR_NOT_FOUND;
    }
    group_key_hash(key->group, key->secret, hash);
    return memcmp(hash, found->hash, DIGEST_LEN) == 0 ? ERR_OK : ERR_DENIED;
}
