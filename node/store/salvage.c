// SPDX-License-Identifier: EUPL-1.2
// Collects from a damaged file whatever passes its check, wherever it lies: also from pages that no
// longer hang together, and older copies of pages. It writes nothing.
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"

typedef void visit_node(struct salvage *salvage, struct span key, struct span value, uint16_t node);

static void each_node_of_page(struct salvage *salvage, visit_node *visit)
{
    size_t nodes = pages_nodes(&salvage->pages);
    for (size_t i = 0; i < nodes; i++) {
        struct span key, value;
        if (pages_node(&salvage->pages, i, &key, &value)) {
            visit(salvage, key, value, (uint16_t)i);
        }
    }
}

// Values of many pages are bytes that others chose, and might pretend to be pages. `is_wary` passes
// over them. Once the store's own key is known nobody else can make what is looked for, and a
// damaged length must not hide the pages behind it.
static void each_node(struct salvage *salvage, visit_node *visit, bool is_wary)
{
    uint64_t skip;
    struct pages *pages = &salvage->pages;
    pages->data_end = 0;
    for (uint64_t number = pages_next(pages, 0); number < pages->count;
         number = pages_next(pages, number + (is_wary ? skip : 1))) {
        if (pages_load(&salvage->pages, number, &skip)) {
            each_node_of_page(salvage, visit);
        }
    }
}

static void visit_store(struct salvage *salvage, struct span key, struct span value, uint16_t node)
{
    struct fact_store about;
    (void)node;
    if (!salvage->has_space && fact_to_store(key, value, &about)) {
        salvage->has_space = true;
        memcpy(salvage->space, about.space, ID_LEN);
        if (!salvage->has_key) {
            memcpy(salvage->codec.check_key, about.check_key, CHECK_KEY_LEN);
        }
    }
}

// Keeps the row with the highest head; older ones lie on pages that were replaced.
static void add_chain(struct salvage *salvage, const struct chain *chain)
{
    for (size_t i = 0; i < salvage->chains_count; i++) {
        struct chain *known = &salvage->chains[i];
        if (known->number == chain->number) {
            *known = chain->head_seq > known->head_seq ? *chain : *known;
            return;
        }
    }
    if (salvage->chains_count == salvage->chains_capacity) {
        salvage->chains_capacity = salvage->chains_capacity == 0 ? 64 : 2 * salvage->chains_count;
        salvage->chains = store_realloc(salvage->chains, salvage->chains_capacity * sizeof *chain);
    }
    salvage->chains[salvage->chains_count++] = *chain;
}

static void visit_fact(struct salvage *salvage, struct span key, struct span value, uint16_t node)
{
    struct chain chain;
    (void)node;
    uint32_t number = key.len == CHAIN_KEY_LEN ? (uint32_t)get_be(key.bytes, CHAIN_KEY_LEN) : 0;
    if ((key.len == CHAIN_KEY_LEN &&
         chain_decode(&salvage->codec, number, value, &chain) == ERR_OK) ||
        fact_to_origin(&salvage->codec, key, value, &chain)) {
        add_chain(salvage, &chain);
        return;
    }
    bool is_pair = fact_to_pair(&salvage->codec, key, value);
    (void)is_pair; // anything else is not ours to keep
}

static void visit_record(struct salvage *salvage, struct span key, struct span value, uint16_t node)
{
    struct record record;
    bool has_prev;
    if (key.len != ARRIVAL_LEN || record_decode(&salvage->codec, get_be(key.bytes, ARRIVAL_LEN),
                                                value, &record, &has_prev) != ERR_OK) {
        return;
    }
    if (salvage->findings_count == salvage->findings_capacity) {
        salvage->findings_capacity =
            salvage->findings_capacity == 0 ? 1024 : 2 * salvage->findings_capacity;
        salvage->findings = store_realloc(salvage->findings,
                                          salvage->findings_capacity * sizeof *salvage->findings);
    }
    struct finding *finding = &salvage->findings[salvage->findings_count++];
    *finding = (struct finding){
        .arrival = record.arrival,
        .seq = record.seq,
        .page = salvage->pages.number,
        .chain = record.chain,
        .node = node,
        .is_ahead = record.is_ahead,
    };
    memcpy(finding->id, record.id, ID_LEN);
}

