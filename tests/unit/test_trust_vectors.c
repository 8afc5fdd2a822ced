// SPDX-License-Identifier: EUPL-1.2
// Vectors of sealed bodies, bodies, armour, words and key files. Those of rosters and of joining
// are in test_join_vectors.c; tests/vectors.h says how files are written anew.
#include "roundtrip_trust.h"
#include "sitrep/exercise.h"
#include "trust/words.h"
#include "vectors.h"

static void set_text(json_t *json, const char *name, const char *text)
{
    json_object_set_new(json, name, json_string(text));
}

static void set_number(json_t *json, const char *name, uint64_t number)
{
    json_object_set_new(json, name, json_integer((json_int_t)number));
}

static void set_hex(json_t *json, const char *name, const uint8_t *bytes, size_t len)
{
    json_object_set_new(json, name, vectors_hex(bytes, len));
}

static json_t *make_sealing_context(void)
{
    json_t *const context = json_object();
    struct group_key key;
    struct header header;
    uint8_t group[TAG_LEN];
    uint8_t space[ID_LEN];

    roundtrip_sealing(&key, &header);
    set_hex(context, "group secret", key.secret, SECRET_LEN);
    set_hex(context, "group", key.group, TAG_LEN);
    set_hex(context, "key id", key.id, TAG_LEN);
    set_hex(context, "author", header.author, SIGN_KEY_LEN);
    set_number(context, "epoch", header.epoch);
    set_number(context, "seq", header.seq);
    uint8_t federation[ID_LEN];
    memset(federation, 5, sizeof federation);
    set_hex(context, "federation", federation, ID_LEN);
    group_all_members(federation, group);
    set_hex(context, "group of all members", group, TAG_LEN);
    space_of_exercise(federation, "spring 2025", space);
    set_text(context, "exercise", "spring 2025");
    set_hex(context, "space of the exercise", space, ID_LEN);
    struct group_key derived;
    exercise_group_key(&derived, space, key.secret);
    set_hex(context, "secret of the exercise", derived.secret, SECRET_LEN);
    set_hex(context, "key id of the exercise", derived.id, TAG_LEN);
    return context;
}

struct plain_case {
    const char *name;
    const char *plain; // compression byte and what follows, as hex
    const char *content;
    enum err err;
};

// Frames are put together by hand, for what a compressor writes differs between its versions.
static const struct plain_case plain_cases[] = {
    {"not compressed", "00a1646b696e64666e6f74696365", "a1646b696e64666e6f74696365", ERR_OK},
    {"empty content", "00", "", ERR_OK},
    {"frame of five equal bytes", "0128b52ffd20052b000078", "7878787878", ERR_OK},
    {"frame of a raw block", "0128b52ffd2003190000616263", "616263", ERR_OK},
    {"block of literals", "021861626300", "616263", ERR_OK},
    {"block of five equal bytes", "02297800", "7878787878", ERR_OK},
    {"block that repeats the dictionary's end",
     "0208610154010301"
     "0b",
     "6164746578", ERR_OK},
    {"block that repeats the dictionary's beginning", "0208610154010d01e03a", "613c3f786d", ERR_OK},
    {"block that repeats its last byte",
     "0208610154010001"
     "01",
     "6161616161", ERR_OK},
    {"block with the dictionary's tables", "0240676c696e6b207570023c3c0a57581a08",
     "a2646b696e64666e6f746963656474657874676c696e6b207570", ERR_OK},
    {"report with the dictionary",
     "024878536c7569732c2e2e0bfc9f54b4247bc0727c9b40cebe9629e8ab8f93d8577531caa4e8c4bedc0e",
     "a2646b696e64667265706f72746474657874785344696a6b206c656b742062696a20646520736c7569732c207a616"
     "e"
     "647a616b6b656e2067657672616167642e205665726b65657220776f726474206f6d67656c6569642c206765656e2"
     "0"
     "6765776f6e64656e2e",
     ERR_OK},
    {"no block", "02", "", ERR_MALFORMED},
    {"block cut off", "0218616263", "", ERR_MALFORMED},
    {"bytes after the block", "02186162630078", "", ERR_MALFORMED},
    {"block of nothing", "020000", "", ERR_MALFORMED},
    {"block of 128 KiB and a byte", "021d00207800", "", ERR_MALFORMED},
    {"block that reaches behind the dictionary",
     "0208610154010f01"
     "0080",
     "", ERR_MALFORMED},
    {"block whose sequence has bits left",
     "0208610154010301"
     "001b",
     "", ERR_MALFORMED},
    {"block with its header", "022d0000297800", "", ERR_MALFORMED},
    {"frame with the dictionary", "0228b52ffd20052b000078", "", ERR_MALFORMED},
    {"unknown compression", "03616263", "", ERR_MALFORMED},
    {"no frame", "01", "", ERR_MALFORMED},
    {"frame cut off", "0128b52ffd20052b0000", "", ERR_MALFORMED},
    {"bytes after the frame", "0128b52ffd20052b00007800", "", ERR_MALFORMED},
    {"two frames", "0128b52ffd20052b00007828b52ffd20052b000078", "", ERR_MALFORMED},
    {"skippable frame", "01502a4d180100000078", "", ERR_MALFORMED},
    {"frame without its content size", "0128b52ffd00582b000078", "", ERR_MALFORMED},
    {"frame with a dictionary id", "0128b52ffd2107052b000078", "", ERR_MALFORMED},
    {"frame states more than it holds", "0128b52ffd20062b000078", "", ERR_MALFORMED},
    {"frame states less than it holds", "0128b52ffd20042b000078", "", ERR_MALFORMED},
    {"frame states 1 MiB and a byte", "0128b52ffda00100100003100078", "", ERR_LIMIT},
};

