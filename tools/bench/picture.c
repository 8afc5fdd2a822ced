// SPDX-License-Identifier: EUPL-1.2
// A picture of a million entries: 100,000 items of ten versions each, written by ten nodes of five
// centres. In memory: what it takes to open them in the store is another matter.
#include "bench/picture.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "sitrep/picture.h"

enum {
    WRITERS = 10,
    VERSIONS = 10,
    ITEMS = 100000,
    PICTURED = ITEMS * VERSIONS,
    BODY_SIZE = 512,
};

static const char prose[] =
    "Water level at the lock is 40 cm above the mark and rising by 5 cm an hour. The dyke watch "
    "reports seepage at two places; sandbags are on their way. The road to the north is closed, "
    "the one to the south is passable for heavy vehicles only. About 120 people stay in the gym.";

// The entry of that number: version i % 10 of item i / 10. All versions of an item are of the two
// nodes of one centre.
static struct ref ref_of(uint32_t i)
{
    const uint32_t item = i / VERSIONS;
    struct ref ref = {.author = item % (WRITERS / 2) * 2 + i % 2, .epoch = 0, .seq = i / 2 + 1};
    const uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

    memcpy(ref.tag, &mixed, sizeof ref.tag);
    return ref;
}

static void put_text(struct cbor_writer *writer, const char *text)
{
    cbor_put_text(writer, text, strlen(text));
}

// A measure of some 330 bytes.
static struct span write_body(uint32_t i, uint8_t bytes[static BODY_SIZE])
{
    const bool is_first = i % VERSIONS == 0;
    struct cbor_writer writer;
    struct ref ref = ref_of(i - i % VERSIONS);

    cbor_write(&writer, bytes, BODY_SIZE);
    cbor_put_map(&writer, is_first ? 3 : 6);
    if (!is_first) {
        put_text(&writer, "item");
        ref_put(&writer, &ref);
    }
    put_text(&writer, "kind");
    put_text(&writer, "measure");
    put_text(&writer, "text");
    put_text(&writer, prose);
    put_text(&writer, "type");
    put_text(&writer, "evacuate");
    if (!is_first) {
        put_text(&writer, "state");
        put_text(&writer, i % VERSIONS == VERSIONS - 1 ? "lifted" : "in-force");
        ref = ref_of(i - 1);
        put_text(&writer, "supersedes");
        cbor_put_array(&writer, 1);
        ref_put(&writer, &ref);
    }
    return (struct span){bytes, cbor_written(&writer)};
}

// Seconds to read all bodies against the table, and nothing else.
static double read_all(void)
{
    uint8_t bytes[BODY_SIZE];
    struct content content;
    struct content_fault why;
    const double begun = bench_now_s();

    for (uint32_t i = 0; i < PICTURED; i++) {
        if (content_read(write_body(i, bytes), &content, &why) != ERR_OK) {
            abort();
        }
    }
    return bench_now_s() - begun;
}

static struct picture *make(void)
{
    static const uint32_t centres[WRITERS] = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4};
    struct picture *picture = NULL;

    if (picture_create(&picture, (const uint8_t *)"a picture's key..") != ERR_OK ||
        picture_set_centres(picture, centres, WRITERS) != ERR_OK) {
        abort();
    }
    return picture;
}

static void add(struct picture *picture, uint32_t i)
{
    uint8_t bytes[BODY_SIZE];
    const struct picture_entry entry = {
        .ref = ref_of(i), .arrived_ms = i + 1, .body = write_body(i, bytes)};

    if (picture_add(picture, &entry) != ERR_OK) {
        abort();
    }
}

static void digest_of(struct picture *picture, uint8_t digest[static DIGEST_LEN])
{
    if (picture_digest(picture, digest) != ERR_OK) {
        abort();
    }
}

// Seconds until all items are judged, when entries come in order or the other way round.
static double rebuild(struct picture *picture, bool is_backwards, uint8_t digest[static DIGEST_LEN])
{
    const double begun = bench_now_s();

    for (uint32_t i = 0; i < PICTURED; i++) {
        add(picture, is_backwards ? PICTURED - 1 - i : i);
    }
    digest_of(picture, digest);
    return bench_now_s() - begun;
}

static void measure_moment(struct picture *picture)
{
    const uint32_t *items;
    struct picture_item item;
    size_t count;
    size_t heads = 0;
    const double begun = bench_now_s();

    picture_set_moment(picture, PICTURED / 2);
    if (picture_items(picture, &items, &count) != ERR_OK) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        picture_item(picture, items[i], &item);
        heads += item.heads;
    }
    bench_fact("picture of a moment past, 1,000,000 entries", (bench_now_s() - begun) * 1000, "ms");
    if (heads != ITEMS / 2) {
        fprintf(stderr, "bench: %zu heads at that moment\n", heads);
        exit(EXIT_FAILURE);
    }
    picture_set_moment(picture, UINT64_MAX);
}

void bench_picture(void)
{
    uint8_t grown[DIGEST_LEN];
    uint8_t backwards[DIGEST_LEN];

    bench_fact("floor: the same million bodies read alone", read_all(), "s");
    const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    struct picture *picture = make();
    const double took = rebuild(picture, false, grown);
    const size_t bytes = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    bench_row("picture rebuilt from 1,000,000 entries", took, "s", AT_MOST, 20);
    bench_fact("picture: memory per 100,000 entries", (double)bytes / 10 / 1048576, "MiB");
    measure_moment(picture);
    picture_destroy(&picture);
    picture = make();
    bench_row("picture rebuilt from them backwards", rebuild(picture, true, backwards), "s",
              AT_MOST, 20);
    picture_destroy(&picture);
    if (memcmp(grown, backwards, DIGEST_LEN) != 0) {
        fprintf(stderr, "bench: the order of entries changed the picture\n");
        exit(EXIT_FAILURE);
    }
}
