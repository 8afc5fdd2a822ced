// SPDX-License-Identifier: EUPL-1.2
// Releases [15]: what they open and what not, and their vectors. tests/vectors.h says how the file
// is written anew.
#include "draft.h"
#include "edit.h"
#include "roundtrip_trust.h"

struct desk {
    struct sealer *sealer;
    struct released released;
    struct release release; // of entry 0
};

static int desk_setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->sealer = sealer_create();
    assert_non_null(desk->sealer);
    roundtrip_released(&desk->released);
    roundtrip_release_fill(&desk->released, 0, &desk->release);
    *state = desk;
    return 0;
}

static int desk_teardown(void **state)
{
    struct desk *desk = *state;
    sealer_destroy(&desk->sealer);
    free(desk);
    return 0;
}

static enum err open_entry(struct desk *desk, size_t which)
{
    struct span content;
    const enum err err =
        release_open(desk->sealer, &desk->release, &desk->released.entries[which], &content);
    assert_int_equal(err == ERR_OK, content.bytes != NULL);
    return err;
}

static void test_opens_what_it_names(void **state)
{
    struct desk *desk = *state;
    struct span content;
    struct span kind;
    assert_int_equal(
        release_open(desk->sealer, &desk->release, &desk->released.entries[0], &content), ERR_OK);
    assert_int_equal(body_check(content, &kind), ERR_OK);
    assert_memory_equal(kind.bytes, "notice", 6);
}

// Neither another entry of the author, nor any entry with what is left when its name is changed.
static void test_opens_nothing_else(void **state)
{
    struct desk *desk = *state;
    struct span content;
    const struct release good = desk->release;
    assert_int_equal(open_entry(desk, 1), ERR_DENIED);
    memcpy(desk->release.id, desk->released.ids[1], ID_LEN);
    desk->release.epoch = desk->released.headers[1].epoch;
    desk->release.seq = desk->released.headers[1].seq;
    assert_int_equal(open_entry(desk, 1), ERR_DENIED);
    assert_int_equal(seal_open_with(desk->sealer, good.key, &desk->released.headers[1],
                                    desk->released.entries[1].sealed, &content),
                     ERR_DENIED);
    desk->release = good;
    desk->release.author = 0;
    assert_int_equal(open_entry(desk, 0), ERR_DENIED);
    desk->release.author = 2; // beyond the roster
    assert_int_equal(open_entry(desk, 0), ERR_DENIED);
    desk->release = good;
    desk->release.epoch++;
    assert_int_equal(open_entry(desk, 0), ERR_DENIED);
    desk->release = good;
    desk->release.seq++;
    assert_int_equal(open_entry(desk, 0), ERR_DENIED);
}

static void test_every_changed_byte_opens_nothing(void **state)
{
    struct desk *desk = *state;
    for (size_t i = 0; i < ID_LEN; i++) {
        desk->release.id[i] ^= 1;
        assert_int_equal(open_entry(desk, 0), ERR_DENIED);
        desk->release.id[i] ^= 1;
        desk->release.key[i] ^= 1;
        assert_int_equal(open_entry(desk, 0), ERR_DENIED);
        desk->release.key[i] ^= 1;
    }
    for (size_t i = 0; i < desk->released.headers[0].size; i++) {
        desk->released.sealed[0][i] ^= 1;
        assert_int_equal(open_entry(desk, 0), ERR_DENIED);
        desk->released.sealed[0][i] ^= 1;
    }
    desk->released.headers[0].time++; // the header's id is another then
    assert_int_equal(open_entry(desk, 0), ERR_DENIED);
    desk->released.headers[0].time--;
    desk->released.space[0] ^= 1;
    assert_int_equal(open_entry(desk, 0), ERR_DENIED);
    desk->released.space[0] ^= 1;
    assert_int_equal(open_entry(desk, 0), ERR_OK);
}

