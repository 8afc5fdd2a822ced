// SPDX-License-Identifier: EUPL-1.2
// Writes the log. What to log, and how often, is decided by those who call.
//
// The level and the journal's mark are the one state of the process that is not passed around: a
// log line must be possible everywhere, and nothing but the output depends on it.
#include "log.h"

#include <assert.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static _Atomic int max_level = LOG_LEVEL_INFO;
static atomic_bool is_journal;
static pthread_mutex_t limit_mutex = PTHREAD_MUTEX_INITIALIZER;

static const char *const names[] = {"error", "warning", "info", "debug"};
static const int priorities[] = {3, 4, 6, 7}; // of syslog
enum { LEVELS = sizeof names / sizeof *names };

void log_open(enum log_level level)
{
    max_level = (int)level;
    is_journal = getenv("JOURNAL_STREAM") != NULL;
}

enum log_level log_level_named(const char *name)
{
    for (int i = 0; i < LEVELS; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum log_level)i;
        }
    }
    return LOG_LEVEL_INFO;
}

static const char cut_short[] = "...";

// A line being written; what does not fit any more is left out and marked.
struct line {
    char *text;
    size_t len;
    bool is_cut;
};

static void line_add(struct line *line, const char *text, size_t len)
{
    // One byte for the line's end, one for the NUL, and the mark.
    if (line->is_cut || line->len + len + sizeof cut_short + 1 > LOG_LINE_MAX) {
        line->is_cut = true;
        return;
    }
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static void line_add_escaped(struct line *line, unsigned char byte)
{
    char escaped[5];
    if (byte == '"' || byte == '\\') {
        escaped[0] = '\\';
        escaped[1] = (char)byte;
        line_add(line, escaped, 2);
    } else if (byte >= ' ' && byte <= '~') {
        escaped[0] = (char)byte;
        line_add(line, escaped, 1);
    } else {
        (void)snprintf(escaped, sizeof escaped, "\\x%02x", byte);
        line_add(line, escaped, 4);
    }
}

static bool is_bare(const char *value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (value[i] <= ' ' || value[i] > '~' || strchr("\"\\=", value[i]) != NULL) {
            return false;
        }
    }
    return len > 0;
}

static void line_add_value(struct line *line, const char *value, size_t len)
{
    const size_t quote_len = is_bare(value, len) ? 0 : 1;
    line_add(line, "\"", quote_len);
    for (size_t i = 0; i < len; i++) {
        line_add_escaped(line, (unsigned char)value[i]);
    }
    line_add(line, "\"", quote_len);
}

// Between pairs the format's blanks are replaced by this byte before the values are put in, so that
// a blank inside a value does not end it. It is never part of UTF-8.
static const char separator = '\xff';

static size_t count_of(const char *text, char byte)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += *text == byte;
    }
    return count;
}

static void line_add_pairs(struct line *line, const char *rendered)
{
    const char ends[] = {separator, '\0'};
    for (const char *at = rendered; *at != '\0';) {
        const size_t len = strcspn(at, ends);
        const char *equals = memchr(at, '=', len);
        const size_t key_len = equals != NULL ? (size_t)(equals - at) + 1 : 0;
        line_add(line, " ", 1);
        line_add(line, at, key_len);
        line_add_value(line, at + key_len, len - key_len);
        at += len + (at[len] != '\0');
    }
}

