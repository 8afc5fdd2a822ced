// SPDX-License-Identifier: EUPL-1.2
// The groups of a node over a real store: node 0's, of centre 0. Node 1, of centre 1, writes too.
#include <limits.h>

#include "clock.h"
#include "fake_desk.h"
#include "sitrep/exercise.h"

enum { PATIENCE_MS = 10000, RANDOM_LEN = 32 };

static void start(struct desk *desk)
{
    assert_int_equal(groups_start(desk->groups, desk), ERR_OK);
}

static void catch_up(struct desk *desk)
{
    assert_int_equal(groups_catch_up(desk->groups, PATIENCE_MS), ERR_OK);
}

// Stores an entry of node `author`; the groups' own thread may publish at the same time.
static void store(struct desk *desk, struct fake_entry entry)
{
    pthread_mutex_lock(&desk->mutex);
    fake_store(desk, &entry);
    groups_set_arrival(desk->groups, store_last_arrival(desk->store));
    pthread_mutex_unlock(&desk->mutex);
}

static void store_change(struct desk *desk, uint32_t author, const struct group_body *body)
{
    static uint8_t bytes[GROUP_BODY_MAX];
    const size_t len = group_body_encode(body, bytes, sizeof bytes);
    assert_true(len > 0);
    store(desk, (struct fake_entry){.chain = author, .content = bytes, .content_len = len});
}

typedef bool condition(const struct groups_view *view, const void *context);

// Waits for a view of which that is so.
static void wait_for(struct desk *desk, condition *is_so, const void *context)
{
    const uint64_t deadline_ms = clock_now_ms() + PATIENCE_MS;
    for (;;) {
        struct pollfd fd = {.fd = groups_fd(desk->groups), .events = POLLIN};
        groups_changed(desk->groups);
        const struct groups_view *view = groups_hold(desk->groups);
        const bool is = is_so(view, context);
        groups_release(view);
        if (is) {
            return;
        }
        assert_true(clock_now_ms() < deadline_ms);
        poll(&fd, 1, PATIENCE_MS);
    }
}

static struct groups_order founding(const char *name)
{
    struct groups_order order = {.op = GROUP_CREATE};
    strcpy(order.name, name);
    centre_set_add(&order.centres, 1);
    return order;
}

static void make(struct desk *desk, const struct groups_order *order, struct groups_done *done)
{
    assert_int_equal(groups_change(desk->groups, order, done), ERR_OK);
}

// A group founded by node 1, of both centres, owned by its own; its id, and its key, which only
// node 1 has.
static void found_by_other(struct desk *desk, const char *name, struct group_key *key)
{
    struct group_body body = {.op = GROUP_CREATE, .has_history = true};
    uint8_t group[TAG_LEN];
    uint8_t secret[SECRET_LEN];
    strcpy(body.name, name);
    centre_set_add(&body.centres, 0);
    centre_set_add(&body.centres, 1);
    centre_set_add(&body.owners, 1);
    store_change(desk, 1, &body);
    group_id_derive(desk->chains[1].head_id, group);
    randombytes_buf(secret, sizeof secret);
    group_key_derive(key, group, secret);
    body = (struct group_body){.op = GROUP_REKEY};
    memcpy(body.group, group, TAG_LEN);
    group_key_hash(group, secret, body.key_hash);
    store_change(desk, 1, &body);
}

static void send_key(struct desk *desk, const struct group_key *key)
{
    uint8_t random[RANDOM_LEN];
    struct sealed_key sealed;
    randombytes_buf(random, sizeof random);
    assert_int_equal(group_key_seal(key, desk->roster->nodes[0].transport, random, &sealed),
                     ERR_OK);
    groups_take_key(desk->groups, &sealed);
}

static bool holds(const struct groups_view *view, const void *context)
{
    const struct group_key *key = context;
    const struct groups_item *item = groups_find(view, key->group);
    return item != NULL && item->is_held;
}

