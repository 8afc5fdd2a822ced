// SPDX-License-Identifier: EUPL-1.2
// The chains this node holds: their heads, what lies ahead of gaps, and the fingerprint over all
// durable heads [8.4]. What is handed to the store (`now`) runs ahead of what is durable; only the
// durable part is ever told to others.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sync/state.h"

enum { CHAINS_FIRST = 64 };

enum err chains_init(struct engine *engine)
{
    uint32_t floats = engine->limits.floats_max;

    engine->chains = calloc(CHAINS_FIRST, sizeof *engine->chains);
    engine->aheads = calloc(floats, sizeof *engine->aheads);
    if (engine->chains == NULL || engine->aheads == NULL) {
        return ERR_NO_SPACE;
    }
    engine->chains_capacity = CHAINS_FIRST;
    engine->memory += CHAINS_FIRST * sizeof *engine->chains + floats * sizeof *engine->aheads;
    for (uint32_t i = 0; i < floats; i++) {
        engine->aheads[i].next = i + 1 < floats ? i + 1 : NONE;
    }
    engine->ahead_free = 0;
    return chains_use_roster(engine);
}

void chains_fini(struct engine *engine)
{
    free(engine->chains);
    free(engine->aheads);
    free(engine->author_chain);
}

enum err chains_use_roster(struct engine *engine)
{
    uint32_t count = (uint32_t)engine->roster->nodes_count;
    uint32_t *grown;

    if (count <= engine->authors_capacity) {
        return ERR_OK;
    }
    grown = realloc(engine->author_chain, count * sizeof *grown);
    if (grown == NULL) {
        return ERR_NO_SPACE;
    }
    for (uint32_t i = engine->authors_capacity; i < count; i++) {
        grown[i] = NONE;
    }
    engine->memory += (count - engine->authors_capacity) * sizeof *grown;
    engine->author_chain = grown;
    engine->authors_capacity = count;
    return ERR_OK;
}

struct tracked *chain_at(struct engine *engine, uint32_t number)
{
    return number < engine->chains_count ? &engine->chains[number] : NULL;
}

static struct tracked *first_in_epoch(struct engine *engine, uint32_t number, uint64_t epoch)
{
    while (number != NONE && engine->chains[number].now.epoch != epoch) {
        number = engine->chains[number].sibling;
    }
    return chain_at(engine, number);
}

struct tracked *chain_of_log(struct engine *engine, uint32_t author, uint64_t epoch)
{
    if (author >= engine->authors_capacity) {
        return NULL;
    }
    return first_in_epoch(engine, engine->author_chain[author], epoch);
}

struct tracked *chain_next_branch(struct engine *engine, const struct tracked *chain)
{
    return first_in_epoch(engine, chain->sibling, chain->now.epoch);
}

uint32_t chain_branches(struct engine *engine, uint32_t author, uint64_t epoch)
{
    uint32_t count = 0;

    for (struct tracked *c = chain_of_log(engine, author, epoch); c;
         c = chain_next_branch(engine, c)) {
        count += c->now.first_seq <= c->limit;
    }
    return count;
}

static enum err grow(struct engine *engine)
{
    uint32_t capacity = engine->chains_capacity > 0 ? engine->chains_capacity * 2 : CHAINS_FIRST;
    struct tracked *grown;

    if (engine->chains_count < engine->chains_capacity) {
        return ERR_OK;
    }
    if (engine->chains_count >= engine->limits.chains_max) {
        return ERR_LIMIT;
    }
    if (capacity > engine->limits.chains_max) {
        capacity = engine->limits.chains_max;
    }
    if (peers_grow_claims(engine, capacity) != ERR_OK) {
        return ERR_NO_SPACE;
    }
    grown = realloc(engine->chains, capacity * sizeof *grown);
    if (grown == NULL) {
        return ERR_NO_SPACE;
    }
    engine->memory += (capacity - engine->chains_capacity) * sizeof *grown;
    engine->chains = grown;
    engine->chains_capacity = capacity;
    return ERR_OK;
}

