// SPDX-License-Identifier: EUPL-1.2
// The rates of thin lines between structs and ZPL. Which nodes there are is not known here.
#include "rates.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <czmq.h>

#include "sitrep/pacer.h"

const struct rate_profile *rate_profile(const char *name)
{
    static const struct rate_profile profiles[] = {
        {"fibre", 0}, {"4g", 2000000}, {"satellite", 64000}, {"radio", 2400}, {"manual", 0},
    };
    for (size_t i = 0; name != NULL && i < sizeof profiles / sizeof *profiles; i++) {
        if (strcmp(profiles[i].name, name) == 0) {
            return &profiles[i];
        }
    }
    return NULL;
}

static bool read_section(zconfig_t *section, struct rate *rate)
{
    const char *name = zconfig_name(section);
    const char *text = zconfig_get(section, "rate", "");
    errno = 0;
    const unsigned long value = strtoul(text, NULL, 10);
    if (name == NULL || *name == '\0' || strlen(name) > NAME_MAX_LEN || *text == '\0' ||
        strspn(text, "0123456789") != strlen(text) || errno != 0 ||
        (value != 0 && value < PACER_RATE_MIN) || value > UINT32_MAX) {
        return false;
    }
    memcpy(rate->node, name, strlen(name) + 1);
    rate->rate = (uint32_t)value;
    return true;
}

enum err rates_read(const char *text, struct rate **rates, size_t *count, size_t *ignored)
{
    zconfig_t *root = zconfig_str_load(text);
    *rates = NULL;
    *count = *ignored = 0;
    if (root == NULL) {
        return ERR_MALFORMED;
    }
    for (zconfig_t *at = zconfig_child(root); at != NULL; at = zconfig_next(at)) {
        struct rate rate;
        if (!read_section(at, &rate)) {
            (*ignored)++;
            continue;
        }
        struct rate *grown = realloc(*rates, (*count + 1) * sizeof *grown);
        if (grown == NULL) {
            free(*rates);
            *rates = NULL;
            zconfig_destroy(&root);
            return ERR_NO_SPACE;
        }
        *rates = grown;
        grown[(*count)++] = rate;
    }
    zconfig_destroy(&root);
    return ERR_OK;
}

enum err rates_write(const struct rate *rates, size_t count, char **text)
{
    zconfig_t *root = zconfig_new("root", NULL);
    bool is_whole = root != NULL;
    *text = NULL;
    for (size_t i = 0; is_whole && i < count; i++) {
        zconfig_t *section = zconfig_new(rates[i].node, root);
        char rate[16];
        (void)snprintf(rate, sizeof rate, "%" PRIu32, rates[i].rate);
        is_whole = section != NULL;
        if (is_whole) {
            zconfig_put(section, "rate", rate);
        }
    }
    *text = is_whole ? zconfig_str_save(root) : NULL;
    zconfig_destroy(&root);
    return *text != NULL ? ERR_OK : ERR_NO_SPACE;
}
