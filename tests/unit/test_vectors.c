// SPDX-License-Identifier: EUPL-1.2
// Vectors of items, headers and COSE objects: what each file pins, and that the code agrees.
// tests/vectors.h says how files are written anew.
#include "roundtrip.h"
#include "vectors.h"

static const uint8_t space[ID_LEN] = {
    0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
    0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
};

static const struct vectors_literal cbor_cases[] = {
    {"zero", "00", ERR_OK},
    {"largest of one byte", "17", ERR_OK},
    {"smallest of two bytes", "1818", ERR_OK},
    {"smallest of three bytes", "190100", ERR_OK},
    {"smallest of five bytes", "1a00010000", ERR_OK},
    {"smallest of nine bytes", "1b0000000100000000", ERR_OK},
    {"largest", "1bffffffffffffffff", ERR_OK},
    {"minus one", "20", ERR_OK},
    {"smallest", "3bffffffffffffffff", ERR_OK},
    {"empty byte string", "40", ERR_OK},
    {"byte string", "43010203", ERR_OK},
    {"empty text", "60", ERR_OK},
    {"text of every length of character", "6ac3a9e282acf09d849e41", ERR_OK},
    {"largest character", "64f48fbfbf", ERR_OK},
    {"false, true, null", "83f4f5f6", ERR_OK},
    {"empty array", "80", ERR_OK},
    {"empty map", "a0", ERR_OK},
    {"eight levels", "8181818181818180", ERR_OK},
    {"keys ascending, also by their type", "a50001187802200341000461616105", ERR_OK},
    {"shorter text key first",
     "a2616201626161"
     "02",
     ERR_OK},
    {"array as key", "a1820102a0", ERR_OK},
    {"nothing", "", ERR_MALFORMED},
    {"bytes after the end", "0000", ERR_MALFORMED},
    {"zero in two bytes", "1800", ERR_MALFORMED},
    {"23 in two bytes", "1817", ERR_MALFORMED},
    {"255 in three bytes", "1900ff", ERR_MALFORMED},
    {"65535 in five bytes", "1a0000ffff", ERR_MALFORMED},
    {"2^32-1 in nine bytes", "1b00000000ffffffff", ERR_MALFORMED},
    {"minus one in two bytes", "3800", ERR_MALFORMED},
    {"length in two bytes", "580100", ERR_MALFORMED},
    {"count in two bytes", "980100", ERR_MALFORMED},
    {"integer cut off", "1901", ERR_MALFORMED},
    {"byte string cut off", "430102", ERR_MALFORMED},
    {"array cut off", "8200", ERR_MALFORMED},
    {"map cut off after a key", "a100", ERR_MALFORMED},
    {"length of 2^64-1", "5bffffffffffffffff", ERR_MALFORMED},
    {"count of 2^64-1", "9bffffffffffffffff00", ERR_MALFORMED},
    {"pairs of 2^63", "bb800000000000000000", ERR_MALFORMED},
    {"reserved length 28", "1c", ERR_MALFORMED},
    {"reserved length 30", "5e", ERR_MALFORMED},
    {"byte string of indefinite length", "5f4100ff", ERR_MALFORMED},
    {"text of indefinite length", "7f6161ff", ERR_MALFORMED},
    {"array of indefinite length", "9f00ff", ERR_MALFORMED},
    {"map of indefinite length", "bf0000ff", ERR_MALFORMED},
    {"break", "ff", ERR_MALFORMED},
    {"tag", "c000", ERR_MALFORMED},
    {"tag of nothing", "c0", ERR_MALFORMED},
    {"tag counted as an item", "82c000", ERR_MALFORMED},
    {"tag 18", "d28000", ERR_MALFORMED},
    {"undefined", "f7", ERR_MALFORMED},
    {"simple value 0", "e0", ERR_MALFORMED},
    {"simple value 19", "f3", ERR_MALFORMED},
    {"simple value 32", "f820", ERR_MALFORMED},
    {"false in two bytes", "f814", ERR_MALFORMED},
    {"half float", "f90000", ERR_MALFORMED},
    {"float", "fa00000000", ERR_MALFORMED},
    {"double", "fb0000000000000000", ERR_MALFORMED},
    {"nine levels", "818181818181818180", ERR_LIMIT},
    {"nine levels of maps", "a100a100a100a100a100a100a100a100a0", ERR_LIMIT},
    {"keys descending", "a201000000", ERR_MALFORMED},
    {"key twice", "a200010002", ERR_MALFORMED},
    {"longer text key first", "a262616101616202", ERR_MALFORMED},
    {"array key twice", "a2810000810000", ERR_MALFORMED},
    {"keys descending one level down", "81a201000000", ERR_MALFORMED},
    {"text begins inside a character", "6180", ERR_MALFORMED},
    {"text ends inside a character", "61c3", ERR_MALFORMED},
    {"overlong character of two bytes", "62c080", ERR_MALFORMED},
    {"overlong character of three bytes", "63e09fbf", ERR_MALFORMED},
    {"overlong character of four bytes", "64f08fbfbf", ERR_MALFORMED},
    {"surrogate", "63eda080", ERR_MALFORMED},
    {"above the largest character", "64f4908080", ERR_MALFORMED},
    {"first byte f5", "64f5808080", ERR_MALFORMED},
    {"third byte is no continuation", "63e28241", ERR_MALFORMED},
};

