// SPDX-License-Identifier: EUPL-1.2
// Writes text and JSON for people and programs. Escaping is terminal.c's.
#include "sitrep/print.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_formatted(FILE *file, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void put_formatted(FILE *file, const char *format, va_list arguments)
{
    char *text = NULL;
    const int len = vasprintf(&text, format, arguments);
    if (len >= 0) {
        terminal_put(file, text, (size_t)len, BREAKS_ESCAPED);
        free(text);
    }
}

enum exit_code complain(enum exit_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("sitrep: ", stderr);
    put_formatted(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    return code;
}

void tell(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_formatted(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
}

void print_json(const json_t *json)
{
    const size_t flags =
        JSON_COMPACT | JSON_REAL_PRECISION(15) | (terminal_is(stdout) ? JSON_ENSURE_ASCII : 0);
    char *text = json_dumps(json, flags); // at once: stdio locks for each piece

    if (text == NULL) {
        abort();
    }
    (void)fwrite(text, 1, strlen(text), stdout);
    (void)fputc('\n', stdout);
    free(text);
}

void print_text(const char *text, enum terminal_breaks breaks)
{
    terminal_put(stdout, text, strlen(text), breaks);
}

void print_row(const char *label, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)printf("%-14s", label);
    put_formatted(stdout, format, arguments);
    (void)fputc('\n', stdout);
    va_end(arguments);
}

void print_row_node(const char *label, const json_t *object)
{
    const char *node = json_text(object, "node");
    const char *centre = json_text(object, "centre");
    if (strcmp(node, centre) == 0) {
        print_row(label, "%s", node);
    } else {
        print_row(label, "%s, of %s", node, centre);
    }
}

bool print_flush_published(const char *name)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return true;
    }
    tell("sitrep: %s was published, and only its name could not be written: do not publish it "
         "again",
         name);
    return false;
}

enum exit_code print_finish(enum exit_code code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return complain(EXIT_FAILED, "the output could not be written");
    }
    return code;
}

const char *json_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

json_int_t json_number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

const char *json_why(const json_error_t *error)
{
    const enum json_error_code code = json_error_code(error);
    return code == json_error_null_character || code == json_error_null_byte_in_key
               ? "a text may not hold the character U+0000"
               : error->text;
}

bool json_flag(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}
