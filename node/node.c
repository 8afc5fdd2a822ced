// SPDX-License-Identifier: EUPL-1.2
// Opens a node: home, configuration, keys, roster, store, engine, transport, desk, API, in this
// order; closes in reverse.
#include "node.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <sodium.h>

#include "clock.h"

enum { CONFIG_MAX = 64 * 1024, MISTAKES_MAX = 8192, CHAINS_MAX = 4096 };

static char suspect_path[STORE_PATH_LEN]; // for the crash handler, which can be given nothing

// A damaged page can crash the reader. The mark makes the next start rebuild the store from what is
// intact.
static void mark_suspect(int signal_number)
{
    int fd = open(suspect_path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0) {
        close(fd);
    }
    (void)raise(signal_number); // SA_RESETHAND: now it ends the process
}

void node_mark_suspect(struct node *node)
{
    int fd = open(suspect_path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0) {
        close(fd);
    }
    node->must_restart = true;
}

static enum err complain(const char *text)
{
    fprintf(stderr, "sitrepd: %s\n", text);
    return ERR_STATE;
}

static enum err read_config(struct node *node)
{
    static char mistakes[MISTAKES_MAX];
    uint8_t *text = NULL;
    size_t len = 0;
    enum err err = home_read(&node->home, "node.conf", CONFIG_MAX, &text, &len);

    if (err == ERR_NOT_FOUND) {
        err = config_parse("", &node->config, mistakes, sizeof mistakes);
    } else if (err == ERR_OK) {
        err = config_parse((const char *)text, &node->config, mistakes, sizeof mistakes);
        if (err != ERR_OK) {
            fprintf(stderr, "%s", mistakes);
        }
    } else {
        complain(node->home.why);
    }
    free(text);
    return err;
}

static enum err read_keys(struct node *node)
{
    char *passphrase = NULL;
    bool needs = false;
    enum err err = home_needs_passphrase(&node->home, &needs);

    if (err == ERR_OK && needs) {
        err = home_ask_passphrase(&node->home, false, &passphrase);
    }
    if (err == ERR_OK) {
        err = home_load_node_keys(&node->home, passphrase, &node->keys);
    }
    if (err == ERR_OK) {
        err = home_load_group_keys(&node->home, passphrase, &node->group_keys);
    }
    passphrase_destroy(&passphrase);
    if (err == ERR_NOT_FOUND && node->keys != NULL) {
        return complain(
            "this node has not joined a federation yet: run 'sitrep join INVITATION' first");
    }
    return err == ERR_OK ? ERR_OK : complain(node->home.why);
}

static enum err read_roster(struct node *node)
{
    struct roster *roster = NULL;
    int32_t self;

    if (home_load_roster(&node->home, &roster) != ERR_OK) {
        return complain(node->home.why);
    }
    node_keep_roster(node, roster);
    self = roster_find_signing(node->roster, node->keys->signing_public);
    if (self < 0) {
        return complain("this node's key is not in the roster it holds; join with an invitation "
                        "made for this home");
    }
    node->self = (uint32_t)self;
    return ERR_OK;
}

static const struct group_key *find_all_members_key(const struct node *node)
{
    uint8_t group[TAG_LEN];

    group_all_members(node->roster->federation, group);
    for (size_t i = node->group_keys->count; i > 0; i--) {
        if (memcmp(node->group_keys->keys[i - 1].group, group, TAG_LEN) == 0) {
            return &node->group_keys->keys[i - 1];
        }
    }
    return NULL;
}

static enum err open_store(struct node *node)
{
    struct store_options options = {.reserve_bytes = node->config.reserve_mib * 1024 * 1024,
                                    .wall_ms = clock_wall_ms};
    struct store_rebuilt rebuilt;
    char path[4096];
    enum err err;