// An author and a releaser together: a body encrypted under a key of their own, with the commitment
// to another, so that the one key fits the commitment and the other the ciphertext. Neither opens.
static void test_one_ciphertext_has_one_reading(void **state)
{
    struct desk *desk = *state;
    struct released *const released = &desk->released;
    const uint8_t other_key[ENTRY_KEY_LEN] = {7};
    const struct header good = released->headers[0];
    struct group_key other = released->group_key;
    uint8_t id_bytes[HEADER_MAX];
    static const uint8_t plain[] = {0, 'x'};
    const uint8_t salt[SALT_LEN] = {4};

    other.secret[0] ^= 1;
    sealing_by_hand(&other, salt, (struct span){plain, sizeof plain}, &released->headers[0],
                    released->sealed[0]);
    crypto_generichash(released->sealed[0] + SALT_LEN, 16, NULL, 0, desk->release.key,
                       ENTRY_KEY_LEN);
    struct header *const header = &released->headers[0];
    header_digest(released->sealed[0], header->size, header->digest);
    released->entries[0].sealed.len = header->size;
    header_id(released->space, id_bytes, header_encode(header, id_bytes), desk->release.id);
    assert_int_equal(open_entry(desk, 0), ERR_DENIED); // fits the commitment
    sealing_entry_key(&other, salt, &good, desk->release.key);
    assert_int_equal(open_entry(desk, 0), ERR_DENIED); // fits the ciphertext
    memcpy(desk->release.key, other_key, ENTRY_KEY_LEN);
    assert_int_equal(open_entry(desk, 0), ERR_DENIED);
    sealing_entry_key(&other, salt, &good, desk->release.key);
    crypto_generichash(released->sealed[0] + SALT_LEN, 16, NULL, 0, desk->release.key,
                       ENTRY_KEY_LEN);
    header_digest(released->sealed[0], header->size, header->digest);
    header_id(released->space, id_bytes, header_encode(header, id_bytes), desk->release.id);
    assert_int_equal(open_entry(desk, 0), ERR_OK); // the same key for both does
}

// Seals a body of that kind as entry 0 and makes its release.
static enum err make(struct desk *desk, const char *kind, struct release *release)
{
    struct released *const released = &desk->released;
    uint8_t plain[64] = {0};
    const uint8_t salt[SALT_LEN] = {9};
    struct cbor_writer writer;

    cbor_write(&writer, plain + 1, sizeof plain - 1);
    cbor_put_map(&writer, 1);
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, kind, strlen(kind));
    sealing_by_hand(&released->group_key, salt, (struct span){plain, 1 + cbor_written(&writer)},
                    &released->headers[0], released->sealed[0]);
    released->entries[0].sealed.len = released->headers[0].size;
    return release_make(desk->sealer, &released->group_key, &released->entries[0], release);
}

static void test_making(void **state)
{
    struct desk *desk = *state;
    struct draft draft;
    struct roster *roster = NULL;
    struct release made;
    draft_init(&draft);
    assert_int_equal(draft_decode(&draft, &roster), ERR_OK);
    desk->released.entries[0].roster = roster;
    memcpy(desk->released.headers[0].author, roster->nodes[1].signing, SIGN_KEY_LEN);
    assert_int_equal(make(desk, "decision", &made), ERR_OK);
    assert_int_equal(made.author, 1);
    desk->release = made;
    assert_int_equal(open_entry(desk, 0), ERR_OK);
    assert_int_equal(make(desk, "releases", &made), ERR_OK);
    assert_int_equal(make(desk, "release", &made), ERR_STATE); // it would open two entries
    assert_int_equal(make(desk, "NOTICE", &made), ERR_MALFORMED);
    assert_int_equal(make(desk, "notice", &made), ERR_OK);
    desk->released.group_key.secret[0] ^= 1;
    assert_int_equal(
        release_make(desk->sealer, &desk->released.group_key, &desk->released.entries[0], &made),
        ERR_DENIED);
    desk->released.group_key.secret[0] ^= 1;
    desk->released.sealed[0][60] ^= 1;
    assert_int_equal(
        release_make(desk->sealer, &desk->released.group_key, &desk->released.entries[0], &made),
        ERR_DENIED);
    memset(desk->released.headers[0].author, 1, SIGN_KEY_LEN); // in no roster
    assert_int_equal(make(desk, "notice", &made), ERR_DENIED);
    roster_destroy(&roster);
}

