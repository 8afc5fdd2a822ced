// SPDX-License-Identifier: EUPL-1.2
// GET /v1/kinds: the table of kinds this node knows.
#include "api/call.h"
#include "json/kind_text.h"

void kinds_get(struct call *call)
{
    kinds_write(reply_json(&call->reply, MHD_HTTP_OK));
}
