// SPDX-License-Identifier: EUPL-1.2
// Which space a command speaks of: the real world, or with --space an exercise.
#ifndef SITREP_SPACE_H
#define SITREP_SPACE_H

#include <stdbool.h>

#include "sitrep/options.h"

// The name given with --space; NULL for the real world.
const char *space_named(const struct arguments *arguments);

// Complains of a name that no exercise has, and of --space where it makes no sense.
enum exit_code space_check(const struct arguments *arguments);

// Whether what that path of the API says is one thing for all spaces.
bool space_is_shared(const char *path);

#endif
