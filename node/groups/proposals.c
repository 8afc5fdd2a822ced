// SPDX-License-Identifier: EUPL-1.2
// Proposals of rosters that came as entries [5.24]: kept while they may still follow, merged, and
// handed to the loop when enough have signed. Whether a roster may follow is proto's to say.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "groups/state.h"

enum {
    // Against a member that floods; a member that does not has few at a time.
    PROPOSED_MAX = 64,
    PROPOSED_OF_ONE_MAX = 8,
    PROPOSED_BYTES_MAX = 16 * 1024 * 1024
};

static void forget(struct groups *groups, size_t at)
{
    groups->proposed_bytes -= groups->proposed[at].len;
    free(groups->proposed[at].bytes);
    groups->proposed_count--;
    memmove(&groups->proposed[at], &groups->proposed[at + 1],
            (groups->proposed_count - at) * sizeof *groups->proposed);
}

void proposals_close(struct groups *groups)
{
    while (groups->proposed_count > 0) {
        forget(groups, groups->proposed_count - 1);
    }
    free(groups->proposed);
}

static size_t count_of(const struct groups *groups, uint32_t author)
{
    size_t count = 0;
    for (size_t i = 0; i < groups->proposed_count; i++) {
        count += groups->proposed[i].entry.author == author;
    }
    return count;
}

// The oldest of who has the most: so nobody's few go for another's many.
static void forget_one(struct groups *groups)
{
    size_t most = 0;
    size_t at = 0;
    for (size_t i = 0; i < groups->proposed_count; i++) {
        const size_t count = count_of(groups, groups->proposed[i].entry.author);
        if (count > most) {
            most = count;
            at = i;
        }
    }
    forget(groups, at);
}

static void forget_oldest_of(struct groups *groups, uint32_t author)
{
    size_t at = 0;
    while (groups->proposed[at].entry.author != author) {
        at++;
    }
    forget(groups, at);
}

