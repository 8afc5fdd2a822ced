// SPDX-License-Identifier: EUPL-1.2
// Questions for keys and answers to them that no honest node would send. What it asks for itself is
// well formed: whoever answers is at fault.
#include "sim/mischief_keys.h"

#include <string.h>

#include "sim/mischief.h"
#include "sim/world.h"
#include "wire/message.h"

enum { MESSAGE_ROOM = 256, FLOOD_MAX = 60, LIES_MAX = 40 };

static uint32_t any_member(struct world *world)
{
    return random_below(&world->random, world->federation.members + 1);
}

// A key there is, or, sometimes, none.
static void pick_key(struct world *world, uint8_t group[static TAG_LEN],
                     uint8_t key[static TAG_LEN])
{
    struct random *random = &world->random;
    random_fill(random, group, TAG_LEN);
    random_fill(random, key, TAG_LEN);
    if (world->groups.changes_count > 0 && random_permille(random, 800)) {
        const struct change_of_run *change =
            &world->groups.changes[random_below(random, world->groups.changes_count)];
        memcpy(group, world->groups.list[change->group].id, TAG_LEN);
        if (change->has_key && random_permille(random, 900)) {
            memcpy(key, change->key.id, TAG_LEN);
        }
    }
}

void mischief_ask_for_keys(struct world *world, const struct node *node)
{
    struct random *random = &world->random;
    uint32_t count = random_permille(random, 200) ? random_between(random, 2, FLOOD_MAX) : 1;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t buffer[MESSAGE_ROOM];
        struct cbor_writer writer;
        struct message_key_want want = {
            .requester = random_permille(random, 500) ? node->peer : any_member(world),
            .hops = (uint8_t)random_between(random, 0, KEY_HOPS_MAX)};
        pick_key(world, want.group, want.key);
        cbor_write(&writer, buffer, sizeof buffer);
        message_put_key_want(&writer, &want);
        mischief_deliver(world, node, &writer, false);
    }
}

// Noise, a key of its own making, or another one of this run, under the name of the one asked for.
static struct sealed_key lie(struct world *world, uint32_t requester,
                             const uint8_t group[static TAG_LEN], const uint8_t key[static TAG_LEN])
{
    struct random *random = &world->random;
    struct sealed_key sealed;
    struct group_key other;
    uint8_t chance[32];
    random_fill(random, sealed.sealed, sizeof sealed.sealed);
    random_fill(random, other.secret, sizeof other.secret);
    if (world->groups.changes_count > 0 && random_permille(random, 300)) {
        const struct group_key *held =
            &world->groups.changes[random_below(random, world->groups.changes_count)].key;
        // That very key is none of its own to give, nor to be bounced back to itself.
        other = memcmp(held->id, key, TAG_LEN) == 0 ? other : *held;
    }
    random_fill(random, chance, sizeof chance);
    if (requester < world->federation.members && random_permille(random, 600)) {
        enum err err =
            group_key_seal(&other, world->federation.transports[requester], chance, &sealed);
        (void)err; // then it stays noise
    }
    memcpy(sealed.group, group, TAG_LEN);
    memcpy(sealed.key, key, TAG_LEN);
    return sealed;
}

static void write_lie(struct world *world, const struct message_key_want *want,
                      struct cbor_writer *writer)
{
    struct message_key key = {.requester = want->requester,
                              .sealed = lie(world, want->requester, want->group, want->key)};
    message_put_key(writer, &key);
}

void mischief_send_keys(struct world *world, const struct node *node)
{
    uint8_t buffer[MESSAGE_ROOM];
    struct cbor_writer writer;
    struct message_key_want want = {.requester = any_member(world)};
    pick_key(world, want.group, want.key);
    cbor_write(&writer, buffer, sizeof buffer);
    write_lie(world, &want, &writer);
    mischief_deliver(world, node, &writer, false);
}

// Many lies at once, before anyone else can answer.
static void answer(struct world *world, const struct node *node, uint32_t to,
                   const struct message_key_want *want)
{
    struct random *random = &world->random;
    uint32_t count = random_permille(random, 500) ? 1 : random_between(random, 2, LIES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t buffer[MESSAGE_ROOM];
        struct cbor_writer writer;
        cbor_write(&writer, buffer, sizeof buffer);
        write_lie(world, want, &writer);
        network_pass(world, &(struct passage){.from = node->index,
                                              .to = to,
                                              .bytes = {buffer, cbor_written(&writer)}});
    }
}

// Claims that the question has come a shorter way than it has.
static void pass_on(struct world *world, const struct node *node,
                    const struct message_key_want *want)
{
    uint8_t buffer[MESSAGE_ROOM];
    struct cbor_writer writer;
    struct message_key_want longer = *want;
    longer.hops = KEY_HOPS_MAX;
    cbor_write(&writer, buffer, sizeof buffer);
    message_put_key_want(&writer, &longer);
    mischief_deliver(world, node, &writer, false);
}

static void open_key(struct world *world, const struct node *node, const struct message_key *key)
{
    struct group_key opened;
    if (group_key_unseal(&key->sealed, world->federation.transports[node->peer],
                         world->federation.transport_secrets[node->peer], &opened) == ERR_OK) {
        groups_audit_key(world, node->peer, &opened);
    }
}

void mischief_hear_key(struct world *world, struct node *node, const struct happening *frame)
{
    struct message_reader reader;
    struct message_key_want want;
    struct message_key key;
    message_read(&reader, (struct span){frame->bytes, frame->len});
    if (reader.type == MESSAGE_KEY) {
        message_get_key(&reader, &key);
        if (message_finish(&reader) == ERR_OK && !frame->is_live) {
            open_key(world, node, &key);
        }
        return;
    }
    if (reader.type != MESSAGE_KEY_WANT) {
        return;
    }
    message_get_key_want(&reader, &want);
    if (message_finish(&reader) != ERR_OK) {
        return;
    }
    if (random_permille(&world->random, 700)) {
        answer(world, node, frame->other, &want);
    }
    if (random_permille(&world->random, 300)) {
        pass_on(world, node, &want);
    }
}
