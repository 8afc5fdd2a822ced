// SPDX-License-Identifier: EUPL-1.2
// Which changes of a group count, which of them are overruled, and who is a member or an owner as a
// part of them has it [14.6-14.8]. Knows nothing of keys.
#include <assert.h>
#include <string.h>

#include "trust/bits.h"
#include "trust/group_history.h"

static const struct change_set *removals_of(const struct history *history, enum right right,
                                            uint32_t centre)
{
    return right == MEMBERSHIP ? &history->removals[centre] : &history->disownments[centre];
}

static bool gives(const struct history *history, uint32_t number, enum right right, uint32_t centre)
{
    const struct step *const step = history->counted[number].step;
    if (step->op == GROUP_CREATE) {
        return right == MEMBERSHIP ? centre_set_has(&history->founding.centres, centre)
                                   : centre_set_has(&history->founding.owners, centre);
    }
    return step->op == (right == MEMBERSHIP ? GROUP_ADD : GROUP_OWN) && step->centre == centre;
}

struct centre_set history_given(const struct history *history, uint32_t number, enum right right)
{
    const struct step *const step = history->counted[number].step;
    struct centre_set given = {0};
    if (step->op == GROUP_CREATE) {
        return right == MEMBERSHIP ? history->founding.centres : history->founding.owners;
    }
    if (gives(history, number, right, step->centre)) {
        centre_set_add(&given, step->centre);
    }
    return given;
}

// Whether what `number` gives to `centre` holds in `view`: the change is not overruled there, and
// every removal there lies before it [14.8].
static bool holds(const struct history *history, const struct change_set *view, uint32_t number,
                  enum right right, uint32_t centre)
{
    const struct counted *const counted = &history->counted[number];
    const struct change_set *const removals = removals_of(history, right, centre);
    for (size_t i = 0; i < CHANGE_WORDS; i++) {
        const uint64_t against =
            counted->overruling.words[i] | (removals->words[i] & ~counted->step->seen.words[i]);
        if ((against & view->words[i]) != 0) {
            return false;
        }
    }
    return true;
}

// The first change in `view` that gives the right and holds there, or NO_NUMBER.
static int32_t find_ground(const struct history *history, const struct change_set *view,
                           enum right right, uint32_t centre)
{
    for (uint32_t number = 0; number < history->counted_count; number++) {
        if (bits_has(view->words, number) && gives(history, number, right, centre) &&
            holds(history, view, number, right, centre)) {
            return (int32_t)number;
        }
    }
    return NO_NUMBER;
}

static void add_given(const struct history *history, const struct change_set *view, uint32_t number,
                      enum right right, struct centre_set *holding)
{
    const struct centre_set given = history_given(history, number, right);
    if (bits_are_none(given.words, CENTRE_WORDS)) {
        return;
    }
    for (uint32_t centre = 0; centre < CENTRES_MAX; centre++) {
        if (centre_set_has(&given, centre) && holds(history, view, number, right, centre)) {
            centre_set_add(holding, centre);
        }
    }
}

void history_view(const struct history *history, const struct change_set *view,
                  struct centre_set *members, struct centre_set *owners)
{
    *members = (struct centre_set){0};
    *owners = (struct centre_set){0};
    for (uint32_t number = 0; number < history->counted_count; number++) {
        if (bits_has(view->words, number)) {
            add_given(history, view, number, MEMBERSHIP, members);
            add_given(history, view, number, OWNERSHIP, owners);
        }
    }
    for (size_t i = 0; i < CENTRE_WORDS; i++) {
        owners->words[i] &= members->words[i];
    }
    if (!bits_are_none(owners->words, CENTRE_WORDS)) {
        return;
    }
    for (uint32_t centre = 0; centre < CENTRES_MAX; centre++) {
        if (centre_set_has(members, centre)) {
            centre_set_add(owners, centre); // [14.8] somebody has to be able to go on
            return;
        }
    }
}

// Whether `view` may have no owner left by the changes in it: none has when nothing was taken.
static bool has_disownment(const struct history *history, const struct change_set *view)
{
    for (uint32_t number = 0; number < history->counted_count; number++) {
        const enum group_op op = history->counted[number].step->op;
        if ((op == GROUP_REMOVE || op == GROUP_DISOWN) && bits_has(view->words, number)) {
            return true;
        }
    }
    return false;
}

