// SPDX-License-Identifier: EUPL-1.2
// The sync plane's messages between structs and bytes. PROTOCOL.md 8. What they mean, and what is
// answered, is the engine's.
#include "wire/message.h"

#include <assert.h>
#include <string.h>

#include "sitrep/pacer.h"
#include "wire/item.h"

enum {
    HEAD_FIELDS = 4,
    LONG_FIELDS = 2,           // that a beacon or a want has more, or has not
    TYPE_UNKNOWN = UINT16_MAX, // stands for every number above it
};

// Items of a message of `type`, its type included; 0 when that is not known by the type.
static size_t fields_of(enum message_type type)
{
    switch (type) {
    case MESSAGE_BEACON:
        return 7;
    case MESSAGE_HEADS:
        return 5;
    case MESSAGE_WANT:
        return 4;
    case MESSAGE_CREDIT:
    case MESSAGE_RUNS:
    case MESSAGE_ROSTER:
    case MESSAGE_ROSTER_WANT:
    case MESSAGE_ROSTER_IS:
    case MESSAGE_HELD:
    case MESSAGE_PARCEL:
        return 2;
    case MESSAGE_KEY_WANT:
    case MESSAGE_KEY:
        return 5;
    case MESSAGE_TRACE:
        return 6;
    case MESSAGE_TRACED:
        return 7;
    case MESSAGE_SPACE:
        return 3;
    case MESSAGE_PART: // either of two numbers
        break;
    }
    return 0;
}

static bool has_long_form(enum message_type type)
{
    return type == MESSAGE_BEACON || type == MESSAGE_WANT;
}

void message_read(struct message_reader *reader, struct span bytes)
{
    *reader = (struct message_reader){.left = 0};
    cbor_read(&reader->cbor, bytes.bytes, bytes.len);
    if (bytes.len > MESSAGE_MAX) { // [8.1]
        cbor_fail(&reader->cbor, ERR_LIMIT);
    }
    const size_t fields = cbor_get_array(&reader->cbor);
    const uint64_t type = cbor_get_uint(&reader->cbor);
    if (type == 0) {
        cbor_fail(&reader->cbor, ERR_MALFORMED);
    }
    if (reader->cbor.err != ERR_OK) {
        return;
    }
    reader->type = type < TYPE_UNKNOWN ? (enum message_type)type : (enum message_type)TYPE_UNKNOWN;
    reader->fields = fields;
    const size_t expected = fields_of(reader->type);
    reader->is_long = has_long_form(reader->type) && fields == expected + LONG_FIELDS;
    if (expected != 0 && fields != expected && !reader->is_long) {
        cbor_fail(&reader->cbor, ERR_MALFORMED);
    }
}

bool message_is_for_pacer(struct span bytes)
{
    struct message_reader reader;

    message_read(&reader, bytes);
    return reader.type == MESSAGE_PART || reader.type == MESSAGE_HELD ||
           reader.type == MESSAGE_PARCEL;
}

enum err message_finish(const struct message_reader *reader)
{
    if (reader->cbor.err == ERR_OK && reader->left > 0) {
        return ERR_STATE; // the list was not walked to its end
    }
    return cbor_finish(&reader->cbor);
}

static void put_start(struct cbor_writer *writer, enum message_type type)
{
    cbor_put_array(writer, fields_of(type));
    cbor_put_uint(writer, type);
}

// Whether there is anything to say of the line, and of when to expect the next one.
static bool tells_line(const struct message_beacon *beacon)
{
    return beacon->rate != 0 || beacon->interval_ms > BEACON_USUAL_MS;
}

// What is refused says nothing.
static void get_line(struct cbor_reader *cbor, struct message_beacon *beacon)
{
    struct message_beacon line = {.time_ms = 0};

    line.rate = (uint32_t)cbor_get_uint_max(cbor, UINT32_MAX);
    line.interval_ms = (uint32_t)cbor_get_uint_max(cbor, BEACON_INTERVAL_MAX_MS);
    if (!tells_line(&line) || line.interval_ms == 0 ||
        (line.rate != 0 && line.rate < PACER_RATE_MIN)) {
        cbor_fail(cbor, ERR_MALFORMED); // [8.2]
        return;
    }
    beacon->rate = line.rate;
    beacon->interval_ms = line.interval_ms;
}

