// SPDX-License-Identifier: EUPL-1.2
// Compression of bodies: what the dictionary saves, when it is used, and blocks that are refused.
// Frames of compression 1 are test_seal.c's.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>
#include <zstd.h>

#include "reports.h"
#include "sitrep/seal.h"
#include "trust/compression.h"
#include "trust/dictionary.h"

struct bench {
    struct compressor *compressor;
    uint8_t room[PLAIN_FRONT + PLAIN_MAX];
    uint8_t *plain; // in `room`
    uint8_t content[CONTENT_MAX];
};

static int bench_setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    bench->compressor = compressor_create();
    assert_non_null(bench->compressor);
    bench->plain = bench->room + PLAIN_FRONT;
    *state = bench;
    return 0;
}

static int bench_teardown(void **state)
{
    struct bench *bench = *state;
    compressor_destroy(&bench->compressor);
    assert_null(bench->compressor);
    compressor_destroy(&bench->compressor);
    free(bench);
    return 0;
}

static size_t pack(struct bench *bench, size_t len)
{
    return compressor_pack(bench->compressor, (struct span){bench->content, len}, bench->plain);
}

// Packs content[0..len), demands that compression, and finds the same again.
static size_t pack_as(struct bench *bench, size_t len, uint8_t compression)
{
    struct span again;
    const size_t packed = pack(bench, len);
    assert_in_range(packed, 1, PLAIN_MAX);
    assert_int_equal(bench->plain[0], compression);
    assert_int_equal(compressor_unpack(bench->compressor, bench->plain, packed, &again), ERR_OK);
    assert_int_equal(again.len, len);
    assert_memory_equal(again.bytes, bench->content, len);
    return packed;
}

static size_t fill_report(struct bench *bench, const char *text)
{
    struct cbor_writer writer;
    cbor_write(&writer, bench->content, sizeof bench->content);
    cbor_put_map(&writer, 2);
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, "report", 6);
    cbor_put_text(&writer, "text", 4);
    cbor_put_text(&writer, text, strlen(text));
    return cbor_written(&writer);
}

