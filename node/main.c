// SPDX-License-Identifier: EUPL-1.2
// sitrepd: reads its options, opens the node, runs it, closes it.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node.h"
#include "sitrep/version.h"

enum { EXIT_USAGE = 2, RESTARTS_MAX = 3 };

static const char usage[] =
    "usage: sitrepd --home DIR\n"
    "\n"
    "Runs the node whose home is DIR (or $SITREP_HOME) until it is told to stop.\n"
    "Make a home with `sitrep found` or `sitrep request`.\n"
    "--version prints the version, and does nothing.\n";

// The store is rebuilt by a fresh process: libzmq's context must not be made twice in one. Three
// times, no more.
static void restart(char **argv)
{
    const char *before = getenv("SITREPD_RESTARTS");
    unsigned long count = before == NULL ? 0 : strtoul(before, NULL, 10);
    char text[24];

    if (count >= RESTARTS_MAX) {
        fprintf(
            stderr,
            "sitrepd: the store is damaged again after being rebuilt; the disk may be failing\n");
        return;
    }
    (void)snprintf(text, sizeof text, "%lu", count + 1);
    if (setenv("SITREPD_RESTARTS", text, 1) == 0) {
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
    bool must_restart;
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
    must_restart = node != NULL && node->must_restart;
    node_close(&node);
    if (must_restart) {
        restart(argv);
    }
    return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
