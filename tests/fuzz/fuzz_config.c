// SPDX-License-Identifier: EUPL-1.2
// Fuzz target: node.conf. Whatever it says, values stay in their ranges and mistakes in their size.
// needs: node/config.c
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    struct config config;
    char mistakes[512];
    const enum err err = config_parse(text, &config, mistakes, sizeof mistakes);
    assert((err == ERR_OK) == (*mistakes == '\0'));
    assert(memchr(mistakes, '\0', sizeof mistakes) != NULL);
    assert(config.beacon_ms >= 100 && config.beacon_ms <= 60000);
    assert(config.peers_max >= 1 && config.peers_max <= 256);
    assert(config.reserve_mib <= 1048576);
    free(text);
    return 0;
}
