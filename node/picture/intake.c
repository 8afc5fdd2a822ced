// SPDX-License-Identifier: EUPL-1.2
// Reads entries into the picture: what is new, what a key opens that came later, what was damaged
// and is repaired, and all anew when the roster says anew what counts.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "groups/groups.h"
#include "picture/situation_private.h"
#include "picture/told.h"
#include "reading/sealers.h"
#include "reading/view.h"

enum { READ_COUNT = 64, ROOM_FIRST = 64, GROUPS_MAX = UINT16_MAX };

static_assert(GROUP_KEYS_MAX <= UINT16_MAX, "the number of a key fits an arrival");

// Makes room for one more of `size` bytes.
static bool grow(void **list, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return true;
    }
    const size_t more = *room == 0 ? ROOM_FIRST : *room * 2;
    void *grown = realloc(*list, more * size);
    if (grown == NULL) {
        return false;
    }
    *list = grown;
    *room = more;
    return true;
}

static enum err keep_number(struct numbers *numbers, uint64_t number)
{
    if (!grow((void **)&numbers->list, numbers->count, &numbers->room, sizeof *numbers->list)) {
        return ERR_NO_SPACE;
    }
    numbers->list[numbers->count++] = number;
    return ERR_OK;
}

// In order of arrival, also what was damaged before.
static enum err keep_sealed(struct situation *situation, const struct record *record)
{
    if (!grow((void **)&situation->sealed, situation->sealed_count, &situation->sealed_room,
              sizeof *situation->sealed)) {
        return ERR_NO_SPACE;
    }
    struct sealed *kept = &situation->sealed[situation->sealed_count++];
    for (; kept > situation->sealed && kept[-1].arrival > record->arrival; kept--) {
        *kept = kept[-1];
    }
    kept->arrival = record->arrival;
    kept->arrived_ms = record->arrived_ms;
    memcpy(kept->group, record->group, TAG_LEN);
    memcpy(kept->key, record->key, TAG_LEN);
    return ERR_OK;
}

// The number of a group; one that has none yet gets it. Errors: ERR_NO_SPACE.
static enum err number_group(struct situation *situation, const uint8_t group[static TAG_LEN],
                             uint16_t *number)
{
    size_t at = 0;

    while (at < situation->groups_count && memcmp(situation->groups[at], group, TAG_LEN) != 0) {
        at++;
    }
    if (at >= GROUPS_MAX || !grow((void **)&situation->groups, at, &situation->groups_room,
                                  sizeof *situation->groups)) {
        return ERR_NO_SPACE;
    }
    if (at == situation->groups_count) {
        memcpy(situation->groups[situation->groups_count++], group, TAG_LEN);
    }
    *number = (uint16_t)at;
    return ERR_OK;
}

// Whether a key that is used opens it, and which; many in a row are sealed with the same. One that
// came while the picture is brought up to date waits for the next time: so the number of keys alone
// says what is in it.
static bool find_key(struct situation *situation, struct groups *groups,
                     const uint8_t group[static TAG_LEN], const uint8_t key[static TAG_LEN],
                     uint32_t *number)
{
    struct key_found *last = &situation->last_key;

    if (!last->is_valid || memcmp(last->group, group, TAG_LEN) != 0 ||
        memcmp(last->key, key, TAG_LEN) != 0) {
        last->is_valid = true;
        last->is_known = groups_key_number(groups, group, key, &last->number) == ERR_OK;
        memcpy(last->group, group, TAG_LEN);
        memcpy(last->key, key, TAG_LEN);
    }
    *number = last->number;
    return last->is_known && last->number < situation->keys;
}

static enum err add_entry(struct situation *situation, const struct record *record,
                          const struct picture_entry *entry, uint32_t key)
{
    const uint32_t before = picture_find(situation->picture, &entry->ref);

    if (before != PICTURE_NONE && picture_has(situation->picture, before)) {
        return ERR_OK; // damaged and repaired since
    }
    if (!arrival_list_reserve(&situation->arrived) ||
        picture_add(situation->picture, entry) != ERR_OK) {
        return ERR_NO_SPACE;
    }
    const uint32_t place = picture_find(situation->picture, &entry->ref);
    const struct arrived arrived = {.arrival = record->arrival,
                                    .moment_ms = record->arrived_ms,
                                    .place = place,
                                    .key = (uint16_t)key};
    arrival_list_add(&situation->arrived, &arrived);
    if (told_add(situation->told, place, entry->body) != ERR_OK) {
        return ERR_NO_SPACE;
    }
    return ERR_OK;
}

// What a release opens is text, and nothing follows from it [15.5].
static enum err read_record(struct situation *situation, const struct desk_view *desk_view,
                            struct sealer *sealer, const struct record *record)
{
    struct groups *groups = desk_groups(desk_view->desk);
    struct view view;
    uint32_t key;

