// SPDX-License-Identifier: EUPL-1.2
// One number, of one incident and centre [18.17]: what is to date by the latest report, and of
// periods what begins behind it. No node's clock is asked: reports say of when they are.
#include "picture/tally.h"

#include <assert.h>
#include <stdlib.h>

// What the reports of one centre tell of the number.
struct tally {
    size_t number;
    struct teller *to_date, *periods;
    size_t to_date_count, periods_count;
};

struct range {
    uint64_t least, most;
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

// -- reports --

static bool tells(const struct saying *saying, size_t number)
{
    return saying->fates[number] != FATE_NOT_TOLD;
}

static void add_saying(struct teller *teller, const struct saying *saying, size_t number,
                       bool is_first)
{
    const uint64_t count = saying->counts[number];
    const uint64_t to_ms = saying->to_ms;

    teller->least = is_first ? count : smaller(teller->least, count);
    teller->most = larger(teller->most, count);
    if (saying->is_to_date) {
        teller->to_ms = teller->to_ms == NEVER ? to_ms
                        : to_ms == NEVER       ? teller->to_ms
                                               : larger(teller->to_ms, to_ms);
        return;
    }
    if (saying->from_ms == NEVER || to_ms == NEVER || saying->from_ms >= to_ms) {
        teller->fate = FATE_UNPLACED;
    }
    teller->from_ms = is_first ? saying->from_ms : smaller(teller->from_ms, saying->from_ms);
    teller->to_ms = is_first ? to_ms : larger(teller->to_ms, to_ms);
}

// The report whose sayings of one basis begin there. False when none of them tells the number.
static bool make_teller(struct saying *first, size_t count, size_t number, struct teller *teller)
{
    size_t telling = 0;

    *teller = (struct teller){.first = first,
                              .count = count,
                              .is_alone = first->heads == 1,
                              .fate = first->is_to_date ? FATE_TAKEN : FATE_COVERED,
                              .from_ms = NEVER,
                              .to_ms = NEVER};
    for (size_t i = 0; i < count; i++) {
        if (tells(&first[i], number)) {
            add_saying(teller, &first[i], number, telling == 0);
            telling++;
        }
    }
    teller->is_certain = telling == first->heads;
    teller->least = teller->is_certain ? teller->least : 0;
    return telling > 0;
}

// What is to date comes first.
static void gather(struct tally *tally, struct saying *sayings, size_t count, struct teller *room)
{
    size_t made = 0;
    size_t next = 0;

    tally->to_date = room;
    tally->to_date_count = 0;
    for (size_t i = 0; i < count; i = next) {
        for (next = i + 1; next < count && sayings[next].report == sayings[i].report &&
                           sayings[next].is_to_date == sayings[i].is_to_date;) {
            next++;
        }
        if (make_teller(&sayings[i], next - i, tally->number, &room[made])) {
            made++;
            tally->to_date_count += sayings[i].is_to_date ? 1 : 0;
        }
    }
    tally->periods = room + tally->to_date_count;
    tally->periods_count = made - tally->to_date_count;
}

// -- by log --

static int number_compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

// By log, the last of it first; behind them what has no place in one.
static int log_compare(const void *left, const void *right)
{
    const struct teller *a = left;
    const struct teller *b = right;
    const struct ref *one = &a->first->ref;
    const struct ref *other = &b->first->ref;
    const int order[] = {
        number_compare(b->is_alone, a->is_alone),
        number_compare(one->author, other->author),
        number_compare(one->epoch, other->epoch),
        number_compare(other->seq, one->seq),
        ref_compare(one, other),
    };

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (order[i] != 0) {
            return order[i];
        }
    }
    return 0;
}

// What ends last comes first, and what ends then in the order of logs.
static int period_compare(const void *left, const void *right)
{
    const struct teller *a = left;
    const struct teller *b = right;
    const int order = number_compare(b->to_ms, a->to_ms);

    return order != 0 ? order : log_compare(left, right);
}

static bool is_of_log(const struct teller *a, const struct teller *b)
{
    return a->is_alone && b->is_alone && a->first->ref.author == b->first->ref.author &&
           a->first->ref.epoch == b->first->ref.epoch;
}

// The one comes before the other in its log.
static bool is_before(const struct teller *a, const struct teller *b)
{
    return is_of_log(a, b) && a->first->ref.seq < b->first->ref.seq;
}

// -- to date --

// The latest end of those that all heads of a report tell; NEVER: none of them has an end.
static uint64_t latest_end(const struct tally *tally)
{
    uint64_t latest = NEVER;

    for (size_t i = 0; i < tally->to_date_count; i++) {
        const struct teller *teller = &tally->to_date[i];
        if (teller->is_certain && teller->to_ms != NEVER) {
            latest = latest == NEVER ? teller->to_ms : larger(latest, teller->to_ms);
        }
    }
    return latest;
}

