// SPDX-License-Identifier: EUPL-1.2
// Values as people and clients write them, and as bodies have them: entries by name, centres by
// code, moments in RFC 3339, numbers with a fraction, positions in degrees. By the table of kinds
// alone; body_json.c does the rest.
#ifndef NODE_JSON_CONTENT_JSON_H
#define NODE_JSON_CONTENT_JSON_H

#include <jansson.h>

#include "json/body_json.h"
#include "naming.h"
#include "sitrep/content.h"
#include "sitrep/roster.h"

enum { REF_TEXT_SIZE = NAME_SIZE + 1 + 2 * TAG_LEN }; // NAME#TAG

// Who knows names of entries.
struct content_names {
    const struct roster *roster;
    const void *context;
    // Errors: any; `why` says what is wrong.
    enum err (*read_ref)(const void *context, const char *text, struct ref *ref,
                         char why[static WHY_SIZE]);
    // The author is a node of the roster.
    void (*write_ref)(const void *context, const struct ref *ref, char out[static REF_TEXT_SIZE]);
};

// Puts the values of the kind's fields into the form of body_from_json; what it does not understand
// it leaves as it is. Errors: ERR_MALFORMED (`why` says what; `fields` may be changed in part).
CHECKED enum err content_lower(const struct kind *kind, json_t *fields,
                               const struct content_names *names, char why[static WHY_SIZE]);

// Whether a body may be published: it is sound, or of a kind that is not known here.
// Errors: ERR_MALFORMED (`why` says what).
CHECKED enum err content_may_be_published(struct span body, char why[static WHY_SIZE]);

// Writes the value of a field, as content_lower reads it.
void content_value_write(struct text *out, const struct field *field, struct span value,
                         const struct content_names *names);

#endif
