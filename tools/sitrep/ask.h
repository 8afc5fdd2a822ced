// SPDX-License-Identifier: EUPL-1.2
// A question that a person at the terminal answers, whatever standard input and output are.
#ifndef SITREP_ASK_H
#define SITREP_ASK_H

#include "sitrep/options.h"

// EXIT_DONE when --yes was given, or `question` is answered with yes. Else says `refusal`, or
// `without_terminal` where there is nobody to ask.
enum exit_code ask_yes(const struct arguments *arguments, const char *question,
                       const char *without_terminal, const char *refusal);

#endif
