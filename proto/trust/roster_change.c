// SPDX-License-Identifier: EUPL-1.2
// Makes new roster versions: the first one, and the one in which a node is admitted. Signs with one
// authority; collecting more signatures is not done here.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/invitation.h"
#include "sitrep/roster.h"
#include "trust/request.h"
#include "trust/roster_rules.h"
#include "trust/roster_signing.h"
#include "wire/roster_bytes.h"

enum {
    // Bytes one founding or one admission adds to a document: three names or titles of up to 255
    // bytes, two endpoints of the same, two names of 32, three keys, heads and numbers.
    CHANGE_MAX = 2048,
    SIGNING_MAX = 160, // bytes around the document with one signature
};

static_assert(5 * (TITLE_MAX_LEN + 3) + 2 * (NAME_MAX_LEN + 2) + 5 * (ID_LEN + 2) < CHANGE_MAX,
              "what a change adds fits");

static struct span text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static bool name_is_valid(const char *name)
{
    return roster_name_is_valid(name, strlen(name));
}

static bool endpoint_is_valid(const char *endpoint)
{
    return roster_endpoint_is_valid(endpoint, strlen(endpoint));
}

// Encodes `roster` in a buffer of `room` bytes and signs it; what `roster` points to must be valid.
static enum err publish(const struct roster *roster, size_t room,
                        const struct signing_key *authority, uint8_t **out, size_t *out_len)
{
    enum err err = ERR_NO_SPACE;
    uint8_t *document = malloc(room);
    uint8_t *signed_document = malloc(room + SIGNING_MAX);
    if (!document || !signed_document) {
        goto out;
    }
    struct cbor_writer writer;
    cbor_write(&writer, document, room);
    roster_document_put(&writer, roster);
    const struct span written = {document, cbor_written(&writer)};
    assert(written.len > 0);
    if (written.len > ROSTER_MAX) {
        err = ERR_LIMIT; // [5.9]
        goto out;
    }
    uint8_t signature[SIGNATURE_LEN];
    err = roster_sign(authority, written, signature);
    if (err) {
        goto out;
    }
    cbor_write(&writer, signed_document, room + SIGNING_MAX);
    const struct roster_signature signed_by = {authority->bytes + SIGN_KEY_LEN, signature};
    signed_roster_put(&writer, written, &signed_by, 1);
    *out_len = cbor_written(&writer);
    assert(*out_len > 0);
    *out = signed_document;
    signed_document = NULL;
out:
    free(document);
    free(signed_document);
    return err;
}

static enum err check_keys(const uint8_t *signing, const uint8_t *transport)
{
    const bool is_weak = signing_key_is_weak(signing) || transport_key_is_weak(transport);
    return is_weak ? ERR_DENIED : ERR_OK;
}

static enum err check_founding(const struct roster_founding *founding)
{
    if (!roster_title_is_valid(text_span(founding->name)) ||
        !roster_title_is_valid(text_span(founding->centre_title)) ||
        !name_is_valid(founding->centre_code) || !name_is_valid(founding->node_name) ||
        !endpoint_is_valid(founding->sync_endpoint) ||
        !endpoint_is_valid(founding->live_endpoint)) {
        return ERR_MALFORMED;
    }
    return check_keys(founding->signing, founding->transport);
}

// A title whose language nobody stated.
static struct roster_title undetermined(const char *title)
{
    return (struct roster_title){text_span("und"), text_span(title)};
}

enum err roster_found(const struct roster_founding *founding, const struct signing_key *authority,
                      uint8_t **out, size_t *out_len)
{
    assert(founding && authority && out && out_len);
    enum err err = check_founding(founding);
    if (err) {
        return err;
    }
    struct roster_title title = undetermined(founding->centre_title);
    struct roster_centre centre = {
        .code = text_span(founding->centre_code), .titles = &title, .titles_count = 1};
    struct roster_endpoint endpoint = {text_span(founding->sync_endpoint),
                                       text_span(founding->live_endpoint)};
    struct roster_node node = {.name = text_span(founding->node_name),
                               .signing = founding->signing,
                               .transport = founding->transport,
                               .endpoints = &endpoint,
                               .endpoints_count = 1};
    const uint8_t *authorities[] = {authority->bytes + SIGN_KEY_LEN};
    const struct roster roster = {.version = 1,
                                  .name = text_span(founding->name),
                                  .threshold = 1,
                                  .authorities = authorities,
                                  .authorities_count = 1,
                                  .centres = &centre,
                                  .centres_count = 1,
                                  .nodes = &node,
                                  .nodes_count = 1};
    return publish(&roster, CHANGE_MAX, authority, out, out_len);
}

static enum err check_admission(const struct roster *current, const struct request *request,
                                const struct signing_key *authority)
{
    if (!roster_has_authority(current, authority->bytes + SIGN_KEY_LEN)) {
        return ERR_DENIED;
    }
    if (current->threshold != 1 ||
        roster_find_name(current, request->node_name, strlen(request->node_name)) >= 0 ||
        roster_find_signing(current, request->signing) >= 0 ||
        roster_find_transport(current, request->transport) >= 0) {
        return ERR_STATE;
    }
    return request_check(request);
}

enum err roster_admit(const struct roster *current, const struct request *request,
                      const struct signing_key *authority, uint8_t **out, size_t *out_len)
{
    assert(current && request && authority && out && out_len);
    enum err err = check_admission(current, request, authority);
    if (err) {
        return err;
    }
    const int32_t known =
        roster_find_centre(current, request->centre_code, strlen(request->centre_code));
    if (current->nodes_count == NODES_MAX || (known < 0 && current->centres_count == CENTRES_MAX) ||
        current->version == SEQ_MAX) {
        return ERR_LIMIT; // [5.9, 1.3]
    }
    struct roster next = *current;
    next.centres = malloc((current->centres_count + 1) * sizeof *next.centres);
    next.nodes = malloc((current->nodes_count + 1) * sizeof *next.nodes);
    if (!next.centres || !next.nodes) {
        err = ERR_NO_SPACE;
        goto out;
    }
    memcpy(next.centres, current->centres, current->centres_count * sizeof *next.centres);
    memcpy(next.nodes, current->nodes, current->nodes_count * sizeof *next.nodes);
    next.version++;
    next.parents = &current->hash;
    next.parents_count = 1;

    struct roster_title title = undetermined(request->centre_title);
    if (known < 0) {
        next.centres[next.centres_count++] = (struct roster_centre){
            .code = text_span(request->centre_code), .titles = &title, .titles_count = 1};
    }
    struct roster_endpoint endpoint = {text_span(request->sync_endpoint),
                                       text_span(request->live_endpoint)};
    next.nodes[next.nodes_count++] = (struct roster_node){
        .name = text_span(request->node_name),
        .centre = known < 0 ? (uint32_t)current->centres_count : (uint32_t)known,
        .signing = request->signing,
        .transport = request->transport,
        .endpoints = &endpoint,
        .endpoints_count = 1};
    err = publish(&next, current->document.len + CHANGE_MAX, authority, out, out_len);
out:
    free(next.centres);
    free(next.nodes);
    return err;
}
