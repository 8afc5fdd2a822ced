// SPDX-License-Identifier: EUPL-1.2
// Asks yes or no on the terminal. What is at stake is said by the caller before.
#include "sitrep/ask.h"

#include <stdio.h>

#include "sitrep/print.h"

enum exit_code ask_yes(const struct arguments *arguments, const char *question,
                       const char *without_terminal, const char *refusal)
{
    if (arguments_has(arguments, "yes")) {
        return EXIT_DONE;
    }
    FILE *tty = fopen("/dev/tty", "r+e");
    if (tty == NULL) {
        return complain(EXIT_REFUSED, "%s", without_terminal);
    }
    char answer[16] = "";
    (void)fprintf(tty, "%s [y/N] ", question);
    (void)fflush(tty);
    const bool is_answered = fgets(answer, sizeof answer, tty) != NULL;
    (void)fclose(tty);
    if (is_answered && (answer[0] == 'y' || answer[0] == 'Y')) {
        return EXIT_DONE;
    }
    return complain(EXIT_REFUSED, "%s", refusal);
}
