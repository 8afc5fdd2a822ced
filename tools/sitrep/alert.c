// SPDX-License-Identifier: EUPL-1.2
// Prints the essentials of an alert. Taking them out of CAP is cap.c's.
#include "sitrep/alert.h"

#include <stdio.h>
#include <string.h>

#include "sitrep/print.h"
#include "sitrep/when.h"

static const char *info_gist(const json_t *info)
{
    const char *headline = json_text(info, "headline");
    return *headline != '\0' ? headline : json_text(info, "event");
}

const char *alert_gist(const json_t *cap)
{
    const char *gist = info_gist(json_array_get(json_object_get(cap, "info"), 0));
    return *gist != '\0' ? gist : json_text(cap, "identifier");
}

static void print_info(const json_t *info)
{
    char language[16];
    const char *typed = json_text(info, "language");
    size_t index;
    const json_t *area;
    (void)terminal_escape(language, sizeof language, typed, strlen(typed), BREAKS_ESCAPED);
    print_row(language, "%s", info_gist(info));
    print_row("", "%s, %s, %s", json_text(info, "urgency"), json_text(info, "severity"),
              json_text(info, "certainty"));
    json_array_foreach(json_object_get(info, "areas"), index, area)
    {
        print_row("", "%s", json_string_value(area) != NULL ? json_string_value(area) : "");
    }
    if (*json_text(info, "expires") != '\0') {
        char expires[WHEN_MAX];
        when_local_text(json_text(info, "expires"), expires);
        print_row("", "until %s", expires);
    }
}

void alert_print(const json_t *cap)
{
    char sent[WHEN_MAX];
    size_t index;
    const json_t *info;
    when_local_text(json_text(cap, "sent"), sent);
    print_row("alert", "%s", json_text(cap, "identifier"));
    print_row("from", "%s, %s", json_text(cap, "sender"), sent);
    print_row("status", "%s, %s, %s", json_text(cap, "status"), json_text(cap, "msgType"),
              json_text(cap, "scope"));
    json_array_foreach(json_object_get(cap, "info"), index, info)
    {
        print_info(info);
    }
}
