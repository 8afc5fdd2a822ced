// SPDX-License-Identifier: EUPL-1.2
// What is in a picture, by when it came.
#ifndef NODE_PICTURE_ARRIVALS_H
#define NODE_PICTURE_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arrived {
    uint64_t arrival;   // its number in the store
    uint64_t moment_ms; // when it, or the last one before it, came: never earlier than of those
    uint32_t place;
    uint16_t key;     // the number of what opened it, in the order in which the home kept its keys
    bool is_returned; // it came back when later ones were there: repaired, or counting again
};

struct arrivals {
    const struct arrived *list; // by arrival, ascending
    size_t count;
    uint64_t life; // another one: the picture was begun anew, and places are others
};

// The place in the list of the first that came at that arrival or later.
size_t arrivals_find(struct arrivals arrivals, uint64_t arrival);

// The list as it grows. Zero is an empty one.
struct arrival_list {
    struct arrived *list;
    size_t count, room;
};
void arrival_list_fini(struct arrival_list *list);
bool arrival_list_reserve(struct arrival_list *list); // for one more; false without memory
// In its place, be it late. Its moment is the clock's; what lies behind is moved, whatever the
// clock did.
void arrival_list_add(struct arrival_list *list, const struct arrived *arrived);

#endif
