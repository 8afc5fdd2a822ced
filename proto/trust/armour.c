// SPDX-License-Identifier: EUPL-1.2
// Bytes as text that survives mail and copying [6.4]. What the bytes are is not known here.
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/invitation.h"

enum {
    ARMOUR_MAX = 2 * 1024 * 1024, // bytes inside
    LINE_LEN = 64,
    CHECKSUM_LEN = 6,      // bytes
    CHECKSUM_TEXT_LEN = 8, // of base64
    LABEL_MAX_LEN = 16,    // of "INVITATION" and the like
    ROOM = 160,            // for both frame lines, the checksum and the last line's end
    FRAME_LINE_MAX = 64,   // "-----BEGIN SITREP " label "-----"
    VARIANT = sodium_base64_VARIANT_ORIGINAL,
};

static void checksum(const uint8_t *bytes, size_t len, char text[static CHECKSUM_TEXT_LEN + 1])
{
    uint8_t hash[32];
    crypto_generichash_blake2b(hash, sizeof hash, bytes, len, NULL, 0);
    sodium_bin2base64(text, CHECKSUM_TEXT_LEN + 1, hash, CHECKSUM_LEN, VARIANT);
}

static char *append(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}

static char *append_text(char *at, const char *text)
{
    return append(at, text, strlen(text));
}

// "-----" word " SITREP " label "-----"; returns where it ends, without a NUL.
static char *append_frame(char *at, const char *word, const char *label)
{
    at = append_text(at, "-----");
    at = append_text(at, word);
    at = append_text(at, " SITREP ");
    at = append_text(at, label);
    return append_text(at, "-----");
}

enum err armour_encode(const char *label, const uint8_t *bytes, size_t len, char **text)
{
    assert(label && bytes && text);
    assert(strlen(label) <= LABEL_MAX_LEN);
    if (len == 0 || len > ARMOUR_MAX) {
        return ERR_LIMIT;
    }
    const size_t base64_len = sodium_base64_ENCODED_LEN(len, VARIANT) - 1;
    const size_t size = base64_len + base64_len / LINE_LEN + ROOM;
    char *base64 = malloc(base64_len + 1);
    char *made = malloc(size);
    if (!base64 || !made) {
        free(base64);
        free(made);
        return ERR_NO_SPACE;
    }
    sodium_bin2base64(base64, base64_len + 1, bytes, len, VARIANT);

    char *at = append_frame(made, "BEGIN", label);
    at = append_text(at, "\n");
    for (size_t from = 0; from < base64_len; from += LINE_LEN) {
        const size_t left = base64_len - from;
        at = append(at, base64 + from, left < LINE_LEN ? left : LINE_LEN);
        at = append_text(at, "\n");
    }
    char sum[CHECKSUM_TEXT_LEN + 1];
    checksum(bytes, len, sum);
    at = append_text(at, "=");
    at = append_text(at, sum);
    at = append_text(at, "\n");
    at = append_frame(at, "END", label);
    at = append_text(at, "\n");
    *at = '\0';
    assert((size_t)(at - made) < size);
    free(base64);
    *text = made;
    return ERR_OK;
}

struct lines {
    const char *at;
    const char *end;
};

struct line {
    const char *text;
    size_t len;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

// The next line without the white space around it; false at the end.
static bool next_line(struct lines *lines, struct line *line)
{
    if (lines->at == lines->end) {
        return false;
    }
    const char *start = lines->at;
    const char *end = memchr(start, '\n', (size_t)(lines->end - start));
    lines->at = end ? end + 1 : lines->end;
    if (!end) {
        end = lines->end;
    }
    while (start < end && is_blank(*start)) {
        start++;
    }
    while (start < end && is_blank(end[-1])) {
        end--;
    }
    *line = (struct line){start, (size_t)(end - start)};
    return true;
}

static bool is_frame(struct line line, const char *word, const char *label)
{
    char frame[FRAME_LINE_MAX];
    const size_t len = (size_t)(append_frame(frame, word, label) - frame);
    return line.len == len && memcmp(line.text, frame, len) == 0;
}

// Gathers the lines between BEGIN and the checksum in `base64`, which holds as much as is left.
static enum err gather(struct lines *lines, const char *label, char *base64, size_t *base64_len,
                       char sum[static CHECKSUM_TEXT_LEN])
{
    struct line line;
    bool has_sum = false;
    while (next_line(lines, &line)) {
        if (line.len == 0) {
            continue;
        }
        if (is_frame(line, "END", label)) {
            return has_sum ? ERR_OK : ERR_MALFORMED;
        }
        if (has_sum) {
            return ERR_MALFORMED; // nothing comes between checksum and end
        }
        if (line.text[0] == '=' && line.len == 1 + CHECKSUM_TEXT_LEN) {
            memcpy(sum, line.text + 1, CHECKSUM_TEXT_LEN);
            has_sum = true;
        } else {
            memcpy(base64 + *base64_len, line.text, line.len);
            *base64_len += line.len;
        }
    }
    return ERR_MALFORMED; // cut off
}

static enum err decode(const char *base64, size_t base64_len, const char *sum, uint8_t **bytes,
                       size_t *len)
{
    if (base64_len > sodium_base64_ENCODED_LEN(ARMOUR_MAX, VARIANT) - 1) {
        return ERR_LIMIT;
    }
    const size_t size = base64_len / 4 * 3 + 3;
    uint8_t *made = malloc(size);
    if (!made) {
        return ERR_NO_SPACE;
    }
    size_t made_len = 0;
    char expected[CHECKSUM_TEXT_LEN + 1];
    enum err err = ERR_OK;
    if (sodium_base642bin(made, size, base64, base64_len, NULL, &made_len, NULL, VARIANT) != 0 ||
        made_len == 0) {
        err = ERR_MALFORMED;
        goto out;
    }
    checksum(made, made_len, expected);
    if (memcmp(expected, sum, CHECKSUM_TEXT_LEN) != 0) {
        err = ERR_MALFORMED;
        goto out;
    }
    if (made_len > ARMOUR_MAX) {
        err = ERR_LIMIT;
        goto out;
    }
    *bytes = made;
    *len = made_len;
    made = NULL;
out:
    free(made);
    return err;
}

enum err armour_decode(const char *label, const char *text, size_t text_len, uint8_t **bytes,
                       size_t *len)
{
    assert(label && bytes && len);
    assert(strlen(label) <= LABEL_MAX_LEN);
    assert(text || text_len == 0);
    if (text_len == 0) {
        return ERR_NOT_FOUND;
    }
    struct lines lines = {text, text + text_len};
    struct line line;
    do {
        if (!next_line(&lines, &line)) {
            return ERR_NOT_FOUND;
        }
    } while (!is_frame(line, "BEGIN", label));

    char *base64 = malloc((size_t)(lines.end - lines.at) + 1);
    if (!base64) {
        return ERR_NO_SPACE;
    }
    size_t base64_len = 0;
    char sum[CHECKSUM_TEXT_LEN];
    enum err err = gather(&lines, label, base64, &base64_len, sum);
    if (!err) {
        err = decode(base64, base64_len, sum, bytes, len);
    }
    free(base64);
    return err;
}
