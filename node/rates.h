// SPDX-License-Identifier: EUPL-1.2
// What lines pass. The profiles that are built in; and HOME/links: ZPL with a section for each peer
// for which it was set, `rate` in it, in bit/s; 0: the line is not thin.
#ifndef NODE_RATES_H
#define NODE_RATES_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"
#include "sitrep/limits.h"

// A kind of line. `rate` in bit/s; 0: it is not thin, or has no rate of its own (manual).
struct rate_profile {
    const char *name;
    uint32_t rate;
};
// NULL when there is none of that name. `name` may be NULL.
const struct rate_profile *rate_profile(const char *name);

struct rate {
    char node[NAME_MAX_LEN + 1];
    uint32_t rate;
};

// *rates is malloc'ed. Sections without a good name and rate are left out and counted in *ignored.
// Errors: ERR_MALFORMED (not ZPL), ERR_NO_SPACE.
CHECKED enum err rates_read(const char *text, struct rate **rates, size_t *count, size_t *ignored);
// *text is malloc'ed. Errors: ERR_NO_SPACE.
CHECKED enum err rates_write(const struct rate *rates, size_t count, char **text);

#endif
