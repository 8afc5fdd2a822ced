// SPDX-License-Identifier: EUPL-1.2
// Releases [15], found by the entry they open. That one opens it is not known before it is tried:
// the entry may not be here yet.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "groups/state.h"

// The first one of that entry, or where it would be.
static size_t place_of(const struct groups *groups, const uint8_t id[static ID_LEN])
{
    size_t low = 0;
    size_t high = groups->released_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (memcmp(groups->released[middle].release.id, id, ID_LEN) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_of(const struct groups *groups, size_t place, const uint8_t id[static ID_LEN])
{
    return place < groups->released_count &&
           memcmp(groups->released[place].release.id, id, ID_LEN) == 0;
}

static void make_room(struct groups *groups)
{
    const size_t size = groups->released_size == 0 ? 64 : groups->released_size * 2;
    struct groups_released *const grown = sodium_allocarray(size, sizeof *grown);
    if (grown == NULL) {
        abort();
    }
    if (groups->released_count > 0) {
        memcpy(grown, groups->released, groups->released_count * sizeof *grown);
    }
    sodium_free(groups->released);
    groups->released = grown;
    groups->released_size = size;
}

// Behind those of the same entry; not when its author has released that before: one node's bad
// releases shall not hide another's good one.
static bool put(struct groups *groups, const struct groups_released *released)
{
    size_t place = place_of(groups, released->release.id);
    for (; is_of(groups, place, released->release.id); place++) {
        if (groups->released[place].by.author == released->by.author &&
            memcmp(groups->released[place].by.group, released->by.group, TAG_LEN) == 0) {
            return false;
        }
    }
    if (groups->released_count == RELEASED_MAX) {
        return false;
    }
    if (groups->released_count == groups->released_size) {
        make_room(groups);
    }
    struct groups_released *const at = groups->released + place;
    memmove(at + 1, at, (groups->released_count - place) * sizeof *at);
    *at = *released;
    groups->released_count++;
    return true;
}

bool released_add(struct groups *groups, const struct groups_entry *entry, struct span content)
{
    struct groups_released released = {.by = *entry};
    if (release_decode(content, &released.release) != ERR_OK) {
        return false;
    }
    pthread_mutex_lock(&groups->lock);
    const bool is_new = put(groups, &released);
    pthread_mutex_unlock(&groups->lock);
    sodium_memzero(&released, sizeof released);
    return is_new;
}

// [5.11] What was released beyond a revocation was not.
static bool counts(const struct groups *groups, const struct groups_entry *by)
{
    return by->author < groups->roster->nodes_count &&
           by->seq <= roster_counts_to(groups->roster, by->author, by->epoch);
}

enum err groups_find_release(struct groups *groups, const uint8_t id[static ID_LEN], size_t at,
                             struct groups_released *out)
{
    enum err err = ERR_NOT_FOUND;
    pthread_mutex_lock(&groups->lock);
    for (size_t place = place_of(groups, id); err != ERR_OK && is_of(groups, place, id); place++) {
        if (counts(groups, &groups->released[place].by) && at-- == 0) {
            *out = groups->released[place];
            err = ERR_OK;
        }
    }
    pthread_mutex_unlock(&groups->lock);
    return err;
}
