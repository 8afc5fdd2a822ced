// SPDX-License-Identifier: EUPL-1.2
// Who may connect: the ZAP handler, on a thread of its own, and the table of members it answers
// from. Private to this folder.
#ifndef NODE_TRANSPORT_ZAP_H
#define NODE_TRANSPORT_ZAP_H

#include <zmq.h>

#include "transport/hub.h"

struct member {
    uint8_t key[BOX_KEY_LEN]; // transport key
    uint32_t peer;
    bool is_cut;     // for a drill: refused, and not worth counting
    bool may_sync;   // admitted to the sync plane
    bool may_listen; // admitted to the live plane
};

// Immutable once given to zap_admit.
struct members {
    size_t count;
    struct member list[];
};

struct members *members_create(size_t capacity);
// Ascending by key, as members_find needs.
void members_sort(struct members *members);
const struct member *members_find(const struct members *members,
                                  const uint8_t key[static BOX_KEY_LEN]);
// The member whose connection `frame` came over, whatever it may do now; NULL when there is none.
const struct member *members_find_sender(const struct members *members, zmq_msg_t *frame);

struct zap;

// From here on every handshake of the context is answered: refused, until zap_admit.
CHECKED enum err zap_open(struct zap **zap, void *context);
// Answers from `members` from now on; takes it over and frees the one before.
void zap_admit(struct zap *zap, struct members *members);
// Shuts the context down, as that is what ends the thread; every other socket is closed by now.
void zap_close(struct zap **handle);
void zap_get_counts(const struct zap *zap, uint64_t *admitted, uint64_t *denied);

#endif
