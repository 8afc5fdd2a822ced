// SPDX-License-Identifier: EUPL-1.2
// Topics of the live plane, and how many a peer has asked for. PROTOCOL.md 9.1. Private to this
// folder.
#ifndef NODE_TRANSPORT_TOPIC_H
#define NODE_TRANSPORT_TOPIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/header.h"
#include "sitrep/limits.h"

enum {
    TOPIC_LEN = 2 + TAG_LEN,
    TOPICS_MAX = 64, // of a peer [9.1]
};

void topic_write(uint8_t topic[static TOPIC_LEN], char plane, uint8_t precedence,
                 const uint8_t group[static TAG_LEN]);
bool topic_is_valid(const uint8_t *topic, size_t len);

// The distinct topics one peer has asked for; zeroed is empty.
struct topic_set {
    uint8_t count;
    uint8_t topics[TOPICS_MAX][TOPIC_LEN];
};

// False when the set is full.
bool topic_set_add(struct topic_set *set, const uint8_t topic[static TOPIC_LEN]);
void topic_set_remove(struct topic_set *set, const uint8_t topic[static TOPIC_LEN]);

#endif
