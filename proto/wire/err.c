// SPDX-License-Identifier: EUPL-1.2
// The one table of error texts.
#include "sitrep/err.h"

#include <stddef.h>

const char *err_text(enum err err)
{
    static const char *const texts[ERR_COUNT] = {
        [ERR_OK] = "no error",
        [ERR_MALFORMED] = "malformed",
        [ERR_LIMIT] = "over a limit",
        [ERR_DENIED] = "not authentic or not allowed",
        [ERR_STATE] = "not possible in this state",
        [ERR_AGAIN] = "not now, try later",
        [ERR_NOT_FOUND] = "not found",
        [ERR_IO] = "input or output failed",
        [ERR_NO_SPACE] = "no space left",
        [ERR_CORRUPT] = "stored data is damaged",
    };
    const size_t index = (size_t)err;

    return index < ERR_COUNT && texts[index] != NULL ? texts[index] : "unknown error";
}
