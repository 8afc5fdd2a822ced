// SPDX-License-Identifier: EUPL-1.2
// Short messages that leave together, between spans and bytes. PROTOCOL.md 17.9.
#ifndef WIRE_BUNDLE_H
#define WIRE_BUNDLE_H

#include "wire/message.h"

enum {
    BUNDLE_HEAD = 4,         // bytes around the messages, at most
    BUNDLE_MESSAGE_HEAD = 5, // and around each
};

// Of a reader of MESSAGE_BUNDLE, into spans of what it reads; returns how many there are, 0 when
// they are no good ones. What is in the messages is not looked at beyond their type.
size_t bundle_get(struct message_reader *reader, struct span list[static BUNDLE_MAX]);
void bundle_put(struct cbor_writer *writer, const struct span *list, size_t count);

#endif
