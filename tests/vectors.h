// SPDX-License-Identifier: EUPL-1.2
// Vectors: JSON files in proto/vectors that pin bytes, so that another implementation can be held
// against them. A test hands over what the files should say; a file that says something else fails.
// With SITREP_WRITE_VECTORS=1 the files, and the fuzz corpora made of them, are written anew.
//
// A file has "about", "accepted" and "refused" lists. Every case has "name" and "hex", every
// refused one "reason", the text of its error. Further keys are the format's own.
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "sitrep/err.h"

// One format: its file, what the file should say, and how its bytes are held against the code.
struct vectors {
    const char *name; // proto/vectors/NAME.json and tests/fuzz/corpus/NAME/, there without folders
    json_t *(*make)(void);
    enum err (*accept)(const uint8_t *bytes, size_t len); // decodes, and demands the round trip
    void (*check)(const json_t *accepted); // what else an accepted case claims; may be NULL
};

// Cuts `cut` bytes at `at` out of an accepted case's bytes and puts `hex` there: a refused case.
struct vectors_splice {
    const char *name;
    size_t at, cut;
    const char *hex;
    enum err err;
};

// A whole case: bytes as hex, and the error they are refused with, ERR_OK when they are not.
struct vectors_literal {
    const char *name;
    const char *hex;
    enum err err;
};

static inline json_t *vectors_hex(const uint8_t *bytes, size_t len)
{
    char *const text = malloc(2 * len + 1);

    assert_non_null(text);
    sodium_bin2hex(text, 2 * len + 1, bytes, len);
    json_t *const json = json_string(text);
    free(text);
    return json;
}

// The bytes of hex `text`; the caller frees them. Never NULL, also when there are none.
static inline uint8_t *vectors_bytes(const char *text, size_t *len)
{
    assert_non_null(text);
    const size_t size = strlen(text) / 2;
    uint8_t *const bytes = malloc(size + 1);

    assert_non_null(bytes);
    assert_int_equal(sodium_hex2bin(bytes, size + 1, text, strlen(text), NULL, len, NULL), 0);
    assert_int_equal(*len, size);
    return bytes;
}

// The field `key` of a case, which must be hex of exactly `len` bytes.
static inline void vectors_exact(const json_t *json, const char *key, uint8_t *out, size_t len)
{
    size_t found;
    uint8_t *const bytes = vectors_bytes(json_string_value(json_object_get(json, key)), &found);

    assert_int_equal(found, len);
    memcpy(out, bytes, len);
    free(bytes);
}

static inline json_t *vectors_file(const char *about)
{
    json_t *const file = json_object();

    json_object_set_new(file, "about", json_string(about));
    json_object_set_new(file, "accepted", json_array());
    json_object_set_new(file, "refused", json_array());
    return file;
}

// Adds an accepted case and returns it, for further keys.
static inline json_t *vectors_add_accepted(json_t *file, const char *name, const uint8_t *bytes,
                                           size_t len)
{
    json_t *const accepted = json_object();

    json_object_set_new(accepted, "name", json_string(name));
    json_object_set_new(accepted, "hex", vectors_hex(bytes, len));
    json_array_append_new(json_object_get(file, "accepted"), accepted);
    return accepted;
}

static inline void vectors_add_refused(json_t *file, const char *name, const uint8_t *bytes,
                                       size_t len, enum err err)
{
    json_t *const refused = json_object();

    json_object_set_new(refused, "name", json_string(name));
    json_object_set_new(refused, "hex", vectors_hex(bytes, len));
    json_object_set_new(refused, "reason", json_string(err_text(err)));
    json_array_append_new(json_object_get(file, "refused"), refused);
}

static inline void vectors_add_literals(json_t *file, const struct vectors_literal *literals,
                                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len;
        uint8_t *const bytes = vectors_bytes(literals[i].hex, &len);
        if (literals[i].err == ERR_OK) {
            vectors_add_accepted(file, literals[i].name, bytes, len);
        } else {
            vectors_add_refused(file, literals[i].name, bytes, len, literals[i].err);
        }
        free(bytes);
    }
}

