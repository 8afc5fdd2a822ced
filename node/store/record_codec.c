// SPDX-License-Identifier: EUPL-1.2
// Records and chain rows as bytes in their tables.
//
// A record, found under its arrival number:
//   check      4  of arrival | length of the value | all but check and sealed
//   flags      1  precedence in bits 0-1, then signed, ahead, has prev, has group and key
//   chain         varint (7 bits a byte, low ones first)
//   seq           varint
//   arrived_ms 6
//   time          ms after arrived_ms: varint, sign in its lowest bit; then the counter: varint
//   pair          varint: number of group and key; or 16 bytes when the flag says so
//   id        32
//   prev      32  when flagged, else it is the id of the entry before it in its chain
//   signature 64  when flagged
//   sealed        the rest, covered by the id
// A signed record of 448 sealed bytes takes 566, so that seven fit a page of 4,096.
//
// The id covers what the author wrote; the check also what is ours: arrival, its time, flags,
// signature.
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/cbor.h"
#include "store/store_private.h"

enum {
    RECORD_CHECK_LEN = 4,
    PREFIX_LEN = ARRIVAL_LEN + 4, // what the check covers before the flags
    ARRIVED_LEN = 6,
    VARINT_MAX = 10,
    FLAG_PRECEDENCE = 0x03,
    FLAG_SIGNED = 0x04,
    FLAG_AHEAD = 0x08,
    FLAG_PREV = 0x10,
    FLAG_TAGS = 0x20,
    FLAGS = 0x3f
};

// Even one with varints drawn out, which a reader of damaged bytes may meet.
static_assert(1 + 4 * VARINT_MAX + ARRIVED_LEN + 2 * TAG_LEN + 2 * ID_LEN + SIGNATURE_LEN <=
                  RECORD_HEAD_MAX,
              "the longest head fits");
static_assert(CHECK_KEY_LEN == crypto_shorthash_KEYBYTES, "SipHash-2-4");
static_assert(CHECK_LEN == crypto_shorthash_BYTES, "SipHash-2-4");

