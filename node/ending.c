// SPDX-License-Identifier: EUPL-1.2
// Whether an exercise has ended: looks for an entry of kind `exercise-end` that counts [16.4]. Such
// an entry is of the highest precedence, so that few others have to be opened.
#include <string.h>

#include "node.h"
#include "sitrep/header.h"

enum { LOOK_COUNT = 64 };

static const char end_kind[] = "exercise-end";

bool ending_is_kind(struct span kind)
{
    return kind.len == sizeof end_kind - 1 && memcmp(kind.bytes, end_kind, kind.len) == 0;
}

// [5.11]
static bool counts(const struct roster *roster, const struct exercise_end *end)
{
    const struct roster_node *node = &roster->nodes[end->node];

    return !node->is_revoked || end->epoch < node->revoked_epoch ||
           (end->epoch == node->revoked_epoch && end->seq <= node->revoked_seq);
}

static bool is_end(struct space *space, const struct record *record, const struct chain *chain)
{
    struct sealer *sealer = NULL;
    struct span content;
    struct span kind;
    bool is_end = false;
    uint8_t all[TAG_LEN];

    group_all_members(space->id, all);
    if (memcmp(record->group, all, TAG_LEN) == 0) {
        sealer = sealer_create();
        is_end = sealer != NULL &&
                 groups_open_body(space->groups, sealer, record, chain, &content) == ERR_OK &&
                 body_check(content, &kind) == ERR_OK && ending_is_kind(kind);
        sealer_destroy(&sealer);
    }
    return is_end;
}

static void look_at(struct space *space, const struct record *record)
{
    const struct roster *roster = space->node->roster;
    struct header header;
    struct chain chain;

    if (record->precedence != FLASH || space->end.is_there ||
        store_get_chain(space->store, record->chain, &chain) != ERR_OK ||
        record_check(record, space->id, &chain, &header) != ERR_OK) {
        return;
    }
    int32_t node = roster_find_signing(roster, chain.author);
    struct exercise_end end = {true, (uint32_t)node, chain.epoch, record->seq, header.time >> 16};
    if (node >= 0 && counts(roster, &end) && is_end(space, record, &chain)) {
        space->end = end;
        desk_set_ended(space->desk, true);
        log_write(LOG_LEVEL_INFO, "exercise-ended", "exercise=%s", space->name);
    }
}

void ending_look(struct space *space)
{
    struct record_set set = {0};

    if (!space_is_exercise(space) || space->looked == store_last_arrival(space->store)) {
        return;
    }
    while (!space->end.is_there &&
           store_read_arrivals(space->store, space->looked + 1, false, LOOK_COUNT, &set) ==
               ERR_OK &&
           set.count > 0) {
        for (size_t i = 0; i < set.count; i++) {
            look_at(space, &set.records[i]);
        }
        space->looked = set.records[set.count - 1].arrival;
    }
    record_set_fini(&set);
}

void ending_look_again(struct space *space)
{
    space->looked = 0;
    ending_look(space);
}

void ending_use_roster(struct space *space)
{
    if (space->end.is_there && !counts(space->node->roster, &space->end)) {
        space->end.is_there = false;
        desk_set_ended(space->desk, false);
        ending_look_again(space);
    }
}
