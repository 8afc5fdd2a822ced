// SPDX-License-Identifier: EUPL-1.2
// Short messages that leave together, between spans and bytes [17.9].
#include "wire/parcel.h"

#include <assert.h>

size_t parcel_get(struct message_reader *reader, struct span list[static PARCEL_MAX])
{
    struct cbor_reader *const cbor = &reader->cbor;

    assert(reader->type == MESSAGE_PARCEL);
    const size_t count = cbor_get_array(cbor);
    if (count == 0) {
        cbor_fail(cbor, ERR_MALFORMED); // [17.9]
    } else if (count > PARCEL_MAX) {
        cbor_fail(cbor, ERR_LIMIT);
    }
    for (size_t i = 0; i < count && cbor->err == ERR_OK; i++) {
        list[i] = cbor_get_bytes(cbor);
        if (list[i].len == 0 || message_is_for_pacer(list[i])) {
            cbor_fail(cbor, ERR_MALFORMED);
        }
    }
    return cbor->err == ERR_OK ? count : 0;
}

void parcel_put(struct cbor_writer *writer, const struct span *list, size_t count)
{
    assert(count >= 1 && count <= PARCEL_MAX);
    cbor_put_array(writer, 2);
    cbor_put_uint(writer, MESSAGE_PARCEL);
    cbor_put_array(writer, count);
    for (size_t i = 0; i < count; i++) {
        assert(list[i].len > 0 && !message_is_for_pacer(list[i]));
        cbor_put_bytes(writer, list[i].bytes, list[i].len);
    }
}
