// SPDX-License-Identifier: EUPL-1.2
// The groups of a run: who may have which key, who holds it, and the part of a node's shell that
// answers for it. Changes of groups are known to nodes after a while, as entries would be.
#ifndef SIM_GROUPS_H
#define SIM_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/network.h"
#include "sitrep/engine.h"
#include "sitrep/group.h"

struct world;
struct node;
struct happening;

enum { GROUPS_MAX = 3, GROUP_CHANGES = 3 * GROUPS_MAX, CHANGE_ROOM = 512 };

struct group_of_run {
    uint8_t id[TAG_LEN];
    uint32_t founder; // member, and the only owner
    uint32_t members; // as bits
    bool has_history;
    bool is_changed; // beyond its founding and its first key
};

struct change_of_run {
    uint32_t group; // its place
    uint8_t id[ID_LEN];
    uint8_t content[CHANGE_ROOM];
    size_t len;
    uint64_t known_ms[INSTANCES_MAX]; // when each instance learns of it
    bool has_key;
    struct group_key key;
    uint32_t audience; // members who may have it, as bits: the audit's own reckoning
};

struct groups {
    struct group_of_run list[GROUPS_MAX];
    uint32_t count;
    struct change_of_run changes[GROUP_CHANGES];
    uint32_t changes_count;
};

// Founds a group, or changes one.
void groups_change(struct world *world);
// The instance founds a group of these members, as bits, with a key that it alone holds.
void groups_found(struct world *world, struct node *node, uint32_t members);

// -- a node's shell --

void groups_begin_node(struct world *world, struct node *node);
// Tells the engine which keys the node may have and lacks.
void groups_refresh(struct world *world, struct node *node);
void groups_wanted(struct world *world, const struct node *node, const struct note *note);
void groups_judge(struct world *world, struct node *node, const struct happening *question);
void groups_take_key(struct world *world, struct node *node, const struct note *note);

// A key the node may write with, by chance; that of all members most often.
const struct group_key *groups_pick_key(struct world *world, const struct node *node);
// The body of a record that the node holds the key of, or, when it is NULL, anybody; valid until
// the next one is opened. False: it cannot be opened.
bool groups_open_body(const struct world *world, const struct node *node, const struct chain *chain,
                      const struct record *record, struct span *content);
// The place of a group; GROUPS_MAX: it is that of all members.
uint32_t groups_find(const struct world *world, const uint8_t group[static TAG_LEN]);

// -- audit --

// A member has come by that key: it must be one it may have.
void groups_audit_key(struct world *world, uint32_t member, const struct group_key *key);
// Whether everyone who may have a key has it, when one holds it who can be relied on.
bool groups_are_settled(struct world *world, char *why, size_t why_size);

#endif
