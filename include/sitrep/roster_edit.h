// SPDX-License-Identifier: EUPL-1.2
// Making the successor of a roster, change by change. It comes out as a proposal nobody has signed
// (proposal.h). PROTOCOL.md 5.
#ifndef SITREP_ROSTER_EDIT_H
#define SITREP_ROSTER_EDIT_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"
#include "sitrep/invitation.h"
#include "sitrep/roster.h"

struct roster_edit;

// `current`, and all that is handed to the changes below, is borrowed until the edit is destroyed.
// Where rivals are in force the edit begins with what settles them [5.18]: everybody whom one of
// them has, revoked where one of them says so, the authorities that all have, and the rest as in
// the one with the most nodes. Text is NUL-terminated. Errors: ERR_LIMIT (there is no higher
// version, or too many centres), ERR_NO_SPACE (memory).
CHECKED enum err roster_edit_begin(const struct roster *current, struct roster_edit **edit);
void roster_edit_destroy(struct roster_edit **edit);

// Each changes one thing, or fails and changes nothing. All of them fail with ERR_STATE where
// things already stand like that, ERR_NOT_FOUND where there is no such centre, node or authority,
// and ERR_NO_SPACE for lack of memory.

// Adds the node, and its centre when that is new, with the expiry it asks for. Errors: ERR_STATE
// (the name or a key is there), ERR_MALFORMED, ERR_DENIED (5.8, 5.9), ERR_LIMIT.
CHECKED enum err roster_edit_add(struct roster_edit *edit, const struct request *request);
// Revokes the node; its entries count up to and with this epoch and seq [5.11]. For one revoked
// before it changes how far they count. Errors: ERR_LIMIT (a number over its limit).
CHECKED enum err roster_edit_revoke(struct roster_edit *edit, const char *node, uint64_t epoch,
                                    uint64_t seq);
// Takes a node of `current`, which made the request, one step towards the transport key it names
// [5.12]: a version that announces it beside the one in use, one that puts it in use and the former
// beside it, one that drops the former. Errors: ERR_STATE (all of that is done, this edit has taken
// a step with that node already or settles a fork, or the key is another node's), ERR_NOT_FOUND (no
// node has that name and signing key), ERR_DENIED (the key is a weak one).
CHECKED enum err roster_edit_transport(struct roster_edit *edit, const struct request *request);
// Gives the node this one endpoint; with NULLs, none. Errors: ERR_MALFORMED (5.9).
CHECKED enum err roster_edit_endpoint(struct roster_edit *edit, const char *node, const char *sync,
                                      const char *live);
// The centre's title in a language. Errors: ERR_MALFORMED (5.8), ERR_LIMIT (of titles).
CHECKED enum err roster_edit_title(struct roster_edit *edit, const char *centre, const char *lang,
                                   const char *title);
// The federation's name. Errors: ERR_MALFORMED (5.8).
CHECKED enum err roster_edit_name(struct roster_edit *edit, const char *name);
// Errors: ERR_DENIED (the key is a weak one), ERR_LIMIT.
CHECKED enum err roster_edit_add_authority(struct roster_edit *edit,
                                           const uint8_t key[static SIGN_KEY_LEN]);
CHECKED enum err roster_edit_remove_authority(struct roster_edit *edit,
                                              const uint8_t key[static SIGN_KEY_LEN]);
CHECKED enum err roster_edit_replace_authority(struct roster_edit *edit,
                                               const uint8_t old[static SIGN_KEY_LEN],
                                               const uint8_t key[static SIGN_KEY_LEN]);
CHECKED enum err roster_edit_threshold(struct roster_edit *edit, uint32_t threshold);

// That key of an authority or a node expires then, in ms since 1970; 0: never [5.19]. A key that is
// no longer there in the end has no expiry, whatever was said. Errors: ERR_LIMIT (over 2^53).
CHECKED enum err roster_edit_expiry(struct roster_edit *edit,
                                    const uint8_t key[static SIGN_KEY_LEN], uint64_t expires_ms);

// The same for all keys of a node, also of one this edit adds.
CHECKED enum err roster_edit_node_expiry(struct roster_edit *edit, const char *node,
                                         uint64_t expires_ms);

// The successor as a proposal without signatures; *out is malloc'ed. Errors: ERR_STATE (nothing was
// changed), ERR_DENIED (the threshold is no majority of the authorities [5.6]), ERR_MALFORMED (a
// text is not UTF-8), ERR_LIMIT (over 1 MiB), ERR_NO_SPACE (memory).
CHECKED enum err roster_edit_finish(struct roster_edit *edit, uint8_t **out, size_t *out_len);

// Authorities and threshold as they stand with the changes made so far.
size_t roster_edit_authorities(const struct roster_edit *edit, uint32_t *threshold);

#endif
