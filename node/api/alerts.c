// SPDX-License-Identifier: EUPL-1.2
// POST /v1/alerts: publishes a public alert once, however often it is imported, here or at another
// node whose import has arrived. Reads no XML: the client has taken the essentials out.
#include "api/alerts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "api/group_choice.h"
#include "api/publish.h"
#include "json/body_json.h"
#include "json/content_json.h"
#include "reading/group_text.h"
#include "reading/view.h"

enum { ALERT_ID_LEN = 16, ALERTS_FIRST = 64, ALERTS_READ = 64, ALERT_TEXT_MAX = 1024 };

struct alert {
    uint8_t id[ALERT_ID_LEN];
    uint32_t chain;
    uint64_t seq; // 0: a free slot
};

struct alerts {
    pthread_mutex_t mutex;  // held from looking an alert up until it is published
    uint64_t watermark;     // arrivals up to this one are in `slots`
    uint8_t roster[ID_LEN]; // the hash of that by which it was told what counts
    struct alert *slots;    // open addressing, at most half full
    size_t size;            // a power of two
    size_t count;
};

struct alerts *alerts_create(void)
{
    struct alerts *alerts = calloc(1, sizeof *alerts);
    if (alerts != NULL) {
        pthread_mutex_init(&alerts->mutex, NULL);
    }
    return alerts;
}

void alerts_destroy(struct alerts **alerts)
{
    if (*alerts == NULL) {
        return;
    }
    pthread_mutex_destroy(&(*alerts)->mutex);
    free((*alerts)->slots);
    free(*alerts);
    *alerts = NULL;
}

// The slot of `id`, or the free one where it belongs.
static struct alert *alerts_slot(const struct alerts *alerts, const uint8_t id[static ALERT_ID_LEN])
{
    uint64_t hash;
    memcpy(&hash, id, sizeof hash);
    for (size_t i = hash & (alerts->size - 1);; i = (i + 1) & (alerts->size - 1)) {
        struct alert *slot = &alerts->slots[i];
        if (slot->seq == 0 || memcmp(slot->id, id, ALERT_ID_LEN) == 0) {
            return slot;
        }
    }
}

static const struct alert *alerts_find(const struct alerts *alerts,
                                       const uint8_t id[static ALERT_ID_LEN])
{
    if (alerts->size == 0) {
        return NULL;
    }
    const struct alert *slot = alerts_slot(alerts, id);
    return slot->seq == 0 ? NULL : slot;
}

static enum err alerts_grow(struct alerts *alerts)
{
    struct alerts grown = *alerts;
    grown.size = alerts->size == 0 ? ALERTS_FIRST : alerts->size * 2;
    grown.slots = calloc(grown.size, sizeof *grown.slots);
    if (grown.slots == NULL) {
        return ERR_NO_SPACE;
    }
    for (size_t i = 0; i < alerts->size; i++) {
        if (alerts->slots[i].seq != 0) {
            *alerts_slot(&grown, alerts->slots[i].id) = alerts->slots[i];
        }
    }
    free(alerts->slots);
    alerts->slots = grown.slots;
    alerts->size = grown.size;
    return ERR_OK;
}

// The first entry of an alert stays the one that is named.
static enum err alerts_add(struct alerts *alerts, const struct alert *alert)
{
    if (alerts->count >= alerts->size / 2) {
        enum err err = alerts_grow(alerts);
        if (err != ERR_OK) {
            return err;
        }
    }
    struct alert *slot = alerts_slot(alerts, alert->id);
    if (slot->seq == 0) {
        *slot = *alert;
        alerts->count++;
    }
    return ERR_OK;
}

// One that a group alone can read is another than the same one for all members.
static void alert_identify(const struct span parts[static 3], const uint8_t group[static TAG_LEN],
                           uint8_t id[static ALERT_ID_LEN])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, ALERT_ID_LEN);
    crypto_generichash_update(&state, group, TAG_LEN);
    for (int i = 0; i < 3; i++) {
        uint64_t len = parts[i].len;
        crypto_generichash_update(&state, (const uint8_t *)&len, sizeof len);
        crypto_generichash_update(&state, parts[i].bytes, parts[i].len);
    }
    crypto_generichash_final(&state, id, ALERT_ID_LEN);
}

static const char *const identity[3] = {"sender", "identifier", "sent"};

// Where the value of that key belongs, or NULL.
static struct span *identity_part(struct span key, struct span parts[static 3])
{
    for (int i = 0; i < 3; i++) {
        if (key.len == strlen(identity[i]) && memcmp(key.bytes, identity[i], key.len) == 0) {
            return &parts[i];
        }
    }
    return NULL;
}