static void test_at_first_there_are_all(void **state)
{
    struct desk *desk = *state;
    const struct groups_view *view = groups_hold(desk->groups);
    struct group_key key;
    uint8_t other[TAG_LEN] = {1};
    assert_int_equal(view->count, 1);
    assert_true(view->items[0].group->is_all);
    assert_true(view->items[0].is_member && view->items[0].is_owner && view->items[0].is_held);
    assert_string_equal(view->items[0].name, "all");
    assert_int_equal(groups_seal_key(desk->groups, desk->key.group, &key), ERR_OK);
    assert_memory_equal(&key, &desk->key, sizeof key);
    assert_int_equal(groups_seal_key(desk->groups, other, &key), ERR_NOT_FOUND);
    assert_int_equal(groups_find_key(desk->groups, key.group, other, &key), ERR_NOT_FOUND);
    groups_release(view);
}

static size_t keys_on_disk(struct desk *desk)
{
    struct group_keys *keys = NULL;
    assert_int_equal(home_load_group_keys(&desk->home, NULL, &keys), ERR_OK);
    const size_t count = keys->count;
    group_keys_destroy(&keys);
    return count;
}

static void test_a_group_is_founded(void **state)
{
    struct desk *desk = *state;
    struct groups_order order = founding("flood");
    struct groups_done done;
    struct group_key key;
    start(desk);
    make(desk, &order, &done);
    assert_int_equal(done.seq, 2); // the founding, and its first key
    assert_int_equal(keys_on_disk(desk), 2);
    const struct groups_view *view = groups_hold(desk->groups);
    assert_int_equal(view->count, 2);
    const struct groups_item *item = groups_find(view, done.group);
    assert_ptr_equal(item, &view->items[1]);
    assert_string_equal(item->name, "flood");
    assert_true(item->is_member && item->is_owner && item->is_held);
    assert_int_equal(item->group->members.words[0], 3);
    assert_int_equal(item->group->owners.words[0], 1);
    assert_int_equal(item->steps_count, 2);
    assert_int_equal(item->steps[0].op, GROUP_CREATE);
    assert_int_equal(item->steps[0].entry.seq, 1);
    assert_int_equal(item->keys_held, 1);
    assert_int_equal(groups_seal_key(desk->groups, done.group, &key), ERR_OK);
    assert_memory_equal(key.id, item->group->current->hash, TAG_LEN);
    groups_release(view);
}

static void test_members_come_and_go(void **state)
{
    struct desk *desk = *state;
    struct groups_order order = founding("flood");
    struct groups_done done;
    start(desk);
    make(desk, &order, &done);
    order = (struct groups_order){.op = GROUP_REMOVE, .centre = 1};
    memcpy(order.group, done.group, TAG_LEN);
    make(desk, &order, &done);
    const struct groups_view *view = groups_hold(desk->groups);
    const struct groups_item *item = groups_find(view, done.group);
    assert_int_equal(item->group->members.words[0], 1);
    assert_int_equal(item->group->keys_count, 2);
    assert_int_equal(item->keys_held, 2);
    assert_true(item->is_held);
    groups_release(view);
    assert_int_equal(groups_change(desk->groups, &order, &done), ERR_STATE); // no member any more
    order.op = GROUP_OWN;
    assert_int_equal(groups_change(desk->groups, &order, &done), ERR_STATE);
    order.op = GROUP_ADD; // without history, so with a key
    make(desk, &order, &done);
    assert_int_equal(groups_change(desk->groups, &order, &done), ERR_STATE);
    order.op = GROUP_OWN;
    make(desk, &order, &done);
    order.op = GROUP_DISOWN;
    make(desk, &order, &done);
    view = groups_hold(desk->groups);
    item = groups_find(view, done.group);
    assert_int_equal(item->group->members.words[0], 3);
    assert_int_equal(item->group->owners.words[0], 1);
    assert_int_equal(item->group->keys_count, 3);
    assert_int_equal(item->steps_count, 6);
    for (size_t i = 0; i < item->steps_count; i++) {
        assert_int_equal(item->group->effects[i], GROUP_COUNTS);
    }
    groups_release(view);
}

