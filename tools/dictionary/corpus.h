// SPDX-License-Identifier: EUPL-1.2
// What the dictionary is made of: its content, and bodies like those it shall compress. The same
// phrases make the same bytes, always.
#ifndef DICTIONARY_CORPUS_H
#define DICTIONARY_CORPUS_H

#include <stddef.h>
#include <stdint.h>

#include "dictionary/phrases.h"

enum { CORPUS_LANGUAGES = 4, CORPUS_BODIES = 4000, CORPUS_BODY_MAX = 2048 };

struct corpus {
    struct phrases languages[CORPUS_LANGUAGES];
    struct phrases bodies; // what stands around texts
    uint64_t random;
};

// Fills `out` with at most `size` bytes that texts and bodies are likely to repeat, the likeliest
// last. Returns how many.
size_t corpus_content(struct corpus *corpus, char *out, size_t size);

// Writes CORPUS_BODIES bodies one after the other to `out`, which holds CORPUS_BODY_MAX for each,
// and their lengths to `sizes`. Their sentences are those that corpus_content leaves out ([apart]):
// statistics made of texts that the dictionary holds would be wrong for all others.
void corpus_bodies(struct corpus *corpus, uint8_t *out, size_t sizes[static CORPUS_BODIES]);

#endif
