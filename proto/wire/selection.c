// SPDX-License-Identifier: EUPL-1.2
// What a selection takes.
#include "sitrep/selection.h"

#include <string.h>

#include "sitrep/header.h"

bool selection_is_set(const struct selection *selection)
{
    return selection->precedence > ROUTINE || selection->groups_count > 0;
}

bool selection_is_same(const struct selection *a, const struct selection *b)
{
    return a->precedence == b->precedence && a->groups_count == b->groups_count &&
           memcmp(a->groups, b->groups, a->groups_count * sizeof *a->groups) == 0;
}

bool selection_takes(const struct selection *selection, uint8_t precedence,
                     const uint8_t group[static TAG_LEN])
{
    bool is_for = selection->groups_count == 0;

    for (size_t i = 0; i < selection->groups_count && !is_for; i++) {
        is_for = memcmp(selection->groups[i], group, TAG_LEN) == 0;
    }
    return is_for && precedence >= selection->precedence;
}
