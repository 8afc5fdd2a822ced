// SPDX-License-Identifier: EUPL-1.2
// sitrep-sim: the command line of the simulation.
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sim/flash.h"
#include "sim/officers.h"
#include "sim/run.h"
#include "sim/soak.h"

static void usage(void)
{
    puts(
        "usage: sitrep-sim [--scenarios] [--seeds N] [--from S] [--seed S] [--flash S] [--soak H]\n"
        "                  [--nodes MIN..MAX] [--all] [--verbose]\n"
        "Runs the scenarios, then N seeds from S on (1,000 from 1) of storms, as many of flash\n"
        "entries over thin lines, and a tenth (50 at least) of officers who share a picture, on "
        "two processes.\n"
        "  --scenarios  the scenarios alone; --seeds-only leaves them out\n"
        "  --seed S     one storm alone\n"
        "  --flash S    one seed of flash entries alone\n"
        "  --officers S one seed of officers alone\n"
        "  --soak H     a line that comes and goes for H hours\n"
        "  --all        go on after a failed seed\n"
        "  --verbose    with --seed or --scenarios: say what happens");
}

static int run_one(run_kind *run, uint64_t seed, const struct plan_bounds *bounds, bool is_verbose)
{
    static struct run_result result;
    run(seed, bounds, is_verbose, &result);
    if (result.failure[0]) {
        printf("seed %" PRIu64 " failed %s\n", seed, result.failure);
        return 1;
    }
    printf("seed %" PRIu64 " holds\n", seed);
    return 0;
}

enum { BASE_TEN = 10, OFFICERS_SHARE = 10, OFFICERS_MIN = 50 };

// MIN..MAX, or one number.
static void parse_nodes(const char *text, struct plan_bounds *bounds)
{
    char *end;
    bounds->nodes_min = (uint32_t)strtoul(text, &end, BASE_TEN);
    bounds->nodes_max =
        strncmp(end, "..", 2) == 0 ? (uint32_t)strtoul(end + 2, NULL, BASE_TEN) : bounds->nodes_min;
}

// Officers take longest, and one of their seeds sees more than many storms do of pictures.
static uint64_t count_officers(uint64_t seeds)
{
    const uint64_t least = seeds < OFFICERS_MIN ? seeds : OFFICERS_MIN;
    return seeds / OFFICERS_SHARE > least ? seeds / OFFICERS_SHARE : least;
}

// Returns the number of failed seeds.
static uint64_t run_all(struct campaign *campaign)
{
    uint64_t failed = campaign_run(campaign);
    if (failed == 0 || campaign->is_thorough) {
        campaign->run = flash_seed;
        campaign->option = "--flash";
        failed += campaign_run(campaign);
    }
    if (failed == 0 || campaign->is_thorough) {
        campaign->run = officers_seed;
        campaign->option = "--officers";
        campaign->count = count_officers(campaign->count);
        failed += campaign_run(campaign);
    }
    return failed;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seeds", required_argument, NULL, 'n'},
                                            {"from", required_argument, NULL, 'f'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"nodes", required_argument, NULL, 'm'},
                                            {"flash", required_argument, NULL, 'l'},
                                            {"soak", required_argument, NULL, 'k'},
                                            {"officers", required_argument, NULL, 'p'},
                                            {"verbose", no_argument, NULL, 'v'},
                                            {"all", no_argument, NULL, 'a'},
                                            {"scenarios", no_argument, NULL, 'c'},
                                            {"seeds-only", no_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct campaign campaign = {
        .run = run_seed, .option = "--seed", .from = 1, .count = 1000, .bounds = {3, 7}};
    uint64_t seed = 0;
    uint32_t hours = 0;
    bool is_verbose = false;
    bool has_scenarios = true;
    bool has_only_scenarios = false;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'n':
            campaign.count = strtoull(optarg, NULL, BASE_TEN);
            break;
        case 'f':
            campaign.from = strtoull(optarg, NULL, BASE_TEN);
            break;
        case 's':
            seed = strtoull(optarg, NULL, BASE_TEN);
            break;
        case 'l':
            seed = strtoull(optarg, NULL, BASE_TEN);
            campaign.run = flash_seed;
            break;
        case 'p':
            seed = strtoull(optarg, NULL, BASE_TEN);
            campaign.run = officers_seed;
            break;
        case 'k':
            hours = (uint32_t)strtoul(optarg, NULL, BASE_TEN);
            break;
        case 'm':
            parse_nodes(optarg, &campaign.bounds);
            break;
        case 'v':
            is_verbose = true;
            break;
        case 'a':
            campaign.is_thorough = true;
            break;
        case 'c':
            has_only_scenarios = true;
            break;
        case 'o':
            has_scenarios = false;
            break;
        default:
            usage();
            return option == 'h' ? 0 : 2;
        }
    }
    const struct plan_bounds *bounds = &campaign.bounds;
    if (bounds->nodes_min < 2 || bounds->nodes_max > 7 || bounds->nodes_min > bounds->nodes_max ||
        campaign.count == 0 || sodium_init() < 0) {
        usage();
        return 2;
    }
    if (hours != 0) {
        return !soak_run(campaign.from, hours, is_verbose);
    }
    if (seed != 0) {
        return run_one(campaign.run, seed, bounds, is_verbose);
    }
    unsigned wrong = has_scenarios ? scenarios_run(is_verbose && has_only_scenarios) : 0;
    if (has_only_scenarios || (wrong > 0 && !campaign.is_thorough)) {
        return wrong > 0;
    }
    return run_all(&campaign) + wrong > 0;
}
