// SPDX-License-Identifier: EUPL-1.2
// GET /v1/forks and GET /v1/forks/NAME: the forks this node holds, and the proof of one [10.6].
#include "forks.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/proof.h"
#include "reading/view.h"
#include "sitrep/fork_proof.h"

// The first entry of one branch, as far as it can be read.
struct branch {
    struct named named;
    bool is_held; // and intact enough to be read
    uint8_t id[ID_LEN];
    uint64_t arrived_ms;
};

static enum err branch_read(const struct desk_view *view, const struct fork *fork, size_t at,
                            struct branch *branch)
{
    struct record_set set = {0};
    const struct record wanted = {.chain = fork->chains[at], .seq = fork->seq};
    *branch = (struct branch){0};
    enum err err = naming_of(view->naming, desk_roster(view->desk), &wanted, &branch->named);
    if (err == ERR_OK) {
        err = store_read(desk_store(view->desk), wanted.chain, wanted.seq, 1, 1, &set);
    }
    if (err == ERR_OK && set.count == 1) {
        branch->is_held = true;
        memcpy(branch->id, set.records[0].id, ID_LEN);
        branch->arrived_ms = set.records[0].arrived_ms;
    }
    record_set_fini(&set);
    return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? ERR_OK : err; // damaged: to be fetched
}

static void write_branch(const struct branch *branch, struct text *out)
{
    char name[NAME_SIZE];
    name_format(&branch->named.name, name);
    text_open(out, '{');
    text_key(out, "name");
    text_string(out, name);
    text_key(out, "id");
    if (branch->is_held) {
        text_hex(out, branch->id, ID_LEN);
    } else {
        text_null(out);
    }
    text_key(out, "arrived");
    text_time(out, branch->arrived_ms);
    text_close(out, '}');
}

// A fork is noticed when the second of its branches arrives.
static uint64_t noticed_ms(const struct branch *branches, size_t count)
{
    uint64_t first = UINT64_MAX;
    uint64_t second = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        const uint64_t arrived = branches[i].is_held ? branches[i].arrived_ms : UINT64_MAX;
        if (arrived < first) {
            second = first;
            first = arrived;
        } else if (arrived < second) {
            second = arrived;
        }
    }
    return second == UINT64_MAX ? 0 : second;
}

static int compare_branches(const void *left, const void *right)
{
    const struct branch *a = left;
    const struct branch *b = right;
    return a->named.name.fork - b->named.name.fork;
}

static void write_head(const struct desk_view *view, const struct fork *fork, struct text *out)
{
    const struct roster *roster = desk_roster(view->desk);
    const struct roster_node *node = &roster->nodes[fork->node];
    text_key(out, "node");
    text_span(out, node->name);
    text_key(out, "centre");
    text_span(out, roster->centres[node->centre].code);
    text_key(out, "own");
    text_bool(out, fork->node == desk_self(view->desk));
    text_key(out, "epoch");
    text_uint(out, fork->epoch);
    text_key(out, "seq");
    text_uint(out, fork->seq);
    text_key(out, "later_epoch");
    if (fork->is_healed) {
        text_uint(out, fork->later_epoch);
    } else {
        text_null(out);
    }
}

static enum err write_fork(const struct desk_view *view, const struct fork *fork, struct text *out)
{
    struct branch branches[BRANCHES_MAX];
    for (size_t i = 0; i < fork->chains_count; i++) {
        const enum err err = branch_read(view, fork, i, &branches[i]);
        if (err != ERR_OK) {
            return err;
        }
    }
    qsort(branches, fork->chains_count, sizeof *branches, compare_branches);
    text_open(out, '{');
    view_write_space(view, out);
    write_head(view, fork, out);
    text_key(out, "noticed");
    text_time(out, noticed_ms(branches, fork->chains_count));
    text_key(out, "branches");
    text_open(out, '[');
    for (size_t i = 0; i < fork->chains_count; i++) {
        write_branch(&branches[i], out);
    }
    text_close(out, ']');
    text_close(out, '}');
    return ERR_OK;
}