static inline void vectors_add_splice(json_t *file, const uint8_t *bytes, size_t len,
                                      const struct vectors_splice *splice)
{
    size_t insert_len;
    uint8_t *const insert = vectors_bytes(splice->hex, &insert_len);
    uint8_t *const result = malloc(len + insert_len + 1);

    assert_non_null(result);
    assert_true(splice->at + splice->cut <= len);
    const size_t tail = len - splice->at - splice->cut;
    memcpy(result, bytes, splice->at);
    memcpy(result + splice->at, insert, insert_len);
    memcpy(result + splice->at + insert_len, bytes + splice->at + splice->cut, tail);
    vectors_add_refused(file, splice->name, result, splice->at + insert_len + tail, splice->err);
    free(result);
    free(insert);
}

// The bytes of every case, as the first inputs of the fuzz target of that name.
static inline void vectors_write_corpus(const char *name, const char *list, const json_t *cases)
{
    char path[256];
    size_t index;
    const json_t *item;

    (void)mkdir("tests/fuzz/corpus", 0755);
    assert_true(snprintf(path, sizeof path, "tests/fuzz/corpus/%s", name) < (int)sizeof path);
    (void)mkdir(path, 0755);
    json_array_foreach(cases, index, item)
    {
        size_t len;
        uint8_t *const bytes = vectors_bytes(json_string_value(json_object_get(item, "hex")), &len);
        assert_true(snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s-%02zu", name, list,
                             index) < (int)sizeof path);
        FILE *const file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, len, file), len);
        assert_int_equal(fclose(file), 0);
        free(bytes);
    }
}

static inline void vectors_write(const struct vectors *vectors, const char *path, json_t *file)
{
    const char *const slash = strrchr(vectors->name, '/');
    const char *const corpus = slash != NULL ? slash + 1 : vectors->name;

    assert_int_equal(json_dump_file(file, path, JSON_INDENT(2)), 0);
    FILE *const end = fopen(path, "a");
    assert_non_null(end);
    assert_int_equal(fputc('\n', end), '\n');
    assert_int_equal(fclose(end), 0);
    vectors_write_corpus(corpus, "accepted", json_object_get(file, "accepted"));
    vectors_write_corpus(corpus, "refused", json_object_get(file, "refused"));
}

static inline enum err vectors_accept(const struct vectors *vectors, const json_t *item)
{
    size_t len;
    uint8_t *const bytes = vectors_bytes(json_string_value(json_object_get(item, "hex")), &len);
    const enum err err = vectors->accept(bytes, len);

    free(bytes);
    return err;
}

// Holds the file as it is against the code.
static inline void vectors_check(const struct vectors *vectors, const json_t *file)
{
    const json_t *const accepted = json_object_get(file, "accepted");
    const json_t *const refused = json_object_get(file, "refused");
    size_t index;
    const json_t *item;

    assert_true(json_array_size(accepted) > 0);
    assert_true(json_array_size(refused) > 0);
    json_array_foreach(accepted, index, item)
    {
        const char *const name = json_string_value(json_object_get(item, "name"));
        const enum err err = vectors_accept(vectors, item);
        if (err != ERR_OK) {
            fail_msg("%s: \"%s\" is refused: %s", vectors->name, name, err_text(err));
        }
        if (vectors->check != NULL) {
            vectors->check(item);
        }
    }
    json_array_foreach(refused, index, item)
    {
        const char *const name = json_string_value(json_object_get(item, "name"));
        const char *const reason = json_string_value(json_object_get(item, "reason"));
        const enum err err = vectors_accept(vectors, item);
        assert_non_null(reason);
        if (strcmp(err_text(err), reason) != 0) {
            fail_msg("%s: \"%s\": \"%s\", not \"%s\"", vectors->name, name, err_text(err), reason);
        }
    }
}

// The whole test of one format.
static inline void vectors_test(const struct vectors *vectors)
{
    char path[256];
    json_error_t error;
    json_t *const expected = vectors->make();

    assert_true(snprintf(path, sizeof path, "proto/vectors/%s.json", vectors->name) <
                (int)sizeof path);
    if (getenv("SITREP_WRITE_VECTORS") != NULL) {
        vectors_write(vectors, path, expected);
    }
    json_t *const file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (file == NULL) {
        fail_msg("%s:%d: %s", path, error.line, error.text);
    }
    vectors_check(vectors, file);
    if (!json_equal(file, expected)) {
        fail_msg("%s differs from what the code makes", path);
    }
    json_decref(file);
    json_decref(expected);
}

#endif
