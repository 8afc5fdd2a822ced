// SPDX-License-Identifier: EUPL-1.2
// Proofs of forks as bytes, made and verified [10.6]. Whose key the author's is, and what to do
// about it, is not known here.
#include "sitrep/fork_proof.h"

#include <assert.h>
#include <string.h>

#include "sitrep/cose.h"
#include "sitrep/header.h"

enum { BRANCH_BYTES_MAX = 2 + RUN_ENTRIES_MAX * (2 + HEADER_MAX) + 2 + SIGNATURE_LEN };

static_assert(1 + 2 + ID_LEN + 1 + BRANCHES_MAX * BRANCH_BYTES_MAX <= FORK_PROOF_MAX,
              "the longest proof");

// Each header follows the one before; `last` is what the signature is over. ERR_MALFORMED where one
// does not.
static enum err check_chain(const struct fork_proof *proof, struct fork_branch *branch,
                            struct header *first)
{
    struct header header;
    uint8_t id[ID_LEN];
    for (size_t i = 0; i < branch->headers_count; i++) {
        const struct span bytes = branch->headers[i];
        const enum err err = header_decode(bytes.bytes, bytes.len, &header);
        if (err) {
            return err;
        }
        if (i == 0) {
            *first = header;
        } else if (header.epoch != first->epoch || header.seq != first->seq + i ||
                   memcmp(header.author, first->author, SIGN_KEY_LEN) != 0 ||
                   memcmp(header.prev, id, ID_LEN) != 0) {
            return ERR_MALFORMED;
        }
        header_id(proof->space, bytes.bytes, bytes.len, id);
        if (i == 0) {
            memcpy(branch->id, id, ID_LEN);
            branch->time = header.time;
        }
    }
    return ERR_OK;
}

// Whether it is a branch of what the proof is about, or, when it is the first, says so itself.
static enum err check_place(struct fork_proof *proof, const struct header *first)
{
    if (proof->branches_count == 0) {
        memcpy(proof->author, first->author, SIGN_KEY_LEN);
        proof->epoch = first->epoch;
        proof->seq = first->seq;
        return ERR_OK;
    }
    return proof->epoch == first->epoch && proof->seq == first->seq &&
                   memcmp(proof->author, first->author, SIGN_KEY_LEN) == 0
               ? ERR_OK
               : ERR_MALFORMED;
}

enum err fork_proof_add(struct fork_proof *proof, const struct fork_branch *branch)
{
    assert(proof && branch);
    assert(branch->headers_count >= 1);
    assert(branch->headers_count <= RUN_ENTRIES_MAX);
    struct fork_branch added = *branch;
    struct header first = {0};
    if (proof->branches_count == BRANCHES_MAX) {
        return ERR_LIMIT;
    }
    enum err err = check_chain(proof, &added, &first);
    if (err) {
        return err;
    }
    const struct span aad = {proof->space, ID_LEN};
    err = cose_verify(first.author, aad, added.headers[added.headers_count - 1], added.signature);
    if (err) {
        return err;
    }
    err = check_place(proof, &first);
    if (err) {
        return err;
    }
    size_t at = 0;
    while (at < proof->branches_count && memcmp(proof->branches[at].id, added.id, ID_LEN) < 0) {
        at++;
    }
    if (at < proof->branches_count && memcmp(proof->branches[at].id, added.id, ID_LEN) == 0) {
        return ERR_STATE;
    }
    memmove(&proof->branches[at + 1], &proof->branches[at],
            (proof->branches_count - at) * sizeof added);
    proof->branches[at] = added;
    proof->branches_count++;
    return ERR_OK;
}

static void get_branch(struct cbor_reader *reader, struct fork_branch *branch)
{
    *branch = (struct fork_branch){0};
    const size_t count = cbor_get_array(reader);
    if (!reader->err && count < 2) {
        cbor_fail(reader, ERR_MALFORMED);
    }
    if (count > RUN_ENTRIES_MAX + 1) {
        cbor_fail(reader, ERR_LIMIT);
    }
    for (size_t i = 0; i + 1 < count && !reader->err; i++) {
        branch->headers[i] = cbor_get_bytes(reader);
        branch->headers_count++;
    }
    cbor_get_exact(reader, branch->signature, SIGNATURE_LEN);
}

// Adds a branch that must come after those before it.
static enum err add_next(struct fork_proof *proof, const struct fork_branch *branch)
{
    const size_t before = proof->branches_count;
    uint8_t last[ID_LEN] = {0};
    if (before > 0) {
        memcpy(last, proof->branches[before - 1].id, ID_LEN);
    }
    const enum err err = fork_proof_add(proof, branch);
    if (err) {
        return err == ERR_STATE ? ERR_MALFORMED : err;
    }
    return before > 0 && memcmp(proof->branches[before - 1].id, last, ID_LEN) != 0 ? ERR_MALFORMED
                                                                                   : ERR_OK;
}

enum err fork_proof_decode(const uint8_t *bytes, size_t len, struct fork_proof *proof)
{
    assert(bytes && proof);
    struct fork_branch branch;
    struct cbor_reader reader;
    *proof = (struct fork_proof){0};
    if (len > FORK_PROOF_MAX) {
        return ERR_LIMIT;
    }
    cbor_read(&reader, bytes, len);
    cbor_get_array_of(&reader, 2);
    cbor_get_exact(&reader, proof->space, ID_LEN);
    const size_t count = cbor_get_array(&reader);
    if (!reader.err && count < 2) {
        cbor_fail(&reader, ERR_MALFORMED);
    }
    if (count > BRANCHES_MAX) {
        cbor_fail(&reader, ERR_LIMIT);
    }
    for (size_t i = 0; i < count && !reader.err; i++) {
        get_branch(&reader, &branch);
        const enum err err = reader.err ? reader.err : add_next(proof, &branch);
        if (err) {
            cbor_fail(&reader, err);
        }
    }
    return cbor_finish(&reader);
}

size_t fork_proof_encode(const struct fork_proof *proof, uint8_t out[static FORK_PROOF_MAX])
{
    assert(proof);
    assert(proof->branches_count >= 2);
    struct cbor_writer writer;
    cbor_write(&writer, out, FORK_PROOF_MAX);
    cbor_put_array(&writer, 2);
    cbor_put_bytes(&writer, proof->space, ID_LEN);
    cbor_put_array(&writer, proof->branches_count);
    for (size_t i = 0; i < proof->branches_count; i++) {
        const struct fork_branch *branch = &proof->branches[i];
        cbor_put_array(&writer, branch->headers_count + 1);
        for (size_t h = 0; h < branch->headers_count; h++) {
            cbor_put_bytes(&writer, branch->headers[h].bytes, branch->headers[h].len);
        }
        cbor_put_bytes(&writer, branch->signature, SIGNATURE_LEN);
    }
    const size_t len = cbor_written(&writer);
    assert(len > 0);
    return len;
}
