// SPDX-License-Identifier: EUPL-1.2
// GET /v1/casualties and GET /v1/resources: what entries add up to, with what made it up.
#include "api/moment.h"
#include "api/sums_text.h"

// The place of what the query's incident goes on in. False: the reply says what is wrong.
static bool find_incident(struct call *call, const struct moment *moment, uint32_t *incident)
{
    struct picture_version version = {.item = PICTURE_NONE};
    struct ref ref;

    *incident = PICTURE_NONE;
    if (call->args[ARG_INCIDENT] == NULL) {
        return true;
    }
    call->tail = call->args[ARG_INCIDENT]; // as if it stood in the path
    if (!item_find(call, &ref)) {
        return false;
    }
    const uint32_t place = picture_find(moment->writing.picture, &ref);
    if (place != PICTURE_NONE) {
        picture_version(moment->writing.picture, place, &version);
    }
    if (version.item == PICTURE_NONE) {
        item_refuse(call);
        return false;
    }
    *incident = picture_incident(moment->writing.picture, version.item);
    return true;
}

void casualties_get(struct call *call)
{
    struct moment moment;
    uint32_t incident;
    const struct places only = {.list = &incident, .count = 1};
    const bool is_of_one = call->args[ARG_INCIDENT] != NULL;

    if (!moment_get(call, &moment)) {
        return;
    }
    if (find_incident(call, &moment, &incident)) {
        struct text *out = moment.writing.out = reply_json(&call->reply, MHD_HTTP_OK);
        text_open(out, '{');
        moment_write(&moment);
        text_key(out, "casualties");
        const enum err err = casualties_write(&moment.writing, is_of_one ? &only : NULL, true);
        text_close(out, '}');
        if (err != ERR_OK) {
            reply_failed(&call->reply, ERR_IO, "no memory");
        }
    }
    moment_put(&moment);
}

void resources_get(struct call *call)
{
    struct moment moment;

    if (!moment_get(call, &moment)) {
        return;
    }
    struct text *out = moment.writing.out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    moment_write(&moment);
    text_key(out, "resources");
    const enum err err = resources_write(&moment.writing, true);
    text_close(out, '}');
    if (err != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    }
    moment_put(&moment);
}
