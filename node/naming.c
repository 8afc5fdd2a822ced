// SPDX-License-Identifier: EUPL-1.2
// Names of entries. Keeps a table of the store's chains, which only grows; letters are worked out
// when it is read. Opens no body and checks no record.
#include "naming.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// -- text --

void name_format(const struct name *name, char out[static NAME_SIZE])
{
    char epoch[16] = "";
    char fork[2] = {name->fork, '\0'};
    if (name->epoch > 0) {
        snprintf(epoch, sizeof epoch, ".%" PRIu32, (uint32_t)name->epoch);
    }
    snprintf(out, NAME_SIZE, "%.*s%s/%" PRIu64 "%s", NAME_MAX_LEN, name->node, epoch, name->seq,
             fork);
}

// Decimal digits without leading zeros, 1..max.
static bool parse_number(const char **at, uint64_t max, uint64_t *value)
{
    *value = 0;
    if (**at < '1' || **at > '9') {
        return false;
    }
    while (**at >= '0' && **at <= '9') {
        *value = *value * 10 + (uint64_t)(**at - '0');
        if (*value > max) {
            return false;
        }
        (*at)++;
    }
    return true;
}

static const char is_no_name[] = "an entry is named NODE/NUMBER, for instance be-nccn/12";

enum err name_parse(const char *text, struct name *name, const char **why)
{
    struct name parsed = {0};
    const char *at = text;
    size_t len = strcspn(at, "./");
    *why = is_no_name;
    if (len == 0 || len > NAME_MAX_LEN || !roster_name_is_valid(at, len)) {
        return ERR_MALFORMED;
    }
    memcpy(parsed.node, at, len);
    at += len;
    if (*at == '.') {
        at++;
        *why = "after the dot stands the number of the log, 1 or more, for instance be-nccn.1/17";
        if (!parse_number(&at, EPOCH_MAX, &parsed.epoch)) {
            return ERR_MALFORMED;
        }
    }
    if (*at++ != '/') {
        *why = is_no_name;
        return ERR_MALFORMED;
    }
    *why = "after the slash stands the number of the entry, 1 or more, for instance be-nccn/12";
    if (!parse_number(&at, SEQ_MAX, &parsed.seq)) {
        return ERR_MALFORMED;
    }
    *why = "after the number may stand one letter for the branch of a fork, for instance "
           "be-nccn/42a";
    if (*at >= 'a' && *at < 'a' + BRANCHES_MAX) {
        parsed.fork = *at++;
    }
    if (*at != '\0') {
        return ERR_MALFORMED;
    }
    *name = parsed;
    return ERR_OK;
}

// -- the table of chains --

struct slot {
    struct chain chain;
    int32_t node;    // index in the roster, -1 while its author is not in it
    uint64_t limit;  // the last seq that counts
    char letter;     // of a branch of a forked log; else 0
    char far_letter; // the same, for entries beyond the limit
    uint32_t log;    // place in by_log where the chains of its log begin
    uint32_t count;  // chains of its log
};

struct table {
    struct slot *slots; // ascending by chain number
    uint32_t *by_log;   // places in `slots`, sorted by author, epoch, number
    size_t count;
    size_t size;
};

struct naming {
    struct store *store;
    pthread_mutex_t mutex;
    struct table table;
    uint64_t version;       // of the store, when the table was read
    uint8_t roster[ID_LEN]; // and the hash of the roster
};

enum err naming_create(struct naming **naming, struct store *store)
{
    struct naming *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERR_NO_SPACE;
    }
    made->store = store;
    pthread_mutex_init(&made->mutex, NULL);
    *naming = made;
    return ERR_OK;
}

static void table_fini(struct table *table)
{
    free(table->slots);
    free(table->by_log);
    *table = (struct table){0};
}

void naming_destroy(struct naming **naming)
{
    if (*naming == NULL) {
        return;
    }
    table_fini(&(*naming)->table);
    pthread_mutex_destroy(&(*naming)->mutex);
    free(*naming);
    *naming = NULL;
}

static enum err table_add(void *context, const struct chain *chain)
{
    struct table *table = context;
    if (table->count == table->size) {
        size_t size = table->size == 0 ? 64 : table->size * 2;
        struct slot *slots = realloc(table->slots, size * sizeof *slots);
        if (slots == NULL) {
            return ERR_NO_SPACE;
        }
        table->slots = slots;
        table->size = size;
    }
    table->slots[table->count++] = (struct slot){.chain = *chain, .node = -1, .limit = SEQ_MAX};
    return ERR_OK;
}