// The identity of the alert in a body. False: it has none.
static bool alert_of_body(struct span content, const uint8_t group[static TAG_LEN],
                          uint8_t id[static ALERT_ID_LEN])
{
    struct span cap;
    struct span parts[3] = {0};
    struct cbor_reader cbor;
    if (body_find(content, "cap", &cap) != ERR_OK) {
        return false;
    }
    cbor_read(&cbor, cap.bytes, cap.len);
    size_t count = cbor_peek(&cbor) == CBOR_MAP ? cbor_get_map(&cbor) : 0;
    for (size_t i = 0; i < count; i++) {
        bool is_text = cbor_peek(&cbor) == CBOR_TEXT;
        struct span key = is_text ? cbor_get_text(&cbor) : cbor_skip(&cbor);
        struct span *part = is_text ? identity_part(key, parts) : NULL;
        if (part != NULL && cbor_peek(&cbor) == CBOR_TEXT) {
            *part = cbor_get_text(&cbor);
        } else {
            cbor_skip(&cbor);
        }
    }
    if (parts[0].len == 0 || parts[1].len == 0 || parts[2].len == 0) {
        return false;
    }
    alert_identify(parts, group, id);
    return true;
}

static enum err alerts_read_record(struct alerts *alerts, const struct desk_view *desk_view,
                                   struct sealer *sealer, const struct record *record)
{
    struct view view;
    struct alert alert = {.chain = record->chain, .seq = record->seq};
    if (view_name(desk_view, record, &view) != ERR_OK || view.named.is_quarantined) {
        return ERR_OK;
    }
    view_open(desk_view, sealer, &view);
    if (view.state != VIEW_OPEN || view.kind.len != 5 || memcmp(view.kind.bytes, "alert", 5) != 0) {
        return ERR_OK;
    }
    if (!alert_of_body(view.content, record->group, alert.id)) {
        return ERR_OK;
    }
    return alerts_add(alerts, &alert);
}

static enum err alerts_read_set(struct alerts *alerts, const struct desk_view *desk_view,
                                struct sealer *sealer, const struct record_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        enum err err = alerts_read_record(alerts, desk_view, sealer, &set->records[i]);
        if (err != ERR_OK) {
            return err;
        }
        alerts->watermark = set->records[i].arrival;
    }
    return desk_is_stopping(desk_view->desk) ? ERR_STATE : ERR_OK;
}

// A new version may revoke whoever brought an alert, or move the point: all is looked at anew.
static void alerts_use_roster(struct alerts *alerts, const struct roster *roster)
{
    if (memcmp(alerts->roster, roster->hash, ID_LEN) == 0) {
        return;
    }
    memcpy(alerts->roster, roster->hash, ID_LEN);
    alerts->watermark = 0;
    alerts->count = 0;
    if (alerts->slots != NULL) {
        memset(alerts->slots, 0, alerts->size * sizeof *alerts->slots);
    }
}

// Reads what has arrived since the last time. Call with the mutex held.
static enum err alerts_read(struct alerts *alerts, const struct desk_view *desk_view)
{
    struct store *store = desk_store(desk_view->desk);
    struct record_set set = {0};
    enum err err = ERR_OK;
    struct sealer *sealer = sealers_get(desk_view->sealers);
    if (sealer == NULL) {
        return ERR_NO_SPACE;
    }
    alerts_use_roster(alerts, desk_roster(desk_view->desk));
    do {
        err = store_read_arrivals(store, alerts->watermark + 1, false, ALERTS_READ, &set);
        if (err == ERR_OK) {
            err = alerts_read_set(alerts, desk_view, sealer, &set);
        }
    } while (err == ERR_OK && set.count > 0);
    sealers_put(desk_view->sealers, sealer);
    record_set_fini(&set);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

// -- the request --

struct import {
    json_t *json;   // the request
    json_t *kind;   // "alert"
    json_t *fields; // of the body
    struct span identity[3];
    uint8_t precedence;
    uint8_t group[TAG_LEN]; // zero: all members
};

static void import_fini(struct import *import)
{
    json_decref(import->json);
    json_decref(import->kind);
    json_decref(import->fields);
}

static bool import_identify(struct import *import, const json_t *cap)
{
    for (int i = 0; i < 3; i++) {
        const json_t *value = json_object_get(cap, identity[i]);
        const size_t len = json_string_length(value);
        import->identity[i] = (struct span){(const uint8_t *)json_string_value(value), len};
        if (!json_is_string(value) || len == 0 || len > ALERT_TEXT_MAX) {
            return false;
        }
    }
    return true;
}

// Checks the request and makes the body's fields of it. NULL, or what is wrong.
static const char *import_parse(struct import *import)
{
    json_t *cap = json_object_get(import->json, "cap");
    json_t *original = json_object_get(import->json, "original_base64");
    json_t *media = json_object_get(import->json, "media");
    json_t *named = json_object_get(import->json, "precedence");
    json_t *group = json_object_get(import->json, "group");
    size_t known = (size_t)(cap != NULL) + (original != NULL) + (media != NULL) + (named != NULL) +
                   (group != NULL) + (json_object_get(import->json, "text") != NULL);
    if (json_object_size(import->json) != known) {
        return "only \"precedence\", \"group\", \"cap\", \"original_base64\", \"media\" and "
               "\"text\" may stand here";
    }
    if (group != NULL && !json_is_string(group)) {
        return "\"group\": must be the name of a group";
    }
    if (named != NULL &&
        (!json_is_string(named) ||
         precedence_parse(json_string_value(named), &import->precedence) != ERR_OK)) {
        return "\"precedence\": must be routine, priority, immediate or flash";
    }
    if (!json_is_object(cap) || !import_identify(import, cap)) {
        return "\"cap\": must be an object with the texts \"sender\", \"identifier\" and \"sent\"";
    }
    if (!json_is_string(original) || !json_is_string(media)) {
        return "\"original_base64\" and \"media\": must be text";
    }
    import->kind = json_string("alert");
    import->fields =
        json_pack("{s:O,s:{s:O},s:O}", "cap", cap, "original", "$bytes", original, "media", media);
    return import->kind == NULL || import->fields == NULL ? "out of memory" : NULL;
}

static void import_publish(struct call *call, const struct import *import)
{
    char why[WHY_SIZE] = "";
    struct body_parts parts = {.kind = import->kind,
                               .text = json_object_get(import->json, "text"),
                               .fields = import->fields};
    size_t size = body_bound(call->body_len) + 64;
    uint8_t *bytes = malloc(size);
    if (bytes == NULL) {
        reply_failed(&call->reply, ERR_IO, "no memory");
        return;
    }
    struct cbor_writer out;
    cbor_write(&out, bytes, size);
    enum err err = body_from_json(&parts, &out, why);
    struct desk_entry entry = {.content = {bytes, cbor_written(&out)},
                               .precedence = import->precedence};
    if (err == ERR_OK && entry.content.len <= CONTENT_MAX) {
        err = content_may_be_published(entry.content, why);
    }
    struct desk_published published;
    size_t failed = 0;
    memcpy(entry.group, import->group, TAG_LEN);
    if (err == ERR_MALFORMED) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", why);
    } else if (err != ERR_OK || entry.content.len > CONTENT_MAX) {
        publish_failed(call->view, &call->reply, ERR_LIMIT);
    } else if ((err = desk_publish(call->view->desk, &entry, 1, &published, &failed)) != ERR_OK) {
        publish_failed(call->view, &call->reply, err);
    } else {
        char name[NAME_SIZE];
        publish_name(call->view, &published, name);
        struct text *reply = reply_json(&call->reply, MHD_HTTP_CREATED);
        text_open(reply, '{');
        view_write_space(call->view, reply);
        text_key(reply, "name");
        text_string(reply, name);
        text_close(reply, '}');
    }
    free(bytes);
}

