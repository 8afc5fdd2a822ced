// SPDX-License-Identifier: EUPL-1.2
// References by name. A name alone is looked up; with an id behind it, it is taken as it is, so
// that what is not here can be named, too.
#include "reading/refs.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "json/roster_text.h"
#include "reading/view.h"

enum { TAG_TEXT = 2 * TAG_LEN };

// The id of the entry with that name here; the entry, too, alone in `set`, unless that is NULL. The
// caller frees it, also after an error. Errors: ERR_NOT_FOUND, ERR_STATE (it needs a letter), and
// the store's.
static enum err read_named(const struct desk_view *view, const struct name *name,
                           struct named *named, struct record_set *set, uint8_t id[static ID_LEN])
{
    struct store *store = desk_store(view->desk);
    char letters[BRANCHES_MAX + 1];

    enum err err = naming_find(view->naming, desk_roster(view->desk), name, named, letters);
    if (err != ERR_OK || set == NULL) {
        return err == ERR_OK ? store_read_id(store, named->chain.number, name->seq, id) : err;
    }
    err = store_read(store, named->chain.number, name->seq, 1, 1, set);
    if (err == ERR_OK && set->count == 0) {
        err = ERR_NOT_FOUND;
    }
    if (err == ERR_OK) {
        memcpy(id, set->records[0].id, ID_LEN);
    }
    return err;
}

void refs_not_found_text(const struct roster *roster, const struct name *name,
                         char why[static WHY_SIZE])
{
    char text[NAME_SIZE];

    if (roster_find_name(roster, name->node, strlen(name->node)) < 0) {
        static_assert((size_t)UNKNOWN_TEXT_SIZE <= WHY_SIZE, "has to fit");
        roster_no_node_text(roster, name->node, why);
        return;
    }
    name_format(name, text);
    snprintf(why, WHY_SIZE, "there is no entry %s here", text);
}

static enum err take_tag(const char *text, uint8_t tag[static TAG_LEN])
{
    size_t len = 0;

    return strlen(text) == TAG_TEXT &&
                   sodium_hex2bin(tag, TAG_LEN, text, TAG_TEXT, NULL, &len, NULL) == 0 &&
                   len == TAG_LEN
               ? ERR_OK
               : ERR_MALFORMED;
}

static enum err resolve(const struct desk_view *view, const struct name *name, const char *tag,
                        struct ref *ref, char why[static WHY_SIZE])
{
    const struct roster *roster = desk_roster(view->desk);
    char known[NAME_SIZE];
    enum err err;

    name_format(name, known);
    if (tag != NULL) {
        const int32_t node = roster_find_name(roster, name->node, strlen(name->node));
        err = take_tag(tag + 1, ref->tag);
        err = err == ERR_OK && node < 0 ? ERR_NOT_FOUND : err;
        ref->author = node < 0 ? 0 : (uint32_t)node;
    } else {
        uint8_t id[ID_LEN];
        struct named named;
        err = read_named(view, name, &named, NULL, id);
        ref->author = 0;
        if (err == ERR_OK) {
            ref->author = named.node;
            memcpy(ref->tag, id, TAG_LEN);
        }
    }
    if (err == ERR_STATE) {
        snprintf(why, WHY_SIZE, "%s is forked; name a branch of it, such as %sa", known, known);
    } else if (err == ERR_MALFORMED) {
        snprintf(why, WHY_SIZE, "behind # must stand %d hexadecimal digits", TAG_TEXT);
    } else if (err != ERR_OK) {
        refs_not_found_text(roster, name, why);
    }
    return err;
}

static enum err read_ref(const void *context, const char *text, struct ref *ref,
                         char why[static WHY_SIZE])
{
    const char *tag = strchr(text, '#');
    const size_t len = tag == NULL ? strlen(text) : (size_t)(tag - text);
    char plain[NAME_SIZE];
    struct name name;
    const char *wrong = "this is no name of an entry";

    if (len >= sizeof plain) {
        snprintf(why, WHY_SIZE, "%s", wrong);
        return ERR_MALFORMED;
    }
    memcpy(plain, text, len);
    plain[len] = '\0';
    if (name_parse(plain, &name, &wrong) != ERR_OK) {
        snprintf(why, WHY_SIZE, "%s", wrong);
        return ERR_MALFORMED;
    }
    *ref = (struct ref){.epoch = (uint32_t)name.epoch, .seq = name.seq};
    return resolve(context, &name, tag, ref, why);
}

