// SPDX-License-Identifier: EUPL-1.2
// POST /v1/links/NODE: cuts the links to a peer for a drill, or lets them heal; and says what the
// line to it passes.
#include <string.h>

#include "api/body_json.h"
#include "api/call.h"
#include "rates.h"
#include "sitrep/pacer.h"

static void answer(struct call *call, enum err err, const char *key, json_t *value)
{
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the link");
        return;
    }
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    text_key(out, "node");
    text_string(out, call->tail);
    text_key(out, key);
    if (json_is_boolean(value)) {
        text_bool(out, json_is_true(value));
    } else {
        text_uint(out, (uint64_t)json_integer_value(value));
    }
    text_close(out, '}');
}

static void cut(struct call *call, uint32_t peer, json_t *wanted)
{
    answer(call, desk_cut(call->view->desk, peer, json_is_true(wanted)), "cut", wanted);
}

// What a profile and a rate of one's own come to; -1 after a refusal.
static int64_t choose_rate(struct call *call, const json_t *json)
{
    const json_t *named = json_object_get(json, "profile");
    const json_t *typed = json_object_get(json, "rate");
    const struct rate_profile *profile = rate_profile(json_string_value(named));
    const int64_t rate =
        typed != NULL ? json_integer_value(typed) : (profile != NULL ? (int64_t)profile->rate : 0);
    if (profile == NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "the profile must be fibre, 4g, satellite, radio or manual");
        return -1;
    }
    if (typed == NULL && strcmp(profile->name, "manual") == 0) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "the profile manual needs a rate, in bit/s");
        return -1;
    }
    if (rate != 0 && (rate < PACER_RATE_MIN || rate > UINT32_MAX)) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "a rate is in bit/s: %d or more, or 0 for a line that is not thin",
                    PACER_RATE_MIN);
        return -1;
    }
    return rate;
}

static void set_rate(struct call *call, uint32_t peer, const json_t *json)
{
    const int64_t rate = choose_rate(call, json);
    if (rate >= 0) {
        json_t *value = json_integer(rate);
        answer(call, desk_set_rate(call->view->desk, peer, (uint32_t)rate), "rate", value);
        json_decref(value);
    }
}

static bool is_order(const json_t *json)
{
    const json_t *rate = json_object_get(json, "rate");
    if (json_is_boolean(json_object_get(json, "cut"))) {
        return json_object_size(json) == 1;
    }
    return json_is_string(json_object_get(json, "profile")) &&
           (rate == NULL ? json_object_size(json) == 1
                         : json_is_integer(rate) && json_object_size(json) == 2);
}

void link_post(struct call *call)
{
    char why[WHY_SIZE];
    const struct roster *roster = desk_roster(call->view->desk);
    int32_t node = roster_find_name(roster, call->tail, strlen(call->tail));
    json_t *json = body_parse(call->body, call->body_len, why);
    json_t *wanted = json_object_get(json, "cut");
    if (json == NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    } else if (!is_order(json)) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "the body must be {\"cut\": true}, {\"cut\": false} or {\"profile\": NAME}, "
                    "with a \"rate\" perhaps");
    } else if (node < 0) {
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found",
                    "there is no node of that name in the roster");
    } else if ((uint32_t)node == desk_self(call->view->desk)) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict", "this is the node itself");
    } else if (wanted != NULL) {
        cut(call, (uint32_t)node, wanted);
    } else {
        set_rate(call, (uint32_t)node, json);
    }
    json_decref(json);
}
