// SPDX-License-Identifier: EUPL-1.2
// The Unix socket the API listens on, and who may speak over it.
#ifndef NODE_API_LISTENER_H
#define NODE_API_LISTENER_H

#include <stdbool.h>
#include <sys/un.h>

#include <microhttpd.h>

#include "sitrep/err.h"

enum { LISTENER_PATH_SIZE = sizeof(((struct sockaddr_un *)0)->sun_path) };

// Listens at `path`, mode 0600. Errors and `why` as api_open.
CHECKED enum err listener_open(const char *path, int *fd, char why[static 256]);

// Whether the process at the other end runs as this process's user or as root.
bool listener_admits(struct MHD_Connection *connection);

#endif
