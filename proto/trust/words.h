// SPDX-License-Identifier: EUPL-1.2
// The words people compare, and their list [6.5].
#ifndef TRUST_WORDS_H
#define TRUST_WORDS_H

enum { WORDS_LIST_LEN = 2048, WORD_MAX_LEN = 8, WORD_BITS = 11 };

extern const char words_list[WORDS_LIST_LEN][WORD_MAX_LEN + 1];

#endif