static int slot_compare(const void *a, const void *b)
{
    const struct slot *left = a;
    const struct slot *right = b;
    return (left->chain.number > right->chain.number) - (left->chain.number < right->chain.number);
}

static struct slot *table_find(const struct table *table, uint32_t number)
{
    struct slot key = {.chain.number = number};
    if (table->count == 0) {
        return NULL;
    }
    return bsearch(&key, table->slots, table->count, sizeof key, slot_compare);
}

static bool is_same_log(const struct chain *a, const struct chain *b)
{
    return a->epoch == b->epoch && memcmp(a->author, b->author, SIGN_KEY_LEN) == 0;
}

static int log_compare(const void *a, const void *b, void *context)
{
    const struct table *table = context;
    const struct chain *left = &table->slots[*(const uint32_t *)a].chain;
    const struct chain *right = &table->slots[*(const uint32_t *)b].chain;
    int author = memcmp(left->author, right->author, SIGN_KEY_LEN);
    if (author != 0) {
        return author;
    }
    if (left->epoch != right->epoch) {
        return left->epoch < right->epoch ? -1 : 1;
    }
    return (left->number > right->number) - (left->number < right->number);
}

// The chain that holds entry `seq` of branch `slot`: itself or an ancestor. Parents have smaller
// numbers, so this ends.
static const struct slot *slot_owner(const struct table *table, const struct slot *slot,
                                     uint64_t seq)
{
    while (seq < slot->chain.first_seq && slot->chain.parent < slot->chain.number) {
        const struct slot *parent = table_find(table, slot->chain.parent);
        if (parent == NULL) {
            break;
        }
        slot = parent;
    }
    return slot;
}

static const struct slot *log_slot(const struct table *table, const struct slot *slot, uint32_t i)
{
    return &table->slots[table->by_log[slot->log + i]];
}

// The first seq at which two branches hold different entries. Branches only part where some chain
// of the log begins.
static uint64_t first_difference(const struct table *table, const struct slot *a,
                                 const struct slot *b)
{
    uint64_t first = UINT64_MAX;
    for (uint32_t i = 0; i < a->count; i++) {
        uint64_t seq = log_slot(table, a, i)->chain.first_seq;
        if (seq < first && slot_owner(table, a, seq) != slot_owner(table, b, seq)) {
            first = seq;
        }
    }
    return first;
}

struct branch {
    struct slot *slot;
    uint8_t id[ID_LEN]; // of the first entry it shares with no other
};

static int branch_compare(const void *a, const void *b)
{
    return memcmp(((const struct branch *)a)->id, ((const struct branch *)b)->id, ID_LEN);
}

// The first seq of `slot` that no other branch shares; 0 when all it holds lies in another, so that
// it is no branch.
// Nothing beyond `limit` is looked at.
static uint64_t own_first(const struct table *table, const struct slot *slot, uint64_t limit)
{
    uint64_t own = 0;
    for (uint32_t i = 0; i < slot->count; i++) {
        const struct slot *other = log_slot(table, slot, i);
        uint64_t seq = other == slot ? UINT64_MAX : first_difference(table, slot, other);
        if (seq > limit) {
            continue;
        }
        if (slot->chain.head_seq < seq) {
            return 0;
        }
        if (other->chain.head_seq >= seq && seq > own) {
            own = seq;
        }
    }
    return own;
}

static enum err read_id(struct store *store, uint32_t chain, uint64_t seq,
                        uint8_t id[static ID_LEN])
{
    struct record_set set = {0};
    enum err err = store_read(store, chain, seq, 1, 1, &set);
    // A damaged entry sorts last until it has been fetched again.
    memset(id, 0xff, ID_LEN);
    if (err == ERR_OK && set.count == 1) {
        memcpy(id, set.records[0].id, ID_LEN);
    }
    record_set_fini(&set);
    return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? ERR_OK : err;
}

