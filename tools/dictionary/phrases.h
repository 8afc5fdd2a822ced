// SPDX-License-Identifier: EUPL-1.2
// Files of phrases: lines under [section] names; # begins a remark.
#ifndef DICTIONARY_PHRASES_H
#define DICTIONARY_PHRASES_H

#include <stddef.h>

enum { PHRASES_SECTIONS_MAX = 8, PHRASES_LINES_MAX = 256, PHRASES_NAME_SIZE = 16 };

struct section {
    char name[PHRASES_NAME_SIZE];
    char *lines[PHRASES_LINES_MAX];
    size_t count;
};

struct phrases {
    struct section sections[PHRASES_SECTIONS_MAX];
    size_t count;
};

// Reads the file at `path`. What cannot be read ends the program with a message.
void phrases_read(struct phrases *phrases, const char *path);
void phrases_fini(struct phrases *phrases);

// The section called `name`, which has `len` bytes. One that is not there ends the program with a
// message; none is empty.
const struct section *phrases_section(const struct phrases *phrases, const char *name, size_t len);

#endif
