// SPDX-License-Identifier: EUPL-1.2
// Reads and shows times.
#include "sitrep/when.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sitrep/number.h"

int64_t when_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// `digits` digits at *at, or -1.
static int take_number(const char **at, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)**at)) {
            return -1;
        }
        value = value * 10 + (**at - '0');
        (*at)++;
    }
    return value;
}

static bool take(const char **at, const char *allowed)
{
    if (**at == '\0' || strchr(allowed, **at) == NULL) {
        return false;
    }
    (*at)++;
    return true;
}

// Whole milliseconds of a fraction; more digits are passed over. False for "." without digits.
static bool take_fraction(const char **at, int *ms)
{
    *ms = 0;
    if (!take(at, ".")) {
        return true;
    }
    if (!isdigit((unsigned char)**at)) {
        return false;
    }
    for (int scale = 100; isdigit((unsigned char)**at); scale /= 10, (*at)++) {
        *ms += (**at - '0') * scale;
    }
    return true;
}

static bool take_zone(const char **at, int *minutes)
{
    *minutes = 0;
    if (take(at, "Zz")) {
        return true;
    }
    const int sign = **at == '-' ? -1 : 1;
    if (!take(at, "+-")) {
        return false;
    }
    const int hours = take_number(at, 2);
    const bool has_colon = take(at, ":");
    const int rest = take_number(at, 2);
    *minutes = sign * (hours * 60 + rest);
    return has_colon && hours >= 0 && hours < 24 && rest >= 0 && rest < 60;
}

// The date and the time of day, up to where a zone may stand.
static bool take_date(const char **at, struct tm *tm, int *fraction)
{
    *tm = (struct tm){.tm_isdst = -1};
    tm->tm_year = take_number(at, 4) - 1900;
    bool is_good = take(at, "-");
    tm->tm_mon = take_number(at, 2) - 1;
    is_good = take(at, "-") && is_good;
    tm->tm_mday = take_number(at, 2);
    is_good = take(at, "Tt ") && is_good;
    tm->tm_hour = take_number(at, 2);
    is_good = take(at, ":") && is_good;
    tm->tm_min = take_number(at, 2);
    *fraction = 0;
    if (take(at, ":")) { // people leave the seconds out
        tm->tm_sec = take_number(at, 2);
        is_good = take_fraction(at, fraction) && is_good;
    }
    return is_good;
}

// 30 February is moved to March, and an hour that the clocks left out to the next one: that was not
// meant.
static bool is_moved(const struct tm *typed, const struct tm *tm)
{
    return typed->tm_year < 70 || tm->tm_mday != typed->tm_mday || tm->tm_mon != typed->tm_mon ||
           tm->tm_hour != typed->tm_hour || typed->tm_sec > 60;
}

bool when_read(const char *text, int64_t *ms)
{
    const char *at = text;
    struct tm tm;
    int fraction = 0;
    int zone = 0;
    bool is_good = take_date(&at, &tm, &fraction);
    is_good = take_zone(&at, &zone) && is_good;
    const struct tm typed = tm;
    const time_t seconds = timegm(&tm);
    if (!is_good || *at != '\0' || is_moved(&typed, &tm)) {
        return false;
    }
    *ms = ((int64_t)seconds - (int64_t)zone * 60) * 1000 + fraction;
    return true;
}

// Without a zone, by the local clock.
static bool read_local(const char *text, int64_t *ms)
{
    const char *at = text;
    struct tm tm;
    int fraction = 0;
    const bool is_good = take_date(&at, &tm, &fraction);
    const struct tm typed = tm;
    const time_t seconds = mktime(&tm);
    if (!is_good || *at != '\0' || is_moved(&typed, &tm)) {
        return false;
    }
    *ms = (int64_t)seconds * 1000 + fraction;
    return true;
}

static bool read_ago(const char *text, int64_t now_ms, int64_t *ms)
{
    static const struct {
        char letter;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 6 || strlen(text) != digits + 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (units[i].letter == text[digits]) {
            *ms = now_ms - strtoll(text, NULL, 10) * units[i].ms;
            return true;
        }
    }
    return false;
}

// HH:MM of the day of now, by the local clock.
static bool read_today(const char *text, int64_t now_ms, struct tm *tm)
{
    const char *at = text;
    const int hour = take_number(&at, 2);
    const bool has_colon = take(&at, ":");
    const int minute = take_number(&at, 2);
    if (!has_colon || *at != '\0' || hour < 0 || hour > 23 || minute < 0 || minute > 59) {
        return false;
    }
    const time_t now = (time_t)(now_ms / 1000);
    (void)localtime_r(&now, tm);
    tm->tm_hour = hour;
    tm->tm_min = minute;
    tm->tm_sec = 0;
    tm->tm_isdst = -1;
    return true;
}

