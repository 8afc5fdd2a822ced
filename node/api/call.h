// SPDX-License-Identifier: EUPL-1.2
// One request while it is handled, the routes it may take, and what the handlers share.
#ifndef NODE_API_CALL_H
#define NODE_API_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/alerts.h"
#include "api/reply.h"
#include "api/spaces.h"
#include "reading/desk_view.h"
#include "reading/sealers.h"

enum arg {
    ARG_SINCE,
    ARG_KIND,
    ARG_CENTRE,
    ARG_LIMIT,
    ARG_AFTER,
    ARG_FOLLOW,
    ARG_QUARANTINED,
    ARG_FORMAT,
    ARG_GROUP,
    ARG_AT,
    ARG_AS,
    ARG_INCIDENT,
    ARG_QUANTITY,
    ARG_TYPE,
    ARG_OPEN,
    ARG_CONFLICTING,
    ARG_PROPOSED,
    ARG_SPACE,
    ARGS
};

enum media {
    MEDIA_JSON = 1,
    MEDIA_NDJSON = 2,
    MEDIA_OCTETS = 4,
    MEDIA_NONE = 8 // no body, and so no content type
};

struct call {
    const struct desk_view *view; // of the space asked for
    struct spaces *spaces;
    const char *tail; // of the path, where the route has a {name}
    const char *args[ARGS];
    const char *last_event; // what a reader of events says that it had last, or NULL
    enum media media;       // of the body
    const uint8_t *body;
    size_t body_len;
    struct reply reply;
};

struct route {
    const char *method;
    const char
        *path; // as in openapi.yaml; {name} stands for a part of the path, which may have slashes
    void (*handle)(struct call *call);
    unsigned args;   // bits of enum arg
    unsigned media;  // bits of enum media a body may have; 0 for GET
    size_t body_max; // bytes
};

const struct route *routes(size_t *count);
const char *arg_name(enum arg arg);
// The value of one that is 0 or 1; absent (NULL): 0. Errors: ERR_MALFORMED.
CHECKED enum err arg_switch(const char *value, bool *is_on);
// Decimal digits. Errors: ERR_MALFORMED, ERR_LIMIT (it is more than `max`).
CHECKED enum err arg_count(const char *text, uint64_t max, uint64_t *value);

// One handler a route, in the file of its noun.
void status_get(struct call *call);
void metrics_get(struct call *call);
void peers_get(struct call *call);
void entries_get(struct call *call);
void entry_get(struct call *call);
void events_get(struct call *call);
void entries_post(struct call *call);
void alerts_post(struct call *call);
void roster_get(struct call *call);
void roster_post(struct call *call);
void proposals_get(struct call *call);
void log_get(struct call *call);
void kinds_get(struct call *call);
void items_get(struct call *call);
void item_get(struct call *call);
void item_post(struct call *call);
void deliveries_get(struct call *call);
void delivery_get(struct call *call);
void news_get(struct call *call);
void handover_get(struct call *call);
void handover_post(struct call *call);
void answers_get(struct call *call);
void series_get(struct call *call);
void contacts_post(struct call *call);
void report_get(struct call *call);
void gaps_get(struct call *call);
void timeline_get(struct call *call);
void picture_get(struct call *call);
void phases_get(struct call *call);
void casualties_get(struct call *call);
void resources_get(struct call *call);
void link_get(struct call *call);
void link_post(struct call *call);
void keys_get(struct call *call);
void forks_get(struct call *call);
void fork_get(struct call *call);
void fsck_post(struct call *call);
void groups_get(struct call *call);
void group_get(struct call *call);
void groups_post(struct call *call);
void group_post(struct call *call);
void releases_post(struct call *call);
void exercises_get(struct call *call);
void exercises_post(struct call *call);
void exercise_post(struct call *call);

#endif
