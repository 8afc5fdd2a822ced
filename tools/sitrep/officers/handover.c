// SPDX-License-Identifier: EUPL-1.2
// sitrep handover show: what the last shift of this centre left. What is open stands last, where it
// is seen first.
#include <stdio.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/line.h"
#include "sitrep/officers/officers.h"
#include "sitrep/print.h"

static void print_points(const json_t *points)
{
    size_t i;
    json_t *point;

    if (json_array_size(points) > 0) {
        (void)puts("\nOpen points:");
    }
    json_array_foreach(points, i, point)
    {
        (void)fputs("- ", stdout);
        print_text(json_string_value(point), BREAKS_KEPT);
        (void)putchar('\n');
    }
}

// As it was then. What has more to its name than that is not here.
static enum exit_code print_version(struct client *client, const char *name)
{
    const bool is_here = strchr(name, '#') == NULL;
    struct answer answer = {.json = NULL};
    char path[CLIENT_PATH_MAX];

    enum exit_code code = is_here ? client_entry_path("/v1/entries/", name, "", path) : EXIT_DONE;
    if (code == EXIT_DONE && is_here) {
        code = client_call(client, &(struct call){.method = "GET", .path = path}, &answer);
    }
    if (code == EXIT_DONE && is_here && answer_code(&answer) == EXIT_DONE) {
        line_print(answer.json);
    } else if (code == EXIT_DONE) {
        print_text(name, BREAKS_ESCAPED);
        (void)puts("  (cannot be read here)");
    }
    answer_fini(&answer);
    return code;
}

static enum exit_code print_open(struct client *client, const json_t *open)
{
    const size_t count = json_array_size(open);
    enum exit_code code = EXIT_DONE;

    if (count > 0) {
        (void)puts("\nOpen then ('sitrep item show' tells more):");
    }
    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        const char *name = json_string_value(json_array_get(open, i));
        code = print_version(client, name != NULL ? name : "");
    }
    return code;
}

// The same, with its lists in words, or left out to be printed below.
static json_t *in_words(const json_t *handover)
{
    json_t *worded = json_deep_copy(handover);
    json_t *fields = json_object_get(worded, "fields");
    const size_t nodes = json_array_size(json_object_get(fields, "complete"));

    (void)json_object_del(fields, "open");
    (void)json_object_del(fields, "points");
    if (nodes > 0) {
        (void)json_object_set_new(
            fields, "complete",
            json_sprintf("up to an entry of each of %zu nodes ('--json' has them)", nodes));
    }
    return worded;
}

static enum exit_code print_handover(struct client *client, const json_t *handover)
{
    const json_t *fields = json_object_get(handover, "fields");
    json_t *worded = in_words(handover);

    show_entry(worded);
    json_decref(worded);
    const enum exit_code code = print_open(client, json_object_get(fields, "open"));
    print_points(json_object_get(fields, "points"));
    return code;
}

enum exit_code command_handover_show(const struct arguments *arguments)
{
    return client_show_more(arguments, "/v1/handover", print_handover);
}