static bool read_clock(const char *text, int64_t now_ms, int64_t *ms)
{
    struct tm tm;
    if (!read_today(text, now_ms, &tm)) {
        return false;
    }
    time_t then = mktime(&tm);
    if (then > (time_t)(now_ms / 1000)) { // shortly after midnight, 23:00 was yesterday
        tm.tm_mday--;
        tm.tm_isdst = -1;
        then = mktime(&tm);
    }
    *ms = (int64_t)then * 1000;
    return true;
}

bool when_typed(const char *text, int64_t now_ms, int64_t *ms)
{
    return when_read(text, ms) || read_local(text, ms) || read_ago(text, now_ms, ms) ||
           read_clock(text, now_ms, ms);
}

bool when_meant(const char *text, int64_t now_ms, int64_t *ms)
{
    struct tm tm;
    if (strcmp(text, "now") == 0) {
        *ms = now_ms;
        return true;
    }
    if ((*text == '+' || *text == '-') && read_ago(text + 1, now_ms, ms)) {
        *ms = *text == '-' ? *ms : 2 * now_ms - *ms;
        return true;
    }
    if (read_today(text, now_ms, &tm)) {
        *ms = (int64_t)mktime(&tm) * 1000;
        return true;
    }
    return when_read(text, ms) || read_local(text, ms);
}

bool when_in_days(const char *text, uint64_t least, int64_t now_ms, uint64_t *ms)
{
    enum { DAYS_MAX = 36500 };
    uint64_t days = 0;
    if (!number_read(text, DAYS_MAX, &days) || days < least) {
        return false;
    }
    *ms = days == 0 ? 0 : (uint64_t)now_ms + days * UINT64_C(86400000);
    return true;
}

void when_rfc3339(int64_t ms, char out[static WHEN_MAX])
{
    const time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    char text[32] = "";
    (void)gmtime_r(&seconds, &tm);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out, WHEN_MAX, "%s.%03dZ", text, (int)(ms % 1000));
}

void when_local(int64_t ms, char out[static WHEN_MAX])
{
    const time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    (void)localtime_r(&seconds, &tm);
    if (strftime(out, WHEN_MAX, "%Y-%m-%d %H:%M:%S %Z", &tm) == 0) {
        *out = '\0';
    }
}

enum { UNITS = 4 };
static const struct {
    int64_t ms;
    const char *name;
} units[UNITS] = {{86400000, "day"}, {3600000, "hour"}, {60000, "minute"}, {1000, "second"}};

void when_ago(int64_t ms, int64_t now_ms, char out[static WHEN_MAX])
{
    const int64_t passed = now_ms - ms;
    if (passed < -60000) {
        (void)snprintf(out, WHEN_MAX, "in the future");
        return;
    }
    for (size_t i = 0; i < UNITS; i++) {
        const int64_t count = passed / units[i].ms;
        if (count > 0) {
            (void)snprintf(out, WHEN_MAX, "%lld %s%s ago", (long long)count, units[i].name,
                           count == 1 ? "" : "s");
            return;
        }
    }
    (void)snprintf(out, WHEN_MAX, "now");
}

void when_span(int64_t ms, char out[static WHEN_MAX])
{
    size_t unit = 0;
    while (unit + 1 < UNITS && ms < 2 * units[unit].ms) {
        unit++;
    }
    const int64_t count = ms / units[unit].ms + (ms % units[unit].ms > 0);
    (void)snprintf(out, WHEN_MAX, "%lld %s%s", (long long)count, units[unit].name,
                   count == 1 ? "" : "s");
}

void when_local_text(const char *text, char out[static WHEN_MAX])
{
    int64_t ms = 0;
    if (text != NULL && when_read(text, &ms)) {
        when_local(ms, out);
    } else {
        (void)snprintf(out, WHEN_MAX, "never");
    }
}

void when_ago_text(const char *text, int64_t now_ms, char out[static WHEN_MAX])
{
    int64_t ms = 0;
    if (text != NULL && when_read(text, &ms)) {
        when_ago(ms, now_ms, out);
    } else {
        (void)snprintf(out, WHEN_MAX, "never");
    }
}
