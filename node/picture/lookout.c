// SPDX-License-Identifier: EUPL-1.2
// Compares how the node stands with how it stood a second ago. What it means that a link is silent,
// or where a log is forked, others know.
#include "picture/lookout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "reading/link_text.h"
#include "reading/view.h"

// A link catches up with every entry, for a moment; that is told when it takes longer.
enum { UNSETTLED_LOOKS = 3 };

void lookout_fini(struct lookout *lookout)
{
    free(lookout->links);
    free(lookout->forks);
    free(lookout->are_clocks_off);
    *lookout = (struct lookout){.links = NULL};
}

// -- what is said --

static void write_node(const struct roster *roster, struct text *out, uint32_t node)
{
    text_key(out, "node");
    if (node < roster->nodes_count) {
        text_span(out, roster->nodes[node].name);
    } else {
        text_null(out); // of a roster that no longer holds
    }
}

static void write_link(const struct roster *roster, struct text *out, const struct seen_link *link)
{
    write_node(roster, out, link->node);
    text_key(out, "state");
    text_string(out, link->state);
    text_key(out, "missing_here");
    text_uint(out, link->missing_here);
    text_key(out, "missing_there");
    text_uint(out, link->missing_there);
}

static void write_gap(const struct roster *roster, struct text *out, const struct gap *gap)
{
    write_node(roster, out, gap->node);
    text_key(out, "epoch");
    text_uint(out, gap->epoch);
    text_key(out, "from");
    text_uint(out, gap->from);
    text_key(out, "to");
    text_uint(out, gap->to);
}

static void write_fork(const struct roster *roster, struct text *out, const struct fork *fork)
{
    write_node(roster, out, fork->node);
    text_key(out, "epoch");
    text_uint(out, fork->epoch);
    text_key(out, "seq");
    text_uint(out, fork->seq);
    text_key(out, "healed");
    text_bool(out, fork->is_healed);
}

static void begin(const struct look *look, struct text *out)
{
    text_clear(out);
    text_open(out, '{');
    view_write_space(look->view, out);
}

static void end(const struct look *look, struct text *out, const char *event)
{
    text_key(out, "at");
    text_time(out, look->lookout->wall_ms);
    text_close(out, '}');
    look->tell(look->context, event, out);
}

// -- links --

static const struct seen_link *find_link(const struct lookout *lookout, uint32_t node)
{
    for (size_t i = 0; i < lookout->links_count; i++) {
        if (lookout->links[i].node == node) {
            return &lookout->links[i];
        }
    }
    return NULL;
}

// Whether the link is to be told of as catching up.
static bool is_held_back(const struct seen_link *old, struct seen_link *link)
{
    if (old == NULL || strcmp(link->state, "syncing") != 0 ||
        strcmp(old->state, "converged") != 0) {
        return false;
    }
    link->unsettled = old->unsettled + 1;
    return link->unsettled < UNSETTLED_LOOKS;
}

static void compare_link(const struct look *look, const struct seen_link *old,
                         struct seen_link *link, struct text *out)
{
    const struct roster *roster = look->lookout->roster;

    if (is_held_back(old, link)) {
        link->state = old->state;
    } else if (!look->lookout->has_looked ||
               (old != NULL && strcmp(old->state, link->state) == 0)) {
        link->unsettled = 0;
    } else {
        link->unsettled = 0;
        begin(look, out);
        write_link(roster, out, link);
        text_key(out, "before");
        if (old != NULL) {
            text_string(out, old->state);
        } else {
            text_null(out);
        }
        end(look, out, "link");
    }
}

static enum err look_at_links(const struct look *look, struct text *out)
{
    struct lookout *lookout = look->lookout;
    const struct roster *roster = look->lookout->roster;
    struct desk_peer *peers = NULL;
    size_t count = 0;
    size_t known = 0;

    const enum err err = desk_peers(look->view->desk, &peers, &count);
    struct seen_link *links = err == ERR_OK ? calloc(count + 1, sizeof *links) : NULL;
    if (links == NULL) {
        free(peers);
        return err == ERR_OK ? ERR_NO_SPACE : err;
    }
    for (size_t i = 0; i < count; i++) {
        const struct peer_status *status = &peers[i].status;
        if (status->peer >= roster->nodes_count) {
            continue; // of a version that came in between
        }
        links[known] =
            (struct seen_link){.node = status->peer,
                               .state = link_state_text(&roster->nodes[status->peer], &peers[i]),
                               .missing_here = status->missing_here,
                               .missing_there = status->missing_there};
        compare_link(look, find_link(lookout, status->peer), &links[known], out);
        known++;
    }
    free(peers);
    free(lookout->links);
    lookout->links = links;
    lookout->links_count = known;
    return ERR_OK;
}

