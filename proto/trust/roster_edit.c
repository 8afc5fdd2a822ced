// SPDX-License-Identifier: EUPL-1.2
// The successor of a roster, change by change [5.5-5.9]. Nothing is signed here, and whether a
// change is wise is for those who sign. Authorities: roster_edit_authorities.c.
#include "trust/roster_edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/proposal.h"
#include "trust/request.h"
#include "trust/roster_check.h"
#include "trust/roster_rules.h"
#include "trust/roster_settle.h"
#include "trust/roster_signing.h"

enum {
    // Bytes one change adds to a document at most: an admission's, which has a title, two names,
    // two endpoints, two keys, and heads and numbers.
    CHANGE_MAX = 1024,
};
static_assert(3 * (TITLE_MAX_LEN + 3) + 2 * (NAME_MAX_LEN + 2) + 2 * (ID_LEN + 2) + 64 <=
                  CHANGE_MAX,
              "what a change adds fits");

enum err roster_edit_begin(const struct roster *current, struct roster_edit **edit)
{
    assert(current && edit);
    if (current->version == SEQ_MAX) {
        return ERR_LIMIT; // [1.3]
    }
    struct roster_edit *made = calloc(1, sizeof *made);
    if (!made) {
        return ERR_NO_SPACE;
    }
    made->current = current;
    made->next = *current;
    struct roster *next = &made->next;
    next->centres = NULL;
    next->nodes = NULL;
    enum err err = roster_settle(roster_front(&made->current), next, &made->settlement);
    if (!err) {
        err = expiries_init(&made->expiries, current);
    }
    if (err) {
        roster_edit_destroy(&made);
        return err;
    }
    memcpy(made->authorities, current->authorities,
           current->authorities_count * sizeof *made->authorities);
    next->authorities = made->authorities;
    next->version++;
    if (current->rivals_count > 0) { // it keeps their hashes as its parents
        made->changes = 1;           // that it settles them
    } else {
        next->parents = &current->hash;
        next->parents_count = 1;
    }
    next->rivals = NULL;
    next->rivals_count = 0;
    *edit = made;
    return ERR_OK;
}

void roster_edit_destroy(struct roster_edit **edit)
{
    assert(edit);
    if (!*edit) {
        return;
    }
    for (struct piece *piece = (*edit)->pieces; piece;) {
        struct piece *after = piece->next;
        free(piece);
        piece = after;
    }
    free((*edit)->next.centres);
    free((*edit)->next.nodes);
    settlement_destroy(&(*edit)->settlement);
    expiries_fini(&(*edit)->expiries);
    free((*edit)->extensions);
    free(*edit);
    *edit = NULL;
}

static struct piece *piece_create(struct roster_edit *edit)
{
    struct piece *piece = calloc(1, sizeof *piece);
    if (piece) {
        piece->next = edit->pieces;
        edit->pieces = piece;
    }
    return piece;
}

static bool is_same(struct span left, struct span right)
{
    return left.len == right.len && memcmp(left.bytes, right.bytes, left.len) == 0;
}

static struct roster_node *find_node(struct roster_edit *edit, const char *name)
{
    for (size_t i = 0; i < edit->next.nodes_count; i++) {
        if (is_same(edit->next.nodes[i].name, roster_text(name))) {
            return &edit->next.nodes[i];
        }
    }
    return NULL;
}

static struct roster_centre *find_centre(struct roster_edit *edit, const char *code)
{
    for (size_t i = 0; i < edit->next.centres_count; i++) {
        if (is_same(edit->next.centres[i].code, roster_text(code))) {
            return &edit->next.centres[i];
        }
    }
    return NULL;
}

static bool is_key(const uint8_t *key, const uint8_t other[static BOX_KEY_LEN])
{
    return key && memcmp(key, other, BOX_KEY_LEN) == 0;
}

// Whether a node has that transport key, as its first or its second [5.12].
static bool has_transport(const struct roster_edit *edit, const uint8_t key[static BOX_KEY_LEN])
{
    for (size_t i = 0; i < edit->next.nodes_count; i++) {
        const struct roster_node *node = &edit->next.nodes[i];
        if (is_key(node->transport, key) || is_key(node->transport_also, key)) {
            return true;
        }
    }
    return false;
}

// Whether a node has that name, or one of those keys [5.8].
static bool has_node_like(const struct roster_edit *edit, const struct request *request)
{
    for (size_t i = 0; i < edit->next.nodes_count; i++) {
        const struct roster_node *node = &edit->next.nodes[i];
        if (is_same(node->name, roster_text(request->node_name)) ||
            memcmp(node->signing, request->signing, SIGN_KEY_LEN) == 0) {
            return true;
        }
    }
    return has_transport(edit, request->transport);
}

