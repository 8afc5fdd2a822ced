// SPDX-License-Identifier: EUPL-1.2
// Vectors of rosters: what one version may say, and which may follow which.
#include "draft.h"
#include "edit.h"
#include "roster_forks.h"
#include "roundtrip_trust.h"
#include "trust/expiries.h"

static json_t *describe_nodes(const struct roster *roster)
{
    json_t *const nodes = json_array();

    for (size_t i = 0; i < roster->nodes_count; i++) {
        const struct roster_node *const node = &roster->nodes[i];
        json_t *const json = json_object();
        edit_set_text(json, "name", node->name);
        edit_set_text(json, "centre", roster->centres[node->centre].code);
        edit_set_hex(json, "signing", node->signing, SIGN_KEY_LEN);
        edit_set_hex(json, "transport", node->transport, BOX_KEY_LEN);
        json_object_set_new(json, "revoked", json_boolean(node->is_revoked));
        json_array_append_new(nodes, json);
    }
    return nodes;
}

static void add_roster(json_t *file, const char *name, const uint8_t *bytes, size_t len)
{
    struct roster *roster = NULL;

    assert_int_equal(roster_decode(bytes, len, &roster), ERR_OK);
    json_t *const json = vectors_add_accepted(file, name, bytes, len);
    edit_set_number(json, "version", roster->version);
    edit_set_hex(json, "federation", roster->federation, ID_LEN);
    edit_set_hex(json, "hash", roster->hash, ID_LEN);
    edit_set_text(json, "federation name", roster->name);
    edit_set_number(json, "threshold", roster->threshold);
    json_object_set_new(json, "nodes", describe_nodes(roster));
    json_t *const expiries = json_array();
    for (size_t i = 0; i < roster->expiries_count; i++) {
        json_t *const expiry = json_array();
        json_array_append_new(expiry, vectors_hex(roster->expiries[i].key, SIGN_KEY_LEN));
        json_array_append_new(expiry, json_integer((json_int_t)roster->expiries[i].expires_ms));
        json_array_append_new(expiries, expiry);
    }
    json_object_set_new(json, "key expiries", expiries);
    roster_destroy(&roster);
}

// Of the seed of 32 bytes of 01.
#define KEY_OF_AUTHORITY                                                                           \
    "\x8a\x88\xe3\xdd\x74\x09\xf1\x95\xfd\x52\xdb\x2d\x3c\xba\x5d\x72"                             \
    "\xca\x67\x09\xbf\x1d\x94\x12\x1b\xf3\x74\x88\x01\xb4\x0f\x6f\x5c"

