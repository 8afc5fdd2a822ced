// SPDX-License-Identifier: EUPL-1.2
// Opens a space: store, engine, groups and desk, in this order; closes in reverse.
#include "space.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "node.h"
#include "receipts.h"
#include "sitrep/exercise.h"

enum {
    CHAINS_MAX = 4096,
    EXERCISE_FLOATS_MAX = 2048,
    EXERCISE_BEACONS = 3,            // one for so many of the real world
    EXERCISE_WINDOW = 2 * 96 * 1024, // bytes under way to here; two of the largest messages
    CLOCK_COUNT = 64,                // of the last arrivals, to go on behind
};

// Of the stores that are open; for the crash handler, which can be given nothing.
static char suspect_paths[SPACES_MAX][STORE_PATH_LEN];

static void leave_mark(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0) {
        close(fd);
    }
}

// A damaged page can crash the reader. The mark makes the next start rebuild the store from what is
// intact. Which store it was is not known here.
static void on_crash(int signal_number)
{
    for (size_t i = 0; i < SPACES_MAX; i++) {
        if (suspect_paths[i][0] != '\0') {
            leave_mark(suspect_paths[i]);
        }
    }
    (void)raise(signal_number); // SA_RESETHAND: now it ends the process
}

enum err space_watch_crashes(void)
{
    struct sigaction crash = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};

    return sigaction(SIGSEGV, &crash, NULL) == 0 && sigaction(SIGBUS, &crash, NULL) == 0 ? ERR_OK
                                                                                         : ERR_IO;
}

void space_mark_suspect(struct space *space)
{
    leave_mark(suspect_paths[space->slot]);
    space->node->restart = RESTART_TO_REBUILD;
}

bool space_is_exercise(const struct space *space)
{
    return space->name[0] != '\0';
}

const char *space_title(const struct space *space)
{
    return space_is_exercise(space) ? space->name : "real";
}

static enum err open_store(struct space *space)
{
    struct node *node = space->node;
    struct store_options options = {.reserve_bytes = node->config.reserve_mib * 1024 * 1024,
                                    .wall_ms = clock_wall_ms};
    struct store_rebuilt rebuilt;
    char file[EXERCISE_FILE_MAX];
    char path[4096];
    enum err err;

    memcpy(options.space, space->id, ID_LEN);
    home_space_file(space->name, "store", file);
    if (home_path(&node->home, file, path) != ERR_OK) {
        return node_complain("the path of this home is too long");
    }
    // Before it is opened: that, too, can meet a damaged page.
    if (store_suspect_path(path, suspect_paths[space->slot]) != ERR_OK) {
        return node_complain("the path of this home is too long");
    }
    err = store_open(&space->store, path, &options);
    if (err == ERR_CORRUPT) {
        log_write(LOG_LEVEL_ERROR, "store-damaged", "action=%s space=%s",
                  "rebuilding from what is intact", space_title(space));
        err = store_rebuild(path, &options, &rebuilt);
        if (err == ERR_OK) {
            log_write(LOG_LEVEL_WARNING, "store-rebuilt", "kept=%llu lost=%llu space=%s",
                      (unsigned long long)rebuilt.kept, (unsigned long long)rebuilt.lost,
                      space_title(space));
            space->was_rebuilt = true;
            err = store_open(&space->store, path, &options);
        }
    }
    if (err != ERR_OK) {
        fprintf(stderr, "sitrepd: the store in %s cannot be opened: %s\n", path, err_text(err));
        return err;
    }
    return ERR_OK;
}

struct restoring {
    struct engine *engine;
    const uint8_t *self; // this node's signing key
    struct chain own;    // of its log, in the newest epoch
};

static enum err restore_chain(void *context, const struct chain *chain)
{
    struct restoring *restoring = context;

    if (memcmp(chain->author, restoring->self, SIGN_KEY_LEN) == 0 &&
        chain->epoch >= restoring->own.epoch) {
        restoring->own = *chain;
    }
    return engine_restore_chain(restoring->engine, chain);
}

static enum err restore_ahead(void *engine, const struct record *record)
{
    return engine_restore_ahead(engine, record);
}