static json_t *make_cbor(void)
{
    json_t *const file = vectors_file("Deterministic CBOR, PROTOCOL.md 1.1 and 1.2.");

    vectors_add_literals(file, cbor_cases, sizeof cbor_cases / sizeof *cbor_cases);
    return file;
}

struct header_case {
    const char *name;
    uint64_t epoch, seq, time;
    uint8_t precedence;
    uint32_t size;
};

static const struct header_case header_cases[] = {
    {"first entry", 0, 1, UINT64_C(0x018f000000000000), PRIORITY, 400},
    {"later entry", 1, 1042, UINT64_C(0x018f000000010003), FLASH, 8192},
    {"smallest values", 0, 1, 0, ROUTINE, SEALED_MIN},
    {"largest values", EPOCH_MAX, SEQ_MAX, INT64_MAX, FLASH, SEALED_MAX},
};

// Offsets are those of the first entry: author at 1, epoch 35, seq 36, prev 37, time 38, precedence
// 47, group 48, key 57, size 66, digest 69, end 103.
static const struct vectors_splice header_splices[] = {
    {"author of 31 bytes", 1, 3, "581f", ERR_MALFORMED},
    {"author as text", 1, 1, "78", ERR_MALFORMED},
    {"epoch over 2^32-1", 35, 1, "1b0000000100000000", ERR_LIMIT},
    {"epoch negative", 35, 1, "20", ERR_MALFORMED},
    {"epoch in two bytes", 35, 1, "1800", ERR_MALFORMED},
    {"seq 0", 36, 1, "00", ERR_MALFORMED},
    {"seq 0 with prev", 36, 2,
     "0058202222222222222222222222222222222222222222222222222222222222222222", ERR_MALFORMED},
    {"seq over 2^53", 36, 2, "1b0020000000000001f6", ERR_LIMIT},
    {"seq 2 without prev", 36, 1, "02", ERR_MALFORMED},
    {"seq 1 with prev", 37, 1,
     "5820222222222222222222222222222222222222222222222222222222222222"
     "2222",
     ERR_MALFORMED},
    {"prev of 8 bytes", 36, 2, "02482222222222222222", ERR_MALFORMED},
    {"time over 2^63-1", 38, 9, "1b8000000000000000", ERR_LIMIT},
    {"time negative", 38, 9, "20", ERR_MALFORMED},
    {"precedence 4", 47, 1, "04", ERR_LIMIT},
    {"group of 7 bytes", 48, 2, "47", ERR_MALFORMED},
    {"key null", 57, 9, "f6", ERR_MALFORMED},
    {"size 48", 66, 3, "1830", ERR_MALFORMED},
    {"size over 65536", 66, 3, "1a00010001", ERR_LIMIT},
    {"digest missing", 69, 34, "", ERR_MALFORMED},
    {"array of 9", 0, 1, "89", ERR_MALFORMED},
    {"array of 11", 0, 1, "8b", ERR_MALFORMED},
    {"map", 0, 1, "aa", ERR_MALFORMED},
    {"tagged", 0, 0, "c1", ERR_MALFORMED},
    {"byte after the end", 103, 0, "00", ERR_MALFORMED},
    {"last byte missing", 102, 1, "", ERR_MALFORMED},
};