static const struct edit roster_edits[] = {
    {"version 0", BYTES("\x8a\x01\xf6\x80"), BYTES("\x8a\x00\xf6\x80"), ERR_MALFORMED},
    {"version above 2^53", BYTES("\x8a\x01\xf6\x80"),
     BYTES("\x8a\x1b\x00\x20\x00\x00\x00\x00\x00\x01\xf6\x80"), ERR_LIMIT},
    {"version 2 without federation and parents", BYTES("\x8a\x01\xf6\x80"),
     BYTES("\x8a\x02\xf6\x80"), ERR_MALFORMED},
    {"version 2 without parents", BYTES("\x8a\x01\xf6\x80"),
     BYTES("\x8a\x02\x58\x20" KEY_OF_AB "\x80"), ERR_MALFORMED},
    {"version 1 with a parent", BYTES("\x8a\x01\xf6\x80"),
     BYTES("\x8a\x01\xf6\x81\x58\x20" KEY_OF_AB), ERR_MALFORMED},
    {"version 1 with a federation", BYTES("\x8a\x01\xf6\x80"),
     BYTES("\x8a\x01\x58\x20" KEY_OF_AB "\x80"), ERR_MALFORMED},
    {"array of 11", BYTES("\x8a\x01\xf6\x80"), BYTES("\x8b\x00\x01\xf6\x80"), ERR_MALFORMED},
    {"no name", BYTES("\x6fRhine and Meuse"), BYTES("\x60"), ERR_MALFORMED},
    {"control character in the name", BYTES("Rhine"), BYTES("Rhin\n"), ERR_MALFORMED},
    {"threshold 0", BYTES("Meuse\x01"), BYTES("Meuse\x00"), ERR_MALFORMED},
    {"threshold above the authorities", BYTES("Meuse\x01"), BYTES("Meuse\x02"), ERR_MALFORMED},
    {"threshold above 64", BYTES("Meuse\x01"), BYTES("Meuse\x18\x41"), ERR_LIMIT},
    {"no authorities", BYTES("Meuse\x01\x81\x58\x20" KEY_OF_AUTHORITY), BYTES("Meuse\x01\x80"),
     ERR_MALFORMED},
    {"centre code in capitals",
     BYTES("\x85\x67"
           "be-nccn"),
     BYTES("\x85\x67"
           "BE-NCCN"),
     ERR_MALFORMED},
    {"centre code ends in a hyphen",
     BYTES("\x85\x67"
           "be-nccn"),
     BYTES("\x85\x67"
           "be-ncc-"),
     ERR_MALFORMED},
    {"centre code twice", BYTES("\x85\x67nl-kcr2"),
     BYTES("\x85\x67"
           "be-nccn"),
     ERR_MALFORMED},
    {"centre without titles",
     BYTES("\xa1\x63und\x68"
           "A centre"),
     BYTES("\xa0"), ERR_MALFORMED},
    {"country empty, not null", BYTES("\xf6\xf6\xa0"), BYTES("\x60\xf6\xa0"), ERR_MALFORMED},
    {"extensions of a centre are a list", BYTES("\xf6\xf6\xa0"), BYTES("\xf6\xf6\x80"),
     ERR_MALFORMED},
    {"extension key is a number", BYTES("\xf6\xf6\xa0"), BYTES("\xf6\xf6\xa1\x01\x01"),
     ERR_MALFORMED},
    {"extensions not sorted", BYTES("\xf6\xf6\xa0"),
     BYTES("\xf6\xf6\xa2\x61"
           "b\x01\x61"
           "a\x01"),
     ERR_MALFORMED},
    {"node name twice", BYTES("\x87\x67nl-kcr2"),
     BYTES("\x87\x67"
           "be-nccn"),
     ERR_MALFORMED},
    {"node of a centre that is not there",
     BYTES("\x87\x67"
           "be-nccn\x00"),
     BYTES("\x87\x67"
           "be-nccn\x02"),
     ERR_MALFORMED},
    {"udp endpoint", BYTES("tcp://10.0.0.1:7000"), BYTES("udp://10.0.0.1:7000"), ERR_MALFORMED},
    {"wildcard endpoint", BYTES("\x73tcp://10.0.0.1:7000"), BYTES("\x6ctcp://*:7000"),
     ERR_MALFORMED},
    {"port with a leading zero", BYTES("1:7000"), BYTES("1:0700"), ERR_MALFORMED},
    {"second transport key of 1 byte", BYTES("7001\xf6\xa0"),
     BYTES("7001\xf6\xa1\x6etransport-also\x41\x01"), ERR_MALFORMED},
    {"second transport key is null", BYTES("7001\xf6\xa0"),
     BYTES("7001\xf6\xa1\x6etransport-also\xf6"), ERR_MALFORMED},
    {"revoked is true", BYTES("7001\xf6\xa0"), BYTES("7001\xf5\xa0"), ERR_MALFORMED},
    {"revoked without a seq", BYTES("7001\xf6\xa0"), BYTES("7001\x81\x01\xa0"), ERR_MALFORMED},
    {"expires 0, not null", BYTES("\xa0\xf6\xa0"), BYTES("\xa0\x00\xa0"), ERR_MALFORMED},
    {"expires below zero", BYTES("\xa0\xf6\xa0"), BYTES("\xa0\x20\xa0"), ERR_MALFORMED},
    {"expiries of keys are null", BYTES("\xa0\xf6\xa0"), BYTES("\xa0\xf6\xa1\x6bkey-expires\xf6"),
     ERR_MALFORMED},
    {"expiries of keys are an empty list", BYTES("\xa0\xf6\xa0"),
     BYTES("\xa0\xf6\xa1\x6bkey-expires\x80"), ERR_MALFORMED},
    {"expiry without a time", BYTES("\xa0\xf6\xa0"),
     BYTES("\xa0\xf6\xa1\x6bkey-expires\x81\x81\x58\x20" KEY_OF_AUTHORITY), ERR_MALFORMED},
    {"expiry of a text", BYTES("\xa0\xf6\xa0"),
     BYTES("\xa0\xf6\xa1\x6bkey-expires\x81\x82\x78\x20"
           "abcdefghijklmnopqrstuvwxyz012345\x01"),
     ERR_MALFORMED},
    {"expiry of a key of 31 bytes", BYTES("\xa0\xf6\xa0"),
     BYTES("\xa0\xf6\xa1\x6bkey-expires\x81\x82\x58\x1f"
           "abcdefghijklmnopqrstuvwxyz01234\x01"),
     ERR_MALFORMED},
    {"expiry before 1970", BYTES("\xa0\xf6\xa0"),
     BYTES("\xa0\xf6\xa1\x6bkey-expires\x81\x82\x58\x20" KEY_OF_AUTHORITY "\x20"), ERR_MALFORMED},
    {"expiry at 0", BYTES("\xa0\xf6\xa0"),
     BYTES("\xa0\xf6\xa1\x6bkey-expires\x81\x82\x58\x20" KEY_OF_AUTHORITY "\x00"), ERR_MALFORMED},
    {"expiry above 2^53", BYTES("\xa0\xf6\xa0"),
     BYTES("\xa0\xf6\xa1\x6bkey-expires\x81\x82\x58\x20" KEY_OF_AUTHORITY
           "\x1b\x00\x20\x00\x00\x00\x00\x00\x01"),
     ERR_LIMIT},
    {"expiry of a key that is nobody's", BYTES("\xa0\xf6\xa0"),
     BYTES("\xa0\xf6\xa1\x6bkey-expires\x81\x82\x58\x20" KEY_OF_AB "\x01"), ERR_MALFORMED},
    {"two expiries of one key", BYTES("\xa0\xf6\xa0"),
     BYTES("\xa0\xf6\xa1\x6bkey-expires\x82\x82\x58\x20" KEY_OF_AUTHORITY
           "\x01\x82\x58\x20" KEY_OF_AUTHORITY "\x02"),
     ERR_MALFORMED},
    {"byte after the end of the document", BYTES("\xa0\xf6\xa0"), BYTES("\xa0\xf6\xa0\x00"),
     ERR_MALFORMED},
    {"last byte of the document missing", BYTES("\xa0\xf6\xa0"), BYTES("\xa0\xf6"), ERR_MALFORMED},
};