static const struct edit release_edits[] = {
    {"another kind", BYTES("grelease"), BYTES("greleese"), ERR_MALFORMED},
    {"another field", BYTES("eepoch"), BYTES("eepoca"), ERR_MALFORMED},
    {"a field fewer", BYTES("\xa6"), BYTES("\xa5"), ERR_MALFORMED},
    {"a field more", BYTES("fauthor\x01"), BYTES("fauthor\x01\x66nothing\x01"), ERR_MALFORMED},
    {"a longer name for a field", BYTES("eepoch\x00"), BYTES("fepocha\x00"), ERR_MALFORMED},
    {"id of 31 bytes", BYTES("bid\x58\x20"), BYTES("bid\x58\x1f"), ERR_MALFORMED},
    {"key of 33 bytes", BYTES("ckey\x58\x20"), BYTES("ckey\x58\x21\x00"), ERR_MALFORMED},
    {"key as text", BYTES("ckey\x58\x20"), BYTES("ckey\x78\x20"), ERR_MALFORMED},
    {"seq 0", BYTES("cseq\x01"), BYTES("cseq\x00"), ERR_MALFORMED},
    {"seq over 2^53", BYTES("cseq\x01"), BYTES("cseq\x1b\x00\x20\x00\x00\x00\x00\x00\x01"),
     ERR_LIMIT},
    {"epoch over 2^32-1", BYTES("eepoch\x00"), BYTES("eepoch\x1b\x00\x00\x00\x01\x00\x00\x00\x00"),
     ERR_LIMIT},
    {"author 4096", BYTES("fauthor\x01"), BYTES("fauthor\x19\x10\x00"), ERR_LIMIT},
    {"author as a name", BYTES("fauthor\x01"),
     BYTES("fauthor\x67"
           "be-nccn"),
     ERR_MALFORMED},
    {"byte after the end", BYTES("fauthor\x01"), BYTES("fauthor\x01\x00"), ERR_MALFORMED},
    {"another seq than the entry's", BYTES("cseq\x01"), BYTES("cseq\x02"), ERR_DENIED},
    {"another epoch than the entry's", BYTES("eepoch\x00"), BYTES("eepoch\x01"), ERR_DENIED},
    {"another author than the entry's", BYTES("fauthor\x01"), BYTES("fauthor\x00"), ERR_DENIED},
    {"an author the roster does not have", BYTES("fauthor\x01"), BYTES("fauthor\x02"), ERR_DENIED},
};

static json_t *make_context(const struct released *released)
{
    json_t *const context = json_object();
    json_t *const nodes = json_array();
    json_t *const entries = json_array();
    struct signing_key key;

    edit_set_hex(context, "space", released->space, ID_LEN);
    edit_set_hex(context, "group secret", released->group_key.secret, SECRET_LEN);
    for (size_t i = 0; i < 2; i++) {
        json_array_append_new(nodes, vectors_hex(released->keys[i], SIGN_KEY_LEN));
    }
    json_object_set_new(context, "nodes", nodes);
    roundtrip_key(102, &key);
    for (size_t i = 0; i < RELEASED; i++) {
        json_t *const entry = json_object();
        uint8_t bytes[HEADER_MAX];
        uint8_t cose[COSE_HEADER_MAX];
        uint8_t signature[SIGNATURE_LEN];
        const size_t len = header_encode(&released->headers[i], bytes);
        const struct span space = {released->space, ID_LEN};
        assert_int_equal(cose_sign(&key, space, (struct span){bytes, len}, signature), ERR_OK);
        edit_set_hex(entry, "id", released->ids[i], ID_LEN);
        edit_set_hex(entry, "cose", cose, header_to_cose(bytes, len, signature, cose));
        edit_set_hex(entry, "sealed", released->sealed[i], released->headers[i].size);
        json_array_append_new(entries, entry);
    }
    json_object_set_new(context, "entries", entries);
    return context;
}

