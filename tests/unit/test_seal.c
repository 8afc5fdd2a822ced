// SPDX-License-Identifier: EUPL-1.2
// Sealed bodies: what is sealed opens again, whatever was changed is refused, sizes are bounded.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>
#include <zstd.h>

#include "sealing.h"
#include "sitrep/exercise.h"
#include "sitrep/seal.h"

struct bench {
    struct sealer *sealer;
    struct group_key key;
    struct header header;
    uint8_t salt[SALT_LEN];
    uint8_t sealed[SEALED_MAX];
    uint8_t content[CONTENT_MAX + 1];
};

static int bench_setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    bench->sealer = sealer_create();
    assert_non_null(bench->sealer);
    uint8_t space[ID_LEN] = {1};
    uint8_t secret[SECRET_LEN] = {2};
    uint8_t group[TAG_LEN];
    group_all_members(space, group);
    group_key_derive(&bench->key, group, secret);
    memset(bench->header.author, 3, SIGN_KEY_LEN);
    bench->header.epoch = 4;
    bench->header.seq = 5;
    memset(bench->salt, 6, SALT_LEN);
    *state = bench;
    return 0;
}

static int bench_teardown(void **state)
{
    struct bench *bench = *state;
    sealer_destroy(&bench->sealer);
    assert_null(bench->sealer);
    sealer_destroy(&bench->sealer);
    free(bench);
    return 0;
}

static void fill_noise(uint8_t *out, size_t len)
{
    static const uint8_t seed[randombytes_SEEDBYTES] = {7};
    randombytes_buf_deterministic(out, len, seed);
}

static enum err seal(struct bench *bench, size_t len)
{
    return seal_body(bench->sealer, &bench->key, bench->salt, (struct span){bench->content, len},
                     &bench->header, bench->sealed);
}

static enum err reopen(struct bench *bench, struct span *content)
{
    return seal_open(bench->sealer, &bench->key, &bench->header,
                     (struct span){bench->sealed, bench->header.size}, content);
}

static void seal_plain(struct bench *bench, const uint8_t *plain, size_t len)
{
    sealing_by_hand(&bench->key, bench->salt, (struct span){plain, len}, &bench->header,
                    bench->sealed);
}

static void test_opens_what_it_sealed(void **state)
{
    struct bench *bench = *state;
    const size_t lengths[] = {1, 2, 63, 64, 65, 400, 65000, CONTENT_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t len = lengths[i];
        memset(bench->content, 'a', len);
        assert_int_equal(seal(bench, len), ERR_OK);
        uint8_t digest[DIGEST_LEN];
        crypto_generichash(digest, DIGEST_LEN, bench->sealed, bench->header.size, NULL, 0);
        assert_memory_equal(bench->header.digest, digest, DIGEST_LEN);
        assert_memory_equal(bench->header.group, bench->key.group, TAG_LEN);
        assert_memory_equal(bench->header.key, bench->key.id, TAG_LEN);
        struct span content;
        assert_int_equal(reopen(bench, &content), ERR_OK);
        assert_int_equal(content.len, len);
        assert_memory_equal(content.bytes, bench->content, len);
    }
}

static void test_layout_is_that_of_the_protocol(void **state)
{
    struct bench *bench = *state;
    const uint8_t plain[] = {0, 'h', 'i'};
    memcpy(bench->content, "hi", 2);
    assert_int_equal(seal(bench, 2), ERR_OK);
    uint8_t ours[64];
    uint32_t size = bench->header.size;
    assert_int_equal(size, SEAL_OVERHEAD + 3);
    memcpy(ours, bench->sealed, size);
    seal_plain(bench, plain, sizeof plain);
    assert_int_equal(bench->header.size, size);
    assert_memory_equal(bench->sealed, ours, size);
}

static void test_compresses_only_when_smaller(void **state)
{
    struct bench *bench = *state;
    memset(bench->content, 'a', 1000);
    assert_int_equal(seal(bench, 1000), ERR_OK);
    assert_true(bench->header.size < SEAL_OVERHEAD + 100);
    fill_noise(bench->content, 1000);
    assert_int_equal(seal(bench, 1000), ERR_OK);
    assert_int_equal(bench->header.size, SEAL_OVERHEAD + 1 + 1000);
}

