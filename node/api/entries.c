// SPDX-License-Identifier: EUPL-1.2
// GET /v1/entries: entries in order of arrival, filtered, as newline-delimited JSON; the stream can
// stay open and go on with what arrives.
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "api/group_choice.h"
#include "json/rfc3339.h"
#include "json/roster_text.h"
#include "picture/situation.h"
#include "reading/group_text.h"
#include "reading/view.h"

enum {
    READ_COUNT = 32,             // records read from the store at once
    WAIT_MS = 1000,              // then it is looked whether the client is still there
    CLOCK_STEP_MS = 3600 * 1000, // a wall clock is not set back further than this
    SEALED_KEPT = 64,            // that a stream looks at again; of more the newest
};

// An entry that was listed and could not be read. Its key may come, or a release of it.
struct sealed {
    uint64_t arrival;
    uint8_t id[ID_LEN];
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
};

struct listing {
    struct stream stream;
    const struct desk_view *view;
    struct record_set set;
    uint64_t since_ms;
    char kind[KIND_MAX_LEN + 1];
    bool has_centre;
    uint32_t centre; // only what its nodes wrote
    bool has_group;
    uint8_t group[TAG_LEN]; // only what is for it, whether it can be read or not
    uint64_t after;         // arrival of the last entry looked at
    uint64_t last;          // arrival to end at, unless it follows
    uint64_t left;          // entries still wanted
    bool is_following;
    bool is_quarantined;               // only what lies beyond a revocation; else none of it
    struct sealed sealed[SEALED_KEPT]; // while following, in order of arrival
    size_t sealed_count;
};

static bool is_centre_wanted(const struct listing *listing, const struct view *view)
{
    const struct roster *roster = desk_roster(listing->view->desk);

    return !listing->has_centre ||
           (view->is_named && roster->nodes[view->named.node].centre == listing->centre);
}

// What cannot be read may be of any kind; damage that is come upon is told whatever was asked for.
static bool is_kind_wanted(const struct listing *listing, const struct view *view)
{
    if (listing->kind[0] == '\0' || view->state == VIEW_DAMAGED) {
        return true;
    }
    return view->state == VIEW_OPEN && view->kind.len == strlen(listing->kind) &&
           memcmp(view->kind.bytes, listing->kind, view->kind.len) == 0;
}

// Whether the record is one of those asked for, as far as that can be told without its kind. Opens
// it then.
static bool look_at(const struct listing *listing, struct sealer *sealer,
                    const struct record *record, struct view *view)
{
    if (record->arrived_ms < listing->since_ms ||
        (listing->has_group && memcmp(record->group, listing->group, TAG_LEN) != 0)) {
        return false;
    }
    if (view_name(listing->view, record, view) != ERR_OK) {
        view->is_named = false;
    }
    if ((view->is_named && view->named.is_quarantined) != listing->is_quarantined ||
        !is_centre_wanted(listing, view)) {
        return false;
    }
    view_open(listing->view, sealer, view);
    return true;
}

static void list_view(struct listing *listing, const struct view *view, struct text *out)
{
    if (!is_kind_wanted(listing, view)) {
        return;
    }
    text_open(out, '{');
    view_write(listing->view, view, out);
    text_close(out, '}');
    text_end_line(out);
    listing->left--;
}

static void keep_sealed(struct listing *listing, const struct record *record)
{
    struct sealed *all = listing->sealed;
    if (listing->sealed_count == SEALED_KEPT) {
        memmove(all, all + 1, (SEALED_KEPT - 1) * sizeof *all);
        listing->sealed_count--;
    }
    struct sealed *kept = &all[listing->sealed_count++];
    kept->arrival = record->arrival;
    memcpy(kept->id, record->id, ID_LEN);
    memcpy(kept->group, record->group, TAG_LEN);
    memcpy(kept->key, record->key, TAG_LEN);
}

static void list_record(struct listing *listing, struct sealer *sealer, const struct record *record,
                        struct text *out)
{
    struct view view;
    if (!look_at(listing, sealer, record, &view)) {
        return;
    }
    if (listing->is_following && view.state == VIEW_SEALED) {
        keep_sealed(listing, record);
    }
    list_view(listing, &view, out);
}

// Whether it is worth another look: its key is here, or something says that it opens it.
static bool may_open(struct groups *groups, const struct sealed *sealed)
{
    struct group_key key;
    struct groups_released released;
    const bool may = groups_find_key(groups, sealed->group, sealed->key, &key) == ERR_OK ||
                     groups_find_release(groups, sealed->id, 0, &released) == ERR_OK;
    sodium_memzero(&key, sizeof key);
    sodium_memzero(&released, sizeof released);
    return may;
}

