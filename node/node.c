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

enum { CONFIG_MAX = 64 * 1024, MISTAKES_MAX = 8192 };

enum err node_complain(const char *text)
{
    fprintf(stderr, "sitrepd: %s\n", text);
    return ERR_STATE;
}

static enum err read_login(struct node *node)
{
    if (*node->config.socks_login == '\0' ||
        home_read_login(&node->home, node->config.socks_login, &node->login) == ERR_OK) {
        return ERR_OK;
    }
    fprintf(stderr, "node.conf:%u: transport/socks_login: %s\n", node->config.socks_login_line,
            node->home.why);
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
        node_complain(node->home.why);
    }
    free(text);
    return err == ERR_OK ? read_login(node) : err;
}

// The newest roster held may have this home's successor [5.22]: then it is the successor's from
// here on. One that took over before and was cut off at the end has both files the same.
static enum err take_next_keys(struct node *node, const char *passphrase)
{
    struct node_keys *next = NULL;
    struct roster *roster = NULL;
    enum err err = home_load_next_keys(&node->home, passphrase, &next);

    if (err != ERR_OK) {
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    err = home_load_roster(&node->home, &roster);
    if (err == ERR_OK && node_keys_are_admitted(next, roster)) {
        err = home_take_next_keys(&node->home, passphrase, next);
        if (err == ERR_OK) {
            struct node_keys *former = node->keys;

            log_write(LOG_LEVEL_INFO, "successor", "action=\"%s\"",
                      "going on under the new keys; have the former node revoked");
            node->keys = next;
            next = former;
        }
    }
    roster_destroy(&roster);
    node_keys_destroy(&next);
    return err;
}

static enum err read_keys(struct node *node)
{
    char *passphrase = NULL;
    struct group_keys *groups = NULL;
    bool needs = false;
    enum err err = home_needs_passphrase(&node->home, &needs);

    if (err == ERR_OK && needs) {
        err = home_ask_passphrase(&node->home, false, &passphrase);
    }
    if (err == ERR_OK) {
        err = home_load_node_keys(&node->home, passphrase, &node->keys);
    }
    if (err == ERR_OK) {
        err = home_load_group_keys(&node->home, passphrase, &groups);
    }
    if (err == ERR_OK) {
        err = take_next_keys(node, passphrase);
    }
    if (err == ERR_OK) {
        secrets_open(&node->secrets, &node->home, &passphrase, &groups);
    }
    group_keys_destroy(&groups);
    passphrase_destroy(&passphrase);
    if (err == ERR_NOT_FOUND && node->keys != NULL) {
        return node_complain(
            "this node has not joined a federation yet: run 'sitrep join INVITATION' first");
    }
    return err == ERR_OK ? ERR_OK : node_complain(node->home.why);
}

static enum err read_roster(struct node *node)
{
    struct roster *roster = NULL;
    int32_t self;