static void add_denied(json_t *file, const struct released *released)
{
    struct release release;
    struct release other;
    uint8_t bytes[RELEASE_BODY_MAX];

    roundtrip_release_fill(released, 0, &release);
    roundtrip_release_fill(released, 1, &other);
    release.key[31] ^= 1;
    vectors_add_refused(file, "last bit of the key changed", bytes, release_encode(&release, bytes),
                        ERR_DENIED);
    memcpy(release.key, other.key, ENTRY_KEY_LEN);
    vectors_add_refused(file, "the key of another entry", bytes, release_encode(&release, bytes),
                        ERR_DENIED);
    memcpy(release.key, released->group_key.secret, SECRET_LEN);
    vectors_add_refused(file, "the group's secret for a key", bytes,
                        release_encode(&release, bytes), ERR_DENIED);
    other.id[0] ^= 1;
    vectors_add_refused(file, "an entry there is not", bytes, release_encode(&other, bytes),
                        ERR_DENIED);
}

static json_t *make_vectors(void)
{
    static struct released released;
    struct release release;
    uint8_t bytes[RELEASE_BODY_MAX];
    json_t *const file = vectors_file("Bodies of kind release, PROTOCOL.md 15, opening the "
                                      "context's entries.");

    roundtrip_released(&released);
    json_object_set_new(file, "context", make_context(&released));
    for (size_t i = RELEASED; i > 0; i--) {
        roundtrip_release_fill(&released, i - 1, &release);
        const size_t len = release_encode(&release, bytes);
        json_t *const json = vectors_add_accepted(
            file, i == 1 ? "first entry of a log" : "entry of a later epoch", bytes, len);
        edit_set_hex(json, "id", release.id, ID_LEN);
        edit_set_number(json, "author", release.author);
        edit_set_number(json, "epoch", release.epoch);
        edit_set_number(json, "seq", release.seq);
        edit_set_hex(json, "key", release.key, ENTRY_KEY_LEN);
        edit_set_hex(json, "content", (const uint8_t *)"\xa1\x64kind\x66notice", RELEASED_CONTENT);
    }
    const size_t len = release_encode(&release, bytes);
    for (size_t i = 0; i < sizeof release_edits / sizeof *release_edits; i++) {
        size_t edited_len;
        uint8_t *const edited =
            edit_apply(&release_edits[i], (struct span){bytes, len}, &edited_len);
        vectors_add_refused(file, release_edits[i].name, edited, edited_len, release_edits[i].err);
        free(edited);
    }
    add_denied(file, &released);
    return file;
}

static void test_vectors(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"release", make_vectors, roundtrip_release, NULL});
}

// Our own key of an entry is the one made by hand from the protocol's text.
static void test_entry_key(void **state)
{
    struct desk *desk = *state;
    uint8_t key[ENTRY_KEY_LEN];
    seal_entry_key(&desk->released.group_key, &desk->released.headers[0], desk->released.sealed[0],
                   key);
    assert_memory_equal(key, desk->release.key, ENTRY_KEY_LEN);
}

static void test_the_longest(void **state)
{
    (void)state;
    const struct release release = {.author = NODES_MAX - 1, .epoch = EPOCH_MAX, .seq = SEQ_MAX};
    struct release again;
    uint8_t bytes[RELEASE_BODY_MAX];
    const size_t len = release_encode(&release, bytes);
    assert_int_equal(release_decode((struct span){bytes, len}, &again), ERR_OK);
    assert_true(again.author == NODES_MAX - 1 && again.epoch == EPOCH_MAX && again.seq == SEQ_MAX);
}

#define WITH_DESK(test) cmocka_unit_test_setup_teardown(test, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DESK(test_opens_what_it_names),
        WITH_DESK(test_opens_nothing_else),
        WITH_DESK(test_every_changed_byte_opens_nothing),
        WITH_DESK(test_one_ciphertext_has_one_reading),
        WITH_DESK(test_making),
        WITH_DESK(test_entry_key),
        cmocka_unit_test(test_the_longest),
        cmocka_unit_test(test_vectors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
