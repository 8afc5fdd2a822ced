// SPDX-License-Identifier: EUPL-1.2
// The routes of the API. openapi.yaml documents each of them; a unit test compares the two.
#include <assert.h>
#include <string.h>

#include "api/call.h"

enum {
    SMALL_BODY = 1024,
    GROUP_BODY = 64 * 1024,       // every centre twice, as member and as owner
    ENTRY_BODY = 4 * 1024 * 1024, // a body of CONTENT_MAX, escaped or in base64
    LINES_BODY = 8 * 1024 * 1024,
    ROSTER_BODY = ROSTER_MAX + 64 * 1024, // the document and its signatures
};

static const struct route table[] = {
    {"GET", "/v1/status", status_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/metrics", metrics_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/peers", peers_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/entries", entries_get,
     1U << ARG_SINCE | 1U << ARG_KIND | 1U << ARG_CENTRE | 1U << ARG_LIMIT | 1U << ARG_AFTER |
         1U << ARG_FOLLOW | 1U << ARG_QUARANTINED | 1U << ARG_GROUP | 1U << ARG_SPACE,
     0, 0},
    {"GET", "/v1/entries/{name}", entry_get, 1U << ARG_FORMAT | 1U << ARG_SPACE, 0, 0},
    {"POST", "/v1/entries", entries_post, 1U << ARG_GROUP | 1U << ARG_SPACE,
     MEDIA_JSON | MEDIA_NDJSON, LINES_BODY},
    {"GET", "/v1/events", events_get, 1U << ARG_AFTER | 1U << ARG_SINCE | 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/kinds", kinds_get, 0, 0, 0},
    {"GET", "/v1/items", items_get,
     1U << ARG_KIND | 1U << ARG_OPEN | 1U << ARG_CONFLICTING | 1U << ARG_PROPOSED |
         1U << ARG_INCIDENT | 1U << ARG_LIMIT | 1U << ARG_SPACE,
     0, 0},
    {"GET", "/v1/items/{name}", item_get, 1U << ARG_SPACE, 0, 0},
    {"POST", "/v1/items/{name}", item_post, 1U << ARG_SPACE, MEDIA_JSON, ENTRY_BODY},
    {"GET", "/v1/deliveries", deliveries_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/deliveries/{name}", delivery_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/gaps", gaps_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/items/{name}/timeline", timeline_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/items/{name}/answers", answers_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/items/{name}/series", series_get, 1U << ARG_QUANTITY | 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/news", news_get, 1U << ARG_SINCE | 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/handover", handover_get, 1U << ARG_SPACE, 0, 0},
    {"POST", "/v1/handover", handover_post, 1U << ARG_SPACE, MEDIA_JSON, ENTRY_BODY},
    {"GET", "/v1/reports/last", report_get, 1U << ARG_TYPE | 1U << ARG_SPACE, 0, 0},
    {"POST", "/v1/contacts", contacts_post, 1U << ARG_SPACE, MEDIA_JSON, ENTRY_BODY},
    {"GET", "/v1/picture", picture_get, 1U << ARG_AT | 1U << ARG_AS | 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/phases", phases_get, 1U << ARG_AT | 1U << ARG_AS | 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/casualties", casualties_get,
     1U << ARG_AT | 1U << ARG_AS | 1U << ARG_INCIDENT | 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/resources", resources_get, 1U << ARG_AT | 1U << ARG_AS | 1U << ARG_SPACE, 0, 0},
    {"POST", "/v1/alerts", alerts_post, 1U << ARG_SPACE, MEDIA_JSON, ENTRY_BODY},
    {"GET", "/v1/groups", groups_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/groups/{name}", group_get, 1U << ARG_SPACE, 0, 0},
    {"POST", "/v1/groups", groups_post, 1U << ARG_SPACE, MEDIA_JSON, GROUP_BODY},
    {"POST", "/v1/groups/{name}", group_post, 1U << ARG_SPACE, MEDIA_JSON, SMALL_BODY},
    {"POST", "/v1/releases", releases_post, 1U << ARG_SPACE, MEDIA_JSON, SMALL_BODY},
    {"GET", "/v1/roster", roster_get, 0, 0, 0},
    {"GET", "/v1/roster/proposals", proposals_get, 0, 0, 0},
    {"POST", "/v1/roster", roster_post, 0, MEDIA_OCTETS, ROSTER_BODY},
    {"GET", "/v1/forks", forks_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/forks/{name}", fork_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/keys", keys_get, 0, 0, 0},
    {"GET", "/v1/logs/{node}", log_get, 1U << ARG_SPACE, 0, 0},
    {"GET", "/v1/links/{node}", link_get, 0, 0, 0},
    {"POST", "/v1/links/{node}", link_post, 0, MEDIA_JSON, SMALL_BODY},
    {"GET", "/v1/exercises", exercises_get, 0, 0, 0},
    {"POST", "/v1/exercises", exercises_post, 0, MEDIA_JSON, SMALL_BODY},
    {"POST", "/v1/exercises/{name}", exercise_post, 0, MEDIA_JSON, SMALL_BODY},
    {"POST", "/v1/fsck", fsck_post, 1U << ARG_SPACE, MEDIA_JSON | MEDIA_NONE, SMALL_BODY},
};

const struct route *routes(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}

const char *arg_name(enum arg arg)
{
    static const char *const names[ARGS] = {
        "since",       "kind",   "centre", "limit",       "after",    "follow",
        "quarantined", "format", "group",  "at",          "as",       "incident",
        "quantity",    "type",   "open",   "conflicting", "proposed", "space"};
    assert(arg < ARGS);
    return names[arg];
}

enum err arg_switch(const char *value, bool *is_on)
{
    *is_on = value != NULL && strcmp(value, "1") == 0;
    return value == NULL || *is_on || strcmp(value, "0") == 0 ? ERR_OK : ERR_MALFORMED;
}

enum err arg_count(const char *text, uint64_t max, uint64_t *value)
{
    *value = 0;
    if (*text == '\0') {
        return ERR_MALFORMED;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return ERR_MALFORMED;
        }
        *value = *value * 10 + (uint64_t)(*text - '0');
        if (*value > max) {
            return ERR_LIMIT;
        }
    }
    return ERR_OK;
}
