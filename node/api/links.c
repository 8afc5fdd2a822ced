// SPDX-License-Identifier: EUPL-1.2
// POST /v1/links/NODE: cuts the links to a peer, or lets them heal; for drills and tests.
#include <string.h>

#include "api/body_json.h"
#include "api/call.h"

static void cut(struct call *call, uint32_t peer, bool is_cut)
{
    enum err err = desk_cut(call->view->desk, peer, is_cut);
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

void link_post(struct call *call)
{
    char why[WHY_SIZE];
    const struct roster *roster = desk_roster(call->view->desk);
    int32_t node = roster_find_name(roster, call->tail, strlen(call->tail));
    json_t *json = body_parse(call->body, call->body_len, why);
    const json_t *wanted = json_object_get(json, "cut");
    if (json == NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    } else if (json_object_size(json) != 1 || !json_is_boolean(wanted)) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "the body must be {\"cut\": true} or {\"cut\": false}");
    } else if (node < 0) {
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found",
                    "there is no node of that name in the roster");
    } else if ((uint32_t)node == desk_self(call->view->desk)) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "conflict", "this is the node itself");
    } else {
        cut(call, (uint32_t)node, json_is_true(wanted));
    }
    json_decref(json);
}
