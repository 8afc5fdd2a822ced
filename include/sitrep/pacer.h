// SPDX-License-Identifier: EUPL-1.2
// What waits for one link, and the pace at which it leaves. PROTOCOL.md 17.
//
// A pacer stands between the engines of a node and one link. It lets out no more than the line
// passes, so that almost nothing sits in sockets and modems, where nothing can overtake; what
// waits, waits here, by lane. A message the line takes long for leaves in parts, between which one
// of a better lane goes first; short ones leave together. In the other direction it puts parts
// together, and when the link breaks in the middle of a message it keeps what came, for the next
// connection to go on with. Like the engine it has no input or output of its own, and no clock.
#ifndef SITREP_PACER_H
#define SITREP_PACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/cbor.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"

// The lanes are the precedences, and above them what links need to work at all.
enum { LANE_CONTROL = LANES - 1 };

enum {
    PACER_MOMENT_MS = 1700,       // a part takes the line no longer
    PACER_WAITING_MAX = 1u << 20, // bytes that wait in one lane
    PACER_RATE_MIN = 1200,        // bit/s: below it a part would be mostly headers
};

struct pacer;

// `rate` in bit/s: of all that leaves, what ZMTP, CURVE, TCP and IP add counted; 0: no limit.
// Errors: ERR_NO_SPACE, ERR_LIMIT (below PACER_RATE_MIN).
CHECKED enum err pacer_create(struct pacer **pacer, uint32_t rate);
void pacer_destroy(struct pacer **handle);
// From the next frame on. Errors: ERR_LIMIT, ERR_NO_SPACE; then the rate stays what it was.
CHECKED enum err pacer_set_rate(struct pacer *pacer, uint32_t rate);
// The connection is gone: forgets what waits. What came of messages in parts is kept, at most
// HELD_MAX of them and 2 * MESSAGE_MAX bytes.
void pacer_end(struct pacer *pacer);
// There is a new connection, before anything is put for it: as pacer_end, and what is kept is told
// to the peer first of all. What was told on many connections in vain is forgotten.
void pacer_begin(struct pacer *pacer);

// -- what leaves --

// A message (1..MESSAGE_MAX bytes, copied) waits in `lane`, behind those that wait there already.
// Errors: ERR_LIMIT (PACER_WAITING_MAX bytes wait in that lane), ERR_NO_SPACE.
CHECKED enum err pacer_put(struct pacer *pacer, uint8_t lane, struct span message);
// The next frame to be sent; false when nothing waits, or the line is not free yet. It belongs to
// the pacer, until its next call. Time never goes back.
bool pacer_take(struct pacer *pacer, uint64_t now_ms, struct span *frame);
// So many bytes, everything counted, take the line besides those that were let out: what was sent
// twice.
void pacer_charge(struct pacer *pacer, uint64_t now_ms, size_t wire_bytes);
// When there is something to take again; UINT64_MAX when nothing waits.
uint64_t pacer_due_ms(const struct pacer *pacer);
// The bytes of messages that wait in a lane.
size_t pacer_waiting(const struct pacer *pacer, uint8_t lane);

// -- what comes --

// Whether a frame says that it is one for pacers, however malformed it is beyond that.
bool pacer_takes(struct span frame);
// Takes a frame; pacer_next gives what is whole with it. Errors: ERR_MALFORMED (it is for pacers
// and none of theirs, or a part that does not follow the one before it in its lane, or what is
// whole with it is not what was announced), ERR_LIMIT (parts of more than two of the longest
// messages at once, or more than PARCEL_MAX messages), ERR_NO_SPACE. Then there is nothing whole.
CHECKED enum err pacer_receive(struct pacer *pacer, uint64_t now_ms, struct span frame);
// The next message that is whole with the frame taken last, in the frame or in memory of the pacer
// until the next one is taken; false when there is no more.
bool pacer_next(struct pacer *pacer, struct span *message);

// What `len` bytes of one frame cost on the line, everything counted.
size_t pacer_wire_bytes(size_t len);
// What may go at once on a line of `rate` bit/s, so counted: about a TCP segment, as less would be
// mostly headers; less where that takes longer than PACER_MOMENT_MS, more on fast lines.
size_t pacer_moment_bytes(uint32_t rate);

#endif
