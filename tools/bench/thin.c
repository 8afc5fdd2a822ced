// SPDX-License-Identifier: EUPL-1.2
// Reads what tools/bench/thin.sh prints. Measures nothing itself.
#include "bench/thin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"

enum { LINE_LEN = 512 };

static const char script[] = "tools/bench/thin.sh";

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

// row|NAME|VALUE|UNIT|AT MOST, or fact and the first three.
static bool take_row(char *line)
{
    char *rest = NULL;
    const char *kind = strtok_r(line, "|", &rest);
    const char *name = strtok_r(NULL, "|", &rest);
    const char *value = strtok_r(NULL, "|", &rest);
    const char *unit = strtok_r(NULL, "|", &rest);
    const char *bound = strtok_r(NULL, "|", &rest);

    if (unit == NULL) {
        return false;
    }
    if (strcmp(kind, "row") == 0 && bound != NULL) {
        bench_row(name, strtod(value, NULL), unit, AT_MOST, strtod(bound, NULL));
        return true;
    }
    if (strcmp(kind, "fact") == 0 && bound == NULL) {
        bench_fact(name, strtod(value, NULL), unit);
        return true;
    }
    return false;
}

void bench_thin(const char *build)
{
    char line[LINE_LEN];
    bool is_done = false;
    FILE *rows;

    if (setenv("BUILD", build, 1) != 0) {
        abort();
    }
    rows = popen(script, "r"); // NOLINT(cert-env33-c): a fixed command, of this source tree
    while (rows != NULL && fgets(line, sizeof line, rows) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (begins(line, "ok")) {
            is_done = true;
        } else if (begins(line, "SKIP")) {
            is_done = true;
            printf("no rows of thin lines: %s\n", line);
        } else if (!take_row(line)) {
            fprintf(stderr, "%s\n", line);
        }
    }
    if (rows == NULL || pclose(rows) == -1 || !is_done) {
        fprintf(stderr, "bench: %s failed\n", script);
        exit(EXIT_FAILURE);
    }
}