void message_get_beacon(struct message_reader *reader, struct message_beacon *beacon)
{
    assert(reader->type == MESSAGE_BEACON);
    cbor_get_exact(&reader->cbor, beacon->fingerprint, FINGERPRINT_LEN);
    beacon->roster_version = cbor_get_uint_max(&reader->cbor, SEQ_MAX); // [1.3]
    cbor_get_exact(&reader->cbor, beacon->roster_tag, TAG_LEN);
    beacon->time_ms = cbor_get_uint_max(&reader->cbor, SEQ_MAX);
    beacon->echo_ms = cbor_get_uint_max(&reader->cbor, SEQ_MAX);
    beacon->held_ms = cbor_get_uint_max(&reader->cbor, SEQ_MAX);
    beacon->rate = 0;
    beacon->interval_ms = BEACON_USUAL_MS;
    if (reader->is_long) {
        get_line(&reader->cbor, beacon);
    }
}

void message_put_beacon(struct cbor_writer *writer, const struct message_beacon *beacon)
{
    assert(beacon->rate == 0 || (beacon->rate >= PACER_RATE_MIN && beacon->interval_ms > 0));
    assert(beacon->interval_ms <= BEACON_INTERVAL_MAX_MS);
    cbor_put_array(writer, fields_of(MESSAGE_BEACON) + (tells_line(beacon) ? LONG_FIELDS : 0));
    cbor_put_uint(writer, MESSAGE_BEACON);
    cbor_put_bytes(writer, beacon->fingerprint, FINGERPRINT_LEN);
    cbor_put_uint(writer, beacon->roster_version);
    cbor_put_bytes(writer, beacon->roster_tag, TAG_LEN);
    cbor_put_uint(writer, beacon->time_ms);
    cbor_put_uint(writer, beacon->echo_ms);
    cbor_put_uint(writer, beacon->held_ms);
    if (tells_line(beacon)) {
        cbor_put_uint(writer, beacon->rate);
        cbor_put_uint(writer, beacon->interval_ms);
    }
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int message_head_compare(const void *left, const void *right)
{
    const struct message_head *a = left;
    const struct message_head *b = right;
    int order = compare_numbers(a->author, b->author);

    if (order == 0) {
        order = compare_numbers(a->epoch, b->epoch);
    }
    if (order == 0) {
        order = compare_numbers(a->seq, b->seq);
    }
    return order != 0 ? order : memcmp(a->id, b->id, TAG_LEN);
}

// Whether the head is of an author the message speaks of; a hint may be of any [8.3].
static bool is_in_range(const struct message_heads *fixed, const struct message_head *head)
{
    return fixed->first > fixed->last ||
           (head->author >= fixed->first && head->author <= fixed->last);
}

void message_get_heads(struct message_reader *reader, struct message_heads *heads)
{
    assert(reader->type == MESSAGE_HEADS);
    heads->reply = cbor_get_bool(&reader->cbor);
    heads->first = item_get_author(&reader->cbor);
    heads->last = item_get_author(&reader->cbor);
    reader->heads = *heads;
    reader->has_before = false;
    reader->left = item_get_list(&reader->cbor, HEAD_FIELDS);
}

bool message_next_head(struct message_reader *reader, struct message_head *head)
{
    if (!item_is_next(reader)) {
        return false;
    }
    head->author = item_get_author(&reader->cbor);
    head->epoch = cbor_get_uint_max(&reader->cbor, EPOCH_MAX);
    head->seq = item_get_seq(&reader->cbor);
    cbor_get_exact(&reader->cbor, head->id, TAG_LEN);
    if (!is_in_range(&reader->heads, head)) { // [8.3]
        cbor_fail(&reader->cbor, ERR_MALFORMED);
    }
    if (reader->has_before && message_head_compare(&reader->before, head) >= 0) { // [8.3]
        cbor_fail(&reader->cbor, ERR_MALFORMED);
    }
    reader->before = *head;
    reader->has_before = true;
    return reader->cbor.err == ERR_OK;
}

// Whether heads[i] looks like the one before it. Ids that differ only behind their prefix can be
// made on purpose, and the receiver takes only strictly ascending heads.
static bool is_repeat(const struct message_head *heads, size_t i)
{
    return i > 0 && message_head_compare(&heads[i - 1], &heads[i]) == 0;
}

void message_put_heads(struct cbor_writer *writer, const struct message_heads *fixed,
                       const struct message_head *heads, size_t count)
{
    size_t distinct = 0;

    assert(fixed->first < NODES_MAX);
    assert(fixed->last < NODES_MAX);
    for (size_t i = 0; i < count; i++) {
        assert(i == 0 || message_head_compare(&heads[i - 1], &heads[i]) <= 0);
        assert(is_in_range(fixed, &heads[i]));
        distinct += is_repeat(heads, i) ? 0 : 1;
    }
    put_start(writer, MESSAGE_HEADS);
    cbor_put_bool(writer, fixed->reply);
    cbor_put_uint(writer, fixed->first);
    cbor_put_uint(writer, fixed->last);
    cbor_put_array(writer, distinct * HEAD_FIELDS);
    for (size_t i = 0; i < count; i++) {
        if (is_repeat(heads, i)) {
            continue;
        }
        cbor_put_uint(writer, heads[i].author);
        cbor_put_uint(writer, heads[i].epoch);
        cbor_put_uint(writer, heads[i].seq);
        cbor_put_bytes(writer, heads[i].id, TAG_LEN);
    }
}

uint64_t message_get_credit(struct message_reader *reader)
{
    assert(reader->type == MESSAGE_CREDIT);
    return cbor_get_uint_max(&reader->cbor, CREDIT_MAX);
}

void message_put_credit(struct cbor_writer *writer, uint64_t bytes)
{
    assert(bytes <= CREDIT_MAX);
    put_start(writer, MESSAGE_CREDIT);
    cbor_put_uint(writer, bytes);
}

void message_get_runs(struct message_reader *reader)
{
    assert(reader->type == MESSAGE_RUNS);
    reader->left = cbor_get_array(&reader->cbor);
    if (reader->left == 0) { // [8.7]
        cbor_fail(&reader->cbor, ERR_MALFORMED);
    }
}

bool message_next_run(struct message_reader *reader, struct run *run)
{
    if (!item_is_next(reader)) {
        return false;
    }
    run_decode(&reader->cbor, run);
    return reader->cbor.err == ERR_OK;
}

void message_put_runs(struct cbor_writer *writer, size_t count)
{
    assert(count > 0);
    put_start(writer, MESSAGE_RUNS);
    cbor_put_array(writer, count);
}

// Only the outer shape of 5.4 is checked, which also bounds the nesting [1.2]; the rest is the
// roster's.
struct span message_get_roster(struct message_reader *reader)
{
    struct cbor_reader *const cbor = &reader->cbor;
    const uint8_t *const start = cbor->at;
    uint8_t authority[SIGN_KEY_LEN];
    uint8_t signature[SIGNATURE_LEN];

    assert(reader->type == MESSAGE_ROSTER);
    cbor_get_array_of(cbor, 2);
    cbor_get_bytes(cbor);
    const size_t count = cbor_get_array(cbor);
    if (count == 0) {
        cbor_fail(cbor, ERR_MALFORMED);
    }
    for (size_t i = 0; i < count && cbor->err == ERR_OK; i++) {
        cbor_get_array_of(cbor, 2);
        cbor_get_exact(cbor, authority, sizeof authority);
        cbor_get_exact(cbor, signature, sizeof signature);
    }
    if (cbor->err != ERR_OK) {
        return (struct span){start, 0};
    }
    return (struct span){start, (size_t)(cbor->at - start)};
}

void message_put_roster(struct cbor_writer *writer, struct span signed_roster)
{
    put_start(writer, MESSAGE_ROSTER);
    cbor_put_raw(writer, signed_roster.bytes, signed_roster.len);
}

void message_get_roster_want(struct message_reader *reader, struct message_roster_want *want)
{
    assert(reader->type == MESSAGE_ROSTER_WANT);
    *want = (struct message_roster_want){.has_hash = cbor_peek(&reader->cbor) == CBOR_BYTES};
    if (want->has_hash) {
        cbor_get_exact(&reader->cbor, want->hash, ID_LEN);
    } else {
        want->version = cbor_get_uint_max(&reader->cbor, SEQ_MAX);
    }
}

void message_put_roster_want(struct cbor_writer *writer, const struct message_roster_want *want)
{
    assert(want->has_hash || want->version <= SEQ_MAX);
    put_start(writer, MESSAGE_ROSTER_WANT);
    if (want->has_hash) {
        cbor_put_bytes(writer, want->hash, ID_LEN);
    } else {
        cbor_put_uint(writer, want->version);
    }
}

void message_get_roster_is(struct message_reader *reader, struct message_roster_is *is)
{
    struct cbor_reader *const cbor = &reader->cbor;

    assert(reader->type == MESSAGE_ROSTER_IS);
    is->count = cbor_get_array(cbor);
    if (is->count == 0 || is->count > ROSTER_PARENTS_MAX) {
        cbor_fail(cbor, is->count == 0 ? ERR_MALFORMED : ERR_LIMIT); // [5.20]
        is->count = 0;
    }
    for (size_t i = 0; i < is->count; i++) {
        cbor_get_exact(cbor, is->hashes[i], ID_LEN);
        if (i > 0 && memcmp(is->hashes[i - 1], is->hashes[i], ID_LEN) >= 0) {
            cbor_fail(cbor, ERR_MALFORMED);
        }
    }
}

void message_put_roster_is(struct cbor_writer *writer, const uint8_t (*hashes)[ID_LEN],
                           size_t count)
{
    assert(count >= 1 && count <= ROSTER_PARENTS_MAX);
    put_start(writer, MESSAGE_ROSTER_IS);
    cbor_put_array(writer, count);
    for (size_t i = 0; i < count; i++) {
        cbor_put_bytes(writer, hashes[i], ID_LEN);
    }
}

void message_get_trace(struct message_reader *reader, struct message_trace *trace)
{
    assert(reader->type == MESSAGE_TRACE || reader->type == MESSAGE_TRACED);
    *trace = (struct message_trace){.is_answer = reader->type == MESSAGE_TRACED};
    trace->author = item_get_author(&reader->cbor);
    trace->epoch = cbor_get_uint_max(&reader->cbor, EPOCH_MAX);
    trace->to = item_get_seq(&reader->cbor);
    cbor_get_exact(&reader->cbor, trace->tip, TAG_LEN);
    trace->at = item_get_seq(&reader->cbor);
    if (trace->at > trace->to) {
        cbor_fail(&reader->cbor, ERR_MALFORMED);
    }
    if (trace->is_answer) {
        trace->has_id = item_get_tag(&reader->cbor, trace->id);
    }
}

void message_put_trace(struct cbor_writer *writer, const struct message_trace *trace)
{
    assert(trace->at >= 1);
    assert(trace->at <= trace->to);
    put_start(writer, trace->is_answer ? MESSAGE_TRACED : MESSAGE_TRACE);
    cbor_put_uint(writer, trace->author);
    cbor_put_uint(writer, trace->epoch);
    cbor_put_uint(writer, trace->to);
    cbor_put_bytes(writer, trace->tip, TAG_LEN);
    cbor_put_uint(writer, trace->at);
    if (trace->is_answer) {
        item_put_tag(writer, trace->has_id, trace->id);
    }
}

void message_get_key_want(struct message_reader *reader, struct message_key_want *want)
{
    assert(reader->type == MESSAGE_KEY_WANT);
    want->requester = item_get_author(&reader->cbor);
    cbor_get_exact(&reader->cbor, want->group, TAG_LEN);
    cbor_get_exact(&reader->cbor, want->key, TAG_LEN);
    want->hops = (uint8_t)cbor_get_uint_max(&reader->cbor, KEY_HOPS_MAX); // [8.11]
}

void message_put_key_want(struct cbor_writer *writer, const struct message_key_want *want)
{
    assert(want->requester < NODES_MAX);
    assert(want->hops <= KEY_HOPS_MAX);
    put_start(writer, MESSAGE_KEY_WANT);
    cbor_put_uint(writer, want->requester);
    cbor_put_bytes(writer, want->group, TAG_LEN);
    cbor_put_bytes(writer, want->key, TAG_LEN);
    cbor_put_uint(writer, want->hops);
}

void message_get_key(struct message_reader *reader, struct message_key *key)
{
    assert(reader->type == MESSAGE_KEY);
    key->requester = item_get_author(&reader->cbor);
    cbor_get_exact(&reader->cbor, key->sealed.group, TAG_LEN);
    cbor_get_exact(&reader->cbor, key->sealed.key, TAG_LEN);
    cbor_get_exact(&reader->cbor, key->sealed.sealed, sizeof key->sealed.sealed);
}

void message_put_key(struct cbor_writer *writer, const struct message_key *key)
{
    assert(key->requester < NODES_MAX);
    put_start(writer, MESSAGE_KEY);
    cbor_put_uint(writer, key->requester);
    cbor_put_bytes(writer, key->sealed.group, TAG_LEN);
    cbor_put_bytes(writer, key->sealed.key, TAG_LEN);
    cbor_put_bytes(writer, key->sealed.sealed, sizeof key->sealed.sealed);
}

void message_get_space(struct message_reader *reader, struct message_space *space)
{
    assert(reader->type == MESSAGE_SPACE);
    cbor_get_exact(&reader->cbor, space->space, TAG_LEN);
    space->message = cbor_get_bytes(&reader->cbor);
    if (space->message.len < 1) {
        cbor_fail(&reader->cbor, ERR_MALFORMED); // [8.1]
    } else if (space->message.len > MESSAGE_WRAPPED_MAX) {
        cbor_fail(&reader->cbor, ERR_LIMIT);
    }
}

void message_put_space(struct cbor_writer *writer, const struct message_space *space)
{
    assert(space->message.len >= 1);
    assert(space->message.len <= MESSAGE_WRAPPED_MAX);
    put_start(writer, MESSAGE_SPACE);
    cbor_put_bytes(writer, space->space, TAG_LEN);
    cbor_put_bytes(writer, space->message.bytes, space->message.len);
}
