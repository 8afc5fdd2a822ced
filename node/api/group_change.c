// SPDX-License-Identifier: EUPL-1.2
// POST /v1/groups and POST /v1/groups/NAME: founds a group, or changes one. Says beforehand, in
// words for a person, what groups_change would refuse; keys and entries are its business.
#include <string.h>

#include "api/group_choice.h"
#include "api/publish.h"
#include "json/body_json.h"
#include "json/roster_text.h"
#include "reading/group_text.h"

// What one request is about while it is checked.
struct changing {
    struct call *call;
    const struct groups_view *view;
    struct groups_order order;
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct changing *changing,
                                                         const char *format, ...)
{
    char why[WHY_SIZE + CENTRES_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    reply_error(&changing->call->reply, MHD_HTTP_CONFLICT, "conflict", "%s", why);
    return false;
}

static bool malformed(struct changing *changing, const char *why)
{
    reply_error(&changing->call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    return false;
}

// The index of the centre a client names.
static bool take_centre(struct changing *changing, const json_t *code, uint32_t *centre)
{
    const struct roster *roster = changing->view->roster;
    if (!json_is_string(code)) {
        return malformed(changing, "a centre is named by its code, as text");
    }
    const int32_t found =
        roster_find_centre(roster, json_string_value(code), json_string_length(code));
    if (found < 0) {
        char why[UNKNOWN_TEXT_SIZE];
        roster_no_centre_text(roster, json_string_value(code), why);
        reply_error(&changing->call->reply, MHD_HTTP_NOT_FOUND, "no_such_centre", "%s", why);
        return false;
    }
    *centre = (uint32_t)found;
    return true;
}

static uint32_t own_centre(const struct changing *changing)
{
    return changing->view->roster->nodes[desk_self(changing->call->view->desk)].centre;
}

static void reply_done(struct changing *changing, const struct groups_done *done)
{
    struct groups *groups = desk_groups(changing->call->view->desk);
    const struct groups_view *view = groups_hold(groups);
    const struct groups_item *item = groups_find(view, done->group);
    const struct desk_published published = {done->epoch, done->seq};
    char entry[NAME_SIZE];
    struct text *out = reply_json(&changing->call->reply, MHD_HTTP_CREATED);
    publish_name(changing->call->view, &published, entry);
    text_open(out, '{');
    text_key(out, "group");
    // On a busy node the view may lag behind what was published.
    text_string(out, item != NULL ? item->name : changing->order.name);
    text_key(out, "id");
    text_hex(out, done->group, TAG_LEN);
    text_key(out, "entry");
    text_string(out, entry);
    if (item != NULL) {
        text_key(out, "history");
        text_bool(out, item->group->has_history);
        group_write_centres(out, "members", &item->group->members, view->roster);
        group_write_centres(out, "owners", &item->group->owners, view->roster);
    }
    text_close(out, '}');
    groups_release(view);
}

// What was refused all the same: because something changed meanwhile, or by what publishes.
static void reply_refused(struct changing *changing, enum err err)
{
    struct desk *desk = changing->call->view->desk;
    const bool is_revoked = desk_roster(desk)->nodes[desk_self(desk)].is_revoked;
    if ((err == ERR_STATE && !desk_is_stopping(desk)) || (err == ERR_DENIED && !is_revoked)) {
        (void)refuse(changing, "the group has just been changed by somebody else: see 'sitrep "
                               "group show', and try again");
        return;
    }
    switch ((int)err) {
    case ERR_MALFORMED:
        (void)malformed(changing, "a group's name is 1 to 32 of a-z, 0-9 and -, begins with a "
                                  "letter, does not end in -, and is not 'all'");
        return;
    case ERR_LIMIT:
        (void)refuse(changing, "it takes no more changes or keys: found a new group");
        return;
    case ERR_NOT_FOUND:
        reply_failed(&changing->call->reply, err, "the group or the centre");
        return;
    default:
        publish_failed(changing->call->view, &changing->call->reply, err);
        return;
    }
}

static void make_change(struct changing *changing)
{
    struct groups_done done;
    const enum err err =
        groups_change(desk_groups(changing->call->view->desk), &changing->order, &done);
    if (err == ERR_OK) {
        reply_done(changing, &done);
    } else {
        reply_refused(changing, err);
    }
}

// -- a new group --

// The centres of a list, and this node's own, which founds the group.
static bool take_centres(struct changing *changing, const json_t *list, struct centre_set *centres)
{
    size_t index;
    const json_t *code;
    if (list != NULL && !json_is_array(list)) {
        return malformed(changing, "\"centres\" and \"owners\" must be lists of codes");
    }
    json_array_foreach(list, index, code)
    {
        uint32_t centre;
        if (!take_centre(changing, code, &centre)) {
            return false;
        }
        centre_set_add(centres, centre);
    }
    centre_set_add(centres, own_centre(changing));
    return true;
}

// Two of one name there can be, founded on either side of a cut, but nobody needs to add to it.
static bool check_name_is_free(struct changing *changing)
{
    const struct groups_item *item = NULL;
    size_t count = 0;
    char members[CENTRES_TEXT_SIZE];
    if (groups_find_name(changing->view, changing->order.name, &item, &count) == ERR_NOT_FOUND) {
        return true;
    }
    roster_centres_text(changing->view->roster, &item->group->members, members);
    return refuse(changing, "there is a group of that name already, %s, with %s", item->name,
                  members);
}

static bool take_founding(struct changing *changing, const json_t *json)
{
    struct groups_order *order = &changing->order;
    const json_t *name = json_object_get(json, "name");
    const json_t *centres = json_object_get(json, "centres");
    const json_t *owners = json_object_get(json, "owners");
    const json_t *history = json_object_get(json, "history");
    const size_t known =
        (size_t)(name != NULL) + (centres != NULL) + (owners != NULL) + (history != NULL);
    if (json_object_size(json) != known || !json_is_string(name) || centres == NULL ||
        (history != NULL && !json_is_boolean(history))) {
        return malformed(changing, "the body must be {\"name\", \"centres\", \"owners\"?, "
                                   "\"history\"?}");
    }
    if (json_string_length(name) > NAME_MAX_LEN ||
        !roster_name_is_valid(json_string_value(name), json_string_length(name)) ||
        strcmp(json_string_value(name), "all") == 0) {
        reply_refused(changing, ERR_MALFORMED);
        return false;
    }
    memcpy(order->name, json_string_value(name), json_string_length(name));
    if (!check_name_is_free(changing)) {
        return false;
    }
    order->op = GROUP_CREATE;
    order->has_history = json_is_true(history);
    if (!take_centres(changing, centres, &order->centres) ||
        !take_centres(changing, owners, &order->owners)) {
        return false;
    }
    for (uint32_t i = 0; i < changing->view->roster->centres_count; i++) {
        if (centre_set_has(&order->owners, i)) {
            centre_set_add(&order->centres, i);
        }
    }
    return true;
}

static void handle(struct call *call, bool (*take)(struct changing *changing, const json_t *json))
{
    char why[WHY_SIZE];
    struct changing changing = {.call = call, .view = groups_hold(desk_groups(call->view->desk))};
    json_t *json = body_parse(call->body, call->body_len, why);
    bool is_taken = json != NULL ? take(&changing, json) : malformed(&changing, why);
    json_decref(json);
    groups_release(changing.view); // before what makes a newer one
    changing.view = NULL;
    if (is_taken) {
        make_change(&changing);
    }
}

void groups_post(struct call *call)
{
    handle(call, take_founding);
}

// -- a change --

static bool take_op(struct changing *changing, const json_t *json)
{
    static const struct {
        const char *text;
        enum group_op op;
    } known[] = {{"add", GROUP_ADD},
                 {"remove", GROUP_REMOVE},
                 {"own", GROUP_OWN},
                 {"disown", GROUP_DISOWN},
                 {"rekey", GROUP_REKEY}};
    const char *text = json_string_value(json_object_get(json, "op"));
    for (size_t i = 0; text != NULL && i < sizeof known / sizeof *known; i++) {
        if (strcmp(text, known[i].text) == 0) {
            changing->order.op = known[i].op;
            const size_t members = known[i].op == GROUP_REKEY ? 1 : 2;
            return json_object_size(json) == members
                       ? true
                       : malformed(changing, "\"rekey\" stands alone, the others go with "
                                             "\"centre\"");
        }
    }
    return malformed(changing, "\"op\" must be add, remove, own, disown or rekey");
}

static bool check_owner(struct changing *changing, const struct groups_item *item)
{
    char owners[CENTRES_TEXT_SIZE];
    if (item->is_owner) {
        return true;
    }
    roster_centres_text(changing->view->roster, &item->group->owners, owners);
    reply_error(&changing->call->reply, MHD_HTTP_FORBIDDEN, "not_an_owner",
                "only an owner may change %s: %s", item->name, owners);
    return false;
}

static size_t centres_count(const struct centre_set *centres, const struct roster *roster)
{
    size_t count = 0;
    for (uint32_t i = 0; i < roster->centres_count; i++) {
        count += centre_set_has(centres, i);
    }
    return count;
}

// Whether the centre is what the operation takes it for.
static bool check_standing(struct changing *changing, const struct groups_item *item)
{
    const struct group *group = item->group;
    const struct roster *roster = changing->view->roster;
    const uint32_t centre = changing->order.centre;
    const enum group_op op = changing->order.op;
    const struct span span = roster->centres[centre].code;
    char code[NAME_MAX_LEN + 1] = "";
    memcpy(code, span.bytes, span.len);
    const bool is_member = centre_set_has(&group->members, centre);
    const bool is_owner = centre_set_has(&group->owners, centre);
    if (op == GROUP_ADD) {
        return is_member ? refuse(changing, "%s is a member of %s already", code, item->name)
                         : true;
    }
    if (!is_member) {
        return refuse(changing, "%s is no member of %s", code, item->name);
    }
    if (op == GROUP_OWN) {
        return is_owner ? refuse(changing, "%s is an owner of %s already", code, item->name) : true;
    }
    if (op == GROUP_DISOWN && !is_owner) {
        return refuse(changing, "%s is no owner of %s", code, item->name);
    }
    // Without an owner the group would fall to whoever comes first in the roster [14.8].
    if (is_owner && centres_count(&group->owners, roster) == 1 &&
        (op == GROUP_DISOWN || centres_count(&group->members, roster) > 1)) {
        return refuse(changing, "%s is the only owner of %s: let another member own it first", code,
                      item->name);
    }
    return true;
}

static bool take_change(struct changing *changing, const json_t *json)
{
    const struct groups_item *item =
        group_named(&changing->call->reply, changing->view, changing->call->tail);
    if (item == NULL || !take_op(changing, json)) {
        return false;
    }
    struct groups_order *order = &changing->order;
    memcpy(order->group, item->group->id, TAG_LEN);
    memcpy(order->name, item->group->name, sizeof order->name);
    if (order->op == GROUP_REKEY) {
        return check_owner(changing, item);
    }
    if (item->group->is_all) {
        return refuse(changing, "every centre of the federation is in 'all', by the roster: only "
                                "a new key can be brought here");
    }
    return take_centre(changing, json_object_get(json, "centre"), &order->centre) &&
           check_owner(changing, item) && check_standing(changing, item);
}

void group_post(struct call *call)
{
    handle(call, take_change);
}
