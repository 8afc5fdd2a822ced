// SPDX-License-Identifier: EUPL-1.2
// Whether one roster version may follow another [5.5-5.7]. Both are decoded, so each is sound in
// itself and its signatures are genuine; here they are counted for the version before.
#include <assert.h>
#include <string.h>

#include "sitrep/roster.h"
#include "trust/roster_check.h"
#include "trust/roster_signing.h"

static bool names_parent(const struct roster *next, const uint8_t hash[static ID_LEN])
{
    for (size_t i = 0; i < next->parents_count; i++) {
        if (memcmp(next->parents[i], hash, ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_signed_by_known(const struct roster *current, const struct roster *next)
{
    for (size_t i = 0; i < next->signatures_count; i++) {
        const uint8_t *authority = next->signatures[i].authority;
        if (!roster_has_authority(current, authority) && !roster_has_authority(next, authority)) {
            return false;
        }
    }
    return true;
}

static bool is_same(struct span left, struct span right)
{
    return left.len == right.len && memcmp(left.bytes, right.bytes, left.len) == 0;
}

static bool keeps_centres(const struct roster *current, const struct roster *next)
{
    if (next->centres_count < current->centres_count) {
        return false;
    }
    for (size_t i = 0; i < current->centres_count; i++) {
        if (!is_same(current->centres[i].code, next->centres[i].code)) {
            return false;
        }
    }
    return true;
}

// The index stands for the author on the wire, so its signing key stays too; a node with a new
// signing key is a new node.
static bool keeps_node(const struct roster_node *current, const struct roster_node *next)
{
    return is_same(current->name, next->name) && current->centre == next->centre &&
           memcmp(current->signing, next->signing, SIGN_KEY_LEN) == 0 &&
           (next->is_revoked || !current->is_revoked);
}

static bool keeps_nodes(const struct roster *current, const struct roster *next)
{
    if (next->nodes_count < current->nodes_count) {
        return false;
    }
    for (size_t i = 0; i < current->nodes_count; i++) {
        if (!keeps_node(&current->nodes[i], &next->nodes[i])) {
            return false;
        }
    }
    return true;
}

enum err roster_check_succession(const struct roster *current, const struct roster *next)
{
    assert(current && next);
    if (next->version != current->version + 1) {
        return ERR_STATE; // neither back [5.10] nor over a version nobody here has seen
    }
    if (memcmp(next->federation, current->federation, ID_LEN) != 0 ||
        !names_parent(next, current->hash)) {
        return ERR_DENIED; // [5.5]
    }
    if (!keeps_centres(current, next) || !keeps_nodes(current, next)) {
        return ERR_MALFORMED; // [5.7]
    }
    return ERR_OK;
}

enum err roster_check_next(const struct roster *current, const struct roster *next)
{
    assert(current && next);
    assert(roster_count_signatures(next, next) >= next->threshold); // by roster_decode
    enum err err = roster_check_succession(current, next);
    if (err) {
        return err;
    }
    if (roster_count_signatures(next, current) < current->threshold ||
        !is_signed_by_known(current, next)) {
        return ERR_DENIED; // [5.6]
    }
    return ERR_OK;
}

enum err roster_check_fork(const struct roster *before, const struct roster *one,
                           const struct roster *other,
                           const uint8_t *signers[static AUTHORITIES_MAX], size_t *count)
{
    assert(before && one && other && count);
    if (memcmp(one->hash, other->hash, ID_LEN) == 0) {
        return ERR_STATE;
    }
    enum err err = roster_check_next(before, one);
    if (!err) {
        err = roster_check_next(before, other);
    }
    if (err) {
        return err;
    }
    *count = 0;
    for (size_t i = 0; i < before->authorities_count; i++) {
        const uint8_t *key = before->authorities[i];
        if (roster_is_signed_by(one, key) && roster_is_signed_by(other, key)) {
            signers[(*count)++] = key;
        }
    }
    assert(*count > 0); // two majorities of one set share somebody [5.6]
    return ERR_OK;
}
