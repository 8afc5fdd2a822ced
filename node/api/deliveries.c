// SPDX-License-Identifier: EUPL-1.2
// GET /v1/deliveries/NAME: who has an entry, since when, and who acknowledged it, by centre; and
// GET /v1/deliveries: the entries whose acknowledgement is still awaited, the most urgent first.
#include <stdlib.h>
#include <string.h>

#include "api/holder.h"
#include "api/items.h"
#include "clock.h"
#include "picture/situation.h"
#include "reading/refs.h"
#include "reading/view.h"

enum { SHOWN_MAX = 500 }; // that are awaited

// What is written of one entry.
struct delivering {
    const struct desk_view *view;
    const struct roster *roster;
    struct picture *picture;
    const struct groups_view *groups;
    struct sealer *sealer;
    struct text *out;
    uint32_t place;
    struct named named;
    const struct group *group;     // it is sealed for; NULL: not known here
    const enum peer_claim *claims; // by node
};

static bool may_read(const struct delivering *delivering, uint32_t centre)
{
    return delivering->group == NULL || centre_set_has(&delivering->group->members, centre);
}

// Whether an acknowledgement by that centre is awaited.
static bool is_awaited(const struct delivering *delivering, uint32_t centre)
{
    return roster_has_node(delivering->roster, centre) && may_read(delivering, centre) &&
           picture_asks(delivering->picture, delivering->place, centre) &&
           picture_acks(delivering->picture, delivering->place, centre, NULL, 0) == 0;
}

static bool is_awaited_by_any(const struct delivering *delivering)
{
    bool is_some = false;

    for (uint32_t i = 0; i < delivering->roster->centres_count && !is_some; i++) {
        is_some = is_awaited(delivering, i);
    }
    return is_some;
}

static void write_moment(struct text *out, const char *key, uint64_t ms)
{
    text_key(out, key);
    text_time(out, ms == UINT64_MAX ? 0 : ms);
}

// -- who has it --

// What the links to the centre's nodes tell, which nobody signed.
static void write_link(const struct delivering *delivering, uint32_t centre)
{
    static const char *const words[] = {
        [CLAIM_NONE] = NULL, [CLAIM_SENT] = "sent", [CLAIM_HELD] = "held"};
    enum peer_claim most = CLAIM_NONE;

    for (uint32_t node = 0; node < delivering->roster->nodes_count; node++) {
        if (delivering->roster->nodes[node].centre == centre && delivering->claims[node] > most) {
            most = delivering->claims[node];
        }
    }
    text_key(delivering->out, "link");
    if (words[most] == NULL) {
        text_null(delivering->out);
    } else {
        text_string(delivering->out, words[most]);
    }
}

// -- who acknowledged it --

static int compare_refs(const void *a, const void *b)
{
    return ref_compare(a, b);
}

// The references of the centre's acknowledgements, ascending, malloc'ed; NULL: no memory.
static struct ref *list_acks(const struct delivering *delivering, uint32_t centre, size_t *count)
{
    struct picture *picture = delivering->picture;
    *count = picture_acks(picture, delivering->place, centre, NULL, 0);
    uint32_t *places = calloc(*count + 1, sizeof *places);
    struct ref *refs = calloc(*count + 1, sizeof *refs);

    if (places == NULL || refs == NULL) {
        free(places);
        free(refs);
        return NULL;
    }
    (void)picture_acks(picture, delivering->place, centre, places, *count);
    for (size_t i = 0; i < *count; i++) {
        struct picture_version version;
        picture_version(picture, places[i], &version);
        refs[i] = version.ref;
    }
    free(places);
    qsort(refs, *count, sizeof *refs, compare_refs);
    return refs;
}

static void write_acks(const struct delivering *delivering, uint32_t centre)
{
    struct text *out = delivering->out;
    size_t count;
    struct ref *refs = list_acks(delivering, centre, &count);

    text_key(out, "acks");
    text_open(out, '[');
    for (size_t i = 0; refs != NULL && i < count; i++) {
        text_open(out, '{');
        refs_write_entry(delivering->view, delivering->sealer, &refs[i], out);
        text_close(out, '}');
    }
    text_close(out, ']');
    out->has_failed |= refs == NULL;
    free(refs);
}

// -- one --

static void write_centre(const struct delivering *delivering, uint32_t centre, bool is_wanted)
{
    struct text *out = delivering->out;
    struct picture_holding held;
    const uint32_t holder =
        holder_find(delivering->picture, delivering->roster, delivering->place, centre, &held);

    text_open(out, '{');
    text_key(out, "centre");
    text_span(out, delivering->roster->centres[centre].code);
    text_key(out, "node");
    text_span(out, delivering->roster->nodes[holder].name);
    text_key(out, "reads");
    text_bool(out, may_read(delivering, centre));
    holder_write(delivering->view, delivering->picture, &held, out);
    write_link(delivering, centre);
    text_key(out, "awaited");
    text_bool(out, is_wanted && is_awaited(delivering, centre));
    write_acks(delivering, centre);
    text_close(out, '}');
}

static void write_asking(const struct delivering *delivering, uint64_t ack_by_ms)
{
    const bool is_late = ack_by_ms < clock_wall_ms() && is_awaited_by_any(delivering);

    write_moment(delivering->out, "ack_by", ack_by_ms);
    text_key(delivering->out, "overdue");
    text_bool(delivering->out, is_late);
}

