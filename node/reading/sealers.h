// SPDX-License-Identifier: EUPL-1.2
// A bounded pool of sealers for opening bodies: they are large, and handlers are many.
#ifndef NODE_READING_SEALERS_H
#define NODE_READING_SEALERS_H

#include "sitrep/seal.h"

enum { SEALERS_MAX = 4 };

struct sealers;

struct sealers *sealers_create(void); // NULL when memory ran out
void sealers_destroy(struct sealers **sealers);

// Waits for a free one. Hold it only while nothing is waited for. NULL when memory ran out.
struct sealer *sealers_get(struct sealers *sealers);
void sealers_put(struct sealers *sealers, struct sealer *sealer);

#endif
