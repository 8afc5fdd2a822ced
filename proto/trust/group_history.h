// SPDX-License-Identifier: EUPL-1.2
// The changes of one group while it is worked out how the group stands: their order, what each has
// seen, and which of them count. PROTOCOL.md 14.5-14.8.
#ifndef TRUST_GROUP_HISTORY_H
#define TRUST_GROUP_HISTORY_H

#include "sitrep/group.h"

enum { CHANGE_WORDS = GROUP_CHANGES_MAX / 64, CENTRE_WORDS = CENTRES_MAX / 64, NO_NUMBER = -1 };

// Changes that count, by their number.
struct change_set {
    uint64_t words[CHANGE_WORDS];
};

// One distinct change.
struct step {
    const struct group_change *change;
    enum group_op op;
    bool has_key;
    bool is_part; // of the order
    enum group_effect effect;
    uint32_t centre;
    uint32_t author_centre;
    uint32_t parents[GROUP_AFTER_MAX]; // steps
    uint32_t parents_count;
    uint32_t parents_left; // not yet taken into the order
    uint32_t children_at;  // in the history's children
    uint32_t children_count;
    int32_t number;         // NO_NUMBER when it does not count
    struct change_set seen; // that count, of its past and itself
};

// A change that counts. Its number is its place among them, in the order of 14.5.
struct counted {
    const struct step *step;
    // What made its author's centre a member and an owner; NO_NUMBER where nothing had to.
    int32_t grounds[2];
    struct change_set overruling; // what overrules it [14.7]
};

struct history {
    const struct roster *roster;
    uint8_t group[TAG_LEN];
    bool is_all;
    struct step *steps; // ascending by id
    uint32_t steps_count;
    uint32_t *step_of; // of each change handed over
    uint32_t *children;
    uint32_t *order; // steps, the founding first, each behind its parents
    uint32_t order_count;
    int32_t founding_step; // NO_NUMBER when there is none
    struct group_body founding;
    uint32_t counted_count;
    struct counted counted[GROUP_CHANGES_MAX];
    struct change_set removals[CENTRES_MAX];    // of each centre as member
    struct change_set disownments[CENTRES_MAX]; // of each centre as owner, by either operation
};

struct history_subject {
    const uint8_t *group; // TAG_LEN bytes
    const struct roster *roster;
    bool is_all; // the group of all members
};

// Reads the changes, sorts out what is no change of the group, and puts the rest in order. `seen`
// and what counts are left to history_judge. The roster must outlive the history.
// Errors: ERR_NO_SPACE.
CHECKED enum err history_create(const struct history_subject *subject, struct group_changes changes,
                                struct history **out);
void history_destroy(struct history **history);

// Decides which changes count [14.6]. Called once.
void history_judge(struct history *history);

// Members and owners as the changes in `view` have it [14.8].
void history_view(const struct history *history, const struct change_set *view,
                  struct centre_set *members, struct centre_set *owners);

enum right { MEMBERSHIP, OWNERSHIP };

// Whom counted change `number` gives the right, whether that holds or not.
struct centre_set history_given(const struct history *history, uint32_t number, enum right right);

#endif