// Whether the author may have one more. Who opens epoch after epoch uses up its own share only.
static bool has_share(const struct engine *engine, uint32_t author)
{
    uint32_t stored = 0;
    uint32_t tentative = 0;

    for (uint32_t c = engine->author_chain[author]; c != NONE; c = engine->chains[c].sibling) {
        stored += engine->chains[c].is_stored;
        tentative += !engine->chains[c].is_stored;
    }
    return tentative < TENTATIVE_MAX &&
           stored + tentative < engine->limits.chains_max / AUTHOR_SHARE;
}

static void link_to_author(struct engine *engine, struct tracked *chain)
{
    uint32_t *at = &engine->author_chain[chain->author];

    while (*at != NONE) {
        at = &engine->chains[*at].sibling;
    }
    *at = chain->now.number;
}

static struct tracked *take_number(struct engine *engine)
{
    for (uint32_t c = 0; c < engine->chains_count; c++) {
        if (engine->chains[c].author == NONE && !engine->chains[c].is_stored) {
            return &engine->chains[c];
        }
    }
    return grow(engine) == ERR_OK ? &engine->chains[engine->chains_count++] : NULL;
}

// A number without a chain: one that came to nothing, or that a store never heard of.
static void vacate(struct engine *engine, struct tracked *chain)
{
    uint32_t number = (uint32_t)(chain - engine->chains);

    *chain = (struct tracked){.now = {.number = number, .parent = CHAIN_NONE, .first_seq = 1},
                              .limit = SEQ_MAX,
                              .author = NONE,
                              .sibling = NONE,
                              .ahead_first = NONE,
                              .ahead_last = NONE,
                              .fetch_peer = NONE};
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        memset(&engine->peers[p].claims[number], 0, sizeof(struct claim));
    }
}

struct tracked *chain_add(struct engine *engine, uint32_t author, uint64_t epoch)
{
    struct tracked *chain = NULL;

    assert(author < engine->roster->nodes_count);
    if (has_share(engine, author)) {
        chain = take_number(engine);
    }
    if (chain == NULL) {
        return NULL;
    }
    vacate(engine, chain);
    memcpy(chain->now.author, engine->roster->nodes[author].signing, SIGN_KEY_LEN);
    chain->now.epoch = epoch;
    chain->limit = roster_counts_to(engine->roster, author, epoch);
    chain->author = author;
    link_to_author(engine, chain);
    return chain;
}

static enum err take_row(struct engine *engine, const struct chain *row)
{
    while (engine->chains_count <= row->number) {
        enum err err = grow(engine);

        if (err != ERR_OK) {
            return err;
        }
        vacate(engine, &engine->chains[engine->chains_count++]);
    }
    return engine->chains[row->number].is_stored ? ERR_CORRUPT : ERR_OK;
}

enum err chain_keep(struct engine *engine, const struct chain *row)
{
    enum err err = take_row(engine, row);

    if (err == ERR_OK) {
        engine->chains[row->number].now = *row;
        engine->chains[row->number].is_stored = true;
        engine->chains[row->number].limit = 0;
    }
    return err;
}

enum err chain_restore(struct engine *engine, uint32_t author, const struct chain *row)
{
    enum err err = take_row(engine, row);
    struct tracked *chain;

    if (err != ERR_OK) {
        return err;
    }
    chain = &engine->chains[row->number];
    chain->now = *row;
    chain->author = author;
    chain->is_stored = true;
    chain->limit = roster_counts_to(engine->roster, author, row->epoch);
    chain->durable_seq = chain->counted_seq = row->first_seq - 1;
    link_to_author(engine, chain);
    chain_set_durable(engine, chain, row->head_seq, row->head_id);
    memcpy(chain->durable_id, row->head_id, ID_LEN);
    return ERR_OK;
}

