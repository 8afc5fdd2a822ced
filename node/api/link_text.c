// SPDX-License-Identifier: EUPL-1.2
// The members about a link's rate: what it is, and who says so.
#include "api/link_text.h"

static const char *teller_of(const struct link_settings *settings)
{
    if (settings->is_rate_own) {
        return "here";
    }
    return settings->rate != 0 ? "peer" : "nobody";
}

void link_write_choice(struct text *out, const struct choice *choice)
{
    text_key(out, "profile");
    if (choice->profile != PROFILE_NONE) {
        text_string(out, profile_name(choice->profile));
    } else {
        text_null(out);
    }
    text_key(out, "rate");
    text_uint(out, choice->settings.rate);
    text_key(out, "rate_by");
    text_string(out, teller_of(&choice->settings));
}