static void write_delivery(const struct delivering *delivering)
{
    struct text *out = delivering->out;
    const uint64_t ack_by_ms = picture_ack_by(delivering->picture, delivering->place);
    struct picture_version version;

    picture_version(delivering->picture, delivering->place, &version);
    text_open(out, '{');
    refs_write_entry(delivering->view, delivering->sealer, &version.ref, out);
    write_asking(delivering, ack_by_ms);
    text_key(out, "centres");
    text_open(out, '[');
    for (uint32_t i = 0; i < delivering->roster->centres_count; i++) {
        if (roster_has_node(delivering->roster, i)) {
            write_centre(delivering, i, ack_by_ms != UINT64_MAX);
        }
    }
    text_close(out, ']');
    text_close(out, '}');
}

// Takes up the entry at a place; false: it is not here.
static bool take_up(struct delivering *delivering, uint32_t place)
{
    struct picture_version version;

    picture_version(delivering->picture, place, &version);
    delivering->place = place;
    return refs_group(delivering->view, delivering->groups, &version.ref, &delivering->named,
                      &delivering->group) == ERR_OK;
}

static void reply_delivery(struct call *call, struct delivering *delivering, const struct ref *ref)
{
    const uint32_t place = picture_find(delivering->picture, ref);
    enum peer_claim *claims = calloc(delivering->roster->nodes_count + 1, sizeof *claims);

    if (claims == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    } else if (place == PICTURE_NONE || !take_up(delivering, place)) {
        reply_error(&call->reply, MHD_HTTP_NOT_FOUND, "not_found",
                    "%s cannot be read here, and so nothing is known of who has it", call->tail);
    } else if (desk_claim(call->view->desk, delivering->named.chain.number, ref->seq, claims,
                          delivering->roster->nodes_count) != ERR_OK) {
        reply_failed(&call->reply, ERR_STATE, "the links");
    } else {
        delivering->claims = claims;
        delivering->out = reply_json(&call->reply, MHD_HTTP_OK);
        write_delivery(delivering);
    }
    free(claims);
}

// -- those that are awaited --

struct asking {
    uint64_t ack_by_ms;
    uint32_t place;
};

static int compare_asking(const void *left, const void *right)
{
    const struct asking *a = left;
    const struct asking *b = right;

    if (a->ack_by_ms != b->ack_by_ms) {
        return a->ack_by_ms < b->ack_by_ms ? -1 : 1;
    }
    return a->place < b->place ? -1 : a->place > b->place;
}

// Those that ask, in no order; `list` has room for all there are. Returns how many do.
static size_t list_asking(struct picture *picture, struct asking *list)
{
    const uint32_t places = picture_count(picture);
    size_t count = 0;

    for (uint32_t i = 0; i < places; i++) {
        const uint64_t ack_by_ms = picture_ack_by(picture, i);
        if (ack_by_ms != UINT64_MAX) {
            list[count++] = (struct asking){ack_by_ms, i};
        }
    }
    return count;
}

static void write_awaited(const struct delivering *delivering, const struct asking *asking)
{
    struct text *out = delivering->out;
    struct picture_version version;

    picture_version(delivering->picture, asking->place, &version);
    text_open(out, '{');
    refs_write_entry(delivering->view, delivering->sealer, &version.ref, out);
    write_asking(delivering, asking->ack_by_ms);
    text_key(out, "awaited");
    text_open(out, '[');
    for (uint32_t i = 0; i < delivering->roster->centres_count; i++) {
        if (is_awaited(delivering, i)) {
            text_span(out, delivering->roster->centres[i].code);
        }
    }
    text_close(out, ']');
    text_close(out, '}');
}

// Takes up the entry at a place if it is awaited of anybody; first as if all could read it, which
// costs nothing.
static bool take_awaited(struct delivering *delivering, uint32_t place)
{
    delivering->place = place;
    delivering->group = NULL;
    return is_awaited_by_any(delivering) && take_up(delivering, place) &&
           is_awaited_by_any(delivering);
}

static void write_list(struct delivering *delivering, const struct asking *list, size_t count)
{
    struct text *out = delivering->out;
    size_t awaited = 0;

    text_key(out, "awaited");
    text_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (take_awaited(delivering, list[i].place) && awaited++ < SHOWN_MAX) {
            write_awaited(delivering, &list[i]);
        }
    }
    text_close(out, ']');
    text_key(out, "more");
    text_uint(out, awaited > SHOWN_MAX ? awaited - SHOWN_MAX : 0);
}

static void reply_awaited(struct call *call, struct delivering *delivering)
{
    // What few entries ask for takes few pages of it.
    struct asking *list = calloc(picture_count(delivering->picture) + (size_t)1, sizeof *list);

    if (list == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    const size_t count = list_asking(delivering->picture, list);
    qsort(list, count, sizeof *list, compare_asking);
    struct text *out = delivering->out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    view_write_space(call->view, out);
    write_list(delivering, list, count);
    text_close(out, '}');
    free(list);
}

// -- both --

// With the picture, the groups and a sealer at hand.
static void reply_with_all(struct call *call, const struct ref *ref)
{
    struct delivering delivering = {.view = call->view, .roster = desk_roster(call->view->desk)};
    const enum err err = situation_get(call->view->situation, call->view, &delivering.picture);

    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the picture");
        return;
    }
    delivering.sealer = sealers_get(call->view->sealers);
    delivering.groups = groups_hold(desk_groups(call->view->desk));
    if (delivering.sealer == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    } else if (ref == NULL) {
        reply_awaited(call, &delivering);
    } else {
        reply_delivery(call, &delivering, ref);
    }
    groups_release(delivering.groups);
    if (delivering.sealer != NULL) {
        sealers_put(call->view->sealers, delivering.sealer);
    }
    situation_put(call->view->situation);
}

void deliveries_get(struct call *call)
{
    reply_with_all(call, NULL);
}

void delivery_get(struct call *call)
{
    struct ref ref;

    if (item_find(call, &ref)) {
        reply_with_all(call, &ref);
    }
}
