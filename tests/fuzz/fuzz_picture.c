// SPDX-License-Identifier: EUPL-1.2
// Fuzzes pictures with the input as a program: what is asked first, then nine bytes an entry. What
// entries are called is free here, so that versions may name themselves, each other in circles,
// and what nobody wrote. Whoever gets the same entries in another order must show the same, and
// all that is asked of a picture must hold together.
#include "fuzz/fuzz.h"
#include "picture_story.h"
#include "roundtrip.h"
#include "sums_digest.h"

enum { HEAD_LEN = 2, ACT_LEN = 9, ENTRIES_MAX = 48, CENTRES = 4, PLACES_MAX = 1024 };

static const char *const kind_names[] = {"measure",  "task",   "offer",   "incident",
                                         "resource", "report", "journal", "translation"};
static const char *const links[] = {"incident", "cites",   "merged_into",
                                    "decision", "request", "station",
                                    "comtest",  "of",      "translation_of"};

// -- the program --

// One of 128.
static struct ref ref_of(uint8_t byte)
{
    struct ref ref = {.author = byte & 3, .epoch = byte >> 6 & 1, .seq = 1 + (byte >> 2 & 3)};

    memset(ref.tag, byte >> 4 & 3, sizeof ref.tag);
    return ref;
}

static void put_refs(struct body *body, const char *name, uint8_t one, uint8_t other)
{
    struct ref refs[] = {ref_of(one), ref_of(other)};
    const bool is_one = ref_compare(&refs[0], &refs[1]) == 0;

    body_refs(body, name, refs, is_one ? 1 : 2);
}

// The centres whose bits are set; none: the field is absent.
static void put_centres(struct body *body, const char *name, uint8_t bits)
{
    uint32_t centres[CENTRES];
    size_t count = 0;

    for (uint32_t i = 0; i < CENTRES; i++) {
        if ((bits >> i & 1) != 0) {
            centres[count++] = i;
        }
    }
    if (count > 0) {
        body_centres(body, name, centres, count);
    }
}

// Of a period or to date, with times or without.
static void put_casualties(struct body *body, const uint8_t *act)
{
    const char *basis = (act[7] & 64) != 0 ? "period" : "to-date";
    const struct ref incident = ref_of(act[8]);

    if ((act[7] & 1) != 0) {
        body_count(body, "period_to", act[7] >> 1 & 3);
    }
    if ((act[7] & 8) != 0) {
        body_count(body, "period_from", act[7] >> 4 & 3);
    }
    if ((act[7] & 128) != 0) {
        body_ref(body, "incident", &incident);
    }
    struct cbor_writer writer = body_open(body, "casualties");
    cbor_put_array(&writer, 1);
    cbor_put_map(&writer, 2);
    cbor_put_text(&writer, "basis", 5);
    cbor_put_text(&writer, basis, strlen(basis));
    cbor_put_text(&writer, "population", 10);
    cbor_put_map(&writer, 1);
    cbor_put_text(&writer, "dead", 4);
    cbor_put_uint(&writer, act[8] & 15);
    body_close(body, &writer);
}

static void put_own(struct body *body, const char *kind, const uint8_t *act)
{
    const struct ref named = ref_of(act[7]);

    if (strcmp(kind, "offer") == 0) {
        body_ref(body, "request", &named);
        body_count(body, "quantity", 1);
    } else if (strcmp(kind, "translation") == 0) {
        body_ref(body, "translation_of", &named);
        body_text(body, "into", "de");
        body_text(body, "method", "human");
    } else if (strcmp(kind, "incident") == 0) {
        body_text(body, "name", "Flood");
        body_ref(body, "merged_into", &named);
    } else if (strcmp(kind, "measure") == 0) {
        body_text(body, "type", "iodine");
    } else if (strcmp(kind, "resource") == 0) {
        body_text(body, "type", (act[2] & 1) != 0 ? "pump" : "boat");
        body_count(body, "as_of", act[7] & 3);
        body_count(body, "available", act[8]);
    } else if (strcmp(kind, "report") == 0 && act[7] != 0) {
        put_casualties(body, act);
    } else if (strcmp(kind, "task") == 0) {
        put_centres(body, "to", act[7]);
    }
}

// Bytes: 0 when it arrived, 1 what it is called, 2 kind and state, 3 flags, 4 item, 5 and 6 what it
// replaces, 7 what else it names, 8 centres. Some bodies are not sound.
static void fill_in(struct body *body, const uint8_t *act)
{
    const char *const name = kind_names[act[2] & 7];
    const struct kind *const kind = kind_find((struct span){(const uint8_t *)name, strlen(name)});
    const size_t states = kind_states_count(kind);

    body_begin(body, name);
    if (states > 0) {
        body_text(body, "state", kind->states[(act[2] >> 3) % states]);
    }
    if ((act[3] & 1) != 0) {
        const struct ref item = ref_of(act[4]);
        body_ref(body, "item", &item);
        put_refs(body, "supersedes", act[5], act[6]);
    }
    put_own(body, name, act);
    if ((act[3] & 6) != 4) {
        body_text(body, "text", "as it is");
    }
    if ((act[3] & 8) != 0) {
        put_refs(body, "cites", act[7], act[5]);
    }
    if (kind->merge == MERGE_VERSIONS) {
        put_centres(body, "editors", act[8]);
    }
}

