// SPDX-License-Identifier: EUPL-1.2
// Rosters and proposals as files, and the version in force they are held against.
#ifndef SITREP_ROSTER_FILE_H
#define SITREP_ROSTER_FILE_H

#include <jansson.h>

#include "home/home.h"
#include "sitrep/options.h"
#include "sitrep/proposal.h"

// All of these complain when they fail.

// The version in force: from --roster FILE, else the newest the home holds. `home` is opened in the
// second case only.
enum exit_code roster_in_force(const struct arguments *arguments, struct home *home,
                               struct roster **roster);

// A ROSTER or PROPOSAL, whichever the file holds.
enum exit_code roster_file_read(const char *path, struct proposal **proposal);

// The operands, all copies of one proposal that may follow `current`, merged into one. Each is a
// file, or the name of an entry that carries one.
enum exit_code roster_files_merge(const struct arguments *arguments, const struct roster *current,
                                  struct proposal **proposal);

// Writes the proposal to stdout: as ROSTER when it is complete, else as PROPOSAL. With --json the
// text becomes a member of `json`, which is printed. Releases `json`.
enum exit_code roster_file_write(const struct roster *current, const struct proposal *proposal,
                                 json_t *json, bool is_json);

#endif
