// SPDX-License-Identifier: EUPL-1.2
// What officers do, and what their pictures must agree on. What a picture makes of an entry is not
// known here.
#include "sim/officers.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "picture_pen.h"

enum {
    ACTS_MAX = 600,
    START_MS = 1000000,
};

struct post { // of an officer: one node
    struct picture *picture;
    uint64_t arrived_ms[STORY_ENTRIES]; // 0: not here
    bool is_told[STORY_ENTRIES];        // in a receipt
    uint64_t receipt_ms;                // when the last one was written
    bool is_cut;
};

enum { RECEIPT_REFS = 28 }; // of each kind that a body of these tests has room for

struct receipt_list {
    struct ref heads[STORY_NODES], ahead[RECEIPT_REFS];
    size_t heads_count, ahead_count;
    bool is_full;
};

struct officers {
    struct story story;
    uint64_t written_ms[STORY_ENTRIES];
    struct post posts[STORY_NODES];
    struct random random;
    struct run_result *result;
    uint64_t now_ms;
    struct pen pen;
};

__attribute__((format(printf, 2, 3))) static void fail_run(struct officers *officers,
                                                           const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (officers->result->failure[0] == '\0') {
        vsnprintf(officers->result->failure, FAILURE_MAX, format, args);
    }
    va_end(args);
}

// -- entries that travel --

static void arrive(struct officers *officers, struct post *post, size_t entry)
{
    const struct story_entry *from = &officers->story.entries[entry];
    struct picture_entry shown = {.ref = from->ref,
                                  .written_ms = officers->written_ms[entry],
                                  .body = {from->bytes, from->len}};

    if (post->arrived_ms[entry] == 0) {
        post->arrived_ms[entry] = officers->now_ms;
    }
    shown.arrived_ms = post->arrived_ms[entry];
    if (picture_add(post->picture, &shown) != ERR_OK) {
        abort();
    }
}

// Some of what one has comes to the other, in any order, and some of it again.
static void exchange(struct officers *officers, struct post *from, struct post *to,
                     uint32_t permille)
{
    const size_t count = officers->story.count;
    const size_t begin = count == 0 ? 0 : random_below(&officers->random, (uint32_t)count);
    const bool is_backwards = random_permille(&officers->random, 500);

    for (size_t i = 0; i < count; i++) {
        const size_t entry = (begin + (is_backwards ? count - i : i)) % count;
        if (from->arrived_ms[entry] != 0 && random_permille(&officers->random, permille)) {
            arrive(officers, to, entry);
        }
    }
}

// -- what officers write --

static void publish(struct officers *officers, uint32_t author)
{
    if (officers->story.count + 1 < STORY_ENTRIES) {
        officers->written_ms[officers->story.count] = officers->now_ms;
        (void)story_write(&officers->story, author, &officers->pen.body);
        arrive(officers, &officers->posts[author], officers->story.count - 1);
        officers->result->tally.entries++;
    }
}

// The last entry of a log up to which the post has all; SIZE_MAX: none.
static size_t find_head(const struct officers *officers, const struct post *post, uint32_t author)
{
    size_t head = SIZE_MAX;

    for (size_t i = 0; i < officers->story.count; i++) { // in the order they were written
        if (officers->story.entries[i].ref.author != author) {
            continue;
        }
        if (post->arrived_ms[i] == 0) {
            break;
        }
        head = i;
    }
    return head;
}

// What the post has of an author and no receipt told.
static void list_untold(const struct officers *officers, const struct post *post, uint32_t author,
                        struct receipt_list *list)
{
    const size_t head = find_head(officers, post, author);
    bool is_head_new = false;

    for (size_t i = 0; i < officers->story.count; i++) {
        const struct story_entry *entry = &officers->story.entries[i];
        if (entry->ref.author != author || post->arrived_ms[i] == 0 || post->is_told[i]) {
            continue;
        }
        if (head != SIZE_MAX && i <= head) {
            is_head_new = true;
        } else if (list->ahead_count < RECEIPT_REFS) {
            list->ahead[list->ahead_count++] = entry->ref;
        } else {
            list->is_full = true;
        }
    }
    if (is_head_new) {
        list->heads[list->heads_count++] = officers->story.entries[head].ref;
    }
}

