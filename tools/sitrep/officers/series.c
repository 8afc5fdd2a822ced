// SPDX-License-Identifier: EUPL-1.2
// sitrep measurement series: what was measured at a station, in the order of when it was so.
#include <stdio.h>

#include "sitrep/client.h"
#include "sitrep/officers/officers.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

const struct option_spec series_options[] = {
    {"quantity", "WORD", "of this quantity only", false},
    {NULL, NULL, NULL, false},
};

// When it was so; else when it was written.
static const char *moment_of(const json_t *entry)
{
    const char *observed = json_text(json_object_get(entry, "fields"), "observed");

    return *observed != '\0' ? observed : json_text(entry, "time");
}

static void print_number(const char *before, const json_t *number)
{
    (void)fputs(before, stdout);
    if (json_is_string(number)) { // more digits than numbers of JSON keep
        print_text(json_string_value(number), BREAKS_ESCAPED);
    } else {
        (void)printf("%.15g", json_number_value(number));
    }
}

static void print_measurement(const json_t *entry)
{
    const json_t *fields = json_object_get(entry, "fields");
    const json_t *uncertainty = json_object_get(fields, "uncertainty");
    char moment[WHEN_MAX];

    when_local_text(moment_of(entry), moment);
    (void)printf("%s  ", moment);
    print_text(json_text(fields, "quantity"), BREAKS_ESCAPED);
    print_number("  ", json_object_get(fields, "value"));
    if (uncertainty != NULL) {
        print_number(" +- ", uncertainty);
    }
    (void)putchar(' ');
    print_text(json_text(fields, "unit"), BREAKS_ESCAPED);
    (void)fputs("  ", stdout);
    print_text(json_text(entry, "name"), BREAKS_ESCAPED);
    (void)putchar('\n');
}

static void print_series(const json_t *series)
{
    const json_t *measurements = json_object_get(series, "measurements");
    const json_int_t more = json_number(series, "more");
    size_t i;
    json_t *entry;

    json_array_foreach(measurements, i, entry)
    {
        print_measurement(entry);
    }
    if (more > 0) {
        tell("%" JSON_INTEGER_FORMAT
             " that were written before those are left out: 'sitrep measurement list' has all.",
             more);
    } else if (json_array_size(measurements) == 0) {
        tell("Nothing was measured there yet.");
    }
}

enum exit_code command_series(const struct arguments *arguments)
{
    const char *quantity = arguments_get(arguments, "quantity");
    char station[CLIENT_PATH_MAX];
    char path[CLIENT_PATH_MAX];
    enum exit_code code =
        client_entry_path("/v1/items/", arguments->operands[0],
                          quantity == NULL ? "/series" : "/series?quantity=", station);

    if (code != EXIT_DONE || quantity == NULL) {
        return code == EXIT_DONE ? client_show(arguments, station, print_series) : code;
    }
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    code = client_node_path(client, station, quantity, path);
    client_close(&client);
    return code == EXIT_DONE ? client_show(arguments, path, print_series) : code;
}
