// SPDX-License-Identifier: EUPL-1.2
// Names of a roster in messages to people: the first few of them, and how many more there are.
#include "json/roster_text.h"

#include <stdio.h>

enum { NAMED_MAX = 8 };

struct name_list {
    char *text; // CENTRES_TEXT_SIZE bytes
    size_t len, count;
};

static void list_add(struct name_list *list, struct span name)
{
    if (list->count++ < NAMED_MAX) {
        list->len +=
            (size_t)snprintf(list->text + list->len, CENTRES_TEXT_SIZE - list->len, "%s%.*s",
                             list->len > 0 ? ", " : "", (int)name.len, (const char *)name.bytes);
    }
}

static void list_end(const struct name_list *list)
{
    if (list->count > NAMED_MAX) {
        snprintf(list->text + list->len, CENTRES_TEXT_SIZE - list->len, " and %zu more",
                 list->count - NAMED_MAX);
    }
}

void roster_centres_text(const struct roster *roster, const struct centre_set *centres,
                         char out[static CENTRES_TEXT_SIZE])
{
    struct name_list list = {.text = out};

    snprintf(out, CENTRES_TEXT_SIZE, "nobody");
    for (uint32_t i = 0; i < roster->centres_count; i++) {
        if (centres == NULL || centre_set_has(centres, i)) {
            list_add(&list, roster->centres[i].code);
        }
    }
    list_end(&list);
}

void roster_no_centre_text(const struct roster *roster, const char *code,
                           char out[static UNKNOWN_TEXT_SIZE])
{
    char centres[CENTRES_TEXT_SIZE];

    if (*code == '\0') {
        snprintf(out, UNKNOWN_TEXT_SIZE, "a centre's code is empty; is there a comma too many?");
        return;
    }
    roster_centres_text(roster, NULL, centres);
    snprintf(out, UNKNOWN_TEXT_SIZE, "there is no centre '%.40s' in the roster; there are: %s",
             code, centres);
}

void roster_no_node_text(const struct roster *roster, const char *name,
                         char out[static UNKNOWN_TEXT_SIZE])
{
    char nodes[CENTRES_TEXT_SIZE] = "";
    struct name_list list = {.text = nodes};

    for (uint32_t i = 0; i < roster->nodes_count; i++) {
        if (!roster->nodes[i].is_revoked) {
            list_add(&list, roster->nodes[i].name);
        }
    }
    list_end(&list);
    snprintf(out, UNKNOWN_TEXT_SIZE, "there is no node '%.40s' in the roster; there are: %s", name,
             nodes);
}
