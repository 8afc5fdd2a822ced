// SPDX-License-Identifier: EUPL-1.2
// POST /v1/contacts: whom to call for a function of this node's centre. Of a function there is one
// for each group: what is said of it replaces what was said before, whole.
#include <string.h>
#include <strings.h>

#include "api/group_choice.h"
#include "api/publish.h"
#include "picture/family.h"
#include "picture/overview.h"
#include "picture/situation.h"
#include "reading/group_text.h"
#include "reading/refs.h"
#include "sitrep/seal.h"

struct contact {
    struct call *call;
    const char *function;
    uint8_t group[TAG_LEN]; // that is to read it
    uint32_t centre;        // this node's
    struct picture *picture;
};

// False: the reply says that there is no such group.
static bool choose_group(struct contact *contact, const json_t *named)
{
    struct call *call = contact->call;
    const char *name = json_string_value(named);

    if (name == NULL) {
        group_all_members(desk_space(call->view->desk), contact->group);
        return true;
    }
    const struct groups_view *groups = groups_hold(desk_groups(call->view->desk));
    const struct groups_item *item = group_named(&call->reply, groups, name);
    if (item != NULL) {
        memcpy(contact->group, item->group->id, TAG_LEN);
    }
    groups_release(groups);
    return item != NULL;
}

// Capitals make no other function.
static bool is_of_function(const struct contact *contact, const struct picture_version *version)
{
    struct cbor_reader reader;
    struct span value;

    if (version->kept.bytes == NULL || body_find(version->kept, "function", &value) != ERR_OK) {
        return false;
    }
    cbor_read(&reader, value.bytes, value.len);
    const struct span function = cbor_get_text(&reader);
    return function.len == strlen(contact->function) &&
           strncasecmp((const char *)function.bytes, contact->function, function.len) == 0;
}

static bool is_for_group(const struct contact *contact, const struct ref *ref)
{
    const struct desk_view *view = contact->call->view;
    const struct groups_view *groups = groups_hold(desk_groups(view->desk));
    const struct group *group = NULL;
    struct named named;

    const bool is = refs_group(view, groups, ref, &named, &group) == ERR_OK && group != NULL &&
                    memcmp(group->id, contact->group, TAG_LEN) == 0;
    groups_release(groups);
    return is;
}

// Whether one of the versions that hold is what is looked for.
static bool is_it(const struct contact *contact, const struct places *versions)
{
    for (size_t i = 0; i < versions->count; i++) {
        struct picture_version version;
        picture_version(contact->picture, versions->list[i], &version);
        if (overview_is_head(&version) && is_of_function(contact, &version) &&
            is_for_group(contact, &version.ref)) {
            return true;
        }
    }
    return false;
}

// Names the item and all its versions that hold, so that what contradicted itself is settled, too.
static void replace(const struct contact *contact, uint32_t began, const struct places *versions,
                    json_t *fields)
{
    const struct roster *roster = desk_roster(contact->call->view->desk);
    json_t *replaced = json_array();
    struct picture_version version;

    for (size_t i = 0; i < versions->count && json_array_size(replaced) < PICTURE_PARENTS_MAX;
         i++) {
        picture_version(contact->picture, versions->list[i], &version);
        if (overview_is_head(&version)) {
            (void)json_array_append_new(replaced, refs_json(roster, &version.ref));
        }
    }
    picture_version(contact->picture, began, &version);
    (void)json_object_set_new(fields, "item", refs_json(roster, &version.ref));
    (void)json_object_set_new(fields, "supersedes", replaced);
}

// The first by reference, where nodes of the centre began several at once.
static enum err find(const struct contact *contact, json_t *fields)
{
    const uint32_t *items;
    struct places versions = {0};
    size_t count;
    bool is_found = false;
    enum err err = picture_items(contact->picture, &items, &count);

    for (size_t i = 0; err == ERR_OK && i < count && !is_found; i++) {
        struct picture_item item;
        struct picture_version began;
        picture_item(contact->picture, items[i], &item);
        picture_version(contact->picture, items[i], &began);
        if (item.kind == NULL || strcmp(item.kind->name, "contact") != 0 ||
            began.centre != contact->centre) {
            continue;
        }
        versions.count = 0;
        err = places_add_versions(&versions, contact->picture, items[i]);
        is_found = err == ERR_OK && is_it(contact, &versions);
        if (is_found) {
            replace(contact, items[i], &versions, fields);
        }
    }
    places_fini(&versions);
    return err;
}

// False: the reply says what is wrong.
static bool look(struct contact *contact, json_t *fields)
{
    struct call *call = contact->call;
    const struct desk_view *view = call->view;
    enum err err = situation_get(view->situation, view, &contact->picture);

    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the picture");
        return false;
    }
    err = find(contact, fields);
    situation_put(view->situation);
    if (err != ERR_OK) {
        reply_failed(&call->reply, ERR_IO, "no memory");
    }
    return err == ERR_OK;
}

static bool names_item(struct call *call, const json_t *fields)
{
    if (json_object_get(fields, "item") == NULL && json_object_get(fields, "supersedes") == NULL) {
        return false;
    }
    reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed",
                "what it replaces is found by its \"function\": no \"item\" and \"supersedes\"");
    return true;
}

void contacts_post(struct call *call)
{
    const struct desk_view *view = call->view;
    json_t *json = publish_parse(call, "contact");
    json_t *fields = json_object_get(json, "fields");
    struct contact contact = {.call = call,
                              .function = json_string_value(json_object_get(fields, "function")),
                              .centre =
                                  desk_roster(view->desk)->nodes[desk_self(view->desk)].centre};

    if (json == NULL || names_item(call, fields) ||
        !choose_group(&contact, json_object_get(json, "group"))) {
        json_decref(json);
        return;
    }
    situation_begin_change(view->situation);
    if (contact.function == NULL || look(&contact, fields)) {
        publish_one(call, json);
    }
    situation_end_change(view->situation);
    json_decref(json);
}
