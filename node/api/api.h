// SPDX-License-Identifier: EUPL-1.2
// The local HTTP/JSON API, version 1, on a Unix socket. What it offers is written in openapi.yaml.
#ifndef NODE_API_H
#define NODE_API_H

#include "desk.h"
#include "sitrep/err.h"

struct api;

// Listens on `socket_path` (mode 0600; a stale socket nobody answers on is replaced) and serves the
// user of this process and root. `why` is a sentence for a person when it fails.
// Errors: ERR_LIMIT (path too long for a socket), ERR_STATE (somebody answers there already, or it
// is no socket), ERR_IO, ERR_NO_SPACE.
CHECKED enum err api_open(struct api **api, const char *socket_path, struct desk *desk,
                          char why[static 256]);

// Ends the streams, waits for the requests being handled, removes the socket. The desk must still
// answer until this returns.
// Serves an exercise, too, from now on; its desk lives until it is purged through the API, or the
// API is closed. Any thread. Errors: ERR_NO_SPACE, and the store's.
CHECKED enum err api_add_space(struct api *api, const char *name, struct desk *desk);
void api_close(struct api **api);

#endif
