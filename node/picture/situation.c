// SPDX-License-Identifier: EUPL-1.2
// Reads entries into the picture. What they mean there is proto's.
#include "picture/situation.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "picture/told.h"
#include "reading/refs.h"
#include "reading/sealers.h"
#include "reading/view.h"

enum { READ_COUNT = 64, ROOM_FIRST = 64 };

enum { GROUPS_MAX = UINT16_MAX };

// An entry that could not be read: its key may come.
struct sealed {
    uint64_t arrival, arrived_ms;
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
};

// What was found of the key that was asked for last.
struct used {
    bool is_valid, is_known;
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
    uint32_t number;
};

struct situation {
    pthread_mutex_t mutex;
    pthread_mutex_t changing; // held from looking to having published
    struct picture *picture;
    struct told *told;
    uint64_t watermark;     // arrivals up to this one were looked at
    uint8_t roster[ID_LEN]; // the hash of that by which it was told what counts
    struct sealed *sealed;  // in order of arrival
    size_t sealed_count, sealed_room;
    uint8_t (*groups)[TAG_LEN]; // of entries, by the number the picture has of each
    size_t groups_count, groups_room;
    struct arrived *arrived; // what is in the picture, in order of arrival
    size_t arrived_count, arrived_room;
    uint64_t life; // grows whenever the picture is begun anew
    uint32_t keys; // of the home, that are used
    struct used last_used;
    struct record_set set;
};

struct situation *situation_create(void)
{
    struct situation *situation = calloc(1, sizeof *situation);

    if (situation != NULL) {
        pthread_mutex_init(&situation->mutex, NULL);
        pthread_mutex_init(&situation->changing, NULL);
        situation->told = told_create();
    }
    if (situation != NULL && situation->told == NULL) {
        situation_destroy(&situation);
    }
    return situation;
}

void situation_destroy(struct situation **handle)
{
    struct situation *situation = *handle;

    if (situation == NULL) {
        return;
    }
    pthread_mutex_destroy(&situation->mutex);
    pthread_mutex_destroy(&situation->changing);
    picture_destroy(&situation->picture);
    told_destroy(&situation->told);
    record_set_fini(&situation->set);
    free(situation->sealed);
    free(situation->groups);
    free(situation->arrived);
    free(situation);
    *handle = NULL;
}

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