// Whether the author's centre is an owner as the change's past has it, and what made it so.
static bool find_grounds(const struct history *history, const struct step *step, int32_t grounds[2])
{
    const struct change_set *const past = &step->seen;
    grounds[0] = find_ground(history, past, MEMBERSHIP, step->author_centre);
    if (grounds[0] == NO_NUMBER) {
        return false;
    }
    grounds[1] = find_ground(history, past, OWNERSHIP, step->author_centre);
    if (grounds[1] != NO_NUMBER) {
        return true;
    }
    if (!has_disownment(history, past)) {
        return false;
    }
    struct centre_set members;
    struct centre_set owners;
    history_view(history, past, &members, &owners);
    return centre_set_has(&owners, step->author_centre);
}

static bool takes(const struct step *step)
{
    return step->op == GROUP_REMOVE || step->op == GROUP_DISOWN;
}

// [14.7] A change that takes overrules what its target gave without having seen it, and what was
// built on that; it is never overruled itself.
static void overrule(struct history *history, uint32_t by)
{
    const struct step *const taking = history->counted[by].step;
    for (uint32_t number = 0; number < by; number++) {
        struct counted *const other = &history->counted[number];
        bool is_hit =
            other->step->author_centre == taking->centre && !bits_has(taking->seen.words, number);
        for (size_t i = 0; i < 2; i++) {
            const int32_t ground = other->grounds[i];
            is_hit |=
                ground != NO_NUMBER && bits_has(history->counted[ground].overruling.words, by);
        }
        if (is_hit && !takes(other->step)) {
            bits_add(other->overruling.words, by);
        }
    }
}

// What overrules a new change from the start: takings of its author's centre that it has not seen,
// and whatever overrules its grounds.
static void inherit(struct history *history, struct counted *counted)
{
    const struct step *const step = counted->step;
    const struct change_set *const takings = &history->disownments[step->author_centre];
    for (size_t i = 0; i < CHANGE_WORDS; i++) {
        counted->overruling.words[i] = takings->words[i] & ~step->seen.words[i];
    }
    for (size_t i = 0; i < 2; i++) {
        if (counted->grounds[i] != NO_NUMBER) {
            bits_join(counted->overruling.words,
                      history->counted[counted->grounds[i]].overruling.words, CHANGE_WORDS);
        }
    }
}

static void count(struct history *history, struct step *step, const int32_t grounds[2])
{
    const uint32_t number = history->counted_count;
    assert(number < GROUP_CHANGES_MAX);
    struct counted *const counted = &history->counted[number];
    step->number = (int32_t)number;
    step->effect = GROUP_COUNTS;
    *counted = (struct counted){.step = step, .grounds = {grounds[0], grounds[1]}};
    if (!takes(step)) {
        inherit(history, counted);
    }
    bits_add(step->seen.words, number);
    history->counted_count++;
    if (!takes(step)) {
        return;
    }
    bits_add(history->disownments[step->centre].words, number);
    if (step->op == GROUP_REMOVE) {
        bits_add(history->removals[step->centre].words, number);
    }
    overrule(history, number);
}

// [14.6]
static enum group_effect judge(struct history *history, struct step *step)
{
    int32_t grounds[2] = {NO_NUMBER, NO_NUMBER};
    const bool may = history->is_all
                         ? step->op == GROUP_REKEY
                         : step->op == GROUP_CREATE || find_grounds(history, step, grounds);
    if (!may) {
        return GROUP_UNAUTHORISED;
    }
    if (history->counted_count == GROUP_CHANGES_MAX) {
        return GROUP_TOO_MANY;
    }
    count(history, step, grounds);
    return GROUP_COUNTS;
}

void history_judge(struct history *history)
{
    assert(history);
    assert(history->counted_count == 0);
    if (!history->is_all && history->founding_step == NO_NUMBER) {
        return;
    }
    for (uint32_t i = 0; i < history->order_count; i++) {
        struct step *const step = &history->steps[history->order[i]];
        if (!history->is_all && i > 0) {
            bits_add(step->seen.words, 0); // whoever names a group knows its founding
        }
        for (uint32_t p = 0; p < step->parents_count; p++) {
            bits_join(step->seen.words, history->steps[step->parents[p]].seen.words, CHANGE_WORDS);
        }
        step->effect = judge(history, step);
    }
    for (uint32_t number = 0; number < history->counted_count; number++) {
        const struct counted *const counted = &history->counted[number];
        if (!bits_are_none(counted->overruling.words, CHANGE_WORDS)) {
            history->steps[counted->step - history->steps].effect = GROUP_OVERRULED;
        }
    }
}
