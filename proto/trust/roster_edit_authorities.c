// SPDX-License-Identifier: EUPL-1.2
// Who may sign the successor of a roster: its authorities and threshold [5.6], while it is edited.
// Whether the threshold is a majority is checked in the end.
#include <assert.h>
#include <string.h>

#include "trust/roster_edit.h"
#include "trust/roster_rules.h"

// Its place in the list, or the length of the list.
static size_t find_authority(const struct roster_edit *edit, const uint8_t *key)
{
    size_t at = 0;
    while (at < edit->next.authorities_count &&
           memcmp(edit->authorities[at], key, SIGN_KEY_LEN) != 0) {
        at++;
    }
    return at;
}

bool roster_edit_has_authority(const struct roster_edit *edit,
                               const uint8_t key[static SIGN_KEY_LEN])
{
    return find_authority(edit, key) < edit->next.authorities_count;
}

// Whether the key may come in.
static enum err check_authority(const struct roster_edit *edit,
                                const uint8_t key[static SIGN_KEY_LEN])
{
    if (signing_key_is_weak(key)) {
        return ERR_DENIED; // nothing would ever verify by it
    }
    return roster_edit_has_authority(edit, key) ? ERR_STATE : ERR_OK;
}

enum err roster_edit_add_authority(struct roster_edit *edit, const uint8_t key[static SIGN_KEY_LEN])
{
    assert(edit && key);
    const enum err err = check_authority(edit, key);
    if (err) {
        return err;
    }
    if (edit->next.authorities_count == AUTHORITIES_MAX) {
        return ERR_LIMIT; // [5.9]
    }
    edit->authorities[edit->next.authorities_count++] = key;
    edit->changes++;
    return ERR_OK;
}

enum err roster_edit_remove_authority(struct roster_edit *edit,
                                      const uint8_t key[static SIGN_KEY_LEN])
{
    assert(edit && key);
    const size_t at = find_authority(edit, key);
    if (at == edit->next.authorities_count) {
        return ERR_NOT_FOUND;
    }
    edit->next.authorities_count--;
    memmove(&edit->authorities[at], &edit->authorities[at + 1],
            (edit->next.authorities_count - at) * sizeof *edit->authorities);
    edit->changes++;
    return ERR_OK;
}

enum err roster_edit_replace_authority(struct roster_edit *edit,
                                       const uint8_t old[static SIGN_KEY_LEN],
                                       const uint8_t key[static SIGN_KEY_LEN])
{
    assert(edit && old && key);
    const size_t at = find_authority(edit, old);
    if (at == edit->next.authorities_count) {
        return ERR_NOT_FOUND;
    }
    const enum err err = check_authority(edit, key);
    if (err) {
        return err;
    }
    edit->authorities[at] = key;
    edit->changes++;
    return ERR_OK;
}

enum err roster_edit_threshold(struct roster_edit *edit, uint32_t threshold)
{
    assert(edit);
    if (edit->next.threshold == threshold) {
        return ERR_STATE;
    }
    edit->next.threshold = threshold;
    edit->changes++;
    return ERR_OK;
}

size_t roster_edit_authorities(const struct roster_edit *edit, uint32_t *threshold)
{
    assert(edit && threshold);
    *threshold = edit->next.threshold;
    return edit->next.authorities_count;
}
