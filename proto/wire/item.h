// SPDX-License-Identifier: EUPL-1.2
// Items that several messages have. PROTOCOL.md 8. A reader that has failed gives zeroes.
#ifndef WIRE_ITEM_H
#define WIRE_ITEM_H

#include "wire/message.h"

uint32_t item_get_author(struct cbor_reader *cbor); // an index of the roster
uint64_t item_get_seq(struct cbor_reader *cbor);    // 1..SEQ_MAX
// A flat list of `fields` values for each item. Returns the number of items.
size_t item_get_list(struct cbor_reader *cbor, size_t fields);
// Counts down the reader's list; false when nothing is left of it.
bool item_is_next(struct message_reader *reader);
// A prefix of an id, or null. Returns whether there is one; else `tag` is zeroes.
bool item_get_tag(struct cbor_reader *cbor, uint8_t tag[static TAG_LEN]);
void item_put_tag(struct cbor_writer *writer, bool is_there, const uint8_t tag[static TAG_LEN]);

#endif