static enum err keep_sealed(struct situation *situation, const struct record *record)
{
    if (!grow((void **)&situation->sealed, situation->sealed_count, &situation->sealed_room,
              sizeof *situation->sealed)) {
        return ERR_NO_SPACE;
    }
    struct sealed *kept = &situation->sealed[situation->sealed_count++];
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

static bool reserve_arrived(struct situation *situation)
{
    return grow((void **)&situation->arrived, situation->arrived_count, &situation->arrived_room,
                sizeof *situation->arrived);
}

// Whether a key that is used opens it, and which; many in a row are sealed with the same. One that
// came while the picture is brought up to date waits for the next time: so the number of keys alone
// says what is in it.
static bool find_used(struct situation *situation, struct groups *groups,
                      const uint8_t group[static TAG_LEN], const uint8_t key[static TAG_LEN],
                      uint32_t *number)
{
    struct used *last = &situation->last_used;

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

// In order of arrival, be it late. No moment lies before one that came earlier, whatever the clock
// did.
static void keep_arrived(struct situation *situation, const struct record *record, uint32_t place,
                         uint32_t key)
{
    struct arrived *list = situation->arrived;
    size_t at = situation->arrived_count++;

    while (at > 0 && list[at - 1].arrival > record->arrival) {
        list[at] = list[at - 1];
        at--;
    }
    list[at] = (struct arrived){record->arrival, record->arrived_ms, place, key};
    for (; at < situation->arrived_count; at++) {
        const uint64_t before_ms = at == 0 ? 0 : list[at - 1].moment_ms;
        list[at].moment_ms = list[at].moment_ms > before_ms ? list[at].moment_ms : before_ms;
    }
}

static enum err add_entry(struct situation *situation, const struct record *record,
                          const struct picture_entry *entry, uint32_t key)
{
    const uint32_t before = picture_find(situation->picture, &entry->ref);

    if (before != PICTURE_NONE && picture_has(situation->picture, before)) {
        return ERR_OK; // mended, and so come again
    }
    if (!reserve_arrived(situation) || picture_add(situation->picture, entry) != ERR_OK) {
        return ERR_NO_SPACE;
    }
    const uint32_t place = picture_find(situation->picture, &entry->ref);
    keep_arrived(situation, record, place, key);
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

    if (view_name(desk_view, record, &view) != ERR_OK || view.named.is_quarantined) {
        return ERR_OK;
    }
    view_open(desk_view, sealer, &view);
    if (view.state == VIEW_DAMAGED) {
        return ERR_OK; // it comes again
    }
    if (!find_used(situation, groups, record->group, record->key, &key)) {
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
                           struct sealer *sealer, const struct sealed *sealed)
{
    struct record_set *set = &situation->set;
    const enum err err =
        store_read_arrivals(desk_store(desk_view->desk), sealed->arrival, false, 1, set);

    if (err != ERR_OK || set->count != 1 || set->records[0].arrival != sealed->arrival) {
        return err == ERR_NOT_FOUND ? ERR_OK : err; // mended since: it came again
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
            err == ERR_OK && find_used(situation, groups, sealed.group, sealed.key, &key);
        if (is_opened) {
            err = read_again(situation, desk_view, sealer, &sealed);
        }
        if (!is_opened || err != ERR_OK) {
            situation->sealed[situation->sealed_count++] = sealed;
        }
    }
    return err;
}

static enum err begin_anew(struct situation *situation, const struct roster *roster)
{
    uint8_t key[PICTURE_KEY_LEN];

    picture_destroy(&situation->picture);
    told_clear(situation->told);
    situation->watermark = 0;
    situation->sealed_count = 0;
    situation->arrived_count = 0;
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
    situation->last_used.is_valid = false;
    const enum err err = read_opened(situation, desk_view, sealer);
    if (err != ERR_OK) {
        situation->keys = before;
    }
    return err;
}

static enum err bring_up_to_date(struct situation *situation, const struct desk_view *desk_view)
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
        err = read_new(situation, desk_view, sealer);
    }
    sealers_put(desk_view->sealers, sealer);
    return err;
}

enum err situation_get(struct situation *situation, const struct desk_view *desk_view,
                       struct picture **picture)
{
    pthread_mutex_lock(&situation->mutex);
    const enum err err = bring_up_to_date(situation, desk_view);
    *picture = situation->picture;
    if (err != ERR_OK) {
        pthread_mutex_unlock(&situation->mutex);
    }
    return err;
}

const struct told *situation_told(const struct situation *situation)
{
    return situation->told;
}

void situation_put(struct situation *situation)
{
    pthread_mutex_unlock(&situation->mutex);
}

void situation_begin_change(struct situation *situation)
{
    pthread_mutex_lock(&situation->changing);
}

void situation_end_change(struct situation *situation)
{
    pthread_mutex_unlock(&situation->changing);
}

struct arrivals situation_arrivals(const struct situation *situation)
{
    return (struct arrivals){situation->arrived, situation->arrived_count, situation->life};
}

uint32_t situation_keys(const struct situation *situation)
{
    return situation->keys;
}

size_t situation_sealed_since(const struct situation *situation, struct since since,
                              uint64_t *arrivals, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < situation->sealed_count; i++) {
        const struct sealed *sealed = &situation->sealed[i];
        if (sealed->arrival <= since.after || sealed->arrived_ms < since.moment_ms) {
            continue;
        }
        if (count < max) {
            arrivals[count] = sealed->arrival;
        }
        count++;
    }
    return count;
}