// For entries up to the limit; with `is_far` for those beyond.
static enum err give_letters(struct table *table, const struct slot *first, bool is_far,
                             struct store *store)
{
    uint64_t limit = is_far ? SEQ_MAX : first->limit;
    struct branch branches[BRANCHES_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < first->count && count < BRANCHES_MAX; i++) {
        struct slot *slot = &table->slots[table->by_log[first->log + i]];
        uint64_t seq = slot->chain.first_seq > limit ? 0 : own_first(table, slot, limit);
        if (seq == 0) {
            continue;
        }
        branches[count].slot = slot;
        enum err err = read_id(store, slot->chain.number, seq, branches[count].id);
        if (err != ERR_OK) {
            return err;
        }
        count++;
    }
    qsort(branches, count, sizeof *branches, branch_compare);
    for (size_t i = 0; i < count && count > 1; i++) {
        char *letter = is_far ? &branches[i].slot->far_letter : &branches[i].slot->letter;
        *letter = "abcdefgh"[i];
    }
    return ERR_OK;
}

// Marks the chains of one log, which lie at from..to of by_log.
static enum err group_log(struct table *table, uint32_t from, uint32_t to, struct store *store)
{
    for (uint32_t i = from; i < to; i++) {
        table->slots[table->by_log[i]].log = from;
        table->slots[table->by_log[i]].count = to - from;
    }
    const struct slot *first = &table->slots[table->by_log[from]];
    enum err err = to - from > 1 ? give_letters(table, first, false, store) : ERR_OK;
    // What does not count has no say in the letters of what does.
    if (err == ERR_OK && to - from > 1 && first->limit < SEQ_MAX) {
        err = give_letters(table, first, true, store);
    }
    return err;
}

static enum err table_group(struct table *table, struct store *store)
{
    enum err err = ERR_OK;
    table->by_log = calloc(table->count + 1, sizeof *table->by_log);
    if (table->by_log == NULL) {
        return ERR_NO_SPACE;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        table->by_log[i] = i;
    }
    qsort_r(table->by_log, table->count, sizeof *table->by_log, log_compare, table);
    uint32_t from = 0;
    for (uint32_t to = 1; to <= table->count && err == ERR_OK; to++) {
        bool is_end = to == table->count || !is_same_log(&table->slots[table->by_log[from]].chain,
                                                         &table->slots[table->by_log[to]].chain);
        if (is_end) {
            err = group_log(table, from, to, store);
            from = to;
        }
    }
    return err;
}

static void slot_use_roster(struct slot *slot, const struct table *before,
                            const struct roster *roster)
{
    // An index never changes its meaning [5.7], so what was once found stays found.
    const struct slot *known = table_find(before, slot->chain.number);
    slot->node = known != NULL && known->node >= 0
                     ? known->node
                     : roster_find_signing(roster, slot->chain.author);
    if (slot->node >= 0 && (size_t)slot->node < roster->nodes_count) {
        slot->limit = roster_counts_to(roster, (uint32_t)slot->node, slot->chain.epoch);
    }
}

// Reads all chains again. Call with the mutex held.
static enum err naming_read(struct naming *naming, const struct roster *roster)
{
    struct table table = {0};
    uint64_t version =
        store_version(naming->store); // before reading: what comes then is read again
    enum err err = store_each_chain(naming->store, table_add, &table);
    if (err == ERR_OK) {
        if (table.count > 0) {
            qsort(table.slots, table.count, sizeof *table.slots, slot_compare);
        }
        for (size_t i = 0; i < table.count; i++) {
            slot_use_roster(&table.slots[i], &naming->table, roster);
        }
        err = table_group(&table, naming->store);
    }
    if (err != ERR_OK) {
        table_fini(&table);
        return err;
    }
    table_fini(&naming->table);
    naming->table = table;
    naming->version = version;
    memcpy(naming->roster, roster->hash, ID_LEN);
    return ERR_OK;
}

// Reads them again when there was a commit, or another roster, since: any commit can fork a log,
// also one that has long been known. Call with the mutex held.
static enum err naming_refresh(struct naming *naming, const struct roster *roster)
{
    const bool is_fresh = store_is_version(naming->store, naming->version) &&
                          memcmp(naming->roster, roster->hash, ID_LEN) == 0;

    return is_fresh ? ERR_OK : naming_read(naming, roster);
}

static char letter_at(const struct slot *branch, uint64_t seq)
{
    if (seq > branch->limit) {
        return branch->far_letter;
    }
    return branch->letter;
}

