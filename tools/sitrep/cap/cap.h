// SPDX-License-Identifier: EUPL-1.2
// Public alerts of the Common Alerting Protocol, 1.1 and 1.2 (OASIS): checked, and their essentials
// taken out. Nothing is loaded from anywhere, no entity is resolved, any DTD is refused.
#ifndef SITREP_CAP_CAP_H
#define SITREP_CAP_CAP_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum {
    CAP_BYTES_MAX = 512 * 1024,
    CAP_DEPTH_MAX = 32 // elements in elements
};

struct cap_problem {
    int line; // 0 when it is about the whole file
    char why[256];
};

// {identifier, sender, sent, status, msgType, scope, references?, info: [{language, category [],
// event, urgency, severity, certainty, headline?, expires?, areas []}]}; NULL and *problem when the
// bytes are not such an alert. The caller owns it.
json_t *cap_read(const uint8_t *bytes, size_t len, struct cap_problem *problem);

// How urgently an alert of those essentials travels: "flash" when extreme and immediate,
// "immediate" when severe and immediate, "priority" when one of both, else "routine". What is not
// Actual is never above routine.
const char *cap_precedence(const json_t *cap);

#endif