static void add_sealed(json_t *file, const struct plain_case *from)
{
    struct group_key key;
    struct header header;
    uint8_t salt[SALT_LEN];
    uint8_t sealed[256];
    size_t len;

    roundtrip_sealing(&key, &header);
    memset(salt, 4, sizeof salt);
    uint8_t *const plain = vectors_bytes(from->plain, &len);
    sealing_by_hand(&key, salt, (struct span){plain, len}, &header, sealed);
    if (from->err != ERR_OK) {
        vectors_add_refused(file, from->name, sealed, header.size, from->err);
    } else {
        json_t *const json = vectors_add_accepted(file, from->name, sealed, header.size);
        set_hex(json, "salt", salt, SALT_LEN);
        set_number(json, "compression", plain[0]);
        set_text(json, "content", from->content);
        set_hex(json, "digest", header.digest, DIGEST_LEN);
    }
    free(plain);
}

static const struct vectors_splice seal_splices[] = {
    {"salt changed", 0, 1, "05", ERR_DENIED},
    {"commitment changed", 16, 1, "00", ERR_DENIED},
    {"last byte of the commitment changed", 31, 1, "01", ERR_DENIED},
    {"ciphertext changed", 32, 1, "00", ERR_DENIED},
    {"tag changed", 61, 1, "00", ERR_DENIED},
    {"byte after the end", 62, 0, "00", ERR_DENIED},
    {"last byte missing", 61, 1, "", ERR_DENIED},
    {"48 bytes", 48, 14, "", ERR_MALFORMED},
    {"nothing", 0, 62, "", ERR_MALFORMED},
};

// Sealed for something else than the context, or with the commitment of another key.
static void add_sealed_elsewhere(json_t *file)
{
    static const uint8_t plain[] = {0, 'x'};
    const struct span span = {plain, sizeof plain};
    struct group_key key;
    struct group_key other;
    struct header header;
    uint8_t salt[SALT_LEN];
    uint8_t sealed[64];
    uint8_t committed[64];

    memset(salt, 4, sizeof salt);
    roundtrip_sealing(&key, &header);
    header.seq++;
    sealing_by_hand(&key, salt, span, &header, sealed);
    vectors_add_refused(file, "sealed for the next seq", sealed, header.size, ERR_DENIED);
    roundtrip_sealing(&key, &header);
    header.epoch++;
    sealing_by_hand(&key, salt, span, &header, sealed);
    vectors_add_refused(file, "sealed for the next epoch", sealed, header.size, ERR_DENIED);
    roundtrip_sealing(&key, &header);
    header.author[0] ^= 1;
    sealing_by_hand(&key, salt, span, &header, sealed);
    vectors_add_refused(file, "sealed by another author", sealed, header.size, ERR_DENIED);
    roundtrip_sealing(&key, &header);
    sealing_by_hand(&key, salt, span, &header, committed);
    uint8_t secret[SECRET_LEN];
    memset(secret, 9, sizeof secret);
    group_key_derive(&other, key.group, secret);
    sealing_by_hand(&other, salt, span, &header, sealed);
    vectors_add_refused(file, "sealed with another key", sealed, header.size, ERR_DENIED);
    memcpy(sealed + SALT_LEN, committed + SALT_LEN, 16);
    vectors_add_refused(file, "another key under this key's commitment", sealed, header.size,
                        ERR_DENIED);
}

