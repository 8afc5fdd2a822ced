// SPDX-License-Identifier: EUPL-1.2
// The extensions of a roster, a centre or a node: a map of text to anything [5.1-5.3], encoded, in
// which this program knows some names and keeps the others as they came.
#ifndef WIRE_EXTENSIONS_H
#define WIRE_EXTENSIONS_H

#include "sitrep/cbor.h"

// The encoded value under `name`, inside `extensions`; empty when it has none. `extensions` is a
// sound map with text keys, or empty.
struct span extensions_find(struct span extensions, const char *name);

// Writes `extensions` with the encoded `value` under `name`, or without that name when `value` is
// empty.
void extensions_put(struct cbor_writer *writer, struct span extensions, const char *name,
                    struct span value);

#endif