// What needs keys or several signers rather than an edit.
static void weak_signing_key(struct draft *draft)
{
    memset(draft->signing_keys[1], 0, SIGN_KEY_LEN);
}
static void weak_transport_key(struct draft *draft)
{
    memset(draft->transport_keys[1], 0, BOX_KEY_LEN);
    draft->transport_keys[1][0] = 1;
}
static void signing_key_twice(struct draft *draft)
{
    draft->nodes[1].signing = draft->nodes[0].signing;
}
static void transport_key_twice(struct draft *draft)
{
    draft->nodes[1].transport = draft->nodes[0].transport;
}
// Writes expiries of the two keys in the order given, which need not be that of 5.19.
static void list_two_expiries(struct draft *draft, const uint8_t *first, const uint8_t *second)
{
    static uint8_t map[128];
    struct cbor_writer writer;
    cbor_write(&writer, map, sizeof map);
    cbor_put_map(&writer, 1);
    cbor_put_text(&writer, EXTENSION_KEY_EXPIRES, strlen(EXTENSION_KEY_EXPIRES));
    cbor_put_array(&writer, 2);
    for (int i = 0; i < 2; i++) {
        cbor_put_array(&writer, 2);
        cbor_put_bytes(&writer, i == 0 ? first : second, SIGN_KEY_LEN);
        cbor_put_uint(&writer, 1900000000000);
    }
    draft->roster.extensions = (struct span){map, cbor_written(&writer)};
}
static void expiries_not_in_order(struct draft *draft)
{
    const uint8_t *keys[] = {draft->signing_keys[1], draft->signing_keys[2]};
    const bool is_upward = memcmp(keys[0], keys[1], SIGN_KEY_LEN) < 0;
    list_two_expiries(draft, keys[is_upward], keys[!is_upward]);
}
static void weak_second_key(struct draft *draft)
{
    static const uint8_t zero[BOX_KEY_LEN];
    draft->nodes[1].transport_also = zero;
}
static void second_key_of_another(struct draft *draft)
{
    draft->nodes[1].transport_also = draft->nodes[0].transport;
}
static void second_key_is_the_one_in_use(struct draft *draft)
{
    draft->nodes[1].transport_also = draft->nodes[1].transport;
}
static void second_key_twice(struct draft *draft)
{
    draft->nodes[0].transport_also = draft->transport_keys[9];
    draft->nodes[1].transport_also = draft->transport_keys[9];
}
static void authority_twice(struct draft *draft)
{
    draft_authorities(draft, 3, 2);
    draft->authorities[2] = draft->authority_keys[1];
}
static void no_majority(struct draft *draft)
{
    draft_authorities(draft, 4, 2);
}
static void too_few_signers(struct draft *draft)
{
    draft_authorities(draft, 3, 2);
    draft->signers[1] = 0;
}
static void one_key_signs_twice(struct draft *draft)
{
    draft_authorities(draft, 3, 2);
    draft->signers[1] = 1;
}
static void only_a_stranger_signs(struct draft *draft)
{
    draft->signers[0] = 9;
}
static void a_stranger_signs_too(struct draft *draft)
{
    draft->signers[1] = 9;
}