static enum err write_forks(const struct desk_view *view, const struct fork *forks, size_t count,
                            struct text *out)
{
    enum err err = ERR_OK;
    text_open(out, '{');
    text_key(out, "forks");
    text_open(out, '[');
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        err = write_fork(view, &forks[i], out);
    }
    text_close(out, ']');
    text_close(out, '}');
    return err;
}

void forks_get(struct call *call)
{
    struct fork *forks = NULL;
    size_t count = 0;
    enum err err =
        forks_list(desk_store(call->view->desk), desk_roster(call->view->desk), &forks, &count);
    if (err == ERR_OK) {
        err = write_forks(call->view, forks, count, reply_json(&call->reply, MHD_HTTP_OK));
    }
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the store");
    }
    free(forks);
}

// -- the proof of one --

// The fork at the place `name` names; a letter makes no difference.
static enum err find_fork(const struct desk_view *view, const struct name *name, struct fork *fork)
{
    struct fork *forks = NULL;
    size_t count = 0;
    const struct roster *roster = desk_roster(view->desk);
    const int32_t node = roster_find_name(roster, name->node, strlen(name->node));
    enum err err = forks_list(desk_store(view->desk), roster, &forks, &count);
    if (err == ERR_OK) {
        err = ERR_NOT_FOUND;
    }
    for (size_t i = 0; i < count && err == ERR_NOT_FOUND; i++) {
        if ((int32_t)forks[i].node == node && forks[i].epoch == name->epoch &&
            forks[i].seq == name->seq) {
            *fork = forks[i];
            err = ERR_OK;
        }
    }
    free(forks);
    return err;
}

// The headers of each branch, which a fork proof's spans point to.
struct fork_headers {
    struct proof branches[BRANCHES_MAX];
    struct fork_proof whole;
};

static enum err add_branch(const struct desk_view *view, const struct fork *fork, size_t at,
                           struct fork_headers *headers)
{
    struct branch branch;
    struct proof *proof = &headers->branches[at];
    struct fork_branch added = {0};
    enum err err = branch_read(view, fork, at, &branch);
    if (err == ERR_OK) {
        err = branch.is_held ? proof_make(proof, view, &branch.named, fork->seq) : ERR_CORRUPT;
    }
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; i < proof->count; i++) {
        added.headers[i] = (struct span){proof->headers[i].bytes, proof->headers[i].len};
    }
    added.headers_count = proof->count;
    memcpy(added.signature, proof->signature, SIGNATURE_LEN);
    return fork_proof_add(&headers->whole, &added);
}

static void reply_proof(struct call *call, const struct fork *fork)
{
    uint8_t *bytes = malloc(FORK_PROOF_MAX);
    struct fork_headers *headers = calloc(1, sizeof *headers);
    enum err err = bytes == NULL || headers == NULL ? ERR_NO_SPACE : ERR_OK;
    if (err == ERR_OK) {
        memcpy(headers->whole.space, desk_space(call->view->desk), ID_LEN);
    }
    for (size_t i = 0; i < fork->chains_count && err == ERR_OK; i++) {
        err = add_branch(call->view, fork, i, headers);
    }
    if (err == ERR_OK) {
        const size_t len = fork_proof_encode(&headers->whole, bytes);
        reply_bytes(&call->reply, "application/cbor", (struct span){bytes, len});
    } else {
        reply_failed(&call->reply, err, "the entries of this fork");
    }
    free(headers);
    free(bytes);
}

void fork_get(struct call *call)
{
    struct name name;
    struct fork fork;
    const char *why;
    if (name_parse(call->tail, &name, &why) != ERR_OK) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
        return;
    }
    const enum err err = find_fork(call->view, &name, &fork);
    if (err == ERR_OK) {
        reply_proof(call, &fork);
    } else if (err == ERR_NOT_FOUND) {
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found",
                    "no fork begins at %s; /v1/forks lists those there are", call->tail);
    } else {
        reply_failed(&call->reply, err, "the store");
    }
}
