// SPDX-License-Identifier: EUPL-1.2
// Reads commands and writes counts. Does not know where they come from or go to.
#include "wire/command.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct setting {
    const char *name;
    size_t offset; // in struct weather
    uint64_t most;
};

#define SETTING(name, member, most)                                                                \
    {                                                                                              \
        name, offsetof(struct weather, member), most                                               \
    }
static const struct setting settings[] = {
    SETTING("rate", rate, 10000000000),   SETTING("queue", queue_bytes, 1U << 30),
    SETTING("delay", delay_ms, 3600000),  SETTING("jitter", jitter_ms, 3600000),
    SETTING("loss", loss, 1000),          SETTING("duplicate", duplicate, 1000),
    SETTING("reorder", reorder, 1000),    SETTING("hold", hold_ms, 3600000),
    SETTING("paced", paced, 10000000000),
};

enum { SETTINGS = sizeof settings / sizeof *settings, WORDS_MAX = 4 };

static const char ends[ENDS][2] = {"a", "b"};

static void set(struct line lines[static ENDS], int end, size_t offset, uint64_t value)
{
    for (int i = 0; i < ENDS; i++) {
        if (end == ENDS || end == i) {
            memcpy((char *)&lines[i].weather + offset, &value, sizeof value);
        }
    }
}

static bool read_number(const char *text, uint64_t most, uint64_t *value)
{
    char *rest;
    errno = 0;
    const unsigned long long number = strtoull(text, &rest, 10);
    *value = number;
    return isdigit((unsigned char)text[0]) != 0 && *rest == '\0' && errno == 0 && number <= most;
}

static enum answer run_setting(struct line lines[static ENDS], int end, char *words[], size_t count)
{
    if (count == 1 && (strcmp(words[0], "down") == 0 || strcmp(words[0], "up") == 0)) {
        set(lines, end, offsetof(struct weather, is_down), words[0][0] == 'd');
        return ANSWER_DONE;
    }
    uint64_t value;
    for (size_t i = 0; i < SETTINGS && count == 2; i++) {
        if (strcmp(words[0], settings[i].name) == 0 &&
            read_number(words[1], settings[i].most, &value)) {
            set(lines, end, settings[i].offset, value);
            return ANSWER_DONE;
        }
    }
    return ANSWER_REFUSED;
}

enum answer command_run(struct line lines[static ENDS], const char *text)
{
    char copy[COMMAND_MAX];
    char *words[WORDS_MAX] = {NULL};
    char *rest = NULL;
    size_t count = 0;
    const size_t len = strlen(text);
    if (len >= sizeof copy) {
        return ANSWER_REFUSED;
    }
    memcpy(copy, text, len + 1);
    for (char *word = strtok_r(copy, " \t\r\n", &rest); word != NULL && count < WORDS_MAX;
         word = strtok_r(NULL, " \t\r\n", &rest)) {
        words[count++] = word;
    }
    if (count == 1 && strcmp(words[0], "counts") == 0) {
        return ANSWER_COUNTS;
    }
    if (count == 1 && strcmp(words[0], "forget") == 0) {
        line_forget_highest(&lines[0]);
        line_forget_highest(&lines[1]);
        return ANSWER_DONE;
    }
    if (count == 1 && strcmp(words[0], "end") == 0) {
        return ANSWER_END;
    }
    int end = 0;
    while (count > 0 && end < ENDS && strcmp(words[0], ends[end]) != 0) {
        end++;
    }
    const size_t skipped = count > 0 && end < ENDS ? 1 : 0;
    return run_setting(lines, skipped == 1 ? end : ENDS, words + skipped, count - skipped);
}

static void write_count(FILE *out, const char *name, uint64_t value)
{
    (void)fprintf(out, ",\"%s\":%" PRIu64, name, value);
}

void command_write_counts(FILE *out, const struct line lines[static ENDS])
{
    for (int i = 0; i < ENDS; i++) {
        const struct counts *counts = &lines[i].counts;
        const struct flows *flows = &lines[i].flows;
        (void)fprintf(out, "%s\"%s\":{\"packets\":%" PRIu64, i == 0 ? "{" : ",", ends[i],
                      counts->packets);
        write_count(out, "bytes", counts->bytes);
        write_count(out, "dropped", counts->dropped);
        write_count(out, "lost", counts->lost);
        write_count(out, "blocked", counts->blocked);
        write_count(out, "duplicated", counts->duplicated);
        write_count(out, "held", counts->held);
        write_count(out, "arrived", counts->arrived);
        write_count(out, "arrived_bytes", counts->arrived_bytes);
        write_count(out, "waiting", lines[i].waiting_bytes);
        write_count(out, "queue_most", counts->queue_most);
        write_count(out, "wait_most", counts->wait_most);
        write_count(out, "sent_bytes", counts->sent_bytes);
        write_count(out, "window_most", lines[i].window.most);
        write_count(out, "window_least", lines[i].window.least);
        write_count(out, "tcp", flows->bytes);
        write_count(out, "twice", flows->twice);
        write_count(out, "connections", flows->connections);
        (void)fputc('}', out);
    }
    (void)fputs("}\n", out);
    (void)fflush(out);
}
