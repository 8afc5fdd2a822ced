// SPDX-License-Identifier: EUPL-1.2
// Short words one after the other, indented, on as many lines as they take.
#ifndef SITREP_WRAP_H
#define SITREP_WRAP_H

#include <stddef.h>

struct wrap {
    const char *sign; // between them: "," or ";"
    int indent;
    size_t used; // columns of the line; 0 at first
};

// Prints them on stdout, escaped, and never breaks a line within them.
void wrap_put(struct wrap *wrap, const char *words);
// Ends the last line, if there is one.
void wrap_end(struct wrap *wrap);

#endif
