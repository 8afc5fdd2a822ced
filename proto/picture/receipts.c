// SPDX-License-Identifier: EUPL-1.2
// Who holds what since when [18.13 to 18.15], from what nodes say in receipts, and from what they
// cannot have written otherwise. When receipts are due is not known here.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "picture/places.h"

// -- what receipts name --

static bool is_receipt(const struct kind *kind)
{
    return strcmp(kind->name, "receipt") == 0;
}

// A reader that stands before the first of the heads, and how many there are.
static size_t open_heads(const struct content *content, struct cbor_reader *reader)
{
    const struct span heads =
        is_receipt(content->kind) ? content_get(content, "heads") : (struct span){NULL, 0};

    if (heads.bytes == NULL) {
        return 0;
    }
    cbor_read(reader, heads.bytes, heads.len);
    return cbor_get_array(reader);
}

size_t receipt_count(const struct content *content)
{
    struct cbor_reader reader;

    return open_heads(content, &reader);
}

static uint32_t number_of(const struct content *content)
{
    const struct span number = content_get(content, "number");
    struct cbor_reader reader;

    if (number.bytes == NULL) {
        return 0;
    }
    cbor_read(&reader, number.bytes, number.len);
    return (uint32_t)cbor_get_uint(&reader);
}

void receipt_take(struct picture *picture, uint32_t at, const struct content *content)
{
    const struct place *place = &picture->places[at];
    struct receipt receipt = {
        .node = place->ref.author, .place = at, .written_ms = place->written_ms};
    struct cbor_reader reader;

    if (!is_receipt(content->kind)) {
        return;
    }
    receipt.number = number_of(content);
    for (size_t left = open_heads(content, &reader); left > 0; left--) {
        assert(picture->holdings_count < picture->holdings_room);
        struct holding *holding = &picture->holdings[picture->holdings_count++];
        *holding = (struct holding){.node = receipt.node, .place = at, .earliest = PICTURE_NONE};
        ref_get(&reader, &holding->head);
    }
    assert(picture->receipts_count < picture->receipts_room);
    picture->receipts[picture->receipts_count++] = receipt;
    picture->are_holdings_dirty = true;
}

// -- in order --

static int number_compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int receipt_compare(const void *left, const void *right)
{
    const struct receipt *a = left;
    const struct receipt *b = right;

    return a->node != b->node ? number_compare(a->node, b->node)
                              : number_compare(a->written_ms, b->written_ms);
}

// By node, and by the place of the head.
static int holding_compare(const void *left, const void *right)
{
    const struct holding *a = left;
    const struct holding *b = right;

    return a->node != b->node ? number_compare(a->node, b->node) : ref_compare(&a->head, &b->head);
}

struct kin { // what a list consists of
    size_t size;
    int (*compare)(const void *a, const void *b);
};

// The first `*sorted` of the list are in order: the others are sorted and come between them, from
// behind, so that nothing is written over before it is read. Without memory for that all are
// sorted.
static void sort(void *list, size_t *sorted, size_t count, const struct kin *kin)
{
    const size_t size = kin->size;
    const size_t more = count - *sorted;
    uint8_t *const at = list;
    size_t old = *sorted;
    size_t left = more;

    if (more == 0) {
        return;
    }
    *sorted = count;
    uint8_t *const behind = malloc(more * size);
    if (behind == NULL) {
        qsort(list, count, size, kin->compare);
        return;
    }
    memcpy(behind, at + old * size, more * size);
    qsort(behind, more, size, kin->compare);
    for (size_t to = count; left > 0; to--) {
        const bool is_old =
            old > 0 && kin->compare(at + (old - 1) * size, behind + (left - 1) * size) > 0;
        memcpy(at + (to - 1) * size, is_old ? at + (old - 1) * size : behind + (left - 1) * size,
               size);
        old -= is_old;
        left -= !is_old;
    }
    free(behind);
}

static bool is_same_log(const struct holding *a, const struct holding *b)
{
    return a->node == b->node && a->head.author == b->head.author && a->head.epoch == b->head.epoch;
}

// The earlier one, of one time the first by reference; either may be PICTURE_NONE.
static uint32_t earlier(const struct picture *picture, uint32_t a, uint32_t b)
{
    if (a == PICTURE_NONE || b == PICTURE_NONE) {
        return a == PICTURE_NONE ? b : a;
    }
    const struct place *one = &picture->places[a];
    const struct place *other = &picture->places[b];
    const int order = one->written_ms != other->written_ms
                          ? number_compare(one->written_ms, other->written_ms)
                          : ref_compare(&one->ref, &other->ref);
    return order <= 0 ? a : b;
}

