// SPDX-License-Identifier: EUPL-1.2
// Looks at items as they stand; opens no entry.
#include "api/sieve.h"

#include <string.h>

#include "api/items.h"
#include "picture/overview.h"
#include "sitrep/limits.h"
#include "sitrep/sums.h"

static bool read_kind(struct call *call, struct sieve *sieve)
{
    const char *name = call->args[ARG_KIND];

    sieve->kind =
        name == NULL ? NULL : kind_find((struct span){(const uint8_t *)name, strlen(name)});
    if (name != NULL && sieve->kind == NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "kind must be one of those that /v1/kinds has ('sitrep kinds')");
        return false;
    }
    return true;
}

bool sieve_read(struct call *call, struct sieve *sieve)
{
    *sieve = (struct sieve){.has_incident = call->args[ARG_INCIDENT] != NULL};
    if (!read_kind(call, sieve)) {
        return false;
    }
    if (arg_switch(call->args[ARG_OPEN], &sieve->is_open) != ERR_OK ||
        arg_switch(call->args[ARG_CONFLICTING], &sieve->is_conflicting) != ERR_OK ||
        arg_switch(call->args[ARG_PROPOSED], &sieve->is_proposed) != ERR_OK) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "open, conflicting and proposed must be 0 or 1");
        return false;
    }
    const char *limit = call->args[ARG_LIMIT];
    if (limit != NULL &&
        (arg_count(limit, SEQ_MAX, &sieve->limit) != ERR_OK || sieve->limit == 0)) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "limit must be a number, 1 or more");
        return false;
    }
    return !sieve->has_incident ||
           item_find_named(call, call->args[ARG_INCIDENT], &sieve->incident);
}

void sieve_fini(struct sieve *sieve)
{
    places_fini(&sieve->family);
    places_fini(&sieve->heads);
}

enum err sieve_begin(struct sieve *sieve, struct picture *picture)
{
    struct picture_version version = {.item = PICTURE_NONE};
    const uint32_t place =
        sieve->has_incident ? picture_find(picture, &sieve->incident) : PICTURE_NONE;

    sieve->family.count = 0;
    if (place != PICTURE_NONE) {
        picture_version(picture, place, &version);
    }
    if (version.item == PICTURE_NONE) {
        return ERR_OK;
    }
    return family_find(picture, picture_incident(picture, version.item), &sieve->family);
}

// The versions that hold.
static enum err find_heads(struct sieve *sieve, struct picture *picture, uint32_t began)
{
    size_t kept = 0;

    sieve->heads.count = 0;
    const enum err err = places_add_versions(&sieve->heads, picture, began);
    for (size_t i = 0; i < sieve->heads.count; i++) {
        struct picture_version version;
        picture_version(picture, sieve->heads.list[i], &version);
        if (overview_is_head(&version)) {
            sieve->heads.list[kept++] = sieve->heads.list[i];
        }
    }
    sieve->heads.count = kept;
    return err;
}

// Whether all that holds is over, and nobody wants it otherwise.
static bool is_over(const struct sieve *sieve, struct picture *picture,
                    const struct picture_item *item)
{
    for (size_t i = 0; i < sieve->heads.count; i++) {
        struct picture_version version;
        picture_version(picture, sieve->heads.list[i], &version);
        if (!kind_is_over(version.kind, version.state)) {
            return false;
        }
    }
    return sieve->heads.count > 0 && item->proposals == 0;
}

static bool is_of_incident(const struct sieve *sieve, const struct picture *picture)
{
    for (size_t i = 0; i < sieve->heads.count; i++) {
        uint32_t incident;
        if (picture_named(picture, sieve->heads.list[i], "incident", &incident, 1) > 0 &&
            places_have(&sieve->family, incident)) {
            return true;
        }
    }
    return false;
}

enum err sieve_look(struct sieve *sieve, struct picture *picture, uint32_t began, bool *is_wanted)
{
    struct picture_item item;

    picture_item(picture, began, &item);
    *is_wanted = item.kind != NULL && (sieve->kind == NULL || sieve->kind == item.kind) &&
                 (!sieve->is_conflicting || item.is_conflicting) &&
                 (!sieve->is_proposed || item.proposals > 0);
    if (!*is_wanted || !(sieve->is_open || sieve->has_incident)) {
        return ERR_OK;
    }
    const enum err err = find_heads(sieve, picture, began);
    *is_wanted = err == ERR_OK && (!sieve->has_incident || is_of_incident(sieve, picture));
    if (*is_wanted && sieve->is_open && is_over(sieve, picture, &item)) {
        *is_wanted = false;
        sieve->over++;
    }
    return err;
}
