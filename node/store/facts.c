// SPDX-License-Identifier: EUPL-1.2
// Facts: what never changes once it is written, and without which records cannot be checked. They
// are stored twice. This file makes and reads them; it does not know the tables.
#include <assert.h>
#include <string.h>

#include "store/store_private.h"

enum { FORMAT = 1, ORIGIN_LEN = SIGN_KEY_LEN + 8 + 4 + 8, PAIR_LEN = 2 * TAG_LEN };
enum { STORE_LEN = 4 + ID_LEN + CHECK_KEY_LEN };

static_assert(ORIGIN_LEN + CHECK_LEN <= FACT_MAX, "an origin fits");
static_assert(STORE_LEN + CHECK_LEN <= FACT_MAX, "the store's own fact fits");

// The store's own fact holds the check key, so that it is checked with zeros in its place.
static const struct codec unkeyed;

static void check_fact(const struct codec *codec, struct span key, struct span content,
                       uint8_t check[static CHECK_LEN])
{
    uint8_t covered[FACT_KEY_LEN + FACT_MAX];
    assert(key.len == FACT_KEY_LEN);
    assert(content.len <= FACT_MAX);
    memcpy(covered, key.bytes, FACT_KEY_LEN);
    memcpy(covered + FACT_KEY_LEN, content.bytes, content.len);
    codec_check(codec, covered, FACT_KEY_LEN + content.len, check);
}

// Completes a fact whose first `len` bytes are written.
static void seal_fact(const struct codec *codec, enum fact_kind kind, uint32_t number, size_t len,
                      struct fact *fact)
{
    fact->key[0] = (uint8_t)kind;
    put_be(fact->key + 1, number, 4);
    check_fact(codec, (struct span){fact->key, FACT_KEY_LEN}, (struct span){fact->value, len},
               fact->value + len);
    fact->len = len + CHECK_LEN;
}

static bool is_fact(const struct codec *codec, struct span key, struct span value, size_t len)
{
    uint8_t check[CHECK_LEN];
    if (key.len != FACT_KEY_LEN || value.len != len + CHECK_LEN) {
        return false;
    }
    check_fact(codec, key, (struct span){value.bytes, len}, check);
    return memcmp(check, value.bytes + len, CHECK_LEN) == 0;
}

void fact_of_store(const struct fact_store *about, struct fact *fact)
{
    put_be(fact->value, FORMAT, 4);
    memcpy(fact->value + 4, about->space, ID_LEN);
    memcpy(fact->value + 4 + ID_LEN, about->check_key, CHECK_KEY_LEN);
    seal_fact(&unkeyed, FACT_STORE, 0, STORE_LEN, fact);
}

bool fact_to_store(struct span key, struct span value, struct fact_store *about)
{
    if (!is_fact(&unkeyed, key, value, STORE_LEN) || key.bytes[0] != FACT_STORE ||
        get_be(value.bytes, 4) != FORMAT) {
        return false;
    }
    memcpy(about->space, value.bytes + 4, ID_LEN);
    memcpy(about->check_key, value.bytes + 4 + ID_LEN, CHECK_KEY_LEN);
    return true;
}

void fact_of_pair(const struct codec *codec, uint32_t number, struct fact *fact)
{
    memcpy(fact->value, codec->pairs[number].group, TAG_LEN);
    memcpy(fact->value + TAG_LEN, codec->pairs[number].key, TAG_LEN);
    seal_fact(codec, FACT_PAIR, number, PAIR_LEN, fact);
}

bool fact_to_pair(struct codec *codec, struct span key, struct span value)
{
    if (!is_fact(codec, key, value, PAIR_LEN) || key.bytes[0] != FACT_PAIR) {
        return false;
    }
    uint32_t number = (uint32_t)get_be(key.bytes + 1, 4);
    if (number >= PAIRS_MAX) {
        return false;
    }
    struct pair *pair = &codec->pairs[number];
    memcpy(pair->group, value.bytes, TAG_LEN);
    memcpy(pair->key, value.bytes + TAG_LEN, TAG_LEN);
    pair->is_known = true;
    if (number >= atomic_load_explicit(&codec->pairs_count, memory_order_relaxed)) {
        atomic_store_explicit(&codec->pairs_count, number + 1, memory_order_release);
    }
    return true;
}

void fact_of_origin(const struct codec *codec, const struct chain *chain, struct fact *fact)
{
    uint8_t *at = fact->value;
    memcpy(at, chain->author, SIGN_KEY_LEN);
    put_be(at + SIGN_KEY_LEN, chain->epoch, 8);
    put_be(at + SIGN_KEY_LEN + 8, chain->parent, 4);
    put_be(at + SIGN_KEY_LEN + 12, chain->first_seq, 8);
    seal_fact(codec, FACT_ORIGIN, chain->number, ORIGIN_LEN, fact);
}

bool fact_to_origin(const struct codec *codec, struct span key, struct span value,
                    struct chain *chain)
{
    if (!is_fact(codec, key, value, ORIGIN_LEN) || key.bytes[0] != FACT_ORIGIN) {
        return false;
    }
    const uint8_t *at = value.bytes;
    *chain = (struct chain){.number = (uint32_t)get_be(key.bytes + 1, 4)};
    memcpy(chain->author, at, SIGN_KEY_LEN);
    chain->epoch = get_be(at + SIGN_KEY_LEN, 8);
    chain->parent = (uint32_t)get_be(at + SIGN_KEY_LEN + 8, 4);
    chain->first_seq = get_be(at + SIGN_KEY_LEN + 12, 8);
    chain->head_seq = chain->first_seq - 1;
    return true;
}