// `key` signs in all vectors: the key of the seed of 32 bytes of 01.
static void make_key(struct signing_key *key, uint8_t public_key[static SIGN_KEY_LEN])
{
    uint8_t seed[SIGN_KEY_LEN];

    memset(seed, 1, sizeof seed);
    signing_key_from_seed(key, seed, public_key);
}

static void fill_header(struct header *header, const struct header_case *from)
{
    struct signing_key key;

    *header = (struct header){.epoch = from->epoch, .seq = from->seq, .time = from->time};
    header->precedence = from->precedence;
    header->size = from->size;
    make_key(&key, header->author);
    memset(header->prev, from->seq == 1 ? 0 : 0x22, ID_LEN);
    memset(header->group, 0x33, TAG_LEN);
    memset(header->key, 0x44, TAG_LEN);
    memset(header->digest, 0x55, DIGEST_LEN);
}

static void set_number(json_t *json, const char *name, uint64_t number)
{
    json_object_set_new(json, name, json_integer((json_int_t)number));
}

static void describe_header(json_t *json, const struct header *header)
{
    char time[24];

    (void)snprintf(time, sizeof time, "%llu", (unsigned long long)header->time);
    json_object_set_new(json, "author", vectors_hex(header->author, SIGN_KEY_LEN));
    set_number(json, "epoch", header->epoch);
    set_number(json, "seq", header->seq);
    json_object_set_new(json, "prev",
                        header->seq == 1 ? json_null() : vectors_hex(header->prev, ID_LEN));
    json_object_set_new(json, "time", json_string(time));
    set_number(json, "precedence", header->precedence);
    json_object_set_new(json, "group", vectors_hex(header->group, TAG_LEN));
    json_object_set_new(json, "key", vectors_hex(header->key, TAG_LEN));
    set_number(json, "size", header->size);
    json_object_set_new(json, "digest", vectors_hex(header->digest, DIGEST_LEN));
}

static void make_header(json_t *file, const struct header_case *from)
{
    struct header header;
    struct signing_key key;
    uint8_t bytes[HEADER_MAX];
    uint8_t cose[COSE_HEADER_MAX];
    uint8_t id[ID_LEN];
    uint8_t signature[SIGNATURE_LEN];

    fill_header(&header, from);
    make_key(&key, header.author);
    const size_t len = header_encode(&header, bytes);
    header_id(space, bytes, len, id);
    (void)cose_sign(&key, (struct span){space, ID_LEN}, (struct span){bytes, len}, signature);
    const size_t cose_len = header_to_cose(bytes, len, signature, cose);

    json_t *const json = vectors_add_accepted(file, from->name, bytes, len);
    describe_header(json, &header);
    json_object_set_new(json, "seed", vectors_hex(key.bytes, SIGN_KEY_LEN));
    json_object_set_new(json, "space", vectors_hex(space, ID_LEN));
    json_object_set_new(json, "id", vectors_hex(id, ID_LEN));
    json_object_set_new(json, "signature", vectors_hex(signature, SIGNATURE_LEN));
    json_object_set_new(json, "cose", vectors_hex(cose, cose_len));
}

