// SPDX-License-Identifier: EUPL-1.2
// What all nodes hold in the end, judged without the engine: ids, signatures, bodies and
// fingerprints are computed anew from the committed records.
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sim/audit.h"
#include "sim/groups.h"
#include "sim/line.h"
#include "sim/world.h"

struct holding { // one entry a node holds without a gap
    uint8_t id[ID_LEN];
    const struct chain *chain;
    const struct record *record;
};

struct holdings {
    struct holding *items; // ascending by id, each once
    size_t count;
};

static int compare(const void *a, const void *b)
{
    return memcmp(((const struct holding *)a)->id, ((const struct holding *)b)->id, ID_LEN);
}

// Where what counts of a chain ends.
static uint64_t counted(const struct world *world, const struct node *node,
                        const struct chain *chain)
{
    uint64_t limit = world_counts_to(world, node, chain);
    return chain->head_seq < limit ? chain->head_seq : limit;
}

static struct holdings gather(const struct world *world, const struct node *node)
{
    const struct disk_state *state = &node->disk.state;
    struct holdings holdings = {.items = calloc(state->slots_count + 1, sizeof *holdings.items)};
    assert(holdings.items);
    for (size_t i = 0; i < state->slots_count; i++) {
        const struct slot *slot = &state->slots[i];
        const struct chain *chain = &state->chains[slot->chain];
        if (slot->seq <= counted(world, node, chain)) {
            struct holding *holding = &holdings.items[holdings.count++];
            memcpy(holding->id, slot->blob->record.id, ID_LEN);
            holding->chain = chain;
            holding->record = &slot->blob->record;
        }
    }
    qsort(holdings.items, holdings.count, sizeof *holdings.items, compare);
    size_t kept = 0;
    for (size_t i = 0; i < holdings.count; i++) {
        if (kept == 0 || compare(&holdings.items[kept - 1], &holdings.items[i]) != 0) {
            holdings.items[kept++] = holdings.items[i];
        }
    }
    holdings.count = kept;
    return holdings;
}

// -- authenticity --

struct verdict { // of one record
    bool is_right_id;
    bool is_signed_well;
};

static const struct holding *find(const struct holdings *holdings, const uint8_t *id)
{
    struct holding key;
    memcpy(key.id, id, ID_LEN);
    return holdings->count > 0
               ? bsearch(&key, holdings->items, holdings->count, sizeof *holdings->items, compare)
               : NULL;
}

// Whether this very signature was already found good: verifying it for each node is too slow.
static bool is_known(const struct holdings *known, const struct record *record)
{
    const struct holding *found = find(known, record->id);
    return found && found->record->is_signed &&
           memcmp(found->record->signature, record->signature, SIGNATURE_LEN) == 0;
}

static struct verdict judge(const struct world *world, const struct chain *chain,
                            const struct record *record, const struct holdings *known)
{
    struct header header = disk_header(chain, record);
    uint8_t bytes[HEADER_MAX];
    size_t len = header_encode(&header, bytes);
    uint8_t id[ID_LEN];
    header_id(world->federation.space, bytes, len, id);
    struct verdict verdict = {.is_right_id = memcmp(id, record->id, ID_LEN) == 0};
    struct span aad = {.bytes = world->federation.space, .len = ID_LEN};
    struct span payload = {.bytes = bytes, .len = len};
    verdict.is_signed_well =
        record->is_signed && (is_known(known, record) || cose_verify(chain->author, aad, payload,
                                                                     record->signature) == ERR_OK);
    return verdict;
}

// Every entry of the chain follows the one before, and a signature at its head covers all.
static void check_chain(struct world *world, const struct node *node, const struct chain *chain,
                        const struct holdings *known)
{
    char letter = node_letter(world, node);
    const struct roster *roster = federation_last(&world->federation);
    if (roster_find_signing(roster, chain->author) < 0) {
        world_fail(world, "%c holds entries of a stranger", letter);
        return;
    }
    bool is_covered = false;
    for (uint64_t seq = chain->head_seq; seq >= chain->first_seq; seq--) {
        const struct slot *slot = disk_find(&node->disk.state, chain->number, seq);
        if (!slot) {
            world_fail(world, "%c lacks chain %u seq %" PRIu64, letter, chain->number, seq);
            return;
        }
        const struct record *record = &slot->blob->record;
        struct verdict verdict = judge(world, chain, record, known);
        is_covered = is_covered || verdict.is_signed_well;
        const struct slot *before = disk_resolve(&node->disk.state, chain->number, seq - 1);
        uint8_t none[ID_LEN] = {0};
        const uint8_t *prev = before ? before->blob->record.id : none;
        bool follows = (seq == 1 || before) && memcmp(record->prev, prev, ID_LEN) == 0;
        if (!verdict.is_right_id || !is_covered || !follows ||
            (record->is_signed && !verdict.is_signed_well)) {
            world_fail(world, "%c holds chain %u seq %" PRIu64 ", which is not authentic: %s",
                       letter, chain->number, seq,
                       !verdict.is_right_id ? "another id"
                       : !follows           ? "follows nothing"
                                            : "no valid signature");
            return;
        }
    }
}