// Of one name there is one entry.
static void tell(struct story *story, const uint8_t *act)
{
    static struct body body;
    struct story_entry *entry = &story->entries[story->count];

    entry->ref = ref_of(act[1]);
    for (size_t i = 0; i < story->count; i++) {
        if (ref_compare(&story->entries[i].ref, &entry->ref) == 0) {
            return;
        }
    }
    fill_in(&body, act);
    const struct span bytes = body_end(&body);
    entry->arrived_ms = act[0];
    entry->len = bytes.len;
    entry->bytes = malloc(bytes.len);
    roundtrip_demand(entry->bytes != NULL);
    memcpy(entry->bytes, bytes.bytes, bytes.len);
    story->count++;
}

// -- what must hold together --

static void demand_version(struct picture *picture, uint32_t at, uint32_t began,
                           struct picture_item *counted)
{
    struct picture_version version;

    picture_version(picture, at, &version);
    roundtrip_demand(version.is_here && version.kind != NULL && version.item == began);
    roundtrip_demand(version.kind->merge == MERGE_VERSIONS && version.standing < STANDINGS);
    counted->versions++;
    if (version.standing == STANDING_COUNTS) {
        counted->heads += version.is_replaced ? 0 : 1;
        counted->has_gaps |= version.lacks_parents;
    }
    counted->proposals += version.standing == STANDING_PROPOSED && !version.is_replaced ? 1 : 0;
}

static size_t demand_item(struct picture *picture, uint32_t began)
{
    uint32_t versions[ENTRIES_MAX];
    struct picture_item item;
    struct picture_item counted = {0};
    const size_t count = picture_versions(picture, began, versions, ENTRIES_MAX);

    roundtrip_demand(count <= ENTRIES_MAX && picture_versions(picture, began, NULL, 0) == count);
    for (size_t i = 0; i < count; i++) {
        demand_version(picture, versions[i], began, &counted);
    }
    picture_item(picture, began, &item);
    roundtrip_demand(item.began == began && (item.kind != NULL) == (count > 0));
    roundtrip_demand(item.versions == counted.versions && item.heads == counted.heads);
    roundtrip_demand(item.proposals == counted.proposals && item.has_gaps == counted.has_gaps);
    roundtrip_demand(item.is_conflicting == (item.heads > 1 && !item.has_gaps));
    return count;
}

// Returns how many versions of anything there are.
static size_t demand_items(struct picture *picture)
{
    const uint32_t *items;
    size_t versions = 0;
    size_t count;
    struct picture_version before;
    struct picture_version version;

    roundtrip_demand(picture_items(picture, &items, &count) == ERR_OK);
    for (size_t i = 0; i < count; i++) {
        picture_version(picture, items[i], &version);
        roundtrip_demand(i == 0 || ref_compare(&before.ref, &version.ref) < 0);
        before = version;
        versions += demand_item(picture, items[i]);
    }
    return versions;
}

static bool lists(const uint32_t *places, size_t count, uint32_t place)
{
    for (size_t i = 0; i < count; i++) {
        if (places[i] == place) {
            return true;
        }
    }
    return false;
}

// What is named knows by whom, once that is here. Returns whether any of it was replaced.
static bool demand_named(struct picture *picture, uint32_t at, const char *link)
{
    uint32_t named[8];
    uint32_t naming[PLACES_MAX];
    struct picture_version version;
    bool is_replaced = false;
    const size_t count = picture_named(picture, at, link, named, 8);

    roundtrip_demand(count <= 8);
    for (size_t i = 0; i < count; i++) {
        const size_t by = picture_naming(picture, named[i], link, naming, PLACES_MAX);
        picture_version(picture, at, &version);
        roundtrip_demand(by <= PLACES_MAX && lists(naming, by, at) == version.is_here);
        picture_version(picture, named[i], &version);
        is_replaced |= version.is_here && version.item != PICTURE_NONE && version.is_replaced;
    }
    return is_replaced;
}

static void demand_naming(struct picture *picture, uint32_t at, const char *link)
{
    uint32_t naming[PLACES_MAX];
    uint32_t named[8];
    const size_t count = picture_naming(picture, at, link, naming, PLACES_MAX);

    roundtrip_demand(count <= PLACES_MAX);
    for (size_t i = 0; i < count; i++) {
        const size_t others = picture_named(picture, naming[i], link, named, 8);
        roundtrip_demand(lists(named, others, at));
    }
}

