// SPDX-License-Identifier: EUPL-1.2
// What the engine notes: told to the transcript, to the oracle, and to the shell's part that must
// act on it.
#include "sim/note.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/audit.h"
#include "sim/groups.h"
#include "sim/world.h"

enum { NAME_ROOM = 64 };

static void ask_unless_held(struct world *world, const struct node *node, uint32_t peer,
                            const uint8_t hash[static ID_LEN])
{
    uint32_t number = federation_find(&world->federation, hash);
    if (number != 0 && federation_holds(&world->federation, node->version, number)) {
        return;
    }
    uint8_t *copy = malloc(ID_LEN);
    assert(copy);
    memcpy(copy, hash, ID_LEN);
    world_after(world, 1,
                (struct happening){.type = HAPPENS_ROSTER_ASK,
                                   .node = node->index,
                                   .other = peer,
                                   .bytes = copy,
                                   .len = ID_LEN});
}

static void see_roster(struct world *world, struct node *node, uint32_t peer, struct span bytes)
{
    const struct federation *federation = &world->federation;
    const struct roster *current = federation->rosters[node->version - 1];
    struct roster *next = NULL;
    if (roster_decode(bytes.bytes, bytes.len, &next) != ERR_OK) {
        return;
    }
    uint32_t number = federation_find(federation, next->hash);
    if (number == 0 && roster_check_next(current, next) == ERR_OK) {
        world_fail(world, "%c accepts a forged roster", node_letter(world, node));
    }
    if (number != 0 && federation_take(federation, node->version, next) != 0) {
        world_after(
            world, 1,
            (struct happening){.type = HAPPENS_ROSTER, .node = node->index, .number = number});
    } else if (number != 0) {
        for (size_t i = 0; i < next->parents_count; i++) {
            ask_unless_held(world, node, peer, next->parents[i]);
        }
    }
    roster_destroy(&next);
}

static void see_wanted(struct world *world, struct node *node, const struct note *note)
{
    for (uint32_t number = 1; number <= world->federation.versions; number++) {
        const struct roster *roster = world->federation.rosters[number - 1];
        bool is_meant = note->has_hash ? memcmp(roster->hash, note->hash, ID_LEN) == 0
                                       : roster->version == note->seq;
        if (is_meant && roster->rivals_count == 0 &&
            federation_holds(&world->federation, node->version, number)) {
            world_after(world, 1,
                        (struct happening){.type = HAPPENS_ROSTER_COPY,
                                           .node = node->index,
                                           .other = note->peer,
                                           .number = number});
        }
    }
}

// An entry as people name it: "a/3", in later epochs "a.1/3".
static void name_entry(const struct world *world, const struct node *node, const struct note *note,
                       char out[static NAME_ROOM])
{
    const struct roster *roster = federation_last(&world->federation);
    struct chain found;
    const struct chain *chain = &found;
    if (engine_get_chain(node->engine, note->chain, &found) != ERR_OK) {
        snprintf(out, NAME_ROOM, "something");
        return;
    }
    int author = 'a' + roster_find_signing(roster, chain->author);
    if (chain->epoch == 0) {
        snprintf(out, NAME_ROOM, "%c/%" PRIu64, author, note->seq);
    } else {
        snprintf(out, NAME_ROOM, "%c.%" PRIu64 "/%" PRIu64, author, chain->epoch, note->seq);
    }
}

static void say_note(struct world *world, const struct node *node, const struct note *note)
{
    char letter = node_letter(world, node);
    int peer = 'a' + (int)note->peer;
    char entry[NAME_ROOM] = "";
    if (world->is_verbose || world->has_transcript) {
        name_entry(world, node, note, entry);
    }
    switch (note->type) {
    case NOTE_PUBLISHED:
        world_tell(world, "%c published %" PRIu64 "/%" PRIu64, letter, note->epoch, note->seq);
        break;
    case NOTE_PUBLISH_FAILED:
        world_tell(world, "%c refuses to publish: %s", letter, err_text(note->err));
        break;
    case NOTE_STORED:
        world_tell(world, "%c stored %s", letter, entry);
        break;
    case NOTE_FORK:
        world_tell(world, "%c sees a fork at %s", letter, entry);
        break;
    case NOTE_DAMAGED:
        world_tell(world, "%c found %s damaged", letter, entry);
        break;
    case NOTE_REPAIRED:
        world_tell(world, "%c repaired %s", letter, entry);
        break;
    case NOTE_OWN_LOG_READY:
        world_tell(world, "%c may publish", letter);
        break;
    case NOTE_REFUSED:
        world_say(world, "%c refused from %c: %s", letter, peer, refusal_text(note->refusal));
        break;
    case NOTE_CONVERGED:
        world_say(world, "%c converged with %c", letter, peer);
        break;
    case NOTE_ROSTER_SEEN:
        world_say(world, "%c saw a newer roster with %c", letter, peer);
        break;
    case NOTE_ROSTER_WANTED:
        world_say(world, "%c is asked for a roster by %c", letter, peer);
        break;
    case NOTE_KEY_WANTED:
        world_say(world, "%c is asked for a key by %c for %c", letter, peer,
                  'a' + (int)note->index);
        break;
    case NOTE_KEY_CAME:
        world_say(world, "%c gets a key from %c", letter, peer);
        break;
    case NOTE_ROSTER_TOLD:
        world_say(world, "%c is told of another roster by %c", letter, peer);
        break;
    case NOTE_LINE:
        world_say(world, "%c hears of %" PRIu32 " bit/s from %c", letter, note->rate, peer);
        break;
    }
}

void note_take(struct world *world, struct node *node, const struct note *note)
{
    say_note(world, node, note);
    switch (note->type) {
    case NOTE_PUBLISHED:
    case NOTE_PUBLISH_FAILED:
        oracle_note(world, node->index, note);
        break;
    case NOTE_STORED:
        if (note->seq > 0 && !disk_resolve(&node->disk.state, note->chain, note->seq)) {
            world_fail(world, "%c says that chain %u seq %" PRIu64 " is stored, and it is not",
                       node_letter(world, node), note->chain, note->seq);
        }
        break;
    case NOTE_REFUSED:
        world->tally.refused++;
        audit_refusal(world, node, note);
        break;
    case NOTE_ROSTER_SEEN:
        see_roster(world, node, note->peer, note->bytes);
        break;
    case NOTE_ROSTER_WANTED:
        see_wanted(world, node, note);
        break;
    case NOTE_ROSTER_TOLD:
        ask_unless_held(world, node, note->peer, note->hash);
        break;
    case NOTE_OWN_LOG_READY:
        node->is_own_ready = true;
        node->was_restored = false;
        break;
    case NOTE_KEY_WANTED:
        groups_wanted(world, node, note);
        break;
    case NOTE_KEY_CAME:
        groups_take_key(world, node, note);
        break;
    case NOTE_LINE:
        world_after(world, 0,
                    (struct happening){.type = HAPPENS_LINE_TOLD,
                                       .node = node->index,
                                       .other = note->peer,
                                       .number = note->rate});
        break;
    case NOTE_FORK:
    case NOTE_DAMAGED:
    case NOTE_REPAIRED:
    case NOTE_CONVERGED:
        break;
    }
}
