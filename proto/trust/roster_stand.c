// SPDX-License-Identifier: EUPL-1.2
// What stands while several rosters are in force: only what all of them allow [5.18]. It is made as
// a roster of its own that nobody signed, so all that asks a roster asks it too. Whether they may
// be in force is decided in roster_next.c.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trust/expiries.h"
#include "trust/rivals.h"
#include "wire/roster_bytes.h"

struct standing {
    struct roster_front rivals;
    const struct roster *base;
    struct roster made;
    struct roster_node *nodes;
    struct roster_endpoint *endpoints; // ROSTER_ENDPOINTS_MAX for each node
    const uint8_t *authorities[AUTHORITIES_MAX];
    uint8_t parents[ROSTER_PARENTS_MAX][ID_LEN];
    uint8_t *extensions;
    size_t size; // the document has at most so many bytes
};

static void standing_fini(struct standing *standing)
{
    free(standing->nodes);
    free(standing->endpoints);
    free(standing->extensions);
}

static bool is_key(const uint8_t *one, const uint8_t *other)
{
    return one && other && memcmp(one, other, BOX_KEY_LEN) == 0;
}

static bool all_admit(struct roster_front rivals, const uint8_t *transport, size_t node)
{
    for (size_t r = 0; r < rivals.count; r++) {
        const struct roster_node *here = &rivals.list[r]->nodes[node];
        if (!is_key(here->transport, transport) && !is_key(here->transport_also, transport)) {
            return false;
        }
    }
    return true;
}

// The transport keys that all of them admit. A node that has none left is admitted nowhere, and all
// it wrote counts.
static void allow_keys(struct roster_front rivals, struct roster_node *node, size_t at)
{
    const bool is_first = all_admit(rivals, node->transport, at);
    const bool is_also = node->transport_also && all_admit(rivals, node->transport_also, at);
    if (!is_first && is_also) {
        node->transport = node->transport_also;
    }
    if (!is_first || !is_also) {
        node->transport_also = NULL;
    }
    if (!is_first && !is_also && !node->is_revoked) {
        node->is_revoked = true;
        node->revoked_epoch = EPOCH_MAX;
        node->revoked_seq = SEQ_MAX;
    }
}

static void allow_node(struct standing *standing, size_t at)
{
    struct roster_node *node = &standing->nodes[at];
    if (!rivals_agree(standing->rivals, at)) {
        // The index stands for nobody: nothing counts, nobody is admitted.
        node->is_revoked = true;
        node->revoked_epoch = node->revoked_seq = 0;
        return;
    }
    struct roster_endpoint *endpoints = &standing->endpoints[at * ROSTER_ENDPOINTS_MAX];
    node->endpoints_count = rivals_endpoints(standing->rivals, node, endpoints);
    node->endpoints = endpoints;
    rivals_revoke(standing->rivals, node);
    allow_keys(standing->rivals, node, at);
}

static enum err allow_nodes(struct standing *standing)
{
    const size_t count = standing->base->nodes_count;
    // One more of each, so that a list is never empty memory.
    standing->nodes = calloc(count + 1, sizeof *standing->nodes);
    standing->endpoints = calloc((count + 1) * ROSTER_ENDPOINTS_MAX, sizeof *standing->endpoints);
    if (!standing->nodes || !standing->endpoints) {
        return ERR_NO_SPACE;
    }
    for (size_t i = 0; i < count; i++) {
        standing->nodes[i] = standing->base->nodes[i];
        allow_node(standing, i);
    }
    standing->made.nodes = standing->nodes;
    return ERR_OK;
}

static bool names_key(const struct standing *standing, const uint8_t *key)
{
    for (size_t i = 0; i < standing->made.authorities_count; i++) {
        if (is_key(standing->authorities[i], key)) {
            return true;
        }
    }
    const int32_t signing = roster_find_signing(standing->base, key);
    const int32_t transport = roster_find_transport(standing->base, key);
    return signing >= 0 ||
           (transport >= 0 && (is_key(standing->nodes[transport].transport, key) ||
                               is_key(standing->nodes[transport].transport_also, key)));
}

static uint64_t earlier(uint64_t one, uint64_t other)
{
    return one == 0 || (other != 0 && other < one) ? other : one; // 0: never
}

static enum err note_expiry(struct standing *standing, struct expiries *expiries,
                            const struct roster_expiry *expiry)
{
    uint64_t before = 0;
    for (size_t i = 0; i < expiries->count; i++) {
        before = is_key(expiries->list[i].key, expiry->key) ? expiries->list[i].expires_ms : before;
    }
    const uint64_t wanted = earlier(before, expiry->expires_ms);
    return wanted == before || !names_key(standing, expiry->key)
               ? ERR_OK
               : expiries_set(expiries, expiry->key, wanted);
}

