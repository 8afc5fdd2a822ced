// SPDX-License-Identifier: EUPL-1.2
// References in vectors of stories, and the files these lie in.
#ifndef TESTS_UNIT_STORY_JSON_H
#define TESTS_UNIT_STORY_JSON_H

#include "sitrep/content.h"
#include "vectors.h"

static inline json_t *ref_json(const struct ref *ref)
{
    char tag[2 * TAG_LEN + 1];

    sodium_bin2hex(tag, sizeof tag, ref->tag, TAG_LEN);
    return json_pack("[I,I,I,s]", (json_int_t)ref->author, (json_int_t)ref->epoch,
                     (json_int_t)ref->seq, tag);
}

static inline struct ref ref_of(const json_t *json)
{
    struct ref ref = {
        .author = (uint32_t)json_integer_value(json_array_get(json, 0)),
        .epoch = (uint32_t)json_integer_value(json_array_get(json, 1)),
        .seq = (uint64_t)json_integer_value(json_array_get(json, 2)),
    };
    size_t len;
    uint8_t *const tag = vectors_bytes(json_string_value(json_array_get(json, 3)), &len);

    assert_int_equal(len, TAG_LEN);
    memcpy(ref.tag, tag, TAG_LEN);
    free(tag);
    return ref;
}

// "3/1/7": as in bodies; "3/1/7/aa" of another tag.
static inline struct ref ref_told(const char *text)
{
    struct ref ref = {0};
    char *at;

    ref.author = (uint32_t)strtoul(text, &at, 10);
    ref.epoch = (uint32_t)strtoul(at + 1, &at, 10);
    ref.seq = strtoull(at + 1, &at, 10);
    memset(ref.tag, (int)(*at == '/' ? strtoul(at + 1, NULL, 16) : ref.seq), TAG_LEN);
    return ref;
}

// Down to so many levels each member has a line.
static inline void write_lines(FILE *file, json_t *json, int levels)
{
    const bool is_object = json_is_object(json);
    const char *key;
    json_t *value;
    size_t index = 0;

    if (levels == 0 || (!is_object && !json_is_array(json))) {
        (void)json_dumpf(json, file, JSON_COMPACT | JSON_ENCODE_ANY);
        return;
    }
    (void)fputs(is_object ? "{\n" : "[\n", file);
    if (is_object) {
        json_object_foreach(json, key, value)
        {
            (void)fprintf(file, "%s\"%s\":", index++ > 0 ? ",\n" : "", key);
            write_lines(file, value, levels - 1);
        }
    } else {
        json_array_foreach(json, index, value)
        {
            (void)fputs(index > 0 ? ",\n" : "", file);
            write_lines(file, value, levels - 1);
        }
    }
    (void)fputs(is_object ? "\n}" : "\n]", file);
}

// Holds what a file should say against what it says, or writes it; drops `expected`.
static inline void story_file_check(const char *path, json_t *expected, int levels)
{
    json_error_t error;

    if (getenv("SITREP_WRITE_VECTORS") != NULL) {
        FILE *const out = fopen(path, "w");
        assert_non_null(out);
        write_lines(out, expected, levels);
        assert_int_equal(fputc('\n', out), '\n');
        assert_int_equal(fclose(out), 0);
    }
    json_t *const file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (file == NULL) {
        fail_msg("%s:%d: %s", path, error.line, error.text);
    }
    if (!json_equal(file, expected)) {
        fail_msg("%s differs from what the code makes", path);
    }
    json_decref(file);
    json_decref(expected);
}

#endif
