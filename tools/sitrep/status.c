// SPDX-License-Identifier: EUPL-1.2
// sitrep status: how this node stands, in a short block.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

static void show_bytes(const char *label, json_int_t bytes, const char *what)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        amount /= 1024;
        unit++;
    }
    print_row(label, "%.*f %s %s", unit == 0 ? 0 : 1, amount, units[unit], what);
}

static void show_peers(const json_t *peers)
{
    size_t index;
    json_t *peer;
    size_t count = 0;
    size_t converged = 0;
    json_array_foreach(peers, index, peer)
    {
        count += strcmp(json_text(peer, "state"), "revoked") != 0;
        converged += json_flag(peer, "converged");
    }
    print_row("peers", "%zu, %zu of them converged", count, converged);
}

static void show_refused(json_t *refused)
{
    const char *reason;
    json_t *count;
    json_object_foreach(refused, reason, count)
    {
        if (json_integer_value(count) > 0) {
            print_row("refused", "%" JSON_INTEGER_FORMAT " %s", json_integer_value(count), reason);
        }
    }
}

static void show_expiry(const json_t *warning)
{
    const json_int_t days = json_number(warning, "within_days");
    const char *node = json_text(warning, "node");
    char expires[WHEN_MAX];
    char what[64];
    when_local_text(json_text(warning, "expires"), expires);
    if (strcmp(json_text(warning, "about"), "roster_expiry") == 0) {
        (void)snprintf(what, sizeof what, "the roster");
    } else if (*node == '\0') {
        (void)snprintf(what, sizeof what, "an authority's key");
    } else if (json_flag(warning, "own")) {
        (void)snprintf(what, sizeof what, "this node's %s key", json_text(warning, "kind"));
    } else {
        (void)snprintf(what, sizeof what, "the %s key of %s", json_text(warning, "kind"), node);
    }
    if (days == 0) {
        print_row("warning", "%s expired on %s: have it replaced; until then it goes on working",
                  what, expires);
    } else {
        print_row("warning", "%s expires within %" JSON_INTEGER_FORMAT " days, on %s", what, days,
                  expires);
    }
}

// Another node's fork is its operators' to find out about, and everybody's to know of.
static void show_fork(const json_t *warning)
{
    const char *name = json_text(warning, "name");
    if (json_flag(warning, "own")) {
        print_row("trouble",
                  "this node's log is forked at %s: two different entries have that "
                  "number. See 'sitrep forks'",
                  name);
    } else {
        print_row("trouble", "the log of %s is forked at %s: ask that centre. See 'sitrep forks'",
                  json_text(warning, "node"), name);
    }
}

static void show_warnings(const json_t *warnings)
{
    size_t index;
    json_t *warning;
    json_array_foreach(warnings, index, warning)
    {
        const char *about = json_text(warning, "about");
        if (strcmp(about, "fork") == 0) {
            show_fork(warning);
        } else if (strcmp(about, "proposal") == 0) {
            print_row("proposal", "%s", json_text(warning, "message")); // no trouble
        } else if (*json_text(warning, "message") != '\0') {
            print_row("trouble", "%s", json_text(warning, "message"));
        } else {
            show_expiry(warning);
        }
    }
}

static void show_trouble(const json_t *status)
{
    const json_t *own = json_object_get(status, "own");
    const json_t *store = json_object_get(status, "store");
    const json_int_t damaged = json_number(status, "damaged");
    if (json_flag(store, "failed")) {
        print_row("trouble", "the store cannot be written: nothing is published or taken in");
    }
    if (!json_flag(own, "revoked") && !json_flag(own, "ready")) {
        print_row("trouble", "not publishing yet: the own log is being compared with the peers'");
    }
    if (damaged > 0) {
        print_row("trouble",
                  "%" JSON_INTEGER_FORMAT " record%s found damaged, %" JSON_INTEGER_FORMAT
                  " repaired from peers",
                  damaged, damaged == 1 ? "" : "s", json_number(status, "repaired"));
    }
}

static void show(const json_t *status)
{
    char started[WHEN_MAX];
    const json_t *own = json_object_get(status, "own");
    const json_t *store = json_object_get(status, "store");
    const json_int_t ahead = json_number(status, "ahead");
    const json_int_t quarantined = json_number(status, "quarantined");
    when_local_text(json_text(status, "started"), started);
    print_row_node("node", status);
    print_row("federation", "%s, roster version %" JSON_INTEGER_FORMAT,
              json_text(status, "federation"), json_number(status, "roster_version"));
    print_row("space", "%s%s", strcmp(json_text(status, "space"), "real") == 0 ? "" : "EXERCISE ",
              json_text(status, "space"));
    print_row("entries", "%" JSON_INTEGER_FORMAT, json_number(status, "entries"));
    if (ahead > 0) {
        print_row("ahead", "%" JSON_INTEGER_FORMAT " beyond a gap that is being fetched", ahead);
    }
    if (quarantined > 0) {
        print_row("quarantined",
                  "%" JSON_INTEGER_FORMAT " beyond a revocation: see 'sitrep log --quarantined'",
                  quarantined);
    }
    print_row("own log",
              "epoch %" JSON_INTEGER_FORMAT ", entry %" JSON_INTEGER_FORMAT " is the last",
              json_number(own, "epoch"), json_number(own, "head"));
    print_row("fingerprint", "%s", json_text(status, "fingerprint"));
    show_peers(json_object_get(status, "peers"));
    show_bytes("store", json_number(store, "bytes_used"), "used");
    show_bytes("disk", json_number(store, "disk_free"), "free");
    print_row("started", "%s", started);
    show_refused(json_object_get(status, "refused"));
    show_warnings(json_object_get(status, "warnings"));
    show_trouble(status);
}

enum exit_code command_status(const struct arguments *arguments)
{
    return client_show(arguments, "/v1/status", show);
}
