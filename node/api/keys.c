// SPDX-License-Identifier: EUPL-1.2
// GET /v1/keys: the keys of this node and of its roster, read from its home. Never a secret.
#include "api/call.h"
#include "json/keyring_text.h"
#include "log.h"

void keys_get(struct call *call)
{
    struct home home = *desk_home(call->view->desk); // its `why` is for one thread
    struct keyring keyring;
    const enum err err = keyring_load(&home, &keyring);
    if (err != ERR_OK) {
        log_write(LOG_LEVEL_WARNING, "keys-unreadable", "why=%s", home.why);
        reply_failed(&call->reply, err, "the keys were not read");
        return;
    }
    keyring_write(&keyring, passphrase_is_credential() ? "credential" : "passphrase",
                  reply_json(&call->reply, MHD_HTTP_OK));
    keyring_fini(&keyring);
}
