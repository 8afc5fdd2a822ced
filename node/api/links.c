// SPDX-License-Identifier: EUPL-1.2
// GET and POST /v1/links/NODE: what is set for the link to a peer; and cuts it for a drill, or lets
// it heal.
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/group_choice.h"
#include "json/body_json.h"
#include "json/roster_text.h"
#include "reading/group_text.h"
#include "reading/link_text.h"
#include "reading/view.h"
#include "sitrep/pacer.h"

static void cut(struct call *call, uint32_t peer, bool is_cut)
{
    const enum err err = desk_cut(call->view->desk, peer, is_cut);
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the link");
        return;
    }
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    text_key(out, "node");
    text_string(out, call->tail);
    text_key(out, "cut");
    text_bool(out, is_cut);
    text_close(out, '}');
}

static void set(struct call *call, uint32_t peer, const struct choice_change *change)
{
    struct desk_link link;
    const enum err err = desk_link(call->view->desk, peer, change, &link);
    if (err == ERR_DENIED) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict",
                    "the line is thin, or only some entries are wanted over it: it has no room "
                    "for the live plane");
        return;
    }
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the link");
        return;
    }
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    text_key(out, "node");
    text_string(out, call->tail);
    link_write_choice(out, call->view->desk, &link.choice);
    text_key(out, "beacon_ms");
    if (link.beacon_ms != 0) {
        text_uint(out, link.beacon_ms);
    } else {
        text_null(out);
    }
    text_key(out, "live");
    text_bool(out, link.is_live);
    text_close(out, '}');
}

// -- orders --

static bool is_between(int64_t number, int64_t min, int64_t max)
{
    return number == 0 || (number >= min && number <= max);
}

// What is wrong with it; NULL when nothing is.
static const char *read_profile(const json_t *json, struct choice_change *change)
{
    const json_t *profile = json_object_get(json, "profile");
    change->has_profile = profile != NULL;
    if (change->has_profile && !profile_find(json_string_value(profile), &change->profile)) {
        return "the profile must be fibre, 4g, satellite, radio, manual, measured or none";
    }
    if (change->has_profile && change->profile == PROFILE_MANUAL &&
        json_object_get(json, "rate") == NULL) {
        return "the profile manual needs a rate, in bit/s";
    }
    if (change->has_profile && change->profile == PROFILE_MEASURED &&
        json_object_get(json, "rate") != NULL &&
        json_integer_value(json_object_get(json, "rate")) == 0) {
        return "the profile measured begins with a rate, in bit/s";
    }
    return NULL;
}

static const char *read_rate(const json_t *json, struct choice_change *change)
{
    const json_t *rate = json_object_get(json, "rate");
    static_assert(PACER_RATE_MIN == 1200, "as the sentence says");
    change->has_rate = rate != NULL;
    change->rate = (uint32_t)json_integer_value(rate);
    return !is_between(json_integer_value(rate), PACER_RATE_MIN, UINT32_MAX)
               ? "a rate is in bit/s: 1200 or more, or 0 for a line that is not thin"
               : NULL;
}

static const char *read_beacon(const json_t *json, struct choice_change *change)
{
    const json_t *beacon = json_object_get(json, "beacon_ms");
    static_assert(LINK_BEACON_MIN_MS == 1000, "as the sentence says");
    static_assert(LINK_BEACON_MAX_MS == 60000, "as the sentence says");
    change->has_beacon = beacon != NULL;
    change->beacon_ms = (uint32_t)json_integer_value(beacon);
    return !is_between(json_integer_value(beacon), LINK_BEACON_MIN_MS, LINK_BEACON_MAX_MS)
               ? "beacons go every 1 to 60 s, or 0 for as often as usual"
               : NULL;
}

static const char *read_precedence(const json_t *json, struct choice_change *change)
{
    const json_t *precedence = json_object_get(json, "precedence");
    change->has_precedence = precedence != NULL;
    return change->has_precedence && precedence_parse(json_string_value(precedence),
                                                      &change->wanted.precedence) != ERR_OK
               ? "the precedence must be routine, priority, immediate or flash"
               : NULL;
}

static const char *read_change(const json_t *json, struct choice_change *change)
{
    const json_t *live = json_object_get(json, "live");
    *change = (struct choice_change){.has_live = live != NULL, .is_live = json_is_true(live)};
    const char *wrong = read_profile(json, change);
    if (wrong == NULL) {
        wrong = read_rate(json, change);
    }
    if (wrong == NULL) {
        wrong = read_beacon(json, change);
    }
    return wrong != NULL ? wrong : read_precedence(json, change);
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, TAG_LEN);
}