static enum err add_centre(struct roster_edit *edit, const struct request *request)
{
    struct roster *next = &edit->next;
    if (next->centres_count == CENTRES_MAX) {
        return ERR_LIMIT; // [5.9]
    }
    struct piece *piece = piece_create(edit);
    struct roster_centre *grown =
        realloc(next->centres, (next->centres_count + 1) * sizeof *next->centres);
    if (grown) {
        next->centres = grown;
    }
    if (!piece || !grown) {
        return ERR_NO_SPACE;
    }
    // A title whose language nobody stated.
    piece->titles[0] =
        (struct roster_title){roster_text("und"), roster_text(request->centre_title)};
    next->centres[next->centres_count++] = (struct roster_centre){
        .code = roster_text(request->centre_code), .titles = piece->titles, .titles_count = 1};
    return ERR_OK;
}

static enum err add_node(struct roster_edit *edit, const struct request *request, uint32_t centre)
{
    struct roster *next = &edit->next;
    struct piece *piece = piece_create(edit);
    struct roster_node *grown = realloc(next->nodes, (next->nodes_count + 1) * sizeof *next->nodes);
    if (grown) {
        next->nodes = grown;
    }
    if (!piece || !grown) {
        return ERR_NO_SPACE;
    }
    piece->endpoint = (struct roster_endpoint){roster_text(request->sync_endpoint),
                                               roster_text(request->live_endpoint)};
    next->nodes[next->nodes_count++] = (struct roster_node){.name = roster_text(request->node_name),
                                                            .centre = centre,
                                                            .signing = request->signing,
                                                            .transport = request->transport,
                                                            .endpoints = &piece->endpoint,
                                                            .endpoints_count = 1};
    return ERR_OK;
}

// The expiry a request asks for, where it asks for one.
static enum err take_expiry(struct roster_edit *edit, const uint8_t key[static BOX_KEY_LEN],
                            uint64_t expires_ms)
{
    const enum err err = expires_ms > 0 ? roster_edit_expiry(edit, key, expires_ms) : ERR_STATE;
    return err == ERR_STATE ? ERR_OK : err; // so it stands already
}

enum err roster_edit_add(struct roster_edit *edit, const struct request *request)
{
    assert(edit && request);
    if (has_node_like(edit, request)) {
        return ERR_STATE;
    }
    enum err err = request_check(request);
    if (err) {
        return err;
    }
    if (edit->next.nodes_count == NODES_MAX) {
        return ERR_LIMIT; // [5.9]
    }
    const size_t centres_before = edit->next.centres_count;
    const size_t nodes_before = edit->next.nodes_count;
    const size_t changes_before = edit->changes;
    const struct roster_centre *known = find_centre(edit, request->centre_code);
    const size_t centre = known ? (size_t)(known - edit->next.centres) : centres_before;
    if (!known) {
        err = add_centre(edit, request);
    }
    if (!err) {
        err = add_node(edit, request, (uint32_t)centre);
    }
    if (!err) {
        err = take_expiry(edit, request->signing, request->expires_ms);
    }
    if (!err) {
        err = take_expiry(edit, request->transport, request->expires_ms);
    }
    if (err) { // an expiry of a key that is not there is left out in the end
        edit->next.centres_count = centres_before;
        edit->next.nodes_count = nodes_before;
        edit->changes = changes_before;
        return err;
    }
    edit->changes++;
    return ERR_OK;
}

// Each step needs a version of its own, for the others to know it before the next.
static bool has_stepped(const struct roster_edit *edit, const struct roster_node *node)
{
    const struct roster_node *before = &edit->current->nodes[node - edit->next.nodes];
    return node->transport != before->transport || node->transport_also != before->transport_also;
}

enum err roster_edit_transport(struct roster_edit *edit, const struct request *request)
{
    assert(edit && request);
    struct roster_node *node = find_node(edit, request->node_name);
    if (!node || node >= edit->next.nodes + edit->current->nodes_count ||
        memcmp(node->signing, request->signing, SIGN_KEY_LEN) != 0) {
        return ERR_NOT_FOUND;
    }
    if (transport_key_is_weak(request->transport)) {
        return ERR_DENIED;
    }
    if (has_stepped(edit, node)) {
        return ERR_STATE;
    }
    const bool is_in_use = is_key(node->transport, request->transport);
    if (is_in_use && !node->transport_also) {
        return ERR_STATE;
    }
    if (is_in_use) {
        node->transport_also = NULL;
    } else if (is_key(node->transport_also, request->transport)) {
        node->transport_also = node->transport;
        node->transport = request->transport;
    } else if (has_transport(edit, request->transport)) {
        return ERR_STATE;
    } else {
        const uint8_t *before = node->transport_also;
        node->transport_also = request->transport;
        const enum err err = take_expiry(edit, request->transport, request->expires_ms);
        if (err) {
            node->transport_also = before;
            return err;
        }
    }
    edit->changes++;
    return ERR_OK;
}

