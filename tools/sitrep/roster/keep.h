// SPDX-License-Identifier: EUPL-1.2
// The next roster version, handed to where it takes effect.
#ifndef SITREP_ROSTER_KEEP_H
#define SITREP_ROSTER_KEEP_H

#include "home/home.h"
#include "sitrep/options.h"

// A running node holds the lock, and takes the new version by its API; otherwise it is written
// here, under the lock. On EXIT_DONE *roster is destroyed and stands for the new version; else a
// complaint was made, and nothing has changed.
enum exit_code roster_keep(struct home *home, const struct arguments *arguments, struct span bytes,
                           struct roster **roster);

#endif