// Whether it is one of the groups already.
static bool is_named(const struct selection *wanted, const uint8_t id[static TAG_LEN])
{
    bool is_there = false;
    for (size_t i = 0; i < wanted->groups_count; i++) {
        is_there |= memcmp(wanted->groups[i], id, TAG_LEN) == 0;
    }
    return is_there;
}

// The groups that are named; none: of all. False: the reply says why not.
static bool read_groups(struct call *call, const json_t *json, struct choice_change *change)
{
    const json_t *named = json_object_get(json, "groups");
    struct selection *wanted = &change->wanted;
    const struct groups_view *view = groups_hold(desk_groups(call->view->desk));
    bool is_good = true;
    change->has_groups = named != NULL;
    for (size_t i = 0; is_good && i < json_array_size(named); i++) {
        const char *name = json_string_value(json_array_get(named, i));
        const struct groups_item *item = group_named(&call->reply, view, name != NULL ? name : "");
        is_good = item != NULL;
        if (is_good && wanted->groups_count == SELECTION_GROUPS_MAX) {
            reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "at most %d groups",
                        SELECTION_GROUPS_MAX);
            is_good = false;
        } else if (is_good && !is_named(wanted, item->group->id)) {
            memcpy(wanted->groups[wanted->groups_count++], item->group->id, TAG_LEN);
        }
    }
    qsort(wanted->groups, wanted->groups_count, TAG_LEN, compare_ids);
    groups_release(view);
    return is_good;
}

static bool is_member_good(const char *key, const json_t *value)
{
    if (strcmp(key, "profile") == 0 || strcmp(key, "precedence") == 0) {
        return json_is_string(value);
    }
    if (strcmp(key, "rate") == 0 || strcmp(key, "beacon_ms") == 0) {
        return json_is_integer(value);
    }
    return (strcmp(key, "live") == 0 && json_is_boolean(value)) ||
           (strcmp(key, "groups") == 0 && json_is_array(value));
}

// A cut, or one or more settings.
static bool is_order(json_t *json)
{
    const char *key;
    json_t *value;
    if (json_is_boolean(json_object_get(json, "cut"))) {
        return json_object_size(json) == 1;
    }
    json_object_foreach(json, key, value)
    {
        if (!is_member_good(key, value)) {
            return false;
        }
    }
    return json_object_size(json) > 0;
}

static void obey(struct call *call, uint32_t peer, json_t *json)
{
    struct choice_change change;
    const json_t *wanted = json_object_get(json, "cut");
    if (!is_order(json)) {
        reply_error(
            &call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
            "the body must be {\"cut\": true} or {\"cut\": false}, or have one or more of "
            "\"profile\", \"rate\", \"beacon_ms\", \"live\", \"precedence\" and \"groups\"");
        return;
    }
    if (wanted != NULL) {
        cut(call, peer, json_is_true(wanted));
        return;
    }
    const char *wrong = read_change(json, &change);
    if (wrong != NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", wrong);
    } else if (read_groups(call, json, &change)) {
        set(call, peer, &change);
    }
}

// The peer that is meant; UINT32_MAX after a refusal.
static uint32_t find_peer(struct call *call)
{
    const struct roster *roster = desk_roster(call->view->desk);
    const int32_t node = roster_find_name(roster, call->tail, strlen(call->tail));
    if (node < 0) {
        char why[UNKNOWN_TEXT_SIZE];
        roster_no_node_text(roster, call->tail, why);
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found", "%s", why);
        return UINT32_MAX;
    }
    if ((uint32_t)node == desk_self(call->view->desk)) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict", "this is the node itself");
        return UINT32_MAX;
    }
    return (uint32_t)node;
}

void link_get(struct call *call)
{
    const struct choice_change nothing = {.has_profile = false};
    const uint32_t peer = find_peer(call);
    if (peer != UINT32_MAX) {
        set(call, peer, &nothing);
    }
}

void link_post(struct call *call)
{
    char why[WHY_SIZE];
    json_t *json = body_parse(call->body, call->body_len, why);
    if (json == NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
        return;
    }
    const uint32_t peer = find_peer(call);
    if (peer != UINT32_MAX) {
        obey(call, peer, json);
    }
    json_decref(json);
}