enum err roster_edit_revoke(struct roster_edit *edit, const char *node, uint64_t epoch,
                            uint64_t seq)
{
    assert(edit && node);
    struct roster_node *found = find_node(edit, node);
    if (!found) {
        return ERR_NOT_FOUND;
    }
    if (epoch > EPOCH_MAX || seq > SEQ_MAX) {
        return ERR_LIMIT; // [1.3, 3.2]
    }
    if (found->is_revoked && found->revoked_epoch == epoch && found->revoked_seq == seq) {
        return ERR_STATE;
    }
    found->is_revoked = true;
    found->revoked_epoch = epoch;
    found->revoked_seq = seq;
    edit->changes++;
    return ERR_OK;
}

static bool endpoint_is_valid(const char *endpoint)
{
    return roster_endpoint_is_valid(endpoint, strlen(endpoint));
}

enum err roster_edit_endpoint(struct roster_edit *edit, const char *node, const char *sync,
                              const char *live)
{
    assert(edit && node);
    assert((sync == NULL) == (live == NULL));
    struct roster_node *found = find_node(edit, node);
    if (!found) {
        return ERR_NOT_FOUND;
    }
    if (!sync) {
        edit->changes += found->endpoints_count > 0;
        const enum err err = found->endpoints_count > 0 ? ERR_OK : ERR_STATE;
        found->endpoints_count = 0;
        return err;
    }
    if (!endpoint_is_valid(sync) || !endpoint_is_valid(live)) {
        return ERR_MALFORMED; // [5.9]
    }
    const struct roster_endpoint endpoint = {roster_text(sync), roster_text(live)};
    if (found->endpoints_count == 1 && is_same(found->endpoints[0].sync, endpoint.sync) &&
        is_same(found->endpoints[0].live, endpoint.live)) {
        return ERR_STATE;
    }
    struct piece *piece = piece_create(edit);
    if (!piece) {
        return ERR_NO_SPACE;
    }
    piece->endpoint = endpoint;
    found->endpoints = &piece->endpoint;
    found->endpoints_count = 1;
    edit->changes++;
    return ERR_OK;
}

// In the order of encoded map keys [1.1]: shorter ones first.
static bool lang_is_before(struct span left, struct span right)
{
    if (left.len != right.len) {
        return left.len < right.len;
    }
    return memcmp(left.bytes, right.bytes, left.len) < 0;
}

enum err roster_edit_title(struct roster_edit *edit, const char *centre, const char *lang,
                           const char *title)
{
    assert(edit && centre && lang && title);
    struct roster_centre *found = find_centre(edit, centre);
    const struct roster_title wanted = {roster_text(lang), roster_text(title)};
    if (!found) {
        return ERR_NOT_FOUND;
    }
    if (!roster_lang_is_valid(wanted.lang) || !roster_title_is_valid(wanted.text)) {
        return ERR_MALFORMED; // [5.8]
    }
    size_t at = 0;
    while (at < found->titles_count && lang_is_before(found->titles[at].lang, wanted.lang)) {
        at++;
    }
    const bool is_there = at < found->titles_count && is_same(found->titles[at].lang, wanted.lang);
    if (is_there && is_same(found->titles[at].text, wanted.text)) {
        return ERR_STATE;
    }
    if (!is_there && found->titles_count == ROSTER_TITLES_MAX) {
        return ERR_LIMIT; // [5.3]
    }
    struct piece *piece = piece_create(edit);
    if (!piece) {
        return ERR_NO_SPACE;
    }
    const size_t from = is_there ? at + 1 : at;
    memcpy(piece->titles, found->titles, at * sizeof *found->titles);
    piece->titles[at] = wanted;
    memcpy(&piece->titles[at + 1], &found->titles[from],
           (found->titles_count - from) * sizeof *found->titles);
    found->titles = piece->titles;
    found->titles_count += !is_there;
    edit->changes++;
    return ERR_OK;
}