static json_t *make_headers(void)
{
    json_t *const file = vectors_file("Entry headers, their ids and signatures, PROTOCOL.md 2 and "
                                      "3. time is text, because it exceeds 2^53.");
    struct header header;
    uint8_t bytes[HEADER_MAX];

    for (size_t i = 0; i < sizeof header_cases / sizeof *header_cases; i++) {
        make_header(file, &header_cases[i]);
    }
    fill_header(&header, &header_cases[0]);
    const size_t len = header_encode(&header, bytes);
    for (size_t i = 0; i < sizeof header_splices / sizeof *header_splices; i++) {
        vectors_add_splice(file, bytes, len, &header_splices[i]);
    }
    return file;
}

static uint64_t number_of(const json_t *json, const char *name)
{
    const json_t *const number = json_object_get(json, name);

    assert_true(json_is_integer(number));
    return (uint64_t)json_integer_value(number);
}

static void header_of(const json_t *json, struct header *header)
{
    *header = (struct header){.epoch = number_of(json, "epoch"), .seq = number_of(json, "seq")};
    vectors_exact(json, "author", header->author, SIGN_KEY_LEN);
    if (!json_is_null(json_object_get(json, "prev"))) {
        vectors_exact(json, "prev", header->prev, ID_LEN);
    }
    header->time = strtoull(json_string_value(json_object_get(json, "time")), NULL, 10);
    header->precedence = (uint8_t)number_of(json, "precedence");
    vectors_exact(json, "group", header->group, TAG_LEN);
    vectors_exact(json, "key", header->key, TAG_LEN);
    header->size = (uint32_t)number_of(json, "size");
    vectors_exact(json, "digest", header->digest, DIGEST_LEN);
}

// From the fields alone: bytes, id, key pair, signature and COSE object.
static void check_header(const json_t *json)
{
    struct header header;
    struct signing_key key;
    uint8_t seed[SIGN_KEY_LEN], public_key[SIGN_KEY_LEN], in_space[ID_LEN];
    uint8_t id[ID_LEN], expected_id[ID_LEN];
    uint8_t signature[SIGNATURE_LEN], expected_signature[SIGNATURE_LEN];
    uint8_t bytes[HEADER_MAX], expected_bytes[HEADER_MAX];
    uint8_t cose[COSE_HEADER_MAX], expected_cose[COSE_HEADER_MAX];

    header_of(json, &header);
    const size_t len = header_encode(&header, bytes);
    vectors_exact(json, "hex", expected_bytes, len);
    assert_memory_equal(bytes, expected_bytes, len);

    vectors_exact(json, "space", in_space, ID_LEN);
    vectors_exact(json, "id", expected_id, ID_LEN);
    header_id(in_space, bytes, len, id);
    assert_memory_equal(id, expected_id, ID_LEN);

    vectors_exact(json, "seed", seed, SIGN_KEY_LEN);
    vectors_exact(json, "signature", expected_signature, SIGNATURE_LEN);
    signing_key_from_seed(&key, seed, public_key);
    assert_memory_equal(public_key, header.author, SIGN_KEY_LEN);
    (void)cose_sign(&key, (struct span){in_space, ID_LEN}, (struct span){bytes, len}, signature);
    assert_memory_equal(signature, expected_signature, SIGNATURE_LEN);

    const size_t cose_len = header_to_cose(bytes, len, signature, cose);
    vectors_exact(json, "cose", expected_cose, cose_len);
    assert_memory_equal(cose, expected_cose, cose_len);
}