static int compare_findings(const void *a, const void *b)
{
    const struct finding *left = a;
    const struct finding *right = b;
    if (left->chain != right->chain) {
        return left->chain < right->chain ? -1 : 1;
    }
    if (left->seq != right->seq) {
        return left->seq < right->seq ? -1 : 1;
    }
    return (left->arrival > right->arrival) - (left->arrival < right->arrival);
}

static int compare_chains(const void *a, const void *b)
{
    const struct chain *left = a;
    const struct chain *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

// A branch without the chain it left cannot be read, nor restored.
static void drop_orphans(struct salvage *salvage)
{
    size_t kept = 0;
    size_t count = salvage->chains_count;
    for (size_t i = 0; i < count; i++) {
        struct chain chain = salvage->chains[i];
        salvage->chains_count = kept; // parents have lower numbers: they are among those kept
        if (chain.parent == CHAIN_NONE || salvage_chain(salvage, chain.parent) != NULL) {
            salvage->chains[kept++] = chain;
        }
    }
    salvage->chains_count = kept;
}

enum err salvage_open(struct salvage *salvage, const char *path, const uint8_t *key)
{
    *salvage = (struct salvage){.has_key = key != NULL};
    enum err err = pages_open(&salvage->pages, path);
    if (err != ERR_OK) {
        return err;
    }
    if (key != NULL) {
        memcpy(salvage->codec.check_key, key, CHECK_KEY_LEN);
    }
    each_node(salvage, visit_store, true);
    each_node(salvage, visit_fact, false);
    each_node(salvage, visit_record, false);
    if (salvage->chains_count > 0) {
        qsort(salvage->chains, salvage->chains_count, sizeof *salvage->chains, compare_chains);
        drop_orphans(salvage);
    }
    if (salvage->findings_count > 0) {
        qsort(salvage->findings, salvage->findings_count, sizeof *salvage->findings,
              compare_findings);
    }
    return ERR_OK;
}

void salvage_close(struct salvage *salvage)
{
    pages_close(&salvage->pages);
    free(salvage->findings);
    free(salvage->chains);
    *salvage = (struct salvage){.pages = {.fd = -1}};
}

struct chain *salvage_chain(const struct salvage *salvage, uint32_t number)
{
    const struct chain wanted = {.number = number};
    return salvage->chains_count == 0 ? NULL
                                      : bsearch(&wanted, salvage->chains, salvage->chains_count,
                                                sizeof wanted, compare_chains);
}

static const struct finding *find(const struct salvage *salvage, uint32_t chain, uint64_t seq)
{
    size_t low = 0;
    size_t high = salvage->findings_count;
    const struct finding wanted = {.chain = chain, .seq = seq};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_findings(&salvage->findings[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct finding *first = &salvage->findings[low];
    return low < salvage->findings_count && first->chain == chain && first->seq == seq ? first
                                                                                       : NULL;
}

// The finding before `record`, in its chain or the ones that it branched from.
static const struct finding *find_before(const struct salvage *salvage, const struct record *record)
{
    const struct chain *chain = salvage_chain(salvage, record->chain);
    for (int i = 0; i < ANCESTORS_MAX && chain != NULL && record->seq - 1 < chain->first_seq; i++) {
        chain = salvage_chain(salvage, chain->parent);
    }
    return chain == NULL ? NULL : find(salvage, chain->number, record->seq - 1);
}

bool salvage_record(struct salvage *salvage, const struct finding *finding, struct record *record)
{
    uint64_t skip;
    struct span key, value;
    bool has_prev;
    if (!pages_load(&salvage->pages, finding->page, &skip) ||
        !pages_node(&salvage->pages, finding->node, &key, &value) ||
        record_decode(&salvage->codec, finding->arrival, value, record, &has_prev) != ERR_OK) {
        return false;
    }
    if (!has_prev && record->seq > 1) {
        const struct finding *before = find_before(salvage, record);
        if (before == NULL) {
            return false;
        }
        memcpy(record->prev, before->id, ID_LEN);
    }
    return true;
}