// -- fingerprint --

static void put_u64(uint8_t out[static 8], uint64_t value)
{
    for (int i = 7; i >= 0; i--) {
        out[i] = (uint8_t)value;
        value >>= 8;
    }
}

static void add_print(uint8_t sum[static FINGERPRINT_LEN], const uint8_t *print)
{
    unsigned carry = 0;
    for (int i = FINGERPRINT_LEN - 1; i >= 0; i--) {
        carry += (unsigned)sum[i] + print[i];
        sum[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void check_fingerprint(struct world *world, const struct node *node)
{
    uint8_t sum[FINGERPRINT_LEN] = {0};
    uint64_t entries = 0;
    for (size_t i = 0; i < node->disk.state.chains_count; i++) {
        const struct chain *chain = &node->disk.state.chains[i];
        uint64_t seq = counted(world, node, chain);
        if (!disk_has_chain(&node->disk.state, (uint32_t)i) || seq < chain->first_seq) {
            continue;
        }
        const struct slot *slot = disk_find(&node->disk.state, (uint32_t)i, seq);
        assert(slot); // check_chain saw to it
        entries += seq - chain->first_seq + 1;
        uint8_t input[SIGN_KEY_LEN + 16 + ID_LEN];
        uint8_t print[FINGERPRINT_LEN];
        memcpy(input, chain->author, SIGN_KEY_LEN);
        put_u64(input + SIGN_KEY_LEN, chain->epoch);
        put_u64(input + SIGN_KEY_LEN + 8, seq);
        memcpy(input + SIGN_KEY_LEN + 16, slot->blob->record.id, ID_LEN);
        crypto_generichash(print, sizeof print, input, sizeof input, world->federation.space,
                           ID_LEN);
        add_print(sum, print);
    }
    struct engine_status status;
    engine_get_status(node->engine, &status);
    if (memcmp(sum, status.fingerprint, FINGERPRINT_LEN) != 0) {
        world_fail(world, "%c states a fingerprint that its heads do not give",
                   node_letter(world, node));
    }
    if (entries != status.entries) {
        world_fail(world, "%c states %" PRIu64 " entries where %" PRIu64 " count",
                   node_letter(world, node), status.entries, entries);
    }
}

// What does not count is still held, and counted apart.
static void check_quarantine(struct world *world, const struct node *node)
{
    const struct disk_state *state = &node->disk.state;
    uint64_t held = 0;
    for (size_t i = 0; i < state->slots_count; i++) {
        const struct slot *slot = &state->slots[i];
        const struct chain *chain = &state->chains[slot->chain];
        held += slot->seq <= chain->head_seq && slot->seq > world_counts_to(world, node, chain);
    }
    struct engine_status status;
    engine_get_status(node->engine, &status);
    if (status.quarantined < held) {
        world_fail(world, "%c states %" PRIu64 " quarantined entries and holds %" PRIu64,
                   node_letter(world, node), status.quarantined, held);
    }
    world->tally.quarantined += held;
}

// -- bodies --

static bool is_mischief(const struct world *world, uint32_t author)
{
    return world->nodes[author].is_malicious;
}

static void check_body(struct world *world, const struct node *node, const struct holding *holding)
{
    const struct roster *roster = federation_last(&world->federation);
    uint32_t author = (uint32_t)roster_find_signing(roster, holding->chain->author);
    if (is_mischief(world, author)) {
        return;
    }
    const struct record *record = holding->record;
    struct span content;
    const bool is_open = groups_open_body(world, NULL, holding->chain, record, &content);
    uint64_t number = is_open ? oracle_number(content) : 0;
    char letter = node_letter(world, node);
    if (number == 0 || number > world->oracle.count) {
        world_fail(world, "%c holds %c.%" PRIu64 "/%" PRIu64 ", which nobody published", letter,
                   'a' + (int)author, holding->chain->epoch, record->seq);
        return;
    }
    struct issue *issue = &world->oracle.issues[number - 1];
    uint8_t digest[DIGEST_LEN];
    header_digest(content.bytes, content.len, digest);
    bool is_same = memcmp(digest, issue->digest, DIGEST_LEN) == 0 && issue->author == author;
    bool is_placed = issue->state != ISSUE_PUBLISHED ||
                     (issue->epoch == holding->chain->epoch && issue->seq == record->seq);
    if (!is_same || !is_placed || issue->state == ISSUE_FAILED) {
        world_fail(world, "%c holds %c.%" PRIu64 "/%" PRIu64 ", which %s", letter,
                   'a' + (int)author, holding->chain->epoch, record->seq,
                   !is_same     ? "is not what was published"
                   : !is_placed ? "was acknowledged as another"
                                : "was refused to its publisher");
        return;
    }
    issue->is_found = true;
}

static void check_issues(struct world *world)
{
    for (size_t i = 0; i < world->oracle.count; i++) {
        const struct issue *issue = &world->oracle.issues[i];
        // What the revoked one published it may have been cut off with.
        bool is_excused =
            issue->is_excused || world_has_revoked(world, &world->nodes[issue->author]);
        if (issue->state == ISSUE_PUBLISHED && !issue->is_found && !is_excused) {
            world_fail(world, "%c.%" PRIu64 "/%" PRIu64 " was acknowledged and is nowhere",
                       'a' + (int)issue->author, issue->epoch, issue->seq);
            return;
        }
    }
}

// -- floats and forks --

// Floats are there only while gaps are. One that turned out to be of another branch may have left
// its first copy behind.
static void check_floats(struct world *world, const struct node *node, const struct holdings *held)
{
    const struct roster *roster = federation_last(&world->federation);
    for (size_t i = 0; i < node->disk.state.slots_count; i++) {
        const struct slot *slot = &node->disk.state.slots[i];
        const struct chain *chain = &node->disk.state.chains[slot->chain];
        int32_t author = roster_find_signing(roster, chain->author);
        bool is_excused = world->has_lost || author < 0 || is_mischief(world, (uint32_t)author) ||
                          world_has_revoked(world, &world->nodes[author]);
        if (slot->seq > chain->head_seq && !is_excused && !find(held, slot->blob->record.id)) {
            world_fail(world, "%c still holds chain %u seq %" PRIu64 " ahead of %" PRIu64,
                       node_letter(world, node), slot->chain, slot->seq, chain->head_seq);
            return;
        }
    }
}

static void count_forks(struct world *world, const struct node *node)
{
    const struct roster *roster = federation_last(&world->federation);
    const struct disk_state *state = &node->disk.state;
    for (size_t i = 0; i < state->chains_count; i++) {
        const struct chain *chain = &state->chains[i];
        int32_t author = roster_find_signing(roster, chain->author);
        bool is_branch = false;
        for (size_t k = 0; disk_has_chain(state, (uint32_t)i) && k < i && !is_branch; k++) {
            is_branch = state->chains[k].epoch == chain->epoch &&
                        memcmp(state->chains[k].author, chain->author, SIGN_KEY_LEN) == 0 &&
                        chain->head_seq >= chain->first_seq && disk_has_chain(state, (uint32_t)k);
        }
        if (!is_branch) {
            continue;
        }
        world->tally.forks++;
        if (!world->may_fork && author >= 0 && !is_mischief(world, (uint32_t)author)) {
            world_fail(world, "log %c.%" PRIu64 " is forked and should not be", 'a' + author,
                       chain->epoch);
        }
    }
}

static void check_same(struct world *world, const struct node *node, const struct holdings *mine,
                       const struct holdings *first)
{
    size_t i = 0;
    while (i < mine->count && i < first->count && compare(&mine->items[i], &first->items[i]) == 0) {
        i++;
    }
    if (i < mine->count || i < first->count) {
        world_fail(world, "%c holds %zu entries, another %zu, and they are not the same",
                   node_letter(world, node), mine->count, first->count);
    }
}

static void check_chains(struct world *world, const struct node *node, const struct holdings *known)
{
    for (uint32_t i = 0; i < node->disk.state.chains_count; i++) {
        if (disk_has_chain(&node->disk.state, i)) {
            check_chain(world, node, &node->disk.state.chains[i], known);
        }
    }
}

void audit_final(struct world *world)
{
    struct holdings first = {0};
    for (uint32_t i = 0; i < world->nodes_count && !world->failure[0]; i++) {
        struct node *node = &world->nodes[i];
        if (node->is_malicious || world_has_revoked(world, node)) {
            continue;
        }
        struct holdings mine = gather(world, node);
        check_chains(world, node, &first);
        check_fingerprint(world, node);
        check_quarantine(world, node);
        check_floats(world, node, &mine);
        if (first.items) {
            check_same(world, node, &mine, &first);
            free(mine.items);
            continue;
        }
        for (size_t k = 0; k < mine.count; k++) {
            check_body(world, node, &mine.items[k]);
        }
        count_forks(world, node);
        first = mine;
    }
    free(first.items);
    check_issues(world);
    lines_audit(world);
}
