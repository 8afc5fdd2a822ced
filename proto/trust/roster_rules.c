// SPDX-License-Identifier: EUPL-1.2
// The rules for single fields of a roster [5.8, 5.9]. Rules about several fields or several
// versions are in roster.c and roster_next.c.
#include "trust/roster_rules.h"

#include <string.h>

#include "sitrep/roster.h"

enum { LANG_MAX_LEN = 35, PORT_MAX = 65535, PORT_DIGITS_MAX = 5 };

static bool is_lower(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(uint8_t c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

bool roster_name_is_valid(const char *name, size_t len)
{
    if (len < 1 || len > NAME_MAX_LEN) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)name[i];
        if (!is_lower(c) && !is_digit(c) && c != '-') {
            return false;
        }
    }
    return is_lower((uint8_t)name[0]) && name[len - 1] != '-';
}

bool roster_title_is_valid(struct span text)
{
    if (text.len < 1 || text.len > TITLE_MAX_LEN) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.bytes[i] < 0x20 || text.bytes[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

bool roster_lang_is_valid(struct span lang)
{
    if (lang.len < 1 || lang.len > LANG_MAX_LEN) {
        return false;
    }
    for (size_t i = 0; i < lang.len; i++) {
        if (!is_alnum(lang.bytes[i]) && lang.bytes[i] != '-') {
            return false;
        }
    }
    return true;
}

static bool port_is_valid(const char *port, size_t len)
{
    if (len < 1 || len > PORT_DIGITS_MAX || port[0] == '0') {
        return false;
    }
    unsigned value = 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit((uint8_t)port[i])) {
            return false;
        }
        value = value * 10 + (unsigned)(port[i] - '0');
    }
    return value <= PORT_MAX;
}

// A name or IPv4 address. Wildcards, source addresses (`;`) and paths have no way in.
static bool host_is_valid(const char *host, size_t len)
{
    char before = '.';
    for (size_t i = 0; i < len; i++) {
        char c = host[i];
        bool is_edge = before == '.' || i + 1 == len || host[i + 1] == '.';
        if (!is_alnum((uint8_t)c) && (is_edge || (c != '.' && c != '-'))) {
            return false;
        }
        before = c;
    }
    return len >= 1;
}

static bool literal_is_valid(const char *literal, size_t len)
{
    bool has_colon = false;
    for (size_t i = 0; i < len; i++) {
        char c = literal[i];
        has_colon |= c == ':';
        bool is_hex = is_digit((uint8_t)c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!is_hex && c != ':' && c != '.') {
            return false;
        }
    }
    return has_colon && len <= 45;
}

bool roster_endpoint_is_valid(const char *endpoint, size_t len)
{
    static const char scheme[] = "tcp://";
    const size_t scheme_len = sizeof scheme - 1;
    if (len < scheme_len || len > ENDPOINT_MAX_LEN || memcmp(endpoint, scheme, scheme_len) != 0) {
        return false;
    }
    const char *host = endpoint + scheme_len;
    size_t host_len = len - scheme_len;
    while (host_len > 0 && host[host_len - 1] != ':') {
        host_len--;
    }
    if (host_len < 2) {
        return false; // no colon, or nothing before it
    }
    const size_t port_at = scheme_len + host_len;
    host_len--;
    if (!port_is_valid(endpoint + port_at, len - port_at)) {
        return false;
    }
    if (host_len >= 2 && host[0] == '[' && host[host_len - 1] == ']') {
        return literal_is_valid(host + 1, host_len - 2);
    }
    return host_is_valid(host, host_len);
}

// Whether `key`, its sign bit aside, is one of `points`. Keys are public: no constant time needed.
static bool is_one_of(const uint8_t key[static 32], const uint8_t (*points)[32], size_t count)
{
    uint8_t masked[32];
    memcpy(masked, key, sizeof masked);
    masked[31] &= 0x7f;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(masked, points[i], sizeof masked) == 0) {
            return true;
        }
    }
    return false;
}

// clang-format off
#define FF16 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
#define FF30 FF16, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff

bool signing_key_is_weak(const uint8_t key[static SIGN_KEY_LEN])
{
    static const uint8_t points[][32] = { // y of the points whose order divides 8
        {0},
        {1},
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
         0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
         0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
        {0xec, FF30, 0x7f}, // p - 1
        {0xed, FF30, 0x7f}, // p, another way to write 0
        {0xee, FF30, 0x7f}, // p + 1
    };
    return is_one_of(key, points, sizeof points / sizeof *points);
}

bool transport_key_is_weak(const uint8_t key[static BOX_KEY_LEN])
{
    static const uint8_t points[][32] = { // u of the same, on the curve and its twist
        {0},
        {1},
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
         0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
        {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
         0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
        {0xec, FF30, 0x7f},
        {0xed, FF30, 0x7f},
        {0xee, FF30, 0x7f},
    };
    return is_one_of(key, points, sizeof points / sizeof *points);
}
// clang-format on
