// SPDX-License-Identifier: EUPL-1.2
// sitrep handover show: what the last shift of this centre left. What is open stands last, where it
// is seen first.
#include <stdio.h>

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

static void print_open(const json_t *open)
{
    size_t i;
    json_t *name;

    if (json_array_size(open) > 0) {
        (void)fputs("\nOpen then ('sitrep item show' tells more):", stdout);
    }
    json_array_foreach(open, i, name)
    {
        (void)putchar(' ');
        print_text(json_string_value(name), BREAKS_ESCAPED);
    }
    if (json_array_size(open) > 0) {
        (void)putchar('\n');
    }
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

static void print_handover(const json_t *handover)
{
    const json_t *fields = json_object_get(handover, "fields");
    json_t *worded = in_words(handover);

    show_entry(worded);
    json_decref(worded);
    print_open(json_object_get(fields, "open"));
    print_points(json_object_get(fields, "points"));
}

enum exit_code command_handover_show(const struct arguments *arguments)
{
    return client_show(arguments, "/v1/handover", print_handover);
}
