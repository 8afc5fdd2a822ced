// SPDX-License-Identifier: EUPL-1.2
// One roster version taken for itself: the rules between its fields, and who signed it [5.4-5.9].
// Whether it may follow another is decided in roster_next.c.
#include "sitrep/roster.h"

#include <assert.h>
#include <string.h>

#include "sitrep/roster_keys.h"
#include "trust/roster_check.h"
#include "trust/roster_index.h"
#include "trust/roster_rules.h"
#include "trust/roster_signing.h"

static bool name_is_valid(struct span name)
{
    return roster_name_is_valid((const char *)name.bytes, name.len);
}

static bool label_is_valid_or_null(struct span text)
{
    return text.len == 0 || roster_title_is_valid(text);
}

static bool centre_is_valid(const struct roster_centre *centre)
{
    for (size_t i = 0; i < centre->titles_count; i++) {
        if (!roster_lang_is_valid(centre->titles[i].lang) ||
            !roster_title_is_valid(centre->titles[i].text)) {
            return false;
        }
    }
    return name_is_valid(centre->code) && label_is_valid_or_null(centre->country) &&
           label_is_valid_or_null(centre->level);
}

static bool endpoint_is_valid(struct span endpoint)
{
    return roster_endpoint_is_valid((const char *)endpoint.bytes, endpoint.len);
}

static bool node_is_valid(const struct roster_node *node)
{
    for (size_t i = 0; i < node->endpoints_count; i++) {
        if (!endpoint_is_valid(node->endpoints[i].sync) ||
            !endpoint_is_valid(node->endpoints[i].live)) {
            return false;
        }
    }
    return name_is_valid(node->name);
}

static bool node_has_weak_key(const struct roster_node *node)
{
    return signing_key_is_weak(node->signing) || transport_key_is_weak(node->transport) ||
           (node->transport_also && transport_key_is_weak(node->transport_also));
}

// A key listed twice would water down the majority.
static bool is_listed_before(const struct roster *roster, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (memcmp(roster->authorities[i], roster->authorities[at], SIGN_KEY_LEN) == 0) {
            return true;
        }
    }
    return false;
}

bool roster_threshold_is_valid(const struct roster *roster)
{
    for (size_t i = 1; i < roster->authorities_count; i++) {
        if (is_listed_before(roster, i)) {
            return false;
        }
    }
    return roster->threshold <= roster->authorities_count &&
           2 * (size_t)roster->threshold > roster->authorities_count; // [5.6]
}

static bool parents_ascend(const struct roster *roster)
{
    for (size_t i = 1; i < roster->parents_count; i++) {
        if (memcmp(roster->parents[i - 1], roster->parents[i], ID_LEN) >= 0) {
            return false; // [5.5]
        }
    }
    return true;
}

static enum err check_fields(const struct roster *roster)
{
    if (!roster_title_is_valid(roster->name) || !roster_threshold_is_valid(roster) ||
        !parents_ascend(roster)) {
        return ERR_MALFORMED;
    }
    for (size_t i = 0; i < roster->centres_count; i++) {
        if (!centre_is_valid(&roster->centres[i])) {
            return ERR_MALFORMED;
        }
    }
    for (size_t i = 0; i < roster->nodes_count; i++) {
        if (!node_is_valid(&roster->nodes[i])) {
            return ERR_MALFORMED;
        }
        if (node_has_weak_key(&roster->nodes[i])) {
            return ERR_DENIED;
        }
    }
    return ERR_OK;
}

// Needs the index.
static enum err check_expiries(const struct roster *roster)
{
    for (size_t i = 0; i < roster->expiries_count; i++) {
        if (!roster_names_key(roster, roster->expiries[i].key)) {
            return ERR_MALFORMED; // [5.19]
        }
    }
    return ERR_OK;
}

static enum err check_signatures(const struct roster *roster)
{
    size_t own = roster_count_signatures(roster, roster);
    if (own < roster->threshold) {
        return ERR_DENIED;
    }
    if (roster->version == 1 && own != roster->signatures_count) {
        return ERR_DENIED; // nobody else has a say in it
    }
    for (size_t i = 0; i < roster->signatures_count; i++) {
        const struct roster_signature *signature = &roster->signatures[i];
        enum err err = roster_verify(signature->authority, roster->document, signature->signature);
        if (err) {
            return err;
        }
    }
    return ERR_OK;
}

enum err roster_read(const uint8_t *bytes, size_t len, struct roster_bounds bounds,
                     struct roster_memory **memory)
{
    assert(memory);
    struct roster_memory *made = NULL;
    enum err err = roster_memory_read(bytes, len, bounds, &made);
    if (err) {
        return err;
    }
    err = check_fields(&made->roster);
    if (!err) {
        err = roster_index_create(&made->roster, &made->index);
    }
    if (!err) {
        made->roster.index = made->index;
        err = check_expiries(&made->roster);
    }
    if (err) {
        roster_index_destroy(&made->index);
        roster_memory_destroy(&made);
        return err;
    }
    struct roster *roster = &made->roster;
    roster_hash(roster->document, roster->hash);
    if (roster->version == 1) {
        memcpy(roster->federation, roster->hash, ID_LEN); // [5.5]
    }
    *memory = made;
    return ERR_OK;
}

enum err roster_decode(const uint8_t *bytes, size_t len, struct roster **roster)
{
    assert(roster);
    struct roster_memory *memory = NULL;
    enum err err = roster_read(bytes, len, (struct roster_bounds){1, ROSTER_MAX}, &memory);
    if (err) {
        return err;
    }
    struct roster *made = &memory->roster;
    err = check_signatures(made);
    if (err) {
        roster_destroy(&made);
        return err;
    }
    *roster = made;
    return ERR_OK;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as rivals go, once
void roster_destroy(struct roster **roster)
{
    assert(roster);
    if (!*roster) {
        return;
    }
    struct roster_memory *memory = (struct roster_memory *)*roster;
    for (size_t i = 0; i < ROSTER_PARENTS_MAX; i++) {
        roster_destroy(&memory->rivals[i]); // NOLINT(misc-no-recursion): rivals have none
    }
    roster_index_destroy(&memory->index);
    roster_memory_destroy(&memory);
    *roster = NULL;
}

uint64_t roster_counts_to(const struct roster *roster, uint32_t node, uint64_t epoch)
{
    assert(node < roster->nodes_count);
    const struct roster_node *member = &roster->nodes[node];
    if (!member->is_revoked || epoch < member->revoked_epoch) {
        return SEQ_MAX;
    }
    return epoch == member->revoked_epoch ? member->revoked_seq : 0;
}