static void restore_clock(struct space *space, const struct record_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        engine_restore_clock(space->engine, clock_wall_ms(), set->records[i].time);
    }
}

// From the end of the own log, and from what others sent last. What is damaged is passed over.
static void restore_clock_from_store(struct space *space, const struct chain *own)
{
    struct record_set set = {0};

    if (own->head_seq > 0 &&
        store_read(space->store, own->number, own->head_seq, 1, UINT32_MAX, &set) == ERR_OK) {
        restore_clock(space, &set);
    }
    if (store_read_arrivals(space->store, UINT64_MAX, true, CLOCK_COUNT, &set) == ERR_OK) {
        restore_clock(space, &set);
    }
    record_set_fini(&set);
}

// An exercise must leave the links, and the memory, to the real world.
static void lower_limits(struct engine_limits *limits)
{
    limits->floats_max = EXERCISE_FLOATS_MAX;
    limits->beacon_ms *= EXERCISE_BEACONS;
    if (limits->window_bytes > EXERCISE_WINDOW) {
        limits->window_bytes = EXERCISE_WINDOW;
    }
}

static enum err open_engine(struct space *space)
{
    struct node *node = space->node;
    struct engine_options options = {.limits = {.chains_max = CHAINS_MAX,
                                                .peers_max = node->config.peers_max,
                                                .window_bytes = node->config.window_kib * 1024,
                                                .beacon_ms = node->config.beacon_ms,
                                                .retry_ms = node->config.retry_ms},
                                     .roster = node->roster,
                                     .signing_key = &node->keys->signing,
                                     .is_exercise = space_is_exercise(space),
                                     .has_live_plane = node->config.has_live_plane};
    enum err err;

    if (options.is_exercise) {
        lower_limits(&options.limits);
    }
    memcpy(options.space, space->id, ID_LEN);
    err = engine_create(&space->engine, &options);
    if (err == ERR_OK) {
        struct restoring restoring = {.engine = space->engine,
                                      .self = node->roster->nodes[node->self].signing};
        err = store_each_chain(space->store, restore_chain, &restoring);
        restore_clock_from_store(space, &restoring.own);
    }
    if (err == ERR_OK) {
        err = store_each_ahead(space->store, restore_ahead, space->engine);
    }
    if (err == ERR_CORRUPT) {
        space_mark_suspect(space);
    }
    if (err != ERR_OK) {
        fprintf(stderr, "sitrepd: the store's heads cannot be read: %s\n", err_text(err));
    }
    return err;
}

static enum err open_groups(struct space *space)
{
    struct node *node = space->node;
    char bookmark[EXERCISE_FILE_MAX];
    struct groups_options options = {.self = node->self,
                                     .roster = node->roster,
                                     .keys = node->keys,
                                     .secrets = node->secrets,
                                     .store = space->store,
                                     .home = &node->home,
                                     .brings_keys = true,
                                     .bookmark = bookmark,
                                     .is_rebuilt = space->was_rebuilt};
    uint8_t all[TAG_LEN];

    home_space_file(space->name, space_is_exercise(space) ? "groups" : "store/groups", bookmark);
    if (space_is_exercise(space)) {
        options.real = node->spaces[0]->groups;
    }
    group_all_members(space->id, all);
    if (secrets_count(node->secrets, all) == 0) {
        return node_complain(
            "this home holds no key of the group of all members; join again with a new invitation");
    }
    memcpy(options.space, space->id, ID_LEN);
    if (groups_open(&space->groups, &options) != ERR_OK) {
        return node_complain("no memory or descriptors left");
    }
    return ERR_OK;
}

static enum err open_desk(struct space *space)
{
    struct node *node = space->node;
    struct desk_facts facts = {
        .self = node->self, .store = space->store, .groups = space->groups, .home = node->home};

    memcpy(facts.space, space->id, ID_LEN);
    memcpy(facts.exercise, space->name, sizeof facts.exercise);
    if (desk_open(&space->desk, &facts, node->roster) != ERR_OK) {
        return node_complain("no memory or descriptors left");
    }
    desk_set_arrival(space->desk, store_last_arrival(space->store));
    return ERR_OK;
}

