// SPDX-License-Identifier: EUPL-1.2
// What officers do, and what their pictures must agree on. What a picture makes of an entry is not
// known here.
#include "sim/officers.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "picture_story.h"

enum {
    ACTS_MAX = 600,
    VERSIONS_SEEN = 32,
    HEADS_MAX = 8,
    START_MS = 1000000,
};

struct post { // of an officer: one node
    struct picture *picture;
    uint64_t arrived_ms[STORY_ENTRIES]; // 0: not here
    bool is_cut;
};

struct officers {
    struct story story;
    struct post posts[STORY_NODES];
    struct random random;
    struct run_result *result;
    uint64_t now_ms;
    struct body body;
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
    struct picture_entry shown = {.ref = from->ref, .body = {from->bytes, from->len}};

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

static const struct kind *any_kind(struct officers *officers)
{
    static const char *const busy[] = {"incident", "measure", "offer", "task"};
    const struct kind *kind;

    if (random_permille(&officers->random, 600)) {
        const char *name = busy[random_below(&officers->random, 4)];
        return kind_find((struct span){(const uint8_t *)name, strlen(name)});
    }
    do {
        size_t count = 0;
        while (kinds[count].name != NULL) {
            count++;
        }
        kind = &kinds[random_below(&officers->random, (uint32_t)count)];
    } while (kind->merge != MERGE_VERSIONS);
    return kind;
}

static struct ref any_ref(struct officers *officers)
{
    if (officers->story.count == 0 || random_permille(&officers->random, 50)) {
        return story_ref(random_below(&officers->random, STORY_NODES), 1000);
    }
    return officers->story.entries[random_below(&officers->random, (uint32_t)officers->story.count)]
        .ref;
}

static void put_centres(struct officers *officers, const char *name)
{
    uint32_t list[STORY_NODES / 2];
    size_t count = 0;

    for (uint32_t i = 0; i < STORY_NODES / 2; i++) {
        if (random_permille(&officers->random, 300)) {
            list[count++] = i;
        }
    }
    if (count > 0) {
        body_centres(&officers->body, name, list, count);
    }
}

static void put_texts(struct body *body, const struct field *field)
{
    struct cbor_writer writer = body_open(body, field->name);

    cbor_put_map(&writer, 1);
    cbor_put_text(&writer, "nl", 2);
    cbor_put_text(&writer, "rustig", 6);
    body_close(body, &writer);
}

// Something the field takes.
static void put_needed(struct officers *officers, const struct field *field)
{
    struct ref ref;

    switch (field->type) {
    case VALUE_LINE:
    case VALUE_TEXT:
    case VALUE_CODE:
    case VALUE_LANGUAGE:
        body_text(&officers->body, field->name, "nl");
        break;
    case VALUE_WORD:
        body_text(&officers->body, field->name, field->words[0]);
        break;
    case VALUE_COUNT:
    case VALUE_TIME:
        body_count(&officers->body, field->name, 1);
        break;
    case VALUE_REF:
        ref = any_ref(officers);
        body_ref(&officers->body, field->name, &ref);
        break;
    case VALUE_TEXTS:
        put_texts(&officers->body, field);
        break;
    case VALUE_FLAG:
    case VALUE_DECIMAL:
    case VALUE_CENTRE:
    case VALUE_BYTES:
    case VALUE_GEOMETRY:
    case VALUE_PARTS:
    case VALUE_TYPES:
        fail_run(officers, "because officers cannot fill in \"%s\"", field->name);
        break;
    }
}

// What the kind needs in that state, and now and then who else may change it.
static void fill_in(struct officers *officers, const struct kind *kind, uint8_t state)
{
    const unsigned bit = kind->states == NULL ? 1 : 1u << state;

    body_begin(&officers->body, kind->name);
    if (kind->states != NULL && state != 0) {
        body_text(&officers->body, "state", kind->states[state]);
    }
    for (size_t i = 0; kind->fields[i].name != NULL; i++) {
        const struct field *field = &kind->fields[i];
        if ((field->needed & bit) != 0) {
            put_needed(officers, field);
        } else if (strcmp(field->name, "to") == 0 && field->type == VALUE_CENTRE) {
            put_centres(officers, "to");
        }
    }
    put_centres(officers, "editors");
}

static void publish(struct officers *officers, uint32_t author)
{
    if (officers->story.count + 1 < STORY_ENTRIES) {
        (void)story_write(&officers->story, author, &officers->body);
        arrive(officers, &officers->posts[author], officers->story.count - 1);
        officers->result->tally.entries++;
    }
}

static void begin_something(struct officers *officers, uint32_t author)
{
    const struct kind *kind = any_kind(officers);
    uint8_t state = 0;

    while (kind->states != NULL &&
           ((kind->states_begin >> state & 1) == 0 || random_permille(&officers->random, 300))) {
        state = (uint8_t)((state + 1) % kind_states_count(kind));
    }
    fill_in(officers, kind, state);
    publish(officers, author);
}

// What the officer sees of the item: its heads, or now and then any versions.
static size_t choose_replaced(struct officers *officers, struct picture *picture, uint32_t item,
                              struct ref *refs)
{
    uint32_t versions[VERSIONS_SEEN];
    const bool is_careful = random_permille(&officers->random, 850);
    size_t seen = picture_versions(picture, item, versions, VERSIONS_SEEN);
    size_t count = 0;

