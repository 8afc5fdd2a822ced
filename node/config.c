// SPDX-License-Identifier: EUPL-1.2
// Reads node.conf: a strict scan of our own finds what zconfig would pass over in silence (unknown
// and doubled keys, wrong indents), with line numbers; zconfig then says what the values are.
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <czmq.h>

enum field_type {
    FIELD_NUMBER,
    FIELD_SIZE,
    FIELD_SWITCH,
    FIELD_ENDPOINT,
    FIELD_ADDRESS,
    FIELD_PATH,
    FIELD_LEVEL
};

struct field {
    const char *section;
    const char *key;
    enum field_type type;
    uint64_t min;
    uint64_t max;
    uint64_t normal; // the default
    size_t at;       // where in struct config
};

static const struct field fields[] = {
    {"sync", "bind", FIELD_ENDPOINT, 0, 0, 0, offsetof(struct config, bind_sync)},
    {"sync", "beacon_ms", FIELD_NUMBER, 100, 60000, 1000, offsetof(struct config, beacon_ms)},
    {"sync", "retry_ms", FIELD_NUMBER, 100, 60000, 3000, offsetof(struct config, retry_ms)},
    {"sync", "window_kib", FIELD_NUMBER, 64, 16384, 4096, offsetof(struct config, window_kib)},
    {"sync", "peers_max", FIELD_NUMBER, 1, 256, 64, offsetof(struct config, peers_max)},
    {"sync", "own_log_wait_ms", FIELD_NUMBER, 0, 600000, 3000,
     offsetof(struct config, own_log_wait_ms)},
    {"live", "bind", FIELD_ENDPOINT, 0, 0, 0, offsetof(struct config, bind_live)},
    {"live", "enabled", FIELD_SWITCH, 0, 1, 1, offsetof(struct config, has_live_plane)},
    {"transport", "socks", FIELD_ADDRESS, 0, 0, 0, offsetof(struct config, socks)},
    {"transport", "socks_login", FIELD_PATH, 0, 0, 0, offsetof(struct config, socks_login)},
    {"receipts", "interval_s", FIELD_NUMBER, 0, 86400, 300, offsetof(struct config, receipts_s)},
    {"store", "reserve_mib", FIELD_SIZE, 1, 1048576, 64, offsetof(struct config, reserve_mib)},
    {"store", "scrub_per_s", FIELD_NUMBER, 0, 1000000, 2000, offsetof(struct config, scrub_per_s)},
    {"log", "level", FIELD_LEVEL, 0, 0, 0, offsetof(struct config, log_level)},
};
enum {
    FIELDS_COUNT = sizeof fields / sizeof *fields,
    WORD_MAX = 32,
    LINE_MAX_LEN = 1023,
    TEXT_MAX = 64 * 1024
};

struct mistakes {
    char *text;
    size_t size;
    size_t len;
    bool has_any;
    bool is_cut; // nothing fits any more
};

static const char cut_short[] = "node.conf: and more mistakes\n";