// Whether it can be read now, or is gone; then it has been listed anew.
static bool list_again(struct listing *listing, struct sealer *sealer, const struct sealed *sealed,
                       struct text *out)
{
    struct view view;
    struct store *store = desk_store(listing->view->desk);
    if (store_read_arrivals(store, sealed->arrival, false, 1, &listing->set) != ERR_OK ||
        listing->set.count != 1 || listing->set.records[0].arrival != sealed->arrival ||
        !look_at(listing, sealer, &listing->set.records[0], &view)) {
        return true;
    }
    if (view.state == VIEW_SEALED) {
        return false;
    }
    list_view(listing, &view, out);
    return true;
}

// Who follows would else never see what came before its key.
static void list_opened(struct listing *listing, struct text *out)
{
    struct groups *groups = desk_groups(listing->view->desk);
    struct sealer *sealer = listing->sealed_count > 0 ? sealers_get(listing->view->sealers) : NULL;
    size_t kept = 0;
    for (size_t i = 0; i < listing->sealed_count && sealer != NULL; i++) {
        const struct sealed sealed = listing->sealed[i];
        const bool is_done = listing->left > 0 && may_open(groups, &sealed) &&
                             list_again(listing, sealer, &sealed, out);
        if (!is_done) {
            listing->sealed[kept++] = sealed;
        }
    }
    if (sealer != NULL) {
        listing->sealed_count = kept;
        sealers_put(listing->view->sealers, sealer);
    }
}

// Lists the records read last.
static enum stream_state list_records(struct listing *listing, struct text *out)
{
    struct sealer *sealer = sealers_get(listing->view->sealers);
    if (sealer == NULL) {
        reply_line_failed(out, ERR_NO_SPACE);
        return STREAM_ENDED;
    }
    for (size_t i = 0; i < listing->set.count && listing->left > 0; i++) {
        const struct record *record = &listing->set.records[i];
        if (!listing->is_following && record->arrival > listing->last) {
            listing->left = 0;
        } else {
            listing->after = record->arrival;
            list_record(listing, sealer, record, out);
        }
    }
    sealers_put(listing->view->sealers, sealer);
    return listing->left > 0 ? STREAM_GOES_ON : STREAM_ENDED;
}

// At the end of what there is.
static enum stream_state list_wait(struct listing *listing, struct text *out)
{
    list_opened(listing, out);
    if (listing->left == 0) {
        return STREAM_ENDED;
    }
    if (listing->is_following && out->len == 0) {
        (void)desk_wait_arrival(listing->view->desk, listing->after, WAIT_MS);
    }
    return listing->is_following ? STREAM_GOES_ON : STREAM_ENDED;
}

// What is known to be of another kind is passed over.
static struct run next_run(const struct listing *listing)
{
    const struct kind *kind =
        kind_find((struct span){(const uint8_t *)listing->kind, strlen(listing->kind)});

    return kind == NULL
               ? (struct run){listing->after + 1, READ_COUNT}
               : situation_run_of_kind(listing->view->situation, kind, listing->after, READ_COUNT);
}

// One read of the store; comes back with nothing when nothing in it was wanted, so that it is seen
// whether the client is still there.
static enum stream_state listing_fill(struct stream *stream, struct text *out)
{
    struct listing *listing = (struct listing *)stream;
    struct desk *desk = listing->view->desk;
    if (desk_is_stopping(desk)) {
        return STREAM_ENDED;
    }
    const struct run run = next_run(listing);
    listing->after = run.from - 1;
    enum err err = store_read_arrivals(desk_store(desk), run.from, false, run.count, &listing->set);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && listing->set.count == 0)) {
        return list_wait(listing, out);
    }
    if (err != ERR_OK) {
        reply_line_failed(out, err);
        return STREAM_ENDED;
    }
    return list_records(listing, out);
}

static void listing_destroy(struct stream *stream)
{
    struct listing *listing = (struct listing *)stream;
    record_set_fini(&listing->set);
    free(listing);
}

// `text` into `out` of `size` bytes, when it is of a-z, 0-9 and -.
static enum err parse_word(const char *text, char *out, size_t size)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (len == 0 || text[len] != '\0' || len >= size) {
        return ERR_MALFORMED;
    }
    memcpy(out, text, len + 1);
    return ERR_OK;
}

