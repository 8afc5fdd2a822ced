// SPDX-License-Identifier: EUPL-1.2
// Reads what is named on the command line, bounded.
#include "sitrep/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/print.h"

enum exit_code input_read(struct input *input, const char *path, size_t max)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rbe");
    *input = (struct input){NULL, 0};
    if (file == NULL) {
        return complain(EXIT_FAILED, "%s: %s", path, strerror(errno));
    }
    size_t size = 0;
    do {
        size = size == 0 ? 16384 : size * 2;
        uint8_t *grown = realloc(input->bytes, size + 1);
        if (grown == NULL) {
            abort();
        }
        input->bytes = grown;
        input->len += fread(input->bytes + input->len, 1, size - input->len, file);
    } while (input->len == size && input->len <= max);
    input->bytes[input->len] = '\0';
    enum exit_code code = EXIT_DONE;
    if (ferror(file)) {
        code = complain(EXIT_FAILED, "%s: %s", path, strerror(errno));
    } else if (input->len > max) {
        code = complain(EXIT_REFUSED, "%s: has more than the %zu bytes allowed", path, max);
    }
    if (!is_stdin) {
        (void)fclose(file);
    }
    if (code != EXIT_DONE) {
        input_fini(input);
    }
    return code;
}

void input_fini(struct input *input)
{
    free(input->bytes);
    *input = (struct input){NULL, 0};
}
