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

// Writes out what was printed about the entry of this name, and says on stderr that it was
// published when that fails: trying again would publish it twice. False when it failed.
bool print_flush_published(const char *name);

// "NODE, of CENTRE" as a row, or the node alone where both have one name.
void print_row_node(const char *label, const json_t *object);

// Members of an object, with a value for what is absent or of another type.
const char *json_text(const json_t *object, const char *name);  // "" when absent
json_int_t json_number(const json_t *object, const char *name); // 0 when absent
bool json_flag(const json_t *object, const char *name);

// Why a text was not read, for people.
const char *json_why(const json_error_t *error);

#endif
