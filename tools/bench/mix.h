// SPDX-License-Identifier: EUPL-1.2
// Entries as centres write them over months, for whatever is filled with them: a picture in memory
// or the store of a node. Ten nodes of five centres; of 1,000 entries one begins an incident, one a
// phase, 50 each a request, an offer and a measure with all that follows, 110 count people hurt,
// 100 say what resources there are, 10 are receipts, and half are lines in log books.
#ifndef BENCH_MIX_H
#define BENCH_MIX_H

#include "sitrep/content.h"

enum {
    MIX_WRITERS = 10,     // nodes 2c and 2c + 1 are of centre c
    MIX_BLOCK = 1000,     // entries, of which the first begins an incident
    MIX_BIG = 100,        // one of so many entries belongs to the incident of entry 0, at least
    MIX_TYPES = 200,      // of resources
    MIX_MEASURE = 10,     // entry of that number begins a measure, which the next two change
    MIX_ASKING = 513,     // entry of that number, in a block, wants to be acknowledged
    MIX_STEP_MS = 30000,  // from one entry to the next
    MIX_BODY_SIZE = 1024, // bytes, at most
};

// How the entries of lower numbers are named.
struct mix {
    struct ref (*ref_of)(const void *context, uint32_t i);
    const void *context;
    uint64_t begun_ms; // since 1970: when entry 0 is written
};

uint32_t mix_writer(uint32_t i);
uint64_t mix_written_ms(const struct mix *mix, uint32_t i);
uint8_t mix_precedence(uint32_t i);
// Writes the body of an entry; `writer` has room for MIX_BODY_SIZE.
void mix_write(const struct mix *mix, uint32_t i, struct cbor_writer *writer);

#endif
