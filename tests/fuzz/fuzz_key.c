// SPDX-License-Identifier: EUPL-1.2
// Fuzzes the answers to questions for keys: the input as it comes, as the sealed key of a sound
// message, and as a secret that is properly sealed.
#include "fuzz/fuzz.h"
#include "roundtrip_trust.h"

static size_t put(const struct message_key *message, uint8_t out[static 128])
{
    struct cbor_writer writer;

    cbor_write(&writer, out, 128);
    message_put_key(&writer, message);
    const size_t len = cbor_written(&writer);
    roundtrip_demand(len > 0);
    return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message_key message = {.requester = 3};
    struct group_key wanted;
    struct group_key other;
    uint8_t transport[BOX_KEY_LEN];
    uint8_t transport_secret[BOX_KEY_LEN];
    uint8_t random[32] = {4};
    uint8_t bytes[128];

    (void)roundtrip_key_message(data, size);
    if (size < SECRET_LEN) {
        return 0;
    }
    roundtrip_wanted(&wanted, transport, transport_secret);
    group_key_derive(&other, wanted.group, data);
    roundtrip_demand(group_key_seal(&other, transport, random, &message.sealed) == ERR_OK);
    const bool is_wanted = memcmp(other.secret, wanted.secret, SECRET_LEN) == 0;
    roundtrip_demand(roundtrip_key_message(bytes, put(&message, bytes)) ==
                     (is_wanted ? ERR_OK : ERR_DENIED));
    memcpy(message.sealed.key, wanted.id, TAG_LEN);
    roundtrip_demand(roundtrip_key_message(bytes, put(&message, bytes)) ==
                     (is_wanted ? ERR_OK : ERR_DENIED));
    if (size >= sizeof message.sealed.sealed) {
        memcpy(message.sealed.sealed, data, sizeof message.sealed.sealed);
        (void)roundtrip_key_message(bytes, put(&message, bytes));
    }
    return 0;
}