static json_t *make_seal(void)
{
    json_t *const file = vectors_file("Sealed bodies, PROTOCOL.md 4.1-4.8. All are opened with the "
                                      "context's key, for its author, epoch and seq.");

    json_object_set_new(file, "context", make_sealing_context());
    for (size_t i = 0; i < sizeof plain_cases / sizeof *plain_cases; i++) {
        add_sealed(file, &plain_cases[i]);
    }
    size_t len;
    const json_t *const first = json_array_get(json_object_get(file, "accepted"), 0);
    uint8_t *const sealed = vectors_bytes(json_string_value(json_object_get(first, "hex")), &len);
    for (size_t i = 0; i < sizeof seal_splices / sizeof *seal_splices; i++) {
        vectors_add_splice(file, sealed, len, &seal_splices[i]);
    }
    free(sealed);
    add_sealed_elsewhere(file);
    return file;
}

// Opening gives the content, and where nothing is compressed our own sealing gives the same bytes.
static void check_seal(const json_t *json)
{
    struct sealer *sealer = sealer_create();
    struct group_key key;
    struct header header;
    struct span content;
    uint8_t salt[SALT_LEN];
    uint8_t digest[DIGEST_LEN];
    static uint8_t again[SEALED_MAX];
    size_t len;
    size_t content_len;
    uint8_t *const sealed = vectors_bytes(json_string_value(json_object_get(json, "hex")), &len);
    uint8_t *const expected =
        vectors_bytes(json_string_value(json_object_get(json, "content")), &content_len);

    assert_non_null(sealer);
    roundtrip_sealing(&key, &header);
    assert_int_equal(seal_open(sealer, &key, &header, (struct span){sealed, len}, &content),
                     ERR_OK);
    assert_int_equal(content.len, content_len);
    assert_memory_equal(content.bytes, expected, content_len);
    vectors_exact(json, "salt", salt, SALT_LEN);
    if (json_integer_value(json_object_get(json, "compression")) == 0 && content_len > 0) {
        assert_int_equal(
            seal_body(sealer, &key, salt, (struct span){expected, content_len}, &header, again),
            ERR_OK);
        assert_int_equal(header.size, len);
        assert_memory_equal(again, sealed, len);
        vectors_exact(json, "digest", digest, DIGEST_LEN);
        assert_memory_equal(header.digest, digest, DIGEST_LEN);
    }
    sealer_destroy(&sealer);
    free(sealed);
    free(expected);
}

static const struct vectors_literal body_cases[] = {
    {"only a kind", "a1646b696e64666e6f74696365", ERR_OK},
    {"kind of one character", "a1646b696e646161", ERR_OK},
    {"kind of 32 characters",
     "a1646b696e6478206162636465666768696a6b6c6d6e6f707172737475767778797a30313233342d", ERR_OK},
    {"fields before and after", "a3617801646b696e64613964746578748101", ERR_OK},
    {"all kinds of value", "a3616182f4206162a10000646b696e64622d2d", ERR_OK},
    {"nothing", "", ERR_MALFORMED},
    {"empty map", "a0", ERR_MALFORMED},
    {"array", "8101", ERR_MALFORMED},
    {"no kind", "a1617801", ERR_MALFORMED},
    {"kind is a number", "a1646b696e6401", ERR_MALFORMED},
    {"kind is bytes", "a1646b696e644161", ERR_MALFORMED},
    {"kind is empty", "a1646b696e6460", ERR_MALFORMED},
    {"kind in capitals", "a1646b696e646141", ERR_MALFORMED},
    {"kind with an underscore", "a1646b696e64615f", ERR_MALFORMED},
    {"kind of 33 characters",
     "a1646b696e6478216162636465666768696a6b6c6d6e6f707172737475767778797a303132333435"
     "36",
     ERR_MALFORMED},
    {"kind twice", "a2646b696e646161646b696e646162", ERR_MALFORMED},
    {"key is a number", "a2016161646b696e646161", ERR_MALFORMED},
    {"keys not sorted", "a2646b696e646161617801", ERR_MALFORMED},
    {"byte after the end", "a1646b696e64616100", ERR_MALFORMED},
    {"float inside", "a26178f90000646b696e646161", ERR_MALFORMED},
    {"nine levels", "a2617881818181818181818101646b696e646161", ERR_LIMIT},
};

