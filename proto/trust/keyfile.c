// SPDX-License-Identifier: EUPL-1.2
// Secrets at rest as bytes: wrapped under a passphrase, or plainly marked as not wrapped. Neither
// opens files nor asks for passphrases.
#include "sitrep/keyfile.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/cbor.h"

enum {
    KIND_LEN_MAX = 32,
    PARAM_SALT_LEN = crypto_pwhash_SALTBYTES,
    NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    BOX_OVERHEAD = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    WRAP_KEY_LEN = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    PASSES_MAX = 10,
    MEMORY_MAX = 1024 * 1024 * 1024, // bytes
};

static const char magic[] = "sitrep/keys/1";

static_assert(PARAM_SALT_LEN + NONCE_LEN == 40, "what keyfile_wrap is given");
static_assert(1 + sizeof magic + 2 + KIND_LEN_MAX + 5 + 1 + 5 + 5 + 1 + PARAM_SALT_LEN + 2 +
                      NONCE_LEN + 5 + BOX_OVERHEAD <=
                  KEYFILE_OVERHEAD,
              "the longest frame around a secret");

struct keyfile {
    struct span kind;
    struct span public;
    struct span front; // the encoded items before the nonce: what the box is bound to
    bool is_wrapped;
    uint64_t passes;
    uint64_t memory; // bytes
    uint8_t salt[PARAM_SALT_LEN];
    uint8_t nonce[NONCE_LEN];
    struct span box;
};

static enum err derive(uint8_t key[static WRAP_KEY_LEN], const char *passphrase,
                       const struct keyfile *file)
{
    const int failed =
        crypto_pwhash(key, WRAP_KEY_LEN, passphrase, strlen(passphrase), file->salt, file->passes,
                      (size_t)file->memory, crypto_pwhash_ALG_ARGON2ID13);
    return failed ? ERR_NO_SPACE : ERR_OK;
}

// Everything before the nonce, but the outermost array's head.
static void put_front(struct cbor_writer *writer, const struct keyfile *file)
{
    cbor_put_text(writer, magic, sizeof magic - 1);
    cbor_put_text(writer, (const char *)file->kind.bytes, file->kind.len);
    cbor_put_bytes(writer, file->public.bytes, file->public.len);
    if (!file->is_wrapped) {
        cbor_put_null(writer);
        return;
    }
    cbor_put_array(writer, 3);
    cbor_put_uint(writer, file->passes);
    cbor_put_uint(writer, file->memory);
    cbor_put_bytes(writer, file->salt, sizeof file->salt);
}

enum err keyfile_wrap(const struct keyfile_content *content, const char *passphrase,
                      const uint8_t random[static 40], uint8_t *out, size_t *out_len)
{
    assert(content && content->kind && out && out_len);
    assert(strlen(content->kind) >= 1);
    assert(strlen(content->kind) <= KIND_LEN_MAX);
    const struct span secret = content->secret;
    if (secret.len < 1 || secret.len > KEYFILE_SECRET_MAX || content->public.len < 1 ||
        content->public.len > KEYFILE_PUBLIC_MAX) {
        return ERR_LIMIT;
    }
    struct keyfile file = {
        .kind = {(const uint8_t *)content->kind, strlen(content->kind)},
        .public = content->public,
        .is_wrapped = passphrase != NULL,
        .passes = crypto_pwhash_OPSLIMIT_MODERATE,
        .memory = crypto_pwhash_MEMLIMIT_MODERATE,
        .box = secret,
    };
    struct cbor_writer writer;
    cbor_write(&writer, out, content->public.len + secret.len + KEYFILE_OVERHEAD);
    cbor_put_array(&writer, 6);
    if (passphrase) {
        memcpy(file.salt, random, PARAM_SALT_LEN);
        memcpy(file.nonce, random + PARAM_SALT_LEN, NONCE_LEN);
    }
    put_front(&writer, &file);
    cbor_put_bytes(&writer, file.nonce, sizeof file.nonce);

    uint8_t box[KEYFILE_SECRET_MAX + BOX_OVERHEAD];
    if (passphrase) {
        uint8_t key[WRAP_KEY_LEN];
        enum err err = derive(key, passphrase, &file);
        if (err) {
            return err;
        }
        const size_t front_len = (size_t)(writer.at - out) - 1 - (2 + NONCE_LEN);
        crypto_aead_xchacha20poly1305_ietf_encrypt(box, NULL, secret.bytes, secret.len, out + 1,
                                                   front_len, NULL, file.nonce, key);
        sodium_memzero(key, sizeof key);
        file.box = (struct span){box, secret.len + BOX_OVERHEAD};
    }
    cbor_put_bytes(&writer, file.box.bytes, file.box.len);
    *out_len = cbor_written(&writer);
    assert(*out_len > 0);
    return ERR_OK;
}

