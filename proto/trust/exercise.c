// SPDX-License-Identifier: EUPL-1.2
// Exercises: their names, keys and messages. PROTOCOL.md 16. Who holds which is not known here.
#include "sitrep/exercise.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/roster.h"
#include "wire/message.h"

bool exercise_name_is_valid(const char *name)
{
    assert(name);
    return strcmp(name, "real") != 0 && roster_name_is_valid(name, strlen(name)); // [16.1]
}

void exercise_group_key(struct group_key *key, const uint8_t space[static ID_LEN],
                        const uint8_t secret[static SECRET_LEN])
{
    static const char label[] = "sitrep/exercise/1";
    uint8_t group[TAG_LEN];
    uint8_t derived[SECRET_LEN];
    crypto_generichash_blake2b_state state;
    int failed = crypto_generichash_blake2b_init(&state, secret, SECRET_LEN, sizeof derived);
    failed |= crypto_generichash_blake2b_update(&state, (const uint8_t *)label, sizeof label - 1);
    failed |= crypto_generichash_blake2b_update(&state, space, ID_LEN);
    failed |= crypto_generichash_blake2b_final(&state, derived, sizeof derived);
    assert(!failed);
    (void)failed;
    group_all_members(space, group);
    group_key_derive(key, group, derived);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(derived, sizeof derived);
}

bool exercise_is_wrapped(struct span frame)
{
    struct message_reader reader;
    message_read(&reader, frame);
    return reader.type == MESSAGE_SPACE;
}

size_t exercise_wrap(const uint8_t space[static ID_LEN], struct span message,
                     uint8_t out[static MESSAGE_MAX])
{
    struct message_space wrapped = {.message = message};
    struct cbor_writer writer;
    memcpy(wrapped.space, space, TAG_LEN);
    cbor_write(&writer, out, MESSAGE_MAX);
    message_put_space(&writer, &wrapped);
    const size_t len = cbor_written(&writer);
    assert(len > 0);
    return len;
}

enum err exercise_unwrap(struct span frame, uint8_t space[static TAG_LEN], struct span *message)
{
    struct message_reader reader;
    struct message_space wrapped;
    message_read(&reader, frame);
    if (reader.type != MESSAGE_SPACE) {
        return ERR_MALFORMED;
    }
    message_get_space(&reader, &wrapped);
    const enum err err = message_finish(&reader);
    if (err == ERR_OK) {
        memcpy(space, wrapped.space, TAG_LEN);
        *message = wrapped.message;
    }
    return err;
}
