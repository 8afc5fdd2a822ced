// SPDX-License-Identifier: EUPL-1.2
// The lists a version begins with that settles a fork of the roster. Who shall stay is for those
// who edit and sign it; here only the rules of 5.7 are kept.
#include "trust/roster_settle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trust/rivals.h"
#include "trust/roster_rules.h"

enum { VOID_MAX = 64 }; // bytes of a place that is nobody's

struct void_centre {
    char code[NAME_MAX_LEN + 1];
    struct roster_title title;
};

struct settlement {
    struct roster_front rivals;
    const struct roster *base;
    struct roster_centre *centres; // CENTRES_MAX
    size_t centres_count;
    struct roster_node *nodes; // NODES_MAX
    size_t nodes_count;
    struct void_centre voids[CENTRES_MAX];
    size_t voids_count;
};

static bool is_same(struct span left, struct span right)
{
    return left.len == right.len && memcmp(left.bytes, right.bytes, left.len) == 0;
}

// Its index in the list that is made, or the length of the list.
static size_t find_centre(const struct settlement *settlement, struct span code)
{
    size_t at = 0;
    while (at < settlement->centres_count && !is_same(settlement->centres[at].code, code)) {
        at++;
    }
    return at;
}

static void name_void(char code[static NAME_MAX_LEN + 1], uint32_t number)
{
    char digits[12];
    size_t count = 0;
    for (; number > 0; number /= 10) {
        digits[count++] = (char)('0' + number % 10);
    }
    memcpy(code, "void-", 5);
    for (size_t i = 0; i < count; i++) {
        code[5 + i] = digits[count - 1 - i];
    }
    code[5 + count] = '\0';
}

static bool is_code(const struct settlement *settlement, const char *code)
{
    for (size_t r = 0; r < settlement->rivals.count; r++) {
        if (roster_find_centre(settlement->rivals.list[r], code, strlen(code)) >= 0) {
            return true;
        }
    }
    return find_centre(settlement, roster_text(code)) < settlement->centres_count;
}

// `void-1` and so on, the first that is nobody's code.
static struct roster_centre make_void(struct settlement *settlement)
{
    struct void_centre *made = &settlement->voids[settlement->voids_count++];
    uint32_t number = 1;
    do {
        name_void(made->code, number++);
    } while (is_code(settlement, made->code));
    made->title = (struct roster_title){roster_text("und"), roster_text("nobody's")};
    return (struct roster_centre){
        .code = roster_text(made->code), .titles = &made->title, .titles_count = 1};
}

static size_t centres_max(struct roster_front rivals)
{
    size_t max = 0;
    for (size_t r = 0; r < rivals.count; r++) {
        max = rivals.list[r]->centres_count > max ? rivals.list[r]->centres_count : max;
    }
    return max;
}

// The centre at that index, the base's where it has one; NULL where they differ.
static const struct roster_centre *centre_at(const struct settlement *settlement, size_t at)
{
    const struct roster *base = settlement->base;
    const struct roster_centre *found = at < base->centres_count ? &base->centres[at] : NULL;
    for (size_t r = 0; r < settlement->rivals.count; r++) {
        const struct roster *rival = settlement->rivals.list[r];
        if (at >= rival->centres_count) {
            continue;
        }
        if (found && !is_same(found->code, rival->centres[at].code)) {
            return NULL;
        }
        found = found ? found : &rival->centres[at];
    }
    return found;
}

// Those without a place.
static enum err add_centres_of(struct settlement *settlement, const struct roster *rival)
{
    for (size_t i = 0; i < rival->centres_count; i++) {
        if (find_centre(settlement, rival->centres[i].code) < settlement->centres_count) {
            continue;
        }
        if (settlement->centres_count == CENTRES_MAX) {
            return ERR_LIMIT;
        }
        settlement->centres[settlement->centres_count++] = rival->centres[i];
    }
    return ERR_OK;
}

