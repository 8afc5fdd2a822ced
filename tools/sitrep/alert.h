// SPDX-License-Identifier: EUPL-1.2
// How a public alert's essentials look to people.
#ifndef SITREP_ALERT_H
#define SITREP_ALERT_H

#include <jansson.h>

// What it is about, in the language it names first; the identifier when it says nothing.
const char *alert_gist(const json_t *cap);

// As rows: where it comes from, whether it is meant, and every language's headline and areas.
void alert_print(const json_t *cap);

#endif
