// SPDX-License-Identifier: EUPL-1.2
// Fuzz target: an entry as JSON, of a known kind or not. What is accepted is a body as the protocol
// has it, fits the room that is kept for it, and comes back as the same body. Input that is a body
// itself is shown.
// needs: node/json/body_json.c node/json/content_json.c node/json/decimal_text.c
// needs: node/json/text.c node/json/rfc3339.c
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "content_names.h"
#include "fuzz/fuzz.h"
#include "json/body_json.h"
#include "sitrep/seal.h"

struct body {
    uint8_t *bytes;
    size_t len;
};

static enum err make_body(const struct body_parts *parts, struct cbor_writer *out,
                          char why[static WHY_SIZE])
{
    const struct content_names names = names_fake();
    const char *name = json_string_value(parts->kind);
    const struct kind *kind =
        name == NULL ? NULL : kind_find((struct span){(const uint8_t *)name, strlen(name)});
    enum err err = ERR_OK;
    if (kind != NULL) {
        err = content_lower(kind, parts->fields, &names, why);
    }
    if (err == ERR_OK) {
        err = body_from_json(parts, out, why);
    }
    if (err == ERR_OK) {
        err = content_may_be_published((struct span){out->start, cbor_written(out)}, why);
    }
    return err;
}

static enum err encode(const void *bytes, size_t len, struct body *body)
{
    char why[WHY_SIZE] = "";
    json_t *json = body_parse(bytes, len, why);
    if (json == NULL) {
        assert(why[0] != '\0');
        return ERR_MALFORMED;
    }
    struct body_parts parts = {json_object_get(json, "kind"), json_object_get(json, "text"),
                               json_object_get(json, "fields")};
    size_t size = body_bound(len);
    struct cbor_writer out;
    body->bytes = malloc(size);
    assert(body->bytes != NULL);
    cbor_write(&out, body->bytes, size);
    enum err err = make_body(&parts, &out, why);
    // The room is enough, so nothing is refused for its size.
    assert(err == ERR_OK || (err == ERR_MALFORMED && why[0] != '\0'));
    assert(memchr(why, '\0', sizeof why) != NULL);
    body->len = err == ERR_OK ? cbor_written(&out) : 0;
    json_decref(json);
    return err;
}

static void decode(struct span content, struct text *text)
{
    const struct content_names names = names_fake();
    text_open(text, '{');
    body_to_json(content, &names, text);
    text_close(text, '}');
    assert(!text->has_failed);
    json_t *json = json_loadb(text->bytes, text->len, JSON_REJECT_DUPLICATES, NULL);
    assert(json != NULL);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct body first = {0};
    struct body second = {0};
    struct text text = {0};
    struct span kind;
    if (encode(data, size, &first) == ERR_OK) {
        struct span content = {first.bytes, first.len};
        assert(body_check(content, &kind) == ERR_OK);
        decode(content, &text);
        enum err err = encode(text.bytes, text.len, &second);
        assert(err == ERR_OK);
        assert(first.len == second.len);
        assert(memcmp(first.bytes, second.bytes, first.len) == 0);
    }
    text_clear(&text);
    if (body_check((struct span){data, size}, &kind) == ERR_OK) {
        decode((struct span){data, size}, &text);
    }
    text_fini(&text);
    free(first.bytes);
    free(second.bytes);
    return 0;
}
