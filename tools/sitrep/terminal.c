// SPDX-License-Identifier: EUPL-1.2
// Escapes text for the terminal and knows whether there is one.
#include "sitrep/terminal.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

// One character of UTF-8 at text[0..len), len >= 1. Returns its bytes, 0 when they are not UTF-8.
static size_t read_character(const char *text, size_t len, uint32_t *point)
{
    const unsigned char first = (unsigned char)*text;
    if (first < 0x80) {
        *point = first;
        return 1;
    }
    static const struct {
        unsigned char mask, lead;
        uint32_t min;
    } forms[] = {{0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    size_t form = 0;
    while (form < 3 && (first & forms[form].mask) != forms[form].lead) {
        form++;
    }
    const size_t wanted = form + 2;
    if (form == 3 || wanted > len) {
        return 0;
    }
    uint32_t value = first & (uint32_t)(unsigned char)~forms[form].mask;
    for (size_t i = 1; i < wanted; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | ((uint32_t)(unsigned char)text[i] & 0x3f);
    }
    const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
    *point = value;
    return value < forms[form].min || value > 0x10ffff || is_surrogate ? 0 : wanted;
}

// Ranges that are never written as they are, besides C0.
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x7f, 0x9f},       // DEL, C1
    {0xad, 0xad},       // soft hyphen
    {0x61c, 0x61c},     // direction
    {0x115f, 0x1160},   // fillers, drawn as nothing
    {0x180e, 0x180e},   // no width
    {0x200b, 0x200f},   // no width, direction
    {0x2028, 0x202e},   // line and paragraph, direction
    {0x2060, 0x206f},   // no width, direction
    {0x3164, 0x3164},   // filler
    {0xfe00, 0xfe0f},   // variation selectors
    {0xfeff, 0xfeff},   // no width
    {0xffa0, 0xffa0},   // filler
    {0xfff0, 0xffff},   // specials
    {0x1d173, 0x1d17a}, // musical controls
    {0xe0000, 0xe0fff}, // tags, variation selectors
};

static bool is_hidden(uint32_t point)
{
    if (point < ' ') {
        return true;
    }
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        if (point >= hidden[i].first && point <= hidden[i].last) {
            return true;
        }
    }
    return false;
}

enum { PIECE_MAX = 16 };

// What stands for the next character of `text`, into `piece`; returns the bytes of text used.
static size_t next_piece(const char *text, size_t len, enum terminal_breaks breaks,
                         char piece[static PIECE_MAX])
{
    uint32_t point = 0;
    const size_t used = read_character(text, len, &point);
    if (used == 0) {
        (void)snprintf(piece, PIECE_MAX, "\\x%02x", (unsigned char)*text);
        return 1;
    }
    if (is_hidden(point) && !(point == '\n' && breaks == BREAKS_KEPT)) {
        (void)snprintf(piece, PIECE_MAX, "\\u{%x}", point);
        return used;
    }
    memcpy(piece, text, used);
    piece[used] = '\0';
    return used;
}

void terminal_put(FILE *file, const char *text, size_t len, enum terminal_breaks breaks)
{
    for (size_t at = 0; at < len;) {
        char piece[PIECE_MAX];
        at += next_piece(text + at, len - at, breaks, piece);
        (void)fputs(piece, file);
    }
}

size_t terminal_escape(char *out, size_t size, const char *text, size_t len,
                       enum terminal_breaks breaks)
{
    assert(size > 0);
    size_t done = 0;
    for (size_t at = 0; at < len;) {
        char piece[PIECE_MAX];
        at += next_piece(text + at, len - at, breaks, piece);
        const size_t piece_len = strlen(piece);
        if (done + piece_len >= size) {
            break;
        }
        memcpy(out + done, piece, piece_len);
        done += piece_len;
    }
    out[done] = '\0';
    return done;
}

// Ideographs, Hangul and emoji take two columns; a few narrow ones are counted as two with them.
static size_t piece_columns(const char *piece)
{
    uint32_t point = 0;
    const size_t len = strlen(piece);
    if (read_character(piece, len, &point) < len) {
        return len; // escaped
    }
    return (point >= 0x1100 && point < 0x1160) || point >= 0x2e80 ? 2 : 1;
}

size_t terminal_fit(const char *text, size_t len, size_t columns)
{
    size_t at = 0;
    while (at < len) {
        char piece[PIECE_MAX];
        const size_t used = next_piece(text + at, len - at, BREAKS_ESCAPED, piece);
        const size_t wanted = piece_columns(piece);
        if (wanted > columns) {
            break;
        }
        columns -= wanted;
        at += used;
    }
    return at;
}

size_t terminal_columns(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t at = 0; at < len;) {
        char piece[PIECE_MAX];
        at += next_piece(text + at, len - at, BREAKS_ESCAPED, piece);
        columns += piece_columns(piece);
    }
    return columns;
}

size_t terminal_width(FILE *file)
{
    struct winsize size = {0};
    const bool is_known =
        terminal_is(file) && ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known ? size.ws_col : SIZE_MAX;
}

bool terminal_is(FILE *file)
{
    return isatty(fileno(file)) == 1;
}

const char *terminal_colour(FILE *file, enum colour colour)
{
    static const char *const sequences[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                            "\033[31m", "\033[32m", "\033[33m"};
    const char *unwanted = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    const bool is_wanted = terminal_is(file) && (unwanted == NULL || *unwanted == '\0') &&
                           terminal != NULL && strcmp(terminal, "dumb") != 0;
    return is_wanted ? sequences[colour] : "";
}