// -- gaps --

// It is the same gap while the entry behind it is the same: what is fetched makes it shorter.
static bool has_gap(const struct gap *gaps, size_t count, const struct gap *gap)
{
    for (size_t i = 0; i < count; i++) {
        if (gaps[i].chain == gap->chain && gaps[i].to == gap->to) {
            return true;
        }
    }
    return false;
}

static void tell_gaps(const struct look *look, const struct gap *gaps, size_t count, bool is_open,
                      struct text *out)
{
    for (size_t i = 0; i < count; i++) {
        begin(look, out);
        write_gap(look->lookout->roster, out, &gaps[i]);
        text_key(out, "open");
        text_bool(out, is_open);
        end(look, out, "gap");
    }
}

// Moves those of `gaps` that are not among `others` to `out`. Returns how many.
static size_t choose_gaps(const struct gap *gaps, size_t count, const struct gap *others,
                          size_t others_count, struct gap *out)
{
    size_t chosen = 0;

    for (size_t i = 0; i < count; i++) {
        if (!has_gap(others, others_count, &gaps[i])) {
            out[chosen++] = gaps[i];
        }
    }
    return chosen;
}

static enum err look_at_gaps(const struct look *look, const struct engine_status *status,
                             struct text *out)
{
    struct lookout *lookout = look->lookout;
    struct gap chosen[GAPS_TOLD];
    struct gaps gaps = {.list = NULL};
    enum err err = ERR_OK;

    if (status->ahead > 0) {
        err = gaps_find(desk_store(look->view->desk), lookout->roster, &gaps);
    }
    if (err == ERR_OK) {
        const size_t count = gaps.count < GAPS_TOLD ? gaps.count : GAPS_TOLD;
        if (lookout->has_looked) {
            size_t some = choose_gaps(gaps.list, count, lookout->gaps, lookout->gaps_count, chosen);
            tell_gaps(look, chosen, some, true, out);
            some = choose_gaps(lookout->gaps, lookout->gaps_count, gaps.list, count, chosen);
            tell_gaps(look, chosen, some, false, out);
        }
        for (size_t i = 0; i < count; i++) {
            lookout->gaps[i] = gaps.list[i];
        }
        lookout->gaps_count = count;
    }
    gaps_fini(&gaps);
    return err;
}

// -- forks --

static bool has_fork(const struct lookout *lookout, const struct fork *fork)
{
    for (size_t i = 0; i < lookout->forks_count; i++) {
        const struct fork *other = &lookout->forks[i];
        if (other->node == fork->node && other->epoch == fork->epoch && other->seq == fork->seq &&
            other->is_healed == fork->is_healed) {
            return true;
        }
    }
    return false;
}

static enum err look_at_forks(const struct look *look, const struct engine_status *status,
                              struct text *out)
{
    struct lookout *lookout = look->lookout;
    const struct roster *roster = look->lookout->roster;
    struct fork *forks = NULL;
    size_t count = 0;

    if (status->forks == 0 && lookout->forks_count == 0) {
        return ERR_OK; // what is looked for costs a pass over all chains
    }
    const enum err err = forks_list(desk_store(look->view->desk), roster, &forks, &count);
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; i < count && lookout->has_looked; i++) {
        if (!has_fork(lookout, &forks[i])) {
            begin(look, out);
            write_fork(roster, out, &forks[i]);
            end(look, out, "fork");
        }
    }
    free(lookout->forks);
    lookout->forks = forks;
    lookout->forks_count = count;
    return ERR_OK;
}

// -- the roster --

static size_t count_revoked(const struct roster *roster)
{
    size_t count = 0;

    for (size_t i = 0; i < roster->nodes_count; i++) {
        count += roster->nodes[i].is_revoked ? 1 : 0;
    }
    return count;
}

// Lists only grow, and nothing revoked comes back.
static void describe_roster(const struct roster *old, const struct roster *new, char *words,
                            size_t size)
{
    const size_t admitted = new->nodes_count - old->nodes_count;
    const size_t revoked = count_revoked(new) - count_revoked(old);

    if (new->rivals_count > 0) {
        (void)snprintf(words, size, "forked: %zu rosters contradict each other", new->rivals_count);
    } else if (old->rivals_count > 0) {
        (void)snprintf(words, size, "settled");
    } else if (new->nodes_count > old->nodes_count) {
        (void)snprintf(words, size, "%zu node%s admitted", admitted, admitted == 1 ? "" : "s");
    } else if (count_revoked(new) > count_revoked(old)) {
        (void)snprintf(words, size, "%zu node%s revoked", revoked, revoked == 1 ? "" : "s");
    } else {
        (void)snprintf(words, size, "changed");
    }
}