// Of one log, the last of all passes what has no end; of those with the latest end the last passes
// the others.
static void pass(const struct tally *tally)
{
    const uint64_t latest = latest_end(tally);
    const struct teller *last = NULL;
    const struct teller *last_of_latest = NULL;

    qsort(tally->to_date, tally->to_date_count, sizeof *tally->to_date, log_compare);
    for (size_t i = 0; i < tally->to_date_count; i++) {
        struct teller *teller = &tally->to_date[i];
        const bool has_end = teller->to_ms != NEVER;
        last = last != NULL && is_of_log(teller, last) ? last : teller;
        const bool is_earlier = has_end && latest != NEVER && teller->to_ms < latest;
        if (has_end && !is_earlier &&
            (last_of_latest == NULL || !is_of_log(teller, last_of_latest))) {
            last_of_latest = teller;
        }
        if (is_earlier || (has_end ? is_before(teller, last_of_latest) : is_before(teller, last))) {
            teller->fate = FATE_PASSED;
        }
    }
}

// -- periods --

// The periods that end at one moment and begin at or behind `end_ms`: one of them counts, of one
// log the last. Returns when the earliest of them begins; NEVER when there is none.
static uint64_t take_alternatives(struct teller *periods, size_t count, uint64_t end_ms,
                                  struct range *range)
{
    const struct teller *last = NULL;
    struct range found = {.least = UINT64_MAX};
    uint64_t from_ms = NEVER;

    for (size_t i = 0; i < count; i++) {
        struct teller *period = &periods[i];
        if (period->from_ms < end_ms || (last != NULL && is_before(period, last))) {
            continue;
        }
        last = period;
        period->fate = FATE_TAKEN;
        from_ms = smaller(from_ms, period->from_ms);
        found.least = smaller(found.least, period->least);
        found.most = larger(found.most, period->most);
    }
    if (from_ms != NEVER) {
        range->least += found.least;
        range->most += found.most;
    }
    return from_ms;
}

static void mark_overlapping(struct teller *periods, size_t count, uint64_t end_ms)
{
    for (size_t i = 0; i < count; i++) {
        if (periods[i].from_ms >= end_ms && periods[i].fate == FATE_COVERED) {
            periods[i].fate = FATE_OVERLAPS;
        }
    }
}

// What the periods that begin at or behind `end_ms` come to.
static struct range add_periods(const struct tally *tally, uint64_t end_ms)
{
    struct range range = {0, 0};
    uint64_t taken_from_ms = NEVER;
    size_t next = 0;

    for (size_t i = 0; end_ms != NEVER && i < tally->periods_count; i = next) {
        struct teller *period = &tally->periods[i];
        for (next = i + 1;
             next < tally->periods_count && tally->periods[next].to_ms == period->to_ms;) {
            next++;
        }
        if (period->to_ms <= taken_from_ms) {
            taken_from_ms =
                smaller(taken_from_ms, take_alternatives(period, next - i, end_ms, &range));
        }
        mark_overlapping(period, next - i, end_ms);
    }
    return range;
}

// Those that can be placed, in order; the others behind them are not looked at.
static void place_periods(struct tally *tally)
{
    size_t placed = 0;

    for (size_t i = 0; i < tally->periods_count; i++) {
        if (tally->periods[i].fate != FATE_UNPLACED) {
            const struct teller teller = tally->periods[i];
            tally->periods[i] = tally->periods[placed];
            tally->periods[placed++] = teller;
        }
    }
    tally->periods_count = placed;
    qsort(tally->periods, placed, sizeof *tally->periods, period_compare);
}

// -- both --

static void widen(struct sum *sum, const struct range *base, const struct range *more)
{
    const uint64_t least = base->least + more->least;
    const uint64_t most = base->most + more->most;

    sum->least = sum->is_told ? smaller(sum->least, least) : least;
    sum->most = sum->is_told ? larger(sum->most, most) : most;
    sum->is_told = true;
}

// Each report that holds of what is to date may be the one; none of them when each has a head that
// tells nothing.
static struct sum add_up(const struct tally *tally)
{
    struct sum sum = {.is_told = false};
    struct range periods = {0, 0};
    uint64_t added_ms = NEVER;
    bool is_certain = false;

    for (size_t i = 0; i < tally->to_date_count; i++) {
        const struct teller *teller = &tally->to_date[i];
        is_certain |= teller->is_certain;
        if (teller->fate != FATE_TAKEN) {
            continue;
        }
        if (teller->to_ms != added_ms) {
            periods = add_periods(tally, teller->to_ms);
            added_ms = teller->to_ms;
        }
        widen(&sum, &(struct range){teller->least, teller->most}, &periods);
    }
    if (!is_certain && (tally->to_date_count > 0 || tally->periods_count > 0)) {
        periods = add_periods(tally, 0);
        widen(&sum, &(struct range){0, 0}, &periods);
    }
    return sum;
}

static void set_fate(const struct teller *teller, size_t number)
{
    for (size_t i = 0; i < teller->count; i++) {
        if (tells(&teller->first[i], number)) {
            teller->first[i].fates[number] = (uint8_t)teller->fate;
        }
    }
}

struct sum tally_number(struct saying *sayings, size_t count, size_t number, struct teller *room)
{
    struct tally tally = {.number = number};

    gather(&tally, sayings, count, room);
    const size_t all = tally.to_date_count + tally.periods_count;
    pass(&tally);
    place_periods(&tally);
    const struct sum sum = add_up(&tally);
    for (size_t i = 0; i < all; i++) {
        set_fate(&room[i], number);
    }
    return sum;
}