// Says what has come since it said so last [18.13].
static void write_receipt(struct officers *officers, uint32_t author)
{
    static struct receipt_list list;
    struct post *post = &officers->posts[author];

    memset(&list, 0, sizeof list);
    for (uint32_t other = 0; other < STORY_NODES; other++) {
        if (other != author) {
            list_untold(officers, post, other, &list);
        }
    }
    if (list.is_full || list.heads_count + list.ahead_count == 0 ||
        officers->story.count + 1 >= STORY_ENTRIES) {
        return;
    }
    body_begin(&officers->pen.body, "receipt");
    if (list.heads_count > 0) {
        body_refs(&officers->pen.body, "heads", list.heads, list.heads_count);
    }
    if (list.ahead_count > 0) {
        body_refs(&officers->pen.body, "ahead", list.ahead, list.ahead_count);
    }
    for (size_t i = 0; i < officers->story.count; i++) {
        post->is_told[i] = post->arrived_ms[i] != 0;
    }
    post->receipt_ms = officers->now_ms;
    publish(officers, author);
}

// -- what must hold --

// Whoever has all receipts knows of each node between when an entry came to it; and of what is not
// shown, that it had not come by its last receipt. Time moves on between a receipt and what comes.
static void check_held(struct officers *officers, struct picture *picture, uint32_t node)
{
    const struct post *post = &officers->posts[node];

    for (size_t i = 0; i < officers->story.count; i++) {
        const uint64_t truth_ms = post->arrived_ms[i] == 0 ? UINT64_MAX : post->arrived_ms[i];
        struct picture_holding held;
        picture_held(picture, picture_find(picture, &officers->story.entries[i].ref), node, &held);
        const bool is_right = held.shown_by == PICTURE_NONE
                                  ? truth_ms >= post->receipt_ms
                                  : held.from_ms <= truth_ms && truth_ms <= held.until_ms;
        if (!is_right) {
            fail_run(officers,
                     "because entry %zu came to node %" PRIu32 " at %" PRIu64
                     " ms, and receipts say from %" PRIu64 " until %" PRIu64,
                     i, node, truth_ms, held.from_ms, held.until_ms);
        }
    }
}

// A centre surely knew what one of its nodes had and showed, and nothing that had not come to one.
static void check_view(struct officers *officers, struct picture *picture, uint32_t centre,
                       uint64_t written_ms)
{
    const struct picture_view view = {.centre = centre, .written_ms = written_ms};
    const struct post *posts = &officers->posts[(size_t)2 * centre];

    if (picture_set_view(picture, &view) != ERR_OK) {
        abort();
    }
    for (size_t i = 0; i < officers->story.count; i++) {
        bool had_come = false;
        for (uint32_t node = 0; node < 2; node++) {
            const uint64_t arrived_ms = posts[node].arrived_ms[i];
            had_come |= arrived_ms != 0 && arrived_ms <= written_ms;
        }
        if (story_version(picture, &officers->story.entries[i].ref).is_here && !had_come) {
            fail_run(officers,
                     "because centre %" PRIu32 " is said to have known entry %zu by %" PRIu64 " ms",
                     centre, i, written_ms);
        }
    }
    picture_set_moment(picture, UINT64_MAX);
}

static void check_knowledge(struct officers *officers)
{
    struct picture *picture = officers->posts[0].picture; // which has all, in the end

    for (uint32_t node = 0; node < STORY_NODES; node++) {
        check_held(officers, picture, node);
        check_view(officers, picture, node / 2,
                   random_between(&officers->random, START_MS, (uint32_t)officers->now_ms));
    }
}

// What one who got just these entries now, in another order, would see.
static void look_anew(struct officers *officers, const struct post *post, uint64_t moment_ms,
                      uint8_t digest[static DIGEST_LEN])
{
    const size_t count = officers->story.count;
    const size_t begin = count == 0 ? 0 : random_below(&officers->random, (uint32_t)count);
    struct picture *picture = story_picture();

    for (size_t i = 0; i < count; i++) {
        const size_t entry = (begin + count - i) % count;
        if (post->arrived_ms[entry] != 0 && post->arrived_ms[entry] <= moment_ms) {
            story_show(&officers->story, entry, picture);
        }
    }
    if (picture_digest(picture, digest) != ERR_OK) {
        abort();
    }
    picture_destroy(&picture);
}

