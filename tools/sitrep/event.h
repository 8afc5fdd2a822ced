// SPDX-License-Identifier: EUPL-1.2
// Events of the node's stream: put together from its lines, and shown to people.
#ifndef SITREP_EVENT_H
#define SITREP_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

enum { EVENT_ID_SIZE = 96, EVENT_NAME_SIZE = 32 };

struct event {
    char id[EVENT_ID_SIZE]; // "": it has none, and is not told again
    char name[EVENT_NAME_SIZE];
    json_t *data; // an object
};

// Takes one line of the stream. True: the event is whole. What is no field of an event is passed
// over, and so is a value that is too long or not understood.
bool event_take_line(struct event *event, const char *line, size_t len);
// For the next one.
void event_clear(struct event *event);

// Whether there is an event of that name.
bool event_is_known(const char *name, size_t len);

// One line about what happened; of how all stands a few. `entry` is what it is about as
// /v1/entries has it, or NULL. What needs people is marked with "!".
void event_print(const struct event *event, const json_t *entry);

#endif