struct change {
    const char *name;
    void (*apply)(struct draft *draft);
    enum err err;
};

static const struct change roster_changes[] = {
    {"signing key of small order", weak_signing_key, ERR_DENIED},
    {"transport key of small order", weak_transport_key, ERR_DENIED},
    {"signing key twice", signing_key_twice, ERR_MALFORMED},
    {"transport key twice", transport_key_twice, ERR_MALFORMED},
    {"expiries of keys not in order", expiries_not_in_order, ERR_MALFORMED},
    {"second transport key of small order", weak_second_key, ERR_DENIED},
    {"second transport key is another's", second_key_of_another, ERR_MALFORMED},
    {"second transport key is the one in use", second_key_is_the_one_in_use, ERR_MALFORMED},
    {"two nodes with one second transport key", second_key_twice, ERR_MALFORMED},
    {"authority listed twice", authority_twice, ERR_MALFORMED},
    {"threshold is no majority", no_majority, ERR_MALFORMED},
    {"fewer signatures than the threshold", too_few_signers, ERR_DENIED},
    {"one key signs twice", one_key_signs_twice, ERR_MALFORMED},
    {"only a stranger signs", only_a_stranger_signs, ERR_DENIED},
    {"a stranger signs version 1 too", a_stranger_signs_too, ERR_DENIED},
};

