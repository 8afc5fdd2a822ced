// SPDX-License-Identifier: EUPL-1.2
// A keyring as the API says it. The command line uses it, too, where no node answers.
#ifndef NODE_JSON_KEYRING_TEXT_H
#define NODE_JSON_KEYRING_TEXT_H

#include "home/keyring.h"
#include "json/text.h"

// One object: "own", the home's keys, and "others", those of its roster that are not its own.
// `wrapped` is what "kept" says of wrapped keys.
void keyring_write(const struct keyring *keyring, const char *wrapped, struct text *out);

#endif