    const enum err named = view_name(desk_view, record, &view);
    if (named != ERR_OK || view.named.is_quarantined) {
        return named == ERR_NOT_FOUND ? ERR_OK : named; // a roster to come has all read anew
    }
    view_open(desk_view, sealer, &view);
    if (view.state == VIEW_DAMAGED) {
        return keep_number(&situation->damaged, record->arrival);
    }
    if (!find_key(situation, groups, record->group, record->key, &key)) {
        return keep_sealed(situation, record);
    }
    if (view.state != VIEW_OPEN) {
        return ERR_OK;
    }
    struct picture_entry entry = {
        .ref = {.author = view.named.node,
                .epoch = (uint32_t)view.named.name.epoch,
                .seq = record->seq},
        .written_ms = view.header.time >> 16,
        .arrived_ms = record->arrived_ms,
        .precedence = view.header.precedence,
        .body = view.content,
    };
    memcpy(entry.ref.tag, record->id, TAG_LEN);
    const enum err err = number_group(situation, view.header.group, &entry.group);
    return err == ERR_OK ? add_entry(situation, record, &entry, key) : err;
}

static enum err read_new(struct situation *situation, const struct desk_view *desk_view,
                         struct sealer *sealer)
{
    struct store *store = desk_store(desk_view->desk);
    struct record_set *set = &situation->set;
    enum err err;

    do {
        err = store_read_arrivals(store, situation->watermark + 1, false, READ_COUNT, set);
        for (size_t i = 0; err == ERR_OK && i < set->count; i++) {
            err = read_record(situation, desk_view, sealer, &set->records[i]);
            situation->watermark = err == ERR_OK ? set->records[i].arrival : situation->watermark;
        }
        if (err == ERR_OK && desk_is_stopping(desk_view->desk)) {
            err = ERR_STATE;
        }
    } while (err == ERR_OK && set->count > 0);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err read_again(struct situation *situation, const struct desk_view *desk_view,
                           struct sealer *sealer, uint64_t arrival)
{
    struct record_set *set = &situation->set;
    const enum err err = store_read_arrivals(desk_store(desk_view->desk), arrival, false, 1, set);

    if (err != ERR_OK || set->count != 1 || set->records[0].arrival != arrival) {
        return err == ERR_NOT_FOUND ? ERR_OK : err; // damaged: its repair is told
    }
    return read_record(situation, desk_view, sealer, &set->records[0]);
}

static enum err read_opened(struct situation *situation, const struct desk_view *desk_view,
                            struct sealer *sealer)
{
    struct groups *groups = desk_groups(desk_view->desk);
    const size_t count = situation->sealed_count;
    enum err err = ERR_OK;
    uint32_t key;

    situation->sealed_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct sealed sealed = situation->sealed[i];
        const bool is_opened =
            err == ERR_OK && find_key(situation, groups, sealed.group, sealed.key, &key);
        if (is_opened) {
            err = read_again(situation, desk_view, sealer, sealed.arrival);
        }
        if (!is_opened || err != ERR_OK) {
            situation->sealed[situation->sealed_count++] = sealed;
        }
    }
    return err;
}

static void keep_former(struct situation *situation)
{
    struct former *former = &situation->former;

    if (former->is_kept) {
        return; // the last one did not become whole
    }
    former->is_kept = true;
    former->watermark = situation->watermark;
    former->keys = situation->keys;
    arrival_list_fini(&former->arrived);
    former->arrived = situation->arrived;
    situation->arrived = (struct arrival_list){.count = 0};
}

static enum err begin_anew(struct situation *situation, const struct roster *roster)
{
    uint8_t key[PICTURE_KEY_LEN];

    keep_former(situation);
    picture_destroy(&situation->picture);
    told_clear(situation->told);
    situation->watermark = 0;
    situation->sealed_count = 0;
    situation->damaged.count = 0;
    situation->arrived.count = 0;
    situation->life++;
    randombytes_buf(key, sizeof key);
    uint32_t *centres = calloc(roster->nodes_count + 1, sizeof *centres);
    enum err err = centres == NULL ? ERR_NO_SPACE : picture_create(&situation->picture, key);
    for (uint32_t i = 0; err == ERR_OK && i < roster->nodes_count; i++) {
        centres[i] = roster->nodes[i].centre;
    }
    if (err == ERR_OK) {
        err = picture_set_centres(situation->picture, centres, roster->nodes_count);
    }
    if (err != ERR_OK) {
        picture_destroy(&situation->picture);
    }
    free(centres);
    return err;
}

// From now on all keys are used that the home has. When that fails, it is done once more.
static enum err use_keys(struct situation *situation, const struct desk_view *desk_view,
                         struct sealer *sealer)
{
    const uint32_t before = situation->keys;