static void add_refused_rosters(json_t *file)
{
    struct draft draft;
    uint8_t bytes[DRAFT_MAX];
    uint8_t document[DRAFT_MAX];
    struct cbor_writer writer;
    size_t len;

    draft_init(&draft);
    cbor_write(&writer, document, sizeof document);
    roster_document_put(&writer, &draft.roster);
    const struct span whole = {document, cbor_written(&writer)};
    for (size_t i = 0; i < sizeof roster_edits / sizeof *roster_edits; i++) {
        uint8_t *const edited = edit_apply(&roster_edits[i], whole, &len);
        len = draft_sign(&draft, (struct span){edited, len}, bytes, sizeof bytes);
        vectors_add_refused(file, roster_edits[i].name, bytes, len, roster_edits[i].err);
        free(edited);
    }
    for (size_t i = 0; i < sizeof roster_changes / sizeof *roster_changes; i++) {
        draft_init(&draft);
        roster_changes[i].apply(&draft);
        len = draft_write(&draft, bytes);
        vectors_add_refused(file, roster_changes[i].name, bytes, len, roster_changes[i].err);
    }
    draft_init(&draft);
    len = draft_write(&draft, bytes);
    const struct vectors_splice splices[] = {
        {"signature changed", len - 1, 1, "00", ERR_DENIED},
        {"byte after the end", len, 0, "00", ERR_MALFORMED},
        {"no signature", len - 102, 102, "80", ERR_MALFORMED},
        {"nothing", 0, len, "", ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof splices / sizeof *splices; i++) {
        vectors_add_splice(file, bytes, len, &splices[i]);
    }
}

// Successors of a version 1 with authorities 1, 2, 3 and threshold 2, signed by 1 and 2.
static void nothing_changes(struct draft *next)
{
    (void)next;
}
static void node_revoked(struct draft *next)
{
    next->nodes[1].is_revoked = true;
    next->nodes[1].revoked_epoch = 1;
    next->nodes[1].revoked_seq = 42;
}
static void authorities_change(struct draft *next) // all of them, to 4
{
    next->authorities[0] = next->authority_keys[4];
    next->roster.authorities_count = 1;
    next->roster.threshold = 1;
    next->signers[2] = 4;
}
static void taken_over(struct draft *next)
{
    authorities_change(next);
    next->signers[0] = 4;
    next->signers[1] = 0;
    next->signers[2] = 0;
}
static void signed_by_one_former(struct draft *next)
{
    authorities_change(next);
    next->signers[1] = 4;
    next->signers[2] = 0;
}
static void stranger_signs(struct draft *next)
{
    next->signers[2] = 9;
}
static void version_skipped(struct draft *next)
{
    next->roster.version = 3;
}
static void other_federation(struct draft *next)
{
    next->roster.federation[0] ^= 1;
}
static void other_parent(struct draft *next)
{
    next->parents[0][0] ^= 1;
}
static void node_dropped(struct draft *next)
{
    next->roster.nodes_count = 1;
}
static void node_renamed(struct draft *next)
{
    next->nodes[1].name = draft_text("nl-new");
}
static void node_moved(struct draft *next)
{
    next->nodes[1].centre = 0;
}
static void centre_recoded(struct draft *next)
{
    next->centres[1].code = draft_text("nl-new");
}

static const struct change transitions[] = {
    {"nothing but the version", nothing_changes, ERR_OK},
    {"node revoked", node_revoked, ERR_OK},
    {"authorities change, signed by both", authorities_change, ERR_OK},
    {"signed by the new authority only", taken_over, ERR_DENIED},
    {"signed by too few of the former", signed_by_one_former, ERR_DENIED},
    {"a stranger signs too", stranger_signs, ERR_DENIED},
    {"version skipped", version_skipped, ERR_STATE},
    {"another federation", other_federation, ERR_DENIED},
    {"another parent", other_parent, ERR_DENIED},
    {"node dropped", node_dropped, ERR_MALFORMED},
    {"node renamed", node_renamed, ERR_MALFORMED},
    {"node moved to another centre", node_moved, ERR_MALFORMED},
    {"centre with another code", centre_recoded, ERR_MALFORMED},
};

static json_t *make_transitions(const struct roster *current)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++) {
        struct draft draft;
        struct roster *next = NULL;
        uint8_t bytes[DRAFT_MAX];
        draft_init(&draft);
        draft_authorities(&draft, 3, 2);
        draft_follow(&draft, current);
        transitions[i].apply(&draft);
        const size_t len = draft_write(&draft, bytes);
        assert_int_equal(roster_decode(bytes, len, &next), ERR_OK);
        assert_int_equal(roster_check_next(current, next), transitions[i].err);
        roster_destroy(&next);
        json_t *const json = json_object();
        json_object_set_new(json, "name", json_string(transitions[i].name));
        edit_set_hex(json, "next", bytes, len);
        json_object_set_new(json, "accepted", json_boolean(transitions[i].err == ERR_OK));
        json_object_set_new(json, "reason", json_string(err_text(transitions[i].err)));
        json_array_append_new(list, json);
    }
    return list;
}

// Two successors of the same version 1, and who signed each.
struct roster_pair {
    const char *name;
    void (*one)(struct draft *next);
    void (*other)(struct draft *next);
    uint8_t one_signers[DRAFT_SIGNERS_MAX];
    uint8_t other_signers[DRAFT_SIGNERS_MAX];
    enum err err;
};