static const char *parse_args(const struct call *call, struct listing *listing)
{
    const char *const *args = call->args;
    if (args[ARG_SINCE] != NULL && rfc3339_parse(args[ARG_SINCE], &listing->since_ms) != ERR_OK) {
        return "since must be a moment such as 2025-03-13T10:00:00Z";
    }
    if (args[ARG_KIND] != NULL &&
        parse_word(args[ARG_KIND], listing->kind, sizeof listing->kind) != ERR_OK) {
        return "kind must be 1 to 32 of a-z, 0-9 and -";
    }
    if (args[ARG_AFTER] != NULL && arg_count(args[ARG_AFTER], SEQ_MAX, &listing->after) != ERR_OK) {
        return "after must be the arrival number of an entry, or 0";
    }
    if (args[ARG_LIMIT] != NULL &&
        (arg_count(args[ARG_LIMIT], SEQ_MAX, &listing->left) != ERR_OK || listing->left == 0)) {
        return "limit must be a number, 1 or more";
    }
    if (arg_switch(args[ARG_FOLLOW], &listing->is_following) != ERR_OK) {
        return "follow must be 0 or 1";
    }
    if (arg_switch(args[ARG_QUARANTINED], &listing->is_quarantined) != ERR_OK) {
        return "quarantined must be 0 or 1";
    }
    return NULL;
}

// The arrival of the newest of the records read backward that lies before `ms`; 0 when none does.
static uint64_t newest_before(const struct record_set *set, uint64_t ms)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->records[i].arrived_ms < ms) {
            return set->records[i].arrival;
        }
    }
    return 0;
}

// Walks back from the newest entry to where nothing since `since_ms` can lie: arrival times follow
// a wall clock, which may have been set back a little.
static enum err skip_to_since(struct listing *listing)
{
    struct store *store = desk_store(listing->view->desk);
    uint64_t at = listing->last;
    enum err err = ERR_OK;
    while (err == ERR_OK && listing->since_ms > CLOCK_STEP_MS && at > listing->after) {
        err = store_read_arrivals(store, at, true, READ_COUNT, &listing->set);
        if (err != ERR_OK || listing->set.count == 0) {
            break;
        }
        uint64_t found = newest_before(&listing->set, listing->since_ms - CLOCK_STEP_MS);
        at = listing->set.records[listing->set.count - 1].arrival - 1;
        if (found != 0) {
            listing->after = found > listing->after ? found : listing->after;
            break;
        }
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

// False: the reply says that there is no such centre.
static bool choose_centre(struct call *call, struct listing *listing)
{
    const struct roster *roster = desk_roster(call->view->desk);
    const char *code = call->args[ARG_CENTRE];
    char why[UNKNOWN_TEXT_SIZE];

    if (code == NULL) {
        return true;
    }
    const int32_t centre = roster_find_centre(roster, code, strlen(code));
    if (centre < 0) {
        roster_no_centre_text(roster, code, why);
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "no_such_centre", "%s", why);
        return false;
    }
    listing->has_centre = true;
    listing->centre = (uint32_t)centre;
    return true;
}

// False: the reply says that there is no such group.
static bool choose_group(struct call *call, struct listing *listing)
{
    if (call->args[ARG_GROUP] == NULL) {
        return true;
    }
    const struct groups_view *groups = groups_hold(desk_groups(call->view->desk));
    const struct groups_item *item = group_named(&call->reply, groups, call->args[ARG_GROUP]);
    listing->has_group = item != NULL;
    if (item != NULL) {
        memcpy(listing->group, item->group->id, TAG_LEN);
    }
    groups_release(groups);
    return listing->has_group;
}

void entries_get(struct call *call)
{
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    listing->stream.fill = listing_fill;
    listing->stream.destroy = listing_destroy;
    listing->view = call->view;
    listing->left = UINT64_MAX;
    listing->last = store_last_arrival(desk_store(call->view->desk));
    const char *wrong = parse_args(call, listing);
    listing->stream.is_quiet = listing->is_following;
    if (wrong != NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", wrong);
        listing_destroy(&listing->stream);
        return;
    }
    if (!choose_centre(call, listing) || !choose_group(call, listing)) {
        listing_destroy(&listing->stream);
        return;
    }
    enum err err = skip_to_since(listing);
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the store");
        listing_destroy(&listing->stream);
        return;
    }
    reply_stream(&call->reply, &listing->stream);
}