size_t arrivals_behind(struct arrivals arrivals, uint64_t arrival)
{
    size_t low = 0;
    size_t high = arrivals.count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (arrivals.list[middle].arrival <= arrival) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Whether it is in the picture, and of another kind; *at is the first there that came no earlier.
static bool is_of_another_kind(const struct situation *situation, const struct kind *kind,
                               uint64_t arrival, size_t *at)
{
    struct picture_version version;

    while (*at < situation->arrived_count && situation->arrived[*at].arrival < arrival) {
        (*at)++;
    }
    if (*at == situation->arrived_count || situation->arrived[*at].arrival != arrival) {
        return false;
    }
    picture_version(situation->picture, situation->arrived[*at].place, &version);
    return version.kind != NULL && version.kind != kind;
}

struct run situation_run_of_kind(struct situation *situation, const struct kind *kind,
                                 uint64_t after, uint32_t max)
{
    struct run run = {after + 1, max};

    if (pthread_mutex_trylock(&situation->mutex) != 0) {
        return run;
    }
    if (situation->picture != NULL) {
        size_t at = arrivals_behind(situation_arrivals(situation), after);
        while (is_of_another_kind(situation, kind, run.from, &at)) {
            run.from++;
        }
        run.count = 1;
        while (run.count < max && !is_of_another_kind(situation, kind, run.from + run.count, &at)) {
            run.count++;
        }
    }
    pthread_mutex_unlock(&situation->mutex);
    return run;
}

static enum err judge(struct picture *picture, uint32_t self, struct span body, bool *is_proposal,
                      char why[static WHY_SIZE])
{
    enum standing standing = STANDING_COUNTS;
    const enum err err = picture_foresee(picture, self, body, &standing);

    if (err == ERR_STATE) {
        snprintf(why, WHY_SIZE,
                 "\"item\": must be what began something of this kind ('sitrep item show')");
        return ERR_MALFORMED;
    }
    if (err == ERR_OK && standing == STANDING_MISSTEP) {
        snprintf(why, WHY_SIZE,
                 "\"state\": no step leads there from what it replaces; 'sitrep kinds' with the "
                 "kind lists the steps");
        return ERR_MALFORMED;
    }
    *is_proposal = err == ERR_OK && standing == STANDING_PROPOSED;
    return ERR_OK;
}

enum err situation_set_view(struct situation *situation, const struct desk_view *desk_view,
                            uint32_t centre, uint64_t written_ms)
{
    const size_t count = situation->groups_count;
    bool *reads = calloc(count + 1, sizeof *reads);

    if (reads == NULL) {
        return ERR_NO_SPACE;
    }
    const struct groups_view *groups = groups_hold(desk_groups(desk_view->desk));
    for (size_t i = 0; i < count; i++) {
        const struct groups_item *item = groups_find(groups, situation->groups[i]);
        reads[i] = item != NULL && centre_set_has(&item->group->members, centre);
    }
    groups_release(groups);
    const struct picture_view view = {
        .centre = centre, .written_ms = written_ms, .reads = reads, .groups_count = count};
    const enum err err = picture_set_view(situation->picture, &view);
    free(reads);
    return err;
}

static void name_at(const struct desk_view *desk_view, struct picture *picture, uint32_t place,
                    char out[static REF_TEXT_SIZE])
{
    const struct content_names names = refs_names(desk_view);
    struct picture_version version;

    picture_version(picture, place, &version);
    names.write_ref(names.context, &version.ref, out);
}

// What it names must be what the field says, where it is here.
static enum err check_names(const struct desk_view *desk_view, struct picture *picture,
                            struct span body, char why[static WHY_SIZE])
{
    const struct field *wrong;
    struct picture_version version;
    char named[REF_TEXT_SIZE];
    char began[REF_TEXT_SIZE];
    uint32_t place;

    if (picture_check_names(picture, body, &wrong, &place) == ERR_OK) {
        return ERR_OK;
    }
    picture_version(picture, place, &version);
    name_at(desk_view, picture, place, named);
    if (version.item != PICTURE_NONE && version.item != place) {
        name_at(desk_view, picture, version.item, began);
        snprintf(why, WHY_SIZE, "\"%s\": %s is a version of %s: name that", wrong->name, named,
                 began);
    } else if (version.kind != NULL && strcmp(version.kind->name, wrong->of) == 0) {
        snprintf(why, WHY_SIZE, "\"%s\": %s cannot name itself", wrong->name, named);
    } else {
        snprintf(why, WHY_SIZE, "\"%s\": %s is no %s", wrong->name, named, wrong->of);
    }
    return ERR_MALFORMED;
}

// Whether anything there is has a say in it.
static bool names_something(struct span body)
{
    const struct field *field;
    struct span kind;
    struct span value;
    bool names = body_find(body, "item", &value) == ERR_OK;

    if (body_check(body, &kind) != ERR_OK || kind_find(kind) == NULL) {
        return false;
    }
    for (size_t i = 0; !names && (field = kind_field(kind_find(kind), i)) != NULL; i++) {
        names = field->of != NULL && body_find(body, field->name, &value) == ERR_OK;
    }
    return names;
}

enum err situation_foresee(const struct desk_view *desk_view, struct span body, bool *is_proposal,
                           char why[static WHY_SIZE])
{
    struct picture *picture;

    *is_proposal = false;
    if (!names_something(body)) {
        return ERR_OK; // no need to read what there is
    }
    enum err err = situation_get(desk_view->situation, desk_view, &picture);
    if (err == ERR_OK) {
        err = check_names(desk_view, picture, body, why);
        if (err == ERR_OK) {
            err = judge(picture, desk_self(desk_view->desk), body, is_proposal, why);
        }
        situation_put(desk_view->situation);
    }
    return err;
}
