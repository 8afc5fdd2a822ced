// SPDX-License-Identifier: EUPL-1.2
#include "sitrep/age.h"

#include "sitrep/print.h"
#include "sitrep/when.h"

bool age_is_old(const json_t *said, int64_t now_ms)
{
    int64_t until_ms;

    return when_read(json_text(said, "current_until"), &until_ms) && until_ms <= now_ms;
}