// The letter of entry `seq` held by `owner`: that of the first branch it lies in, when there is
// one it does not lie in.
static char entry_letter(const struct table *table, const struct slot *owner, uint64_t seq)
{
    char letter = 0;
    bool is_forked = false;
    for (uint32_t i = 0; i < owner->count && owner->count > 1; i++) {
        const struct slot *branch = log_slot(table, owner, i);
        char own = letter_at(branch, seq);
        if (own == 0) {
            continue;
        }
        if (slot_owner(table, branch, seq) != owner) {
            is_forked = true;
        } else if (letter == 0 || own < letter) {
            letter = own;
        }
    }
    return (char)(is_forked ? letter : 0);
}

static enum err fill_named(const struct table *table, const struct slot *owner, uint64_t seq,
                           const struct roster *roster, struct named *named)
{
    if (owner->node < 0 || (size_t)owner->node >= roster->nodes_count) {
        return ERR_NOT_FOUND;
    }
    const struct roster_node *node = &roster->nodes[owner->node];
    assert(node->name.len <= NAME_MAX_LEN);
    *named = (struct named){
        .node = (uint32_t)owner->node, .chain = owner->chain, .is_quarantined = seq > owner->limit};
    memcpy(named->name.node, node->name.bytes, node->name.len);
    named->name.epoch = owner->chain.epoch;
    named->name.seq = seq;
    named->name.fork = entry_letter(table, owner, seq);
    return ERR_OK;
}

enum err naming_of(struct naming *naming, const struct roster *roster, const struct record *record,
                   struct named *named)
{
    pthread_mutex_lock(&naming->mutex);
    enum err err = naming_refresh(naming, roster);
    const struct slot *slot = err == ERR_OK ? table_find(&naming->table, record->chain) : NULL;
    if (err == ERR_OK && slot == NULL) {
        err = ERR_NOT_FOUND;
    }
    if (err == ERR_OK) {
        const struct slot *owner = slot_owner(&naming->table, slot, record->seq);
        err = fill_named(&naming->table, owner, record->seq, roster, named);
    }
    pthread_mutex_unlock(&naming->mutex);
    return err;
}

// Finds the chain holding seq under that letter in the log of `any`.
static enum err find_branch(const struct table *table, const struct slot *any,
                            const struct name *name, const struct slot **found,
                            char letters[static BRANCHES_MAX + 1])
{
    size_t count = 0;
    const struct slot *plain = NULL;
    for (uint32_t i = 0; i < any->count; i++) {
        const struct slot *slot = log_slot(table, any, i);
        const struct slot *owner = slot_owner(table, slot, name->seq);
        char letter = entry_letter(table, owner, name->seq);
        if (letter == 0) {
            // A chain that ends before the entry does not hold it when another goes on.
            plain = plain == NULL || owner->chain.head_seq >= name->seq ? owner : plain;
        } else if (memchr(letters, letter, count) == NULL && count < BRANCHES_MAX) {
            letters[count++] = letter;
        }
        if (letter != 0 && letter == name->fork) {
            *found = owner;
            return ERR_OK;
        }
    }
    letters[count] = '\0';
    if (name->fork == 0 && count > 0) {
        return ERR_STATE;
    }
    if (name->fork != 0 || plain == NULL) {
        return ERR_NOT_FOUND;
    }
    *found = plain;
    return ERR_OK;
}

enum err naming_find(struct naming *naming, const struct roster *roster, const struct name *name,
                     struct named *named, char letters[static BRANCHES_MAX + 1])
{
    letters[0] = '\0';
    int32_t node = roster_find_name(roster, name->node, strlen(name->node));
    if (node < 0) {
        return ERR_NOT_FOUND;
    }
    pthread_mutex_lock(&naming->mutex);
    enum err err = naming_refresh(naming, roster);
    const struct table *table = &naming->table;
    const struct slot *slot = NULL;
    for (size_t i = 0; err == ERR_OK && i < table->count && slot == NULL; i++) {
        if (table->slots[i].node == node && table->slots[i].chain.epoch == name->epoch) {
            slot = &table->slots[i];
        }
    }
    const struct slot *found = NULL;
    if (err == ERR_OK) {
        err = slot == NULL ? ERR_NOT_FOUND : find_branch(table, slot, name, &found, letters);
    }
    if (err == ERR_OK) {
        err = fill_named(table, found, name->seq, roster, named);
    }
    pthread_mutex_unlock(&naming->mutex);
    return err;
}
