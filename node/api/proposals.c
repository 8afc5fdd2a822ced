// SPDX-License-Identifier: EUPL-1.2
// GET /v1/roster/proposals: the rosters that are proposed by entries and may follow the one in
// force. What they change, and who must still sign, is for the reader to work out.
#include <stdlib.h>

#include "api/call.h"
#include "groups/groups.h"
#include "reading/group_text.h"

enum { CATCH_UP_MS = 2000 };

static void write_entries(struct text *out, const struct desk_view *view,
                          const struct groups_proposal *proposed)
{
    text_key(out, "entries");
    text_open(out, '[');
    for (size_t i = 0; i < proposed->entries_count; i++) {
        text_open(out, '{');
        group_write_origin(out, view, &proposed->entries[i]);
        text_close(out, '}');
    }
    text_close(out, ']');
}

static enum err write_proposal(struct text *out, const struct desk_view *view,
                               const struct groups_proposal *proposed)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    const enum err err = proposal_encode(proposed->proposal, &bytes, &len);
    if (err != ERR_OK) {
        return err;
    }
    text_open(out, '{');
    text_key(out, "version");
    text_uint(out, proposed->proposal->roster->version);
    write_entries(out, view, proposed);
    text_key(out, "proposal");
    text_base64(out, (struct span){bytes, len});
    text_close(out, '}');
    free(bytes);
    return ERR_OK;
}

void proposals_get(struct call *call)
{
    const struct desk_view *view = call->view;
    struct groups *groups = desk_groups(view->desk);
    struct groups_proposal *list = NULL;
    // What was published just now is to be seen; on a busy node it is shown the next time.
    const enum err shown = groups_catch_up(groups, CATCH_UP_MS);
    (void)shown;
    const size_t count = groups_proposals(groups, desk_roster(view->desk), &list);
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    text_key(out, "proposals");
    text_open(out, '[');
    enum err err = ERR_OK;
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        err = write_proposal(out, view, &list[i]);
    }
    text_close(out, ']');
    text_close(out, '}');
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the proposals");
    }
    groups_proposals_free(&list, count);
}
