// SPDX-License-Identifier: EUPL-1.2
// Wants between structs and bytes. PROTOCOL.md 8.5, 8.12. What is served is the engine's.
#include <assert.h>
#include <string.h>

#include "sitrep/header.h"
#include "wire/item.h"
#include "wire/message.h"

enum {
    FIELDS = 4,      // of the message, its type included
    FIELDS_LONG = 6, // with a pick
    WANT_FIELDS = 5,
    STRETCH_FIELDS = 5,
    PICK_FIELDS = 4,
};

static void get_pick(struct cbor_reader *cbor, struct message_pick *pick)
{
    struct selection *const selection = &pick->selection;

    cbor_get_array_of(cbor, PICK_FIELDS);
    selection->precedence = (uint8_t)cbor_get_uint_max(cbor, PRECEDENCES - 1); // [3.1]
    pick->newest = (uint8_t)cbor_get_uint_max(cbor, UINT8_MAX);
    pick->only = cbor_get_bool(cbor);
    selection->groups_count = cbor_get_array(cbor);
    if (selection->groups_count > SELECTION_GROUPS_MAX) { // [8.12]
        cbor_fail(cbor, ERR_LIMIT);
        selection->groups_count = 0;
    }
    for (size_t i = 0; i < selection->groups_count; i++) {
        cbor_get_exact(cbor, selection->groups[i], TAG_LEN);
        if (i > 0 && memcmp(selection->groups[i - 1], selection->groups[i], TAG_LEN) >= 0) {
            cbor_fail(cbor, ERR_MALFORMED);
        }
    }
}

static void put_pick(struct cbor_writer *writer, const struct message_pick *pick)
{
    const struct selection *const selection = &pick->selection;

    assert(selection->precedence < PRECEDENCES);
    assert(selection->groups_count <= SELECTION_GROUPS_MAX);
    cbor_put_array(writer, PICK_FIELDS);
    cbor_put_uint(writer, selection->precedence);
    cbor_put_uint(writer, pick->newest);
    cbor_put_bool(writer, pick->only);
    cbor_put_array(writer, selection->groups_count);
    for (size_t i = 0; i < selection->groups_count; i++) {
        assert(i == 0 || memcmp(selection->groups[i - 1], selection->groups[i], TAG_LEN) < 0);
        cbor_put_bytes(writer, selection->groups[i], TAG_LEN);
    }
}

static void get_held(struct cbor_reader *cbor, struct message_wants *wants)
{
    wants->held_count = item_get_list(cbor, STRETCH_FIELDS);
    if (wants->held_count > STRETCHES_MAX) { // [8.12]
        cbor_fail(cbor, ERR_LIMIT);
        wants->held_count = 0;
    }
    for (size_t i = 0; i < wants->held_count; i++) {
        struct message_stretch *const stretch = &wants->held[i];

        stretch->author = item_get_author(cbor);
        stretch->epoch = cbor_get_uint_max(cbor, EPOCH_MAX);
        stretch->first = item_get_seq(cbor);
        stretch->last = item_get_seq(cbor);
        cbor_get_exact(cbor, stretch->id, TAG_LEN);
        if (stretch->first > stretch->last) {
            cbor_fail(cbor, ERR_MALFORMED);
        }
    }
}

static void put_held(struct cbor_writer *writer, const struct message_wants *wants)
{
    assert(wants->held_count <= STRETCHES_MAX);
    cbor_put_array(writer, wants->held_count * STRETCH_FIELDS);
    for (size_t i = 0; i < wants->held_count; i++) {
        assert(wants->held[i].first >= 1 && wants->held[i].first <= wants->held[i].last);
        cbor_put_uint(writer, wants->held[i].author);
        cbor_put_uint(writer, wants->held[i].epoch);
        cbor_put_uint(writer, wants->held[i].first);
        cbor_put_uint(writer, wants->held[i].last);
        cbor_put_bytes(writer, wants->held[i].id, TAG_LEN);
    }
}

void message_get_wants(struct message_reader *reader, struct message_wants *wants)
{
    assert(reader->type == MESSAGE_WANT);
    *wants = (struct message_wants){.has_pick = reader->is_long};
    wants->restart = cbor_get_bool(&reader->cbor);
    wants->credit = cbor_get_uint_max(&reader->cbor, CREDIT_MAX);
    if (wants->has_pick) {
        get_pick(&reader->cbor, &wants->pick);
        get_held(&reader->cbor, wants);
    }
    reader->left = item_get_list(&reader->cbor, WANT_FIELDS);
}

bool message_next_want(struct message_reader *reader, struct message_want *want)
{
    if (!item_is_next(reader)) {
        return false;
    }
    want->author = item_get_author(&reader->cbor);
    want->epoch = cbor_get_uint_max(&reader->cbor, EPOCH_MAX);
    want->from = item_get_seq(&reader->cbor);
    want->to = item_get_seq(&reader->cbor);
    if (want->from > want->to) {
        cbor_fail(&reader->cbor, ERR_MALFORMED);
    }
    want->has_tip = item_get_tag(&reader->cbor, want->tip);
    return reader->cbor.err == ERR_OK;
}

void message_put_wants(struct cbor_writer *writer, const struct message_wants *fixed,
                       const struct message_want *wants, size_t count)
{
    assert(fixed->credit <= CREDIT_MAX);
    cbor_put_array(writer, fixed->has_pick ? FIELDS_LONG : FIELDS);
    cbor_put_uint(writer, MESSAGE_WANT);
    cbor_put_bool(writer, fixed->restart);
    cbor_put_uint(writer, fixed->credit);
    if (fixed->has_pick) {
        put_pick(writer, &fixed->pick);
        put_held(writer, fixed);
    }
    cbor_put_array(writer, count * WANT_FIELDS);
    for (size_t i = 0; i < count; i++) {
        assert(wants[i].from >= 1);
        assert(wants[i].from <= wants[i].to);
        cbor_put_uint(writer, wants[i].author);
        cbor_put_uint(writer, wants[i].epoch);
        cbor_put_uint(writer, wants[i].from);
        cbor_put_uint(writer, wants[i].to);
        item_put_tag(writer, wants[i].has_tip, wants[i].tip);
    }
}
