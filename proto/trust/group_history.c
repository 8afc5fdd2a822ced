// SPDX-License-Identifier: EUPL-1.2
// Reads the changes of a group and puts them in order, the founding first and each behind what it
// names [14.5]. Whether a change counts is not decided here.
#include "trust/group_history.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int compare_ids(const void *left, const void *right)
{
    const struct step *const a = left;
    const struct step *const b = right;
    return memcmp(a->change->id, b->change->id, ID_LEN);
}

// The place of an id among the steps, or steps_count.
static uint32_t find_step(const struct history *history, const uint8_t id[static ID_LEN])
{
    uint32_t low = 0;
    uint32_t high = history->steps_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const int order = memcmp(history->steps[middle].change->id, id, ID_LEN);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return history->steps_count;
}

// One step for each distinct id, ascending.
static void sort_steps(struct history *history, struct group_changes changes)
{
    for (size_t i = 0; i < changes.count; i++) {
        history->steps[i] = (struct step){.change = &changes.list[i], .number = NO_NUMBER};
    }
    qsort(history->steps, changes.count, sizeof *history->steps, compare_ids);
    uint32_t kept = 0;
    for (size_t i = 0; i < changes.count; i++) {
        if (kept == 0 || compare_ids(&history->steps[kept - 1], &history->steps[i]) != 0) {
            history->steps[kept] = history->steps[i];
            kept++;
        }
    }
    history->steps_count = kept;
    for (size_t i = 0; i < changes.count; i++) {
        history->step_of[i] = find_step(history, changes.list[i].id);
    }
}

static bool is_of_group(const struct history *history, const struct step *step,
                        const struct group_body *body)
{
    uint8_t founded[TAG_LEN];
    const uint8_t *group = body->group;
    if (body->op == GROUP_CREATE) {
        group_id_derive(step->change->id, founded);
        group = founded;
    }
    return memcmp(group, history->group, TAG_LEN) == 0;
}

// [14.5] What does not count by the roster is as if it were not there, so that it makes no
// difference who still has it.
static bool is_admitted(const struct roster *roster, const struct group_change *change)
{
    return change->author < roster->nodes_count &&
           change->seq <= roster_counts_to(roster, change->author, change->epoch);
}

// The smallest founding is the founding [14.6]; steps come ascending.
static bool takes_part(struct history *history, const struct step *step,
                       const struct group_body *body)
{
    if (body->op != GROUP_CREATE) {
        return true;
    }
    if (history->is_all || history->founding_step != NO_NUMBER ||
        !centre_set_has(&body->owners, step->author_centre)) {
        return false;
    }
    history->founding = *body;
    history->founding_step = (int32_t)(step - history->steps);
    return true;
}

static void read_step(struct history *history, struct step *step)
{
    struct group_body body;
    step->effect = GROUP_UNRELATED;
    if (group_body_decode(step->change->content, &body)) {
        step->effect = GROUP_UNREADABLE;
        return;
    }
    if (!is_of_group(history, step, &body)) {
        return;
    }
    if (!is_admitted(history->roster, step->change)) {
        step->effect = GROUP_REVOKED;
        return;
    }
    step->author_centre = history->roster->nodes[step->change->author].centre;
    assert(step->author_centre < CENTRES_MAX);
    step->is_part = takes_part(history, step, &body);
    step->op = body.op;
    step->has_key = body.has_key;
    step->centre = body.centre;
    for (size_t i = 0; i < body.after_count; i++) {
        step->parents[i] = find_step(history, body.after[i]);
    }
    step->parents_count = (uint32_t)body.after_count;
}

// What a change names and is not here is passed over [14.5].
static void keep_parents(struct history *history, struct step *step)
{
    uint32_t kept = 0;
    for (uint32_t p = 0; p < step->parents_count; p++) {
        const uint32_t parent = step->parents[p];
        if (parent < history->steps_count && history->steps[parent].is_part) {
            history->steps[parent].children_count++;
            step->parents[kept] = parent;
            kept++;
        }
    }
    step->parents_count = kept;
    step->parents_left = kept;
}

static void link_child(struct history *history, uint32_t child)
{
    const struct step *const step = &history->steps[child];
    for (uint32_t p = 0; p < step->parents_count; p++) {
        struct step *const parent = &history->steps[step->parents[p]];
        history->children[parent->children_at + parent->children_count] = child;
        parent->children_count++;
    }
}

// The steps that name a step stand together.
static enum err link_children(struct history *history)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < history->steps_count; i++) {
        keep_parents(history, &history->steps[i]);
    }
    for (uint32_t i = 0; i < history->steps_count; i++) {
        history->steps[i].children_at = total;
        total += history->steps[i].children_count;
        history->steps[i].children_count = 0;
    }
    history->children = malloc((total + 1) * sizeof *history->children);
    if (!history->children) {
        return ERR_NO_SPACE;
    }
    for (uint32_t i = 0; i < history->steps_count; i++) {
        link_child(history, i);
    }
    return ERR_OK;
}