static void test_what_is_no_change(void **state)
{
    struct desk *desk = *state;
    struct groups_order order = founding("all");
    struct groups_done done;
    struct group_key key;
    start(desk);
    assert_int_equal(groups_change(desk->groups, &order, &done), ERR_MALFORMED);
    order = founding("flood");
    centre_set_add(&order.centres, 7);
    assert_int_equal(groups_change(desk->groups, &order, &done), ERR_NOT_FOUND);
    order = founding("flood");
    centre_set_add(&order.owners, 1);
    assert_int_equal(groups_change(desk->groups, &order, &done), ERR_DENIED);
    order = (struct groups_order){.op = GROUP_REKEY};
    assert_int_equal(groups_change(desk->groups, &order, &done), ERR_NOT_FOUND);
    memcpy(order.group, desk->key.group, TAG_LEN);
    order.op = GROUP_ADD;
    assert_int_equal(groups_change(desk->groups, &order, &done), ERR_STATE);
    found_by_other(desk, "river", &key);
    catch_up(desk);
    memcpy(order.group, key.group, TAG_LEN);
    order.op = GROUP_REKEY;
    assert_int_equal(groups_change(desk->groups, &order, &done), ERR_DENIED);
    assert_int_equal(desk->publish_calls, 0);
    assert_int_equal(groups_seal_key(desk->groups, key.group, &key), ERR_AGAIN); // no key yet
}

// The key is in the home before anything is published, and not wasted when that fails.
static void test_a_key_is_kept_first(void **state)
{
    struct desk *desk = *state;
    struct groups_order order = founding("flood");
    struct groups_done done;
    start(desk);
    make(desk, &order, &done);
    order = (struct groups_order){.op = GROUP_REKEY};
    memcpy(order.group, done.group, TAG_LEN);
    desk->publish_err = ERR_NO_SPACE;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(groups_change(desk->groups, &order, &done), ERR_NO_SPACE);
        assert_int_equal(keys_on_disk(desk), 3);
    }
    desk->publish_err = ERR_OK;
    make(desk, &order, &done);
    assert_int_equal(keys_on_disk(desk), 3);
    make(desk, &order, &done);
    assert_int_equal(keys_on_disk(desk), 4);
}

static void test_names(void **state)
{
    struct desk *desk = *state;
    struct groups_order order = founding("flood");
    const struct groups_item *item;
    struct groups_done done;
    struct group_key key;
    size_t count;
    start(desk);
    found_by_other(desk, "flood", &key);
    make(desk, &order, &done);
    order = founding("ash");
    make(desk, &order, &done);
    const struct groups_view *view = groups_hold(desk->groups);
    assert_int_equal(view->count, 4);
    assert_string_equal(view->items[1].name, "ash");
    assert_string_equal(view->items[2].name, "flood@be-nccn");
    assert_string_equal(view->items[3].name, "flood@nl-kcr2-b");
    assert_int_equal(groups_find_name(view, "all", &item, &count), ERR_OK);
    assert_true(item->group->is_all);
    assert_int_equal(groups_find_name(view, "flood", &item, &count), ERR_STATE);
    assert_ptr_equal(item, &view->items[2]);
    assert_int_equal(count, 2);
    assert_int_equal(groups_find_name(view, "flood@nl-kcr2-b", &item, &count), ERR_OK);
    assert_memory_equal(item->group->id, key.group, TAG_LEN);
    assert_int_equal(groups_find_name(view, "flood@nl-kcr2-b/1", &item, &count), ERR_OK);
    assert_int_equal(groups_find_name(view, "flood@nl-kcr2-b/2", &item, &count), ERR_NOT_FOUND);
    assert_int_equal(groups_find_name(view, "flood@nowhere", &item, &count), ERR_NOT_FOUND);
    assert_int_equal(groups_find_name(view, "floo", &item, &count), ERR_NOT_FOUND);
    groups_release(view);
    order = founding("flood");
    make(desk, &order, &done);
    view = groups_hold(desk->groups);
    assert_string_equal(view->items[2].name, "flood@be-nccn/1");
    assert_string_equal(view->items[3].name, "flood@be-nccn/5");
    assert_string_equal(view->items[4].name, "flood@nl-kcr2-b");
    groups_release(view);
}

static size_t make_release(const struct group_key *with, uint8_t id, uint8_t *out)
{
    struct release release = {.author = 1, .seq = 1};
    memset(release.id, id, ID_LEN);
    memcpy(release.key, with->secret, ENTRY_KEY_LEN);
    return release_encode(&release, out);
}