static void check_moment(struct officers *officers, uint32_t at, uint64_t moment_ms)
{
    struct post *post = &officers->posts[at];
    uint8_t seen[DIGEST_LEN];
    uint8_t anew[DIGEST_LEN];

    picture_set_moment(post->picture, moment_ms);
    if (picture_digest(post->picture, seen) != ERR_OK) {
        abort();
    }
    picture_set_moment(post->picture, UINT64_MAX);
    look_anew(officers, post, moment_ms, anew);
    if (memcmp(seen, anew, DIGEST_LEN) != 0) {
        fail_run(officers,
                 "because node %" PRIu32 " shows another picture of %" PRIu64
                 " ms than one with the same %zu entries or fewer",
                 at, moment_ms, officers->story.count);
    }
}

static void meet_all(struct officers *officers)
{
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < STORY_NODES; i++) {
            struct post *next = &officers->posts[(i + 1) % STORY_NODES];
            exchange(officers, &officers->posts[i], next, 1000);
        }
    }
}

static void check_all_agree(struct officers *officers)
{
    uint8_t first[DIGEST_LEN];
    uint8_t other[DIGEST_LEN];

    look_anew(officers, &officers->posts[0], UINT64_MAX, first);
    for (uint32_t i = 0; i < STORY_NODES; i++) {
        if (picture_digest(officers->posts[i].picture, other) != ERR_OK) {
            abort();
        }
        if (memcmp(first, other, DIGEST_LEN) != 0) {
            fail_run(officers, "because node %" PRIu32 " shows another picture in the end", i);
        }
    }
}

static void act(struct officers *officers)
{
    const uint32_t at = random_below(&officers->random, STORY_NODES);
    const uint32_t other = random_below(&officers->random, STORY_NODES);
    struct post *post = &officers->posts[at];
    const uint32_t what = random_below(&officers->random, 100);

    officers->pen.arrived_ms = post->arrived_ms;
    officers->now_ms += 1 + random_below(&officers->random, 5000);
    if (what < 8) {
        pen_begin(&officers->pen);
        publish(officers, at);
    } else if (what < 12) {
        pen_count(&officers->pen);
        publish(officers, at);
    } else if (what < 45) {
        if (pen_change(&officers->pen, post->picture)) {
            publish(officers, at);
        }
    } else if (what < 50) {
        post->is_cut = !post->is_cut;
        officers->result->tally.partitions += post->is_cut ? 1 : 0;
    } else if (what < 60) {
        write_receipt(officers, at);
    } else if (what < 63) {
        check_moment(officers, at,
                     random_between(&officers->random, START_MS, (uint32_t)officers->now_ms));
    } else if (!post->is_cut && !officers->posts[other].is_cut) {
        exchange(officers, post, &officers->posts[other],
                 random_permille(&officers->random, 500) ? 1000 : 300);
    }
}

void officers_seed(uint64_t seed, const struct plan_bounds *bounds, bool is_verbose,
                   struct run_result *result)
{
    static struct officers officers; // too large for the stack; one run at a time
    (void)bounds;
    (void)is_verbose;

    memset(&officers, 0, sizeof officers);
    memset(result, 0, sizeof *result);
    officers.result = result;
    officers.now_ms = START_MS;
    random_init(&officers.random, seed);
    officers.pen.story = &officers.story;
    officers.pen.random = &officers.random;
    for (uint32_t i = 0; i < STORY_NODES; i++) {
        officers.posts[i].picture = story_picture();
    }
    const uint32_t acts = random_between(&officers.random, 50, ACTS_MAX);
    for (uint32_t i = 0; i < acts && result->failure[0] == '\0'; i++) {
        act(&officers);
    }
    meet_all(&officers);
    check_all_agree(&officers);
    check_knowledge(&officers);
    check_moment(&officers, 0, START_MS + (officers.now_ms - START_MS) / 2);
    result->tally.runs = 1;
    result->tally.virtual_ms = officers.now_ms - START_MS;
    for (uint32_t i = 0; i < STORY_NODES; i++) {
        picture_destroy(&officers.posts[i].picture);
    }
    story_end(&officers.story);
}
