// SPDX-License-Identifier: EUPL-1.2
#include "api/holder.h"

#include "reading/refs.h"

uint32_t holder_find(struct picture *picture, const struct roster *roster, uint32_t place,
                     uint32_t centre, struct picture_holding *held)
{
    uint32_t holder = PICTURE_NONE;

    *held = (struct picture_holding){.shown_by = PICTURE_NONE, .until_ms = UINT64_MAX};
    for (uint32_t node = 0; node < roster->nodes_count; node++) {
        struct picture_holding by_node;
        if (roster->nodes[node].centre != centre) {
            continue;
        }
        picture_held(picture, place, node, &by_node);
        if (holder == PICTURE_NONE || by_node.until_ms < held->until_ms ||
            (by_node.until_ms == held->until_ms && by_node.from_ms > held->from_ms)) {
            *held = by_node;
            holder = node;
        }
    }
    return holder;
}

static void write_moment(struct text *out, const char *key, uint64_t ms)
{
    text_key(out, key);
    text_time(out, ms == UINT64_MAX ? 0 : ms);
}

void holder_write(const struct desk_view *view, struct picture *picture,
                  const struct picture_holding *held, struct text *out)
{
    struct picture_version by;

    text_key(out, "held");
    if (held->shown_by == PICTURE_NONE) {
        text_null(out);
        write_moment(out, "last_receipt", held->from_ms);
        return;
    }
    picture_version(picture, held->shown_by, &by);
    text_open(out, '{');
    write_moment(out, "by", held->until_ms);
    write_moment(out, "not_before", held->from_ms);
    refs_write_name(view, "shown_by", &by.ref, out);
    text_close(out, '}');
}
