// SPDX-License-Identifier: EUPL-1.2
// Why a call failed, grouped by what its caller does next.
#ifndef SITREP_ERR_H
#define SITREP_ERR_H

enum err {
    ERR_OK = 0,
    ERR_MALFORMED, // the bytes are not what the protocol allows: refuse them
    ERR_LIMIT,     // well formed, but over a limit: refuse, or ask for less
    ERR_DENIED,    // not authentic, or not allowed by the roster: refuse and count
    ERR_STATE,     // not possible in this state
    ERR_AGAIN,     // not now: try later
    ERR_NOT_FOUND, // there is no such thing here
    ERR_IO,        // the operating system failed
    ERR_NO_SPACE,  // the disk or the map is full
    ERR_CORRUPT,   // what was stored is damaged
    ERR_COUNT
};

// One short English phrase for `err`, without a full stop; never NULL.
const char *err_text(enum err err);

#define CHECKED __attribute__((warn_unused_result))

#endif
