// SPDX-License-Identifier: EUPL-1.2
// Reads the store in order of arrival and opens what there are keys for. What an entry says is for
// gathering.c, released.c and proposals.c. Most entries are reports and are forgotten at once, so
// they are opened before anything else of them is checked.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "groups/state.h"

enum { BATCH = 128, CHAIN_NUMBERS_MAX = 65536 };

enum err follower_open(struct groups *groups)
{
    struct follower *const follower = &groups->follower;
    follower->roster = groups->roster;
    follower->sealer = sealer_create();
    follower->key = sodium_malloc(sizeof *follower->key);
    if (follower->sealer == NULL || follower->key == NULL) {
        return ERR_NO_SPACE;
    }
    sodium_memzero(follower->key, sizeof *follower->key);
    follower->second_at = 1;
    return ERR_OK;
}

void follower_close(struct groups *groups)
{
    struct follower *const follower = &groups->follower;
    gatherings_close(follower);
    sealer_destroy(&follower->sealer);
    sodium_free(follower->key);
    record_set_fini(&follower->records);
    free(follower->authors);
    free(follower->marked);
    free(follower->missing.list);
    free(follower->found.list);
}

// -- what there are no keys for --

static int compare_missing(const struct missing *a, const struct missing *b)
{
    const int group = memcmp(a->group, b->group, TAG_LEN);
    return group != 0 ? group : memcmp(a->key, b->key, TAG_LEN);
}