    if (lineage_open(&node->home, &node->lineage) != ERR_OK ||
        lineage_stand(node->lineage, &roster) != ERR_OK) {
        return node_complain(node->home.why);
    }
    node_keep_roster(node, roster);
    if (roster->rivals_count > 0) {
        log_write(LOG_LEVEL_ERROR, "roster-forked", "rivals=%zu action=%s", roster->rivals_count,
                  "see: sitrep roster show");
    }
    self = roster_find_signing(node->roster, node->keys->signing_public);
    if (self < 0 && node->roster->rivals_count > 0) {
        return node_complain("authorities signed rosters that contradict each other, and what all "
                             "of them allow leaves this node out: 'sitrep roster show' says more");
    }
    if (self < 0) {
        return node_complain(
            "this node's key is not in the roster it holds; join with an invitation "
            "made for this home");
    }
    node->self = (uint32_t)self;
    return ERR_OK;
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
        return node_complain(
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

// Of each space the group of all members first, then those this node is in, as far as there is
// room; the rest comes by the sync plane.
static void choose_groups(const struct groups_view *view, uint8_t (*groups)[TAG_LEN], size_t *count)
{
    for (size_t i = 0; i < view->count && *count < TRANSPORT_GROUPS_MAX; i++) {
        if (view->items[i].is_member) {
            memcpy(groups[(*count)++], view->items[i].group->id, TAG_LEN);
        }
    }
}

void node_follow_groups(struct node *node)
{
    uint8_t groups[TRANSPORT_GROUPS_MAX][TAG_LEN] = {0};
    size_t count = 0;

    for (size_t i = 0; i < node->spaces_count; i++) {
        const struct groups_view *view = groups_hold(node->spaces[i]->groups);

        choose_groups(view, groups, &count);
        groups_release(view);
    }
    // Setting them opens the live plane's links anew, so not without need.
    if (count != node->followed_count || memcmp(groups, node->followed, sizeof groups) != 0) {
        memcpy(node->followed, groups, sizeof groups);
        node->followed_count = count;
        transport_set_groups(node->transport, (const uint8_t(*)[TAG_LEN])groups, count);
    }
}

static enum err open_transport(struct node *node)
{
    const struct roster_node *self = &node->roster->nodes[node->self];
    struct roster_endpoint endpoint =
        self->endpoints_count > 0 ? self->endpoints[0] : (struct roster_endpoint){0};
    struct transport_options options = {.roster = node->roster,
                                        .has_live_plane = node->config.has_live_plane};
    char why[256] = "";

    if (default_bind(node->config.bind_sync, endpoint.sync) != ERR_OK ||
        default_bind(node->config.bind_live, endpoint.live) != ERR_OK) {
        return ERR_STATE;
    }
    options.bind_sync = node->config.bind_sync;
    options.bind_live = node->config.bind_live;
    options.proxy.address = *node->config.socks != '\0' ? node->config.socks : NULL;
    options.proxy.user = node->login != NULL ? node->login->user : NULL;
    options.proxy.password = node->login != NULL ? node->login->password : NULL;
    (void)node_choose_pair(node);
    assert(node->pair != NULL);
    options.secret_key = node->pair->secret;
    memcpy(options.public_key, node->pair->public_key, BOX_KEY_LEN);
    if (transport_open(&node->transport, &options, why) != ERR_OK) {
        return node_complain(why);
    }
    home_login_destroy(&node->login);
    node_follow_groups(node);
    return ERR_OK;
}

static enum err open_real(struct node *node)
{
    node->spaces_count = 1;
    return space_open(&node->spaces[0], node, "");
}

static enum err open_api(struct node *node)
{
    char path[4096];
    char why[256] = "";

    if (home_path(&node->home, "api.sock", path) != ERR_OK ||
        api_open(&node->api, path, node->spaces[0]->desk, why) != ERR_OK) {
        return node_complain(why);
    }
    return ERR_OK;
}

static enum err take_signals(struct node *node)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 || space_watch_crashes() != ERR_OK) {
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

enum err node_open(struct node **out, const char *path)
{
    struct node *node = calloc(1, sizeof *node);
    enum err err;

    *out = NULL;
    if (node == NULL || sodium_init() < 0) {
        free(node);
        return node_complain("libsodium cannot be used, or no memory is left");
    }
    *out = node;
    node->signal_fd = -1;
    node->started_ms = clock_wall_ms();
    hide_memory();
    if (home_open(&node->home, path) != ERR_OK || home_lock(&node->home) != ERR_OK) {
        return node_complain(node->home.why);
    }
    err = read_config(node);
    if (err != ERR_OK) {
        return err;
    }
    log_open(log_level_named(node->config.log_level));
    if ((err = take_signals(node)) != ERR_OK || (err = read_keys(node)) != ERR_OK ||
        (err = read_roster(node)) != ERR_OK || (err = open_real(node)) != ERR_OK ||
        (err = open_transport(node)) != ERR_OK || (err = open_api(node)) != ERR_OK) {
        return err;
    }
    thin_open(node);
    space_begin(node->spaces[0]);
    exercises_open(node);
    return ERR_OK;
}

const char *node_peer_name(const struct node *node, uint32_t peer,
                           char out[static NAME_MAX_LEN + 1])
{
    struct span name = {(const uint8_t *)"?", 1};

    if (peer < node->roster->nodes_count) {
        name = node->roster->nodes[peer].name;
    }
    memcpy(out, name.bytes, name.len);
    out[name.len] = '\0';
    return out;
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
    for (size_t i = 0; i < node->spaces_count; i++) {
        space_stop(node->spaces[i]);
    }
    api_close(&node->api);
    transport_close(&node->transport);
    thin_close(node);
    for (size_t i = node->spaces_count; i > 0; i--) { // exercises lean on the real world
        space_close(&node->spaces[i - 1]);
    }
    for (size_t i = 0; i < node->rosters_count; i++) {
        roster_destroy(&node->rosters[i]);
    }
    free(node->rosters);
    lineage_close(&node->lineage);
    secrets_close(&node->secrets);
    home_login_destroy(&node->login);
    node_keys_destroy(&node->keys);
    if (node->signal_fd >= 0) {
        close(node->signal_fd);
    }
    free(node);
    *handle = NULL;
}
