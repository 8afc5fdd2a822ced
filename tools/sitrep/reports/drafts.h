// SPDX-License-Identifier: EUPL-1.2
// Where drafts lie: HOME/drafts, those of an exercise in a folder of its name there. They never
// leave this machine.
#ifndef SITREP_REPORTS_DRAFTS_H
#define SITREP_REPORTS_DRAFTS_H

#include <jansson.h>

#include "sitrep/options.h"

enum { DRAFT_NAME_MAX = 64, DRAFT_PATH_MAX = HOME_PATH_MAX + 128 };

// All of these complain.

// Makes a draft of that report under a new name, "situation-4".
enum exit_code drafts_make(const struct arguments *arguments, const json_t *report,
                           char name[static DRAFT_NAME_MAX]);
// The path of the draft of that name. EXIT_REFUSED: there is none.
enum exit_code drafts_find(const struct arguments *arguments, const char *name,
                           char path[static DRAFT_PATH_MAX]);
// Calls `take` for each name, in order; says so when there is none.
enum exit_code drafts_each(const struct arguments *arguments,
                           void (*take)(const struct arguments *arguments, const char *name,
                                        const char *path));
// Opens it in $VISUAL, $EDITOR or vi, and waits.
enum exit_code drafts_edit(const char *path);

#endif
