// SPDX-License-Identifier: EUPL-1.2
// A request as text: written, or read from its file, shown, and its words compared.
#ifndef SITREP_JOINING_REQUEST_FILE_H
#define SITREP_JOINING_REQUEST_FILE_H

#include "sitrep/invitation.h"
#include "sitrep/options.h"

struct request_file {
    struct request request;
    char words[WORDS_TEXT_MAX];
};

// Complains when it fails.
enum exit_code request_file_read(struct request_file *file, const char *path);

// Shows it on stderr, and asks whether the words match unless --yes was given.
enum exit_code request_file_confirm(const struct request_file *file,
                                    const struct arguments *arguments);

// Writes it, and says what to do with it.
enum exit_code request_file_write(const uint8_t *bytes, size_t len, const char *node, bool is_json);

#endif
