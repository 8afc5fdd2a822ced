// SPDX-License-Identifier: EUPL-1.2
// Finds what is to be warned of, and writes or counts it. What a key or a fork is, others know.
#include "api/warnings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expiry.h"
#include "forks.h"
#include "groups/groups.h"
#include "json/roster_text.h"
#include "naming.h"
#include "reading/group_text.h"

enum { FORKS_SHOWN = 16, GROUPS_SHOWN = 16 };

struct list {
    const struct roster *roster;
    uint32_t self;
    struct text *out; // NULL where they are only counted
    uint64_t counts[WARNINGS];
};

const char *warning_text(enum warning warning)
{
    static const char *const texts[WARNINGS] = {[WARNING_ROSTER_EXPIRY] = "roster_expiry",
                                                [WARNING_KEY_EXPIRY] = "key_expiry",
                                                [WARNING_REVOKED] = "revoked",
                                                [WARNING_TRANSPORT_KEY] = "transport_key",
                                                [WARNING_SUCCESSOR] = "successor",
                                                [WARNING_GROUP_KEY] = "group_key",
                                                [WARNING_ROSTER_FORK] = "roster_fork",
                                                [WARNING_ROSTER_LATE] = "roster_late",
                                                [WARNING_PROPOSAL] = "proposal",
                                                [WARNING_FORK] = "fork"};
    assert(warning < WARNINGS);
    return texts[warning];
}

// Counts it; whether it is to be written, too, up to the brace that ends it.
static bool begin(struct list *list, enum warning warning)
{
    list->counts[warning]++;
    if (list->out == NULL) {
        return false;
    }
    text_open(list->out, '{');
    text_key(list->out, "about");
    text_string(list->out, warning_text(warning));
    return true;
}

static uint64_t within_days(enum expiry_stage stage)
{
    static const uint64_t days[] = {[EXPIRY_IN_90_DAYS] = 90,
                                    [EXPIRY_IN_30_DAYS] = 30,
                                    [EXPIRY_IN_7_DAYS] = 7,
                                    [EXPIRY_PAST] = 0};
    return days[stage];
}

static void write_node(const struct list *list, uint32_t node)
{
    text_key(list->out, "node");
    text_span(list->out, list->roster->nodes[node].name);
    text_key(list->out, "own");
    text_bool(list->out, node == list->self);
}

static void write_key(const struct list *list, const struct roster_key *key)
{
    uint8_t fingerprint[KEY_FINGERPRINT_LEN];
    key_fingerprint(key->bytes, fingerprint);
    text_key(list->out, "kind");
    text_string(list->out, key_kind_text(key->kind));
    if (key->kind != KEY_AUTHORITY) {
        write_node(list, key->index);
    }
    text_key(list->out, "fingerprint");
    text_hex(list->out, fingerprint, sizeof fingerprint);
}

static void tell_expiry(void *context, const struct expiry *expiry)
{
    struct list *list = context;
    if (!begin(list, expiry->is_roster ? WARNING_ROSTER_EXPIRY : WARNING_KEY_EXPIRY)) {
        return;
    }
    if (!expiry->is_roster) {
        write_key(list, &expiry->key);
    }
    text_key(list->out, "expires");
    text_time(list->out, expiry->expires_ms);
    text_key(list->out, "within_days");
    text_uint(list->out, within_days(expiry->stage));
    text_close(list->out, '}');
}

static void tell_own(struct list *list, enum warning warning, const char *message)
{
    if (begin(list, warning)) {
        text_key(list->out, "message");
        text_string(list->out, message);
        text_close(list->out, '}');
    }
}

static void tell_fork(struct list *list, const struct fork *fork)
{
    struct name name = {.epoch = fork->epoch, .seq = fork->seq};
    const struct span node = list->roster->nodes[fork->node].name;
    char text[NAME_SIZE];
    memcpy(name.node, node.bytes, node.len);
    name_format(&name, text);
    if (list->counts[WARNING_FORK] >= FORKS_SHOWN) {
        list->counts[WARNING_FORK]++;
    } else if (begin(list, WARNING_FORK)) {
        write_node(list, fork->node);
        text_key(list->out, "name");
        text_string(list->out, text);
        text_key(list->out, "healed");
        text_bool(list->out, fork->is_healed);
        text_close(list->out, '}');
    }
}

static void tell_forks(struct list *list, struct store *store)
{
    struct fork *forks = NULL;
    size_t count = 0;
    if (forks_list(store, list->roster, &forks, &count) == ERR_OK) {
        for (size_t i = 0; i < count; i++) {
            tell_fork(list, &forks[i]);
        }
    }
    free(forks);
}

static void tell_successor(struct list *list, struct desk *desk)
{
    struct home home = *desk_home(desk); // its `why` is for one thread
    uint8_t signing[SIGN_KEY_LEN];
    char message[256];
    if (home_next_signing(&home, signing) != ERR_OK) {
        return;
    }
    const int32_t index = roster_find_signing(list->roster, signing);
    if (index < 0 || list->roster->nodes[index].is_revoked) {
        return;
    }
    const struct span name = list->roster->nodes[index].name;
    (void)snprintf(message, sizeof message,
                   "this node's successor %.*s is in the roster: when all peers have version "
                   "%llu, which 'sitrep peers' shows, restart the node, and it goes on as %.*s",
                   (int)name.len, (const char *)name.bytes,
                   (unsigned long long)list->roster->version, (int)name.len,
                   (const char *)name.bytes);
    tell_own(list, WARNING_SUCCESSOR, message);
}

