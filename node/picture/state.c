// SPDX-License-Identifier: EUPL-1.2
// What holds now, in one object: conflicts, what is overdue, and what the lookout sees. Of very
// many only the first, with how many there are.
#include "picture/state.h"

#include "reading/view.h"

enum { SHOWN_MAX = 64 };

static enum err write_conflicts(const struct event_writer *writer, struct text *out)
{
    const uint32_t *places;
    size_t count;
    uint64_t found = 0;

    const enum err err = picture_items(writer->picture, &places, &count);
    if (err != ERR_OK) {
        return err;
    }
    text_key(out, "conflicts");
    text_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        struct picture_item item;
        picture_item(writer->picture, places[i], &item);
        if (!item.is_conflicting || found++ >= SHOWN_MAX) {
            continue;
        }
        text_open(out, '{');
        text_key(out, "item");
        event_write_name(writer, out, places[i]);
        text_key(out, "kind");
        text_string(out, item.kind->name);
        text_key(out, "heads");
        text_uint(out, item.heads);
        text_close(out, '}');
    }
    text_close(out, ']');
    text_key(out, "conflicts_count");
    text_uint(out, found);
    return ERR_OK;
}

static void write_missed(const struct event_writer *writer, struct text *out,
                         const struct deadline *deadline, const struct awaited *awaited)
{
    struct picture_version version;

    picture_version(writer->picture, deadline->place, &version);
    text_open(out, '{');
    event_write_entry(writer, out, deadline->place, version.item);
    event_write_deadline(writer, out, deadline, awaited);
    text_close(out, '}');
}

static enum err write_overdue(const struct event_writer *writer, struct text *out,
                              const struct deadlines *deadlines, uint64_t wall_ms)
{
    const size_t past = deadlines_from(deadlines, wall_ms);
    enum err err = ERR_OK;
    uint64_t found = 0;

    text_key(out, "overdue");
    text_open(out, '[');
    for (size_t i = 0; i < past && err == ERR_OK; i++) {
        struct awaited awaited;
        bool is_missed = false;
        err =
            deadline_look(writer->view, writer->picture, &deadlines->list[i], &is_missed, &awaited);
        if (err == ERR_OK && is_missed && found++ < SHOWN_MAX) {
            write_missed(writer, out, &deadlines->list[i], &awaited);
        }
    }
    text_close(out, ']');
    text_key(out, "overdue_count");
    text_uint(out, found);
    return err;
}

enum err state_write(struct event_writer *writer, const struct deadlines *deadlines,
                     const struct lookout *lookout)
{
    struct text *out = &writer->data;

    text_clear(out);
    text_open(out, '{');
    view_write_space(writer->view, out);
    text_key(out, "now");
    text_time(out, lookout->wall_ms);
    enum err err = write_conflicts(writer, out);
    if (err == ERR_OK) {
        err = write_overdue(writer, out, deadlines, lookout->wall_ms);
    }
    lookout_write(lookout, out);
    text_close(out, '}');
    return err;
}
