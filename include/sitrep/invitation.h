// SPDX-License-Identifier: EUPL-1.2
// Joining: request and invitation, as bytes and as text that travels by mail. PROTOCOL.md 6.
#ifndef SITREP_INVITATION_H
#define SITREP_INVITATION_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/cose.h"
#include "sitrep/err.h"
#include "sitrep/limits.h"
#include "sitrep/seal.h"

struct request {
    char centre_code[NAME_MAX_LEN + 1];
    char centre_title[TITLE_MAX_LEN + 1]; // its title in language "und"
    char node_name[NAME_MAX_LEN + 1];
    char sync_endpoint[ENDPOINT_MAX_LEN + 1];
    char live_endpoint[ENDPOINT_MAX_LEN + 1];
    uint8_t signing[SIGN_KEY_LEN];
    uint8_t transport[BOX_KEY_LEN];
    uint64_t time_ms;
    uint64_t expires_ms; // when these keys shall have been replaced [5.19]; 0: never
};

enum { REQUEST_MAX = 2048, INVITATION_KEYS_MAX = 64 };

// Encodes and signs a request. Returns its length, 0 when a field breaks PROTOCOL.md 5.8 or 5.9.
size_t request_encode(const struct request *request, const struct signing_key *key,
                      uint8_t out[static REQUEST_MAX]);

// Errors: ERR_MALFORMED, ERR_LIMIT, ERR_DENIED (its signature is not by the key it names).
CHECKED enum err request_decode(const uint8_t *bytes, size_t len, struct request *request);

// The words to compare, into `out` as "word word word word word word" [6.5].
enum { WORDS_TEXT_MAX = WORDS * 12 };
void request_words(const uint8_t *request, size_t len, char out[static WORDS_TEXT_MAX]);

struct sealed_key {
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
    uint8_t sealed[80];
};

// Seals `key` to a transport key [6.3]. `random` must be 32 fresh random bytes; they are wiped.
// Errors: ERR_DENIED (the transport key is of small order).
CHECKED enum err group_key_seal(const struct group_key *key,
                                const uint8_t transport[static BOX_KEY_LEN],
                                uint8_t random[static 32], struct sealed_key *out);
// Errors: ERR_DENIED (not sealed to this key, or the secret does not have that key id).
CHECKED enum err group_key_unseal(const struct sealed_key *sealed,
                                  const uint8_t transport[static BOX_KEY_LEN],
                                  const uint8_t transport_secret[static BOX_KEY_LEN],
                                  struct group_key *key);

struct invitation {
    struct span signed_roster; // points into the decoded bytes
    uint8_t recipient[SIGN_KEY_LEN];
    uint8_t authority[SIGN_KEY_LEN];
    struct sealed_key keys[INVITATION_KEYS_MAX];
    size_t keys_count;
};

// Encodes and signs; the authority named is the one of the key, whatever the field says. *out is
// malloc'ed. Errors: ERR_LIMIT, ERR_NO_SPACE (memory).
CHECKED enum err invitation_encode(const struct invitation *invitation,
                                   const struct signing_key *authority, uint8_t **out,
                                   size_t *out_len);
// Checks the shape and that `authority` signed it; that the roster inside is valid by itself, has
// that authority and has the recipient as a node that is not revoked, is checked here too.
// Errors: ERR_MALFORMED, ERR_LIMIT, ERR_DENIED, ERR_NO_SPACE (memory).
CHECKED enum err invitation_decode(const uint8_t *bytes, size_t len, struct invitation *invitation);

// Text armour [6.4]. `label` is "REQUEST" or "INVITATION". *text is malloc'ed and NUL-terminated.
// Errors: ERR_LIMIT (none, or over 2 MiB), ERR_NO_SPACE (memory).
CHECKED enum err armour_encode(const char *label, const uint8_t *bytes, size_t len, char **text);
// *bytes is malloc'ed. Errors: ERR_NOT_FOUND (no such armour), ERR_MALFORMED (damaged: base64,
// checksum), ERR_LIMIT (over 2 MiB), ERR_NO_SPACE (memory).
CHECKED enum err armour_decode(const char *label, const char *text, size_t text_len,
                               uint8_t **bytes, size_t *len);

#endif
