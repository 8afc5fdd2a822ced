// SPDX-License-Identifier: EUPL-1.2
// sitrep peers: one block for each peer. Health is the last verified entry and what is missing, not
// whether a socket is connected.
#include <stdio.h>
#include <string.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/link_words.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

static enum colour colour_of(const json_t *peer)
{
    const char *state = json_text(peer, "state");
    if (json_flag(peer, "converged")) {
        return COLOUR_GREEN;
    }
    if (strcmp(state, "revoked") == 0) {
        return COLOUR_NONE; // as it should be
    }
    return strcmp(state, "down") == 0 || strcmp(state, "silent") == 0 ? COLOUR_RED : COLOUR_YELLOW;
}

static const char *entries_word(json_int_t count)
{
    return count == 1 ? "entry" : "entries";
}

static void show_missing(const json_t *peer)
{
    const json_int_t here = json_number(peer, "missing_here");
    const json_int_t there = json_number(peer, "missing_there");
    const json_t *in_s = json_object_get(peer, "converged_in_s");
    char span[WHEN_MAX];
    if (here > 0 || there > 0) {
        print_row("  missing",
                  "%" JSON_INTEGER_FORMAT " %s here, %" JSON_INTEGER_FORMAT " %s there", here,
                  entries_word(here), there, entries_word(there));
    }
    if (json_flag(peer, "converged")) {
        return;
    }
    if (json_is_integer(in_s) && json_integer_value(in_s) < INT32_MAX) {
        when_span(json_integer_value(in_s) * 1000, span);
        print_row("  converged", "in about %s, if the line keeps", span);
    } else {
        print_row("  converged", "when is not known");
    }
}

// How a rate that is looked for does.
static const char *verdict_words(const json_t *peer)
{
    const char *verdict = json_text(peer, "rate_verdict");
    if (strcmp(verdict, "too_much") == 0) {
        return ", more did not pass";
    }
    return strcmp(verdict, "passed") == 0 ? ", all of it passes"
           : *verdict != '\0'             ? ", not tried yet"
                                          : "";
}

// What the line is said to pass, and what passes.
static void show_line(const json_t *peer)
{
    const json_t *measured = json_object_get(peer, "measured");
    char told[LINK_WORDS_SIZE];
    char wanted[LINK_WANTED_SIZE];
    link_rate_words(peer, told);
    if (json_is_integer(json_object_get(measured, "rate_in"))) {
        print_row("  line",
                  "%s%s; used: %" JSON_INTEGER_FORMAT " bit/s received, %" JSON_INTEGER_FORMAT
                  " bit/s sent",
                  told, verdict_words(peer), json_number(measured, "rate_in"),
                  json_number(measured, "rate_out"));
    } else {
        print_row("  line", "%s%s; used: unknown", told, verdict_words(peer));
    }
    if (link_wanted_words(peer, wanted)) {
        print_row("  fetches", "%s", wanted);
    }
}

// Our own question and answer; and the kernel's, of segments, beside what it sent twice.
static void show_round_trip(const json_t *peer)
{
    const json_t *measured = json_object_get(peer, "measured");
    const json_int_t sent = json_number(measured, "sent");
    if (json_is_integer(json_object_get(peer, "rtt_ms"))) {
        print_row("  round trip", "%" JSON_INTEGER_FORMAT " ms", json_number(peer, "rtt_ms"));
    }
    if (json_is_integer(json_object_get(measured, "rtt_ms"))) {
        print_row("  TCP",
                  "%" JSON_INTEGER_FORMAT " ms round trip, %.1f %% loss, %" JSON_INTEGER_FORMAT
                  " bytes unsent",
                  json_number(measured, "rtt_ms"),
                  sent > 0 ? 100.0 * (double)json_number(measured, "resent") / (double)sent : 0.0,
                  json_number(measured, "unsent"));
    }
}

// Of a thin line, or one that was.
static void show_waiting(const json_t *peer)
{
    static const char *const lanes[] = {"control", "flash", "immediate", "priority", "routine"};
    const json_t *waiting = json_object_get(peer, "waiting");
    json_int_t sum = 0;
    for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++) {
        sum += json_number(waiting, lanes[i]);
    }
    if (json_number(peer, "rate") == 0 && sum == 0) {
        return;
    }
    print_row("  waiting",
              "%" JSON_INTEGER_FORMAT " bytes flash, %" JSON_INTEGER_FORMAT
              " immediate, %" JSON_INTEGER_FORMAT " priority, %" JSON_INTEGER_FORMAT " routine",
              json_number(waiting, "flash"), json_number(waiting, "immediate"),
              json_number(waiting, "priority"), json_number(waiting, "routine"));
}

static void show_peer(const json_t *peer)
{
    const int64_t now = when_now();
    char entry[WHEN_MAX];
    char heard[WHEN_MAX];
    const char *endpoint = json_text(peer, "endpoint");
    const char *state = json_text(peer, "state");
    when_ago_text(json_text(peer, "last_entry_verified"), now, entry);
    when_ago_text(json_text(peer, "last_heard"), now, heard);
    (void)fputs(terminal_colour(stdout, COLOUR_BOLD), stdout);
    print_text(json_text(peer, "node"), BREAKS_ESCAPED);
    (void)fputs(terminal_colour(stdout, COLOUR_NONE), stdout);
    if (strcmp(json_text(peer, "node"), json_text(peer, "centre")) != 0) {
        (void)fputs(", of ", stdout);
        print_text(json_text(peer, "centre"), BREAKS_ESCAPED);
    }
    (void)putchar('\n');
    (void)fputs(terminal_colour(stdout, colour_of(peer)), stdout);
    print_row("  state", "%s%s", state,
              strcmp(state, "cut") == 0 ? ", for a drill: 'sitrep link heal' lets it up again"
                                        : "");
    (void)fputs(terminal_colour(stdout, COLOUR_NONE), stdout);
    print_row("  last entry", "%s", entry);
    print_row("  last heard", "%s", heard);
    show_missing(peer);
    show_line(peer);
    show_waiting(peer);
    show_round_trip(peer);
    print_row("  endpoint", "%s", *endpoint != '\0' ? endpoint : "(it connects to us)");
    if (*json_text(peer, "trouble") != '\0') {
        print_row("  trouble", "%s", json_text(peer, "trouble"));
    }
    print_row("  transfer",
              "%" JSON_INTEGER_FORMAT " bytes received, %" JSON_INTEGER_FORMAT " bytes sent",
              json_number(peer, "bytes_in"), json_number(peer, "bytes_out"));
}

static void show(const json_t *json)
{
    const json_t *peers = json_object_get(json, "peers");
    size_t index;
    json_t *peer;
    json_array_foreach(peers, index, peer)
    {
        if (index > 0) {
            (void)putchar('\n');
        }
        show_peer(peer);
    }
    if (json_array_size(peers) == 0) {
        tell("This node is alone in its roster: admit another with 'sitrep admit'.");
    }
}

enum exit_code command_peers(const struct arguments *arguments)
{
    return client_show(arguments, "/v1/peers", show);
}