static void test_bounds(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(seal(bench, 0), ERR_LIMIT);
    assert_int_equal(seal(bench, CONTENT_MAX + 1), ERR_LIMIT);
    fill_noise(bench->content, CONTENT_MAX);
    assert_int_equal(seal(bench, SEALED_MAX - SEAL_OVERHEAD - 1), ERR_OK);
    assert_int_equal(bench->header.size, SEALED_MAX);
    struct span content;
    assert_int_equal(reopen(bench, &content), ERR_OK);
    assert_int_equal(seal(bench, SEALED_MAX - SEAL_OVERHEAD), ERR_LIMIT);
    assert_int_equal(seal(bench, CONTENT_MAX), ERR_LIMIT);
    bench->header.size = SEALED_MIN - 1;
    assert_int_equal(reopen(bench, &content), ERR_MALFORMED);
    bench->header.size = SEALED_MAX + 1;
    assert_int_equal(reopen(bench, &content), ERR_LIMIT);
    assert_null(content.bytes);
}

static void test_every_changed_byte_is_refused(void **state)
{
    struct bench *bench = *state;
    struct span content;
    memcpy(bench->content, "water at 4.20 m", 15);
    assert_int_equal(seal(bench, 15), ERR_OK);
    for (uint32_t i = 0; i < bench->header.size; i++) {
        bench->sealed[i] ^= 1;
        assert_int_equal(reopen(bench, &content), ERR_DENIED);
        bench->sealed[i] ^= 1;
    }
    bench->header.size--;
    assert_int_equal(reopen(bench, &content), ERR_DENIED);
    bench->header.size++;
    assert_int_equal(reopen(bench, &content), ERR_OK);
}

static void test_bound_to_its_header(void **state)
{
    struct bench *bench = *state;
    struct span content;
    memcpy(bench->content, "closed road", 11);
    assert_int_equal(seal(bench, 11), ERR_OK);
    struct header good = bench->header;

    bench->header.author[31] ^= 1;
    assert_int_equal(reopen(bench, &content), ERR_DENIED);
    bench->header = good;
    bench->header.epoch++;
    assert_int_equal(reopen(bench, &content), ERR_DENIED);
    bench->header = good;
    bench->header.seq++;
    assert_int_equal(reopen(bench, &content), ERR_DENIED);
    bench->header = good;
    bench->header.group[0] ^= 1;
    assert_int_equal(reopen(bench, &content), ERR_DENIED);
    bench->header = good;
    bench->header.key[7] ^= 1;
    assert_int_equal(reopen(bench, &content), ERR_DENIED);
    bench->header = good;

    struct group_key other;
    uint8_t secret[SECRET_LEN] = {9};
    group_key_derive(&other, bench->key.group, secret);
    struct span sealed = {bench->sealed, bench->header.size};
    assert_int_equal(seal_open(bench->sealer, &other, &good, sealed, &content), ERR_DENIED);
    memcpy(other.id, bench->key.id, TAG_LEN); // the same name for another secret
    assert_int_equal(seal_open(bench->sealer, &other, &good, sealed, &content), ERR_DENIED);
}

static void refuse_frame(struct bench *bench, const uint8_t *frame, size_t len, enum err expected)
{
    static uint8_t plain[SEALED_MAX];
    plain[0] = 1;
    memcpy(plain + 1, frame, len);
    seal_plain(bench, plain, 1 + len);
    struct span content;
    assert_int_equal(reopen(bench, &content), expected);
}