static void demand_links(struct picture *picture, uint32_t at)
{
    bool is_outdated = false;

    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        const bool is_basis =
            strcmp(links[i], "cites") == 0 || strcmp(links[i], "translation_of") == 0;
        const bool is_replaced = demand_named(picture, at, links[i]);
        is_outdated |= is_basis && is_replaced;
        demand_naming(picture, at, links[i]);
    }
    roundtrip_demand(picture_is_outdated(picture, at) == is_outdated);
}

static void demand_latest(struct picture *picture)
{
    uint32_t latest[ENTRIES_MAX];
    struct picture_version version;
    const size_t count = picture_latest(picture, latest, ENTRIES_MAX);

    roundtrip_demand(count <= ENTRIES_MAX && picture_latest(picture, NULL, 0) == count);
    for (uint32_t at = 0; at < picture_count(picture); at++) {
        picture_version(picture, at, &version);
        const bool is_latest = version.kind != NULL && version.kind->merge == MERGE_LATEST;
        roundtrip_demand(lists(latest, count, at) == (is_latest && !version.is_replaced));
    }
}

static void demand_sound(struct picture *picture)
{
    struct picture_version version;
    uint8_t sums[DIGEST_LEN];
    size_t versions = 0;

    for (uint32_t at = 0; at < picture_count(picture); at++) {
        picture_version(picture, at, &version);
        roundtrip_demand(picture_find(picture, &version.ref) == at);
        roundtrip_demand(version.is_here || (version.kind == NULL && version.item == PICTURE_NONE));
        versions += version.item != PICTURE_NONE ? 1 : 0;
        demand_links(picture, at);
    }
    roundtrip_demand(demand_items(picture) == versions);
    demand_latest(picture);
    sums_digest(picture, sums);
}

// -- pictures --

static void set_centres(struct picture *picture, uint8_t bits)
{
    static const uint32_t others[] = {0, 0, 1, PICTURE_NONE};
    const uint32_t same[] = {0, 1, 2, 3};
    const size_t nodes = 2 + (bits & 2u);

    roundtrip_demand(picture_set_centres(picture, (bits & 1) != 0 ? same : others, nodes) ==
                     ERR_OK);
}

static void demand_sums(struct picture *picture, const uint8_t sums[static DIGEST_LEN])
{
    uint8_t other[DIGEST_LEN];

    sums_digest(picture, other);
    roundtrip_demand(memcmp(sums, other, DIGEST_LEN) == 0);
}

static void demand_digest(struct picture *picture, const uint8_t digest[static DIGEST_LEN])
{
    uint8_t other[DIGEST_LEN];

    roundtrip_demand(picture_digest(picture, other) == ERR_OK);
    roundtrip_demand(memcmp(digest, other, DIGEST_LEN) == 0);
}

// Another with the same entries, the last first and each twice; or only what had arrived by the
// moment.
static void demand_other(const struct story *story, const uint8_t *head, uint64_t arrived_ms,
                         uint8_t digests[static 2][DIGEST_LEN])
{
    struct picture *picture = story_picture();

    for (size_t i = 2 * story->count; i-- > 0;) {
        if (story->entries[i / 2].arrived_ms <= arrived_ms) {
            story_show(story, i / 2, picture);
        }
    }
    set_centres(picture, head[1]);
    demand_digest(picture, digests[0]);
    demand_sums(picture, digests[1]);
    demand_sound(picture);
    picture_destroy(&picture);
}

// All entries, with questions in between: what was judged must be judged anew when more comes.
static void show_all(const struct story *story, const uint8_t *head, struct picture *picture)
{
    for (size_t i = 0; i < story->count; i++) {
        story_show(story, i, picture);
        if (i == story->count / 3) {
            set_centres(picture, head[1] >> 2);
            picture_set_moment(picture, head[1]);
            demand_sound(picture);
            set_centres(picture, head[1]);
            picture_set_moment(picture, UINT64_MAX);
        }
        if (i == story->count / 2 || i + 2 == story->count) {
            demand_sound(picture);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct story story;
    uint8_t digests[2][DIGEST_LEN]; // of how all stands, and of the sums

    if (size < HEAD_LEN) {
        return 0;
    }
    story_begin(&story);
    for (size_t at = HEAD_LEN; at + ACT_LEN <= size && story.count < ENTRIES_MAX; at += ACT_LEN) {
        tell(&story, data + at);
    }
    struct picture *picture = story_picture();
    set_centres(picture, data[1]);
    show_all(&story, data, picture);
    for (int i = 0; i < 2; i++) {
        const uint64_t moment_ms = i == 0 ? UINT64_MAX : data[0];
        picture_set_moment(picture, moment_ms);
        roundtrip_demand(picture_digest(picture, digests[0]) == ERR_OK);
        sums_digest(picture, digests[1]);
        demand_sound(picture);
        demand_digest(picture, digests[0]);
        demand_other(&story, data, moment_ms, digests);
    }
    picture_destroy(&picture);
    story_end(&story);
    return 0;
}
