// SPDX-License-Identifier: EUPL-1.2
// A run: consecutive entries of one log in transit, without what the receiver can rebuild.
// PROTOCOL.md 7.
#ifndef WIRE_RUN_H
#define WIRE_RUN_H

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"

struct run_item {
    uint64_t time; // absolute here; a difference on the wire
    uint8_t precedence;
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
    struct span sealed;
};

struct run {
    uint32_t author; // roster index
    uint64_t epoch;
    uint64_t seq;     // of the first item
    uint8_t prev_len; // 0 at seq 1, else TAG_LEN or ID_LEN
    uint8_t prev[ID_LEN];
    size_t count; // 1..RUN_ENTRIES_MAX
    struct run_item items[RUN_ENTRIES_MAX];
    uint8_t signature[SIGNATURE_LEN]; // of the last entry
};

// Reads one run; on failure the reader carries the error. Spans point into the reader's bytes.
void run_decode(struct cbor_reader *reader, struct run *run);

// Writes one run, which must keep PROTOCOL.md 7.
void run_encode(struct cbor_writer *writer, const struct run *run);

// An upper bound on the bytes run_encode writes.
size_t run_encoded_max(const struct run *run);

#endif