static void test_the_dictionary_is_that_of_the_protocol(void **state)
{
    (void)state;
    static char text[512 * 1024];
    uint8_t hash[DIGEST_LEN];
    char hex[2 * DIGEST_LEN + 1];
    FILE *file = fopen("proto/PROTOCOL.md", "r");
    assert_non_null(file);
    const size_t len = fread(text, 1, sizeof text - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_in_range(len, 1, sizeof text - 2);
    crypto_generichash(hash, sizeof hash, dictionary, DICTIONARY_LEN, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    assert_non_null(strstr(text, hex));
}

// Measured when the dictionary was made: 52 % of the content in all, and 50 to 54 % by language;
// zstd without it 75 %.
static void test_reports_it_was_not_trained_on(void **state)
{
    struct bench *bench = *state;
    static uint8_t frame[4096];
    size_t alone = 0;
    size_t packed = 0;
    for (size_t i = 0; i < REPORTS_LANGUAGES; i++) {
        size_t content = 0;
        size_t packed_here = 0;
        for (size_t j = 0; j < REPORTS_EACH; j++) {
            const size_t len = fill_report(bench, reports[i].text[j]);
            const size_t frame_len =
                ZSTD_compress(frame, sizeof frame, bench->content, len, ZSTD_defaultCLevel());
            assert_false(ZSTD_isError(frame_len));
            content += len;
            alone += 1 + frame_len;
            packed_here += pack_as(bench, len, 2);
        }
        if (100 * packed_here > 56 * content) {
            fail_msg("%s: %zu of %zu bytes", reports[i].language, packed_here, content);
        }
        packed += packed_here;
    }
    if (100 * packed > 72 * alone) {
        fail_msg("%zu bytes, %zu without the dictionary", packed, alone);
    }
}

static void fill_text(struct bench *bench)
{
    size_t len = 0;
    for (size_t i = 0; len < sizeof bench->content; i++) {
        const char *text = reports[i % REPORTS_LANGUAGES].text[i % REPORTS_EACH];
        size_t part = strlen(text) - i % 97; // not the same whole reports again and again
        part = part < sizeof bench->content - len ? part : sizeof bench->content - len;
        memcpy(bench->content + len, text, part);
        len += part;
    }
}

static void test_used_up_to_64_kib(void **state)
{
    struct bench *bench = *state;
    assert_in_range(pack_as(bench, fill_report(bench, "link up"), 2), 1, 20);
    fill_text(bench);
    assert_in_range(pack_as(bench, 100, 2), 1, 80);
    assert_in_range(pack_as(bench, 4000, 2), 1, 2200);
    assert_in_range(pack_as(bench, (size_t)64 * 1024, 2), 1, 24000);
    assert_in_range(pack_as(bench, (size_t)64 * 1024 + 1, 1), 1, 24000);
    assert_in_range(pack_as(bench, CONTENT_MAX, 1), 1, PLAIN_MAX);
    memset(bench->content, 'a', 1000);
    assert_in_range(pack_as(bench, 1000, 2), 1, 20);
}

// What is long and says nothing like a report, here a list of places.
static void test_left_out_where_it_costs(void **state)
{
    struct bench *bench = *state;
    static uint8_t frame[16 * 1024];
    char line[64];
    size_t len = 0;
    for (unsigned i = 0; i < 200; i++) {
        const int line_len = snprintf(line, sizeof line, "[%u,%u],", 4350000 + i * i * 7919 % 9973,
                                      50850000 + i * i * 104729 % 9967);
        assert_in_range(line_len, 1, sizeof line - 1);
        memcpy(bench->content + len, line, (size_t)line_len);
        len += (size_t)line_len;
    }
    const size_t alone = ZSTD_compress(frame, sizeof frame, bench->content, len, 3);
    assert_false(ZSTD_isError(alone));
    assert_int_equal(pack_as(bench, len, 1), 1 + alone);
    assert_in_range(pack_as(bench, 1000, 2), 1, 1000);
}

static void test_left_alone_where_it_saves_nothing(void **state)
{
    struct bench *bench = *state;
    static const uint8_t seed[randombytes_SEEDBYTES] = {7};
    memset(bench->content, 'a', 17);
    assert_int_equal(pack_as(bench, 16, 0), 17); // [4.6]
    assert_in_range(pack_as(bench, 17, 2), 1, 12);
    randombytes_buf_deterministic(bench->content, sizeof bench->content, seed);
    const size_t lengths[] = {1, 2, 16, 17, 18, 300, 4000, PLAIN_MAX - 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(pack_as(bench, lengths[i], 0), 1 + lengths[i]);
    }
    assert_int_equal(pack(bench, PLAIN_MAX), 0);
    assert_int_equal(pack(bench, CONTENT_MAX), 0);
}

// After what does not fit or is broken, the same contexts go on as before.
static void test_nothing_is_left_of_a_failure(void **state)
{
    struct bench *bench = *state;
    struct span ignored;
    static const uint8_t seed[randombytes_SEEDBYTES] = {8};
    const size_t len = fill_report(bench, reports[0].text[0]);
    const size_t before = pack_as(bench, len, 2);
    randombytes_buf_deterministic(bench->content, sizeof bench->content, seed);
    assert_int_equal(pack(bench, CONTENT_MAX), 0);
    randombytes_buf_deterministic(bench->plain, 300, seed);
    for (unsigned i = 0; i < 3; i++) {
        bench->plain[0] = (uint8_t)i;
        const enum err err = compressor_unpack(bench->compressor, bench->plain, 300, &ignored);
        assert_int_equal(err, i == 0 ? ERR_OK : ERR_MALFORMED);
    }
    assert_int_equal(fill_report(bench, reports[0].text[0]), len);
    assert_int_equal(pack_as(bench, len, 2), before);
}

static enum err unpack_hex(struct bench *bench, const char *hex, struct span *content)
{
    size_t len = 0;
    assert_int_equal(sodium_hex2bin(bench->plain, PLAIN_MAX, hex, strlen(hex), NULL, &len, NULL),
                     0);
    return compressor_unpack(bench->compressor, bench->plain, len, content);
}

// vectors/seal.json has smaller ones.
static void test_blocks_of_128_kib(void **state)
{
    struct bench *bench = *state;
    struct span content;
    // One byte as often as a literals section of the length in bits 4 to 23 says, and no sequence.
    assert_int_equal(unpack_hex(bench, "020d00207800", &content), ERR_OK);
    assert_int_equal(content.len, 128 * 1024);
    assert_int_equal(content.bytes[0], 'x');
    assert_memory_equal(content.bytes, content.bytes + 1, content.len - 1);
    assert_int_equal(unpack_hex(bench, "021d00207800", &content), ERR_MALFORMED);
    // 4 bytes less, and a sequence that repeats one byte 4 and 5 times.
    assert_int_equal(unpack_hex(bench, "02cdff1f78015401000101", &content), ERR_OK);
    assert_int_equal(content.len, 128 * 1024);
    assert_int_equal(unpack_hex(bench, "02cdff1f78015401000201", &content), ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_dictionary_is_that_of_the_protocol),
        cmocka_unit_test_setup_teardown(test_reports_it_was_not_trained_on, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(test_used_up_to_64_kib, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_left_out_where_it_costs, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_left_alone_where_it_saves_nothing, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_a_failure, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(test_blocks_of_128_kib, bench_setup, bench_teardown),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
