// SPDX-License-Identifier: EUPL-1.2
// GET /v1/entries/NAME: one entry with the proof that its author signed it: its own signature, or
// that of the next signed entry after it and the headers in between [3.6].
#include "api/entry.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/proof.h"
#include "reading/refs.h"
#include "reading/view.h"

enum { PROOF_SIZE = 16 + PROOF_MAX * (HEADER_MAX + 3) + SIGNATURE_LEN + 3 };

static void show_damaged(struct call *call, const char *name)
{
    reply_error(&call->reply, MHD_HTTP_SERVICE_UNAVAILABLE, "damaged",
                "%s is damaged in the store here; it is being fetched again from another node",
                name);
}

static void show_cose(struct call *call, const struct view *view, const struct proof *proof)
{
    uint8_t cose[COSE_HEADER_MAX];
    if (!view->record->is_signed) {
        char name[NAME_SIZE];
        name_format(&proof->signer, name);
        reply_error(&call->reply, MHD_HTTP_CONFLICT, "not_signed_itself",
                    "the signature of %s covers this entry, and it has none of its own here; "
                    "format=proof gives the headers up to there and that signature",
                    name);
        return;
    }
    size_t len =
        header_to_cose(proof->headers[0].bytes, proof->headers[0].len, proof->signature, cose);
    reply_bytes(&call->reply, "application/cose", (struct span){cose, len});
}

static void show_proof(struct call *call, const struct proof *proof)
{
    uint8_t buffer[PROOF_SIZE];
    struct cbor_writer out;
    cbor_write(&out, buffer, sizeof buffer);
    cbor_put_array(&out, proof->count + 1);
    for (size_t i = 0; i < proof->count; i++) {
        cbor_put_bytes(&out, proof->headers[i].bytes, proof->headers[i].len);
    }
    cbor_put_bytes(&out, proof->signature, SIGNATURE_LEN);
    size_t len = cbor_written(&out);
    assert(len > 0);
    reply_bytes(&call->reply, "application/cbor", (struct span){buffer, len});
}

static void show_json(struct call *call, const struct view *view, bool is_verified)
{
    const struct record *record = view->record;
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    view_write(call->view, view, out);
    text_key(out, "id");
    text_hex(out, record->id, ID_LEN);
    text_key(out, "prev");
    if (view->header.seq == 1) {
        text_null(out);
    } else {
        text_hex(out, view->header.prev, ID_LEN);
    }
    text_key(out, "signed");
    text_bool(out, record->is_signed);
    text_key(out, "size");
    text_uint(out, view->header.size);
    text_key(out, "verified");
    text_bool(out, is_verified);
    text_close(out, '}');
}

static void show_view(struct call *call, const struct view *view, const char *name)
{
    const char *format = call->args[ARG_FORMAT];
    struct proof *proof = calloc(1, sizeof *proof);
    enum err err = proof == NULL ? ERR_NO_SPACE
                                 : proof_make(proof, call->view, &view->named, view->record->seq);
    bool needs_proof = format != NULL && strcmp(format, "json") != 0;
    if (view->state == VIEW_DAMAGED || err == ERR_CORRUPT) {
        show_damaged(call, name);
    } else if (err != ERR_OK && (needs_proof || err != ERR_NOT_FOUND)) {
        reply_failed(&call->reply, err, "the signature that covers this entry");
    } else if (!needs_proof) {
        show_json(call, view, err == ERR_OK);
    } else if (strcmp(format, "cose") == 0) {
        show_cose(call, view, proof);
    } else {
        show_proof(call, proof);
    }
    free(proof);
}

static void show_not_found(struct call *call, enum err err, const struct name *name,
                           const char *letters)
{
    char text[NAME_SIZE];
    name_format(name, text);
    if (err == ERR_NOT_FOUND) {
        char why[WHY_SIZE];
        refs_not_found_text(desk_roster(call->view->desk), name, why);
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found", "%s", why);
        return;
    }
    if (err != ERR_STATE) {
        reply_failed(&call->reply, err, "the store");
        return;
    }
    char choices[BRANCHES_MAX * (NAME_SIZE + 2) + 1] = "";
    size_t len = 0;
    for (const char *letter = letters; *letter != '\0'; letter++) {
        len += (size_t)snprintf(choices + len, sizeof choices - len, "%s%s%c", len > 0 ? ", " : "",
                                text, *letter);
    }
    reply_error(&call->reply, MHD_HTTP_CONFLICT, "forked", "%s is forked; there are %s", text,
                choices);
}

void entry_show(struct call *call, const struct named *named)
{
    struct record_set set = {0};
    char name[NAME_SIZE];
    name_format(&named->name, name);
    struct sealer *sealer = NULL;
    enum err err =
        store_read(desk_store(call->view->desk), named->chain.number, named->name.seq, 1, 1, &set);
    if ((err == ERR_OK && set.count == 1) && (sealer = sealers_get(call->view->sealers)) != NULL) {
        struct view view = {.record = &set.records[0], .is_named = true, .named = *named};
        view_open(call->view, sealer, &view);
        show_view(call, &view, name);
        sealers_put(call->view->sealers, sealer);
    } else if (err == ERR_OK && set.count == 1) {
        reply_failed(&call->reply, ERR_NO_SPACE, "memory");
    } else if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_CORRUPT) {
        reply_failed(&call->reply, err, "the store");
    } else if (named->name.seq >= named->chain.first_seq &&
               named->name.seq <= named->chain.head_seq) {
        // Without a gap up to the head, so it was here.
        desk_report_damaged(call->view->desk, named->chain.number, named->name.seq);
        show_damaged(call, name);
    } else {
        show_not_found(call, ERR_NOT_FOUND, &named->name, "");
    }
    record_set_fini(&set);
}

bool entry_find(struct call *call, const char *text, struct named *named)
{
    struct name name;
    const char *why;
    char letters[BRANCHES_MAX + 1];
    if (name_parse(text, &name, &why) != ERR_OK) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
        return false;
    }
    const enum err err =
        naming_find(call->view->naming, desk_roster(call->view->desk), &name, named, letters);
    if (err != ERR_OK) {
        show_not_found(call, err, &name, letters);
    }
    return err == ERR_OK;
}

bool entry_read(struct call *call, const char *text, struct named *named, struct record_set *set)
{
    if (!entry_find(call, text, named)) {
        return false;
    }
    const enum err err =
        store_read(desk_store(call->view->desk), named->chain.number, named->name.seq, 1, 1, set);
    if (err != ERR_OK || set->count != 1) {
        show_not_found(call, ERR_NOT_FOUND, &named->name, "");
        return false;
    }
    return true;
}

void entry_get(struct call *call)
{
    const char *format = call->args[ARG_FORMAT];
    if (format != NULL && strcmp(format, "json") != 0 && strcmp(format, "cose") != 0 &&
        strcmp(format, "proof") != 0) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                    "format must be json, cose or proof");
        return;
    }
    struct named named;
    if (entry_find(call, call->tail, &named)) {
        entry_show(call, &named);
    }
}
