// SPDX-License-Identifier: EUPL-1.2
// What several rosters in force have in common [5.18]. Every answer depends on the set of them
// alone, not on the order they came in: the list ascends by hash.
#include "trust/rivals.h"

#include <assert.h>
#include <string.h>

#include "trust/roster_signing.h"

const struct roster *rivals_base(struct roster_front rivals)
{
    const struct roster *base = rivals.list[0];
    for (size_t r = 1; r < rivals.count; r++) {
        assert(memcmp(rivals.list[r - 1]->hash, rivals.list[r]->hash, ID_LEN) < 0);
        if (rivals.list[r]->nodes_count > base->nodes_count) {
            base = rivals.list[r];
        }
    }
    return base;
}

static bool is_same(struct span left, struct span right)
{
    return left.len == right.len && memcmp(left.bytes, right.bytes, left.len) == 0;
}

// The index of the centre must be the same too: it is how groups name it [14.2].
bool rivals_agree(struct roster_front rivals, size_t node)
{
    const struct roster *first = rivals.list[0];
    if (node >= first->nodes_count) {
        return false;
    }
    const struct roster_node *wanted = &first->nodes[node];
    for (size_t r = 1; r < rivals.count; r++) {
        const struct roster *rival = rivals.list[r];
        if (node >= rival->nodes_count) {
            return false;
        }
        const struct roster_node *here = &rival->nodes[node];
        if (!is_same(here->name, wanted->name) || here->centre != wanted->centre ||
            !is_same(rival->centres[here->centre].code, first->centres[wanted->centre].code) ||
            memcmp(here->signing, wanted->signing, SIGN_KEY_LEN) != 0) {
            return false;
        }
    }
    return true;
}

static const struct roster_node *find(const struct roster *roster, const struct roster_node *node)
{
    const int32_t at = roster_find_signing(roster, node->signing);
    return at < 0 ? NULL : &roster->nodes[at];
}

static bool is_lower(const struct roster_node *one, const struct roster_node *other)
{
    return one->revoked_epoch < other->revoked_epoch ||
           (one->revoked_epoch == other->revoked_epoch && one->revoked_seq < other->revoked_seq);
}

void rivals_revoke(struct roster_front rivals, struct roster_node *node)
{
    for (size_t r = 0; r < rivals.count; r++) {
        const struct roster_node *here = find(rivals.list[r], node);
        if (here && here->is_revoked && (!node->is_revoked || is_lower(here, node))) {
            node->is_revoked = true;
            node->revoked_epoch = here->revoked_epoch;
            node->revoked_seq = here->revoked_seq;
        }
    }
}

static size_t add_endpoint(struct roster_endpoint *list, size_t count,
                           const struct roster_endpoint *endpoint)
{
    for (size_t i = 0; i < count; i++) {
        if (is_same(list[i].sync, endpoint->sync) && is_same(list[i].live, endpoint->live)) {
            return count;
        }
    }
    if (count < ROSTER_ENDPOINTS_MAX) {
        list[count++] = *endpoint;
    }
    return count;
}

size_t rivals_endpoints(struct roster_front rivals, const struct roster_node *node,
                        struct roster_endpoint out[static ROSTER_ENDPOINTS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < node->endpoints_count; i++) {
        count = add_endpoint(out, count, &node->endpoints[i]);
    }
    for (size_t r = 0; r < rivals.count; r++) {
        const struct roster_node *here = find(rivals.list[r], node);
        for (size_t i = 0; here && i < here->endpoints_count; i++) {
            count = add_endpoint(out, count, &here->endpoints[i]);
        }
    }
    return count;
}

static bool all_have(struct roster_front rivals, const uint8_t *authority)
{
    for (size_t r = 0; r < rivals.count; r++) {
        if (!roster_has_authority(rivals.list[r], authority)) {
            return false;
        }
    }
    return true;
}

size_t rivals_authorities(struct roster_front rivals, const uint8_t *out[static AUTHORITIES_MAX],
                          uint32_t *threshold)
{
    const struct roster *first = rivals.list[0];
    size_t count = 0;
    for (size_t i = 0; i < first->authorities_count; i++) {
        if (all_have(rivals, first->authorities[i])) {
            out[count++] = first->authorities[i];
        }
    }
    if (count == 0) {
        count = first->authorities_count;
        memcpy(out, first->authorities, count * sizeof *out);
    }
    *threshold = 1;
    for (size_t r = 0; r < rivals.count; r++) {
        const uint32_t here = rivals.list[r]->threshold;
        *threshold = here > *threshold ? here : *threshold;
    }
    *threshold = *threshold > count ? (uint32_t)count : *threshold;
    assert(2 * (size_t)*threshold > count); // each has a majority of at least as many
    return count;
}
