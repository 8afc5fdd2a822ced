// SPDX-License-Identifier: EUPL-1.2
// Which items a list has: as the query of a request says.
#ifndef NODE_API_SIEVE_H
#define NODE_API_SIEVE_H

#include "api/call.h"
#include "picture/family.h"
#include "sitrep/kind.h"

struct sieve {
    const struct kind *kind; // NULL: of all
    bool is_open;            // only what is not over
    bool is_conflicting;     // only what contradicts itself
    bool is_proposed;        // only what is proposed otherwise
    bool has_incident;       // only what belongs to it
    struct ref incident;
    struct places family; // the incident, and those that were merged into it
    struct places heads;  // of the item looked at
    uint64_t limit;       // at most so many, those that were changed last; 0: all
    size_t over;          // passed over as they are over, so far
};

// False: the reply says what is wrong.
bool sieve_read(struct call *call, struct sieve *sieve);
void sieve_fini(struct sieve *sieve);

// Before items are looked at, whenever the picture was taken up anew. Errors: ERR_NO_SPACE.
CHECKED enum err sieve_begin(struct sieve *sieve, struct picture *picture);
// Errors: ERR_NO_SPACE.
CHECKED enum err sieve_look(struct sieve *sieve, struct picture *picture, uint32_t began,
                            bool *is_wanted);

#endif
