// SPDX-License-Identifier: EUPL-1.2
// The trust material of a run: keys from seeds, one roster version per member, one group key.
#ifndef SIM_FEDERATION_H
#define SIM_FEDERATION_H

#include "sitrep/cose.h"
#include "sitrep/roster.h"
#include "sitrep/seal.h"

enum { MEMBERS_MAX = 8, VERSIONS_MAX = MEMBERS_MAX + 4 };

struct federation {
    uint32_t members;
    struct signing_key keys[MEMBERS_MAX];
    uint8_t public_keys[MEMBERS_MAX][SIGN_KEY_LEN];
    uint8_t transports[MEMBERS_MAX][BOX_KEY_LEN];
    uint8_t transport_secrets[MEMBERS_MAX][BOX_KEY_LEN];
    struct roster *rosters[VERSIONS_MAX]; // [v - 1] is version v; the first have v members each
    uint32_t versions;
    struct signing_key authority;
    struct signing_key outsider; // in no roster
    uint8_t outsider_public[SIGN_KEY_LEN];
    uint8_t space[ID_LEN];
    struct group_key group_key;
};

void federation_init(struct federation *federation, uint32_t members, uint64_t seed);
// Makes the next version, in which the member is revoked and counts up to `epoch` and `seq`.
void federation_revoke(struct federation *federation, uint32_t member, uint64_t epoch,
                       uint64_t seq);
// The newest version.
const struct roster *federation_last(const struct federation *federation);
void federation_fini(struct federation *federation);

#endif
