// SPDX-License-Identifier: EUPL-1.2
// Keeps the changes of each group as they came. How the group stands by them is group_evaluate's to
// say.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "groups/state.h"
#include "log.h"

struct gathering *gathering_find(struct follower *follower, const uint8_t group[static TAG_LEN])
{
    for (size_t i = 0; i < follower->gatherings_count; i++) {
        if (memcmp(follower->gatherings[i].group, group, TAG_LEN) == 0) {
            return &follower->gatherings[i];
        }
    }
    return NULL;
}

static struct gathering *begin(struct follower *follower, const uint8_t group[static TAG_LEN])
{
    if (follower->gatherings_count == GATHERINGS_MAX) {
        return NULL;
    }
    struct gathering *const grown = realloc(follower->gatherings, (follower->gatherings_count + 1) *
                                                                      sizeof *follower->gatherings);
    if (grown == NULL) {
        abort();
    }
    follower->gatherings = grown;
    struct gathering *const gathering = &grown[follower->gatherings_count++];
    *gathering = (struct gathering){.is_stale = true};
    memcpy(gathering->group, group, TAG_LEN);
    return gathering;
}

void gathering_begin_all(struct groups *groups)
{
    assert(groups->follower.gatherings_count == 0);
    (void)begin(&groups->follower, groups->all);
}

static bool has(const struct gathering *gathering, const uint8_t id[static ID_LEN])
{
    for (size_t i = 0; i < gathering->count; i++) {
        if (memcmp(gathering->list[i].step.entry.id, id, ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static void keep(struct gathering *gathering, const struct heard *heard)
{
    struct heard *const grown =
        realloc(gathering->list, (gathering->count + 1) * sizeof *gathering->list);
    if (grown == NULL) {
        abort();
    }
    gathering->list = grown;
    grown[gathering->count++] = *heard;
    gathering->is_stale = true;
}

bool gathering_add(struct groups *groups, const struct groups_entry *entry, struct span content)
{
    struct follower *const follower = &groups->follower;
    struct group_body body;
    if (group_body_decode(content, &body) != ERR_OK) {
        return false; // [14.1] shown like any entry, and never counts
    }
    uint8_t group[TAG_LEN];
    memcpy(group, body.group, TAG_LEN);
    if (body.op == GROUP_CREATE) {
        group_id_derive(entry->id, group);
    }
    struct gathering *gathering = gathering_find(follower, group);
    if (gathering != NULL && has(gathering, entry->id)) {
        return false;
    }
    if (gathering == NULL) {
        gathering = begin(follower, group);
    }
    if (gathering == NULL || follower->gathered_bytes + content.len > GATHERED_BYTES_MAX) {
        log_limited(&follower->flood_limit, LOG_LEVEL_WARNING, "group-changes-left-out",
                    "reason=%s", "there are more groups or changes than are kept");
        return false;
    }
    struct heard heard = {.step = {*entry, body.op, body.centre}, .len = content.len};
    heard.content = malloc(content.len);
    if (heard.content == NULL) {
        abort();
    }
    memcpy(heard.content, content.bytes, content.len);
    follower->gathered_bytes += content.len;
    keep(gathering, &heard);
    return true;
}

void gatherings_close(struct follower *follower)
{
    for (size_t i = 0; i < follower->gatherings_count; i++) {
        struct gathering *const gathering = &follower->gatherings[i];
        for (size_t h = 0; h < gathering->count; h++) {
            free(gathering->list[h].content);
        }
        free(gathering->list);
        standing_put(gathering->standing);
    }
    free(follower->gatherings);
}