    seen = seen < VERSIONS_SEEN ? seen : VERSIONS_SEEN;
    for (size_t i = 0; i < seen && count < HEADS_MAX; i++) {
        struct picture_version version;
        picture_version(picture, versions[i], &version);
        const bool is_head = version.standing == STANDING_COUNTS && !version.is_replaced;
        if (is_careful ? is_head : random_permille(&officers->random, 400)) {
            refs[count++] = version.ref;
        }
    }
    return count;
}

// A state to which there is a step from the first one, or just any.
static uint8_t choose_state(struct officers *officers, const struct kind *kind, uint8_t from)
{
    const uint32_t count = (uint32_t)kind_states_count(kind);
    enum side side;
    uint8_t to = from;

    if (count == 0) {
        return STATE_NONE;
    }
    do {
        to = (uint8_t)random_below(&officers->random, count);
    } while (!kind_allows(kind, from, to, &side) && random_permille(&officers->random, 950));
    return to;
}

static void change_something(struct officers *officers, uint32_t author)
{
    struct picture *picture = officers->posts[author].picture;
    struct picture_item item;
    struct picture_version version;
    struct ref refs[HEADS_MAX];
    const uint32_t *items;
    size_t count;

    if (picture_items(picture, &items, &count) != ERR_OK || count == 0) {
        begin_something(officers, author);
        return;
    }
    picture_item(picture, items[random_below(&officers->random, (uint32_t)count)], &item);
    const size_t replaced = choose_replaced(officers, picture, item.began, refs);
    if (replaced == 0) {
        return;
    }
    picture_version(picture, picture_find(picture, &refs[0]), &version);
    fill_in(officers, item.kind, choose_state(officers, item.kind, version.state));
    picture_version(picture, item.began, &version);
    body_ref(&officers->body, "item", &version.ref);
    body_refs(&officers->body, "supersedes", refs, replaced);
    publish(officers, author);
}

// -- what must hold --

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

// Of what a centre has, two nodes of it may say different things for one time.
static void count_resources(struct officers *officers, uint32_t author)
{
    static const char *const types[] = {"pump", "boat"};

    body_begin(&officers->body, "resource");
    body_text(&officers->body, "type", types[random_below(&officers->random, 2)]);
    body_count(&officers->body, "as_of", random_below(&officers->random, 20));
    body_count(&officers->body, "available", random_below(&officers->random, 5));
    publish(officers, author);
}

static void act(struct officers *officers)
{
    const uint32_t at = random_below(&officers->random, STORY_NODES);
    const uint32_t other = random_below(&officers->random, STORY_NODES);
    struct post *post = &officers->posts[at];
    const uint32_t what = random_below(&officers->random, 100);

    officers->now_ms += random_below(&officers->random, 5000);
    if (what < 8) {
        begin_something(officers, at);
    } else if (what < 12) {
        count_resources(officers, at);
    } else if (what < 45) {
        change_something(officers, at);
    } else if (what < 50) {
        post->is_cut = !post->is_cut;
        officers->result->tally.partitions += post->is_cut ? 1 : 0;
    } else if (what < 53) {
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
    for (uint32_t i = 0; i < STORY_NODES; i++) {
        officers.posts[i].picture = story_picture();
    }
    const uint32_t acts = random_between(&officers.random, 50, ACTS_MAX);
    for (uint32_t i = 0; i < acts && result->failure[0] == '\0'; i++) {
        act(&officers);
    }
    meet_all(&officers);
    check_all_agree(&officers);
    check_moment(&officers, 0, START_MS + (officers.now_ms - START_MS) / 2);
    result->tally.runs = 1;
    result->tally.virtual_ms = officers.now_ms - START_MS;
    for (uint32_t i = 0; i < STORY_NODES; i++) {
        picture_destroy(&officers.posts[i].picture);
    }
    story_end(&officers.story);
}
