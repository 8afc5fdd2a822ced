// SPDX-License-Identifier: EUPL-1.2
// A whole file, or standard input, named on the command line.
#ifndef SITREP_INPUT_H
#define SITREP_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "sitrep/options.h"

struct input {
    uint8_t *bytes; // malloc'ed, a NUL follows
    size_t len;
};

// `path` "-" is standard input. More than `max` bytes are refused. Complains when it fails.
enum exit_code input_read(struct input *input, const char *path, size_t max);
void input_fini(struct input *input);

#endif
