// SPDX-License-Identifier: EUPL-1.2
// Authorities as people see them: six words for a key, and the file a public key travels in.
#ifndef SITREP_ROSTER_AUTHORITY_H
#define SITREP_ROSTER_AUTHORITY_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sitrep/invitation.h"
#include "sitrep/options.h"
#include "sitrep/roster.h"

// The words of an authority's public key, NUL-terminated [6.5].
void authority_words(const uint8_t key[static SIGN_KEY_LEN], char out[static WORDS_TEXT_MAX]);

// {"words", "fingerprint", "key"}.
json_t *authority_json(const uint8_t key[static SIGN_KEY_LEN]);

// Whether the key is an authority of `roster`.
bool authority_is_listed(const struct roster *roster, const uint8_t key[static SIGN_KEY_LEN]);

// Reads a public key from the file 'roster authority' wrote, or from 64 hexadecimal digits.
// Complains when it fails.
enum exit_code authority_read(const char *typed, uint8_t key[static SIGN_KEY_LEN]);

// The authority of `roster` that was typed: by its words, by at least 8 digits that its fingerprint
// alone begins with, or by its file. *key points into the roster. Complains when there is none.
enum exit_code authority_find(const struct roster *roster, const char *typed, const uint8_t **key);

#endif
