// SPDX-License-Identifier: EUPL-1.2
// GET and POST /v1/roster: the signed roster this node goes by, and the version after it. What may
// follow is decided by the desk.
#include <inttypes.h>

#include "api/call.h"

void roster_get(struct call *call)
{
    const struct roster *roster = desk_roster(call->view->desk);
    if (roster->rivals_count > 0) {
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "forked",
                    "%zu rosters are in force and contradict each other; nobody signed what all of "
                    "them allow",
                    roster->rivals_count);
        return;
    }
    reply_bytes(&call->reply, "application/octet-stream", roster->signed_document);
}

void roster_post(struct call *call)
{
    struct span bytes = {call->body, call->body_len};
    uint64_t held = desk_roster(call->view->desk)->version;
    enum err err = bytes.len == 0 ? ERR_MALFORMED : desk_add_roster(call->view->desk, bytes);
    switch ((int)err) {
    case ERR_OK: {
        struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
        text_open(out, '{');
        text_key(out, "version");
        text_uint(out, desk_roster(call->view->desk)->version);
        text_close(out, '}');
        return;
    }
    case ERR_MALFORMED:
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "this is no roster that may follow version %" PRIu64, held);
        return;
    case ERR_STATE:
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "not_next",
                    "this node holds that roster, or it is not the version after %" PRIu64, held);
        return;
    case ERR_NOT_FOUND:
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "not_next",
                    "this roster follows one that this node does not hold: import that first");
        return;
    case ERR_LIMIT:
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "too_many",
                    "too many rosters are in force, or this one is too large");
        return;
    case ERR_DENIED:
        reply_error(&call->reply, MHD_HTTP_FORBIDDEN, "denied",
                    "this roster is not signed by enough authorities of version %" PRIu64
                    ", or is of another federation",
                    held);
        return;
    default:
        reply_failed(&call->reply, err, "the roster was not taken over");
        return;
    }
}