static enum err settle_centres(struct settlement *settlement)
{
    const size_t kept = centres_max(settlement->rivals);
    for (size_t i = 0; i < kept; i++) {
        const struct roster_centre *centre = centre_at(settlement, i);
        settlement->centres[i] = centre ? *centre : make_void(settlement);
        settlement->centres_count++;
    }
    enum err err = ERR_OK;
    for (size_t r = 0; r < settlement->rivals.count && !err; r++) {
        err = add_centres_of(settlement, settlement->rivals.list[r]);
    }
    return err;
}

static void add_node(struct settlement *settlement, const struct roster *of,
                     const struct roster_node *node)
{
    struct roster_node *added = &settlement->nodes[settlement->nodes_count++];
    *added = *node;
    added->centre = (uint32_t)find_centre(settlement, of->centres[node->centre].code);
    assert(added->centre < settlement->centres_count);
    rivals_revoke(settlement->rivals, added);
}

static bool is_key(const uint8_t *one, const uint8_t *other)
{
    return one && other && memcmp(one, other, BOX_KEY_LEN) == 0;
}

static bool clashes(const struct roster_node *one, const struct roster_node *other)
{
    return is_same(one->name, other->name) || is_key(one->signing, other->signing) ||
           is_key(one->transport, other->transport) ||
           is_key(one->transport, other->transport_also) ||
           is_key(one->transport_also, other->transport) ||
           is_key(one->transport_also, other->transport_also);
}

// Whether the node is in the list, or may not come into it [5.8].
static bool is_barred(const struct settlement *settlement, const struct roster_node *node)
{
    const struct roster *base = settlement->base;
    const char *name = (const char *)node->name.bytes;
    if (roster_find_signing(base, node->signing) >= 0 ||
        roster_find_transport(base, node->transport) >= 0 ||
        (node->transport_also && roster_find_transport(base, node->transport_also) >= 0) ||
        roster_find_name(base, name, node->name.len) >= 0) {
        return true;
    }
    for (size_t i = base->nodes_count; i < settlement->nodes_count; i++) {
        if (clashes(&settlement->nodes[i], node)) {
            return true;
        }
    }
    return settlement->nodes_count == NODES_MAX;
}

static void add_nodes_of(struct settlement *settlement, const struct roster *rival)
{
    for (size_t i = 0; i < rival->nodes_count; i++) {
        if (!is_barred(settlement, &rival->nodes[i])) {
            add_node(settlement, rival, &rival->nodes[i]);
        }
    }
}

static void settle_nodes(struct settlement *settlement)
{
    const struct roster *base = settlement->base;
    for (size_t i = 0; i < base->nodes_count; i++) {
        add_node(settlement, base, &base->nodes[i]);
    }
    for (size_t r = 0; r < settlement->rivals.count; r++) {
        add_nodes_of(settlement, settlement->rivals.list[r]);
    }
}

enum err roster_settle(struct roster_front front, struct roster *next,
                       struct settlement **settlement)
{
    assert(front.count > 0 && next && settlement);
    struct settlement *made = calloc(1, sizeof *made);
    if (!made) {
        return ERR_NO_SPACE;
    }
    made->rivals = front;
    made->base = rivals_base(front);
    made->centres = calloc(CENTRES_MAX, sizeof *made->centres);
    made->nodes = calloc(NODES_MAX, sizeof *made->nodes);
    enum err err = made->centres && made->nodes ? settle_centres(made) : ERR_NO_SPACE;
    if (err) {
        free(made->centres);
        free(made->nodes);
        settlement_destroy(&made);
        return err;
    }
    settle_nodes(made);
    next->centres = made->centres;
    next->centres_count = made->centres_count;
    next->nodes = made->nodes;
    next->nodes_count = made->nodes_count;
    *settlement = made;
    return ERR_OK;
}

size_t settlement_room(const struct settlement *settlement)
{
    assert(settlement);
    size_t room = settlement->voids_count * (size_t)VOID_MAX;
    for (size_t r = 0; r < settlement->rivals.count; r++) {
        room += settlement->rivals.list[r]->document.len;
    }
    return room;
}

void settlement_destroy(struct settlement **settlement)
{
    assert(settlement);
    free(*settlement);
    *settlement = NULL;
}
