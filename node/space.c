// SPDX-License-Identifier: EUPL-1.2
// Opens a space: store, engine, groups and desk, in this order; closes in reverse.
#include "space.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "node.h"

enum { CHAINS_MAX = 4096 };

static char suspect_path[STORE_PATH_LEN]; // for the crash handler, which can be given nothing

static void leave_mark(void)
{
    int fd = open(suspect_path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0) {
        close(fd);
    }
}

// A damaged page can crash the reader. The mark makes the next start rebuild the store from what is
// intact.
static void on_crash(int signal_number)
{
    leave_mark();
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
    leave_mark();
    space->node->must_restart = true;
}

static enum err open_store(struct space *space)
{
    struct node *node = space->node;
    struct store_options options = {.reserve_bytes = node->config.reserve_mib * 1024 * 1024,
                                    .wall_ms = clock_wall_ms};
    struct store_rebuilt rebuilt;
    char path[4096];
    enum err err;

    memcpy(options.space, space->id, ID_LEN);
    if (home_path(&node->home, "store/real", path) != ERR_OK) {
        return node_complain("the path of this home is too long");
    }
    // Before it is opened: that, too, can meet a damaged page.
    if (store_suspect_path(path, suspect_path) != ERR_OK) {
        return node_complain("the path of this home is too long");
    }
    err = store_open(&space->store, path, &options);
    if (err == ERR_CORRUPT) {
        log_write(LOG_LEVEL_ERROR, "store-damaged", "action=%s", "rebuilding from what is intact");
        err = store_rebuild(path, &options, &rebuilt);
        if (err == ERR_OK) {
            log_write(LOG_LEVEL_WARNING, "store-rebuilt", "kept=%llu lost=%llu",
                      (unsigned long long)rebuilt.kept, (unsigned long long)rebuilt.lost);
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

static enum err restore_chain(void *engine, const struct chain *chain)
{
    return engine_restore_chain(engine, chain);
}

static enum err restore_ahead(void *engine, const struct record *record)
{
    return engine_restore_ahead(engine, record);
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
                                     .has_live_plane = node->config.has_live_plane};
    enum err err;

    memcpy(options.space, space->id, ID_LEN);
    err = engine_create(&space->engine, &options);
    if (err == ERR_OK) {
        err = store_each_chain(space->store, restore_chain, space->engine);
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
    struct groups_options options = {.self = node->self,
                                     .roster = node->roster,
                                     .keys = node->keys,
                                     .secrets = node->secrets,
                                     .store = space->store,
                                     .home = &node->home,
                                     .brings_keys = true,
                                     .bookmark = "store/groups",
                                     .is_rebuilt = space->was_rebuilt};
    uint8_t all[TAG_LEN];

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

enum err space_open(struct space **out, struct node *node)
{
    struct space *space = calloc(1, sizeof *space);
    enum err err;

    *out = space;
    if (space == NULL) {
        return node_complain("no memory left");
    }
    space->node = node;
    space->scrub_chain = CHAIN_NONE;
    space->chains_max = CHAINS_MAX;
    memcpy(space->id, node->roster->federation, ID_LEN);
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
    return err;
}

void space_begin(struct space *space)
{
    begin_own_log(space);
    if (space->was_rebuilt) {
        space_look_for_damage(space);
    }
}

void space_stop(struct space *space)
{
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
    groups_close(&space->groups);
    store_close(&space->store);
    if (space->engine != NULL && space->desk != NULL) {
        publishing_tighten_guard(space);
    }
    engine_destroy(&space->engine);
    desk_close(&space->desk);
    record_set_fini(&space->records);
    free(space);
    *handle = NULL;
}