static void mistake(struct mistakes *mistakes, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void mistake(struct mistakes *mistakes, unsigned line, const char *format, ...)
{
    mistakes->has_any = true;
    if (mistakes->is_cut) {
        return;
    }
    char text[512];
    int len = snprintf(text, sizeof text, "node.conf:%u: ", line);
    va_list arguments;
    va_start(arguments, format);
    len += vsnprintf(text + len, sizeof text - (size_t)len, format, arguments);
    va_end(arguments);
    size_t used = (size_t)len < sizeof text - 2 ? (size_t)len : sizeof text - 2;
    text[used++] = '\n';
    // Room for the last line is kept, so that nothing is left out in silence.
    const bool has_room = mistakes->len + used + sizeof cut_short <= mistakes->size;
    if (!has_room) {
        mistakes->is_cut = true;
        memcpy(text, cut_short, sizeof cut_short);
        used = sizeof cut_short - 1;
    }
    if (mistakes->len + used < mistakes->size) {
        memcpy(mistakes->text + mistakes->len, text, used);
        mistakes->len += used;
        mistakes->text[mistakes->len] = '\0';
    }
}

static void set_number(struct config *config, const struct field *field, uint64_t value)
{
    void *const at = (char *)config + field->at;
    switch (field->type) {
    case FIELD_NUMBER:
        *(uint32_t *)at = (uint32_t)value;
        break;
    case FIELD_SIZE:
        *(uint64_t *)at = value;
        break;
    case FIELD_SWITCH:
        *(bool *)at = value != 0;
        break;
    case FIELD_ENDPOINT:
    case FIELD_ADDRESS:
    case FIELD_PATH:
    case FIELD_LEVEL:
        break;
    }
}

static void set_defaults(struct config *config)
{
    memset(config, 0, sizeof *config);
    for (size_t i = 0; i < FIELDS_COUNT; i++) {
        set_number(config, &fields[i], fields[i].normal);
    }
    memcpy(config->log_level, "info", sizeof "info");
}

// -- values --

static bool read_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
    if (*text == '\0' || strspn(text, "0123456789") != strlen(text)) {
        return false;
    }
    errno = 0;
    *value = strtoull(text, NULL, 10);
    return errno == 0 && *value >= min && *value <= max;
}

// ADDRESS:PORT.
static bool is_address(const char *text)
{
    const char *port = strrchr(text, ':');
    if (strlen(text) > ENDPOINT_MAX_LEN - strlen("tcp://") || port == NULL || port == text) {
        return false;
    }
    const size_t host_len = (size_t)(port - text);
    const char *allowed = text[0] == '[' ? "0123456789abcdefABCDEF:.%[]"
                                         : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789.-_";
    uint64_t number = 0;
    return strspn(text, allowed) >= host_len && read_number(port + 1, 1, 65535, &number);
}

// tcp://ADDRESS:PORT, where ADDRESS may be * for all.
static bool is_endpoint(const char *text)
{
    uint64_t number = 0;
    const bool is_tcp = strncmp(text, "tcp://", 6) == 0;
    const bool is_all = is_tcp && strncmp(text + 6, "*:", 2) == 0;
    return is_all ? read_number(text + 8, 1, 65535, &number) : is_tcp && is_address(text + 6);
}

// In ASCII, because it may be shown on terminals.
static bool is_path(const char *text)
{
    size_t len = 0;
    while (text[len] >= ' ' && text[len] <= '~') {
        len++;
    }
    return len > 0 && len < CONFIG_PATH_MAX && text[len] == '\0';
}

static bool is_level(const char *text)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(text, levels[i]) == 0) {
            return true;
        }
    }
    return false;
}

// What people typed, made fit to be shown: control characters and other bytes become '?'.
static const char *shown(const char *text, char out[static 64])
{
    size_t len = 0;
    for (; text[len] != '\0' && len < 63; len++) {
        const bool is_plain = text[len] >= ' ' && text[len] <= '~';
        out[len] = text[len];
        if (!is_plain) {
            out[len] = '?';
        }
    }
    out[len] = '\0';
    return out;
}

