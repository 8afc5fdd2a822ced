// SPDX-License-Identifier: EUPL-1.2
// RFC 3339 moments. No time zones but numeric offsets, no leap seconds: second 60 is read as the
// first of the next minute.
#include "json/rfc3339.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

enum { MS = 1000, MINUTE_S = 60, HOUR_S = 3600 };

enum err rfc3339_format(uint64_t ms, char out[static RFC3339_SIZE])
{
    const uint64_t last_ms = UINT64_C(253402300799999);
    if (ms > last_ms) {
        return ERR_LIMIT;
    }
    time_t seconds = (time_t)(ms / MS);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) == NULL) {
        return ERR_LIMIT;
    }
    size_t len = strftime(out, RFC3339_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out + len, RFC3339_SIZE - len, ".%03uZ", (unsigned)(ms % MS));
    return ERR_OK;
}

struct scan {
    const char *at;
    bool is_bad;
};

static int scan_digits(struct scan *scan, int count, int min, int max)
{
    int value = 0;
    for (int i = 0; i < count && !scan->is_bad; i++) {
        char digit = *scan->at;
        if (digit < '0' || digit > '9') {
            scan->is_bad = true;
            return 0;
        }
        value = value * 10 + (digit - '0');
        scan->at++;
    }
    if (value < min || value > max) {
        scan->is_bad = true;
    }
    return value;
}

// One of the characters of `wanted`.
static char scan_one(struct scan *scan, const char *wanted)
{
    for (const char *c = wanted; *c != '\0' && !scan->is_bad; c++) {
        if (*scan->at == *c) {
            scan->at++;
            return *c;
        }
    }
    scan->is_bad = true;
    return '\0';
}

// The milliseconds of a fraction of any length.
static int64_t scan_fraction(struct scan *scan)
{
    if (*scan->at != '.') {
        return 0;
    }
    scan->at++;
    int64_t ms = scan_digits(scan, 1, 0, 9) * INT64_C(100);
    for (int64_t unit = 10; *scan->at >= '0' && *scan->at <= '9'; unit /= 10) {
        ms += (*scan->at++ - '0') * unit;
    }
    return ms;
}

static int64_t scan_offset_s(struct scan *scan)
{
    char sign = scan_one(scan, "Zz+- ");
    if (sign == 'Z' || sign == 'z') {
        return 0;
    }
    int64_t hours = scan_digits(scan, 2, 0, 23);
    scan_one(scan, ":");
    int64_t minutes = scan_digits(scan, 2, 0, 59);
    int64_t offset = hours * HOUR_S + minutes * MINUTE_S;
    return sign == '-' ? -offset : offset;
}

enum err rfc3339_parse(const char *text, uint64_t *ms)
{
    struct scan scan = {.at = text};
    struct tm utc = {0};
    utc.tm_year = scan_digits(&scan, 4, 0, 9999) - 1900;
    scan_one(&scan, "-");
    utc.tm_mon = scan_digits(&scan, 2, 1, 12) - 1;
    scan_one(&scan, "-");
    utc.tm_mday = scan_digits(&scan, 2, 1, 31);
    scan_one(&scan, "Tt");
    utc.tm_hour = scan_digits(&scan, 2, 0, 23);
    scan_one(&scan, ":");
    utc.tm_min = scan_digits(&scan, 2, 0, 59);
    int64_t fraction_ms = 0;
    if (*scan.at == ':') { // people leave the seconds out
        scan.at++;
        utc.tm_sec = scan_digits(&scan, 2, 0, 60);
        fraction_ms = scan_fraction(&scan);
    }
    int64_t offset_s = scan_offset_s(&scan);
    if (scan.is_bad || *scan.at != '\0') {
        return ERR_MALFORMED;
    }
    int leap_s = utc.tm_sec == 60 ? 1 : 0;
    utc.tm_sec -= leap_s;
    int day = utc.tm_mday;
    int64_t seconds = (int64_t)timegm(&utc) + leap_s - offset_s;
    // timegm carries the 31st of a shorter month over to the next.
    if (utc.tm_mday != day) {
        return ERR_MALFORMED;
    }
    if (seconds < 0) {
        return ERR_LIMIT;
    }
    *ms = (uint64_t)(seconds * MS + fraction_ms);
    return ERR_OK;
}