static json_t *make_body(void)
{
    json_t *const file = vectors_file("Bodies before they are sealed, PROTOCOL.md 4.7.");
    size_t index;
    json_t *json;

    vectors_add_literals(file, body_cases, sizeof body_cases / sizeof *body_cases);
    json_array_foreach(json_object_get(file, "accepted"), index, json)
    {
        size_t len;
        struct span kind;
        uint8_t *const bytes = vectors_bytes(json_string_value(json_object_get(json, "hex")), &len);
        assert_int_equal(body_check((struct span){bytes, len}, &kind), ERR_OK);
        json_object_set_new(json, "kind", json_stringn((const char *)kind.bytes, kind.len));
        free(bytes);
    }
    return file;
}

#define BEGIN "-----BEGIN SITREP REQUEST-----\n"
#define END "-----END SITREP REQUEST-----\n"
#define SUM "=vd2BPGNC\n" // of "abc"

static const struct {
    const char *name;
    const char *text;
    enum err err;
} armour_cases[] = {
    {"three bytes", BEGIN "YWJj\n=vd2BPGNC\n" END, ERR_OK},
    {"text around", "Hello,\n\n" BEGIN "YWJj\n" SUM END "Greetings\n", ERR_OK},
    {"white space around lines", "  " BEGIN "\t YWJj  \n   " SUM " " END, ERR_OK},
    {"empty lines and CR LF", BEGIN "\r\nYWJj\r\n\r\n" SUM "\r\n" END, ERR_OK},
    {"lines broken elsewhere", BEGIN "Y\nWJ\nj\n" SUM END, ERR_OK},
    {"nothing", "", ERR_NOT_FOUND},
    {"another label", "-----BEGIN SITREP INVITATION-----\nYWJj\n" SUM, ERR_NOT_FOUND},
    {"begin inside a line", "> " BEGIN "YWJj\n" SUM END, ERR_NOT_FOUND},
    {"no end", BEGIN "YWJj\n" SUM, ERR_MALFORMED},
    {"no checksum", BEGIN "YWJj\n" END, ERR_MALFORMED},
    {"checksum first", BEGIN SUM "YWJj\n" END, ERR_MALFORMED},
    {"nothing inside", BEGIN SUM END, ERR_MALFORMED},
    {"a letter changed", BEGIN "YWJk\n" SUM END, ERR_MALFORMED},
    {"a letter missing", BEGIN "YWJ\n" SUM END, ERR_MALFORMED},
    {"not base64", BEGIN "YW*j\n" SUM END, ERR_MALFORMED},
    {"another checksum", BEGIN "YWJj\n=AAAAAAAA\n" END, ERR_MALFORMED},
};

static json_t *make_armour(void)
{
    json_t *const file = vectors_file("Armour, PROTOCOL.md 6.4, label REQUEST: hex is the text.");
    uint8_t bytes[100];
    char *text = NULL;

    memset(bytes, 0xa5, sizeof bytes);
    assert_int_equal(armour_encode("REQUEST", bytes, sizeof bytes, &text), ERR_OK);
    json_t *json =
        vectors_add_accepted(file, "as written, three lines", (const uint8_t *)text, strlen(text));
    set_text(json, "text", text);
    set_hex(json, "bytes", bytes, sizeof bytes);
    free(text);
    for (size_t i = 0; i < sizeof armour_cases / sizeof *armour_cases; i++) {
        const uint8_t *const from = (const uint8_t *)armour_cases[i].text;
        const size_t len = strlen(armour_cases[i].text);
        if (armour_cases[i].err != ERR_OK) {
            vectors_add_refused(file, armour_cases[i].name, from, len, armour_cases[i].err);
            continue;
        }
        json = vectors_add_accepted(file, armour_cases[i].name, from, len);
        set_text(json, "text", armour_cases[i].text);
        set_text(json, "bytes", "616263");
    }
    return file;
}

