// SPDX-License-Identifier: EUPL-1.2
// Between JSON, as the API's clients write it, and the CBOR body of an entry.
//
// JSON in: {"kind", "text"?, "fields"?}; all of it lies at the first level of the CBOR map. Objects
// become maps, integers, booleans, null, text and arrays themselves, {"$bytes": base64} bytes.
// JSON out: the same, so that what came in as JSON comes out as it was. What another program
// published and JSON cannot say (keys that are no text or begin with `$`, a zero byte in text,
// integers past 64 bits) comes out as {"$cbor": base64 of the encoded item}.
#ifndef NODE_JSON_BODY_JSON_H
#define NODE_JSON_BODY_JSON_H

#include <jansson.h>

#include "json/text.h"
#include "sitrep/cbor.h"
#include "sitrep/err.h"

enum { WHY_SIZE = 512 };

// Parses one JSON object. Duplicate keys, zero bytes and nesting past what a body may have are
// refused. The caller releases it with json_decref. NULL: `why` says what is wrong, for a person.
json_t *body_parse(const void *bytes, size_t len, char why[static WHY_SIZE]);

// What a body is made of. All borrowed.
struct body_parts {
    json_t *kind;
    json_t *text;   // NULL when there is none
    json_t *fields; // an object, or NULL
};

// Room enough for the body of any JSON text of `len` bytes.
size_t body_bound(size_t len);

// Writes the body as deterministic CBOR [1.1]. Errors: ERR_MALFORMED (`why` says what), ERR_LIMIT
// (does not fit the writer).
CHECKED enum err body_from_json(const struct body_parts *parts, struct cbor_writer *out,
                                char why[static WHY_SIZE]);

struct content_names;

// Writes the members "kind", "text" (when there is one) and "fields" of a body that body_check
// accepted into the object that is open: fields of a sound body as content_json.h has them. Without
// `names` (NULL) all as they are.
void body_to_json(struct span content, const struct content_names *names, struct text *out);

// Whether JSON can say the names in the map that comes next, and take them back.
bool body_map_is_plain(struct cbor_reader cbor);

// Writes one value as it is.
void body_value_write(struct text *out, struct cbor_reader *value);

#endif
