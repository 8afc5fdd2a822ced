// SPDX-License-Identifier: EUPL-1.2
// POST /v1/handover: a change of shift. What the person does not say is filled in: up to where all
// is held here, and what is open.
#include <stdlib.h>
#include <string.h>

#include "api/moment.h"
#include "api/publish.h"
#include "picture/overview.h"
#include "reading/refs.h"

// -- up to where all is held --

// The last entry without a gap before it, of a node's newest log.
struct head {
    struct chain chain;
    struct ref ref;
    uint64_t arrival;
};

struct heads {
    const struct roster *roster;
    struct head *list; // by node, until they are read
    size_t count;
};

static enum err see_chain(void *context, const struct chain *chain)
{
    struct heads *heads = context;
    const int32_t node = roster_find_signing(heads->roster, chain->author);

    if (node >= 0 && chain->head_seq > 0) {
        struct chain *best = &heads->list[node].chain;
        if (best->head_seq == 0 || chain->epoch > best->epoch ||
            (chain->epoch == best->epoch && chain->head_seq > best->head_seq)) {
            *best = *chain;
        }
    }
    return ERR_OK;
}

// False: nothing of it is here that counts.
static bool read_head(const struct desk_view *view, struct head *head)
{
    struct record_set set = {0};
    struct named named;
    const struct chain *chain = &head->chain;
    const bool is_read =
        chain->head_seq > 0 &&
        store_read(desk_store(view->desk), chain->number, chain->head_seq, 1, 1, &set) == ERR_OK &&
        set.count == 1 &&
        naming_of(view->naming, desk_roster(view->desk), &set.records[0], &named) == ERR_OK &&
        !named.is_quarantined;

    if (is_read) {
        head->arrival = set.records[0].arrival;
        head->ref = (struct ref){named.node, (uint32_t)named.name.epoch, named.name.seq, {0}};
        memcpy(head->ref.tag, set.records[0].id, TAG_LEN);
    }
    record_set_fini(&set);
    return is_read;
}

// What came last first.
static int compare_heads(const void *left, const void *right)
{
    const struct head *a = left;
    const struct head *b = right;

    return a->arrival > b->arrival ? -1 : a->arrival < b->arrival;
}

// Errors: ERR_NO_SPACE, and the store's.
static enum err heads_read(struct heads *heads, const struct desk_view *view)
{
    heads->roster = desk_roster(view->desk);
    heads->list = calloc(heads->roster->nodes_count + 1, sizeof *heads->list);
    if (heads->list == NULL) {
        return ERR_NO_SPACE;
    }
    const enum err err = store_each_chain(desk_store(view->desk), see_chain, heads);
    for (size_t i = 0; err == ERR_OK && i < heads->roster->nodes_count; i++) {
        if (read_head(view, &heads->list[i])) {
            heads->list[heads->count++] = heads->list[i];
        }
    }
    qsort(heads->list, heads->count, sizeof *heads->list, compare_heads);
    return err;
}

// Of more nodes than that, those from which something came last: on a thin line 128 take some ten
// seconds.
static enum err fill_complete(const struct desk_view *view, json_t *fields)
{
    enum { COMPLETE_MAX = 128 };
    struct heads heads = {.count = 0};
    json_t *complete = json_array();
    const enum err err = heads_read(&heads, view);

    for (size_t i = 0; err == ERR_OK && i < heads.count && i < COMPLETE_MAX; i++) {
        (void)json_array_append_new(complete, refs_json(heads.roster, &heads.list[i].ref));
    }
    if (json_array_size(complete) > 0) {
        (void)json_object_set(fields, "complete", complete);
    }
    json_decref(complete);
    free(heads.list);
    return err;
}

// -- what is open --

enum { OPEN_MAX = 64 }; // as the kind has it

// The versions of it that hold: who looks at them later sees when they were replaced since.
static enum err add_heads(const struct writing *writing, uint32_t began, json_t *open)
{
    const struct roster *roster = desk_roster(writing->view->desk);
    struct places versions = {0};
    const enum err err = places_add_versions(&versions, writing->picture, began);

    for (size_t i = 0; err == ERR_OK && i < versions.count && json_array_size(open) < OPEN_MAX;
         i++) {
        struct picture_version version;
        picture_version(writing->picture, versions.list[i], &version);
        if (overview_is_head(&version) && version.ref.author < roster->nodes_count) {
            (void)json_array_append_new(open, refs_json(roster, &version.ref));
        }
    }
    places_fini(&versions);
    return err;
}

// What the picture shows as open: incidents first, what was changed last first.
static enum err add_open(const struct writing *writing, json_t *open)
{
    static const enum overview_list order[] = {LIST_INCIDENTS, LIST_REQUESTS, LIST_MEASURES,
                                               LIST_PHASES};
    struct overview overview;
    enum err err = overview_gather(writing->picture, &overview);

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const struct places *list = &overview.lists[order[i]];
        for (size_t at = 0; err == ERR_OK && at < list->count && json_array_size(open) < OPEN_MAX;
             at++) {
            err = add_heads(writing, list->list[at], open);
        }
    }
    overview_fini(&overview);
    return err;
}

// False: the reply says why not.
static bool fill_open(struct call *call, json_t *fields)
{
    struct moment moment;
    json_t *open = json_array();

    if (!moment_get(call, &moment)) {
        json_decref(open);
        return false;
    }
    const enum err err = add_open(&moment.writing, open);
    moment_put(&moment);
    if (json_array_size(open) > 0) {
        (void)json_object_set(fields, "open", open);
    }
    json_decref(open);
    if (err != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    }
    return err == ERR_OK;
}

// -- the next one --

// Whether the person says it; who gives nothing, or an empty list, wants none.
static bool is_given(json_t *fields, const char *name)
{
    const json_t *value = json_object_get(fields, name);

    if (value == NULL) {
        return false;
    }
    if (json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0) ||
        (json_is_string(value) && json_string_length(value) == 0)) {
        (void)json_object_del(fields, name);
    }
    return true;
}

static bool fill(struct call *call, json_t *fields)
{
    if (!is_given(fields, "complete")) {
        const enum err err = fill_complete(call->view, fields);
        if (err != ERR_OK) {
            reply_failed(&call->reply, err, "the store");
            return false;
        }
    }
    return is_given(fields, "open") || fill_open(call, fields);
}

void handover_post(struct call *call)
{
    json_t *json = publish_parse(call, "handover");

    if (json != NULL && fill(call, json_object_get(json, "fields"))) {
        publish_one(call, json);
    }
    json_decref(json);
}
