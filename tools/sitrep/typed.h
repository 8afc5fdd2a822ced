// SPDX-License-Identifier: EUPL-1.2
// What is typed of an entry, as members of the JSON that publishes it. All complain of what cannot
// be one.
#ifndef SITREP_TYPED_H
#define SITREP_TYPED_H

#include <jansson.h>

#include "sitrep/options.h"

// NAME=VALUE or NAME:=JSON, given with --`option`, into `fields`.
enum exit_code typed_field(const char *option, const char *typed, json_t *fields);
// The text itself; "-" reads it from standard input. Released by the caller; NULL after a
// complaint.
json_t *typed_text(const char *typed);
// --precedence, in whatever case, and --group, where they are given.
enum exit_code typed_precedence(const struct arguments *arguments, json_t *entry);
enum exit_code typed_group(const struct arguments *arguments, json_t *entry);
// --kind of what is asked for: tells when none is known by that name. It may be one to come.
void typed_kind(const struct arguments *arguments);

#endif
