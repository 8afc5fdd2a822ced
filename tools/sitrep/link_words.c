// SPDX-License-Identifier: EUPL-1.2
// What a line passes, and who says so, for people.
#include "sitrep/link_words.h"

#include <stdio.h>
#include <string.h>

#include "sitrep/print.h"

void link_rate_words(const json_t *link, char out[static LINK_WORDS_SIZE])
{
    const char *profile = json_text(link, "profile");
    const json_int_t rate = json_number(link, "rate");
    char limit[32] = "no limit";
    char peer[64] = "";
    if (rate > 0) {
        (void)snprintf(limit, sizeof limit, "%" JSON_INTEGER_FORMAT " bit/s", rate);
    }
    if (strcmp(json_text(link, "rate_by"), "peer") == 0) {
        (void)snprintf(peer, sizeof peer, "as %.32s says", json_text(link, "node"));
    }
    if (strcmp(json_text(link, "rate_by"), "nobody") == 0) {
        (void)snprintf(out, LINK_WORDS_SIZE, "no limit told");
    } else if (*profile == '\0' && *peer == '\0') {
        (void)snprintf(out, LINK_WORDS_SIZE, "%s", limit);
    } else {
        (void)snprintf(out, LINK_WORDS_SIZE, "%s (%.32s%s%s)", limit, profile,
                       *profile != '\0' && *peer != '\0' ? ", " : "", peer);
    }
}