static bool is_wanted(const struct engine *engine, const struct tracked *chain)
{
    if (chain->is_stored || chain->ahead_count > 0 || chain->fetch_peer != NONE) {
        return true;
    }
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        if (engine->peers[p].claims[chain->now.number].seq > chain->now.head_seq) {
            return true;
        }
    }
    return false;
}

void chains_trim(struct engine *engine)
{
    for (uint32_t c = 0; c < engine->chains_count; c++) {
        struct tracked *chain = &engine->chains[c];
        uint32_t *at;

        if (chain->author == NONE || is_wanted(engine, chain)) {
            continue;
        }
        at = &engine->author_chain[chain->author];
        while (*at != c) {
            at = &engine->chains[*at].sibling;
        }
        *at = chain->sibling;
        vacate(engine, chain);
    }
}

// The chain's row goes to the store with this step.
static void touch(struct engine *engine, struct tracked *chain)
{
    chain->is_stored = true;
    if (chain->is_dirty) {
        return;
    }
    assert(engine->out.chains_count < OUTBOX_CHAINS);
    chain->is_dirty = true;
    engine->out.chains[engine->out.chains_count++].number = chain->now.number;
}

void chain_advance(struct engine *engine, struct tracked *chain, uint64_t seq,
                   const uint8_t id[static ID_LEN])
{
    assert(seq >= chain->now.head_seq);
    chain->now.head_seq = seq;
    memcpy(chain->now.head_id, id, ID_LEN);
    chain_learn_limit(chain, seq, id);
    touch(engine, chain);
}

// The fingerprint is a sum, so that one head's change costs one subtraction and one addition.
static void add_print(uint8_t sum[static FINGERPRINT_LEN],
                      const uint8_t term[static FINGERPRINT_LEN], bool subtract)
{
    int carry = 0;

    for (int i = FINGERPRINT_LEN - 1; i >= 0; i--) {
        int value = subtract ? sum[i] - term[i] + carry : sum[i] + term[i] + carry;

        sum[i] = (uint8_t)value;
        carry = value < 0 ? -1 : value > 255;
    }
}

