// SPDX-License-Identifier: EUPL-1.2
// Frames of an exercise on the links that all spaces share: each of its messages travels inside
// one that names the space [16.2]. Which messages there are is the engine's business.
#include <string.h>

#include "clock.h"
#include "node.h"
#include "sitrep/exercise.h"

enum {
    HEARD_MS = 60000, // who was heard within it takes part
    KNOCK_MS = 30000, // who was not is spoken to once in this time
};

bool envelope_is_heard(const struct space *space, uint32_t peer, uint64_t now_ms)
{
    uint64_t heard_ms = space->contacts[peer].heard_ms;

    return heard_ms != 0 && now_ms < heard_ms + HEARD_MS;
}

// A peer that does not take part costs the link next to nothing.
static bool may_speak(struct space *space, uint32_t peer)
{
    struct contact *contact = &space->contacts[peer];
    uint64_t now = clock_now_ms();

    if (envelope_is_heard(space, peer, now)) {
        return true;
    }
    if (contact->knocked_ms != 0 && now < contact->knocked_ms + KNOCK_MS) {
        return false;
    }
    contact->knocked_ms = now;
    return true;
}

static struct span wrap(struct space *space, struct span message)
{
    if (!space_is_exercise(space)) {
        return message;
    }
    return (struct span){space->frame, exercise_wrap(space->id, message, space->frame)};
}

void space_send(struct space *space, const struct effect_send *send)
{
    if (!space_is_exercise(space) || may_speak(space, send->peer)) {
        thin_send(space->node, send, wrap(space, send->bytes));
    }
}

void space_publish(struct space *space, const struct effect_publish *effect)
{
    transport_publish(space->node->transport, effect->precedence, effect->group,
                      wrap(space, effect->bytes));
}

void envelope_peer_changed(struct space *space, uint32_t peer)
{
    if (space_is_exercise(space)) {
        space->contacts[peer] = (struct contact){0};
    }
}

// -- what comes --

// The place for a space this node does not hold; that of the one heard of longest ago when there
// are too many.
static struct strange_space *find_strange(struct node *node, const uint8_t id[static TAG_LEN])
{
    struct strange_space *oldest = &node->strange[0];

    for (size_t i = 0; i < node->strange_count; i++) {
        struct strange_space *strange = &node->strange[i];

        if (memcmp(strange->id, id, TAG_LEN) == 0) {
            return strange;
        }
        oldest = strange->heard_ms < oldest->heard_ms ? strange : oldest;
    }
    if (node->strange_count < STRANGE_SPACES_MAX) {
        oldest = &node->strange[node->strange_count++];
    }
    *oldest = (struct strange_space){0};
    memcpy(oldest->id, id, TAG_LEN);
    return oldest;
}

struct space *envelope_open(struct node *node, uint32_t peer, struct span *frame)
{
    struct strange_space *strange;
    struct span message;
    uint8_t id[TAG_LEN];

    // What is malformed the engine of the real world counts, as all that is.
    if (!exercise_is_wrapped(*frame) || exercise_unwrap(*frame, id, &message) != ERR_OK) {
        return node->spaces[0];
    }
    for (size_t i = 1; i < node->spaces_count; i++) {
        struct space *space = node->spaces[i];

        if (memcmp(space->id, id, TAG_LEN) == 0) {
            space->contacts[peer].heard_ms = clock_now_ms();
            *frame = message;
            return space;
        }
    }
    strange = find_strange(node, id);
    strange->peer = peer;
    strange->frames++;
    strange->heard_ms = clock_wall_ms();
    return NULL;
}