enum err roster_edit_name(struct roster_edit *edit, const char *name)
{
    assert(edit && name);
    if (!roster_title_is_valid(roster_text(name))) {
        return ERR_MALFORMED; // [5.8]
    }
    if (is_same(edit->next.name, roster_text(name))) {
        return ERR_STATE;
    }
    edit->next.name = roster_text(name);
    edit->changes++;
    return ERR_OK;
}

static bool names_key(const struct roster_edit *edit, const uint8_t *key)
{
    for (size_t i = 0; i < edit->next.nodes_count; i++) {
        const struct roster_node *node = &edit->next.nodes[i];
        if (memcmp(node->signing, key, SIGN_KEY_LEN) == 0 ||
            memcmp(node->transport, key, BOX_KEY_LEN) == 0 ||
            (node->transport_also && memcmp(node->transport_also, key, BOX_KEY_LEN) == 0)) {
            return true;
        }
    }
    return roster_edit_has_authority(edit, key);
}

enum err roster_edit_expiry(struct roster_edit *edit, const uint8_t key[static SIGN_KEY_LEN],
                            uint64_t expires_ms)
{
    assert(edit && key);
    if (!names_key(edit, key)) {
        return ERR_NOT_FOUND;
    }
    const enum err err = expiries_set(&edit->expiries, key, expires_ms);
    edit->changes += err == ERR_OK;
    return err;
}

enum err roster_edit_node_expiry(struct roster_edit *edit, const char *node, uint64_t expires_ms)
{
    assert(edit && node);
    const struct roster_node *found = find_node(edit, node);
    if (!found) {
        return ERR_NOT_FOUND;
    }
    const uint8_t *keys[] = {found->signing, found->transport, found->transport_also};
    enum err err = ERR_STATE; // until one of them is changed
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const enum err made = keys[i] ? roster_edit_expiry(edit, keys[i], expires_ms) : ERR_STATE;
        if (made && made != ERR_STATE) {
            return made;
        }
        err = made ? err : ERR_OK;
    }
    return err;
}

// Writes the expiries of the keys that are left into the roster's extensions [5.19].
static enum err write_expiries(struct roster_edit *edit)
{
    for (size_t i = edit->expiries.count; i > 0; i--) {
        if (!names_key(edit, edit->expiries.list[i - 1].key)) {
            expiries_remove(&edit->expiries, i - 1);
        }
    }
    uint8_t *made = NULL;
    size_t len = 0;
    const enum err err = expiries_write(&edit->expiries, edit->current->extensions, &made, &len);
    if (!err) {
        free(edit->extensions);
        edit->extensions = made;
        edit->next.extensions = (struct span){made, len};
    }
    return err;
}

// What was made is read as everybody else will read it: this finds text that is not UTF-8, and
// keeps what we make and what we accept the same.
static enum err check_made(const struct roster *current, const uint8_t *bytes, size_t len)
{
    struct proposal *proposal = NULL;
    enum err err = proposal_decode(bytes, len, &proposal);
    if (!err) {
        err = proposal_check(current, proposal);
        assert(err == ERR_OK);
    }
    proposal_destroy(&proposal);
    return err;
}

enum err roster_edit_finish(struct roster_edit *edit, uint8_t **out, size_t *out_len)
{
    assert(edit && out && out_len);
    const struct roster *next = &edit->next;
    if (edit->changes == 0) {
        return ERR_STATE;
    }
    if (!roster_threshold_is_valid(next)) {
        return ERR_DENIED; // [5.6]
    }
    enum err err = write_expiries(edit);
    if (err) {
        return err;
    }
    err = ERR_NO_SPACE;
    const size_t room = settlement_room(edit->settlement) + (edit->changes + 1) * CHANGE_MAX;
    uint8_t *document = malloc(room);
    uint8_t *proposal = malloc(room + 16);
    if (!document || !proposal) {
        goto out;
    }
    struct cbor_writer writer;
    cbor_write(&writer, document, room);
    roster_document_put(&writer, next);
    const struct span written = {document, cbor_written(&writer)};
    assert(written.len > 0);
    if (written.len > ROSTER_MAX) {
        err = ERR_LIMIT; // [5.9]
        goto out;
    }
    cbor_write(&writer, proposal, room + 16);
    signed_roster_put(&writer, written, NULL, 0);
    const size_t len = cbor_written(&writer);
    assert(len > 0);
    err = check_made(edit->current, proposal, len);
    if (!err) {
        *out = proposal;
        *out_len = len;
        proposal = NULL;
    }
out:
    free(document);
    free(proposal);
    return err;
}