// A key comes, and what was sealed with it before is looked at then.
static void test_a_key_comes(void **state)
{
    struct desk *desk = *state;
    struct key_ref wanted[ENGINE_KEYS_MAX];
    struct groups_released released;
    struct group_key key;
    struct group_key wrong;
    uint8_t content[RELEASE_BODY_MAX];
    uint8_t id[ID_LEN];
    start(desk);
    found_by_other(desk, "river", &key);
    const size_t len = make_release(&key, 9, content);
    memset(id, 9, sizeof id);
    store(desk,
          (struct fake_entry){.chain = 1, .key = &key, .content = content, .content_len = len});
    store(desk, (struct fake_entry){.chain = 0});
    catch_up(desk);
    assert_int_equal(groups_wanted(desk->groups, wanted), 1);
    assert_memory_equal(wanted[0].group, key.group, TAG_LEN);
    assert_memory_equal(wanted[0].key, key.id, TAG_LEN);
    assert_int_equal(groups_find_release(desk->groups, id, 0, &released), ERR_NOT_FOUND);
    wrong = key;
    wrong.secret[0] ^= 1;
    group_key_derive(&wrong, key.group, wrong.secret);
    send_key(desk, &wrong);
    send_key(desk, &key);
    wait_for(desk, holds, &key);
    assert_int_equal(keys_on_disk(desk), 2);
    assert_int_equal(groups_wanted(desk->groups, wanted), 0);
    assert_int_equal(groups_find_key(desk->groups, wrong.group, wrong.id, &wrong), ERR_NOT_FOUND);
    catch_up(desk);
    assert_int_equal(groups_find_release(desk->groups, id, 0, &released), ERR_OK);
    assert_memory_equal(released.by.group, key.group, TAG_LEN);
    assert_int_equal(released.by.author, 1);
    assert_int_equal(released.by.seq, 3);
    assert_int_equal(groups_find_release(desk->groups, id, 1, &released), ERR_NOT_FOUND);
}

// The next version of the roster, in which node 1 is revoked.
static void revoke_other(const struct desk *desk, struct roster *roster,
                         struct roster_node nodes[static AUTHORS])
{
    *roster = *desk->roster;
    memcpy(nodes, desk->roster->nodes, AUTHORS * sizeof *nodes);
    nodes[1].is_revoked = true;
    nodes[1].revoked_seq = SEQ_MAX;
    roster->nodes = nodes;
    roster->version++;
}

// Of the releases of one entry the first of each node.
static void test_releases(void **state)
{
    struct desk *desk = *state;
    struct groups_released released;
    uint8_t content[RELEASE_BODY_MAX];
    uint8_t id[ID_LEN];
    memset(id, 9, sizeof id);
    start(desk);
    for (uint32_t i = 0; i < 6; i++) {
        const size_t len =
            make_release(&desk->key, (uint8_t)(i < 4 ? 9 : 8 + (i - 4) * 2), content);
        store(desk, (struct fake_entry){.chain = i % 2, .content = content, .content_len = len});
    }
    catch_up(desk);
    assert_int_equal(groups_find_release(desk->groups, id, 0, &released), ERR_OK);
    assert_int_equal(released.by.author, 0);
    assert_int_equal(released.by.seq, 1);
    assert_int_equal(groups_find_release(desk->groups, id, 1, &released), ERR_OK);
    assert_int_equal(released.by.author, 1);
    assert_int_equal(groups_find_release(desk->groups, id, 2, &released), ERR_NOT_FOUND);
    memset(id, 8, sizeof id);
    assert_int_equal(groups_find_release(desk->groups, id, 0, &released), ERR_OK);
    memset(id, 10, sizeof id);
    assert_int_equal(groups_find_release(desk->groups, id, 0, &released), ERR_OK);
    // Beyond a revocation nothing was released.
    struct roster_node nodes[AUTHORS];
    struct roster revoked;
    revoke_other(desk, &revoked, nodes);
    nodes[1].revoked_seq = 2;
    groups_set_roster(desk->groups, &revoked);
    assert_int_equal(groups_find_release(desk->groups, id, 0, &released), ERR_NOT_FOUND);
    memset(id, 9, sizeof id);
    assert_int_equal(groups_find_release(desk->groups, id, 1, &released), ERR_OK);
    groups_close(&desk->groups); // while the roster is there
    fake_groups_open(desk, NULL);
}