// Where it is, or would be.
static size_t missing_place(const struct missing_list *missing, const struct missing *one)
{
    size_t low = 0;
    size_t high = missing->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_missing(&missing->list[middle], one) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool missing_has(const struct missing_list *missing, const struct missing *one)
{
    const size_t place = missing_place(missing, one);
    return place < missing->count && compare_missing(&missing->list[place], one) == 0;
}

void missing_add(struct missing_list *missing, const struct missing *one)
{
    const size_t place = missing_place(missing, one);
    if (place < missing->count && compare_missing(&missing->list[place], one) == 0) {
        struct missing *const known = &missing->list[place];
        known->first = one->first < known->first ? one->first : known->first;
        known->last = one->last > known->last ? one->last : known->last;
        return;
    }
    struct missing *const grown =
        realloc(missing->list, (missing->count + 1) * sizeof *missing->list);
    if (grown == NULL) {
        abort();
    }
    memmove(grown + place + 1, grown + place, (missing->count - place) * sizeof *grown);
    grown[place] = *one;
    missing->list = grown;
    missing->count++;
}

static void miss(struct follower *follower, const struct record *record)
{
    struct missing one = {.first = record->arrival, .last = record->arrival};
    memcpy(one.group, record->group, TAG_LEN);
    memcpy(one.key, record->key, TAG_LEN);
    if (follower->missing.count < MISSING_MAX || missing_has(&follower->missing, &one)) {
        missing_add(&follower->missing, &one);
    } else if (follower->missing_from == 0 || record->arrival < follower->missing_from) {
        follower->missing_from = record->arrival;
    }
}

static void look_back_to(struct follower *follower, uint64_t first, uint64_t last)
{
    const bool is_idle = follower->second_at > follower->second_to;
    if (is_idle || first < follower->second_at) {
        follower->second_at = first;
    }
    if (is_idle || last > follower->second_to) {
        follower->second_to = last;
    }
}

void follower_use_keys(struct groups *groups)
{
    struct follower *const follower = &groups->follower;
    struct missing_list *const missing = &follower->missing;
    size_t kept = 0;
    for (size_t i = 0; i < missing->count; i++) {
        const struct missing one = missing->list[i];
        if (secrets_have(groups->secrets, one.group, one.key)) {
            missing_add(&follower->found, &one);
            look_back_to(follower, one.first, one.last);
        } else {
            missing->list[kept++] = one;
        }
    }
    missing->count = kept;
    if (follower->missing_from != 0) {
        look_back_to(follower, follower->missing_from, follower->arrival);
    }
}

// -- one entry --

static bool find_key(struct groups *groups, const struct record *record)
{
    struct group_key *const key = groups->follower.key;
    return (memcmp(key->group, record->group, TAG_LEN) == 0 &&
            memcmp(key->id, record->key, TAG_LEN) == 0) ||
           groups_find_key(groups, record->group, record->key, key) == ERR_OK;
}

// The chain's author and epoch, which stay what they are; NULL when it is not there.
static const struct chain *find_chain(struct groups *groups, uint32_t number)
{
    struct follower *const follower = &groups->follower;
    if (number >= CHAIN_NUMBERS_MAX) {
        return NULL;
    }
    if (number >= follower->authors_count) {
        const size_t count = number + 64;
        struct author *const grown = realloc(follower->authors, count * sizeof *grown);
        if (grown == NULL) {
            abort();
        }
        memset(grown + follower->authors_count, 0,
               (count - follower->authors_count) * sizeof *grown);
        follower->authors = grown;
        follower->authors_count = count;
    }
    struct author *const author = &follower->authors[number];
    if (!author->is_known) {
        author->is_known = store_get_chain(groups->store, number, &author->chain) == ERR_OK;
    }
    return author->is_known ? &author->chain : NULL;
}

static enum err open_body(struct groups *groups, const struct record *record,
                          const struct chain *chain, struct span *content)
{
    const struct span sealed = {record->sealed, record->sealed_len};
    struct header header = {.epoch = chain->epoch, .seq = record->seq};
    memcpy(header.author, chain->author, SIGN_KEY_LEN);
    memcpy(header.group, record->group, TAG_LEN);
    memcpy(header.key, record->key, TAG_LEN);
    return seal_open(groups->follower.sealer, groups->follower.key, &header, sealed, content);
}

static bool is_kind(struct span kind, const char *name)
{
    return kind.len == strlen(name) && memcmp(kind.bytes, name, kind.len) == 0;
}

void follower_mark(struct follower *follower, uint64_t arrival)
{
    uint64_t *const grown =
        realloc(follower->marked, (follower->marked_count + 1) * sizeof *follower->marked);
    if (grown == NULL) {
        abort();
    }
    follower->marked = grown;
    follower->marked[follower->marked_count++] = arrival;
    follower->has_new_marks = true;
}

// What an entry of those kinds says, once it is known to be what its author signed.
static void take(struct groups *groups, const struct record *record, const struct chain *chain,
                 struct span content)
{
    struct header header;
    struct span kind;
    const int32_t author = roster_find_signing(groups->follower.roster, chain->author);
    if (author < 0 || record_check(record, groups->space, chain, &header) != ERR_OK ||
        body_check(content, &kind) != ERR_OK) {
        return;
    }
    struct groups_entry entry = {.chain = record->chain,
                                 .author = (uint32_t)author,
                                 .epoch = chain->epoch,
                                 .seq = record->seq,
                                 .time = record->time};
    memcpy(entry.id, record->id, ID_LEN);
    memcpy(entry.group, record->group, TAG_LEN);
    bool is_new = false;
    if (is_kind(kind, PROPOSAL_KIND)) {
        is_new = proposal_add(groups, &entry, content);
    } else {
        is_new = is_kind(kind, "group") ? gathering_add(groups, &entry, content)
                                        : released_add(groups, &entry, content);
        groups->follower.has_news |= is_new;
    }
    if (is_new) {
        follower_mark(&groups->follower, record->arrival);
    }
}

void follower_look_at(struct groups *groups, const struct record *record)
{
    struct span content;
    struct span kind;
    if (!find_key(groups, record)) {
        miss(&groups->follower, record);
        return;
    }
    const struct chain *const chain = find_chain(groups, record->chain);
    if (chain == NULL || open_body(groups, record, chain, &content) != ERR_OK ||
        body_check(content, &kind) != ERR_OK) {
        return;
    }
    // A change, or a proposal, is sealed for the group of all members, or is none [14.1, 5.24].
    const bool is_for_all = memcmp(record->group, groups->all, TAG_LEN) == 0;
    const bool is_proposal = groups->is_real && is_kind(kind, PROPOSAL_KIND);
    if (is_kind(kind, "release") || (is_for_all && (is_proposal || is_kind(kind, "group")))) {
        take(groups, record, chain, content);
    }
}

bool follower_look_at_arrival(struct groups *groups, uint64_t arrival)
{
    struct record_set *const set = &groups->follower.records;
    if (store_read_arrivals(groups->store, arrival, false, 1, set) != ERR_OK || set->count == 0 ||
        set->records[0].arrival != arrival) {
        return false;
    }
    follower_look_at(groups, &set->records[0]);
    return true;
}

void follower_look_at_repaired(struct groups *groups, const struct repaired *repaired)
{
    struct record_set *const set = &groups->follower.records;
    if (store_read(groups->store, repaired->chain, repaired->seq, 1, 1, set) == ERR_OK &&
        set->count > 0 && set->records[0].arrival <= groups->follower.arrival) {
        follower_look_at(groups, &set->records[0]);
    }
}

// -- many entries --

bool follower_go_on(struct groups *groups, uint64_t durable)
{
    struct follower *const follower = &groups->follower;
    struct record_set *const set = &follower->records;
    if (store_read_arrivals(groups->store, follower->arrival + 1, false, BATCH, set) != ERR_OK) {
        follower->stuck_at = durable;
        return false;
    }
    if (set->count == 0) {
        follower->arrival = durable; // all the rest is damaged, and comes back when it is repaired
        return false;
    }
    for (size_t i = 0; i < set->count; i++) {
        follower_look_at(groups, &set->records[i]);
    }
    const struct record *const last = &set->records[set->count - 1];
    follower->arrival = last->arrival;
    memcpy(follower->id, last->id, ID_LEN);
    return true;
}

static bool is_found(const struct follower *follower, const struct record *record)
{
    struct missing one;
    memcpy(one.group, record->group, TAG_LEN);
    memcpy(one.key, record->key, TAG_LEN);
    return follower->missing_from != 0 || missing_has(&follower->found, &one);
}

bool follower_look_back(struct groups *groups)
{
    struct follower *const follower = &groups->follower;
    struct record_set *const set = &follower->records;
    if (follower->second_at > follower->second_to) {
        return false;
    }
    if (store_read_arrivals(groups->store, follower->second_at, false, BATCH, set) != ERR_OK ||
        set->count == 0 || set->records[0].arrival > follower->second_to) {
        follower->second_at = follower->second_to + 1;
        follower->found.count = 0;
        return false;
    }
    for (size_t i = 0; i < set->count && set->records[i].arrival <= follower->second_to; i++) {
        if (is_found(follower, &set->records[i])) {
            follower_look_at(groups, &set->records[i]);
        }
    }
    follower->second_at = set->records[set->count - 1].arrival + 1;
    return true;
}
