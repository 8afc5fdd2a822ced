// SPDX-License-Identifier: EUPL-1.2
// How the groups stand, as a whole that does not change while somebody holds it. Only what
// something was heard of is worked out anew, or all under another roster.
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "groups/state.h"

// -- standings --

void standing_put(struct standing *standing)
{
    if (standing != NULL && atomic_fetch_sub(&standing->holders, 1) == 1) {
        group_destroy(&standing->group);
        free(standing->steps);
        free(standing);
    }
}

static struct group *evaluate(const struct groups *groups, const struct gathering *gathering)
{
    struct group *group = NULL;
    struct group_change *const changes = calloc(gathering->count + 1, sizeof *changes);
    if (changes == NULL) {
        abort();
    }
    for (size_t i = 0; i < gathering->count; i++) {
        const struct heard *const heard = &gathering->list[i];
        const struct groups_entry *const entry = &heard->step.entry;
        changes[i] = (struct group_change){.author = entry->author,
                                           .epoch = entry->epoch,
                                           .seq = entry->seq,
                                           .content = {heard->content, heard->len}};
        memcpy(changes[i].id, entry->id, ID_LEN);
    }
    const enum err err = group_evaluate(groups->space, gathering->group, groups->follower.roster,
                                        (struct group_changes){changes, gathering->count}, &group);
    free(changes);
    if (err == ERR_NO_SPACE) {
        abort();
    }
    return group;
}

static void refresh(const struct groups *groups, struct gathering *gathering)
{
    standing_put(gathering->standing);
    gathering->standing = NULL;
    gathering->is_stale = false;
    struct group *const group = evaluate(groups, gathering);
    if (group == NULL) {
        return; // its founding is not here, or does not count
    }
    struct standing *const standing = calloc(1, sizeof *standing);
    struct groups_step *const steps = calloc(gathering->count + 1, sizeof *steps);
    if (standing == NULL || steps == NULL) {
        abort();
    }
    for (size_t i = 0; i < gathering->count; i++) {
        steps[i] = gathering->list[i].step;
        if (memcmp(steps[i].entry.id, group->founding, ID_LEN) == 0) {
            standing->founded_seq = steps[i].entry.seq;
        }
    }
    atomic_init(&standing->holders, 1);
    standing->group = group;
    standing->steps = steps;
    standing->steps_count = gathering->count;
    gathering->standing = standing;
}

// -- names [14.12] --

static const struct groups_entry *founding_of(const struct groups_item *item)
{
    for (size_t i = 0; i < item->steps_count; i++) {
        if (memcmp(item->steps[i].entry.id, item->group->founding, ID_LEN) == 0) {
            return &item->steps[i].entry;
        }
    }
    return NULL; // the group of all members
}

static struct span founder_of(const struct groups_view *view, const struct groups_item *item)
{
    return item->group->is_all || item->group->founder >= view->roster->nodes_count
               ? (struct span){(const uint8_t *)"", 0}
               : view->roster->nodes[item->group->founder].name;
}

static bool has_founder(const struct groups_view *view, const struct groups_item *item,
                        struct span name)
{
    const struct span founder = founder_of(view, item);
    return founder.len == name.len && memcmp(founder.bytes, name.bytes, name.len) == 0;
}

static bool has_name(const struct groups_item *item, struct span name)
{
    const char *const own = item->group->is_all ? "all" : item->group->name;
    return strlen(own) == name.len && memcmp(own, name.bytes, name.len) == 0;
}

// How many share the item's name, and of those its founder; they stand together.
struct namesakes {
    size_t all, of_founder;
};

static void count_namesake(const struct groups_view *view, const struct groups_item *item,
                           const struct groups_item *other, struct namesakes *namesakes)
{
    namesakes->all++;
    namesakes->of_founder += has_founder(view, other, founder_of(view, item)) ? 1 : 0;
}

static struct namesakes count_namesakes(const struct groups_view *view,
                                        const struct groups_item *item)
{
    const struct span name = {(const uint8_t *)item->group->name, strlen(item->group->name)};
    struct namesakes namesakes = {0, 0};
    const struct groups_item *other = item;
    for (; other < view->items + view->count && has_name(other, name); other++) {
        count_namesake(view, item, other, &namesakes);
    }
    for (other = item; other > view->items && has_name(other - 1, name); other--) {
        count_namesake(view, item, other - 1, &namesakes);
    }
    return namesakes;
}

static void name_item(const struct groups_view *view, struct groups_item *item)
{
    const struct group *const group = item->group;
    if (group->is_all) {
        (void)snprintf(item->name, sizeof item->name, "all");
        return;
    }
    const struct namesakes namesakes = count_namesakes(view, item);
    const struct span founder = founder_of(view, item);
    const struct groups_entry *const founding = founding_of(item);
    if (namesakes.all == 1) {
        (void)snprintf(item->name, sizeof item->name, "%s", group->name);
    } else if (namesakes.of_founder == 1 || founding == NULL) {
        (void)snprintf(item->name, sizeof item->name, "%s@%.*s", group->name, (int)founder.len,
                       (const char *)founder.bytes);
    } else {
        (void)snprintf(item->name, sizeof item->name, "%s@%.*s/%" PRIu64, group->name,
                       (int)founder.len, (const char *)founder.bytes, founding->seq);
    }
}

// What people write, in parts; those they leave out are empty.
struct asked {
    struct span name, founder;
    struct span seq;
};

static struct asked take_apart(const char *text)
{
    struct asked asked = {.name = {(const uint8_t *)text, strcspn(text, "@")}};
    if (text[asked.name.len] == '@') {
        const char *const founder = text + asked.name.len + 1;
        asked.founder = (struct span){(const uint8_t *)founder, strcspn(founder, "/")};
        if (founder[asked.founder.len] == '/') {
            const char *const seq = founder + asked.founder.len + 1;
            asked.seq = (struct span){(const uint8_t *)seq, strlen(seq)};
        }
    }
    return asked;
}

