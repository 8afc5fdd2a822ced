// SPDX-License-Identifier: EUPL-1.2
// sitrep timeline: everything that belongs to an incident, by when its authors wrote it.
#include <stdio.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/line.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

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
