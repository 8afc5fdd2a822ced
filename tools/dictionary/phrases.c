// SPDX-License-Identifier: EUPL-1.2
// Reads files of phrases. What a line means is corpus.c's.
#include "dictionary/phrases.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void begin_section(struct phrases *phrases, const char *line, const char *path)
{
    const size_t len = strlen(line);
    if (len < 3 || len - 2 >= PHRASES_NAME_SIZE || line[len - 1] != ']' ||
        phrases->count == PHRASES_SECTIONS_MAX) {
        errx(EXIT_FAILURE, "%s: a section too many, or not one: %s", path, line);
    }
    memcpy(phrases->sections[phrases->count].name, line + 1, len - 2);
    phrases->count++;
}

static void add_line(struct phrases *phrases, const char *line, const char *path)
{
    if (phrases->count == 0 || phrases->sections[phrases->count - 1].count == PHRASES_LINES_MAX) {
        errx(EXIT_FAILURE, "%s: a line too many, or in no section: %s", path, line);
    }
    struct section *section = &phrases->sections[phrases->count - 1];
    char *copy = strdup(line);
    if (copy == NULL) {
        err(EXIT_FAILURE, "%s", path);
    }
    section->lines[section->count++] = copy;
}

void phrases_read(struct phrases *phrases, const char *path)
{
    memset(phrases, 0, sizeof *phrases);
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    if (file == NULL) {
        err(EXIT_FAILURE, "%s", path);
    }
    while (getline(&line, &size, file) >= 0) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '[') {
            begin_section(phrases, line, path);
        } else if (line[0] != '#' && line[0] != '\0') {
            add_line(phrases, line, path);
        }
    }
    free(line);
    if (ferror(file) || fclose(file) != 0) {
        err(EXIT_FAILURE, "%s", path);
    }
}

void phrases_fini(struct phrases *phrases)
{
    for (size_t i = 0; i < phrases->count; i++) {
        for (size_t j = 0; j < phrases->sections[i].count; j++) {
            free(phrases->sections[i].lines[j]);
        }
    }
}

const struct section *phrases_section(const struct phrases *phrases, const char *name, size_t len)
{
    for (size_t i = 0; i < phrases->count; i++) {
        const struct section *section = &phrases->sections[i];
        if (strlen(section->name) == len && memcmp(section->name, name, len) == 0 &&
            section->count > 0) {
            return section;
        }
    }
    errx(EXIT_FAILURE, "no lines in a section [%.*s]", (int)len, name);
}
