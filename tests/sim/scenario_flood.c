// SPDX-License-Identifier: EUPL-1.2
// Scenarios of a member that floods: it fills its own links with valid entries, so that those of
// the others carry them on. What the others publish meanwhile must not wait for it.
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "sim/scenario.h"
#include "wire/message.h"

enum {
    FLOODER = 3,
    PROBES = 20, // entries whose way is timed
    PROBE_EVERY_MS = 2500,
    PROBE_LOST_MS = 20000,
    DELAY_MAX_MS = 1000, // that a flood may add
    LOGS_MAX = 200,
    BODY = 1500,
    RUN = 8,
    AHEAD_MS = 50, // the flooder's pipes are kept full that far
};

struct flood {
    bool is_on;
    uint32_t logs; // epochs it writes in turn for each neighbour
    uint64_t turn;
    uint64_t seqs[LOGS_MAX];
    uint8_t ids[LOGS_MAX][ID_LEN];
    uint64_t entries;
};

// The next run of one of the flooder's own logs, into `writer`. Each neighbour gets other logs.
static void write_run(struct world *world, struct flood *flood, uint32_t neighbour,
                      struct cbor_writer *writer)
{
    static uint8_t sealed[RUN][BODY];
    static struct run run;
    uint64_t epoch = neighbour + FLOODER * (flood->turn++ % flood->logs);
    assert(epoch < LOGS_MAX);
    const struct federation *federation = &world->federation;
    run = (struct run){
        .author = FLOODER, .epoch = epoch, .seq = flood->seqs[epoch] + 1, .count = RUN};
    run.prev_len = run.seq == 1 ? 0 : ID_LEN;
    memcpy(run.prev, flood->ids[epoch], run.prev_len);
    for (size_t i = 0; i < RUN; i++) {
        struct header header = {.epoch = epoch, .seq = run.seq + i, .time = 1, .size = BODY};
        uint8_t bytes[HEADER_MAX];
        random_fill(&world->random, sealed[i], sizeof sealed[i]);
        memcpy(header.author, federation->public_keys[FLOODER], SIGN_KEY_LEN);
        memcpy(header.group, federation->group_key.group, TAG_LEN);
        memcpy(header.key, federation->group_key.id, TAG_LEN);
        memcpy(header.prev, flood->ids[epoch], header.seq == 1 ? 0 : ID_LEN);
        header_digest(sealed[i], BODY, header.digest);
        run.items[i].time = 1;
        run.items[i].sealed = (struct span){sealed[i], BODY};
        memcpy(run.items[i].group, header.group, TAG_LEN);
        memcpy(run.items[i].key, header.key, TAG_LEN);
        size_t len = header_encode(&header, bytes);
        header_id(federation->space, bytes, len, flood->ids[epoch]);
        cose_sign(&federation->keys[FLOODER], (struct span){federation->space, ID_LEN},
                  (struct span){bytes, len}, run.signature);
    }
    flood->seqs[epoch] += RUN;
    flood->entries += RUN;
    message_put_runs(writer, 1);
    run_encode(writer, &run);
}

// Fills the flooder's links, each with entries of its own.
static void pour(struct world *world, struct flood *flood)
{
    static uint8_t buffer[RUN * (BODY + 64) + 512];
    for (uint32_t i = 0; i < FLOODER && flood->is_on; i++) {
        struct link *link = network_link(world, i, FLOODER);
        while (link->session != 0 && link->pipes[1].busy_until_ms < world->now_ms + AHEAD_MS) {
            struct cbor_writer writer;
            cbor_write(&writer, buffer, sizeof buffer);
            write_run(world, flood, i, &writer);
            assert(cbor_written(&writer) > 0);
            network_pass(world, &(struct passage){.from = FLOODER,
                                                  .to = i,
                                                  .bytes = {buffer, cbor_written(&writer)}});
        }
    }
}

