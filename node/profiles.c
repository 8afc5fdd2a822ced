// SPDX-License-Identifier: EUPL-1.2
// The settings of links between structs and ZPL, and what changes of them come to.
#include "profiles.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <czmq.h>
#include <sodium.h>

#include "sitrep/header.h"
#include "sitrep/pacer.h"
#include "tuner.h"

static const struct {
    const char *name;
    uint32_t rate; // bit/s; 0: not thin, or none of its own
} profiles[PROFILES] = {
    [PROFILE_NONE] = {"none", 0},
    [PROFILE_FIBRE] = {"fibre", 0},
    [PROFILE_4G] = {"4g", 2000000},
    [PROFILE_SATELLITE] = {"satellite", 64000},
    [PROFILE_RADIO] = {"radio", 2400},
    [PROFILE_MANUAL] = {"manual", 0},
    [PROFILE_MEASURED] = {"measured", TUNER_START},
};

const char *profile_name(enum profile profile)
{
    assert(profile < PROFILES);
    return profiles[profile].name;
}

bool profile_find(const char *name, enum profile *profile)
{
    for (size_t i = 0; name != NULL && i < PROFILES; i++) {
        if (strcmp(profiles[i].name, name) == 0) {
            *profile = (enum profile)i;
            return true;
        }
    }
    return false;
}

enum profile profile_of_rate(uint32_t rate)
{
    for (size_t i = 0; rate != 0 && i < PROFILES; i++) {
        if (profiles[i].rate == rate) {
            return (enum profile)i;
        }
    }
    return PROFILE_NONE;
}

void choice_change(struct choice *choice, const struct choice_change *change)
{
    if (change->has_profile) {
        *choice = (struct choice){.profile = change->profile};
        choice->settings.rate = profiles[change->profile].rate;
        choice->settings.is_rate_own = change->profile != PROFILE_NONE;
    }
    if (change->has_rate) {
        // Where a search begins; and another rate than the profile's is no longer the profile's.
        choice->profile = change->has_profile && change->profile == PROFILE_MEASURED
                              ? PROFILE_MEASURED
                              : PROFILE_MANUAL;
        choice->settings.rate = change->rate;
        choice->settings.is_rate_own = true;
    }
    if (change->has_beacon) {
        choice->settings.beacon_ms = change->beacon_ms;
    }
    if (change->has_live) {
        choice->settings.is_live_off = !change->is_live;
    }
    if (change->has_precedence) {
        choice->settings.wanted.precedence = change->wanted.precedence;
    }
    if (change->has_groups) {
        const uint8_t precedence = choice->settings.wanted.precedence;
        choice->settings.wanted = change->wanted;
        choice->settings.wanted.precedence = precedence;
    }
}

bool choice_change_is_empty(const struct choice_change *change)
{
    return !change->has_profile && !change->has_rate && !change->has_beacon && !change->has_live &&
           !change->has_precedence && !change->has_groups;
}

// -- HOME/links --

// A whole number between `min` and `max`, or 0.
static bool read_number(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
    errno = 0;
    *number = strtoull(text, NULL, 10);
    return *text != '\0' && strspn(text, "0123456789") == strlen(text) && errno == 0 &&
           (*number == 0 || (*number >= min && *number <= max));
}

static bool read_rate(const char *text, struct choice *choice)
{
    uint64_t rate;
    const bool is_good = read_number(text, PACER_RATE_MIN, UINT32_MAX, &rate);
    choice->settings.rate = (uint32_t)rate;
    choice->settings.is_rate_own = true;
    if (choice->profile == PROFILE_NONE) {
        choice->profile = PROFILE_MANUAL;
    }
    return is_good;
}

static bool read_beacon(const char *text, struct choice *choice)
{
    uint64_t ms;
    const bool is_good = read_number(text, LINK_BEACON_MIN_MS, LINK_BEACON_MAX_MS, &ms);
    choice->settings.beacon_ms = (uint32_t)ms;
    return is_good && ms != 0;
}

static bool read_precedence(const char *text, struct choice *choice)
{
    uint64_t precedence;
    const bool is_good = read_number(text, PRIORITY, FLASH, &precedence);
    choice->settings.wanted.precedence = (uint8_t)precedence;
    return is_good && precedence != ROUTINE;
}

// Ids in hexadecimal, ascending, with a space between two.
static bool read_groups(const char *text, struct choice *choice)
{
    struct selection *wanted = &choice->settings.wanted;
    for (const char *at = text; at != NULL;) {
        uint8_t *id = wanted->groups[wanted->groups_count];
        size_t len = 0;
        const char *end = NULL;
        if (wanted->groups_count == SELECTION_GROUPS_MAX ||
            sodium_hex2bin(id, TAG_LEN, at, strcspn(at, " "), NULL, &len, &end) != 0 ||
            len != TAG_LEN || (*end != ' ' && *end != '\0') ||
            (wanted->groups_count > 0 && memcmp(id - TAG_LEN, id, TAG_LEN) >= 0)) {
            return false;
        }
        wanted->groups_count++;
        at = *end == ' ' ? end + 1 : NULL;
    }
    return true;
}