// The Argon2id parameters, or null. Bounded before anything is computed with them.
static void get_parameters(struct cbor_reader *reader, struct keyfile *file)
{
    file->is_wrapped = !cbor_take_null(reader);
    if (!file->is_wrapped) {
        return;
    }
    cbor_get_array_of(reader, 3);
    file->passes = cbor_get_uint_max(reader, PASSES_MAX);
    file->memory = cbor_get_uint_max(reader, MEMORY_MAX);
    cbor_get_exact(reader, file->salt, sizeof file->salt);
    if (!reader->err &&
        (file->passes < crypto_pwhash_OPSLIMIT_MIN || file->memory < crypto_pwhash_MEMLIMIT_MIN)) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

static enum err read_file(const uint8_t *bytes, size_t len, struct keyfile *file)
{
    *file = (struct keyfile){0};
    struct cbor_reader reader;
    cbor_read(&reader, bytes, len);
    cbor_get_array_of(&reader, 6);
    const uint8_t *front = reader.at;
    struct span found = cbor_get_text(&reader);
    if (!reader.err &&
        (found.len != sizeof magic - 1 || memcmp(found.bytes, magic, found.len) != 0)) {
        cbor_fail(&reader, ERR_MALFORMED);
    }
    file->kind = cbor_get_text(&reader);
    if (file->kind.len > KIND_LEN_MAX) {
        cbor_fail(&reader, ERR_LIMIT);
    }
    file->public = cbor_get_bytes(&reader);
    get_parameters(&reader, file);
    if (!reader.err) {
        file->front = (struct span){front, (size_t)(reader.at - front)};
    }
    cbor_get_exact(&reader, file->nonce, sizeof file->nonce);
    file->box = cbor_get_bytes(&reader);
    const enum err err = cbor_finish(&reader);
    if (err) {
        return err;
    }
    const size_t overhead = file->is_wrapped ? BOX_OVERHEAD : 0;
    if (file->box.len > KEYFILE_SECRET_MAX + overhead || file->public.len > KEYFILE_PUBLIC_MAX) {
        return ERR_LIMIT;
    }
    if (file->kind.len == 0 || file->public.len == 0 || file->box.len <= overhead ||
        (!file->is_wrapped && !sodium_is_zero(file->nonce, sizeof file->nonce))) {
        return ERR_MALFORMED;
    }
    return ERR_OK;
}

enum err keyfile_inspect(const uint8_t *bytes, size_t len, struct keyfile_facts *facts)
{
    assert(bytes && facts);
    struct keyfile file;
    const enum err err = read_file(bytes, len, &file);
    if (err) {
        return err;
    }
    *facts = (struct keyfile_facts){file.kind, file.public, file.is_wrapped};
    return ERR_OK;
}

static enum err open_box(const struct keyfile *file, const char *passphrase, uint8_t *secret)
{
    uint8_t key[WRAP_KEY_LEN];
    const enum err err = derive(key, passphrase, file);
    if (err) {
        return err;
    }
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        secret, NULL, NULL, file->box.bytes, file->box.len, file->front.bytes, file->front.len,
        file->nonce, key);
    sodium_memzero(key, sizeof key);
    return failed ? ERR_DENIED : ERR_OK;
}

// The contract's own six parameters.
// NOLINTNEXTLINE(readability-function-size)
enum err keyfile_unwrap(const char *kind, const char *passphrase, const uint8_t *bytes, size_t len,
                        uint8_t *secret, size_t *secret_len)
{
    assert(kind && bytes && secret && secret_len);
    struct keyfile file;
    enum err err = read_file(bytes, len, &file);
    if (err) {
        return err;
    }
    if (file.kind.len != strlen(kind) || memcmp(file.kind.bytes, kind, file.kind.len) != 0 ||
        (file.is_wrapped && !passphrase)) {
        return ERR_DENIED;
    }
    if (!file.is_wrapped) {
        memcpy(secret, file.box.bytes, file.box.len);
        *secret_len = file.box.len;
        return ERR_OK;
    }
    err = open_box(&file, passphrase, secret);
    if (err) {
        return err;
    }
    *secret_len = file.box.len - BOX_OVERHEAD;
    return ERR_OK;
}