// What reaches farther in a log reaches as far.
static void reckon(struct picture *picture)
{
    struct holding *holdings = picture->holdings;

    for (size_t i = picture->holdings_count; i-- > 0;) {
        const uint32_t own = holdings[i].place;
        const bool has_next =
            i + 1 < picture->holdings_count && is_same_log(&holdings[i], &holdings[i + 1]);
        const uint32_t next = has_next ? holdings[i + 1].earliest : PICTURE_NONE;
        const bool is_seen = place_is_seen(picture, &picture->places[own]);
        holdings[i].earliest = earlier(picture, is_seen ? own : PICTURE_NONE, next);
    }
}

// Up to which number all receipts of a node are seen. `is_seen` has room for one more than these.
static uint32_t reach(const struct picture *picture, const struct receipt *receipts, size_t count,
                      bool *is_seen)
{
    uint32_t number = 0;

    memset(is_seen, 0, (count + 1) * sizeof *is_seen);
    for (size_t i = 0; i < count; i++) {
        if (receipts[i].number > 0 && receipts[i].number <= count &&
            place_is_seen(picture, &picture->places[receipts[i].place])) {
            is_seen[receipts[i].number - 1] = true;
        }
    }
    while (is_seen[number]) {
        number++;
    }
    return number;
}

// Which receipts say what was not held: none, without memory.
static void reckon_whole(struct picture *picture)
{
    const size_t count = picture->receipts_count;
    bool *is_seen = malloc((count + 1) * sizeof *is_seen);
    size_t first = 0;

    while (first < count) {
        struct receipt *receipts = picture->receipts + first;
        size_t of_node = 1;
        while (first + of_node < count && receipts[of_node].node == receipts->node) {
            of_node++;
        }
        const uint32_t last = is_seen == NULL ? 0 : reach(picture, receipts, of_node, is_seen);
        for (size_t i = 0; i < of_node; i++) {
            receipts[i].is_whole = is_seen != NULL && receipts[i].number <= last &&
                                   place_is_seen(picture, &picture->places[receipts[i].place]);
        }
        first += of_node;
    }
    free(is_seen);
}

static void settle(struct picture *picture)
{
    if (!picture->are_holdings_dirty) {
        return;
    }
    sort(picture->holdings, &picture->holdings_sorted, picture->holdings_count,
         &(struct kin){sizeof *picture->holdings, holding_compare});
    sort(picture->receipts, &picture->receipts_sorted, picture->receipts_count,
         &(struct kin){sizeof *picture->receipts, receipt_compare});
    reckon(picture);
    reckon_whole(picture);
    picture->are_holdings_dirty = false;
}

// -- what they show --

struct search {
    const struct picture *picture;
    uint32_t place, node;
    uint32_t shown_by; // the earliest entry of the node that shows it
    uint32_t may_show; // the earliest receipt that tells of one branch or the other
};

static void show(struct search *search, uint32_t by)
{
    const struct place *place = &search->picture->places[by];

    if (place->ref.author == search->node && place_is_seen(search->picture, place)) {
        search->shown_by = earlier(search->picture, by, search->shown_by);
    }
}