    situation->keys = (uint32_t)groups_keys_kept(desk_groups(desk_view->desk));
    if (situation->keys == before) {
        return ERR_OK;
    }
    situation->last_key.is_valid = false;
    const enum err err = read_opened(situation, desk_view, sealer);
    if (err != ERR_OK) {
        situation->keys = before;
    }
    return err;
}

// -- what comes back --

static enum err mark_returned(struct situation *situation, struct arrived *arrived)
{
    const enum err err =
        arrived->is_returned ? ERR_OK : keep_number(&situation->returned, arrived->arrival);

    arrived->is_returned |= err == ERR_OK;
    return err;
}

static size_t find_arrived(const struct situation *situation, uint64_t arrival)
{
    return arrivals_find(situation_arrivals(situation), arrival);
}

static bool has_arrived(const struct situation *situation, size_t at, uint64_t arrival)
{
    return at < situation->arrived.count && situation->arrived.list[at].arrival == arrival;
}

static enum err read_damaged(struct situation *situation, const struct desk_view *desk_view,
                             struct sealer *sealer, uint64_t arrival)
{
    const bool was_there = has_arrived(situation, find_arrived(situation, arrival), arrival);
    enum err err = read_again(situation, desk_view, sealer, arrival);
    const size_t at = find_arrived(situation, arrival);

    if (err == ERR_OK && !was_there && has_arrived(situation, at, arrival)) {
        err = mark_returned(situation, &situation->arrived.list[at]);
    }
    return err;
}

// The store passes over what it cannot take apart, so that its repairs alone tell of it. *repairs
// becomes how many there were.
static enum err note_repairs(struct situation *situation, struct store *store, uint64_t *repairs)
{
    uint64_t arrival;
    enum err err;

    while ((err = store_repaired(store, repairs, &arrival)) == ERR_OK) {
        if (arrival <= situation->watermark &&
            keep_number(&situation->damaged, arrival) != ERR_OK) {
            return ERR_NO_SPACE;
        }
    }
    if (err == ERR_LIMIT) {
        memset(situation->roster, 0, ID_LEN); // all is looked at anew, the next time
    }
    return ERR_OK;
}

// After a repair all that is damaged is read again: what follows a repaired entry may be sound now.
static enum err read_repaired(struct situation *situation, const struct desk_view *desk_view,
                              struct sealer *sealer)
{
    struct numbers *damaged = &situation->damaged;
    uint64_t repairs = situation->repairs;
    enum err err = note_repairs(situation, desk_store(desk_view->desk), &repairs);

    if (err != ERR_OK || repairs == situation->repairs) {
        return err;
    }
    const size_t count = damaged->count;
    damaged->count = 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t arrival = damaged->list[i];
        err = err == ERR_OK ? read_damaged(situation, desk_view, sealer, arrival) : err;
        if (err != ERR_OK) {
            damaged->list[damaged->count++] = arrival;
        }
    }
    situation->repairs = err == ERR_OK ? repairs : situation->repairs;
    return err;
}

// What the picture that was begun anew has, and the former one had not though it had been read.
static enum err compare_former(struct situation *situation)
{
    struct former *former = &situation->former;
    const struct arrival_list *before = &former->arrived;
    enum err err = ERR_OK;
    size_t at = 0;

    for (size_t i = 0; former->is_kept && i < situation->arrived.count && err == ERR_OK; i++) {
        struct arrived *arrived = &situation->arrived.list[i];
        while (at < before->count && before->list[at].arrival < arrived->arrival) {
            at++;
        }
        const bool was_there = at < before->count && before->list[at].arrival == arrived->arrival;
        if (was_there) {
            arrived->is_returned = before->list[at].is_returned;
        } else if (arrived->arrival <= former->watermark && arrived->key < former->keys) {
            err = mark_returned(situation, arrived);
        }
    }
    if (err == ERR_OK) {
        former->is_kept = false;
        arrival_list_fini(&former->arrived);
    }
    return err;
}

enum err intake_read(struct situation *situation, const struct desk_view *desk_view)
{
    const struct roster *roster = desk_roster(desk_view->desk);
    enum err err = ERR_OK;

    // A new version may revoke whoever wrote something, or move the point: all is looked at anew.
    if (situation->picture == NULL || memcmp(situation->roster, roster->hash, ID_LEN) != 0) {
        err = begin_anew(situation, roster);
        memcpy(situation->roster, roster->hash, ID_LEN);
    }
    struct sealer *sealer = err == ERR_OK ? sealers_get(desk_view->sealers) : NULL;
    if (sealer == NULL) {
        return ERR_NO_SPACE;
    }
    err = use_keys(situation, desk_view, sealer);
    if (err == ERR_OK) {
        err = read_repaired(situation, desk_view, sealer);
    }
    if (err == ERR_OK) {
        err = read_new(situation, desk_view, sealer);
    }
    if (err == ERR_OK) {
        err = compare_former(situation);
    }
    sealers_put(desk_view->sealers, sealer);
    return err;
}
