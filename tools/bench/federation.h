// SPDX-License-Identifier: EUPL-1.2
// The federation the benchmark measures with: two nodes with homes, source and sink, and authors
// whose entries lie in the source's store as if they had been received.
#ifndef BENCH_FEDERATION_H
#define BENCH_FEDERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "home/home.h"
#include "sitrep/content.h"
#include "sitrep/cose.h"
#include "sitrep/roster.h"
#include "sitrep/seal.h"

enum {
    BENCH_AUTHORS_MAX = 64,
    BENCH_AUTHORS_FIRST = 2, // index of the first in the roster, behind source and sink
};

struct bench_federation {
    char folder[2048];
    char source[3072], sink[3072]; // homes
    uint16_t source_port, sink_port;
    size_t authors_count;
    struct signing_key authors[BENCH_AUTHORS_MAX];
    uint8_t authors_public[BENCH_AUTHORS_MAX][SIGN_KEY_LEN];
    uint8_t space[ID_LEN];
    struct group_key group_key;
    uint64_t sealed_bytes; // of all entries in the source's store
};

// Authors 2c and 2c + 1 are of centre-c. Founds it in a new folder below `below`. Ends the process
// with a message when anything fails.
void bench_federation_make(struct bench_federation *federation, const char *below, size_t authors);

// Removes its folder and all in it.
void bench_federation_remove(const struct bench_federation *federation);

struct bench_filling {
    uint64_t count;        // entries, dealt to the authors in turns of 32
    size_t content_len;    // bytes of each body, incompressible
    unsigned signed_every; // every n-th entry keeps its signature, at most 32
};

// Writes entries into the store of `home`, whose daemon does not run.
void bench_federation_fill(struct bench_federation *federation, const char *home,
                           const struct bench_filling *filling);

// The same with the entries of mix.h, by MIX_WRITERS authors; the last is written, and all have
// arrived, just now. `refs` has room for `count`: how they are named.
void bench_federation_fill_mix(struct bench_federation *federation, const char *home,
                               uint32_t count, struct ref *refs);

#endif
