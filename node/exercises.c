// SPDX-License-Identifier: EUPL-1.2
// The exercises this node takes part in: opened, made, ended for good. What they hold is the
// spaces'.
#include <assert.h>
#include <string.h>

#include "clock.h"
#include "node.h"
#include "sitrep/exercise.h"

// Its place among the spaces; 0: it is not held.
static size_t find(const struct node *node, const char *name)
{
    for (size_t i = 1; i < node->spaces_count; i++) {
        if (strcmp(node->spaces[i]->name, name) == 0) {
            return i;
        }
    }
    return 0;
}

// Links that were up before.
static void tell_of_links(struct space *space)
{
    struct node *node = space->node;

    for (uint32_t peer = 0; peer < node->roster->nodes_count; peer++) {
        struct event event = {.type = EVENT_PEER_UP, .peer = peer};
        struct transport_link link;

        if (transport_get_link(node->transport, peer, &link) == ERR_OK && link.is_connected) {
            space_step(space, &event);
            const struct choice choice = thin_choice(node, peer);

            space_set_line(space, peer, &choice.settings);
        }
    }
}

// What was heard of it while it was not held is no longer strange.
static void forget_strange(struct node *node, const uint8_t id[static ID_LEN])
{
    for (size_t i = 0; i < node->strange_count; i++) {
        if (memcmp(node->strange[i].id, id, TAG_LEN) == 0) {
            node->strange[i] = node->strange[--node->strange_count];
            return;
        }
    }
}

static enum err open_exercise(struct node *node, const char *name)
{
    struct space *space = NULL;
    enum err err = space_open(&space, node, name);

    if (err == ERR_OK) {
        err = api_add_space(node->api, name, space->desk);
    }
    if (err != ERR_OK) {
        space_close(&space);
        return err;
    }
    node->spaces[node->spaces_count++] = space;
    node_follow_groups(node);
    forget_strange(node, space->id);
    space_begin(space);
    tell_of_links(space);
    log_write(LOG_LEVEL_INFO, "exercise-held", "exercise=%s", name);
    return ERR_OK;
}

static enum err open_found(void *context, const char *name)
{
    struct node *node = context;
    enum err err = node->spaces_count < SPACES_MAX ? open_exercise(node, name) : ERR_LIMIT;

    if (err != ERR_OK) {
        log_write(LOG_LEVEL_ERROR, "exercise-not-opened", "exercise=%s reason=%s", name,
                  err_text(err));
    }
    return ERR_OK; // the real world goes on, and the other exercises
}

void exercises_open(struct node *node)
{
    if (home_each_exercise(&node->home, open_found, node) != ERR_OK) {
        log_write(LOG_LEVEL_ERROR, "exercises-not-opened", "why=\"%s\"", node->home.why);
    }
}

static enum err create(struct node *node, const char *name)
{
    enum err err;

    if (find(node, name) != 0) {
        return ERR_OK;
    }
    if (node->spaces_count == SPACES_MAX) {
        return ERR_LIMIT;
    }
    err = home_make_exercise(&node->home, name);
    // The folder is there, and the exercise is not held: it could not be opened before.
    return err == ERR_OK || err == ERR_STATE ? open_exercise(node, name) : err;
}

static enum err purge(struct node *node, const char *name)
{
    size_t at = find(node, name);
    struct space *space = node->spaces[at];
    enum err err;

    if (at == 0 || !space->is_stopped) {
        return ERR_NOT_FOUND;
    }
    node->spaces_count--;
    memmove(&node->spaces[at], &node->spaces[at + 1],
            (node->spaces_count - at) * sizeof(struct space *));
    space_close(&space);
    node_follow_groups(node);
    err = home_purge_exercise(&node->home, name);
    log_write(err == ERR_OK ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "exercise-purged",
              "exercise=%s reason=%s", name, err_text(err));
    return err;
}

enum err exercises_order(struct node *node, enum exercise_order order, const char *name)
{
    size_t at;

    assert(exercise_name_is_valid(name));
    switch (order) {
    case EXERCISE_CREATE:
        return create(node, name);
    case EXERCISE_STOP:
        at = find(node, name);
        if (at != 0) {
            space_stop(node->spaces[at]);
        }
        return ERR_OK;
    case EXERCISE_PURGE:
        return purge(node, name);
    }
    return ERR_NOT_FOUND;
}

static void describe(const struct space *space, struct desk_exercise *exercise)
{
    uint64_t now = clock_now_ms();
    struct engine_status status;
    struct store_stats stats;

    engine_get_status(space->engine, &status);
    store_get_stats(space->store, &stats);
    *exercise = (struct desk_exercise){
        .entries = status.entries, .bytes_used = stats.bytes_used, .end = space->end};
    memcpy(exercise->name, space->name, sizeof exercise->name);
    memcpy(exercise->id, space->id, ID_LEN);
    for (uint32_t peer = 0; peer < space->node->roster->nodes_count; peer++) {
        exercise->peers += envelope_is_heard(space, peer, now) ? 1 : 0;
    }
}

void exercises_list(struct node *node, struct desk_exercises *exercises)
{
    *exercises = (struct desk_exercises){.strange_count = node->strange_count};
    for (size_t i = 1; i < node->spaces_count; i++) {
        if (!node->spaces[i]->is_stopped) {
            describe(node->spaces[i], &exercises->held[exercises->held_count++]);
        }
    }
    memcpy(exercises->strange, node->strange, sizeof exercises->strange);
}
