// SPDX-License-Identifier: EUPL-1.2
// Finds nodes and centres of a roster by key and name. Sorting also shows what is there twice
// [5.8].
#include "trust/roster_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct place {
    struct span key;
    uint32_t number;
};

struct table {
    struct place *places;
    size_t count;
};

struct roster_index {
    struct table signing;
    struct table transport;
    struct table name;
    struct table centre;
    struct place places[]; // of the four, one after the other
};

static int place_compare(const void *left, const void *right)
{
    const struct span a = ((const struct place *)left)->key;
    const struct span b = ((const struct place *)right)->key;
    if (a.len != b.len) {
        return a.len < b.len ? -1 : 1;
    }
    return memcmp(a.bytes, b.bytes, a.len);
}

static void table_add(struct table *table, struct place place)
{
    table->places[table->count++] = place;
}

// Sorts, and tells whether all keys differ.
static bool table_sort(struct table *table)
{
    qsort(table->places, table->count, sizeof *table->places, place_compare);
    for (size_t i = 1; i < table->count; i++) {
        if (place_compare(&table->places[i - 1], &table->places[i]) == 0) {
            return false;
        }
    }
    return true;
}

enum err roster_index_create(const struct roster *roster, struct roster_index **index)
{
    assert(roster && index);
    const size_t nodes = roster->nodes_count;
    const size_t centres = roster->centres_count;
    assert(nodes <= NODES_MAX);
    assert(centres <= CENTRES_MAX);
    struct roster_index *made =
        malloc(sizeof *made + (4 * nodes + centres) * sizeof made->places[0]);
    if (!made) {
        return ERR_NO_SPACE;
    }
    made->signing = (struct table){made->places, nodes};
    made->name = (struct table){made->places + nodes, nodes};
    made->centre = (struct table){made->places + 2 * nodes, centres};
    made->transport = (struct table){made->places + 2 * nodes + centres, 0};
    for (uint32_t i = 0; i < nodes; i++) {
        const struct roster_node *node = &roster->nodes[i];
        made->signing.places[i] = (struct place){{node->signing, SIGN_KEY_LEN}, i};
        table_add(&made->transport, (struct place){{node->transport, BOX_KEY_LEN}, i});
        if (node->transport_also) {
            table_add(&made->transport, (struct place){{node->transport_also, BOX_KEY_LEN}, i});
        }
        made->name.places[i] = (struct place){node->name, i};
    }
    for (uint32_t i = 0; i < centres; i++) {
        made->centre.places[i] = (struct place){roster->centres[i].code, i};
    }
    if (!table_sort(&made->signing) || !table_sort(&made->transport) || !table_sort(&made->name) ||
        !table_sort(&made->centre)) {
        free(made);
        return ERR_MALFORMED;
    }
    *index = made;
    return ERR_OK;
}

void roster_index_destroy(struct roster_index **index)
{
    assert(index);
    free(*index);
    *index = NULL;
}

static int32_t table_find(const struct table *table, const void *bytes, size_t len)
{
    const struct place wanted = {{bytes, len}, 0};
    const struct place *found = table->count == 0 ? NULL
                                                  : bsearch(&wanted, table->places, table->count,
                                                            sizeof wanted, place_compare);
    return found ? (int32_t)found->number : -1;
}

int32_t roster_find_signing(const struct roster *roster, const uint8_t signing[static SIGN_KEY_LEN])
{
    return table_find(&roster->index->signing, signing, SIGN_KEY_LEN);
}

int32_t roster_find_transport(const struct roster *roster,
                              const uint8_t transport[static BOX_KEY_LEN])
{
    return table_find(&roster->index->transport, transport, BOX_KEY_LEN);
}

int32_t roster_find_name(const struct roster *roster, const char *name, size_t len)
{
    return table_find(&roster->index->name, name, len);
}

int32_t roster_find_centre(const struct roster *roster, const char *code, size_t len)
{
    return table_find(&roster->index->centre, code, len);
}

bool roster_has_node(const struct roster *roster, uint32_t centre)
{
    for (size_t i = 0; i < roster->nodes_count; i++) {
        if (roster->nodes[i].centre == centre && !roster->nodes[i].is_revoked) {
            return true;
        }
    }
    return false;
}
