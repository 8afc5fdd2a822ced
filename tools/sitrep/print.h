// SPDX-License-Identifier: EUPL-1.2
// Output: data on stdout, talk on stderr.
#ifndef SITREP_PRINT_H
#define SITREP_PRINT_H

#include <stddef.h>

#include <jansson.h>

#include "sitrep/options.h"
#include "sitrep/terminal.h"

// Says on stderr what is wrong, escaped, after "sitrep: "; returns `code`.
enum exit_code complain(enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// One line of talk on stderr, escaped.
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

// One JSON object on a line of its own on stdout; for a terminal in ASCII alone.
void print_json(const json_t *json);

// Foreign text on stdout, escaped.
void print_text(const char *text, enum terminal_breaks breaks);

// "label   value" of a block.
void print_row(const char *label, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Makes sure that what was printed was written, at the very end: a full disk is a failure.
enum exit_code print_finish(enum exit_code code);

// Members of an object, with a value for what is absent or of another type.
const char *json_text(const json_t *object, const char *name);  // "" when absent
json_int_t json_number(const json_t *object, const char *name); // 0 when absent
bool json_flag(const json_t *object, const char *name);

#endif