static void put_u64(uint8_t out[static 8], uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

static void head_print(const struct engine *engine, const struct tracked *chain,
                       uint8_t out[static FINGERPRINT_LEN])
{
    uint8_t bytes[SIGN_KEY_LEN + 8 + 8 + ID_LEN];

    memcpy(bytes, chain->now.author, SIGN_KEY_LEN);
    put_u64(bytes + SIGN_KEY_LEN, chain->now.epoch);
    put_u64(bytes + SIGN_KEY_LEN + 8, chain->counted_seq);
    memcpy(bytes + SIGN_KEY_LEN + 16, chain->counted_id, ID_LEN);
    crypto_generichash(out, FINGERPRINT_LEN, bytes, sizeof bytes, engine->options.space, ID_LEN);
}

void chain_set_durable(struct engine *engine, struct tracked *chain, uint64_t seq,
                       const uint8_t id[static ID_LEN])
{
    assert(seq >= chain->durable_seq);
    chain->is_durable = true;
    if (seq == chain->durable_seq) {
        return;
    }
    chain->durable_seq = seq;
    memcpy(chain->durable_id, id, ID_LEN);
    chain_learn_limit(chain, seq, id);
    chain_recount(engine, chain);
}

void chain_learn_limit(struct tracked *chain, uint64_t seq, const uint8_t id[static ID_LEN])
{
    if (seq == chain->limit) {
        chain->has_limit_id = true;
        memcpy(chain->limit_id, id, ID_LEN);
    }
}

void chain_recount(struct engine *engine, struct tracked *chain)
{
    uint64_t seq = chain->durable_seq;
    const uint8_t *id = chain->durable_id;

    if (seq > chain->limit && chain->limit >= chain->now.first_seq && chain->has_limit_id) {
        seq = chain->limit;
        id = chain->limit_id;
    } else if (seq > chain->limit) { // nothing, or the id is still to be read
        seq = chain->now.first_seq - 1;
        engine->is_limit_due |= chain->limit >= chain->now.first_seq;
    }
    if (seq == chain->counted_seq) {
        return;
    }
    add_print(engine->fingerprint, chain->print, true);
    engine->entries += seq - chain->counted_seq;
    chain->counted_seq = seq;
    memcpy(chain->counted_id, id, ID_LEN);
    memset(chain->print, 0, FINGERPRINT_LEN);
    if (seq >= chain->now.first_seq) {
        head_print(engine, chain, chain->print);
    }
    add_print(engine->fingerprint, chain->print, false);
    engine->fingerprint_version++;
}

struct ahead *ahead_find(struct engine *engine, const struct tracked *chain, uint64_t seq)
{
    if (chain->ahead_first == NONE || engine->aheads[chain->ahead_last].seq < seq) {
        return NULL;
    }
    for (uint32_t a = chain->ahead_first; a != NONE && engine->aheads[a].seq <= seq;
         a = engine->aheads[a].next) {
        if (engine->aheads[a].seq == seq) {
            return &engine->aheads[a];
        }
    }
    return NULL;
}

enum err ahead_add(struct engine *engine, struct tracked *chain, const struct record *record,
                   uint64_t ticket)
{
    uint32_t slot = engine->ahead_free;
    uint32_t *at = &chain->ahead_first;
    struct ahead *ahead;

    if (slot == NONE) {
        return ERR_LIMIT;
    }
    ahead = &engine->aheads[slot];
    engine->ahead_free = ahead->next;
    ahead->seq = record->seq;
    ahead->ticket = ticket;
    memcpy(ahead->id, record->id, ID_LEN);
    memcpy(ahead->prev, record->prev, ID_LEN);
    if (*at != NONE && engine->aheads[chain->ahead_last].seq < record->seq) {
        at = &engine->aheads[chain->ahead_last].next;
    }
    while (*at != NONE && engine->aheads[*at].seq < record->seq) {
        at = &engine->aheads[*at].next;
    }
    assert(*at == NONE || engine->aheads[*at].seq != record->seq);
    ahead->next = *at;
    *at = slot;
    if (ahead->next == NONE) {
        chain->ahead_last = slot;
    }
    chain->ahead_count++;
    engine->aheads_count++;
    if (!chain->is_stored) {
        touch(engine, chain);
    }
    return ERR_OK;
}

void ahead_remove(struct engine *engine, struct tracked *chain, uint64_t seq)
{
    uint32_t before = NONE;
    uint32_t slot = chain->ahead_first;

    while (slot != NONE && engine->aheads[slot].seq != seq) {
        before = slot;
        slot = engine->aheads[slot].next;
    }
    if (slot == NONE) {
        return;
    }
    if (before == NONE) {
        chain->ahead_first = engine->aheads[slot].next;
    } else {
        engine->aheads[before].next = engine->aheads[slot].next;
    }
    if (chain->ahead_last == slot) {
        chain->ahead_last = before;
    }
    engine->aheads[slot].next = engine->ahead_free;
    engine->ahead_free = slot;
    chain->ahead_count--;
    engine->aheads_count--;
}

void chain_absorb(struct engine *engine, struct tracked *chain)
{
    while (chain->ahead_first != NONE) {
        struct ahead *ahead = &engine->aheads[chain->ahead_first];
        uint64_t seq = ahead->seq;

        if (seq > chain->now.head_seq + 1) {
            return;
        }
        // What does not follow is of another branch; it comes again through its head, behind where
        // it leaves this one.
        if (seq == chain->now.head_seq + 1 &&
            memcmp(ahead->prev, chain->now.head_id, ID_LEN) == 0) {
            chain_advance(engine, chain, seq, ahead->id);
        }
        ahead_remove(engine, chain, seq);
    }
}
