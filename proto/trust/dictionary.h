// SPDX-License-Identifier: EUPL-1.2
// The dictionary of bodies with compression 2 [4.9].
#ifndef TRUST_DICTIONARY_H
#define TRUST_DICTIONARY_H

#include <stdint.h>

enum { DICTIONARY_LEN = 15217 };

extern const uint8_t dictionary[DICTIONARY_LEN];

#endif
