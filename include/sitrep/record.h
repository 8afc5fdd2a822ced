// SPDX-License-Identifier: EUPL-1.2
// An entry as the engine hands it to the store and gets it back, and the chain it lies in.
//
// A chain is one branch of one log: entries that follow each other by `prev`. A log without a fork
// is one chain. A branch begins at `first_seq` and continues `parent` there. Chains have small
// local numbers, given by the engine in order of appearance; they never leave the node.
#ifndef SITREP_RECORD_H
#define SITREP_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "sitrep/limits.h"

#define CHAIN_NONE UINT32_MAX

struct chain {
    uint32_t number;
    uint8_t author[SIGN_KEY_LEN];
    uint64_t epoch;
    uint32_t parent;    // number of the chain it branched from, or CHAIN_NONE
    uint64_t first_seq; // 1 without a parent
    uint64_t head_seq;  // the last entry held without a gap; first_seq - 1 when there is none
    uint8_t head_id[ID_LEN];
};

struct record {
    uint32_t chain;
    uint64_t seq;
    uint8_t id[ID_LEN];
    uint8_t prev[ID_LEN]; // zero at seq 1
    uint64_t time;        // the header's hybrid clock
    uint64_t arrived_ms;  // wall clock when it was committed here; the store sets it
    uint64_t arrival;     // 1, 2, 3 ... in order of arrival; the store sets it
    uint8_t precedence;
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
    bool is_signed; // signature is held; else a later entry's signature covers it
    bool is_ahead;  // arrived ahead of a gap, so nothing before it may be held
    uint8_t signature[SIGNATURE_LEN];
    const uint8_t *sealed; // borrowed
    uint32_t sealed_len;
};

#endif
