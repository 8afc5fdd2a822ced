// SPDX-License-Identifier: EUPL-1.2
// What is set for a link, in words.
#ifndef SITREP_LINK_WORDS_H
#define SITREP_LINK_WORDS_H

#include <stdbool.h>

#include <jansson.h>

enum { LINK_WORDS_SIZE = 160, LINK_WANTED_SIZE = 1280 }; // 16 groups' names

// "2400 bit/s (radio, as nl-kcr2 says)" of an answer with "node", "profile", "rate" and "rate_by".
// Not escaped.
void link_rate_words(const json_t *link, char out[static LINK_WORDS_SIZE]);

// Which entries are fetched over the link; false when all are.
bool link_wanted_words(const json_t *link, char out[static LINK_WANTED_SIZE]);

#endif