static void set_value(struct config *config, const struct field *field, const char *value,
                      unsigned line, struct mistakes *mistakes)
{
    char *const text = (char *)config + field->at;
    char said[64];
    uint64_t number = 0;
    switch (field->type) {
    case FIELD_NUMBER:
    case FIELD_SIZE:
    case FIELD_SWITCH:
        if (read_number(value, field->min, field->max, &number)) {
            set_number(config, field, number);
        } else {
            mistake(mistakes, line,
                    "%s/%s is '%s', and must be a whole number from %" PRIu64 " to %" PRIu64,
                    field->section, field->key, shown(value, said), field->min, field->max);
        }
        break;
    case FIELD_ENDPOINT:
        if (is_endpoint(value)) {
            memcpy(text, value, strlen(value) + 1);
        } else {
            mistake(mistakes, line,
                    "%s/%s is '%s', and must be tcp://ADDRESS:PORT (ADDRESS may be *)",
                    field->section, field->key, shown(value, said));
        }
        break;
    case FIELD_ADDRESS:
        if (is_address(value)) {
            memcpy(text, value, strlen(value) + 1);
        } else {
            mistake(mistakes, line, "%s/%s is '%s', and must be ADDRESS:PORT, without any scheme",
                    field->section, field->key, shown(value, said));
        }
        break;
    case FIELD_PATH:
        if (is_path(value)) {
            memcpy(text, value, strlen(value) + 1);
        } else {
            mistake(mistakes, line,
                    "%s/%s is '%s', and must be a path in ASCII of at most %d bytes",
                    field->section, field->key, shown(value, said), CONFIG_PATH_MAX - 1);
        }
        break;
    case FIELD_LEVEL:
        if (is_level(value)) {
            memcpy(text, value, strlen(value) + 1);
        } else {
            mistake(mistakes, line, "%s/%s is '%s', and must be error, warning, info or debug",
                    field->section, field->key, shown(value, said));
        }
        break;
    }
}

// -- the scan --

struct scan {
    char section[WORD_MAX];       // of the lines that follow; empty before the first
    unsigned lines[FIELDS_COUNT]; // where each key is set; 0 where not
    struct mistakes *mistakes;
};

static bool is_known_section(const char *name)
{
    for (size_t i = 0; i < FIELDS_COUNT; i++) {
        if (strcmp(fields[i].section, name) == 0) {
            return true;
        }
    }
    return false;
}

// Takes a name of a-z, 0-9 and _ from *at; false when there is none or it is too long.
static bool take_word(const char **at, char word[static WORD_MAX])
{
    const size_t len = strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (len == 0 || len >= WORD_MAX) {
        return false;
    }
    memcpy(word, *at, len);
    word[len] = '\0';
    *at += len;
    return true;
}

static bool is_blank(const char *text)
{
    text += strspn(text, " ");
    return *text == '\0' || *text == '#';
}

// Takes a value: "...", '...' or bare text without blanks, then nothing but a comment.
static bool take_value(const char *text, char value[static LINE_MAX_LEN + 1])
{
    const bool is_quoted = *text == '"' || *text == '\'';
    const char *begin = text + is_quoted;
    const char *end = is_quoted ? strchr(begin, *text) : text + strcspn(text, " #\"'");
    if (end == NULL || (end == begin && !is_quoted) || !is_blank(end + is_quoted)) {
        return false;
    }
    const size_t len = (size_t)(end - begin);
    memcpy(value, begin, len);
    value[len] = '\0';
    return true;
}

static void scan_section(struct scan *scan, const char *text, unsigned line)
{
    const char *at = text;
    char word[WORD_MAX];
    char said[64];
    if (!take_word(&at, word) || !is_blank(at)) {
        mistake(scan->mistakes, line,
                "'%s' is neither a section's name nor an indented 'key = value'",
                shown(text, said));
        return;
    }
    memcpy(scan->section, word, sizeof word);
    if (!is_known_section(word)) {
        mistake(scan->mistakes, line,
                "there is no section '%s' (sync, live, transport, store, log)", word);
    }
}

