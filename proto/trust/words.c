// SPDX-License-Identifier: EUPL-1.2
// Six words for a request, to be read over the phone [6.5]. The list is in words_list.c.
#include "trust/words.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/invitation.h"

static_assert(1 << WORD_BITS == WORDS_LIST_LEN, "11 bits choose a word");
static_assert(WORDS * (WORD_MAX_LEN + 1) <= WORDS_TEXT_MAX, "six words, five spaces and the end");

void request_words(const uint8_t *request, size_t len, char out[static WORDS_TEXT_MAX])
{
    static const uint8_t label[] = {'s', 'i', 't', 'r', 'e', 'p', '/',
                                    'w', 'o', 'r', 'd', 's', '/', '1'};
    uint8_t hash[32];
    crypto_generichash_blake2b_state state;
    int failed = crypto_generichash_blake2b_init(&state, NULL, 0, sizeof hash);
    failed |= crypto_generichash_blake2b_update(&state, label, sizeof label);
    failed |= crypto_generichash_blake2b_update(&state, request, len);
    failed |= crypto_generichash_blake2b_final(&state, hash, sizeof hash);
    assert(!failed);
    (void)failed;

    char *at = out;
    for (size_t word = 0; word < WORDS; word++) {
        unsigned number = 0;
        for (size_t bit = word * WORD_BITS; bit < (word + 1) * WORD_BITS; bit++) {
            number = number << 1 | ((unsigned)hash[bit / 8] >> (7 - bit % 8) & 1U);
        }
        const size_t word_len = strlen(words_list[number]);
        memcpy(at, words_list[number], word_len);
        at += word_len;
        *at++ = word + 1 < WORDS ? ' ' : '\0';
    }
    assert(at <= out + WORDS_TEXT_MAX);
}