static const struct roster_pair roster_pairs[] = {
    {"one authority signed both", nothing_changes, node_revoked, {1, 2}, {2, 3}, ERR_OK},
    {"two authorities signed both", nothing_changes, node_revoked, {1, 2, 3}, {2, 3}, ERR_OK},
    {"one of them by other authorities too",
     authorities_change,
     node_revoked,
     {1, 2, 4},
     {1, 3},
     ERR_OK},
    {"the same version with other signatures",
     nothing_changes,
     nothing_changes,
     {1, 2},
     {2, 3},
     ERR_STATE},
    {"one is two versions on", nothing_changes, version_skipped, {1, 2}, {2, 3}, ERR_STATE},
    {"one is of another federation", nothing_changes, other_federation, {1, 2}, {2, 3}, ERR_DENIED},
    {"one is signed by too few before",
     nothing_changes,
     authorities_change,
     {1, 2},
     {1, 4},
     ERR_DENIED},
    {"one drops a node", nothing_changes, node_dropped, {1, 2}, {2, 3}, ERR_MALFORMED},
};

static struct roster *make_successor(const struct roster *current, void (*apply)(struct draft *),
                                     const uint8_t signers[static DRAFT_SIGNERS_MAX])
{
    struct draft draft;
    struct roster *next = NULL;
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    draft_follow(&draft, current);
    apply(&draft);
    memcpy(draft.signers, signers, DRAFT_SIGNERS_MAX);
    assert_int_equal(draft_decode(&draft, &next), ERR_OK);
    return next;
}

static json_t *make_forks(const struct roster *current)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < sizeof roster_pairs / sizeof *roster_pairs; i++) {
        const struct roster_pair *const pair = &roster_pairs[i];
        struct roster *one = make_successor(current, pair->one, pair->one_signers);
        struct roster *other = make_successor(current, pair->other, pair->other_signers);
        const uint8_t *signers[AUTHORITIES_MAX];
        size_t count = 0;
        json_t *const json = json_object();
        json_t *const keys = json_array();
        assert_int_equal(roster_check_fork(current, one, other, signers, &count), pair->err);
        for (size_t k = 0; k < count; k++) {
            json_array_append_new(keys, vectors_hex(signers[k], SIGN_KEY_LEN));
        }
        json_object_set_new(json, "name", json_string(pair->name));
        edit_set_hex(json, "one", one->signed_document.bytes, one->signed_document.len);
        edit_set_hex(json, "other", other->signed_document.bytes, other->signed_document.len);
        json_object_set_new(json, "fork", json_boolean(pair->err == ERR_OK));
        json_object_set_new(json, "signed both", keys);
        json_array_append_new(list, json);
        // Which of the two came first makes no difference.
        assert_int_equal(roster_check_fork(current, other, one, signers, &count), pair->err);
        assert_int_equal(count, json_array_size(keys));
        roster_destroy(&one);
        roster_destroy(&other);
    }
    return list;
}

static json_t *describe_standing(const struct roster *standing)
{
    json_t *const json = json_object();
    json_t *const nodes = json_array();
    edit_set_number(json, "version", standing->version);
    edit_set_number(json, "threshold", standing->threshold);
    edit_set_number(json, "authorities", standing->authorities_count);
    for (uint32_t i = 0; i < standing->nodes_count; i++) {
        const struct roster_node *const node = &standing->nodes[i];
        json_t *const shown = json_object();
        edit_set_text(shown, "name", node->name);
        edit_set_hex(shown, "transport", node->transport, BOX_KEY_LEN);
        edit_set_hex(shown, "transport also",
                     node->transport_also ? node->transport_also : node->transport,
                     node->transport_also ? BOX_KEY_LEN : 0);
        json_object_set_new(shown, "endpoints", json_integer((json_int_t)node->endpoints_count));
        json_object_set_new(shown, "revoked",
                            node->is_revoked ? json_pack("[I, I]", (json_int_t)node->revoked_epoch,
                                                         (json_int_t)node->revoked_seq)
                                             : json_null());
        json_array_append_new(nodes, shown);
    }
    json_object_set_new(json, "nodes", nodes);
    return json;
}

// What stands of two rivals, and whether `next` settles them.
static json_t *make_settlements(const struct roster *first)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < sizeof settlings / sizeof *settlings; i++) {
        const struct settling *const settling = &settlings[i];
        struct roster *standing =
            stand(make_next(first, settling->one), make_next(first, settling->other));
        struct roster *next = settle(standing->rivals, 2, settling->settle);
        json_t *const json = json_object();
        assert_int_equal(roster_check_next(standing, next), settling->err);
        json_object_set_new(json, "name", json_string(settling->name));
        for (size_t r = 0; r < 2; r++) {
            const struct span bytes = standing->rivals[r]->signed_document;
            edit_set_hex(json, r == 0 ? "one" : "other", bytes.bytes, bytes.len);
        }
        json_object_set_new(json, "standing", describe_standing(standing));
        edit_set_hex(json, "next", next->signed_document.bytes, next->signed_document.len);
        json_object_set_new(json, "accepted", json_boolean(settling->err == ERR_OK));
        json_object_set_new(json, "reason", json_string(err_text(settling->err)));
        json_array_append_new(list, json);
        roster_destroy(&next);
        roster_destroy(&standing);
    }
    return list;
}

