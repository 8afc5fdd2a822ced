// SPDX-License-Identifier: EUPL-1.2
// Contents with numbers in them, and what became of each.
#include "sim/oracle.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/world.h"
#include "sitrep/seal.h"

uint64_t oracle_begin(struct world *world, uint32_t instance)
{
    world->oracle.publisher = instance;
    return world->oracle.count + 1;
}

void oracle_enter(struct world *world, uint64_t cookie, struct span content)
{
    struct oracle *oracle = &world->oracle;
    if (oracle->count == oracle->capacity) {
        oracle->capacity = oracle->capacity ? oracle->capacity * 2 : 256;
        oracle->issues = realloc(oracle->issues, oracle->capacity * sizeof *oracle->issues);
        assert(oracle->issues);
    }
    struct issue *issue = &oracle->issues[oracle->count++];
    *issue = (struct issue){.instance = oracle->publisher,
                            .author = world->nodes[oracle->publisher].peer,
                            .step = world->tally.steps,
                            .cookie = cookie,
                            .state = ISSUE_WAITING};
    oracle->waiting++;
    header_digest(content.bytes, content.len, issue->digest);
}

struct span oracle_issue(struct world *world, uint64_t cookie, size_t size,
                         uint8_t out[static CONTENT_ROOM])
{
    assert(size + 64 <= CONTENT_ROOM);
    static uint8_t pad[CONTENT_ROOM];
    if (world->is_dense || random_permille(&world->random, 500)) {
        random_fill(&world->random, pad, size);
    } else {
        memset(pad, 'x', size);
    }
    struct cbor_writer writer;
    cbor_write(&writer, out, CONTENT_ROOM);
    cbor_put_map(&writer, 3);
    cbor_put_text(&writer, "n", 1);
    cbor_put_uint(&writer, world->oracle.count + 1);
    cbor_put_text(&writer, "pad", 3);
    cbor_put_bytes(&writer, pad, size);
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, "report", 6);
    struct span content = {.bytes = out, .len = cbor_written(&writer)};
    assert(content.len > 0);
    oracle_enter(world, cookie, content);
    return content;
}

uint64_t oracle_number(struct span content)
{
    struct span value;
    if (body_find(content, "n", &value) != ERR_OK) {
        return 0;
    }
    struct cbor_reader reader;
    cbor_read(&reader, value.bytes, value.len);
    return cbor_get_uint(&reader);
}

static void resolve(struct oracle *oracle, struct issue *issue, enum issue_state state)
{
    assert(issue->state == ISSUE_WAITING);
    issue->state = state;
    oracle->waiting--;
    oracle->published += state == ISSUE_PUBLISHED;
    oracle->failed += state == ISSUE_FAILED;
}

static bool is_durable(const struct world *world, const struct node *node, uint64_t epoch,
                       uint64_t seq)
{
    const struct disk_state *state = &node->disk.state;
    for (uint32_t i = 0; i < state->chains_count; i++) {
        const struct chain *chain = &state->chains[i];
        if (chain->epoch == epoch && seq <= chain->head_seq &&
            memcmp(chain->author, world->federation.public_keys[node->peer], SIGN_KEY_LEN) == 0 &&
            disk_resolve(state, i, seq)) {
            return true;
        }
    }
    return false;
}

static void published(struct world *world, struct issue *issue, uint64_t epoch, uint64_t seq)
{
    const struct node *node = &world->nodes[issue->instance];
    resolve(&world->oracle, issue, ISSUE_PUBLISHED);
    world->tally.entries++;
    issue->epoch = epoch;
    issue->seq = seq;
    if (!is_durable(world, node, epoch, seq)) {
        world_fail(world, "%c acknowledges %" PRIu64 "/%" PRIu64 " before it is durable",
                   node_letter(world, node), epoch, seq);
    }
}

// A note speaks for the whole publication: all that was issued with its cookie, in order.
void oracle_note(struct world *world, uint32_t instance, const struct note *note)
{
    struct oracle *oracle = &world->oracle;
    char letter = node_letter(world, &world->nodes[instance]);
    bool is_published = note->type == NOTE_PUBLISHED;
    uint64_t count = 0;
    for (uint64_t i = note->cookie; i >= 1 && i <= oracle->count; i++) {
        struct issue *issue = &oracle->issues[i - 1];
        if (issue->state != ISSUE_WAITING || issue->instance != instance ||
            issue->cookie != note->cookie) {
            break;
        }
        if (is_published) {
            published(world, issue, note->epoch, note->seq + 1 - note->index + count);
        } else {
            resolve(oracle, issue, ISSUE_FAILED);
        }
        count++;
    }
    if (count == 0 || (is_published && count != note->index)) {
        world_fail(world,
                   "%c answers for %zu entries of publication %" PRIu64 ", which has %" PRIu64
                   " unanswered",
                   letter, note->index, note->cookie, count);
    }
}

void oracle_crashed(struct world *world, uint32_t instance)
{
    for (size_t i = 0; i < world->oracle.count; i++) {
        struct issue *issue = &world->oracle.issues[i];
        if (issue->instance == instance && issue->state == ISSUE_WAITING) {
            resolve(&world->oracle, issue, ISSUE_UNKNOWN);
        }
    }
}

// What is held only ahead of a gap may go with the gap.
static bool is_held(const struct disk_state *state, const uint8_t id[static ID_LEN])
{
    const struct slot *copy = disk_find_id(state, id);
    return copy && copy->seq <= state->chains[copy->chain].head_seq;
}

static bool is_elsewhere(const struct world *world, uint32_t instance,
                         const uint8_t id[static ID_LEN])
{
    for (uint32_t i = 0; i < world->nodes_count; i++) {
        const struct disk_state *state = &world->nodes[i].disk.state;
        // What only the one to be revoked holds may be cut off with it.
        bool is_reached = i != instance &&
                          (world->plan.revoked == 0 || world->nodes[i].peer != world->plan.revoked);
        if (is_reached && is_held(state, id)) {
            return true;
        }
    }
    return false;
}

static void excuse(struct world *world, const struct chain *chain, uint64_t seq)
{
    int32_t author = roster_find_signing(federation_last(&world->federation), chain->author);
    world->has_lost = true;
    for (size_t i = 0; i < world->oracle.count; i++) {
        struct issue *issue = &world->oracle.issues[i];
        if (issue->state == ISSUE_PUBLISHED && (int32_t)issue->author == author &&
            issue->epoch == chain->epoch && issue->seq == seq) {
            issue->is_excused = true;
        }
    }
}

void oracle_restored(struct world *world, uint32_t instance, const struct disk_state *snapshot)
{
    const struct disk_state *state = &world->nodes[instance].disk.state;
    for (size_t i = 0; i < state->slots_count; i++) {
        const struct slot *slot = &state->slots[i];
        const uint8_t *id = slot->blob->record.id;
        if (!is_held(snapshot, id) && !is_elsewhere(world, instance, id)) {
            excuse(world, &state->chains[slot->chain], slot->seq);
        }
    }
}

void oracle_fini(struct oracle *oracle)
{
    free(oracle->issues);
    *oracle = (struct oracle){0};
}
