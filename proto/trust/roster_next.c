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

// Parents ascend [5.5], so as many as there are, each of them named, are all of them.
static bool names_all(struct roster_front front, const struct roster *next)
{
    for (size_t p = 0; p < front.count; p++) {
        if (!names_parent(next, front.list[p]->hash) ||
            memcmp(next->federation, front.list[p]->federation, ID_LEN) != 0) {
            return false;
        }
    }
    return next->parents_count == front.count;
}

static uint64_t highest_version(struct roster_front front)
{
    uint64_t version = 0;
    for (size_t p = 0; p < front.count; p++) {
        version = front.list[p]->version > version ? front.list[p]->version : version;
    }
    return version;
}

bool roster_front_has(struct roster_front front, const uint8_t key[static SIGN_KEY_LEN])
{
    for (size_t p = 0; p < front.count; p++) {
        if (roster_has_authority(front.list[p], key)) {
            return true;
        }
    }
    return false;
}

static bool is_signed_by_known(struct roster_front front, const struct roster *next)
{
    for (size_t i = 0; i < next->signatures_count; i++) {
        const uint8_t *authority = next->signatures[i].authority;
        if (!roster_front_has(front, authority) && !roster_has_authority(next, authority)) {
            return false;
        }
    }
    return true;
}

static bool is_same(struct span left, struct span right)
{
    return left.len == right.len && memcmp(left.bytes, right.bytes, left.len) == 0;
}

// Whether the centre's place is one that nobody uses, and that nobody used [5.7].
static bool is_void(struct roster_front front, const struct roster *next, size_t centre)
{
    const struct span code = next->centres[centre].code;
    for (size_t p = 0; p < front.count; p++) {
        if (roster_find_centre(front.list[p], (const char *)code.bytes, code.len) >= 0) {
            return false;
        }
    }
    for (size_t i = 0; i < next->nodes_count; i++) {
        if (next->nodes[i].centre == centre) {
            return false;
        }
    }
    return true;
}

// What was written while rivals gave a place to different centres meant either: none may have it.
static bool keeps_centre(struct roster_front front, const struct roster *next, size_t centre)
{
    const struct roster *first = NULL;
    for (size_t p = 0; p < front.count; p++) {
        const struct roster *parent = front.list[p];
        if (centre >= parent->centres_count) {
            continue;
        }
        if (first && !is_same(first->centres[centre].code, parent->centres[centre].code)) {
            return is_void(front, next, centre);
        }
        first = parent;
    }
    return !first || is_same(first->centres[centre].code, next->centres[centre].code);
}

// The index stands for the author on the wire, so its signing key stays too; a node with a new
// signing key is a new node.
static bool keeps_node(const struct roster *parent, const struct roster *next, size_t at)
{
    const struct roster_node *node = &parent->nodes[at];
    const struct roster_node *kept = &next->nodes[at];
    return is_same(node->name, kept->name) &&
           is_same(parent->centres[node->centre].code, next->centres[kept->centre].code) &&
           memcmp(node->signing, kept->signing, SIGN_KEY_LEN) == 0;
}

static bool keeps_node_of_one(struct roster_front front, const struct roster *next, size_t at)
{
    bool has_parent = false;
    for (size_t p = 0; p < front.count; p++) {
        const bool is_there = at < front.list[p]->nodes_count;
        if (is_there && keeps_node(front.list[p], next, at)) {
            return true;
        }
        has_parent |= is_there;
    }
    return !has_parent;
}

static bool keeps_revocations(const struct roster *parent, const struct roster *next)
{
    for (size_t i = 0; i < parent->nodes_count; i++) {
        const int32_t at =
            parent->nodes[i].is_revoked ? roster_find_signing(next, parent->nodes[i].signing) : -1;
        if (at >= 0 && !next->nodes[at].is_revoked) {
            return false;
        }
    }
    return true;
}

static bool keeps_lists(struct roster_front front, const struct roster *next)
{
    for (size_t p = 0; p < front.count; p++) {
        if (next->centres_count < front.list[p]->centres_count ||
            next->nodes_count < front.list[p]->nodes_count ||
            !keeps_revocations(front.list[p], next)) {
            return false;
        }
    }
    for (size_t i = 0; i < next->centres_count; i++) {
        if (!keeps_centre(front, next, i)) {
            return false;
        }
    }
    for (size_t i = 0; i < next->nodes_count; i++) {
        if (!keeps_node_of_one(front, next, i)) {
            return false;
        }
    }
    return true;
}

enum err roster_check_succession(struct roster_front front, const struct roster *next)
{
    assert(front.count > 0 && next);
    if (next->version != highest_version(front) + 1) {
        return ERR_STATE; // neither back [5.10] nor over a version nobody here has seen
    }
    if (!names_all(front, next)) {
        return ERR_DENIED; // [5.5]
    }
    return keeps_lists(front, next) ? ERR_OK : ERR_MALFORMED; // [5.7]
}

static enum err check_front(struct roster_front front, const struct roster *next)
{
    assert(roster_count_signatures(next, next) >= next->threshold); // by roster_decode
    const enum err err = roster_check_succession(front, next);
    if (err) {
        return err;
    }
    for (size_t p = 0; p < front.count; p++) {
        if (roster_count_signatures(next, front.list[p]) < front.list[p]->threshold) {
            return ERR_DENIED; // [5.6]
        }
    }
    return is_signed_by_known(front, next) ? ERR_OK : ERR_DENIED; // [5.6]
}

enum err roster_check_next(const struct roster *current, const struct roster *next)
{
    assert(current && next);
    return check_front(roster_front(&current), next);
}

enum err roster_check_follows(const struct roster *const *parents, size_t count,
                              const struct roster *next)
{
    assert(parents && next);
    assert(count >= 1 && count <= ROSTER_PARENTS_MAX);
    return check_front((struct roster_front){parents, count}, next);
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