// Whether the name is the entry's; then it is in `set`, unless that is NULL.
static bool is_name(const struct desk_view *view, const struct name *name, const struct ref *ref,
                    struct named *named, struct record_set *set)
{
    uint8_t id[ID_LEN];

    return read_named(view, name, named, set, id) == ERR_OK && named->node == ref->author &&
           memcmp(id, ref->tag, TAG_LEN) == 0;
}

static struct name name_of(const struct roster *roster, const struct ref *ref)
{
    struct name name = {.epoch = ref->epoch, .seq = ref->seq};

    memcpy(name.node, roster->nodes[ref->author].name.bytes, roster->nodes[ref->author].name.len);
    return name;
}

enum err refs_read(const struct desk_view *view, const struct ref *ref, struct named *named,
                   struct record_set *set)
{
    const struct roster *roster = desk_roster(view->desk);

    if (ref->author >= roster->nodes_count) {
        return ERR_NOT_FOUND;
    }
    struct name name = name_of(roster, ref);
    bool is_found = is_name(view, &name, ref, named, set);
    for (int i = 0; i < BRANCHES_MAX && !is_found; i++) {
        name.fork = (char)('a' + i);
        is_found = is_name(view, &name, ref, named, set);
    }
    return is_found ? ERR_OK : ERR_NOT_FOUND;
}

void refs_format(const struct roster *roster, const struct ref *ref, char out[static REF_TEXT_SIZE])
{
    const struct name name = name_of(roster, ref);
    char tag[TAG_TEXT + 1];

    sodium_bin2hex(tag, sizeof tag, ref->tag, TAG_LEN);
    name_format(&name, out);
    snprintf(out + strlen(out), REF_TEXT_SIZE - strlen(out), "#%s", tag);
}

json_t *refs_json(const struct roster *roster, const struct ref *ref)
{
    char text[REF_TEXT_SIZE];

    refs_format(roster, ref, text);
    return json_string(text);
}

static void write_ref(const void *context, const struct ref *ref, char out[static REF_TEXT_SIZE])
{
    const struct desk_view *view = context;
    struct named named;

    if (refs_read(view, ref, &named, NULL) == ERR_OK) {
        name_format(&named.name, out);
    } else {
        refs_format(desk_roster(view->desk), ref, out);
    }
}

struct content_names refs_names(const struct desk_view *view)
{
    return (struct content_names){
        .roster = desk_roster(view->desk),
        .context = view,
        .read_ref = read_ref,
        .write_ref = write_ref,
    };
}

void refs_write_name(const struct desk_view *view, const char *key, const struct ref *ref,
                     struct text *out)
{
    char name[REF_TEXT_SIZE];

    text_key(out, key);
    if (ref->author >= desk_roster(view->desk)->nodes_count) {
        text_null(out); // by a node of a roster to come
        return;
    }
    write_ref(view, ref, name);
    text_string(out, name);
}

enum err refs_group(const struct desk_view *view, const struct groups_view *groups,
                    const struct ref *ref, struct named *named, const struct group **group)
{
    struct record_set set = {0};
    const enum err err = refs_read(view, ref, named, &set);
    const struct groups_item *item =
        err == ERR_OK ? groups_find(groups, set.records[0].group) : NULL;

    *group = item == NULL ? NULL : item->group;
    record_set_fini(&set);
    return err;
}

bool refs_open(const struct desk_view *view, struct sealer *sealer, const struct ref *ref,
               struct record_set *set, struct view *entry)
{
    *entry = (struct view){.is_named = true};
    if (refs_read(view, ref, &entry->named, set) != ERR_OK) {
        return false;
    }
    entry->record = &set->records[0];
    view_open(view, sealer, entry);
    return true;
}

void refs_write_entry(const struct desk_view *view, struct sealer *sealer, const struct ref *ref,
                      struct text *out)
{
    struct record_set set = {0};
    struct view entry;

    if (refs_open(view, sealer, ref, &set, &entry)) {
        view_write(view, &entry, out);
    } else {
        refs_write_name(view, "name", ref, out);
    }
    record_set_fini(&set);
}