// Offsets are those of a payload of three bytes: protected 1, unprotected 5, payload 6, signature
// 10, end 76.
static const struct vectors_splice cose_splices[] = {
    {"algorithm ES256", 1, 4, "43a10126", ERR_MALFORMED},
    {"algorithm none", 1, 4, "40", ERR_MALFORMED},
    {"protected header with a key id", 1, 4, "46a20127044101", ERR_MALFORMED},
    {"protected header not wrapped", 1, 4, "a10127", ERR_MALFORMED},
    {"payload and signature unprotected", 5, 1, "a1", ERR_MALFORMED},
    {"something unprotected", 5, 1, "a10127", ERR_MALFORMED},
    {"unprotected null", 5, 1, "f6", ERR_MALFORMED},
    {"payload detached", 6, 4, "f6", ERR_MALFORMED},
    {"payload as text", 6, 1, "63", ERR_MALFORMED},
    {"signature of 63 bytes", 10, 3, "583f", ERR_MALFORMED},
    {"signature missing", 10, 66, "", ERR_MALFORMED},
    {"tag 18", 0, 0, "d2", ERR_MALFORMED},
    {"array of 3", 0, 1, "83", ERR_MALFORMED},
    {"array of indefinite length", 0, 1, "9f", ERR_MALFORMED},
    {"byte after the end", 76, 0, "00", ERR_MALFORMED},
};

static size_t make_cose(json_t *file, const char *name, const char *aad, struct span payload,
                        uint8_t out[static COSE_HEADER_MAX])
{
    const struct span use = {(const uint8_t *)aad, strlen(aad)};
    struct signing_key key;
    uint8_t public_key[SIGN_KEY_LEN];
    uint8_t signature[SIGNATURE_LEN];

    make_key(&key, public_key);
    (void)cose_sign(&key, use, payload, signature);
    const size_t len = cose_encode(payload, signature, out, COSE_HEADER_MAX);
    assert_true(len > 0);
    json_t *const json = vectors_add_accepted(file, name, out, len);
    json_object_set_new(json, "seed", vectors_hex(key.bytes, SIGN_KEY_LEN));
    json_object_set_new(json, "public key", vectors_hex(public_key, SIGN_KEY_LEN));
    json_object_set_new(json, "aad", vectors_hex(use.bytes, use.len));
    json_object_set_new(json, "payload", vectors_hex(payload.bytes, payload.len));
    json_object_set_new(json, "signature", vectors_hex(signature, SIGNATURE_LEN));
    return len;
}

static json_t *make_coses(void)
{
    static const uint8_t payload[100] = {1, 2, 3};
    json_t *const file = vectors_file("COSE_Sign1 objects, PROTOCOL.md 2.");
    uint8_t cose[COSE_HEADER_MAX];

    make_cose(file, "empty payload", "sitrep/request/1", (struct span){payload, 0}, cose);
    make_cose(file, "longer payload", "sitrep/roster/1", (struct span){payload, 100}, cose);
    const size_t len =
        make_cose(file, "short payload", "sitrep/invitation/1", (struct span){payload, 3}, cose);
    for (size_t i = 0; i < sizeof cose_splices / sizeof *cose_splices; i++) {
        vectors_add_splice(file, cose, len, &cose_splices[i]);
    }
    return file;
}

static void check_cose(const json_t *json)
{
    struct span payload;
    size_t len, aad_len, expected_len;
    uint8_t signature[SIGNATURE_LEN], public_key[SIGN_KEY_LEN];
    uint8_t *const cose = vectors_bytes(json_string_value(json_object_get(json, "hex")), &len);
    uint8_t *const aad = vectors_bytes(json_string_value(json_object_get(json, "aad")), &aad_len);
    uint8_t *const expected =
        vectors_bytes(json_string_value(json_object_get(json, "payload")), &expected_len);

    vectors_exact(json, "public key", public_key, SIGN_KEY_LEN);
    assert_int_equal(cose_decode(cose, len, &payload, signature), ERR_OK);
    assert_int_equal(payload.len, expected_len);
    assert_memory_equal(payload.bytes, expected, expected_len);
    assert_int_equal(cose_verify(public_key, (struct span){aad, aad_len}, payload, signature),
                     ERR_OK);
    free(cose);
    free(aad);
    free(expected);
}

static void test_cbor(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"cbor", make_cbor, roundtrip_cbor, NULL});
}

static void test_header(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"header", make_headers, roundtrip_header, check_header});
}

static void test_cose(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"cose", make_coses, roundtrip_cose, check_cose});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cbor),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_cose),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
