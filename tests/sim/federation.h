// SPDX-License-Identifier: EUPL-1.2
// The trust material of a run: keys from seeds, one roster version per member, one group key.
#ifndef SIM_FEDERATION_H
#define SIM_FEDERATION_H

#include "sitrep/cose.h"
#include "sitrep/roster.h"
#include "sitrep/seal.h"

enum { MEMBERS_MAX = 8, VERSIONS_MAX = MEMBERS_MAX + 8 };

struct point { // how far a revoked log counts
    uint64_t epoch, seq;
};

struct federation {
    uint32_t members;
    struct signing_key keys[MEMBERS_MAX];
    uint8_t public_keys[MEMBERS_MAX][SIGN_KEY_LEN];
    uint8_t transports[MEMBERS_MAX][BOX_KEY_LEN];
    uint8_t transport_secrets[MEMBERS_MAX][BOX_KEY_LEN];
    // What may be in force, in the order it was made: the first have one member more each. A node
    // that goes by rosters[n - 1] is said to hold number n.
    struct roster *rosters[VERSIONS_MAX];
    uint32_t versions;
    struct signing_key authority;
    struct signing_key outsider; // in no roster
    uint8_t outsider_public[SIGN_KEY_LEN];
    uint8_t space[ID_LEN];
    struct group_key group_key;
};

void federation_init(struct federation *federation, uint32_t members, uint64_t seed);
// Makes the next version, in which the member is revoked and counts up to that point.
void federation_revoke(struct federation *federation, uint32_t member, struct point point);
// Makes two versions after the newest, which revoke the member at one point each, and what stands
// of them: numbers n + 1, n + 2 and n + 3. The next revocation settles them.
void federation_fork(struct federation *federation, uint32_t member, struct point one,
                     struct point other);

// The number held by who goes by number `held` and is given a signed roster; 0: it takes none.
uint32_t federation_take(const struct federation *federation, uint32_t held,
                         const struct roster *given);
// The number of a signed roster; 0: there is none with that hash.
uint32_t federation_find(const struct federation *federation, const uint8_t hash[static ID_LEN]);
// Whether who goes by number `held` has the signed roster `number`: it is in force, or came before.
bool federation_holds(const struct federation *federation, uint32_t held, uint32_t number);

// The newest version.
const struct roster *federation_last(const struct federation *federation);
void federation_fini(struct federation *federation);

#endif
