// SPDX-License-Identifier: EUPL-1.2
// sitrepd: reads its options, opens the node, runs it, closes it.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "node.h"

enum { EXIT_USAGE = 2 };

static const char usage[] =
    "usage: sitrepd --home DIR\n"
    "\n"
    "Runs the node whose home is DIR (or $SITREP_HOME) until it is told to stop.\n"
    "Make a home with `sitrep found` or `sitrep request`.\n";

int main(int argc, char **argv)
{
    static const struct option options[] = {{"home", required_argument, NULL, 'H'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *home = getenv("SITREP_HOME");
    struct node *node = NULL;
    int option;
    enum err err;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (option != 'H') {
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
        home = optarg;
    }
    if (home == NULL || optind != argc) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    err = node_open(&node, home);
    if (err == ERR_OK) {
        node_run(node);
    }
    node_close(&node);
    return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