static void begin_own_log(struct space *space)
{
    struct node *node = space->node;
    bool is_alone = true;

    for (size_t i = 0; i < node->roster->nodes_count; i++) {
        is_alone = is_alone && (i == node->self || node->roster->nodes[i].is_revoked);
    }
    publishing_load_guard(space);
    space->own_log_deadline_ms = clock_now_ms() + (is_alone ? 0 : node->config.own_log_wait_ms) + 1;
}

static enum err prepare(struct space *space, const char *name)
{
    const struct node *node = space->node;

    if (*name == '\0') {
        memcpy(space->id, node->roster->federation, ID_LEN);
        return ERR_OK;
    }
    assert(exercise_name_is_valid(name));
    memcpy(space->name, name, strlen(name) + 1);
    space_of_exercise(node->roster->federation, name, space->id);
    space->contacts = calloc(NODES_MAX, sizeof *space->contacts);
    space->frame = malloc(MESSAGE_MAX);
    if (space->contacts == NULL || space->frame == NULL) {
        return ERR_NO_SPACE;
    }
    return secrets_add_exercise(node->secrets, node->roster->federation, space->id);
}

// The first that no open store has.
static size_t find_slot(void)
{
    size_t slot = 0;

    while (slot < SPACES_MAX - 1 && suspect_paths[slot][0] != '\0') {
        slot++;
    }
    return slot;
}

enum err space_open(struct space **out, struct node *node, const char *name)
{
    struct space *space = calloc(1, sizeof *space);
    enum err err;

    *out = space;
    if (space == NULL) {
        return node_complain("no memory left");
    }
    space->node = node;
    space->slot = find_slot();
    space->scrub_chain = CHAIN_NONE;
    space->chains_max = CHAINS_MAX;
    if (prepare(space, name) != ERR_OK) {
        return node_complain("no memory left");
    }
    err = open_store(space);
    if (err == ERR_OK) {
        err = open_engine(space);
    }
    if (err == ERR_OK) {
        err = open_groups(space);
    }
    if (err == ERR_OK) {
        err = open_desk(space);
    }
    if (err == ERR_OK && groups_start(space->groups, space->desk) != ERR_OK) {
        err = node_complain("no more threads can be made");
    }
    if (err == ERR_OK) {
        ending_look(space);
    }
    return err;
}

static void begin_receipts(struct space *space)
{
    const uint32_t interval_s = space->node->config.receipts_s;
    const enum err err =
        interval_s == 0 ? ERR_OK : receipts_start(&space->receipts, space->desk, interval_s);

    if (err != ERR_OK) {
        log_write(LOG_LEVEL_ERROR, "no-receipts", "space=%s why=%s", space_title(space),
                  err_text(err));
    }
}

void space_begin(struct space *space)
{
    begin_own_log(space);
    begin_receipts(space);
    if (space->was_rebuilt) {
        space_look_for_damage(space);
    }
}

void space_set_line(struct space *space, uint32_t peer, const struct link_settings *settings)
{
    struct event event = {.type = EVENT_LINE, .peer = peer, .line = *settings};

    if (space_is_exercise(space)) {
        event.line.beacon_ms *= EXERCISE_BEACONS;
        event.line.wanted.groups_count = 0; // it has other groups
    }
    space_step(space, &event);
}

void space_stop(struct space *space)
{
    space->is_stopped = true;
    if (space->desk != NULL) {
        desk_stop(space->desk);
        publishing_stop(space);
    }
}

void space_close(struct space **handle)
{
    struct space *space = *handle;

    if (space == NULL) {
        return;
    }
    receipts_close(&space->receipts);
    groups_close(&space->groups);
    store_close(&space->store);
    if (space->engine != NULL && space->desk != NULL) {
        publishing_tighten_guard(space);
    }
    engine_destroy(&space->engine);
    desk_close(&space->desk);
    record_set_fini(&space->records);
    suspect_paths[space->slot][0] = '\0';
    if (space_is_exercise(space)) {
        secrets_remove_exercise(space->node->secrets, space->id);
    }
    free(space->contacts);
    free(space->frame);
    free(space);
    *handle = NULL;
}
