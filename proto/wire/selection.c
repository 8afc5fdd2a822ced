// SPDX-License-Identifier: EUPL-1.2
// The one test behind a selection.
#include "sitrep/selection.h"

#include <string.h>

bool selection_takes(const struct selection *selection, uint8_t precedence,
                     const uint8_t group[static TAG_LEN])
{
    bool is_for = selection->groups_count == 0;

    for (size_t i = 0; i < selection->groups_count && !is_for; i++) {
        is_for = memcmp(selection->groups[i], group, TAG_LEN) == 0;
    }
    return is_for && precedence >= selection->precedence;
}
