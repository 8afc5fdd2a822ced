// SPDX-License-Identifier: EUPL-1.2
// What is set for a link, in words.
#ifndef SITREP_LINK_WORDS_H
#define SITREP_LINK_WORDS_H

#include <jansson.h>

enum { LINK_WORDS_SIZE = 160 };

// "2400 bit/s (radio, as nl-kcr2 says)" of an answer with "node", "profile", "rate" and "rate_by".
// Not escaped.
void link_rate_words(const json_t *link, char out[static LINK_WORDS_SIZE]);

#endif