static uint64_t held_of(const struct world *world, uint32_t node, uint32_t author)
{
    const struct disk_state *state = &world->nodes[node].disk.state;
    for (size_t i = 0; i < state->chains_count; i++) {
        if (state->chains[i].epoch == 0 &&
            memcmp(state->chains[i].author, world->federation.public_keys[author], SIGN_KEY_LEN) ==
                0) {
            return state->chains[i].head_seq;
        }
    }
    return 0;
}

// How long an entry of `from` takes until `to` holds it, at worst.
static uint64_t time_probes(struct world *world, struct flood *flood, uint32_t from, uint32_t to)
{
    uint64_t worst = 0;
    uint64_t sum = 0;
    for (uint32_t probe = 0; probe < PROBES && !world->failure[0]; probe++) {
        uint64_t start_ms = world->now_ms;
        uint64_t seq = held_of(world, from, from) + 1;
        scene_publish(world, from);
        uint64_t took = 0;
        while (took < PROBE_LOST_MS && !world->failure[0] &&
               (took == 0 || held_of(world, to, from) < seq)) {
            pour(world, flood);
            scene_pass(world, 5);
            took = world->now_ms - start_ms;
        }
        worst = took > worst ? took : worst;
        sum += took;
        // At other phases of the beacons each time.
        while (world->now_ms < start_ms + PROBE_EVERY_MS + 37 * probe && !world->failure[0]) {
            pour(world, flood);
            scene_pass(world, 5);
        }
    }
    world_say(world,
              "%c to %c: at worst %" PRIu64 " ms, on average %" PRIu64 " ms, flood of %" PRIu64,
              'a' + (int)from, 'a' + (int)to, worst, sum / PROBES, flood->entries);
    return worst;
}

static void lay_links(struct world *world, const char *links)
{
    struct pair pairs[PAIRS_MAX];
    uint32_t count = network_pairs(world, pairs);
    for (uint32_t i = 0; i < count; i++) {
        network_link(world, pairs[i].a, pairs[i].b)->exists = false;
    }
    for (; *links; links += links[2] ? 3 : 2) {
        network_link(world, (uint32_t)(links[0] - 'a'), (uint32_t)(links[1] - 'a'))->exists = true;
    }
    network_refresh(world);
}

// Each way's time under the flood against its time before it.
static void compare(struct world *world, uint32_t logs, const struct pair *ways, size_t count)
{
    static struct flood flood;
    uint64_t calm[4];
    assert(count <= 4);
    flood = (struct flood){.logs = logs};
    world->is_urgent = true;
    world->is_healing = true; // the flooder does this, and nothing else
    scene_pass(world, 30000);
    for (size_t i = 0; i < count; i++) {
        calm[i] = time_probes(world, &flood, ways[i].a, ways[i].b);
    }
    flood.is_on = true;
    for (uint32_t ms = 0; ms < 5000; ms += 5) {
        pour(world, &flood);
        scene_pass(world, 5);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t worst = time_probes(world, &flood, ways[i].a, ways[i].b);
        if (worst >= calm[i] + DELAY_MAX_MS) {
            world_fail(world,
                       "%c to %c takes %" PRIu64 " ms under a flood, and %" PRIu64 " without",
                       'a' + (int)ways[i].a, 'a' + (int)ways[i].b, worst, calm[i]);
        }
    }
    flood.is_on = false;
    scene_rest(world);
}

// Everything between a and c passes b, and so does the flood.
void scenario_flood_relayed(struct world *world)
{
    static const struct pair ways[] = {{0, 2}, {2, 0}, {1, 2}};
    lay_links(world, "ab bc bd");
    compare(world, 1, ways, 3);
}

// Everybody is linked with everybody, and gets another part of the flood.
void scenario_flood_beside(struct world *world)
{
    static const struct pair ways[] = {{0, 2}, {1, 0}};
    lay_links(world, "ab ac bc ad bd cd");
    compare(world, 1, ways, 2);
}

// In many logs at once: each is a range of its own that is asked for.
void scenario_flood_logs(struct world *world)
{
    static const struct pair ways[] = {{0, 2}, {2, 0}, {1, 2}};
    lay_links(world, "ab bc bd");
    compare(world, 64, ways, 3);
}
