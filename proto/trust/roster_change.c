// SPDX-License-Identifier: EUPL-1.2
// Makes the roster versions that one authority signs alone: the first one, and the one in which a
// node is admitted while the threshold is 1. Others are edited (roster_edit.c) and proposed.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/invitation.h"
#include "sitrep/proposal.h"
#include "sitrep/roster.h"
#include "sitrep/roster_edit.h"
#include "trust/expiries.h"
#include "trust/roster_rules.h"
#include "trust/roster_signing.h"
#include "wire/roster_bytes.h"

enum {
    FOUNDING_MAX = 2048, // bytes of version 1
    SIGNING_MAX = 160,   // bytes around the document with one signature
    FOUNDING_EXPIRIES_MAX = 1 + 13 + 3 + 3 * EXPIRY_LEN, // bytes of its extensions
};

static_assert(4 * (TITLE_MAX_LEN + 3) + 2 * (NAME_MAX_LEN + 2) + 3 * (ID_LEN + 2) + 64 +
                      FOUNDING_EXPIRIES_MAX <
                  FOUNDING_MAX,
              "two titles, two endpoints, two names and three keys fit");

static bool name_is_valid(const char *name)
{
    return roster_name_is_valid(name, strlen(name));
}

static bool endpoint_is_valid(const char *endpoint)
{
    return roster_endpoint_is_valid(endpoint, strlen(endpoint));
}

// The document with the one signature it needs [5.4].
static enum err sign_alone(const struct signing_key *authority, struct span document, uint8_t **out,
                           size_t *out_len)
{
    uint8_t signature[SIGNATURE_LEN];
    const enum err err = roster_sign(authority, document, signature);
    if (err) {
        return err;
    }
    const size_t size = document.len + SIGNING_MAX;
    uint8_t *bytes = malloc(size);
    if (!bytes) {
        return ERR_NO_SPACE;
    }
    const struct roster_signature signed_by = {authority->bytes + SIGN_KEY_LEN, signature};
    struct cbor_writer writer;
    cbor_write(&writer, bytes, size);
    signed_roster_put(&writer, document, &signed_by, 1);
    *out_len = cbor_written(&writer);
    assert(*out_len > 0);
    *out = bytes;
    return ERR_OK;
}

static enum err check_keys(const uint8_t *signing, const uint8_t *transport)
{
    const bool is_weak = signing_key_is_weak(signing) || transport_key_is_weak(transport);
    return is_weak ? ERR_DENIED : ERR_OK;
}

static enum err check_founding(const struct roster_founding *founding)
{
    if (!roster_title_is_valid(roster_text(founding->name)) ||
        !roster_title_is_valid(roster_text(founding->centre_title)) ||
        !name_is_valid(founding->centre_code) || !name_is_valid(founding->node_name) ||
        !endpoint_is_valid(founding->sync_endpoint) ||
        !endpoint_is_valid(founding->live_endpoint)) {
        return ERR_MALFORMED;
    }
    return check_keys(founding->signing, founding->transport);
}

// All keys of version 1 expire together, or none does.
static enum err make_extensions(const struct roster_founding *founding, const uint8_t *authority,
                                uint8_t **out, size_t *out_len)
{
    const uint8_t *keys[] = {founding->signing, founding->transport, authority};
    struct expiries expiries;
    enum err err = expiries_init(&expiries, NULL);
    for (size_t i = 0; i < 3 && founding->keys_expire_ms > 0 && !err; i++) {
        err = expiries_set(&expiries, keys[i], founding->keys_expire_ms);
    }
    if (!err) {
        err = expiries_write(&expiries, (struct span){NULL, 0}, out, out_len);
    }
    expiries_fini(&expiries);
    return err;
}

enum err roster_found(const struct roster_founding *founding, const struct signing_key *authority,
                      uint8_t **out, size_t *out_len)
{
    assert(founding && authority && out && out_len);
    uint8_t *extensions = NULL;
    size_t extensions_len = 0;
    enum err err = check_founding(founding);
    if (!err) {
        err = make_extensions(founding, authority->bytes + SIGN_KEY_LEN, &extensions,
                              &extensions_len);
    }
    if (err) {
        return err;
    }
    // A title whose language nobody stated.
    struct roster_title title = {roster_text("und"), roster_text(founding->centre_title)};
    struct roster_centre centre = {
        .code = roster_text(founding->centre_code), .titles = &title, .titles_count = 1};
    struct roster_endpoint endpoint = {roster_text(founding->sync_endpoint),
                                       roster_text(founding->live_endpoint)};
    struct roster_node node = {.name = roster_text(founding->node_name),
                               .signing = founding->signing,
                               .transport = founding->transport,
                               .endpoints = &endpoint,
                               .endpoints_count = 1};
    const uint8_t *authorities[] = {authority->bytes + SIGN_KEY_LEN};
    const struct roster roster = {.version = 1,
                                  .name = roster_text(founding->name),
                                  .threshold = 1,
                                  .authorities = authorities,
                                  .authorities_count = 1,
                                  .centres = &centre,
                                  .centres_count = 1,
                                  .nodes = &node,
                                  .nodes_count = 1,
                                  .extensions = {extensions, extensions_len}};
    uint8_t document[FOUNDING_MAX];
    struct cbor_writer writer;
    cbor_write(&writer, document, sizeof document);
    roster_document_put(&writer, &roster);
    free(extensions);
    const struct span written = {document, cbor_written(&writer)};
    assert(written.len > 0);
    return sign_alone(authority, written, out, out_len);
}

enum err roster_admit(const struct roster *current, const struct request *request,
                      const struct signing_key *authority, uint8_t **out, size_t *out_len)
{
    assert(current && request && authority && out && out_len);
    if (!roster_has_authority(current, authority->bytes + SIGN_KEY_LEN)) {
        return ERR_DENIED;
    }
    if (current->threshold != 1 || current->rivals_count > 0) {
        return ERR_STATE; // others must sign as well: see proposal.h
    }
    struct roster_edit *edit = NULL;
    struct proposal *proposal = NULL;
    uint8_t *unsigned_bytes = NULL;
    size_t len = 0;
    enum err err = roster_edit_begin(current, &edit);
    if (err) {
        return err;
    }
    err = roster_edit_add(edit, request);
    if (!err) {
        err = roster_edit_finish(edit, &unsigned_bytes, &len);
    }
    if (!err) {
        err = proposal_decode(unsigned_bytes, len, &proposal);
    }
    if (!err) {
        err = proposal_sign(current, proposal, authority);
    }
    if (!err) {
        err = proposal_encode(proposal, out, out_len);
    }
    free(unsigned_bytes);
    proposal_destroy(&proposal);
    roster_edit_destroy(&edit);
    return err;
}
