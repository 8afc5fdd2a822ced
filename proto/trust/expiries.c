// SPDX-License-Identifier: EUPL-1.2
// Keeps a list of expiries in order and writes it into a roster's extensions. Whether a key is the
// roster's is for others to say.
#include "trust/expiries.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/roster_bytes.h"

enum err expiries_init(struct expiries *expiries, const struct roster *roster)
{
    const size_t count = roster ? roster->expiries_count : 0;
    *expiries = (struct expiries){calloc(count + 1, sizeof *expiries->list), count};
    if (!expiries->list) {
        return ERR_NO_SPACE;
    }
    if (count > 0) {
        memcpy(expiries->list, roster->expiries, count * sizeof *expiries->list);
    }
    return ERR_OK;
}

void expiries_fini(struct expiries *expiries)
{
    free(expiries->list);
    *expiries = (struct expiries){NULL, 0};
}

void expiries_remove(struct expiries *expiries, size_t at)
{
    assert(at < expiries->count);
    expiries->count--;
    memmove(&expiries->list[at], &expiries->list[at + 1],
            (expiries->count - at) * sizeof *expiries->list);
}

static enum err insert(struct expiries *expiries, size_t at, struct roster_expiry expiry)
{
    struct roster_expiry *grown =
        realloc(expiries->list, (expiries->count + 1) * sizeof *expiries->list);
    if (!grown) {
        return ERR_NO_SPACE;
    }
    expiries->list = grown;
    memmove(&grown[at + 1], &grown[at], (expiries->count - at) * sizeof *grown);
    grown[at] = expiry;
    expiries->count++;
    return ERR_OK;
}

enum err expiries_set(struct expiries *expiries, const uint8_t key[static SIGN_KEY_LEN],
                      uint64_t expires_ms)
{
    assert(expiries && key);
    if (expires_ms > SEQ_MAX) {
        return ERR_LIMIT; // [1.3]
    }
    size_t at = 0;
    while (at < expiries->count && memcmp(expiries->list[at].key, key, SIGN_KEY_LEN) < 0) {
        at++;
    }
    const bool is_there =
        at < expiries->count && memcmp(expiries->list[at].key, key, SIGN_KEY_LEN) == 0;
    if ((is_there ? expiries->list[at].expires_ms : 0) == expires_ms) {
        return ERR_STATE;
    }
    if (expires_ms == 0) {
        expiries_remove(expiries, at);
        return ERR_OK;
    }
    if (is_there) {
        expiries->list[at].expires_ms = expires_ms;
        return ERR_OK;
    }
    return insert(expiries, at, (struct roster_expiry){key, expires_ms});
}

enum err expiries_write(const struct expiries *expiries, struct span extensions, uint8_t **out,
                        size_t *out_len)
{
    assert(expiries && out && out_len);
    const size_t value_room = expiries->count * EXPIRY_LEN + 3;
    const size_t room = extensions.len + sizeof EXTENSION_KEY_EXPIRES + 4 + value_room;
    uint8_t *made = malloc(room + value_room); // the map, and behind it room for the value
    if (!made) {
        return ERR_NO_SPACE;
    }
    struct cbor_writer writer;
    struct cbor_writer value;
    cbor_write(&writer, made, room);
    cbor_write(&value, made + room, value_room);
    roster_extensions_put(&writer, extensions, expiries->list, expiries->count, &value);
    *out_len = cbor_written(&writer);
    assert(*out_len > 0);
    *out = made;
    return ERR_OK;
}