static void test_frames(void **state)
{
    struct bench *bench = *state;
    uint8_t frame[600];
    uint8_t text[500];
    memset(text, 'x', sizeof text);
    size_t len = ZSTD_compress(frame, sizeof frame, text, sizeof text, 3);
    assert_false(ZSTD_isError(len));
    refuse_frame(bench, frame, len, ERR_OK);
    refuse_frame(bench, frame, 0, ERR_MALFORMED);
    refuse_frame(bench, frame, 3, ERR_MALFORMED);
    refuse_frame(bench, frame, len - 1, ERR_MALFORMED);

    memcpy(frame + len, frame, len); // two frames
    refuse_frame(bench, frame, 2 * len, ERR_MALFORMED);
    frame[len] = 0; // trailing bytes
    refuse_frame(bench, frame, len + 1, ERR_MALFORMED);

    const uint8_t skippable[] = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 'x'};
    refuse_frame(bench, skippable, sizeof skippable, ERR_MALFORMED);
    const uint8_t old[] = {0x27, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0}; // zstd 0.7
    refuse_frame(bench, old, sizeof old, ERR_MALFORMED);

    ZSTD_CCtx *context = ZSTD_createCCtx();
    assert_non_null(context);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0); // no size stated
    len = ZSTD_compress2(context, frame, sizeof frame, text, sizeof text);
    refuse_frame(bench, frame, len, ERR_MALFORMED);
    ZSTD_freeCCtx(context);
}

// A frame header that states more than there is, or more than is allowed.
static void test_stated_sizes(void **state)
{
    struct bench *bench = *state;
    // Magic; descriptor: single segment, 4-byte content size; the size; a last RLE block of it.
    uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0, 0x03, 0x10, 0x00, 'x'};
    frame[6] = 0x02; // states 512, and the block is 512 long: 0x1003 >> 3
    refuse_frame(bench, frame, sizeof frame, ERR_OK);
    frame[6] = 0x03;
    refuse_frame(bench, frame, sizeof frame, ERR_MALFORMED);
    frame[6] = 0x01;
    refuse_frame(bench, frame, sizeof frame, ERR_MALFORMED);
    frame[7] = 0x10;
    frame[6] = 0x00;
    frame[5] = 0x01; // CONTENT_MAX + 1
    refuse_frame(bench, frame, sizeof frame, ERR_LIMIT);
    frame[8] = 0xff;
    refuse_frame(bench, frame, sizeof frame, ERR_LIMIT);

    const uint8_t with_dictionary[] = {0x28, 0xb5, 0x2f, 0xfd, 0x21, 0x07,
                                       5,    0x2b, 0x00, 0x00, 'x'};
    refuse_frame(bench, with_dictionary, sizeof with_dictionary, ERR_MALFORMED);
    uint8_t without[] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 5, 0x2b, 0x00, 0x00, 'x'};
    refuse_frame(bench, without, sizeof without, ERR_OK);
}

static void test_unknown_compression(void **state)
{
    struct bench *bench = *state;
    struct span content;
    for (unsigned byte = 3; byte < 256; byte++) {
        const uint8_t plain[] = {(uint8_t)byte, 'x'};
        seal_plain(bench, plain, sizeof plain);
        assert_int_equal(reopen(bench, &content), ERR_MALFORMED);
    }
    const uint8_t empty[] = {0}; // 49 bytes: [3.4] allows it, body_check does not
    seal_plain(bench, empty, sizeof empty);
    assert_int_equal(reopen(bench, &content), ERR_OK);
    assert_int_equal(content.len, 0);
}

static void test_derived_names_differ(void **state)
{
    (void)state;
    uint8_t federation[ID_LEN] = {1};
    uint8_t one[ID_LEN];
    uint8_t two[ID_LEN];
    space_of_exercise(federation, "spring", one);
    space_of_exercise(federation, "autumn", two);
    assert_memory_not_equal(one, two, ID_LEN);
    assert_memory_not_equal(one, federation, ID_LEN);
    uint8_t expected[ID_LEN];
    crypto_generichash(expected, ID_LEN, (const uint8_t *)"exercisespring", 14, federation, ID_LEN);
    assert_memory_equal(one, expected, ID_LEN);
    uint8_t real_group[TAG_LEN];
    uint8_t exercise_group[TAG_LEN];
    group_all_members(federation, real_group);
    group_all_members(one, exercise_group);
    assert_memory_not_equal(real_group, exercise_group, TAG_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_opens_what_it_sealed, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_layout_is_that_of_the_protocol, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(test_compresses_only_when_smaller, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(test_bounds, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_every_changed_byte_is_refused, bench_setup,
                                        bench_teardown),
        cmocka_unit_test_setup_teardown(test_bound_to_its_header, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_frames, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_stated_sizes, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_unknown_compression, bench_setup, bench_teardown),
        cmocka_unit_test(test_derived_names_differ),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