void put_be(uint8_t *out, uint64_t value, size_t len)
{
    for (size_t i = len; i > 0; i--) {
        out[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

uint64_t get_be(const uint8_t *bytes, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

void codec_check(const struct codec *codec, const uint8_t *bytes, size_t len,
                 uint8_t check[static CHECK_LEN])
{
    crypto_shorthash(check, bytes, len, codec->check_key);
}

uint32_t codec_find_pair(const struct codec *codec, const struct record *record)
{
    uint32_t count = atomic_load_explicit(&codec->pairs_count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++) {
        const struct pair *pair = &codec->pairs[i];
        if (pair->is_known && memcmp(pair->group, record->group, TAG_LEN) == 0 &&
            memcmp(pair->key, record->key, TAG_LEN) == 0) {
            return i;
        }
    }
    return PAIRS_MAX;
}

static uint8_t *put_varint(uint8_t *out, uint64_t value)
{
    while (value >= 0x80) {
        *out++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *out++ = (uint8_t)value;
    return out;
}

static uint8_t *put_bytes(uint8_t *out, const uint8_t *bytes, size_t len)
{
    memcpy(out, bytes, len);
    return out + len;
}

// The sign goes to the lowest bit, so that small differences either way stay short.
static uint64_t fold_sign(uint64_t difference)
{
    return difference << 1 ^ (0 - (difference >> 63));
}

static uint64_t unfold_sign(uint64_t folded)
{
    return folded >> 1 ^ (0 - (folded & 1));
}

// The check of `body`, all after the check up to the sealed bytes.
static void check_record(const struct codec *codec, uint64_t arrival, size_t value_len,
                         struct span body, uint8_t check[static CHECK_LEN])
{
    uint8_t covered[PREFIX_LEN + RECORD_HEAD_MAX];
    assert(body.len <= RECORD_HEAD_MAX);
    put_be(covered, arrival, ARRIVAL_LEN);
    put_be(covered + ARRIVAL_LEN, value_len, PREFIX_LEN - ARRIVAL_LEN);
    memcpy(covered + PREFIX_LEN, body.bytes, body.len);
    codec_check(codec, covered, PREFIX_LEN + body.len, check);
}

void record_encode(const struct codec *codec, const struct record *record, bool has_prev,
                   struct record_head *head)
{
    assert(record->arrival <= ARRIVAL_MAX);
    assert(record->precedence <= FLAG_PRECEDENCE);
    uint32_t pair = codec_find_pair(codec, record);
    uint8_t *at = head->bytes + RECORD_CHECK_LEN;
    *at++ = (uint8_t)(record->precedence | (record->is_signed ? FLAG_SIGNED : 0) |
                      (record->is_ahead ? FLAG_AHEAD : 0) | (has_prev ? FLAG_PREV : 0) |
                      (pair == PAIRS_MAX ? FLAG_TAGS : 0));
    at = put_varint(at, record->chain);
    at = put_varint(at, record->seq);
    put_be(at, record->arrived_ms, ARRIVED_LEN);
    at = put_varint(at + ARRIVED_LEN, fold_sign((record->time >> 16) - record->arrived_ms));
    at = put_varint(at, record->time & 0xffff);
    if (pair == PAIRS_MAX) {
        at = put_bytes(at, record->group, TAG_LEN);
        at = put_bytes(at, record->key, TAG_LEN);
    } else {
        at = put_varint(at, pair);
    }
    at = put_bytes(at, record->id, ID_LEN);
    if (has_prev) {
        at = put_bytes(at, record->prev, ID_LEN);
    }
    if (record->is_signed) {
        at = put_bytes(at, record->signature, SIGNATURE_LEN);
    }
    head->len = (size_t)(at - head->bytes);
    assert(head->len <= sizeof head->bytes);
    struct span body = {head->bytes + RECORD_CHECK_LEN, head->len - RECORD_CHECK_LEN};
    uint8_t check[CHECK_LEN];
    check_record(codec, record->arrival, head->len + record->sealed_len, body, check);
    memcpy(head->bytes, check, RECORD_CHECK_LEN);
}

// Reads on from `at`; after a failure everything is zero.
struct taker {
    const uint8_t *at;
    const uint8_t *end;
    bool has_failed;
};

static const uint8_t *take(struct taker *taker, size_t len)
{
    static const uint8_t zeros[SIGNATURE_LEN];
    assert(len <= sizeof zeros);
    if (taker->has_failed || (size_t)(taker->end - taker->at) < len) {
        taker->has_failed = true;
        return zeros;
    }
    const uint8_t *bytes = taker->at;
    taker->at += len;
    return bytes;
}

static uint64_t take_varint(struct taker *taker)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = *take(taker, 1);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    taker->has_failed = true;
    return 0;
}

// Group and key, for when the check is known to be right.
static bool set_tags(const struct codec *codec, uint64_t number, struct record *record)
{
    if (number >= atomic_load_explicit(&codec->pairs_count, memory_order_acquire) ||
        !codec->pairs[number].is_known) {
        return false;
    }
    memcpy(record->group, codec->pairs[number].group, TAG_LEN);
    memcpy(record->key, codec->pairs[number].key, TAG_LEN);
    return true;
}

enum err record_decode(const struct codec *codec, uint64_t arrival, struct span value,
                       struct record *record, bool *has_prev)
{
    struct taker taker = {value.bytes, value.bytes + value.len, false};
    struct record found = {.arrival = arrival};
    const uint8_t *stored_check = take(&taker, RECORD_CHECK_LEN);
    uint8_t flags = *take(&taker, 1);
    uint64_t chain = take_varint(&taker);
    found.seq = take_varint(&taker);
    found.arrived_ms = get_be(take(&taker, ARRIVED_LEN), ARRIVED_LEN);
    uint64_t time_ms = found.arrived_ms + unfold_sign(take_varint(&taker));
    found.time = time_ms << 16 | (take_varint(&taker) & 0xffff);
    uint64_t pair = 0;
    if (flags & FLAG_TAGS) {
        memcpy(found.group, take(&taker, TAG_LEN), TAG_LEN);
        memcpy(found.key, take(&taker, TAG_LEN), TAG_LEN);
    } else {
        pair = take_varint(&taker);
    }
    memcpy(found.id, take(&taker, ID_LEN), ID_LEN);
    *has_prev = flags & FLAG_PREV;
    if (*has_prev) {
        memcpy(found.prev, take(&taker, ID_LEN), ID_LEN);
    }
    found.is_signed = flags & FLAG_SIGNED;
    if (found.is_signed) {
        memcpy(found.signature, take(&taker, SIGNATURE_LEN), SIGNATURE_LEN);
    }
    if (taker.has_failed || chain >= CHAIN_NONE || (flags & ~FLAGS)) {
        return ERR_CORRUPT;
    }
    const uint8_t *body = value.bytes + RECORD_CHECK_LEN;
    uint8_t check[CHECK_LEN];
    check_record(codec, arrival, value.len, (struct span){body, (size_t)(taker.at - body)}, check);
    if (memcmp(check, stored_check, RECORD_CHECK_LEN) != 0 ||
        (!(flags & FLAG_TAGS) && !set_tags(codec, pair, &found))) {
        return ERR_CORRUPT;
    }
    found.chain = (uint32_t)chain;
    found.precedence = flags & FLAG_PRECEDENCE;
    found.is_ahead = flags & FLAG_AHEAD;
    found.sealed = taker.at;
    found.sealed_len = (uint32_t)(taker.end - taker.at);
    *record = found;
    return ERR_OK;
}

// The row without its check, behind the key that the check covers.
enum { ROW_OFFSET = CHAIN_KEY_LEN, ROW_COVERED = CHAIN_KEY_LEN + CHAIN_ROW_LEN - CHECK_LEN };

void chain_encode(const struct codec *codec, const struct chain *chain,
                  uint8_t row[static CHAIN_ROW_LEN])
{
    uint8_t covered[ROW_COVERED];
    put_be(covered, chain->number, CHAIN_KEY_LEN);
    uint8_t *at = put_bytes(covered + CHAIN_KEY_LEN, chain->author, SIGN_KEY_LEN);
    put_be(at, chain->epoch, 8);
    put_be(at + 8, chain->parent, 4);
    put_be(at + 12, chain->first_seq, 8);
    put_be(at + 20, chain->head_seq, 8);
    at = put_bytes(at + 28, chain->head_id, ID_LEN);
    assert(at == covered + sizeof covered);
    memcpy(row, covered + ROW_OFFSET, CHAIN_ROW_LEN - CHECK_LEN);
    codec_check(codec, covered, sizeof covered, row + CHAIN_ROW_LEN - CHECK_LEN);
}

enum err chain_decode(const struct codec *codec, uint32_t number, struct span row,
                      struct chain *chain)
{
    if (row.len != CHAIN_ROW_LEN) {
        return ERR_CORRUPT;
    }
    const uint8_t *at = row.bytes;
    struct chain found = {.number = number};
    memcpy(found.author, at, SIGN_KEY_LEN);
    at += SIGN_KEY_LEN;
    found.epoch = get_be(at, 8);
    found.parent = (uint32_t)get_be(at + 8, 4);
    found.first_seq = get_be(at + 12, 8);
    found.head_seq = get_be(at + 20, 8);
    memcpy(found.head_id, at + 28, ID_LEN);
    uint8_t expected[CHAIN_ROW_LEN];
    chain_encode(codec, &found, expected);
    if (memcmp(expected, row.bytes, CHAIN_ROW_LEN) != 0) {
        return ERR_CORRUPT;
    }
    *chain = found;
    return ERR_OK;
}

void tail_encode(const struct codec *codec, const struct tail *tail, uint8_t row[static TAIL_LEN])
{
    put_be(row, tail->last_arrival, 8);
    put_be(row + 8, tail->txn, 8);
    codec_check(codec, row, TAIL_LEN - CHECK_LEN, row + TAIL_LEN - CHECK_LEN);
}

bool tail_decode(const struct codec *codec, struct span row, struct tail *tail)
{
    uint8_t expected[TAIL_LEN];
    if (row.len != TAIL_LEN) {
        return false;
    }
    *tail = (struct tail){get_be(row.bytes, 8), get_be(row.bytes + 8, 8)};
    tail_encode(codec, tail, expected);
    return memcmp(expected, row.bytes, TAIL_LEN) == 0;
}

void index_key(uint32_t chain, uint64_t seq, uint8_t key[static INDEX_KEY_LEN])
{
    put_be(key, chain, 4);
    put_be(key + 4, seq, 8);
}
