// SPDX-License-Identifier: EUPL-1.2
// What an entry says follows from its number alone: its place in a cycle of 20 tells the kind.
#include "bench/mix.h"

#include <stdio.h>
#include <string.h>

#include "sitrep/header.h"

enum {
    CYCLE = 20,
    CYCLES = MIX_BLOCK / CYCLE, // of a block
    SLOT_INCIDENT = 0,
    SLOT_REPORT = 1, // and the next two
    SLOT_RESOURCE = 4,
    SLOT_REQUEST = 6,
    SLOT_OFFER = 7,
    SLOT_CLOSING = 8,
    SLOT_PHASE = 9,
    SLOT_ASSESSMENT = 13,
    SLOT_ACK = 14,
    SLOT_RECEIPT = 19,
    ASKED_CYCLE = MIX_ASKING / CYCLE,
};

static const char prose[] =
    "Water level at the lock is 40 cm above the mark and rising by 5 cm an hour. The dyke watch "
    "reports seepage at two places; sandbags are on their way. The road to the north is closed, "
    "the one to the south is passable for heavy vehicles only. About 120 people stay in the gym.";

// Of one cycle; the next is shifted by a centre. Who answers a request is of another centre, who
// changes something of the same.
static const uint8_t writers[CYCLE] = {0, 1, 2, 3, 4, 5, 6, 8, 7, 9, 0, 1, 0, 3, 4, 5, 6, 7, 8, 9};

uint32_t mix_writer(uint32_t i)
{
    return (writers[i % CYCLE] + i / CYCLE * 2) % MIX_WRITERS;
}

uint64_t mix_written_ms(const struct mix *mix, uint32_t i)
{
    return mix->begun_ms + (uint64_t)MIX_STEP_MS * i;
}

uint8_t mix_precedence(uint32_t i)
{
    return i % MIX_BLOCK == 0 ? IMMEDIATE : i % CYCLE == SLOT_REQUEST ? PRIORITY : ROUTINE;
}

static uint32_t cycle_of(uint32_t i)
{
    return i % MIX_BLOCK / CYCLE;
}

// Every tenth block goes on to this day.
static bool is_open(uint32_t i)
{
    return i / MIX_BLOCK % 10 == 0;
}

// -- values --

static void put_text(struct cbor_writer *writer, const char *key, const char *text)
{
    cbor_put_text(writer, key, strlen(key));
    cbor_put_text(writer, text, strlen(text));
}

static void put_count(struct cbor_writer *writer, const char *key, uint64_t count)
{
    cbor_put_text(writer, key, strlen(key));
    cbor_put_uint(writer, count);
}

static void put_ref(const struct mix *mix, struct cbor_writer *writer, const char *key, uint32_t i)
{
    const struct ref ref = mix->ref_of(mix->context, i);

    cbor_put_text(writer, key, strlen(key));
    ref_put(writer, &ref);
}

static void put_refs(const struct mix *mix, struct cbor_writer *writer, const char *key, uint32_t i)
{
    const struct ref ref = mix->ref_of(mix->context, i);

    cbor_put_text(writer, key, strlen(key));
    cbor_put_array(writer, 1);
    ref_put(writer, &ref);
}

// Some of the prose: another part of it, and another length, for each entry.
static void put_prose(struct cbor_writer *writer, uint32_t i)
{
    const size_t number = i;

    cbor_put_text(writer, "text", 4);
    cbor_put_text(writer, prose + number * 7 % 100, 40 + number * 13 % (sizeof prose - 141));
}

static uint32_t incident_of(uint32_t i)
{
    return i % MIX_BIG == 3 ? 0 : i - i % MIX_BLOCK;
}

// -- kinds --

static void put_journal(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    const bool is_of_incident = i % 2 == 1;

    cbor_put_map(writer, is_of_incident ? 3 : 2);
    put_text(writer, "kind", "journal");
    put_prose(writer, i);
    if (is_of_incident) {
        put_ref(mix, writer, "incident", incident_of(i));
    }
}

static void put_incident(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    char name[32];
    const bool is_end = cycle_of(i) != 0;
    const uint32_t began = i - i % MIX_BLOCK;

    (void)snprintf(name, sizeof name, "High water %u", (unsigned)(i / MIX_BLOCK));
    cbor_put_map(writer, is_end ? 5 : 2);
    if (is_end) {
        put_ref(mix, writer, "item", began);
    }
    put_text(writer, "kind", "incident");
    put_text(writer, "name", name);
    if (is_end) {
        put_text(writer, "state", "closed");
        put_refs(mix, writer, "supersedes", began);
    }
}

static void put_phase(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    const bool is_end = cycle_of(i) != 0;
    const uint32_t began = i - i % MIX_BLOCK + SLOT_PHASE;

    cbor_put_map(writer, is_end ? 7 : 4);
    if (is_end) {
        put_ref(mix, writer, "item", began);
    }
    put_text(writer, "kind", "phase");
    put_text(writer, "level", "provincial");
    if (is_end) {
        put_text(writer, "state", "ended");
    }
    put_text(writer, "scheme", "be");
    put_text(writer, "authority", "Governor");
    if (is_end) {
        put_refs(mix, writer, "supersedes", began);
    }
}

// To date and of a period in turns.
static void put_report(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    const bool counts = i % CYCLE != SLOT_REPORT + 2 || i % MIX_BIG == 3;

    cbor_put_map(writer, counts ? 6 : 3);
    put_text(writer, "kind", "report");
    put_prose(writer, i);
    put_ref(mix, writer, "incident", incident_of(i));
    if (!counts) {
        return;
    }
    put_count(writer, "period_to", mix_written_ms(mix, i + 1));
    cbor_put_text(writer, "casualties", strlen("casualties"));
    cbor_put_array(writer, 1);
    cbor_put_map(writer, 2);
    put_text(writer, "basis", i % 3 == 0 ? "to-date" : "period");
    cbor_put_text(writer, "population", strlen("population"));
    cbor_put_map(writer, 2);
    put_count(writer, "dead", i % 7);
    put_count(writer, "injured", i % 31);
    put_count(writer, "period_from", mix_written_ms(mix, i));
}