static enum key_verdict ask(struct desk *desk, uint32_t requester, const struct group_key *key,
                            struct sealed_key *sealed)
{
    memcpy(sealed->group, key->group, TAG_LEN);
    memcpy(sealed->key, key->id, TAG_LEN);
    return groups_verdict(desk->groups, requester, sealed);
}

static void test_who_is_given_a_key(void **state)
{
    struct desk *desk = *state;
    struct groups_order order = founding("flood");
    struct groups_done done;
    struct sealed_key sealed;
    struct group_key key;
    struct group_key after;
    struct group_key lacked;
    struct group_key opened;
    uint8_t seed[SIGN_KEY_LEN];
    uint8_t transport[BOX_KEY_LEN];
    uint8_t secret[BOX_KEY_LEN];
    start(desk);
    make(desk, &order, &done);
    assert_int_equal(groups_seal_key(desk->groups, done.group, &key), ERR_OK);
    assert_int_equal(ask(desk, 1, &key, &sealed), KEY_ANSWER);
    memset(seed, 2, sizeof seed);
    crypto_box_seed_keypair(transport, secret, seed);
    assert_int_equal(group_key_unseal(&sealed, transport, secret, &opened), ERR_OK);
    assert_memory_equal(&opened, &key, sizeof key);
    assert_int_equal(ask(desk, AUTHORS, &key, &sealed), KEY_DENY); // no node
    found_by_other(desk, "river", &lacked);
    catch_up(desk);
    assert_int_equal(ask(desk, 1, &lacked, &sealed), KEY_PASS);
    lacked.id[0] ^= 1;
    assert_int_equal(ask(desk, 1, &lacked, &sealed), KEY_PASS); // not named by any change
    order = (struct groups_order){.op = GROUP_REMOVE, .centre = 1};
    memcpy(order.group, done.group, TAG_LEN);
    make(desk, &order, &done);
    assert_int_equal(groups_seal_key(desk->groups, done.group, &after), ERR_OK);
    assert_int_equal(ask(desk, 1, &after, &sealed), KEY_DENY);
    assert_int_equal(ask(desk, 1, &key, &sealed), KEY_ANSWER); // it could read that before
}

static bool has_new_key_of_all(const struct groups_view *view, const void *context)
{
    (void)context;
    return view->items[0].group->keys_count == 1 && view->items[0].is_held;
}

// After a revocation an owner brings new keys by itself: that of all members first, sealed with the
// one that the others have.
static void test_a_revocation_brings_keys(void **state)
{
    struct desk *desk = *state;
    struct groups_order order = founding("flood");
    struct groups_done done;
    struct group_key key;
    struct group_key before;
    struct roster_node nodes[AUTHORS];
    struct roster revoked;
    struct record_set set = {0};
    struct sealed_key sealed;
    start(desk);
    make(desk, &order, &done);
    assert_int_equal(groups_seal_key(desk->groups, done.group, &before), ERR_OK);
    revoke_other(desk, &revoked, nodes);
    groups_set_roster(desk->groups, &revoked);
    assert_int_equal(ask(desk, 1, &before, &sealed), KEY_DENY); // at once
    wait_for(desk, has_new_key_of_all, NULL);
    assert_int_equal(groups_seal_key(desk->groups, desk->key.group, &key), ERR_OK);
    assert_memory_not_equal(key.id, desk->key.id, TAG_LEN);
    assert_int_equal(store_read(desk->store, 0, 3, 1, 1, &set), ERR_OK);
    assert_int_equal(set.count, 1);
    assert_memory_equal(set.records[0].key, desk->key.id, TAG_LEN);
    record_set_fini(&set);
    memcpy(key.group, done.group, TAG_LEN);
    wait_for(desk, holds, &key);
    assert_int_equal(groups_seal_key(desk->groups, done.group, &key), ERR_OK);
    assert_memory_not_equal(key.id, before.id, TAG_LEN);
    groups_close(&desk->groups); // while the roster is there
    fake_groups_open(desk, NULL);
}

// A key that its maker gives to nobody: an owner waits for a while, and brings another.
static void test_a_key_that_never_comes(void **state)
{
    struct desk *desk = *state;
    struct group_key key;
    struct group_body body = {.op = GROUP_OWN};
    start(desk);
    found_by_other(desk, "river", &key);
    memcpy(body.group, key.group, TAG_LEN);
    store_change(desk, 1, &body);
    wait_for(desk, holds, &key);
    assert_int_equal(groups_find_key(desk->groups, key.group, key.id, &key), ERR_NOT_FOUND);
    assert_int_equal(groups_seal_key(desk->groups, key.group, &key), ERR_OK);
}

