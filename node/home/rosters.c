// SPDX-License-Identifier: EUPL-1.2
// The rosters of a home for who needs them once: what is in force, one version, one more. Who asks
// again and again keeps a lineage.
#include <inttypes.h>
#include <stdlib.h>

#include "home/lineage.h"
#include "home/why.h"

enum err home_read_roster(struct home *home, uint64_t version, uint8_t **bytes, size_t *len)
{
    const struct lineage_link first = {.version = version};
    struct lineage lineage = {.home = home};
    return lineage_read(&lineage, &first, bytes, len);
}

enum err home_load_roster(struct home *home, struct roster **roster)
{
    struct lineage *lineage = NULL;
    enum err err = lineage_open(home, &lineage);
    if (err == ERR_OK) {
        err = lineage_stand(lineage, roster);
    }
    lineage_close(&lineage);
    return err;
}

enum err home_add_roster(struct home *home, const uint8_t *bytes, size_t len,
                         struct roster **roster)
{
    struct lineage *lineage = NULL;
    struct lineage_report report;
    enum err err = lineage_open(home, &lineage);
    if (err == ERR_OK) {
        err = lineage_add(lineage, (struct span){bytes, len}, &report);
    }
    if (err == ERR_OK) {
        err = lineage_stand(lineage, roster);
    }
    lineage_close(&lineage);
    return err;
}
