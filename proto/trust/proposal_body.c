// SPDX-License-Identifier: EUPL-1.2
// The body of an entry that carries a proposal [5.24]. What the proposal says is proposal.c's.
#include <assert.h>
#include <string.h>

#include "sitrep/cbor.h"
#include "sitrep/proposal.h"

static const char kind_name[] = "kind";
static const char kind[] = PROPOSAL_KIND;
static const char proposal_name[] = "proposal";

size_t proposal_body_encode(struct span proposal, uint8_t *out, size_t size)
{
    assert(out);
    struct cbor_writer writer;
    cbor_write(&writer, out, size);
    cbor_put_map(&writer, 2); // in the order of their encoding [1.1]
    cbor_put_text(&writer, kind_name, sizeof kind_name - 1);
    cbor_put_text(&writer, kind, sizeof kind - 1);
    cbor_put_text(&writer, proposal_name, sizeof proposal_name - 1);
    cbor_put_bytes(&writer, proposal.bytes, proposal.len);
    return cbor_written(&writer);
}

static void get_text(struct cbor_reader *reader, const char *wanted, size_t len)
{
    const struct span text = cbor_get_text(reader);
    if (text.len != len || memcmp(text.bytes, wanted, len) != 0) {
        cbor_fail(reader, ERR_MALFORMED);
    }
}

enum err proposal_body_decode(struct span content, struct span *proposal)
{
    assert(proposal);
    struct cbor_reader reader;
    cbor_read(&reader, content.bytes, content.len);
    if (cbor_get_map(&reader) != 2) {
        cbor_fail(&reader, ERR_MALFORMED);
    }
    get_text(&reader, kind_name, sizeof kind_name - 1);
    get_text(&reader, kind, sizeof kind - 1);
    get_text(&reader, proposal_name, sizeof proposal_name - 1);
    const struct span read = cbor_get_bytes(&reader);
    const enum err err = cbor_finish(&reader);
    if (!err) {
        *proposal = read;
    }
    return err;
}
