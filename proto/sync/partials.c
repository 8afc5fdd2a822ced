// SPDX-License-Identifier: EUPL-1.2
// Puts messages in parts together, and keeps what came of them for the next connection. Which part
// is sent next is not its business.
#include "sync/partials.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARTIALS_MAX = 2 * MESSAGE_MAX, // bytes [17.2]
    ROOM_MIN = 1024,
    TOLD_MAX = 64, // connections, on which nothing came of it
};

static_assert(HELD_MAX > LANES, "where every lane has one, there is room for another");

static void drop(struct partials *partials, struct partial *partial)
{
    partials->bytes -= partial->room;
    free(partial->bytes);
    *partial = (struct partial){.lane = LANES};
}

void partials_fini(struct partials *partials)
{
    for (size_t i = 0; i < HELD_MAX; i++) {
        drop(partials, &partials->list[i]);
    }
}

void partials_interrupt(struct partials *partials)
{
    for (size_t i = 0; i < HELD_MAX; i++) {
        partials->list[i].lane = LANES;
    }
}

size_t partials_tell(struct partials *partials, struct held list[static HELD_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < HELD_MAX; i++) {
        struct partial *partial = &partials->list[i];

        if (partial->bytes == NULL) {
            continue;
        }
        if (partial->told++ >= TOLD_MAX) {
            drop(partials, partial); // the message came by another way, or never will
            continue;
        }
        memcpy(list[count].tag, partial->tag, TAG_LEN);
        list[count++].len = partial->len;
    }
    return count;
}

// The one that goes on in that lane, or NULL.
static struct partial *going_on(struct partials *partials, uint8_t lane)
{
    for (size_t i = 0; i < HELD_MAX; i++) {
        if (partials->list[i].bytes != NULL && partials->list[i].lane == lane) {
            return &partials->list[i];
        }
    }
    return NULL;
}

// The one nothing came of for longest, of those that are not going on; NULL when all are.
static struct partial *oldest_kept(struct partials *partials)
{
    struct partial *oldest = NULL;

    for (size_t i = 0; i < HELD_MAX; i++) {
        struct partial *partial = &partials->list[i];

        if (partial->bytes != NULL && partial->lane == LANES &&
            (oldest == NULL || partial->touch < oldest->touch)) {
            oldest = partial;
        }
    }
    return oldest;
}

static struct partial *find_kept(struct partials *partials, const struct part *part)
{
    for (size_t i = 0; i < HELD_MAX; i++) {
        struct partial *partial = &partials->list[i];

        if (partial->bytes != NULL && partial->lane == LANES && partial->total == part->total &&
            memcmp(partial->tag, part->tag, TAG_LEN) == 0) {
            return partial;
        }
    }
    return NULL;
}

static struct partial *find_free(struct partials *partials)
{
    for (size_t i = 0; i < HELD_MAX; i++) {
        if (partials->list[i].bytes == NULL) {
            return &partials->list[i];
        }
    }
    struct partial *oldest = oldest_kept(partials);
    assert(oldest != NULL);
    drop(partials, oldest);
    return oldest;
}

// What was told to be held may go on anywhere up to its end; NULL when that much is not held.
static struct partial *begin(struct partials *partials, const struct part *part)
{
    struct partial *before = going_on(partials, part->lane);

    if (before != NULL) {
        before->lane = LANES;
    }
    struct partial *partial = find_kept(partials, part);
    if (partial == NULL && part->offset == 0) {
        partial = find_free(partials);
        partial->total = part->total;
        memcpy(partial->tag, part->tag, TAG_LEN);
    }
    if (partial == NULL || part->offset > partial->len) {
        return NULL;
    }
    partial->lane = part->lane;
    partial->len = part->offset;
    return partial;
}

// As much as the message needs, in steps; what is only kept makes way.
static enum err make_room(struct partials *partials, struct partial *partial, size_t len)
{
    size_t room = partial->room;

    while (room < len) {
        room = room == 0 ? ROOM_MIN : 2 * room;
    }
    room = room < partial->total ? room : partial->total;
    if (room <= partial->room) {
        return ERR_OK;
    }
    while (partials->bytes - partial->room + room > PARTIALS_MAX) {
        struct partial *oldest = oldest_kept(partials);

        if (oldest == NULL) {
            return ERR_LIMIT;
        }
        drop(partials, oldest);
    }
    uint8_t *bytes = realloc(partial->bytes, room);
    if (bytes == NULL) {
        return ERR_NO_SPACE;
    }
    partials->bytes += room - partial->room;
    partial->bytes = bytes;
    partial->room = (uint32_t)room;
    return ERR_OK;
}

static enum err append(struct partials *partials, struct partial *partial, struct span bytes)
{
    enum err err = bytes.len <= partial->total - partial->len
                       ? make_room(partials, partial, partial->len + bytes.len)
                       : ERR_MALFORMED;

    if (err != ERR_OK) {
        drop(partials, partial);
        return err;
    }
    memcpy(partial->bytes + partial->len, bytes.bytes, bytes.len);
    partial->len += (uint32_t)bytes.len;
    partial->told = 0;
    partial->touch = ++partials->touches;
    return ERR_OK;
}

enum err partials_add(struct partials *partials, const struct part *part, uint8_t **message,
                      size_t *len)
{
    struct partial *partial =
        part->is_first ? begin(partials, part) : going_on(partials, part->lane);
    uint8_t tag[TAG_LEN];

    *message = NULL;
    *len = 0;
    if (partial == NULL) {
        return ERR_MALFORMED; // [17.2]
    }
    if (part->offset != partial->len) {
        partial->lane = LANES; // what came before it is good
        return ERR_MALFORMED;
    }
    enum err err = append(partials, partial, part->bytes);
    if (err != ERR_OK || partial->len < partial->total) {
        return err;
    }
    part_tag((struct span){partial->bytes, partial->len}, tag);
    if (memcmp(tag, partial->tag, TAG_LEN) != 0) { // [17.2]
        drop(partials, partial);
        return ERR_MALFORMED;
    }
    *message = partial->bytes;
    *len = partial->len;
    partials->bytes -= partial->room;
    *partial = (struct partial){.lane = LANES};
    return ERR_OK;
}