static void reply_already(struct call *call, const struct alert *alert)
{
    struct record record = {.chain = alert->chain, .seq = alert->seq};
    struct named named;
    enum err err = naming_of(call->view->naming, desk_roster(call->view->desk), &record, &named);
    if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the entry that carries this alert");
        return;
    }
    char name[NAME_SIZE];
    name_format(&named.name, name);
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    view_write_space(call->view, out);
    text_key(out, "name");
    text_string(out, name);
    text_key(out, "already");
    text_bool(out, true);
    text_close(out, '}');
}

// What all members read, the group reads too.
static const struct alert *find_import(const struct alerts *alerts, const struct desk_view *view,
                                       const struct import *import)
{
    uint8_t all[TAG_LEN];
    uint8_t id[ALERT_ID_LEN];
    group_all_members(desk_space(view->desk), all);
    alert_identify(import->identity, all, id);
    const struct alert *known = alerts_find(alerts, id);
    if (known != NULL || sodium_is_zero(import->group, TAG_LEN)) {
        return known;
    }
    alert_identify(import->identity, import->group, id);
    return alerts_find(alerts, id);
}

static void import_once(struct call *call, const struct import *import)
{
    struct alerts *alerts = call->view->alerts;
    pthread_mutex_lock(&alerts->mutex);
    enum err err = alerts_read(alerts, call->view);
    const struct alert *known = err == ERR_OK ? find_import(alerts, call->view, import) : NULL;
    if (err == ERR_STATE) {
        publish_failed(call->view, &call->reply, err);
    } else if (err != ERR_OK) {
        reply_failed(&call->reply, err, "the alerts held here");
    } else if (known != NULL) {
        reply_already(call, known);
    } else {
        import_publish(call, import);
    }
    pthread_mutex_unlock(&alerts->mutex);
}

static bool import_choose_group(struct call *call, struct import *import)
{
    const char *name = json_string_value(json_object_get(import->json, "group"));
    if (name == NULL) {
        return true;
    }
    const struct groups_view *groups = groups_hold(desk_groups(call->view->desk));
    const struct groups_item *item = group_named(&call->reply, groups, name);
    const bool is_chosen = item != NULL && group_may_write(call, groups, item);
    if (is_chosen) {
        memcpy(import->group, item->group->id, TAG_LEN);
    }
    groups_release(groups);
    return is_chosen;
}

void alerts_post(struct call *call)
{
    char why[WHY_SIZE] = "";
    struct import import = {.precedence = ROUTINE};
    import.json = body_parse(call->body, call->body_len, why);
    const char *wrong = import.json == NULL ? why : import_parse(&import);
    if (wrong != NULL) {
        reply_error(&call->reply, MHD_HTTP_BAD_REQUEST, "malformed", "%s", wrong);
    } else if (import_choose_group(call, &import)) {
        import_once(call, &import);
    }
    import_fini(&import);
}