// A heap of steps, the smallest first. It lies in the part of `order` that is not yet written: a
// step is in one of them only, so they never meet.
struct heap {
    uint32_t *end; // behind its root, which is the last; it grows downwards
    uint32_t count;
};

static uint32_t *heap_at(const struct heap *heap, uint32_t place)
{
    assert(place < heap->count);
    return heap->end - 1 - place;
}

static void heap_swap(const struct heap *heap, uint32_t a, uint32_t b)
{
    const uint32_t held = *heap_at(heap, a);
    *heap_at(heap, a) = *heap_at(heap, b);
    *heap_at(heap, b) = held;
}

static void heap_put(struct heap *heap, uint32_t value)
{
    uint32_t place = heap->count;
    heap->count++;
    *heap_at(heap, place) = value;
    while (place > 0 && *heap_at(heap, place) < *heap_at(heap, (place - 1) / 2)) {
        heap_swap(heap, place, (place - 1) / 2);
        place = (place - 1) / 2;
    }
}

// The smallest of a place and its two children.
static uint32_t heap_least(const struct heap *heap, uint32_t place)
{
    uint32_t least = place;
    for (uint32_t child = 2 * place + 1; child <= 2 * place + 2; child++) {
        if (child < heap->count && *heap_at(heap, child) < *heap_at(heap, least)) {
            least = child;
        }
    }
    return least;
}

static uint32_t heap_take(struct heap *heap)
{
    const uint32_t taken = *heap_at(heap, 0);
    heap_swap(heap, 0, heap->count - 1);
    heap->count--;
    uint32_t place = 0;
    uint32_t least = heap->count > 0 ? heap_least(heap, place) : place;
    while (least != place) {
        heap_swap(heap, place, least);
        place = least;
        least = heap_least(heap, place);
    }
    return taken;
}

// One of a step's parents is in the order.
static void release(struct history *history, struct heap *ready, uint32_t child)
{
    struct step *const step = &history->steps[child];
    assert(step->parents_left > 0);
    step->parents_left--;
    if (step->parents_left == 0) {
        heap_put(ready, child);
    }
}

static void take(struct history *history, struct heap *ready, uint32_t taken)
{
    const struct step *const step = &history->steps[taken];
    history->order[history->order_count] = taken;
    history->order_count++;
    for (uint32_t c = 0; c < step->children_count; c++) {
        release(history, ready, history->children[step->children_at + c]);
    }
}

// [14.5] What is made to go round in a circle never comes up.
static void put_in_order(struct history *history)
{
    struct heap ready = {history->order + history->steps_count, 0};
    if (history->founding_step != NO_NUMBER) {
        take(history, &ready, (uint32_t)history->founding_step);
    }
    for (uint32_t i = 0; i < history->steps_count; i++) {
        const struct step *const step = &history->steps[i];
        if (step->is_part && step->parents_count == 0 && (int32_t)i != history->founding_step) {
            heap_put(&ready, i);
        }
    }
    while (ready.count > 0) {
        take(history, &ready, heap_take(&ready));
    }
}

enum err history_create(const struct history_subject *subject, struct group_changes changes,
                        struct history **out)
{
    assert(subject && out);
    assert(changes.count < UINT32_MAX / GROUP_AFTER_MAX);
    struct history *history = calloc(1, sizeof *history);
    if (!history) {
        return ERR_NO_SPACE;
    }
    memcpy(history->group, subject->group, TAG_LEN);
    history->roster = subject->roster;
    history->is_all = subject->is_all;
    history->founding_step = NO_NUMBER;
    history->steps = malloc((changes.count + 1) * sizeof *history->steps);
    history->step_of = malloc((changes.count + 1) * sizeof *history->step_of);
    history->order = malloc((changes.count + 1) * sizeof *history->order);
    if (!history->steps || !history->step_of || !history->order) {
        history_destroy(&history);
        return ERR_NO_SPACE;
    }
    sort_steps(history, changes);
    for (uint32_t i = 0; i < history->steps_count; i++) {
        read_step(history, &history->steps[i]);
    }
    if (link_children(history)) {
        history_destroy(&history);
        return ERR_NO_SPACE;
    }
    put_in_order(history);
    *out = history;
    return ERR_OK;
}

void history_destroy(struct history **history)
{
    assert(history);
    if (!*history) {
        return;
    }
    free((*history)->steps);
    free((*history)->step_of);
    free((*history)->children);
    free((*history)->order);
    free(*history);
    *history = NULL;
}