static void line_add_format(struct line *line, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void line_add_format(struct line *line, const char *format, va_list arguments)
{
    char separated[256];
    char rendered[2 * LOG_LINE_MAX];
    const size_t len = strlen(format);
    assert(len < sizeof separated);
    for (size_t i = 0; i <= len; i++) {
        separated[i] = format[i];
        if (format[i] == ' ') {
            separated[i] = separator;
        }
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" // the caller's format was checked there
    const int wanted = vsnprintf(rendered, sizeof rendered, separated, arguments);
#pragma GCC diagnostic pop
    if (wanted < 0) {
        line_add(line, " format=failed", strlen(" format=failed"));
        return;
    }
    if (count_of(rendered, separator) > count_of(format, ' ')) {
        // A value brought separators of its own and could pass for other keys: all is one value.
        line_add(line, " garbled=", strlen(" garbled="));
        line_add_value(line, rendered, strlen(rendered));
    } else {
        line_add_pairs(line, rendered);
    }
    line->is_cut = line->is_cut || (size_t)wanted >= sizeof rendered;
}

static void line_end(struct line *line)
{
    if (line->is_cut) {
        memcpy(line->text + line->len, cut_short, sizeof cut_short - 1);
        line->len += sizeof cut_short - 1;
    }
    line->text[line->len] = '\0';
}

static void line_begin(struct line *line, enum log_level level, const char *event)
{
    char begin[160];
    int len;
    if (is_journal) {
        len = snprintf(begin, sizeof begin, "<%d>event=%s", priorities[level], event);
    } else {
        struct timespec now;
        struct tm utc;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        (void)gmtime_r(&now.tv_sec, &utc);
        char time[32];
        (void)strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &utc);
        len = snprintf(begin, sizeof begin, "time=%s.%03ldZ level=%s event=%s", time,
                       now.tv_nsec / 1000000, names[level], event);
    }
    line_add(line, begin, (size_t)len < sizeof begin ? (size_t)len : sizeof begin - 1);
}

// One write a line, so that lines of several threads do not mix.
static void line_put(struct line *line)
{
    line_end(line);
    line->text[line->len++] = '\n';
    // A log that cannot be written has nowhere to complain.
    const ssize_t put = write(STDERR_FILENO, line->text, line->len);
    (void)put;
}

// NOLINTNEXTLINE(readability-non-const-parameter): written through line.text
size_t log_format(char out[static LOG_LINE_MAX], const char *event, const char *format, ...)
{
    struct line line = {out, 0, false};
    line_add(&line, "event=", strlen("event="));
    line_add(&line, event, strlen(event));
    va_list arguments;
    va_start(arguments, format);
    line_add_format(&line, format, arguments);
    va_end(arguments);
    line_end(&line);
    return line.len;
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    if ((int)level > max_level) {
        return;
    }
    char text[LOG_LINE_MAX];
    struct line line = {text, 0, false};
    line_begin(&line, level, event);
    va_list arguments;
    va_start(arguments, format);
    line_add_format(&line, format, arguments);
    va_end(arguments);
    line_put(&line);
}

enum { LIMIT_WINDOW_MS = 60000, LIMIT_LINES = 10 };

// Whether one more line may be written, and how many were left out before it.
static bool limit_take(struct log_limit *limit, uint32_t *left_out)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    const uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    (void)pthread_mutex_lock(&limit_mutex);
    if (limit->window_ms == 0 || now_ms - limit->window_ms >= LIMIT_WINDOW_MS) {
        limit->window_ms = now_ms;
        limit->written = 0;
    }
    const bool is_allowed = limit->written < LIMIT_LINES;
    *left_out = 0;
    if (is_allowed) {
        limit->written++;
        *left_out = limit->left_out;
        limit->left_out = 0;
    } else {
        limit->left_out++;
    }
    (void)pthread_mutex_unlock(&limit_mutex);
    return is_allowed;
}

void log_limited(struct log_limit *limit, enum log_level level, const char *event,
                 const char *format, ...)
{
    uint32_t left_out = 0;
    if ((int)level > max_level || !limit_take(limit, &left_out)) {
        return;
    }
    char text[LOG_LINE_MAX];
    struct line line = {text, 0, false};
    line_begin(&line, level, event);
    if (left_out > 0) {
        char pair[32];
        const int len = snprintf(pair, sizeof pair, " left_out=%u", left_out);
        line_add(&line, pair, (size_t)len);
    }
    va_list arguments;
    va_start(arguments, format);
    line_add_format(&line, format, arguments);
    va_end(arguments);
    line_put(&line);
}
