// SPDX-License-Identifier: EUPL-1.2
// Public alerts, by what CAP 1.2 says of updates, cancellations and expiry. Their text stays in the
// store.
#include "picture/told.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "json/rfc3339.h"
#include "sitrep/content.h"
#include "sitrep/seal.h"

enum {
    TOLD_ID_LEN = 16,
    TOLD_FIRST = 16,
    TIME_MAX = 64,
    // An alert that does not say until when it holds: CAP leaves that to who receives it.
    HOLDS_MS = 24 * 3600 * 1000,
};

struct told_alert {
    uint8_t id[TOLD_ID_LEN];
    uint64_t expires_ms;
    uint32_t place;
    bool is_warning; // an alert or an update; else it only takes others back
};

struct told_end { // `place` takes the place of the alert with that id
    uint8_t id[TOLD_ID_LEN];
    uint32_t place;
};

struct told {
    struct told_alert *alerts;
    struct told_end *ends;
    size_t alerts_count, alerts_room;
    size_t ends_count, ends_room;
};

struct told *told_create(void)
{
    return calloc(1, sizeof(struct told));
}

void told_destroy(struct told **handle)
{
    if (*handle != NULL) {
        free((*handle)->alerts);
        free((*handle)->ends);
        free(*handle);
        *handle = NULL;
    }
}

void told_clear(struct told *told)
{
    told->alerts_count = told->ends_count = 0;
}

static void *grow(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return list;
    }
    const size_t wanted = *room == 0 ? TOLD_FIRST : *room * 2;
    void *grown = realloc(list, wanted * size);
    *room = grown == NULL ? *room : wanted;
    return grown;
}

static void identify(const struct span parts[static 3], uint8_t id[static TOLD_ID_LEN])
{
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, NULL, 0, TOLD_ID_LEN);
    for (size_t i = 0; i < 3; i++) {
        const uint64_t len = parts[i].len;
        (void)crypto_generichash_update(&state, (const uint8_t *)&len, sizeof len);
        (void)crypto_generichash_update(&state, parts[i].bytes, parts[i].len);
    }
    (void)crypto_generichash_final(&state, id, TOLD_ID_LEN);
}

// The text of that name; empty when there is none.
static struct span text_in(struct span map, const char *name)
{
    struct cbor_reader reader;
    struct span value;

    if (body_find(map, name, &value) != ERR_OK) {
        return (struct span){(const uint8_t *)"", 0};
    }
    cbor_read(&reader, value.bytes, value.len);
    return cbor_get_text(&reader);
}

// A time as CAP writes it; 0: it is none.
static uint64_t time_of(struct span text)
{
    char bytes[TIME_MAX];
    uint64_t ms;

    if (text.len == 0 || text.len >= sizeof bytes) {
        return 0;
    }
    memcpy(bytes, text.bytes, text.len);
    bytes[text.len] = '\0';
    return rfc3339_parse(bytes, &ms) == ERR_OK ? ms : 0;
}

// When the last of its parts expires.
static uint64_t expiry(struct span cap, uint64_t written_ms)
{
    struct cbor_reader reader;
    struct span info;
    uint64_t latest = 0;

    if (body_find(cap, "info", &info) == ERR_OK) {
        cbor_read(&reader, info.bytes, info.len);
        for (size_t left = cbor_get_array(&reader); left > 0; left--) {
            const uint64_t expires = time_of(text_in(cbor_skip(&reader), "expires"));
            latest = expires > latest ? expires : latest;
        }
    }
    return latest != 0 ? latest : written_ms + HOLDS_MS;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// "sender,identifier,sent". Nobody takes back what another sender said.
static bool read_reference(struct span word, struct span sender, struct span parts[static 3])
{
    const uint8_t *end = word.bytes + word.len;
    const uint8_t *from = word.bytes;

    for (size_t i = 0; i < 3; i++) {
        const uint8_t *comma = memchr(from, ',', (size_t)(end - from));
        if ((comma == NULL) != (i == 2)) {
            return false;
        }
        const uint8_t *to = comma == NULL ? end : comma;
        parts[i] = (struct span){from, (size_t)(to - from)};
        from = to + (comma == NULL ? 0 : 1);
    }
    return parts[0].len == sender.len && memcmp(parts[0].bytes, sender.bytes, sender.len) == 0;
}

static enum err add_end(struct told *told, uint32_t place, const struct span parts[static 3])
{
    struct told_end *ends =
        grow(told->ends, told->ends_count, &told->ends_room, sizeof *told->ends);

    if (ends == NULL) {
        return ERR_NO_SPACE;
    }
    told->ends = ends;
    ends[told->ends_count].place = place;
    identify(parts, ends[told->ends_count++].id);
    return ERR_OK;
}

static enum err add_references(struct told *told, uint32_t place, struct span cap)
{
    const struct span text = text_in(cap, "references");
    const struct span sender = text_in(cap, "sender");
    enum err err = ERR_OK;
    size_t next = 0;

    for (size_t i = 0; err == ERR_OK && i < text.len; i = next) {
        struct span parts[3];
        for (next = i; next < text.len && !is_space(text.bytes[next]);) {
            next++;
        }
        if (read_reference((struct span){text.bytes + i, next - i}, sender, parts)) {
            err = add_end(told, place, parts);
        }
        next++;
    }
    return err;
}

static enum err add_alert(struct told *told, uint32_t place, struct span cap)
{
    const struct span parts[3] = {text_in(cap, "sender"), text_in(cap, "identifier"),
                                  text_in(cap, "sent")};
    const struct span type = text_in(cap, "msgType");
    const bool is_update = span_is(type, "Update");
    struct told_alert *alerts =
        grow(told->alerts, told->alerts_count, &told->alerts_room, sizeof *told->alerts);

    if (alerts == NULL) {
        return ERR_NO_SPACE;
    }
    told->alerts = alerts;
    struct told_alert *alert = &alerts[told->alerts_count++];
    *alert =
        (struct told_alert){.place = place,
                            .expires_ms = expiry(cap, time_of(parts[2])),
                            .is_warning = is_update || span_is(type, "Alert") || type.len == 0};
    identify(parts, alert->id);
    return is_update || span_is(type, "Cancel") ? add_references(told, place, cap) : ERR_OK;
}

enum err told_add(struct told *told, uint32_t place, struct span body)
{
    struct content content;
    struct content_fault why;
    struct span kind;

    if (body_check(body, &kind) != ERR_OK || !span_is(kind, "alert") ||
        content_read(body, &content, &why) != ERR_OK) {
        return ERR_OK;
    }
    return add_alert(told, place, content_get(&content, "cap"));
}

static bool is_seen(struct picture *picture, uint32_t place)
{
    struct picture_version version;

    picture_version(picture, place, &version);
    return version.is_here;
}

static bool has_ended(const struct told *told, struct picture *picture,
                      const struct told_alert *alert)
{
    for (size_t i = 0; i < told->ends_count; i++) {
        const struct told_end *end = &told->ends[i];
        if (memcmp(end->id, alert->id, TOLD_ID_LEN) == 0 && is_seen(picture, end->place)) {
            return true;
        }
    }
    return false;
}

size_t told_list(const struct told *told, struct picture *picture, uint64_t now_ms,
                 uint32_t *places, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < told->alerts_count; i++) {
        const struct told_alert *alert = &told->alerts[i];
        if (!alert->is_warning || alert->expires_ms <= now_ms || !is_seen(picture, alert->place) ||
            has_ended(told, picture, alert)) {
            continue;
        }
        if (count < max) {
            places[count] = alert->place;
        }
        count++;
    }
    return count;
}