static bool is_same(struct span left, struct span right)
{
    return left.len == right.len && memcmp(left.bytes, right.bytes, left.len) == 0;
}

// The earliest expiry of each key, and else the extensions that all of them have, or none.
static enum err allow_extensions(struct standing *standing)
{
    const struct roster_front rivals = standing->rivals;
    struct span kept = rivals.list[0]->extensions;
    struct expiries expiries;
    enum err err = expiries_init(&expiries, NULL);
    for (size_t r = 0; r < rivals.count; r++) {
        const struct roster *rival = rivals.list[r];
        if (!is_same(rival->extensions, rivals.list[0]->extensions)) {
            kept = (struct span){NULL, 0};
        }
        for (size_t i = 0; i < rival->expiries_count && !err; i++) {
            err = note_expiry(standing, &expiries, &rival->expiries[i]);
        }
        standing->made.expires_ms = earlier(standing->made.expires_ms, rival->expires_ms);
    }
    size_t len = 0;
    if (!err) {
        err = expiries_write(&expiries, kept, &standing->extensions, &len);
    }
    expiries_fini(&expiries);
    standing->made.extensions = (struct span){standing->extensions, len};
    return err;
}

static enum err allow(struct standing *standing)
{
    struct roster *made = &standing->made;
    *made = *standing->base;
    made->parents = (const uint8_t(*)[ID_LEN])standing->parents;
    made->parents_count = standing->rivals.count;
    for (size_t r = 0; r < standing->rivals.count; r++) {
        const struct roster *rival = standing->rivals.list[r];
        memcpy(standing->parents[r], rival->hash, ID_LEN);
        made->version = rival->version > made->version ? rival->version : made->version;
        standing->size += rival->document.len;
    }
    made->authorities_count =
        rivals_authorities(standing->rivals, standing->authorities, &made->threshold);
    made->authorities = standing->authorities;
    const enum err err = allow_nodes(standing);
    return err ? err : allow_extensions(standing);
}

// What was made is read like any other, so it keeps the rules of one.
static enum err read_made(const struct standing *standing, struct roster_memory **memory)
{
    // Numbers of a revocation and heads of lists may be longer than in any of them. It can outgrow
    // a roster [5.9], which is no matter: it never travels.
    const size_t size = standing->size + 1024 + standing->made.nodes_count * 32;
    uint8_t *document = malloc(size);
    uint8_t *bytes = malloc(size + 16);
    enum err err = document && bytes ? ERR_OK : ERR_NO_SPACE;
    if (!err) {
        struct cbor_writer writer;
        cbor_write(&writer, document, size);
        roster_document_put(&writer, &standing->made);
        const struct span written = {document, cbor_written(&writer)};
        assert(written.len > 0);
        cbor_write(&writer, bytes, size + 16);
        signed_roster_put(&writer, written, NULL, 0);
        const size_t len = cbor_written(&writer);
        assert(len > 0);
        err = roster_read(bytes, len, (struct roster_bounds){0, size}, memory);
    }
    free(document);
    free(bytes);
    return err;
}

static void sort(struct roster **rosters, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t j = i; j > 0 && memcmp(rosters[j - 1]->hash, rosters[j]->hash, ID_LEN) > 0;
             j--) {
            struct roster *swap = rosters[j];
            rosters[j] = rosters[j - 1];
            rosters[j - 1] = swap;
        }
    }
}

enum err roster_stand(struct roster *const *rosters, size_t count, struct roster **standing)
{
    assert(rosters && standing);
    assert(count >= 1 && count <= ROSTER_PARENTS_MAX);
    if (count == 1) {
        *standing = rosters[0];
        return ERR_OK;
    }
    struct roster *sorted[ROSTER_PARENTS_MAX];
    const struct roster *list[ROSTER_PARENTS_MAX];
    for (size_t i = 0; i < count; i++) {
        sorted[i] = rosters[i];
    }
    sort(sorted, count);
    for (size_t i = 0; i < count; i++) {
        list[i] = sorted[i];
    }
    struct standing making = {.rivals = {list, count}};
    making.base = rivals_base(making.rivals);
    struct roster_memory *memory = NULL;
    enum err err = allow(&making);
    if (!err) {
        err = read_made(&making, &memory);
    }
    standing_fini(&making);
    if (err) {
        assert(err == ERR_NO_SPACE); // signed ones keep the rules, and so does what is made of them
        return err;
    }
    for (size_t i = 0; i < count; i++) {
        memory->rivals[i] = sorted[i];
    }
    memory->roster.rivals = (const struct roster *const *)memory->rivals;
    memory->roster.rivals_count = count;
    *standing = &memory->roster;
    return ERR_OK;
}