// The keys of all members in an exercise follow from those of the real world: nobody brings one
// there, and a new one here is a new one there [16.3].
static void test_an_exercise_takes_no_key_of_all(void **state)
{
    struct desk *desk = *state;
    struct groups_options options = {.space = {5},
                                     .roster = desk->roster,
                                     .keys = desk->node_keys,
                                     .real = desk->groups,
                                     .secrets = desk->secrets,
                                     .store = desk->store,
                                     .home = &desk->home};
    struct groups_order order = {.op = GROUP_REKEY};
    struct groups *exercise = NULL;
    struct groups_done done;
    struct group_key before, after, real, derived;
    assert_int_equal(secrets_add_exercise(desk->secrets, desk->roster->federation, options.space),
                     ERR_OK);
    assert_int_equal(groups_open(&exercise, &options), ERR_OK);
    group_all_members(options.space, order.group);
    assert_int_equal(groups_change(exercise, &order, &done), ERR_STATE);
    assert_int_equal(groups_seal_key(exercise, order.group, &before), ERR_OK);
    start(desk);
    struct groups_order rekey = {.op = GROUP_REKEY};
    memcpy(rekey.group, desk->key.group, TAG_LEN);
    make(desk, &rekey, &done);
    assert_int_equal(groups_seal_key(desk->groups, rekey.group, &real), ERR_OK);
    exercise_group_key(&derived, options.space, real.secret);
    assert_int_equal(groups_seal_key(exercise, order.group, &after), ERR_OK);
    assert_memory_equal(&after, &derived, sizeof derived);
    assert_memory_not_equal(after.id, before.id, TAG_LEN);
    assert_int_equal(groups_find_key(exercise, order.group, before.id, &derived), ERR_OK);
    assert_int_equal(groups_find_key(exercise, order.group, after.id, &derived), ERR_OK);
    groups_close(&exercise);
}

static void test_new_keys_are_wrapped(void **state)
{
    struct desk *desk = *state;
    struct group_keys *keys = sodium_malloc(sizeof *keys);
    struct secrets *secrets = NULL;
    char *passphrase = sodium_malloc(16);
    assert_non_null(keys);
    assert_non_null(passphrase);
    strcpy(passphrase, "open sesame");
    keys->count = 1;
    keys->keys[0] = desk->key;
    secrets_open(&secrets, &desk->home, &passphrase, &keys);
    assert_null(passphrase);
    assert_null(keys);
    assert_int_equal(secrets_keep(secrets, &desk->foreign, 1), ERR_OK);
    assert_int_equal(secrets_keep(secrets, &desk->key, 1), ERR_OK); // it is there
    secrets_close(&secrets);
    assert_int_equal(home_load_group_keys(&desk->home, NULL, &keys), ERR_DENIED);
    assert_int_equal(home_load_group_keys(&desk->home, "open sesame", &keys), ERR_OK);
    assert_int_equal(keys->count, 2);
    assert_memory_equal(&keys->keys[1], &desk->foreign, sizeof desk->foreign);
    group_keys_destroy(&keys);
}

static void reopen(struct desk *desk)
{
    groups_close(&desk->groups);
    fake_groups_open(desk, "store/groups");
}