static void check_armour(const json_t *json)
{
    const char *const text = json_string_value(json_object_get(json, "text"));
    uint8_t *bytes = NULL;
    size_t len = 0;
    size_t expected_len;
    uint8_t *const expected =
        vectors_bytes(json_string_value(json_object_get(json, "bytes")), &expected_len);

    assert_int_equal(armour_decode("REQUEST", text, strlen(text), &bytes, &len), ERR_OK);
    assert_int_equal(len, expected_len);
    assert_memory_equal(bytes, expected, len);
    free(bytes);
    free(expected);
}

static const uint8_t key_secret[] = "what is kept";
static const uint8_t key_public[] = {1, 2, 3, 4};

// A wrapped file with parameters cheap enough for every test run.
static size_t make_cheap_keyfile(uint64_t passes, uint8_t out[static 256])
{
    const uint8_t salt[16] = {6};
    const uint8_t nonce[24] = {7};
    uint8_t key[32];
    uint8_t box[sizeof key_secret + 16];
    struct cbor_writer writer;

    cbor_write(&writer, out, 256);
    cbor_put_array(&writer, 6);
    cbor_put_text(&writer, "sitrep/keys/1", 13);
    cbor_put_text(&writer, "node", 4);
    cbor_put_bytes(&writer, key_public, sizeof key_public);
    cbor_put_array(&writer, 3);
    cbor_put_uint(&writer, passes);
    cbor_put_uint(&writer, 8192);
    cbor_put_bytes(&writer, salt, sizeof salt);
    const size_t front_len = (size_t)(writer.at - out) - 1;
    assert_int_equal(
        crypto_pwhash(key, sizeof key, "pass", 4, salt, 1, 8192, crypto_pwhash_ALG_ARGON2ID13), 0);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box, NULL, key_secret, sizeof key_secret, out + 1,
                                               front_len, NULL, nonce, key);
    cbor_put_bytes(&writer, nonce, sizeof nonce);
    cbor_put_bytes(&writer, box, sizeof box);
    return cbor_written(&writer);
}

static enum err accept_keyfile(const uint8_t *bytes, size_t len)
{
    uint8_t *const out = malloc(len + 1);
    size_t out_len = 0;

    assert_non_null(out);
    const enum err err = keyfile_unwrap("node", "pass", bytes, len, out, &out_len);
    if (err == ERR_OK) {
        assert_int_equal(out_len, sizeof key_secret);
        assert_memory_equal(out, key_secret, out_len);
        assert_int_equal(roundtrip_keyfile(bytes, len), ERR_OK);
    }
    free(out);
    return err;
}

// Offsets: 0 array, 1 magic, 15 kind, 20 public, 25 parameters, 26 passes, 27 memory, 30 salt, 47
// nonce, 73 box.
static const struct vectors_splice keyfile_splices[] = {
    {"another magic", 14, 1, "32", ERR_MALFORMED},
    {"another kind", 19, 1, "66", ERR_DENIED},
    {"empty kind", 15, 5, "60", ERR_MALFORMED},
    {"empty public part", 20, 5, "40", ERR_MALFORMED},
    {"public part missing", 20, 5, "", ERR_MALFORMED},
    {"public part a text", 20, 1, "64", ERR_MALFORMED},
    {"another public part", 21, 1, "05", ERR_DENIED},
    {"no passes", 26, 1, "00", ERR_MALFORMED},
    {"two passes, not those of the box", 26, 1, "02", ERR_DENIED},
    {"11 passes", 26, 1, "0b", ERR_LIMIT},
    {"8191 bytes of memory", 27, 3, "191fff", ERR_MALFORMED},
    {"1 GiB and a byte of memory", 27, 3, "1a40000001", ERR_LIMIT},
    {"another salt", 31, 1, "07", ERR_DENIED},
    {"salt of 15 bytes", 30, 2, "4f", ERR_MALFORMED},
    {"another nonce", 49, 1, "08", ERR_DENIED},
    {"box changed", 77, 1, "00", ERR_DENIED},
    {"parameters removed", 25, 22, "f6", ERR_MALFORMED},
    {"byte after the end", 104, 0, "00", ERR_MALFORMED},
    {"last byte missing", 103, 1, "", ERR_MALFORMED},
};

