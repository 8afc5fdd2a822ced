// SPDX-License-Identifier: EUPL-1.2
// A report as a text that people edit, and back: NAME: VALUE above, then text, then sections under
// "= TITLE". Where drafts lie is drafts.c's.
#ifndef SITREP_REPORTS_DRAFT_TEXT_H
#define SITREP_REPORTS_DRAFT_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

enum { DRAFT_WHY_SIZE = 160 };

// What is wrong with a draft.
struct draft_fault {
    size_t line; // from 1
    char why[DRAFT_WHY_SIZE];
};

// Writes the report (as POST /v1/entries has it), and headings of its type and language where it
// has no section of that title.
void draft_write(FILE *file, const json_t *report);

// The report for POST /v1/entries; the caller drops it. NULL: `fault` says what is wrong, where.
json_t *draft_read(const char *text, size_t len, struct draft_fault *fault);

#endif