static bool has(const struct groups *groups, const uint8_t id[static ID_LEN])
{
    for (size_t i = 0; i < groups->proposed_count; i++) {
        if (memcmp(groups->proposed[i].entry.id, id, ID_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static void keep(struct groups *groups, const struct proposed *proposed)
{
    if (count_of(groups, proposed->entry.author) == PROPOSED_OF_ONE_MAX) {
        forget_oldest_of(groups, proposed->entry.author);
    }
    while (groups->proposed_count > 0 &&
           (groups->proposed_count == PROPOSED_MAX ||
            groups->proposed_bytes + proposed->len > PROPOSED_BYTES_MAX)) {
        forget_one(groups);
    }
    struct proposed *const grown =
        realloc(groups->proposed, (groups->proposed_count + 1) * sizeof *grown);
    if (grown == NULL) {
        abort();
    }
    groups->proposed = grown;
    grown[groups->proposed_count++] = *proposed;
    groups->proposed_bytes += proposed->len;
}

bool proposal_add(struct groups *groups, const struct groups_entry *entry, struct span content)
{
    struct span bytes;
    struct proposal *proposal = NULL;
    struct proposed proposed = {.entry = *entry};
    if (proposal_body_decode(content, &bytes) != ERR_OK ||
        proposal_decode(bytes.bytes, bytes.len, &proposal) != ERR_OK) {
        return false; // shown like any entry, and none
    }
    proposed.version = proposal->roster->version;
    proposal_destroy(&proposal);
    if (proposed.version <= groups->follower.roster->version) {
        return false;
    }
    proposed.len = bytes.len;
    proposed.bytes = malloc(bytes.len);
    if (proposed.bytes == NULL) {
        abort();
    }
    memcpy(proposed.bytes, bytes.bytes, bytes.len);
    pthread_mutex_lock(&groups->lock);
    const bool is_new = !has(groups, entry->id);
    if (is_new) {
        keep(groups, &proposed);
    }
    pthread_mutex_unlock(&groups->lock);
    if (!is_new) {
        free(proposed.bytes);
    }
    groups->follower.has_proposals |= is_new;
    return is_new;
}

// -- what they amount to --

// Copies of what is kept: signatures are checked without the lock.
static struct proposed *copy_all(struct groups *groups, size_t *count)
{
    pthread_mutex_lock(&groups->lock);
    struct proposed *const copies = calloc(groups->proposed_count + 1, sizeof *copies);
    if (copies == NULL) {
        abort();
    }
    *count = groups->proposed_count;
    for (size_t i = 0; i < *count; i++) {
        copies[i] = groups->proposed[i];
        copies[i].bytes = malloc(copies[i].len);
        if (copies[i].bytes == NULL) {
            abort();
        }
        memcpy(copies[i].bytes, groups->proposed[i].bytes, copies[i].len);
    }
    pthread_mutex_unlock(&groups->lock);
    return copies;
}

// What may follow and was not written beyond a revocation [5.11].
static struct proposal *open_one(const struct proposed *proposed, const struct roster *roster)
{
    struct proposal *proposal = NULL;
    const struct groups_entry *entry = &proposed->entry;
    if (entry->author >= roster->nodes_count ||
        entry->seq > roster_counts_to(roster, entry->author, entry->epoch) ||
        proposal_decode(proposed->bytes, proposed->len, &proposal) != ERR_OK) {
        return NULL;
    }
    if (proposal_check(roster, proposal) != ERR_OK) {
        proposal_destroy(&proposal);
    }
    return proposal;
}

static void add_entry(struct groups_proposal *to, const struct groups_entry *entry)
{
    struct groups_entry *const grown =
        realloc(to->entries, (to->entries_count + 1) * sizeof *grown);
    if (grown == NULL) {
        abort();
    }
    to->entries = grown;
    grown[to->entries_count++] = *entry;
}

// Among the first `count`, one with these roster bytes takes it in; else it is the next.
static size_t merge(struct groups_proposal *list, size_t count, struct proposal *proposal,
                    const struct groups_entry *entry)
{
    for (size_t i = 0; i < count; i++) {
        if (proposal_merge(list[i].proposal, proposal) == ERR_OK) {
            add_entry(&list[i], entry);
            proposal_destroy(&proposal);
            return count;
        }
    }
    list[count].proposal = proposal;
    add_entry(&list[count], entry);
    return count + 1;
}

size_t groups_proposals(struct groups *groups, const struct roster *roster,
                        struct groups_proposal **list)
{
    size_t copies_count = 0;
    size_t count = 0;
    struct proposed *copies = copy_all(groups, &copies_count);
    struct groups_proposal *const made = calloc(copies_count + 1, sizeof *made);
    if (made == NULL) {
        abort();
    }
    for (size_t i = 0; i < copies_count; i++) {
        struct proposal *const proposal = open_one(&copies[i], roster);
        if (proposal != NULL) {
            count = merge(made, count, proposal, &copies[i].entry);
        }
        free(copies[i].bytes);
    }
    free(copies);
    *list = made;
    return count;
}

void groups_proposals_free(struct groups_proposal **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        proposal_destroy(&(*list)[i].proposal);
        free((*list)[i].entries);
    }
    free(*list);
    *list = NULL;
}

static void drop_stale(struct groups *groups, uint64_t version)
{
    pthread_mutex_lock(&groups->lock);
    for (size_t i = groups->proposed_count; i > 0; i--) {
        if (groups->proposed[i - 1].version <= version) {
            forget(groups, i - 1);
        }
    }
    pthread_mutex_unlock(&groups->lock);
}

static void hand_over(struct groups *groups, const struct proposal *proposal)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (proposal_encode(proposal, &bytes, &len) != ERR_OK) {
        abort();
    }
    // Another may have brought it meanwhile.
    const enum err err = desk_add_roster(groups->desk, (struct span){bytes, len});
    if (err == ERR_OK) {
        log_write(LOG_LEVEL_INFO, "proposal-in-force", "version=%llu",
                  (unsigned long long)proposal->roster->version);
    } else if (err != ERR_STATE) {
        log_write(LOG_LEVEL_WARNING, "proposal-not-taken", "version=%llu why=\"%s\"",
                  (unsigned long long)proposal->roster->version, err_text(err));
    }
    free(bytes);
}

size_t groups_proposals_open(struct groups *groups)
{
    pthread_mutex_lock(&groups->lock);
    const size_t count = groups->proposals_open;
    pthread_mutex_unlock(&groups->lock);
    return count;
}

static void set_open(struct groups *groups, size_t count)
{
    pthread_mutex_lock(&groups->lock);
    const bool is_more = count > groups->proposals_open;
    groups->proposals_open = count;
    pthread_mutex_unlock(&groups->lock);
    if (is_more) {
        log_write(LOG_LEVEL_INFO, "roster-proposed", "open=%zu action=\"%s\"", count,
                  "sitrep roster proposals shows what is to be signed");
    }
}

void proposals_take(struct groups *groups)
{
    const struct roster *const roster = groups->follower.roster;
    struct groups_proposal *list = NULL;
    struct proposal_tally tally = {.is_complete = false};
    groups->follower.has_proposals = false;
    drop_stale(groups, roster->version);
    const size_t count = groups_proposals(groups, roster, &list);
    set_open(groups, count);
    for (size_t i = 0; i < count && !tally.is_complete; i++) {
        proposal_count(roster, list[i].proposal, &tally);
        if (tally.is_complete) {
            hand_over(groups, list[i].proposal);
        }
    }
    groups_proposals_free(&list, count);
}
