// SPDX-License-Identifier: EUPL-1.2
// Times for people: read as they type them, shown in local time with the zone named.
#ifndef SITREP_WHEN_H
#define SITREP_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WHEN_MAX = 48 }; // bytes of any text made here

// RFC 3339, as entries and the API have it. False when it is not.
bool when_read(const char *text, int64_t *ms);

// What people type: RFC 3339, or the same without a zone for the local one; HH:MM, the last time it
// was that; or 90s, 20m, 2h, 1d ago.
bool when_typed(const char *text, int64_t now_ms, int64_t *ms);

// What people mean a moment to be that they write into an entry: RFC 3339, or the same without a
// zone for the local one; now; HH:MM of today; or +90s, +20m, +2h, +1d from now, -20m ago. False
// when it is not.
bool when_meant(const char *text, int64_t now_ms, int64_t *ms);

// Whole days from now, `least` to 36,500; 0 days give 0, which is never. False when it is not.
bool when_in_days(const char *text, uint64_t least, int64_t now_ms, uint64_t *ms);

int64_t when_now(void);

void when_rfc3339(int64_t ms, char out[static WHEN_MAX]);             // 2026-03-01T12:00:05.000Z
void when_local(int64_t ms, char out[static WHEN_MAX]);               // 2026-03-01 13:00:05 CET
void when_ago(int64_t ms, int64_t now_ms, char out[static WHEN_MAX]); // 2 minutes ago
void when_span(int64_t ms, char out[static WHEN_MAX]);                // 90 minutes, rounded up
// Of a moment as an RFC 3339 text; "never" when it is NULL or none.
void when_local_text(const char *text, char out[static WHEN_MAX]);
void when_ago_text(const char *text, int64_t now_ms, char out[static WHEN_MAX]);

#endif
