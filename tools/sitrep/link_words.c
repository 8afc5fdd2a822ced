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

bool link_wanted_words(const json_t *link, char out[static LINK_WANTED_SIZE])
{
    static const char *const from[] = {"routine", "priority", "immediate", "flash"};
    static const char *const words[] = {"entries of any precedence", "priority entries and above",
                                        "immediate and flash entries", "flash entries"};
    const json_t *groups = json_object_get(link, "groups");
    const char *precedence = json_text(link, "precedence");
    const size_t count = json_array_size(groups);
    size_t least = 0;
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
        least = strcmp(from[i], precedence) == 0 ? i : least;
    }
    int len = snprintf(out, LINK_WANTED_SIZE, "only %s", words[least]);
    for (size_t i = 0; i < count && len > 0 && len < LINK_WANTED_SIZE; i++) {
        const char *name = json_string_value(json_array_get(groups, i));
        const char *between = i == 0 ? " for " : (i + 1 == count ? " and " : ", ");
        len += snprintf(out + len, (size_t)(LINK_WANTED_SIZE - len), "%s%.64s", between,
                        name != NULL ? name : "");
    }
    return least > 0 || count > 0;
}