// One key of each kind, beside an extension that nobody knows.
static uint8_t *draft_expiries(struct draft *draft)
{
    const uint8_t *const keys[] = {draft->authority_keys[1], draft->signing_keys[1],
                                   draft->transport_keys[2], draft->transport_keys[9]};
    struct expiries expiries;
    uint8_t *extensions = NULL;
    size_t len = 0;
    assert_int_equal(expiries_init(&expiries, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_int_equal(expiries_set(&expiries, keys[i], i == 0 ? SEQ_MAX : 1900000000000 + i),
                         ERR_OK);
    }
    assert_int_equal(
        expiries_write(&expiries, (struct span)BYTES("\xa1\x61x\x82\x01\xf6"), &extensions, &len),
        ERR_OK);
    expiries_fini(&expiries);
    draft->nodes[0].transport_also = draft->transport_keys[9];
    draft->roster.extensions = (struct span){extensions, len};
    return extensions;
}

static json_t *make_roster(void)
{
    json_t *const file = vectors_file(
        "Signed rosters, PROTOCOL.md 5. Each of `transitions` says whether `next` may follow the "
        "accepted roster named by `current`, each of `forks` whether the "
        "two are a fork behind it, and who signed both, each of `settlements` what stands while "
        "both are in force, and whether `next` may follow both. Authority n has the Ed25519 seed "
        "of 32 "
        "bytes n.");
    struct draft draft;
    struct roster *current = NULL;
    uint8_t bytes[DRAFT_MAX];

    draft_init(&draft);
    add_roster(file, "one authority, two nodes", bytes, draft_write(&draft, bytes));
    draft.nodes[1].is_revoked = true;
    draft.nodes[1].revoked_seq = 7;
    draft.roster.expires_ms = 1900000000000;
    draft.centres[0].country = draft_text("BE");
    draft.centres[0].level = draft_text("national");
    draft.roster.extensions = (struct span)BYTES("\xa1\x61x\x82\x01\xf6");
    draft.nodes[0].extensions = draft.roster.extensions;
    draft.nodes[0].transport_also = draft.transport_keys[9];
    add_roster(file, "every field used", bytes, draft_write(&draft, bytes));
    draft_init(&draft);
    uint8_t *const extensions = draft_expiries(&draft);
    add_roster(file, "keys that expire", bytes, draft_write(&draft, bytes));
    free(extensions);
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    size_t len = draft_write(&draft, bytes);
    add_roster(file, "two of three authorities", bytes, len);
    assert_int_equal(roster_decode(bytes, len, &current), ERR_OK);
    json_object_set_new(file, "current", json_string("two of three authorities"));
    json_object_set_new(file, "transitions", make_transitions(current));
    json_object_set_new(file, "forks", make_forks(current));
    json_object_set_new(file, "settlements", make_settlements(current));
    draft_follow(&draft, current);
    len = draft_write(&draft, bytes);
    add_roster(file, "version 2", bytes, len);
    memset(draft.parents[1], 0xff, ID_LEN);
    draft.roster.parents_count = 2;
    add_roster(file, "two parents", bytes, draft_write(&draft, bytes));
    memset(draft.parents[0], 0xff, ID_LEN);
    vectors_add_refused(file, "one parent twice", bytes, draft_write(&draft, bytes), ERR_MALFORMED);
    memset(draft.parents[1], 0xfe, ID_LEN);
    vectors_add_refused(file, "parents not in order", bytes, draft_write(&draft, bytes),
                        ERR_MALFORMED);
    roster_destroy(&current);
    add_refused_rosters(file);
    return file;
}

static void test_roster(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"roster", make_roster, roundtrip_roster, NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roster),
    };

    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
