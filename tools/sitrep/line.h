// SPDX-License-Identifier: EUPL-1.2
// How an entry looks to people: on one line, and in parts.
#ifndef SITREP_LINE_H
#define SITREP_LINE_H

#include <jansson.h>

// "2026-03-01 13:00:05 CET  be-nccn/12  FLASH  alert  the text's first line"; on a terminal cut to
// its width. A version of something says behind its kind in which state it puts that, and before
// its text when it is only a proposal. What is old says so behind its kind, too. An alert that is
// not meant (an exercise, a test) says so before its text, and what is not for all members names
// its group.
void line_print(const json_t *entry);
// The same of a version whose state, and how it stands, are shown beside it.
void line_print_beside(const json_t *version);

// In parts, as GET /v1/entries/NAME has it.
void show_entry(const json_t *entry);

// The precedence in the colour it has on a terminal, in capitals; nothing for routine. Returns the
// columns it took.
size_t line_print_precedence(const json_t *entry);

// "(sealed for police, its key is awaited)", of an entry this node cannot read.
void line_print_sealed(const json_t *entry);

#endif
