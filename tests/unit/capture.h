// SPDX-License-Identifier: EUPL-1.2
// What a piece of code writes to standard output or standard error.
#ifndef TESTS_UNIT_CAPTURE_H
#define TESTS_UNIT_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

struct capture {
    FILE *stream; // stdout or stderr
    FILE *file;
    int before;
};

static inline void capture_begin(struct capture *capture, FILE *stream)
{
    *capture = (struct capture){stream, tmpfile(), -1};
    assert_non_null(capture->file);
    (void)fflush(stream);
    capture->before = dup(fileno(stream));
    assert_true(dup2(fileno(capture->file), fileno(stream)) >= 0);
}

// Puts the stream back as it was. `out` is NUL-terminated; what does not fit is left out.
static inline void capture_end(struct capture *capture, char *out, size_t size)
{
    (void)fflush(capture->stream);
    assert_true(dup2(capture->before, fileno(capture->stream)) >= 0);
    (void)close(capture->before);
    rewind(capture->file);
    out[fread(out, 1, size - 1, capture->file)] = '\0';
    (void)fclose(capture->file);
}

#endif
