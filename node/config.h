// SPDX-License-Identifier: EUPL-1.2
// HOME/node.conf: ZPL, read once. Unknown and duplicate keys, wrong types and values out of range
// are all reported, each with its line, before anything starts.
#ifndef NODE_CONFIG_H
#define NODE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sitrep/err.h"
#include "sitrep/limits.h"

enum { CONFIG_PATH_MAX = 1024 }; // with the NUL

struct config {
    char bind_sync[ENDPOINT_MAX_LEN +
                   1]; // sync/bind, default: the roster's endpoint of this node, on all addresses
    char bind_live[ENDPOINT_MAX_LEN + 1]; // live/bind
    bool has_live_plane;                  // live/enabled, default 1
    uint32_t beacon_ms;                   // sync/beacon_ms, 100..60000, default 1000
    uint32_t retry_ms;                    // sync/retry_ms, 100..60000, default 3000
    uint32_t window_kib;                  // sync/window_kib, 64..16384, default 4096
    uint32_t peers_max;                   // sync/peers_max, 1..256, default 64
    char socks[ENDPOINT_MAX_LEN + 1];     // transport/socks, ADDRESS:PORT; empty: no proxy
    char socks_login[CONFIG_PATH_MAX];    // transport/socks_login, a file; empty: no login
    unsigned socks_login_line;            // of node.conf; 0: not set
    uint32_t receipts_s;      // receipts/interval_s, 0..86400, default 300: from one receipt to the
                              // next, 0: none are written
    uint64_t reserve_mib;     // store/reserve_mib, 1..1048576, default 64
    uint32_t scrub_per_s;     // store/scrub_per_s, records checked a second in the background,
                              // 0..1000000, default 2000
    uint32_t own_log_wait_ms; // sync/own_log_wait_ms, 0..600000, default 3000: wait for peers
                              // before first publishing
    char log_level[8];        // log/level: error, warning, info (default), debug
};

// Fills `config` with defaults, then from text. Every mistake appends a line "node.conf:LINE: what
// is wrong, what is allowed\n" to `mistakes` (truncated at its size, saying so). Errors:
// ERR_MALFORMED when there was any.
CHECKED enum err config_parse(const char *text, struct config *config, char *mistakes,
                              size_t mistakes_size);

#endif
