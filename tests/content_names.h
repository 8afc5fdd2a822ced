// SPDX-License-Identifier: EUPL-1.2
// Names of entries without a store: NODE/SEQ, or NODE.EPOCH/SEQ, is the entry whose id begins with
// that number; of three centres with a node each.
#ifndef TESTS_CONTENT_NAMES_H
#define TESTS_CONTENT_NAMES_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json/content_json.h"

enum { NAMES_CENTRES = 3 };

static inline struct roster *names_roster(void)
{
    static const char *const codes[NAMES_CENTRES] = {"be-nccn", "nl-kcr2", "lu-hcpn"};
    static struct roster_centre centres[NAMES_CENTRES];
    static struct roster_node nodes[NAMES_CENTRES];
    static struct roster roster;

    for (uint32_t i = 0; i < NAMES_CENTRES; i++) {
        centres[i].code = (struct span){(const uint8_t *)codes[i], strlen(codes[i])};
        nodes[i].name = centres[i].code;
        nodes[i].centre = i;
    }
    roster.centres = centres;
    roster.centres_count = NAMES_CENTRES;
    roster.nodes = nodes;
    roster.nodes_count = NAMES_CENTRES;
    return &roster;
}

static inline void names_tag(struct ref *ref)
{
    for (size_t i = 0; i < TAG_LEN; i++) {
        ref->tag[i] = (uint8_t)(ref->seq >> (8 * (TAG_LEN - 1 - i)));
    }
}

// Exactly what names_write writes.
static inline bool names_are_same(const char *text, const struct roster_node *node,
                                  const struct ref *ref)
{
    char again[REF_TEXT_SIZE];
    char epoch[16] = "";

    if (ref->epoch != 0) {
        snprintf(epoch, sizeof epoch, ".%" PRIu32, ref->epoch);
    }
    snprintf(again, sizeof again, "%.*s%s/%" PRIu64, (int)node->name.len,
             (const char *)node->name.bytes, epoch, ref->seq);
    return strcmp(text, again) == 0;
}

static inline enum err names_read(const void *context, const char *text, struct ref *ref,
                                  char why[static WHY_SIZE])
{
    const struct roster *roster = context;
    const char *slash = strchr(text, '/');
    const char *dot = strchr(text, '.');

    *ref = (struct ref){.seq = slash == NULL ? 0 : strtoull(slash + 1, NULL, 10)};
    ref->epoch = dot == NULL ? 0 : (uint32_t)strtoul(dot + 1, NULL, 10);
    names_tag(ref);
    for (uint32_t i = 0; i < roster->nodes_count; i++) {
        if (ref->seq > 0 && ref->seq <= SEQ_MAX && names_are_same(text, &roster->nodes[i], ref)) {
            ref->author = i;
            return ERR_OK;
        }
    }
    snprintf(why, WHY_SIZE, "there is no entry %.100s here", text);
    return ERR_NOT_FOUND;
}

static inline void names_write(const void *context, const struct ref *ref,
                               char out[static REF_TEXT_SIZE])
{
    const struct roster *roster = context;
    const struct span name = roster->nodes[ref->author].name;
    char epoch[16] = "";

    if (ref->epoch != 0) {
        snprintf(epoch, sizeof epoch, ".%" PRIu32, ref->epoch);
    }
    snprintf(out, REF_TEXT_SIZE, "%.*s%s/%" PRIu64, (int)name.len, (const char *)name.bytes, epoch,
             ref->seq);
}

static inline struct content_names names_fake(void)
{
    const struct roster *roster = names_roster();

    return (struct content_names){roster, roster, names_read, names_write};
}

#endif
