// SPDX-License-Identifier: EUPL-1.2
#include "picture/arrivals.h"

#include <stdlib.h>

enum { ROOM_FIRST = 64 };

size_t arrivals_find(struct arrivals arrivals, uint64_t arrival)
{
    size_t low = 0;
    size_t high = arrivals.count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (arrivals.list[middle].arrival < arrival) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void arrival_list_fini(struct arrival_list *list)
{
    free(list->list);
    *list = (struct arrival_list){.count = 0};
}

bool arrival_list_reserve(struct arrival_list *list)
{
    if (list->count < list->room) {
        return true;
    }
    const size_t room = list->room == 0 ? ROOM_FIRST : list->room * 2;
    struct arrived *grown = realloc(list->list, room * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    list->list = grown;
    list->room = room;
    return true;
}

void arrival_list_add(struct arrival_list *list, const struct arrived *arrived)
{
    struct arrived *all = list->list;
    size_t at = list->count++;

    for (; at > 0 && all[at - 1].arrival > arrived->arrival; at--) {
        all[at] = all[at - 1];
    }
    all[at] = *arrived;
    for (; at < list->count; at++) {
        const uint64_t before_ms = at == 0 ? 0 : all[at - 1].moment_ms;
        all[at].moment_ms = all[at].moment_ms > before_ms ? all[at].moment_ms : before_ms;
    }
}
