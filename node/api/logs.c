// SPDX-License-Identifier: EUPL-1.2
// GET /v1/logs/NODE: how far this node holds another's log, and how far peers say they do. Reads
// the store's chains, no entries.
#include <string.h>

#include "api/call.h"
#include "json/roster_text.h"
#include "reading/view.h"

struct held {
    const uint8_t *author;
    uint64_t epoch; // the highest of which an entry is held
    uint64_t head;  // the last one held there without a gap, on any branch
    uint64_t branches;
};

static enum err see_chain(void *context, const struct chain *chain)
{
    struct held *held = context;
    if (memcmp(chain->author, held->author, SIGN_KEY_LEN) != 0 || chain->head_seq == 0 ||
        chain->epoch < held->epoch) {
        return ERR_OK;
    }
    if (chain->epoch > held->epoch) {
        held->epoch = chain->epoch;
        held->head = 0;
        held->branches = 0;
    }
    held->head = chain->head_seq > held->head ? chain->head_seq : held->head;
    held->branches++;
    return ERR_OK;
}

static void write_log(struct call *call, const struct held *held,
                      const struct engine_claims *claims)
{
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    view_write_space(call->view, out);
    text_key(out, "node");
    text_string(out, call->tail);
    text_key(out, "epoch");
    text_uint(out, held->epoch);
    text_key(out, "head");
    text_uint(out, held->head);
    text_key(out, "branches");
    text_uint(out, held->branches);
    text_key(out, "claimed");
    text_open(out, '{');
    text_key(out, "epoch");
    text_uint(out, claims->epoch);
    text_key(out, "seq");
    text_uint(out, claims->seq);
    text_key(out, "missing");
    text_uint(out, claims->missing);
    text_close(out, '}');
    text_close(out, '}');
}

void log_get(struct call *call)
{
    const struct roster *roster = desk_roster(call->view->desk);
    const int32_t node = roster_find_name(roster, call->tail, strlen(call->tail));
    if (node < 0) {
        char why[UNKNOWN_TEXT_SIZE];
        roster_no_node_text(roster, call->tail, why);
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found", "%s", why);
        return;
    }
    struct held held = {.author = roster->nodes[node].signing};
    struct engine_claims claims;
    enum err err = store_each_chain(desk_store(call->view->desk), see_chain, &held);
    if (err == ERR_OK) {
        err = desk_claims(call->view->desk, (uint32_t)node, &claims);
    }
    if (err == ERR_OK) {
        write_log(call, &held, &claims);
    } else {
        reply_failed(&call->reply, err, "the log");
    }
}