// The first head of that node that lies at the entry's place, or behind it.
static size_t first_reaching(const struct picture *picture, const struct ref *ref, uint32_t node)
{
    struct holding wanted = {.node = node, .head = *ref};
    size_t low = 0;
    size_t high = picture->holdings_count;

    memset(wanted.head.tag, 0, TAG_LEN);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (holding_compare(&picture->holdings[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Of a log that forked, a head shows only itself; whoever named one behind may have had the entry.
static void search_heads(struct search *search)
{
    const struct picture *picture = search->picture;
    const struct place *place = &picture->places[search->place];
    const struct holding wanted = {.node = search->node, .head = place->ref};
    const struct holding *at =
        picture->holdings + first_reaching(picture, &place->ref, search->node);
    const struct holding *end = picture->holdings + picture->holdings_count;

    for (; at < end && is_same_log(at, &wanted) && at->head.seq == place->ref.seq; at++) {
        if (memcmp(at->head.tag, place->ref.tag, TAG_LEN) == 0) {
            show(search, at->place);
        }
    }
    if (at == end || !is_same_log(at, &wanted) || at->earliest == PICTURE_NONE) {
        return;
    }
    if (place_has_twin(picture, search->place)) {
        search->may_show = at->earliest;
    } else {
        show(search, at->earliest);
    }
}

// Who names an entry, in whatever field, has it.
static void search_names(struct search *search)
{
    const struct picture *picture = search->picture;
    const struct place *place = &picture->places[search->place];

    for (uint32_t at = place->first_naming; at != PICTURE_NONE;
         at = picture->links[at].next_naming) {
        show(search, picture->links[at].from);
    }
    for (uint32_t at = place->first_child; at != PICTURE_NONE; at = picture->edges[at].next_child) {
        show(search, picture->edges[at].child);
    }
}

static void search_holding(struct search *search)
{
    search->shown_by = search->may_show = PICTURE_NONE;
    show(search, search->place); // of its author
    search_names(search);
    search_heads(search);
}

static uint64_t time_of(const struct picture *picture, uint32_t place)
{
    return place == PICTURE_NONE ? UINT64_MAX : picture->places[place].written_ms;
}

static uint64_t until(const struct search *search)
{
    return time_of(search->picture, search->shown_by);
}

// The first receipt of the node, or of one behind it, from that moment on.
static size_t first_receipt(const struct picture *picture, uint32_t node, uint64_t written_ms)
{
    const struct receipt wanted = {.node = node, .written_ms = written_ms};
    size_t low = 0;
    size_t high = picture->receipts_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (receipt_compare(&picture->receipts[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// When the node last wrote a receipt before that moment that says what it did not hold; 0: never.
static uint64_t receipt_before(const struct picture *picture, uint32_t node, uint64_t written_ms)
{
    for (size_t i = first_receipt(picture, node, written_ms); i-- > 0;) {
        const struct receipt *receipt = &picture->receipts[i];
        if (receipt->node != node) {
            break;
        }
        if (receipt->is_whole) {
            return receipt->written_ms;
        }
    }
    return 0;
}

void picture_held(struct picture *picture, uint32_t place, uint32_t node,
                  struct picture_holding *holding)
{
    struct search search = {.picture = picture, .place = place, .node = node};

    assert(place < picture->places_count);
    const struct place *entry = &picture->places[place];
    settle(picture);
    search_holding(&search);
    const uint32_t first = earlier(picture, search.shown_by, search.may_show);
    *holding = (struct picture_holding){
        .shown_by = search.shown_by,
        .until_ms = until(&search),
        .from_ms = receipt_before(picture, node, time_of(picture, first)),
    };
    if (search.shown_by == place) {
        holding->from_ms = until(&search); // its own
    } else if (search.shown_by != PICTURE_NONE && place_is_seen(picture, entry) &&
               entry->written_ms > holding->from_ms && entry->written_ms <= holding->until_ms) {
        holding->from_ms = entry->written_ms;
    }
}

// Since when at the latest a node of the centre knew the entry.
static uint64_t since(struct picture *picture, uint32_t at, uint32_t centre)
{
    uint64_t since_ms = UINT64_MAX;

    for (uint32_t node = 0; node < picture->centres_count; node++) {
        struct search search = {.picture = picture, .place = at, .node = node};
        if (picture->centres[node] == centre) {
            search_holding(&search);
            since_ms = until(&search) < since_ms ? until(&search) : since_ms;
        }
    }
    return since_ms;
}

void receipts_know(struct picture *picture, const struct picture_view *view, uint64_t *known_ms)
{
    settle(picture);
    for (uint32_t at = 0; at < picture->places_count; at++) {
        const struct place *place = &picture->places[at];
        const bool is_read =
            place->is_here && (place->group >= view->groups_count || view->reads[place->group]);
        known_ms[at] = is_read ? since(picture, at, view->centre) : UINT64_MAX;
    }
}

void picture_receipts_around(struct picture *picture, uint32_t centre, uint64_t written_ms,
                             uint64_t *before_ms, uint64_t *after_ms)
{
    *before_ms = 0;
    *after_ms = UINT64_MAX;
    settle(picture);
    for (size_t i = 0; i < picture->receipts_count; i++) {
        const struct receipt *receipt = &picture->receipts[i];
        if (receipt->node >= picture->centres_count || picture->centres[receipt->node] != centre ||
            !place_is_seen(picture, &picture->places[receipt->place])) {
            continue;
        }
        const uint64_t time_ms = receipt->written_ms;
        if (time_ms <= written_ms) {
            *before_ms = receipt->is_whole && time_ms > *before_ms ? time_ms : *before_ms;
        } else {
            *after_ms = time_ms < *after_ms ? time_ms : *after_ms;
        }
    }
}