static void look_at_roster(const struct look *look, struct text *out)
{
    struct lookout *lookout = look->lookout;
    const struct roster *old = lookout->roster;
    const struct roster *new = desk_roster(look->view->desk);
    char words[96];

    lookout->roster = new;
    if (!lookout->has_looked || old == new || memcmp(old->hash, new->hash, ID_LEN) == 0) {
        return;
    }
    describe_roster(old, new, words, sizeof words);
    begin(look, out);
    text_key(out, "version");
    text_uint(out, new->version);
    text_key(out, "changed");
    text_string(out, words);
    end(look, out, "roster");
}

// -- clocks --

void lookout_see_clock(const struct look *look, uint32_t node, bool is_off)
{
    struct lookout *lookout = look->lookout;
    struct text out = {.bytes = NULL};

    if (node >= lookout->clocks_count || lookout->are_clocks_off[node] == is_off) {
        return;
    }
    lookout->are_clocks_off[node] = is_off;
    begin(look, &out);
    write_node(lookout->roster, &out, node);
    text_key(&out, "ahead");
    text_bool(&out, is_off);
    end(look, &out, "clock");
    text_fini(&out);
}

static enum err make_room_for_clocks(struct lookout *lookout, size_t nodes)
{
    if (nodes <= lookout->clocks_count) {
        return ERR_OK;
    }
    bool *grown = realloc(lookout->are_clocks_off, nodes * sizeof *grown);
    if (grown == NULL) {
        return ERR_NO_SPACE;
    }
    memset(grown + lookout->clocks_count, 0, (nodes - lookout->clocks_count) * sizeof *grown);
    lookout->are_clocks_off = grown;
    lookout->clocks_count = nodes;
    return ERR_OK;
}

// -- all of it --

static enum err look_at_all(const struct look *look, struct text *out)
{
    struct desk_status status;
    enum err err = desk_status(look->view->desk, &status);

    if (err != ERR_OK) {
        return err;
    }
    look->lookout->wall_ms = status.wall_ms;
    look_at_roster(look, out);
    err = make_room_for_clocks(look->lookout, look->lookout->roster->nodes_count);
    if (err == ERR_OK) {
        err = look_at_links(look, out);
    }
    if (err == ERR_OK) {
        err = look_at_gaps(look, &status.engine, out);
    }
    return err == ERR_OK ? look_at_forks(look, &status.engine, out) : err;
}

enum err lookout_look(const struct look *look)
{
    struct lookout *lookout = look->lookout;
    const uint64_t now_ms = clock_now_ms();
    struct text out = {.bytes = NULL};

    if (lookout->has_looked && now_ms < lookout->looked_ms + LOOK_EVERY_MS) {
        return ERR_OK;
    }
    const enum err err = look_at_all(look, &out);
    text_fini(&out);
    if (err == ERR_OK) {
        lookout->has_looked = true;
        lookout->looked_ms = now_ms;
    }
    return err;
}

static void write_clocks(const struct lookout *lookout, const struct roster *roster,
                         struct text *out)
{
    text_key(out, "clocks");
    text_open(out, '[');
    for (uint32_t i = 0; i < lookout->clocks_count && i < roster->nodes_count; i++) {
        if (lookout->are_clocks_off[i]) {
            text_open(out, '{');
            write_node(roster, out, i);
            text_close(out, '}');
        }
    }
    text_close(out, ']');
}

void lookout_write(const struct lookout *lookout, struct text *out)
{
    const struct roster *roster = lookout->roster; // as it was looked at

    text_key(out, "roster_version");
    text_uint(out, roster->version);
    text_key(out, "links");
    text_open(out, '[');
    for (size_t i = 0; i < lookout->links_count; i++) {
        text_open(out, '{');
        write_link(roster, out, &lookout->links[i]);
        text_close(out, '}');
    }
    text_close(out, ']');
    text_key(out, "gaps");
    text_open(out, '[');
    for (size_t i = 0; i < lookout->gaps_count; i++) {
        text_open(out, '{');
        write_gap(roster, out, &lookout->gaps[i]);
        text_close(out, '}');
    }
    text_close(out, ']');
    text_key(out, "forks");
    text_open(out, '[');
    for (size_t i = 0; i < lookout->forks_count; i++) {
        text_open(out, '{');
        write_fork(roster, out, &lookout->forks[i]);
        text_close(out, '}');
    }
    text_close(out, ']');
    write_clocks(lookout, roster, out);
}