static bool read_wanted(zconfig_t *section, struct choice *choice)
{
    const char *precedence = zconfig_get(section, "precedence", NULL);
    const char *groups = zconfig_get(section, "groups", NULL);
    return (precedence == NULL || read_precedence(precedence, choice)) &&
           (groups == NULL || read_groups(groups, choice));
}

static bool read_section(zconfig_t *section, struct choice_of *out)
{
    const char *name = zconfig_name(section);
    const char *profile = zconfig_get(section, "profile", NULL);
    const char *rate = zconfig_get(section, "rate", NULL);
    const char *beacon = zconfig_get(section, "beacon_ms", NULL);
    const char *live = zconfig_get(section, "live", NULL);
    *out = (struct choice_of){.node = ""};
    if (name == NULL || *name == '\0' || strlen(name) > NAME_MAX_LEN ||
        !read_wanted(section, &out->choice) ||
        (rate == NULL && beacon == NULL && live == NULL &&
         !selection_is_set(&out->choice.settings.wanted))) {
        return false;
    }
    memcpy(out->node, name, strlen(name) + 1);
    out->choice.settings.is_live_off = live != NULL && strcmp(live, "off") == 0;
    return (profile == NULL || profile_find(profile, &out->choice.profile)) &&
           (rate == NULL || read_rate(rate, &out->choice)) &&
           (beacon == NULL || read_beacon(beacon, &out->choice)) &&
           (live == NULL || out->choice.settings.is_live_off);
}

enum err choices_read(const char *text, struct choice_of **list, size_t *count, size_t *ignored)
{
    zconfig_t *root = zconfig_str_load(text);
    *list = NULL;
    *count = *ignored = 0;
    if (root == NULL) {
        return ERR_MALFORMED;
    }
    for (zconfig_t *at = zconfig_child(root); at != NULL; at = zconfig_next(at)) {
        struct choice_of one;
        if (!read_section(at, &one)) {
            (*ignored)++;
            continue;
        }
        struct choice_of *grown = realloc(*list, (*count + 1) * sizeof *grown);
        if (grown == NULL) {
            free(*list);
            *list = NULL;
            zconfig_destroy(&root);
            return ERR_NO_SPACE;
        }
        *list = grown;
        grown[(*count)++] = one;
    }
    zconfig_destroy(&root);
    return ERR_OK;
}

static void put_number(zconfig_t *section, const char *key, uint32_t number)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%" PRIu32, number);
    zconfig_put(section, key, text);
}

static void put_groups(zconfig_t *section, const struct selection *wanted)
{
    char text[SELECTION_GROUPS_MAX * (2 * TAG_LEN + 1) + 1];
    char *at = text;
    for (size_t i = 0; i < wanted->groups_count; i++, at += 2 * TAG_LEN + 1) {
        sodium_bin2hex(at, 2 * TAG_LEN + 1, wanted->groups[i], TAG_LEN);
        at[(size_t)2 * TAG_LEN] = ' ';
    }
    at[-1] = '\0';
    zconfig_put(section, "groups", text);
}

static void write_section(zconfig_t *section, const struct choice *choice)
{
    const struct link_settings *settings = &choice->settings;
    if (settings->is_rate_own) {
        zconfig_put(section, "profile", profile_name(choice->profile));
        put_number(section, "rate", settings->rate);
    }
    if (settings->beacon_ms != 0) {
        put_number(section, "beacon_ms", settings->beacon_ms);
    }
    if (settings->is_live_off) {
        zconfig_put(section, "live", "off");
    }
    if (settings->wanted.precedence > ROUTINE) {
        put_number(section, "precedence", settings->wanted.precedence);
    }
    if (settings->wanted.groups_count > 0) {
        put_groups(section, &settings->wanted);
    }
}

static bool says_nothing(const struct link_settings *settings)
{
    return !settings->is_rate_own && settings->beacon_ms == 0 && !settings->is_live_off &&
           !selection_is_set(&settings->wanted);
}

enum err choices_write(const struct choice_of *list, size_t count, char **text)
{
    zconfig_t *root = zconfig_new("root", NULL);
    bool is_whole = root != NULL;
    *text = NULL;
    for (size_t i = 0; is_whole && i < count; i++) {
        if (says_nothing(&list[i].choice.settings)) {
            continue;
        }
        zconfig_t *section = zconfig_new(list[i].node, root);
        is_whole = section != NULL;
        if (is_whole) {
            write_section(section, &list[i].choice);
        }
    }
    *text = is_whole ? zconfig_str_save(root) : NULL;
    zconfig_destroy(&root);
    return *text != NULL ? ERR_OK : ERR_NO_SPACE;
}
