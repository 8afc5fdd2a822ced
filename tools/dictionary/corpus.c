// SPDX-License-Identifier: EUPL-1.2
// Makes texts of phrases, bodies of texts, and the content of the dictionary of both. It knows
// nothing of zstd.
#include "dictionary/corpus.h"

#include <assert.h>
#include <err.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/cbor.h"

enum { TEXT_SIZE = 1600, FIELDS_MAX = 4, SENTENCES_MAX = 4 };

// SplitMix64.
static uint64_t draw(struct corpus *corpus, uint64_t below)
{
    corpus->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = corpus->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

static const char *draw_line(struct corpus *corpus, const struct section *section)
{
    return section->lines[draw(corpus, section->count)];
}

static const struct section *section_of(const struct phrases *phrases, const char *name)
{
    return phrases_section(phrases, name, strlen(name));
}

// -- texts --

struct text {
    char *bytes;
    size_t len, size;
};

static bool text_put(struct text *text, const char *bytes, size_t len)
{
    if (text->size - text->len < len) {
        return false;
    }
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    return true;
}

__attribute__((format(printf, 2, 3))) static void text_print(struct text *text, const char *format,
                                                             ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    assert(len >= 0);
    assert((size_t)len < sizeof line);
    if (!text_put(text, line, (size_t)len)) {
        errx(EXIT_FAILURE, "a text is too long");
    }
}

// {n}, {N}, {t} and {d} are numbers, small and large, times and days of a month; others a line of
// their section.
static void put_slot(struct corpus *corpus, const struct phrases *phrases, const char *name,
                     struct text *out)
{
    const size_t len = strcspn(name, "}");
    if (len == 1 && *name == 'n') {
        text_print(out, "%u", (unsigned)draw(corpus, 60) + 2);
    } else if (len == 1 && *name == 'N') {
        text_print(out, "%u", (unsigned)(draw(corpus, 40) + 1) * 50);
    } else if (len == 1 && *name == 't') {
        text_print(out, "%02u:%02u", (unsigned)draw(corpus, 24), (unsigned)draw(corpus, 12) * 5);
    } else if (len == 1 && *name == 'd') {
        text_print(out, "%u/%u", (unsigned)draw(corpus, 31) + 1, (unsigned)draw(corpus, 12) + 1);
    } else {
        text_print(out, "%s", draw_line(corpus, phrases_section(phrases, name, len)));
    }
}

static void put_sentence(struct corpus *corpus, const struct phrases *phrases, const char *sentence,
                         struct text *out)
{
    while (*sentence != '\0') {
        const size_t plain = strcspn(sentence, "{");
        text_print(out, "%.*s", (int)plain, sentence);
        sentence += plain;
        if (*sentence == '{') {
            put_slot(corpus, phrases, sentence + 1, out);
            sentence += strcspn(sentence, "}") + 1;
        }
    }
}

// -- bodies --

struct field {
    const char *name, *value;
    size_t name_len;
};

// Ascending order of the keys' encodings [1.1].
static int field_compare(const void *a, const void *b)
{
    const struct field *left = a;
    const struct field *right = b;
    if (left->name_len != right->name_len) {
        return left->name_len < right->name_len ? -1 : 1;
    }
    return memcmp(left->name, right->name, left->name_len);
}

static struct field field_of(const char *line)
{
    const char *equals = strchr(line, '=');
    if (equals == NULL) {
        errx(EXIT_FAILURE, "no NAME=VALUE: %s", line);
    }
    return (struct field){line, equals + 1, (size_t)(equals - line)};
}

static bool has_field(const struct field *fields, size_t count, const struct field *field)
{
    for (size_t i = 0; i < count; i++) {
        if (field_compare(&fields[i], field) == 0) {
            return true;
        }
    }
    return false;
}

static size_t put_body(uint8_t *out, struct field *fields, size_t count)
{
    struct cbor_writer writer;
    qsort(fields, count, sizeof *fields, field_compare);
    cbor_write(&writer, out, CORPUS_BODY_MAX);
    cbor_put_map(&writer, count);
    for (size_t i = 0; i < count; i++) {
        cbor_put_text(&writer, fields[i].name, fields[i].name_len);
        cbor_put_text(&writer, fields[i].value, strlen(fields[i].value));
    }
    assert(!writer.is_full);
    return cbor_written(&writer);
}

// Most bodies are a kind and a text; one in four has up to FIELDS_MAX fields more.
static size_t make_body(struct corpus *corpus, const struct phrases *phrases, uint8_t *out)
{
    const struct section *kinds = section_of(&corpus->bodies, "kind");
    const struct section *others = section_of(&corpus->bodies, "field");
    char bytes[TEXT_SIZE + 1];
    struct text text = {bytes, 0, TEXT_SIZE};
    struct field fields[2 + FIELDS_MAX];
    size_t count = 0;
    const uint64_t sentences = 1 + draw(corpus, SENTENCES_MAX);
    for (uint64_t i = 0; i < sentences; i++) {
        text_print(&text, "%s", i == 0 ? "" : " ");
        put_sentence(corpus, phrases, draw_line(corpus, section_of(phrases, "apart")), &text);
    }
    bytes[text.len] = '\0';
    fields[count++] = field_of("kind=report");
    fields[count++] = (struct field){"text", bytes, 4};
    if (draw(corpus, 2) == 0) {
        fields[0].value = draw_line(corpus, kinds);
    }
    const uint64_t more = draw(corpus, 4) == 0 ? 1 + draw(corpus, FIELDS_MAX) : 0;
    for (uint64_t i = 0; i < more; i++) {
        const struct field field = field_of(draw_line(corpus, others));
        if (!has_field(fields, count, &field)) {
            fields[count++] = field;
        }
    }
    return put_body(out, fields, count);
}

void corpus_bodies(struct corpus *corpus, uint8_t *out, size_t sizes[static CORPUS_BODIES])
{
    for (size_t i = 0; i < CORPUS_BODIES; i++) {
        sizes[i] = make_body(corpus, &corpus->languages[i % CORPUS_LANGUAGES], out);
        out += sizes[i];
    }
}

// -- content --

// A sentence without what its slots stand for: that is in the dictionary on its own.
static bool put_bare(struct text *out, const char *sentence)
{
    const size_t before = out->len;
    bool fits = text_put(out, " ", 1);
    while (*sentence != '\0' && fits) {
        const size_t plain = strcspn(sentence, "{");
        fits = text_put(out, sentence, plain);
        sentence += plain;
        sentence += *sentence == '{' ? strcspn(sentence, "}") + 1 : 0;
    }
    out->len = fits ? out->len : before;
    return fits;
}

static void put_lines(struct text *out, const struct section *section, const char *before)
{
    for (size_t i = 0; i < section->count; i++) {
        text_print(out, "%s%s", before, section->lines[i]);
    }
}

static void put_encoded(struct text *out, const char *name, size_t name_len, const char *value)
{
    uint8_t bytes[256];
    struct cbor_writer writer;
    cbor_write(&writer, bytes, sizeof bytes);
    cbor_put_text(&writer, name, name_len);
    cbor_put_text(&writer, value, strlen(value));
    assert(!writer.is_full);
    if (!text_put(out, (const char *)bytes, cbor_written(&writer))) {
        errx(EXIT_FAILURE, "the bodies fill the dictionary");
    }
}

// Fields, and then the beginnings of bodies: a kind and a text of 24 to 255 bytes or more.
static void put_heads(const struct phrases *bodies, struct text *out)
{
    const struct section *fields = section_of(bodies, "field");
    const struct section *kinds = section_of(bodies, "kind");
    for (size_t i = 0; i < fields->count; i++) {
        const struct field field = field_of(fields->lines[i]);
        put_encoded(out, field.name, field.name_len, field.value);
    }
    for (size_t i = 0; i < kinds->count; i++) {
        put_encoded(out, "kind", 4, kinds->lines[i]);
        text_print(out, "dtextx");
    }
    text_print(out, "\xa2");
    put_encoded(out, "kind", 4, "report");
    text_print(out, "dtexty\x01");
}

size_t corpus_content(struct corpus *corpus, char *out, size_t size)
{
    static const char *const slots[] = {"place", "unit", "people", "thing", "caption"};
    char tail_bytes[4096];
    struct text tail = {tail_bytes, 0, sizeof tail_bytes};
    put_heads(&corpus->bodies, &tail);
    if (tail.len > size) {
        errx(EXIT_FAILURE, "the bodies fill the dictionary");
    }
    struct text content = {.size = size - tail.len};
    content.bytes = out;
    put_lines(&content, section_of(&corpus->bodies, "xml"), "\n");
    for (size_t i = 0; i < CORPUS_LANGUAGES; i++) {
        for (size_t j = 0; j < sizeof slots / sizeof *slots; j++) {
            put_lines(&content, section_of(&corpus->languages[i], slots[j]), " ");
        }
    }
    bool has_room = true;
    for (size_t i = 0; i < PHRASES_LINES_MAX && has_room; i++) {
        for (size_t j = 0; j < CORPUS_LANGUAGES; j++) {
            const struct section *sentences = section_of(&corpus->languages[j], "sentence");
            has_room =
                has_room && (i >= sentences->count || put_bare(&content, sentences->lines[i]));
        }
    }
    content.size = size;
    (void)text_put(&content, tail.bytes, tail.len);
    return content.len;
}