// With a bookmark the groups stand at once as they did, and without a good one, when all is read.
static void test_a_bookmark(void **state)
{
    struct desk *desk = *state;
    struct groups_order order = founding("flood");
    struct groups_done done;
    struct group_key key;
    uint8_t *bytes = NULL;
    size_t len = 0;
    reopen(desk);
    start(desk);
    make(desk, &order, &done);
    found_by_other(desk, "river", &key);
    for (size_t i = 0; i < 3; i++) {
        store(desk, (struct fake_entry){.chain = 1, .key = &key});
    }
    catch_up(desk);
    reopen(desk);
    const struct groups_view *view = groups_hold(desk->groups);
    assert_int_equal(view->count, 3);
    groups_release(view);
    start(desk);
    send_key(desk, &key);
    wait_for(desk, holds, &key);
    catch_up(desk);
    groups_close(&desk->groups);
    assert_int_equal(home_read(&desk->home, "store/groups", 1 << 20, &bytes, &len), ERR_OK);
    for (size_t cut = 0; cut < 3; cut++) {
        bytes[cut * len / 3] ^= 1;
        assert_int_equal(home_write(&desk->home, "store/groups", bytes, len - cut), ERR_OK);
        fake_groups_open(desk, "store/groups");
        view = groups_hold(desk->groups);
        assert_int_equal(view->count, 1);
        groups_release(view);
        assert_int_equal(groups_seal_key(desk->groups, done.group, &key), ERR_AGAIN);
        start(desk);
        catch_up(desk);
        view = groups_hold(desk->groups);
        assert_int_equal(view->count, 3);
        groups_release(view);
        groups_close(&desk->groups);
    }
    free(bytes);
    fake_groups_open(desk, "store/groups");
}

static bool has_river(const struct groups_view *view, const void *context)
{
    const struct groups_item *item;
    size_t count;
    (void)context;
    return groups_find_name(view, "river", &item, &count) == ERR_OK;
}

// A founding that was damaged counts when it is repaired.
static void test_what_is_repaired(void **state)
{
    struct desk *desk = *state;
    struct group_body body = {.op = GROUP_CREATE, .name = "river"};
    static uint8_t bytes[GROUP_BODY_MAX];
    centre_set_add(&body.centres, 1);
    centre_set_add(&body.owners, 1);
    const size_t len = group_body_encode(&body, bytes, sizeof bytes);
    assert_true(len > 0);
    start(desk);
    const struct chain before = desk->chains[1];
    store(desk, (struct fake_entry){
                    .chain = 1, .content = bytes, .content_len = len, .is_damaged = true});
    catch_up(desk);
    const struct groups_view *view = groups_hold(desk->groups);
    assert_int_equal(view->count, 1);
    groups_release(view);
    desk->chains[1] = before;
    store(desk, (struct fake_entry){.chain = 1, .content = bytes, .content_len = len});
    groups_look_again(desk->groups, 1, 1);
    wait_for(desk, has_river, NULL);
}

// What is no change of a group does no harm, nor what is sealed for a group alone.
static void test_other_entries(void **state)
{
    struct desk *desk = *state;
    struct groups_order order = founding("flood");
    struct group_body body = {.op = GROUP_CREATE, .name = "river"};
    static const uint8_t odd[] = "\xa1\x64kind\x65group";
    static uint8_t bytes[GROUP_BODY_MAX];
    struct groups_done done;
    struct group_key key;
    start(desk);
    make(desk, &order, &done);
    assert_int_equal(groups_seal_key(desk->groups, done.group, &key), ERR_OK);
    centre_set_add(&body.centres, 1);
    centre_set_add(&body.owners, 1);
    const size_t len = group_body_encode(&body, bytes, sizeof bytes);
    store(desk, (struct fake_entry){.chain = 1, .content = odd, .content_len = sizeof odd - 1});
    store(desk, (struct fake_entry){.chain = 1, .is_foreign = true});
    store(desk, (struct fake_entry){.chain = 1, .key = &key, .content = bytes, .content_len = len});
    catch_up(desk);
    const struct groups_view *view = groups_hold(desk->groups);
    assert_int_equal(view->count, 2);
    groups_release(view);
}

#define GROUPS_TEST(test) cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GROUPS_TEST(test_at_first_there_are_all),
        GROUPS_TEST(test_a_group_is_founded),
        GROUPS_TEST(test_members_come_and_go),
        GROUPS_TEST(test_what_is_no_change),
        GROUPS_TEST(test_a_key_is_kept_first),
        GROUPS_TEST(test_names),
        GROUPS_TEST(test_a_key_comes),
        GROUPS_TEST(test_releases),
        GROUPS_TEST(test_who_is_given_a_key),
        GROUPS_TEST(test_a_revocation_brings_keys),
        GROUPS_TEST(test_a_key_that_never_comes),
        GROUPS_TEST(test_an_exercise_takes_no_key_of_all),
        GROUPS_TEST(test_new_keys_are_wrapped),
        GROUPS_TEST(test_a_bookmark),
        GROUPS_TEST(test_what_is_repaired),
        GROUPS_TEST(test_other_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