static const struct field *find_field(const char *section, const char *key)
{
    for (size_t i = 0; i < FIELDS_COUNT; i++) {
        if (strcmp(fields[i].section, section) == 0 && strcmp(fields[i].key, key) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

static void note_key(struct scan *scan, const char *key, const char *value, unsigned line)
{
    const struct field *field = find_field(scan->section, key);
    if (field == NULL) {
        mistake(scan->mistakes, line, "there is no '%s' in section %s", key, scan->section);
        return;
    }
    unsigned *set_on = &scan->lines[field - fields];
    if (*set_on != 0) {
        mistake(scan->mistakes, line, "%s/%s is already set on line %u", scan->section, key,
                *set_on);
        return;
    }
    *set_on = line;
    struct config unused; // set from zconfig once the whole file is good
    set_value(&unused, field, value, line, scan->mistakes);
}

static void scan_key(struct scan *scan, const char *text, unsigned line)
{
    const char *at = text + strspn(text, " ");
    char word[WORD_MAX];
    char value[LINE_MAX_LEN + 1];
    char said[64];
    if (at - text != 4 || !take_word(&at, word)) {
        mistake(scan->mistakes, line, "a key is indented by four blanks and is of a-z, 0-9 and _");
        return;
    }
    at += strspn(at, " ");
    const bool has_equals = *at == '=';
    at += has_equals ? 1 + strspn(at + 1, " ") : 0;
    if (!has_equals || !take_value(at, value)) {
        mistake(scan->mistakes, line, "'%s' is not 'key = value'", shown(text + 4, said));
        return;
    }
    if (!is_known_section(scan->section)) {
        if (*scan->section == '\0') {
            mistake(scan->mistakes, line, "'%s' stands in no section", word);
        }
        return; // the unknown section was reported once
    }
    note_key(scan, word, value, line);
}

static void scan_line(struct scan *scan, const char *text, unsigned line)
{
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            mistake(scan->mistakes, line, "a tab or another control character stands here");
            return;
        }
    }
    if (is_blank(text)) {
        return;
    }
    if (*text == ' ') {
        scan_key(scan, text, line);
    } else {
        scan_section(scan, text, line);
    }
}

static void scan_text(struct scan *scan, const char *text)
{
    char copy[LINE_MAX_LEN + 1];
    unsigned line = 1;
    for (const char *at = text; *at != '\0'; line++) {
        size_t len = strcspn(at, "\n");
        const char *next = at + len + (at[len] == '\n');
        if (len > 0 && at[len - 1] == '\r') {
            len--;
        }
        if (len > LINE_MAX_LEN) {
            mistake(scan->mistakes, line, "this line is longer than %d bytes", LINE_MAX_LEN);
        } else {
            memcpy(copy, at, len);
            copy[len] = '\0';
            scan_line(scan, copy, line);
        }
        at = next;
    }
}

enum err config_parse(const char *text, struct config *config, char *mistakes, size_t mistakes_size)
{
    set_defaults(config);
    struct mistakes found = {.text = mistakes, .size = mistakes_size};
    if (mistakes_size > 0) {
        *mistakes = '\0';
    }
    struct scan scan = {.section = "", .mistakes = &found};
    if (strlen(text) > TEXT_MAX) {
        mistake(&found, 1, "the file is longer than %d bytes", TEXT_MAX);
        return ERR_MALFORMED;
    }
    scan_text(&scan, text);
    if (found.has_any) {
        return ERR_MALFORMED;
    }
    zsys_handler_set(NULL); // czmq must not take over SIGINT and SIGTERM
    zconfig_t *root = zconfig_str_load(text);
    if (root == NULL) {
        mistake(&found, 1, "this is not ZPL");
        return ERR_MALFORMED;
    }
    for (size_t i = 0; i < FIELDS_COUNT; i++) {
        if (scan.lines[i] != 0) {
            char path[2 * WORD_MAX + 2];
            (void)snprintf(path, sizeof path, "%s/%s", fields[i].section, fields[i].key);
            set_value(config, &fields[i], zconfig_get(root, path, ""), scan.lines[i], &found);
        }
        if (fields[i].at == offsetof(struct config, socks_login)) {
            config->socks_login_line = scan.lines[i];
        }
    }
    zconfig_destroy(&root);
    if (config->socks_login_line != 0 && *config->socks == '\0') {
        mistake(&found, config->socks_login_line,
                "transport/socks_login is for the proxy that transport/socks names, and none is");
    }
    return found.has_any ? ERR_MALFORMED : ERR_OK;
}
