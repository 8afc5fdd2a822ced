// SPDX-License-Identifier: EUPL-1.2
// The node's log on stderr: one event a line, logfmt, at most 1 KiB, nothing in it but printable
// ASCII. Any thread may write.
//
//   log_write(LOG_LEVEL_INFO, "peer-up", "peer=%s address=%s", name, address);
//   time=2026-03-01T12:00:00.000Z level=info event=peer-up peer=nl-kcr2 address=192.0.2.7
//
// Under the journal (JOURNAL_STREAM) a line begins with its priority, `<6>`, in place of the time
// and level, which the journal keeps itself.
#ifndef NODE_LOG_H
#define NODE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

enum { LOG_LINE_MAX = 1024 }; // bytes, with the line's end

// Once, before threads start. Until then everything up to info is written.
void log_open(enum log_level level);
// The level called `name` (config's log/level), or info.
enum log_level log_level_named(const char *name);

// `format` is pairs `key=%s` with one blank between them, and values may hold anything: they are
// quoted and escaped here. Keys are part of the format, never foreign.
void log_write(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// For what the network can cause: at most 10 lines a minute for each `limit`, which the caller
// keeps zeroed and in one place per kind of event; the next line then says how many were left out.
struct log_limit {
    uint64_t window_ms; // monotonic clock when the running minute began
    uint32_t written;
    uint32_t left_out;
};
void log_limited(struct log_limit *limit, enum log_level level, const char *event,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

// The line log_write would write, without its end; for tests. Returns its length.
size_t log_format(char out[static LOG_LINE_MAX], const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
