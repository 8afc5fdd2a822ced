// SPDX-License-Identifier: EUPL-1.2
// Events as they go over the stream: `id`, `event` and `data`, one JSON object. Which there are is
// said elsewhere.
#ifndef NODE_PICTURE_EVENT_TEXT_H
#define NODE_PICTURE_EVENT_TEXT_H

#include "picture/change.h"
#include "picture/deadline.h"
#include "reading/desk_view.h"

// Where a reader is in the stream: it was told all of the arrivals before that the first `keys`
// keys of the home open, and of this one the first `count` events.
struct position {
    uint64_t arrival;
    uint32_t count;
    uint32_t keys;
    uint8_t tag[TAG_LEN]; // of the entry's id: another store has another one there
    uint8_t has_tag;      // else it is the beginning
};

enum { POSITION_SIZE = 20 + 1 + 10 + 1 + 10 + 1 + 2 * TAG_LEN + 1 };

void position_format(const struct position *position, char out[static POSITION_SIZE]);
// Reads what position_format writes, and "0", the beginning. Errors: ERR_MALFORMED.
CHECKED enum err position_parse(const char *text, struct position *position);

// What is written with.
struct event_writer {
    const struct desk_view *view;
    struct picture *picture;
    struct text data; // the object of the event that is being written
};

const char *told_text(enum happening told);

// The object of what is told; with `is_late`, that its key came only now.
void event_write(struct event_writer *writer, const struct telling *telling,
                 const struct awaited *awaited, bool is_late);
// The name of the entry at that place, as a value.
void event_write_name(const struct event_writer *writer, struct text *out, uint32_t place);
// The members about an entry and the item that is told of, without braces.
void event_write_entry(const struct event_writer *writer, struct text *out, uint32_t place,
                       uint32_t item);
// The members about what is missed, and by which centres.
void event_write_deadline(const struct event_writer *writer, struct text *out,
                          const struct deadline *deadline, const struct awaited *awaited);

// Frames it: without an id, it is not told again.
void event_frame(struct text *out, const char *id, const char *event, const struct text *data);

#endif
