// SPDX-License-Identifier: EUPL-1.2
// Releases as bytes, made, and opened [15]. That the entry is its author's was checked before by
// its signature; who may read the release itself is its own sealing's business.
#include "sitrep/release.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

enum { FIELDS = 6 };

static void put_name(struct cbor_writer *writer, const char *name)
{
    cbor_put_text(writer, name, strlen(name));
}

size_t release_encode(const struct release *release, uint8_t out[static RELEASE_BODY_MAX])
{
    assert(release);
    assert(release->author < NODES_MAX);
    assert(release->epoch <= EPOCH_MAX);
    assert(release->seq >= 1);
    assert(release->seq <= SEQ_MAX);
    struct cbor_writer writer;
    cbor_write(&writer, out, RELEASE_BODY_MAX);
    cbor_put_map(&writer, FIELDS); // in the order of their encoding [1.1]
    put_name(&writer, "id");
    cbor_put_bytes(&writer, release->id, ID_LEN);
    put_name(&writer, "key");
    cbor_put_bytes(&writer, release->key, ENTRY_KEY_LEN);
    put_name(&writer, "seq");
    cbor_put_uint(&writer, release->seq);
    put_name(&writer, "kind");
    put_name(&writer, "release");
    put_name(&writer, "epoch");
    cbor_put_uint(&writer, release->epoch);
    put_name(&writer, "author");
    cbor_put_uint(&writer, release->author);
    const size_t len = cbor_written(&writer);
    assert(len > 0);
    return len;
}

static void get_name(struct cbor_reader *reader, const char *name)
{
    const struct span text = cbor_get_text(reader);
    if (text.len != strlen(name) || memcmp(text.bytes, name, text.len) != 0) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

enum err release_decode(struct span content, struct release *release)
{
    assert(release);
    struct release read = {0};
    struct cbor_reader reader;
    cbor_read(&reader, content.bytes, content.len);
    if (cbor_get_map(&reader) != FIELDS) {
        cbor_fail(&reader, ERR_MALFORMED);
    }
    get_name(&reader, "id");
    cbor_get_exact(&reader, read.id, ID_LEN);
    get_name(&reader, "key");
    cbor_get_exact(&reader, read.key, ENTRY_KEY_LEN);
    get_name(&reader, "seq");
    read.seq = cbor_get_uint_max(&reader, SEQ_MAX);
    get_name(&reader, "kind");
    get_name(&reader, "release");
    get_name(&reader, "epoch");
    read.epoch = cbor_get_uint_max(&reader, EPOCH_MAX);
    get_name(&reader, "author");
    read.author = (uint32_t)cbor_get_uint_max(&reader, NODES_MAX - 1);
    enum err err = cbor_finish(&reader);
    if (!err && read.seq == 0) {
        err = ERR_MALFORMED; // [3.2]
    }
    if (!err) {
        *release = read;
    }
    sodium_memzero(&read, sizeof read);
    return err;
}

static void entry_id(const struct release_entry *entry, uint8_t id[static ID_LEN])
{
    uint8_t bytes[HEADER_MAX];
    const size_t len = header_encode(entry->header, bytes);
    header_id(entry->space, bytes, len, id);
}

// Whether the sealed bytes are those the header signs [3.4].
static bool is_whole(const struct release_entry *entry)
{
    uint8_t digest[DIGEST_LEN];
    header_digest(entry->sealed.bytes, entry->sealed.len, digest);
    return entry->sealed.len == entry->header->size &&
           memcmp(digest, entry->header->digest, DIGEST_LEN) == 0;
}

static bool is_release(struct span kind)
{
    static const char name[] = "release";
    return kind.len == sizeof name - 1 && memcmp(kind.bytes, name, kind.len) == 0;
}

enum err release_make(struct sealer *sealer, const struct group_key *key,
                      const struct release_entry *entry, struct release *release)
{
    assert(sealer && key && entry && release);
    const int32_t author = roster_find_signing(entry->roster, entry->header->author);
    if (author < 0 || !is_whole(entry)) {
        return ERR_DENIED;
    }
    struct span content;
    struct span kind;
    enum err err = seal_open(sealer, key, entry->header, entry->sealed, &content);
    if (err) {
        return err;
    }
    err = body_check(content, &kind);
    if (err) {
        return err;
    }
    if (is_release(kind)) {
        return ERR_STATE; // [15.4]
    }
    *release = (struct release){
        .author = (uint32_t)author, .epoch = entry->header->epoch, .seq = entry->header->seq};
    entry_id(entry, release->id);
    seal_entry_key(key, entry->header, entry->sealed.bytes, release->key);
    return ERR_OK;
}

// [15.2]
static bool names(const struct release *release, const struct release_entry *entry)
{
    uint8_t id[ID_LEN];
    if (release->author >= entry->roster->nodes_count) {
        return false;
    }
    const uint8_t *const author = entry->roster->nodes[release->author].signing;
    entry_id(entry, id);
    return memcmp(release->id, id, ID_LEN) == 0 &&
           memcmp(author, entry->header->author, SIGN_KEY_LEN) == 0 &&
           release->epoch == entry->header->epoch && release->seq == entry->header->seq;
}

enum err release_open(struct sealer *sealer, const struct release *release,
                      const struct release_entry *entry, struct span *content)
{
    assert(sealer && release && entry && content);
    *content = (struct span){NULL, 0};
    if (!names(release, entry) || !is_whole(entry)) {
        return ERR_DENIED;
    }
    return seal_open_with(sealer, release->key, entry->header, entry->sealed, content);
}
