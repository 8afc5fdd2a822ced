// SPDX-License-Identifier: EUPL-1.2
// sitrepd: reads its options, opens the node, runs it, closes it.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node.h"
#include "sitrep/version.h"

enum { EXIT_USAGE = 2, REBUILDS_MAX = 3 };

static const char usage[] =
    "usage: sitrepd --home DIR\n"
    "\n"
    "Runs the node whose home is DIR (or $SITREP_HOME) until it is told to stop.\n"
    "Make a home with `sitrep found` or `sitrep join request`.\n"
    "--version prints the version, and does nothing.\n";

// What is rebuilt, or goes by other places in the roster, does so in a fresh process: libzmq's
// context must not be made twice in one. Returns when it fails, or a store was rebuilt three times.
static void restart(char **argv, enum restart why)
{
    const char *before = getenv("SITREPD_REBUILDS");
    unsigned long count = before == NULL ? 0 : strtoul(before, NULL, 10);
    char text[24];

    if (why == RESTART_TO_REBUILD && count++ >= REBUILDS_MAX) {
        fprintf(
            stderr,
            "sitrepd: the store is damaged again after being rebuilt; the disk may be failing\n");
        return;
    }
    (void)snprintf(text, sizeof text, "%lu", count);
    if (setenv("SITREPD_REBUILDS", text, 1) == 0) {
        execv("/proc/self/exe", argv);
    }
    perror("sitrepd: cannot start again");
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"home", required_argument, NULL, 'H'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'v'},
                                            {NULL, 0, NULL, 0}};
    const char *home = getenv("SITREP_HOME");
    struct node *node = NULL;
    int option;
    enum restart why;
    enum err err;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (option == 'v') {
            puts("sitrepd " SITREP_VERSION);
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
    why = node == NULL ? RESTART_NOT : node->restart;
    node_close(&node);
    if (why != RESTART_NOT) {
        restart(argv, why);
        return EXIT_FAILURE; // a supervisor may try
    }
    return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
