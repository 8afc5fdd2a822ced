// SPDX-License-Identifier: EUPL-1.2
// sitrep measurement series: what was measured at a station, in the order of when it was so.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/officers/collect.h"
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

// Moments of the API all have the same form, so that their order is that of their letters.
static int compare(const void *a, const void *b)
{
    const json_t *left = *(json_t *const *)a;
    const json_t *right = *(json_t *const *)b;
    const int order = strcmp(moment_of(left), moment_of(right));

    return order != 0 ? order : strcmp(json_text(left, "name"), json_text(right, "name"));
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

static bool is_wanted(const struct arguments *arguments, const json_t *entry, const json_t *station)
{
    const char *quantity = arguments_get(arguments, "quantity");

    return collect_names(entry, "station", station) &&
           (quantity == NULL ||
            strcmp(json_text(json_object_get(entry, "fields"), "quantity"), quantity) == 0);
}

static void print_series(const struct arguments *arguments, const json_t *entries,
                         const json_t *station)
{
    const size_t count = json_array_size(entries);
    const json_t **ordered = calloc(count + 1, sizeof(json_t *));
    size_t listed = 0;

    if (ordered == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(entries, i);
        if (is_wanted(arguments, entry, station)) {
            ordered[listed++] = entry;
        }
    }
    qsort(ordered, listed, sizeof(json_t *), compare);
    for (size_t i = 0; i < listed; i++) {
        if (arguments->is_json) {
            print_json(ordered[i]);
        } else {
            print_measurement(ordered[i]);
        }
    }
    free(ordered);
    if (listed == 0 && !arguments->is_json) {
        tell("Nothing was measured there yet.");
    }
}

enum exit_code command_series(const struct arguments *arguments)
{
    char path[CLIENT_PATH_MAX];
    enum exit_code code = client_entry_path("/v1/items/", arguments->operands[0], "", path);
    struct client *client = code == EXIT_DONE ? client_open(arguments) : NULL;

    if (client == NULL) {
        return code == EXIT_DONE ? EXIT_FAILED : code;
    }
    json_t *station = collect_one(client, path, &code);
    json_t *entries =
        station != NULL ? collect(client, "/v1/entries?kind=measurement", &code) : NULL;
    if (entries != NULL && strcmp(json_text(station, "kind"), "station") != 0) {
        code = complain(EXIT_REFUSED, "%s is of kind %s, not station", arguments->operands[0],
                        json_text(station, "kind"));
    } else if (entries != NULL) {
        print_series(arguments, entries, station);
    }
    json_decref(entries);
    json_decref(station);
    client_close(&client);
    return code;
}
