// SPDX-License-Identifier: EUPL-1.2
// sitrep timeline: everything that belongs to an incident, by when its authors wrote it.
#include <stdio.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/line.h"
#include "sitrep/print.h"
#include "sitrep/when.h"
#include "sitrep/wrap.h"

enum { INDENT = 4, DATE_LEN = 10, CLOCK_LEN = 8 };

// "08:02:28" on the day it was written; else with its date.
static void moment_words(const json_t *entry, const json_t *held, char out[static WHEN_MAX])
{
    char written[WHEN_MAX];
    char moment[WHEN_MAX];

    when_local_text(json_text(entry, "time"), written);
    when_local_text(json_text(held, "by"), moment);
    const bool is_same_day = strncmp(written, moment, DATE_LEN) == 0;
    (void)snprintf(out, WHEN_MAX, "%.*s", is_same_day ? CLOCK_LEN : WHEN_MAX - 1,
                   is_same_day ? moment + DATE_LEN + 1 : moment);
}

// When the other centres had it, by their own clocks, as far as they told.
static void print_centres(const json_t *entry)
{
    const json_t *centres = json_object_get(entry, "centres");
    struct wrap wrap = {.sign = ",", .indent = INDENT};
    size_t i;
    json_t *centre;

    json_array_foreach(centres, i, centre)
    {
        const char *code = json_text(centre, "centre");
        const json_t *held = json_object_get(centre, "held");
        char moment[WHEN_MAX];
        char words[2 * WHEN_MAX + 64];
        if (strcmp(code, json_text(entry, "centre")) == 0) {
            continue;
        }
        moment_words(entry, held, moment);
        (void)snprintf(words, sizeof words, "%s%.64s%s%s", wrap.used == 0 ? "held by " : "", code,
                       json_is_object(held) ? " " : " (not told)",
                       json_is_object(held) ? moment : "");
        wrap_put(&wrap, words);
    }
    wrap_end(&wrap);
}

// What an arrival tells of the author's clock, or of the line.
static void print_offset(const json_t *entry)
{
    const json_t *offset = json_object_get(entry, "offset_ms");
    const json_int_t ms = json_integer_value(offset);
    char span[WHEN_MAX];

    if (!json_is_integer(offset)) {
        return;
    }
    when_span(ms < 0 ? -ms : ms, span);
    if (ms < 0) {
        (void)printf("    arrived here %s before it was written: a clock is wrong\n", span);
    } else {
        (void)printf("    arrived here %s after it was written\n", span);
    }
}

static bool take(void *context, const json_t *entry)
{
    (void)context;
    line_print(entry);
    print_centres(entry);
    print_offset(entry);
    return !ferror(stdout); // the reader of a pipe has gone
}

enum exit_code command_timeline(const struct arguments *arguments)
{
    char path[CLIENT_PATH_MAX];
    enum exit_code code =
        client_entry_path("/v1/items/", arguments->operands[0], "/timeline", path);
    struct client *client = code == EXIT_DONE ? client_open(arguments) : NULL;

    if (client == NULL) {
        return code == EXIT_DONE ? EXIT_FAILED : code;
    }
    code = arguments->is_json
               ? client_print_lines(client, path)
               : client_stream(client, &(struct call){.method = "GET", .path = path}, take, NULL);
    client_close(&client);
    return code;
}
