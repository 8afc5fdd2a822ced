// SPDX-License-Identifier: EUPL-1.2
// Writes a keyring as JSON. Where the keys come from is keyring.c's.
#include "json/keyring_text.h"

#include <string.h>

static void write_since(const struct keyring *keyring, int32_t at, struct text *out)
{
    text_key(out, "since_version");
    if (at < 0) {
        text_null(out);
    } else {
        text_uint(out, keyring->since[at]);
    }
}

static void write_fingerprint(const uint8_t key[static KEY_LEN], struct text *out)
{
    uint8_t fingerprint[KEY_FINGERPRINT_LEN];
    key_fingerprint(key, fingerprint);
    text_key(out, "fingerprint");
    text_hex(out, fingerprint, sizeof fingerprint);
}

static void write_expiry(const struct keyring *keyring, const uint8_t key[static KEY_LEN],
                         struct text *out)
{
    text_key(out, "expires");
    text_time(out, keyring->roster != NULL ? roster_key_expires_ms(keyring->roster, key) : 0);
}

// Names are for people; of other groups this version knows none.
static void write_group(const struct keyring *keyring, const uint8_t group[static TAG_LEN],
                        struct text *out)
{
    uint8_t all[TAG_LEN] = {0};
    if (keyring->roster != NULL) {
        group_all_members(keyring->roster->federation, all);
    }
    text_key(out, "group");
    text_hex(out, group, TAG_LEN);
    text_key(out, "all_members");
    text_bool(out, keyring->roster != NULL && memcmp(group, all, TAG_LEN) == 0);
}

static void write_own(const struct keyring *keyring, const struct own_key *key, const char *wrapped,
                      struct text *out)
{
    text_open(out, '{');
    text_key(out, "kind");
    text_string(out, key_kind_text(key->kind));
    if (key->kind == KEY_GROUP) {
        text_key(out, "fingerprint");
        text_hex(out, key->public_key + TAG_LEN, TAG_LEN);
        write_group(keyring, key->public_key, out);
    } else {
        write_fingerprint(key->public_key, out);
        write_since(keyring, key->at, out);
        write_expiry(keyring, key->public_key, out);
    }
    if (key->is_next) {
        text_key(out, "next");
        text_bool(out, true);
    }
    text_key(out, "written");
    text_time(out, key->written_ms);
    text_key(out, "kept");
    text_string(out, key->is_wrapped ? wrapped : "none");
    text_close(out, '}');
}

static bool is_own(const struct keyring *keyring, size_t at)
{
    for (size_t i = 0; i < keyring->own_count; i++) {
        if (keyring->own[i].at == (int32_t)at) {
            return true;
        }
    }
    return false;
}

static void write_other(const struct keyring *keyring, size_t at, struct text *out)
{
    const struct roster_key key = roster_key_at(keyring->roster, at);
    text_open(out, '{');
    text_key(out, "kind");
    text_string(out, key_kind_text(key.kind));
    if (key.is_second) {
        text_key(out, "second");
        text_bool(out, true);
    }
    if (key.kind != KEY_AUTHORITY) {
        const struct roster_node *node = &keyring->roster->nodes[key.index];
        text_key(out, "node");
        text_span(out, node->name);
        text_key(out, "revoked");
        text_bool(out, node->is_revoked);
    }
    write_fingerprint(key.bytes, out);
    write_since(keyring, (int32_t)at, out);
    write_expiry(keyring, key.bytes, out);
    text_close(out, '}');
}

void keyring_write(const struct keyring *keyring, const char *wrapped, struct text *out)
{
    const size_t count = keyring->roster != NULL ? roster_keys_count(keyring->roster) : 0;
    text_open(out, '{');
    text_key(out, "own");
    text_open(out, '[');
    for (size_t i = 0; i < keyring->own_count; i++) {
        write_own(keyring, &keyring->own[i], wrapped, out);
    }
    text_close(out, ']');
    text_key(out, "others");
    text_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (!is_own(keyring, i) && roster_key_at(keyring->roster, i).bytes != NULL) {
            write_other(keyring, i, out);
        }
    }
    text_close(out, ']');
    text_close(out, '}');
}
