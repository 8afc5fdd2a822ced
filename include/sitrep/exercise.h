// SPDX-License-Identifier: EUPL-1.2
// Exercises: spaces beside the real one, with the same members and links. PROTOCOL.md 16.
//
// The space id keys every id and every signature, so nothing of one space is valid in another.
#ifndef SITREP_EXERCISE_H
#define SITREP_EXERCISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"
#include "sitrep/seal.h"

// Whether an exercise may be called so [16.1]: as a centre or a node, and not `real`.
bool exercise_name_is_valid(const char *name);

// The space id of the exercise `name` in a federation [3.8].
void space_of_exercise(const uint8_t federation[static ID_LEN], const char *name,
                       uint8_t space[static ID_LEN]);

// The key of all members in the exercise `space` that goes with one of theirs in the real
// world [16.3]. `secret` is that one's. Wipe the key.
void exercise_group_key(struct group_key *key, const uint8_t space[static ID_LEN],
                        const uint8_t secret[static SECRET_LEN]);

// -- messages [8.1] --

// Whether a frame says that it is of an exercise, however malformed it is beyond that.
bool exercise_is_wrapped(struct span frame);

// Writes `message` (1..MESSAGE_WRAPPED_MAX bytes, as an engine of an exercise sends them) as a
// message of `space` to `out`. Returns its length.
size_t exercise_wrap(const uint8_t space[static ID_LEN], struct span message,
                     uint8_t out[static MESSAGE_MAX]);

// What exercise_wrap wrote: how the space id begins, and the message, which lies in the frame.
// Errors: ERR_MALFORMED, ERR_LIMIT.
CHECKED enum err exercise_unwrap(struct span frame, uint8_t space[static TAG_LEN],
                                 struct span *message);

#endif