static void tell_group(struct list *list, const struct groups_view *groups,
                       const struct groups_item *item)
{
    char owners[CENTRES_TEXT_SIZE];
    char message[128 + GROUP_TEXT_SIZE + CENTRES_TEXT_SIZE];
    const bool is_needed = item->group->current == NULL;
    if (list->counts[WARNING_GROUP_KEY] >= GROUPS_SHOWN) {
        list->counts[WARNING_GROUP_KEY]++;
        return;
    }
    if (!begin(list, WARNING_GROUP_KEY)) {
        return;
    }
    roster_centres_text(groups->roster, &item->group->owners, owners);
    if (is_needed) {
        (void)snprintf(message, sizeof message,
                       "%s has no key to write with until a node of an owner brings one, by "
                       "itself: %s",
                       item->name, owners);
    } else {
        (void)snprintf(message, sizeof message,
                       "the key of %s is awaited: this node asks its peers for it", item->name);
    }
    text_key(list->out, "group");
    text_string(list->out, item->name);
    text_key(list->out, "message");
    text_string(list->out, message);
    text_close(list->out, '}');
}

static void tell_groups(struct list *list, struct desk *desk)
{
    const struct groups_view *groups = groups_hold(desk_groups(desk));
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->items[i].is_member && !groups->items[i].is_held) {
            tell_group(list, groups, &groups->items[i]);
        }
    }
    groups_release(groups);
}

static void write_rivals(const struct list *list)
{
    text_key(list->out, "rosters");
    text_open(list->out, '[');
    for (size_t i = 0; i < list->roster->rivals_count; i++) {
        text_open(list->out, '{');
        text_key(list->out, "version");
        text_uint(list->out, list->roster->rivals[i]->version);
        text_key(list->out, "hash");
        text_hex(list->out, list->roster->rivals[i]->hash, ID_LEN);
        text_close(list->out, '}');
    }
    text_close(list->out, ']');
}

// Rosters that contradict each other [5.18], and who signed more than one of them.
static void tell_roster_fork(struct list *list)
{
    const uint8_t *signers[2 * AUTHORITIES_MAX];
    if (list->roster->rivals_count == 0 || !begin(list, WARNING_ROSTER_FORK)) {
        return;
    }
    const size_t count = roster_fork_signers(list->roster, signers);
    write_rivals(list);
    text_key(list->out, "signed_both");
    text_open(list->out, '[');
    for (size_t i = 0; i < count; i++) {
        uint8_t fingerprint[KEY_FINGERPRINT_LEN];
        key_fingerprint(signers[i], fingerprint);
        text_hex(list->out, fingerprint, sizeof fingerprint);
    }
    text_close(list->out, ']');
    text_key(list->out, "message");
    text_string(list->out,
                "authorities have signed rosters that contradict each other, and only what all of "
                "them allow holds: see 'sitrep roster show'");
    text_close(list->out, '}');
}

static void tell_proposals(struct list *list, struct desk *desk)
{
    char message[160];
    if (groups_proposals_open(desk_groups(desk)) == 0) {
        return;
    }
    (void)snprintf(message, sizeof message,
                   "roster version %llu is proposed: 'sitrep roster proposals' shows what it "
                   "changes and who must still sign",
                   (unsigned long long)list->roster->version + 1);
    tell_own(list, WARNING_PROPOSAL, message);
}

static void tell_all(struct list *list, struct desk *desk, const struct desk_status *status)
{
    expiry_each(list->roster, status->wall_ms, tell_expiry, list);
    if (status->engine.is_revoked) {
        tell_own(
            list, WARNING_REVOKED,
            "this node was revoked: it publishes nothing more, and nobody connects with it. "
            "If its centre goes on, it needs a new node: 'sitrep join request' with a new home");
    }
    if (status->lacks_transport_key) {
        tell_own(list, WARNING_TRANSPORT_KEY,
                 "the roster names a newer transport key than this process has, and peers may "
                 "turn the old one away: restart the node. If that does not help, put back the "
                 "keys/node.key that 'sitrep keys rotate' wrote");
    }
    if (status->has_met_late_roster) {
        tell_own(list, WARNING_ROSTER_LATE,
                 "a roster was refused that goes back behind a change of authorities: nothing of "
                 "it holds, but somebody uses the key of an authority that was replaced. Find out "
                 "who still has such keys, and destroy what is left of them");
    }
    tell_successor(list, desk);
    tell_roster_fork(list);
    tell_proposals(list, desk);
    if (!status->engine.is_revoked) { // it gets no keys any more
        tell_groups(list, desk);
    }
    if (status->engine.forks > 0) { // what is looked for costs a pass over all chains
        tell_forks(list, desk_store(desk));
    }
}

void warnings_write(struct desk *desk, const struct desk_status *status, struct text *out)
{
    struct list list = {.roster = desk_roster(desk), .self = desk_self(desk), .out = out};
    text_key(out, "warnings");
    text_open(out, '[');
    tell_all(&list, desk, status);
    text_close(out, ']');
}

void warnings_count(struct desk *desk, const struct desk_status *status,
                    uint64_t counts[static WARNINGS])
{
    struct list list = {.roster = desk_roster(desk), .self = desk_self(desk)};
    tell_all(&list, desk, status);
    memcpy(counts, list.counts, sizeof list.counts);
}
