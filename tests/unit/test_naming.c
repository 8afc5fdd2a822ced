// SPDX-License-Identifier: EUPL-1.2
// Names of entries: as text, and over a store with forks.
#include "fake_desk.h"
#include "naming.h"

static void test_names_are_read_as_written(void **state)
{
    static const struct {
        const char *text;
        struct name name;
    } cases[] = {
        {"be-nccn/12", {"be-nccn", 0, 12, 0}},
        {"be-nccn.1/17", {"be-nccn", 1, 17, 0}},
        {"be-nccn/42a", {"be-nccn", 0, 42, 'a'}},
        {"x.4294967295/9007199254740992h", {"x", 4294967295, UINT64_C(9007199254740992), 'h'}},
        {"abcdefghijklmnopqrstuvwxyz012345/1", {"abcdefghijklmnopqrstuvwxyz012345", 0, 1, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct name name;
        const char *why;
        char text[NAME_SIZE];
        assert_int_equal(name_parse(cases[i].text, &name, &why), ERR_OK);
        assert_string_equal(name.node, cases[i].name.node);
        assert_int_equal(name.epoch, cases[i].name.epoch);
        assert_int_equal(name.seq, cases[i].name.seq);
        assert_int_equal(name.fork, cases[i].name.fork);
        name_format(&name, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_other_texts_are_no_names(void **state)
{
    static const char *const texts[] = {
        "",
        "be-nccn",
        "be-nccn/",
        "/12",
        "be-nccn/0",
        "be-nccn/012",
        "be-nccn.0/1",
        "be-nccn./1",
        "be-nccn.01/1",
        "be-nccn/1i",
        "be-nccn/1A",
        "be-nccn/1aa",
        "be-nccn/1 ",
        " be-nccn/1",
        "Be-nccn/1",
        "be-nccn-/1",
        "1be/1",
        "be-nccn/-1",
        "be-nccn/+1",
        "be-nccn.1.2/3",
        "be-nccn/1/2",
        "be-nccn/9007199254740993",
        "be-nccn.4294967296/1",
        "abcdefghijklmnopqrstuvwxyz0123456/1",
        "be-nccn/99999999999999999999999",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct name name = {.seq = 77};
        const char *why = NULL;
        assert_int_equal(name_parse(texts[i], &name, &why), ERR_MALFORMED);
        assert_int_equal(name.seq, 77);
        assert_non_null(why);
        assert_non_null(strstr(why, "for instance"));
    }
}

// What is complained of is what stands there.
static void test_what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"foo", "NODE/NUMBER"},         {"be-nccn", "NODE/NUMBER"},   {"be-nccn.1", "NODE/NUMBER"},
        {"be-nccn.x/1", "the dot"},     {"be-nccn/", "the slash"},    {"be-nccn/foo", "the slash"},
        {"be-nccn.1/foo", "the slash"}, {"be-nccn/1z", "one letter"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct name name;
        const char *why = NULL;
        assert_int_equal(name_parse(cases[i].text, &name, &why), ERR_MALFORMED);
        assert_non_null(strstr(why, cases[i].why));
    }
}

// The name of an entry by its place, and back: the chain that holds it.
static void check_name(struct desk *desk, struct naming *naming, uint32_t chain, uint64_t seq,
                       const char *expected)
{
    struct record record = {.chain = chain, .seq = seq};
    struct named named;
    struct named found;
    struct name name;
    const char *why;
    char text[NAME_SIZE];
    char letters[BRANCHES_MAX + 1];
    assert_int_equal(naming_of(naming, desk->roster, &record, &named), ERR_OK);
    name_format(&named.name, text);
    assert_string_equal(text, expected);
    assert_int_equal(name_parse(expected, &name, &why), ERR_OK);
    assert_int_equal(naming_find(naming, desk->roster, &name, &found, letters), ERR_OK);
    assert_int_equal(found.chain.number, named.chain.number);
    assert_int_equal(found.name.seq, seq);
}

static enum err find(struct desk *desk, struct naming *naming, const char *text,
                     char letters[static BRANCHES_MAX + 1])
{
    struct name name;
    struct named found;
    const char *why;
    assert_int_equal(name_parse(text, &name, &why), ERR_OK);
    return naming_find(naming, desk->roster, &name, &found, letters);
}

static void test_a_log_without_fork_has_no_letters(void **state)
{
    struct desk *desk = *state;
    struct naming *naming;
    char letters[BRANCHES_MAX + 1];
    struct record unknown = {.chain = 9, .seq = 1};
    struct named named;
    for (int i = 0; i < 3; i++) {
        fake_store(desk, &(struct fake_entry){0});
    }
    desk->chains[1].epoch = 2;
    fake_store(desk, &(struct fake_entry){.chain = 1});
    assert_int_equal(naming_create(&naming, desk->store), ERR_OK);
    check_name(desk, naming, 0, 1, "be-nccn/1");
    check_name(desk, naming, 0, 3, "be-nccn/3");
    check_name(desk, naming, 1, 1, "nl-kcr2-b.2/1");
    assert_int_equal(naming_of(naming, desk->roster, &unknown, &named), ERR_NOT_FOUND);
    assert_int_equal(find(desk, naming, "be-nccn/2a", letters), ERR_NOT_FOUND);
    assert_int_equal(find(desk, naming, "be-nccn.1/2", letters), ERR_NOT_FOUND);
    assert_int_equal(find(desk, naming, "lu-hcpn/2", letters), ERR_NOT_FOUND);
    naming_destroy(&naming);
    assert_null(naming);
}

// The id of an entry, to know which branch comes first.
static void id_of(struct desk *desk, uint32_t chain, uint64_t seq, uint8_t id[static ID_LEN])
{
    struct record_set set = {0};
    assert_int_equal(store_read(desk->store, chain, seq, 1, 1, &set), ERR_OK);
    assert_int_equal(set.count, 1);
    memcpy(id, set.records[0].id, ID_LEN);
    record_set_fini(&set);
}

static void test_branches_have_letters_by_id(void **state)
{
    struct desk *desk = *state;
    struct naming *naming;
    char letters[BRANCHES_MAX + 1];
    char text[NAME_SIZE];
    uint8_t trunk[ID_LEN];
    uint8_t branch[ID_LEN];
    for (int i = 0; i < 5; i++) {
        fake_store(desk, &(struct fake_entry){0});
    }
    assert_int_equal(naming_create(&naming, desk->store), ERR_OK);
    check_name(desk, naming, 0, 4, "be-nccn/4");
    fake_branch(desk, 2, 0, 3);
    fake_store(desk, &(struct fake_entry){.chain = 2});
    id_of(desk, 0, 3, trunk);
    id_of(desk, 2, 3, branch);
    bool is_trunk_first = memcmp(trunk, branch, ID_LEN) < 0;
    // A chain that was not known yet is read by its first entry.
    snprintf(text, sizeof text, "be-nccn/3%c", is_trunk_first ? 'b' : 'a');
    check_name(desk, naming, 2, 3, text);
    snprintf(text, sizeof text, "be-nccn/3%c", is_trunk_first ? 'a' : 'b');
    check_name(desk, naming, 0, 3, text);
    // The other branch has ended, and still they are two.
    snprintf(text, sizeof text, "be-nccn/5%c", is_trunk_first ? 'a' : 'b');
    check_name(desk, naming, 0, 5, text);
    check_name(desk, naming, 0, 2, "be-nccn/2");
    check_name(desk, naming, 2, 2, "be-nccn/2");
    assert_int_equal(find(desk, naming, "be-nccn/3", letters), ERR_STATE);
    assert_int_equal(strlen(letters), 2);
    assert_non_null(strchr(letters, 'a'));
    assert_non_null(strchr(letters, 'b'));
    assert_int_equal(find(desk, naming, "be-nccn/3c", letters), ERR_NOT_FOUND);
    assert_int_equal(find(desk, naming, "be-nccn/2a", letters), ERR_NOT_FOUND);
    naming_destroy(&naming);
}

// Asks as a listing does, which reads nothing again by itself.
static char letter_of(struct desk *desk, struct naming *naming, uint32_t chain, uint64_t seq)
{
    struct record record = {.chain = chain, .seq = seq};
    struct named named;
    assert_int_equal(naming_of(naming, desk->roster, &record, &named), ERR_OK);
    return named.name.fork;
}

static void test_the_first_listing_after_a_fork_has_all_letters(void **state)
{
    struct desk *desk = *state;
    struct naming *naming;
    for (int i = 0; i < 3; i++) {
        fake_store(desk, &(struct fake_entry){0});
    }
    assert_int_equal(naming_create(&naming, desk->store), ERR_OK);
    assert_int_equal(letter_of(desk, naming, 0, 1), 0);
    fake_branch(desk, 2, 0, 1);
    fake_store(desk, &(struct fake_entry){.chain = 2});
    // The trunk is asked for first, as it came first.
    char trunk = letter_of(desk, naming, 0, 1);
    char branch = letter_of(desk, naming, 2, 1);
    assert_int_not_equal(trunk, 0);
    assert_int_equal(trunk + branch, 'a' + 'b');
    naming_destroy(&naming);
}

// A fork can also come about without a new chain: by an entry of one that had ended before.
static void test_a_trunk_that_goes_on_makes_a_fork(void **state)
{
    struct desk *desk = *state;
    struct naming *naming;
    for (int i = 0; i < 3; i++) {
        fake_store(desk, &(struct fake_entry){0});
    }
    fake_branch(desk, 2, 0, 4);
    fake_store(desk, &(struct fake_entry){.chain = 2});
    assert_int_equal(naming_create(&naming, desk->store), ERR_OK);
    assert_int_equal(letter_of(desk, naming, 2, 4), 0);
    fake_store(desk, &(struct fake_entry){0});
    char branch = letter_of(desk, naming, 2, 4);
    char trunk = letter_of(desk, naming, 0, 4);
    assert_int_not_equal(branch, 0);
    assert_int_equal(trunk + branch, 'a' + 'b');
    naming_destroy(&naming);
}

// The same entries under other numbers and parents, as another node would have received them.
static void test_letters_do_not_depend_on_the_order_of_arrival(void **state)
{
    struct desk *desk = *state;
    struct naming *naming;
    uint8_t ids[3][ID_LEN];
    for (int i = 0; i < 4; i++) {
        fake_store(desk, &(struct fake_entry){0});
    }
    fake_branch(desk, 2, 0, 2);
    for (int i = 0; i < 3; i++) {
        fake_store(desk, &(struct fake_entry){.chain = 2});
    }
    fake_branch(desk, 3, 2, 4); // leaves the branch, not the trunk
    fake_store(desk, &(struct fake_entry){.chain = 3});
    id_of(desk, 0, 2, ids[0]);
    id_of(desk, 2, 4, ids[1]);
    id_of(desk, 3, 4, ids[2]);
    char letter[3];
    for (int i = 0; i < 3; i++) {
        letter[i] = 'a';
        for (int j = 0; j < 3; j++) {
            letter[i] = (char)(letter[i] + (memcmp(ids[j], ids[i], ID_LEN) < 0));
        }
    }
    char shared = letter[1] < letter[2] ? letter[1] : letter[2];
    char text[NAME_SIZE];
    assert_int_equal(naming_create(&naming, desk->store), ERR_OK);
    snprintf(text, sizeof text, "be-nccn/2%c", letter[0]);
    check_name(desk, naming, 0, 2, text);
    snprintf(text, sizeof text, "be-nccn/4%c", letter[1]);
    check_name(desk, naming, 2, 4, text);
    snprintf(text, sizeof text, "be-nccn/4%c", letter[2]);
    check_name(desk, naming, 3, 4, text);
    // What two branches share is named after the first of them, whichever chain it is asked by.
    snprintf(text, sizeof text, "be-nccn/3%c", shared);
    check_name(desk, naming, 2, 3, text);
    check_name(desk, naming, 3, 3, text);
    check_name(desk, naming, 3, 1, "be-nccn/1");
    naming_destroy(&naming);
}

static void test_a_chain_that_only_ends_early_is_no_branch(void **state)
{
    struct desk *desk = *state;
    struct naming *naming;
    for (int i = 0; i < 3; i++) {
        fake_store(desk, &(struct fake_entry){0});
    }
    fake_branch(desk, 2, 0, 4);
    fake_store(desk, &(struct fake_entry){.chain = 2});
    assert_int_equal(naming_create(&naming, desk->store), ERR_OK);
    check_name(desk, naming, 2, 4, "be-nccn/4");
    check_name(desk, naming, 0, 3, "be-nccn/3");
    naming_destroy(&naming);
}

static char letter_in(struct desk *desk, struct store *store, uint32_t chain, uint64_t seq)
{
    struct naming *naming;
    assert_int_equal(naming_create(&naming, store), ERR_OK);
    char letter = letter_of(desk, naming, chain, seq);
    naming_destroy(&naming);
    return letter;
}

// Two nodes may hold different branches beyond a revocation; what counts has the same name on both.
static void test_what_is_quarantined_names_nothing_else(void **state)
{
    struct desk *desk = *state;
    struct naming *naming;
    struct named named;
    for (int i = 0; i < 6; i++) {
        fake_store(desk, &(struct fake_entry){0});
    }
    fake_branch(desk, 2, 0, 3);
    for (int i = 0; i < 4; i++) {
        fake_store(desk, &(struct fake_entry){.chain = 2});
    }
    fake_revoke(desk, 0, 4);
    char trunk = letter_in(desk, desk->store, 0, 4);
    char branch = letter_in(desk, desk->store, 2, 4);
    assert_int_equal(trunk + branch, 'a' + 'b');
    // More branches beyond: were they looked at, the letters would go by entries beyond as well.
    for (uint32_t i = 3; i < BRANCHES; i++) {
        fake_branch(desk, i, i % 2 == 0 ? 0 : 2, 5);
        fake_store(desk, &(struct fake_entry){.chain = i});
        assert_int_equal(letter_in(desk, desk->store, 0, 4), trunk);
        assert_int_equal(letter_in(desk, desk->store, 2, 4), branch);
    }
    assert_int_equal(naming_create(&naming, desk->store), ERR_OK);
    for (uint32_t i = 0; i < BRANCHES; i++) {
        struct record record = {.chain = i, .seq = 5};
        char text[NAME_SIZE];
        if (i == 1) {
            continue; // the other node's
        }
        assert_int_equal(naming_of(naming, desk->roster, &record, &named), ERR_OK);
        assert_true(named.is_quarantined);
        assert_int_not_equal(named.name.fork, 0);
        name_format(&named.name, text);
        check_name(desk, naming, i, 5, text); // and is found by it
    }
    struct record last = {.chain = 0, .seq = 4};
    assert_int_equal(naming_of(naming, desk->roster, &last, &named), ERR_OK);
    assert_false(named.is_quarantined);
    fake_revoke(desk, 0, 3); // a table that was read before follows the roster
    assert_int_equal(naming_of(naming, desk->roster, &last, &named), ERR_OK);
    assert_true(named.is_quarantined);
    naming_destroy(&naming);
}

struct asking {
    struct desk *desk;
    struct naming *naming;
    _Atomic bool is_done;
};

static void *keep_asking(void *context)
{
    struct asking *asking = context;
    const struct record first = {.chain = 0, .seq = 1};
    struct named named;
    bool is_named = true;

    while (!asking->is_done) {
        is_named &= naming_of(asking->naming, asking->desk->roster, &first, &named) == ERR_OK;
    }
    return is_named ? asking : NULL;
}

// What is read while a commit is on its way may be from before it, and must not be taken for what
// came with it.
static void test_a_new_log_has_its_names_at_once(void **state)
{
    struct desk *desk = *state;
    struct asking asking = {.desk = desk};
    struct named named;
    pthread_t thread;
    void *was_named = NULL;

    assert_int_equal(naming_create(&asking.naming, desk->store), ERR_OK);
    fake_store(desk, &(struct fake_entry){.chain = 0});
    assert_int_equal(pthread_create(&thread, NULL, keep_asking, &asking), 0);
    for (uint32_t number = 1; number <= 200; number++) {
        const struct record fresh = {.chain = number, .seq = 1};
        desk->chains[1] =
            (struct chain){.number = number, .parent = CHAIN_NONE, .first_seq = 1, .epoch = number};
        memcpy(desk->chains[1].author, desk->public_key[1], SIGN_KEY_LEN);
        fake_store(desk, &(struct fake_entry){.chain = 1});
        assert_int_equal(naming_of(asking.naming, desk->roster, &fresh, &named), ERR_OK);
    }
    asking.is_done = true;
    assert_int_equal(pthread_join(thread, &was_named), 0);
    assert_non_null(was_named);
    naming_destroy(&asking.naming);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_read_as_written),
        cmocka_unit_test(test_other_texts_are_no_names),
        cmocka_unit_test(test_what_is_wrong_is_told),
        cmocka_unit_test_setup_teardown(test_a_log_without_fork_has_no_letters, fake_setup,
                                        fake_teardown),
        cmocka_unit_test_setup_teardown(test_branches_have_letters_by_id, fake_setup,
                                        fake_teardown),
        cmocka_unit_test_setup_teardown(test_the_first_listing_after_a_fork_has_all_letters,
                                        fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_a_trunk_that_goes_on_makes_a_fork, fake_setup,
                                        fake_teardown),
        cmocka_unit_test_setup_teardown(test_letters_do_not_depend_on_the_order_of_arrival,
                                        fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_a_chain_that_only_ends_early_is_no_branch, fake_setup,
                                        fake_teardown),
        cmocka_unit_test_setup_teardown(test_a_new_log_has_its_names_at_once, fake_setup,
                                        fake_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_quarantined_names_nothing_else, fake_setup,
                                        fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