static void put_resource(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    char type[16];

    (void)snprintf(type, sizeof type, "pump-%u", (unsigned)(i / CYCLE % MIX_TYPES));
    cbor_put_map(writer, 4);
    put_text(writer, "kind", "resource");
    put_text(writer, "type", type);
    put_count(writer, "as_of", mix_written_ms(mix, i));
    put_count(writer, "available", i % 40);
}

static void put_request(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    const uint32_t began = i - i % CYCLE + SLOT_REQUEST;
    const bool is_end = i != began;

    cbor_put_map(writer, is_end ? 7 : 4);
    if (is_end) {
        put_ref(mix, writer, "item", began);
    }
    put_text(writer, "kind", "request");
    put_prose(writer, i);
    if (is_end) {
        put_text(writer, "state", "closed");
    }
    put_count(writer, "quantity", 4);
    put_text(writer, "capability", "pump");
    if (is_end) {
        put_refs(mix, writer, "supersedes", began);
    }
}

static void put_offer(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    cbor_put_map(writer, 3);
    put_text(writer, "kind", "offer");
    put_ref(mix, writer, "request", i - 1);
    put_count(writer, "quantity", 2);
}

// Begun, put in force and lifted; in every hundredth cycle lifted by who has not seen it in force.
static void put_measure(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    const uint32_t step = i % CYCLE - MIX_MEASURE;
    const bool is_unseen = i / CYCLE % 100 == 99;

    cbor_put_map(writer, step == 0 ? 4 : 7);
    if (step > 0) {
        put_ref(mix, writer, "item", i - step);
    }
    put_text(writer, "kind", "measure");
    put_prose(writer, i);
    put_text(writer, "type", "evacuate");
    if (step > 0) {
        put_text(writer, "state", step == 1 ? "in-force" : "lifted");
    }
    put_ref(mix, writer, "incident", i - i % MIX_BLOCK);
    if (step > 0) {
        put_refs(mix, writer, "supersedes", is_unseen ? i - step : i - 1);
    }
}

static void put_assessment(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    cbor_put_map(writer, 4);
    put_text(writer, "kind", "assessment");
    put_prose(writer, i);
    put_count(writer, "ack_by", mix_written_ms(mix, i) + 3600000);
    put_ref(mix, writer, "incident", incident_of(i));
}

static void put_ack(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    cbor_put_map(writer, 3);
    put_text(writer, "as", "seen");
    put_refs(mix, writer, "of", i - 1);
    put_text(writer, "kind", "ack");
}

// All that the others wrote up to then.
static void put_receipt(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    uint32_t last[MIX_WRITERS] = {0};

    for (uint32_t at = i < 2 * CYCLE ? 0 : i - 2 * CYCLE; at < i; at++) {
        last[mix_writer(at)] = at;
    }
    cbor_put_map(writer, 2);
    put_text(writer, "kind", "receipt");
    cbor_put_text(writer, "heads", strlen("heads"));
    cbor_put_array(writer, MIX_WRITERS - 1);
    for (uint32_t node = 0; node < MIX_WRITERS; node++) {
        if (node != mix_writer(i)) {
            const struct ref ref = mix->ref_of(mix->context, last[node]);
            ref_put(writer, &ref);
        }
    }
}

typedef void put_kind(const struct mix *mix, uint32_t i, struct cbor_writer *writer);

// Whether the entry is the log book's, though its place in another cycle is something else's.
static bool is_left_out(uint32_t i)
{
    const uint32_t cycle = cycle_of(i);

    switch (i % CYCLE) {
    case SLOT_INCIDENT: // begins with the block and ends with it
    case SLOT_PHASE:
        return cycle != 0 && (cycle != CYCLES - 1 || is_open(i));
    case SLOT_CLOSING: // of the request
        return cycle % 10 == 0;
    case MIX_MEASURE + 2: // it stays in force
        return cycle % 10 == 1;
    case SLOT_ASSESSMENT:
    case SLOT_ACK:
        return cycle != ASKED_CYCLE;
    case SLOT_RECEIPT:
        return cycle % 5 != 4;
    default:
        return false;
    }
}

void mix_write(const struct mix *mix, uint32_t i, struct cbor_writer *writer)
{
    static void (*const by_slot[CYCLE])(const struct mix *mix, uint32_t i,
                                        struct cbor_writer *writer) = {
        [SLOT_INCIDENT] = put_incident,
        [SLOT_REPORT] = put_report,
        [SLOT_REPORT + 1] = put_report,
        [SLOT_REPORT + 2] = put_report,
        [SLOT_RESOURCE] = put_resource,
        [SLOT_RESOURCE + 1] = put_resource,
        [SLOT_REQUEST] = put_request,
        [SLOT_OFFER] = put_offer,
        [SLOT_CLOSING] = put_request,
        [SLOT_PHASE] = put_phase,
        [MIX_MEASURE] = put_measure,
        [MIX_MEASURE + 1] = put_measure,
        [MIX_MEASURE + 2] = put_measure,
        [SLOT_ASSESSMENT] = put_assessment,
        [SLOT_ACK] = put_ack,
        [SLOT_RECEIPT] = put_receipt,
    };
    const uint32_t slot = i % CYCLE;

    if (by_slot[slot] == NULL || is_left_out(i)) {
        put_journal(mix, i, writer);
    } else {
        by_slot[slot](mix, i, writer);
    }
}
