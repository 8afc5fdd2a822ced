// SPDX-License-Identifier: EUPL-1.2
// Single values of fields [18.3].
#ifndef PICTURE_VALUES_H
#define PICTURE_VALUES_H

#include "sitrep/content.h"

// Reads one value of the field, an array of them where the field takes that. Fails the reader when
// it is none; `why` then says which of its parts is to blame, if one is.
void value_read(struct cbor_reader *reader, const struct field *field, struct content_fault *why);

// A geometry of 18.4. Fails the reader when it is none.
void geometry_read(struct cbor_reader *reader);

#endif