static json_t *make_keyfile(void)
{
    json_t *const file = vectors_file(
        "Key files, opened as kind `node` with the passphrase `pass`. [\"sitrep/keys/1\", kind, "
        "public, [passes, memory, salt] / null, nonce, box]: key = Argon2id(passphrase, salt), box "
        "= "
        "XChaCha20-Poly1305, its associated data the encoded items before the nonce. With null the "
        "nonce is zero and the box is the secret itself.");
    uint8_t bytes[256];
    uint8_t random[40];
    size_t len = make_cheap_keyfile(1, bytes);
    const struct keyfile_content content = {
        "node", {key_public, sizeof key_public}, {key_secret, sizeof key_secret}};

    set_text(file, "kind", "node");
    set_text(file, "passphrase", "pass");
    assert_int_equal(len, 104);
    set_hex(vectors_add_accepted(file, "cheapest parameters", bytes, len), "secret", key_secret,
            sizeof key_secret);
    for (size_t i = 0; i < sizeof keyfile_splices / sizeof *keyfile_splices; i++) {
        vectors_add_splice(file, bytes, len, &keyfile_splices[i]);
    }
    memset(random, 8, sizeof random);
    assert_int_equal(keyfile_wrap(&content, "pass", random, bytes, &len), ERR_OK);
    set_hex(vectors_add_accepted(file, "as written", bytes, len), "secret", key_secret,
            sizeof key_secret);
    assert_int_equal(keyfile_wrap(&content, NULL, random, bytes, &len), ERR_OK);
    set_hex(vectors_add_accepted(file, "not wrapped", bytes, len), "secret", key_secret,
            sizeof key_secret);
    return file;
}

static void test_seal(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"seal", make_seal, roundtrip_seal, check_seal});
}

static void test_body(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"body", make_body, roundtrip_body, NULL});
}

static void test_armour(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"armour", make_armour, roundtrip_armour, check_armour});
}

static void test_keyfile(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"keyfile", make_keyfile, accept_keyfile, NULL});
}

static json_t *make_words(void)
{
    json_t *const file = json_object();
    json_t *const list = json_array();
    json_t *const cases = json_array();
    static const char *const inputs[] = {"", "00", "68656c6c6f", "ffffffffffffffffffffffff"};

    set_text(file, "about", "Words to compare, PROTOCOL.md 6.5, of any bytes; and their list.");
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        size_t len;
        char words[WORDS_TEXT_MAX];
        json_t *const json = json_object();
        uint8_t *const bytes = vectors_bytes(inputs[i], &len);
        request_words(bytes, len, words);
        set_text(json, "hex", inputs[i]);
        set_text(json, "words", words);
        json_array_append_new(cases, json);
        free(bytes);
    }
    for (size_t i = 0; i < WORDS_LIST_LEN; i++) {
        json_array_append_new(list, json_string(words_list[i]));
    }
    json_object_set_new(file, "cases", cases);
    json_object_set_new(file, "list", list);
    return file;
}

// A list, not bytes to accept or refuse, so it stands beside the others' form.
static void test_words(void **state)
{
    (void)state;
    static const char path[] = "proto/vectors/words.json";
    json_t *const expected = make_words();
    json_error_t error;

    if (getenv("SITREP_WRITE_VECTORS") != NULL) {
        assert_int_equal(json_dump_file(expected, path, JSON_INDENT(2)), 0);
        FILE *const end = fopen(path, "a");
        assert_non_null(end);
        assert_int_equal(fputc('\n', end), '\n');
        assert_int_equal(fclose(end), 0);
    }
    json_t *const file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(file);
    assert_true(json_equal(file, expected));
    json_decref(file);
    json_decref(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seal),  cmocka_unit_test(test_body),    cmocka_unit_test(test_armour),
        cmocka_unit_test(test_words), cmocka_unit_test(test_keyfile),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