static bool is_asked(const struct groups_view *view, const struct groups_item *item,
                     const struct asked *asked)
{
    char seq[24] = "";
    const struct groups_entry *const founding = founding_of(item);
    if (founding != NULL) {
        (void)snprintf(seq, sizeof seq, "%" PRIu64, founding->seq);
    }
    return has_name(item, asked->name) &&
           (asked->founder.len == 0 || has_founder(view, item, asked->founder)) &&
           (asked->seq.len == 0 ||
            (strlen(seq) == asked->seq.len && memcmp(seq, asked->seq.bytes, asked->seq.len) == 0));
}

enum err groups_find_name(const struct groups_view *view, const char *text,
                          const struct groups_item **item, size_t *count)
{
    const struct asked asked = take_apart(text);
    *item = NULL;
    *count = 0;
    for (size_t i = 0; i < view->count; i++) {
        if (is_asked(view, &view->items[i], &asked)) {
            *item = *item == NULL ? &view->items[i] : *item;
            ++*count;
        }
    }
    if (*count == 0) {
        return ERR_NOT_FOUND;
    }
    return *count == 1 ? ERR_OK : ERR_STATE;
}

const struct groups_item *groups_find(const struct groups_view *view,
                                      const uint8_t group[static TAG_LEN])
{
    for (size_t i = 0; i < view->count; i++) {
        if (memcmp(view->items[i].group->id, group, TAG_LEN) == 0) {
            return &view->items[i];
        }
    }
    return NULL;
}

// -- views --

void held_view_put(struct held_view *view)
{
    if (view == NULL || atomic_fetch_sub(&view->holders, 1) != 1) {
        return;
    }
    for (size_t i = 0; i < view->public.count; i++) {
        standing_put(view->standings[i]);
    }
    free(view->standings);
    free(view);
}

// Items point into their standing, so that sorting the standings sorts both.
static int compare_standings(const void *left, const void *right)
{
    const struct standing *const one = *(struct standing *const *)left;
    const struct standing *const other = *(struct standing *const *)right;
    const struct group *const a = one->group;
    const struct group *const b = other->group;
    if (a->is_all != b->is_all) {
        return a->is_all ? -1 : 1;
    }
    const int name = strcmp(a->name, b->name);
    if (name != 0) {
        return name;
    }
    if (a->founder != b->founder) {
        return a->founder < b->founder ? -1 : 1;
    }
    if (one->founded_seq != other->founded_seq) {
        return one->founded_seq < other->founded_seq ? -1 : 1;
    }
    return memcmp(a->id, b->id, TAG_LEN);
}

static void fill_item(struct groups *groups, const struct standing *standing,
                      struct groups_item *item)
{
    const struct roster *const roster = groups->follower.roster;
    const uint32_t centre = roster->nodes[groups->self].centre;
    const struct group *const group = standing->group;
    item->group = group;
    item->steps = standing->steps;
    item->steps_count = standing->steps_count;
    item->is_member = centre_set_has(&group->members, centre);
    item->is_owner = centre_set_has(&group->owners, centre);
    item->is_held = item->is_member && keys_find_usable(groups, group, NULL);
    item->keys_held = secrets_count(groups->secrets, group->id);
}

static struct held_view *held_view_create(struct groups *groups)
{
    const struct follower *const follower = &groups->follower;
    struct held_view *const view =
        calloc(1, sizeof *view + follower->gatherings_count * sizeof view->items[0]);
    struct standing **const standings =
        calloc(follower->gatherings_count + 1, sizeof(struct standing *));
    if (view == NULL || standings == NULL) {
        abort();
    }
    size_t count = 0;
    for (size_t i = 0; i < follower->gatherings_count; i++) {
        struct standing *const standing = follower->gatherings[i].standing;
        if (standing != NULL) {
            atomic_fetch_add(&standing->holders, 1);
            standings[count++] = standing;
        }
    }
    assert(count > 0); // the group of all members has no founding to lack
    qsort(standings, count, sizeof(struct standing *), compare_standings);
    atomic_init(&view->holders, 1);
    view->standings = standings;
    view->public = (struct groups_view){view->items, count, follower->roster, view};
    for (size_t i = 0; i < count; i++) {
        fill_item(groups, standings[i], &view->items[i]);
    }
    for (size_t i = 0; i < count; i++) {
        name_item(&view->public, &view->items[i]);
    }
    keys_list_wanted(groups, view);
    return view;
}

void held_view_make(struct groups *groups, bool is_all_stale)
{
    struct follower *const follower = &groups->follower;
    for (size_t i = 0; i < follower->gatherings_count; i++) {
        struct gathering *const gathering = &follower->gatherings[i];
        if (is_all_stale || gathering->is_stale) {
            refresh(groups, gathering);
        }
    }
    struct held_view *const view = held_view_create(groups);
    follower->has_news = false;
    pthread_mutex_lock(&groups->lock);
    struct held_view *const old = groups->view;
    groups->view = view;
    pthread_mutex_unlock(&groups->lock);
    held_view_put(old);
    const uint64_t one = 1;
    const ssize_t written = write(groups->event_fd, &one, sizeof one);
    (void)written; // it is readable already when that fails
}

const struct groups_view *groups_hold(struct groups *groups)
{
    pthread_mutex_lock(&groups->lock);
    struct held_view *const view = groups->view;
    atomic_fetch_add(&view->holders, 1);
    pthread_mutex_unlock(&groups->lock);
    return &view->public;
}

void groups_release(const struct groups_view *view)
{
    held_view_put(view->whole);
}
