// SPDX-License-Identifier: EUPL-1.2
// Fuzzes the reader of group changes with the input as it comes, and what they add up to with the
// input as a history: three bytes a change.
#include "fuzz/fuzz.h"
#include "group_story.h"
#include "roundtrip_trust.h"

enum { ACT_LEN = 3 };

static void tell(struct story *story, const uint8_t *bytes)
{
    struct story_act act = {.author = bytes[0] % STORY_NODES, .centre = bytes[1] % STORY_CENTRES};
    uint8_t id[ID_LEN];

    act.op = (enum group_op)(GROUP_ADD + (bytes[1] / STORY_CENTRES) % (GROUP_OPS - GROUP_ADD));
    act.has_key = (bytes[0] & 0x80) != 0;
    for (size_t i = 0; i < 8; i++) {
        act.after |= story->count > i && (bytes[2] >> i & 1) != 0
                         ? UINT64_C(1) << (story->count - 1 - i)
                         : 0;
    }
    if (act.after == 0) {
        act.after = 1;
    }
    memset(id, bytes[1] ^ bytes[2], sizeof id);
    id[1] = (uint8_t)(0x80 + story->count); // no id twice, nor the founding's
    story_tell_as(story, &act, id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct story story;

    (void)roundtrip_group(data, size);
    if (size < 2) {
        return 0;
    }
    story_begin(&story);
    story_found(&story, 0, data[0] | 1u, (data[0] & 3u) | 1u, (data[1] & 1) != 0);
    if ((data[1] & 2) != 0) {
        story_revoke(&story, data[1] >> 4, 1, data[1] >> 2 & 3);
    }
    for (size_t at = 2; at + ACT_LEN <= size && story.count < STORY_MAX; at += ACT_LEN) {
        tell(&story, data + at);
    }
    struct group *group = NULL;
    const struct group_changes changes = {story.changes, story.count};
    const enum err err = group_evaluate(story.space, story.group, &story.roster, changes, &group);
    roundtrip_demand(err == ERR_OK || err == ERR_NOT_FOUND);
    if (err == ERR_OK) {
        story_demand_any_order(&story, group);
        group_destroy(&group);
    }
    return 0;
}
