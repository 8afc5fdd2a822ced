// SPDX-License-Identifier: EUPL-1.2
// Short messages that leave together, between spans and bytes. PROTOCOL.md 17.9.
#ifndef WIRE_PARCEL_H
#define WIRE_PARCEL_H

#include "wire/message.h"

enum {
    PARCEL_HEAD = 4,         // bytes around the messages, at most
    PARCEL_MESSAGE_HEAD = 5, // and around each
};

// Of a reader of MESSAGE_PARCEL, into spans of what it reads; returns how many there are, 0 when
// they are no good ones. What is in the messages is not looked at beyond their type.
size_t parcel_get(struct message_reader *reader, struct span list[static PARCEL_MAX]);
void parcel_put(struct cbor_writer *writer, const struct span *list, size_t count);

#endif