    memcpy(options.space, node->roster->federation, ID_LEN);
    if (home_path(&node->home, "store/real", path) != ERR_OK) {
        return complain("the path of this home is too long");
    }
    // Before it is opened: that, too, can meet a damaged page.
    if (store_suspect_path(path, suspect_path) != ERR_OK) {
        return complain("the path of this home is too long");
    }
    err = store_open(&node->store, path, &options);
    if (err == ERR_CORRUPT) {
        log_write(LOG_LEVEL_ERROR, "store-damaged", "action=%s", "rebuilding from what is intact");
        err = store_rebuild(path, &options, &rebuilt);
        if (err == ERR_OK) {
            log_write(LOG_LEVEL_WARNING, "store-rebuilt", "kept=%llu lost=%llu",
                      (unsigned long long)rebuilt.kept, (unsigned long long)rebuilt.lost);
            node->was_rebuilt = true;
            err = store_open(&node->store, path, &options);
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

static enum err open_engine(struct node *node)
{
    struct engine_options options = {.limits = {.chains_max = CHAINS_MAX,
                                                .peers_max = node->config.peers_max,
                                                .window_bytes = node->config.window_kib * 1024,
                                                .beacon_ms = node->config.beacon_ms,
                                                .retry_ms = node->config.retry_ms},
                                     .roster = node->roster,
                                     .signing_key = &node->keys->signing,
                                     .has_live_plane = node->config.has_live_plane};
    enum err err;

    node->all_members_key = find_all_members_key(node);
    if (node->all_members_key == NULL) {
        return complain(
            "this home holds no key of the group of all members; join again with a new invitation");
    }
    memcpy(options.space, node->roster->federation, ID_LEN);
    err = engine_create(&node->engine, &options);
    if (err == ERR_OK) {
        err = store_each_chain(node->store, restore_chain, node->engine);
    }
    if (err == ERR_OK) {
        err = store_each_ahead(node->store, restore_ahead, node->engine);
    }
    if (err == ERR_CORRUPT) {
        node_mark_suspect(node);
    }
    if (err != ERR_OK) {
        fprintf(stderr, "sitrepd: the store's heads cannot be read: %s\n", err_text(err));
    }
    return err;
}

// The address to listen on when the configuration names none: the roster's port on all addresses.
static enum err default_bind(char bind[static ENDPOINT_MAX_LEN + 1], struct span endpoint)
{
    size_t colon = endpoint.len;

    while (colon > 0 && endpoint.bytes[colon - 1] != ':') {
        colon--;
    }
    if (bind[0] != '\0') {
        return ERR_OK;
    }
    if (colon == 0) {
        return complain(
            "the roster names no endpoint for this node; set sync/bind and live/bind in node.conf");
    }
    (void)snprintf(bind, ENDPOINT_MAX_LEN + 1, "tcp://*:%.*s", (int)(endpoint.len - colon),
                   (const char *)endpoint.bytes + colon);
    return ERR_OK;
}

bool node_choose_pair(struct node *node)
{
    const struct transport_pair *before = node->pair;
    const struct roster_node *self = &node->roster->nodes[node->self];
    const struct transport_pair *pair = node_keys_find(node->keys, self->transport);

    if (pair == NULL) {
        log_write(LOG_LEVEL_ERROR, "transport-key-missing", "action=\"%s\"",
                  "the roster names a newer one: restart the node, or put its keys/node.key back");
        pair = before != NULL ? before : &node->keys->transport[0];
    }
    node->pair = pair;
    return pair != before;
}

static enum err open_transport(struct node *node)
{
    const struct roster_node *self = &node->roster->nodes[node->self];
    struct roster_endpoint endpoint =
        self->endpoints_count > 0 ? self->endpoints[0] : (struct roster_endpoint){0};
    struct transport_options options = {.roster = node->roster,
                                        .has_live_plane = node->config.has_live_plane};
    char why[256] = "";
    uint8_t group[1][TAG_LEN];

    if (default_bind(node->config.bind_sync, endpoint.sync) != ERR_OK ||
        default_bind(node->config.bind_live, endpoint.live) != ERR_OK) {
        return ERR_STATE;
    }
    options.bind_sync = node->config.bind_sync;
    options.bind_live = node->config.bind_live;
    (void)node_choose_pair(node);
    assert(node->pair != NULL);
    options.secret_key = node->pair->secret;
    memcpy(options.public_key, node->pair->public_key, BOX_KEY_LEN);
    if (transport_open(&node->transport, &options, why) != ERR_OK) {
        return complain(why);
    }
    group_all_members(node->roster->federation, group[0]);
    transport_set_groups(node->transport, (const uint8_t(*)[TAG_LEN])group, 1);
    return ERR_OK;
}

static enum err open_desk(struct node *node)
{
    struct desk_facts facts = {.self = node->self,
                               .store = node->store,
                               .group_keys = node->group_keys,
                               .home = node->home};
    char path[4096];
    char why[256] = "";

    memcpy(facts.space, node->roster->federation, ID_LEN);
    if (desk_open(&node->desk, &facts, node->roster) != ERR_OK) {
        return complain("no memory or descriptors left");
    }
    desk_set_arrival(node->desk, store_last_arrival(node->store));
    if (home_path(&node->home, "api.sock", path) != ERR_OK ||
        api_open(&node->api, path, node->desk, why) != ERR_OK) {
        return complain(why);
    }
    return ERR_OK;
}

static enum err take_signals(struct node *node)
{
    struct sigaction crash = {.sa_handler = mark_suspect, .sa_flags = (int)SA_RESETHAND};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 || sigaction(SIGSEGV, &crash, NULL) != 0 ||
        sigaction(SIGBUS, &crash, NULL) != 0) {
        return ERR_IO;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    node->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return node->signal_fd < 0 ? ERR_IO : ERR_OK;
}

// No core file and no other process of the same user may read the keys in memory.
static void hide_memory(void)
{
    const struct rlimit none = {0, 0};

    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}

static void begin_own_log(struct node *node)
{
    bool is_alone = true;

    for (size_t i = 0; i < node->roster->nodes_count; i++) {
        is_alone = is_alone && (i == node->self || node->roster->nodes[i].is_revoked);
    }
    publishing_load_guard(node);
    node->own_log_deadline_ms = clock_now_ms() + (is_alone ? 0 : node->config.own_log_wait_ms) + 1;
}

enum err node_open(struct node **out, const char *path)
{
    struct node *node = calloc(1, sizeof *node);
    enum err err;

    *out = NULL;
    if (node == NULL || sodium_init() < 0) {
        free(node);
        return complain("libsodium cannot be used, or no memory is left");
    }
    *out = node;
    node->signal_fd = -1;
    node->scrub_chain = CHAIN_NONE;
    node->chains_max = CHAINS_MAX;
    node->started_ms = clock_wall_ms();
    hide_memory();
    if (home_open(&node->home, path) != ERR_OK || home_lock(&node->home) != ERR_OK) {
        return complain(node->home.why);
    }
    err = read_config(node);
    if (err != ERR_OK) {
        return err;
    }
    log_open(log_level_named(node->config.log_level));
    if ((err = take_signals(node)) != ERR_OK || (err = read_keys(node)) != ERR_OK ||
        (err = read_roster(node)) != ERR_OK || (err = open_store(node)) != ERR_OK ||
        (err = open_engine(node)) != ERR_OK || (err = open_transport(node)) != ERR_OK ||
        (err = open_desk(node)) != ERR_OK) {
        return err;
    }
    begin_own_log(node);
    if (node->was_rebuilt) {
        upkeep_after_rebuild(node);
    }
    return ERR_OK;
}

void node_keep_roster(struct node *node, struct roster *roster)
{
    struct roster **grown =
        realloc(node->rosters, (node->rosters_count + 1) * sizeof(struct roster *));

    if (grown == NULL) {
        abort(); // out of memory: the supervisor starts anew, and nothing acknowledged is lost
    }
    node->rosters = grown;
    node->rosters[node->rosters_count++] = roster;
    node->roster = roster;
}

void node_close(struct node **handle)
{
    struct node *node = *handle;

    if (node == NULL) {
        return;
    }
    if (node->desk != NULL) {
        desk_stop(node->desk);
        publishing_stop(node);
    }
    api_close(&node->api);
    transport_close(&node->transport);
    store_close(&node->store);
    if (node->engine != NULL && node->desk != NULL) {
        publishing_tighten_guard(node);
    }
    engine_destroy(&node->engine);
    desk_close(&node->desk);
    record_set_fini(&node->records);
    for (size_t i = 0; i < node->rosters_count; i++) {
        roster_destroy(&node->rosters[i]);
    }
    free(node->rosters);
    group_keys_destroy(&node->group_keys);
    node_keys_destroy(&node->keys);
    if (node->signal_fd >= 0) {
        close(node->signal_fd);
    }
    free(node);
    *handle = NULL;
}
