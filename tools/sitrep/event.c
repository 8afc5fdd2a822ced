// SPDX-License-Identifier: EUPL-1.2
// Events from lines, and as lines. Asks nothing.
#include "sitrep/event.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sitrep/line.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

enum { WORD_COLUMNS = 9 };

// -- from lines --

void event_clear(struct event *event)
{
    json_decref(event->data);
    *event = (struct event){.data = NULL};
}

// The value behind "NAME: ", or NULL.
static const char *value_of(const char *line, size_t *len, const char *name)
{
    const size_t skipped = strlen(name);

    if (*len < skipped || memcmp(line, name, skipped) != 0) {
        return NULL;
    }
    *len -= skipped;
    return line + skipped;
}

static void keep(char *out, size_t size, const char *value, size_t len)
{
    if (len < size) {
        memcpy(out, value, len);
        out[len] = '\0';
    }
}

bool event_take_line(struct event *event, const char *line, size_t len)
{
    size_t left = len;
    const char *value = value_of(line, &left, "id: ");

    if (len == 0) {
        return event->name[0] != '\0' && event->data != NULL;
    }
    if (value != NULL) {
        keep(event->id, sizeof event->id, value, left);
        return false;
    }
    value = value_of(line, &left, "event: ");
    if (value != NULL) {
        keep(event->name, sizeof event->name, value, left);
        return false;
    }
    value = value_of(line, &left, "data: ");
    if (value != NULL && event->data == NULL) {
        event->data = json_loadb(value, left, JSON_REJECT_DUPLICATES, NULL);
    }
    return false;
}

// -- as lines --

// "! CONFLICT " in red, or the same place without a mark.
static void begin(const char *word, bool is_urgent)
{
    (void)printf("%s%s %-*s%s  ", terminal_colour(stdout, is_urgent ? COLOUR_RED : COLOUR_BOLD),
                 is_urgent ? "!" : " ", WORD_COLUMNS, word, terminal_colour(stdout, COLOUR_NONE));
}

static void put(const char *text)
{
    print_text(text, BREAKS_ESCAPED);
}

// Our own words.
static void say(const char *words)
{
    (void)fputs(words, stdout);
}

static void put_member(const json_t *object, const char *name)
{
    const char *text = json_text(object, name);

    put(*text == '\0' ? "(none)" : text);
}

static void put_time(const json_t *data, const char *name)
{
    char time[WHEN_MAX];

    when_local_text(json_text(data, name), time);
    put(time);
    say("  ");
}

// "EXERCISE spring  " first, so that nobody takes it for the thing itself.
static void begin_at(const struct event *event, const char *word, bool is_urgent, const char *time)
{
    const char *space = json_text(event->data, "space");

    begin(word, is_urgent);
    if (*space != '\0') {
        say("EXERCISE ");
        put(space);
        say("  ");
    }
    put_time(event->data, time);
}

// "be-nccn/2  measure  ".
static void put_item(const json_t *data)
{
    put_member(data, *json_text(data, "item") == '\0' ? "name" : "item");
    say("  ");
    put_member(data, "kind");
    say("  ");
}

// "be-nccn/3 in-force, nl-kcr2/1 lifted".
static void put_heads(const json_t *heads)
{
    size_t i;
    json_t *head;

    json_array_foreach(heads, i, head)
    {
        say(i == 0 ? "" : ", ");
        put_member(head, "name");
        if (*json_text(head, "state") != '\0') {
            say(" ");
            put_member(head, "state");
        }
    }
    if (json_array_size(heads) == 0) {
        say("nothing");
    }
}

static void print_new(const struct event *event, const json_t *entry)
{
    const char *precedence = json_text(event->data, "precedence");
    const bool is_urgent = strcmp(precedence, "flash") == 0 || strcmp(precedence, "immediate") == 0;

    if (entry != NULL) {
        begin(json_flag(event->data, "late") ? "OPENED" : "NEW", is_urgent);
        line_print(entry);
        return;
    }
    begin_at(event, "NEW", is_urgent, "time");
    put_member(event->data, "name");
    (void)line_print_precedence(event->data);
    say("  ");
    put_member(event->data, "kind");
    say("\n");
}

static void print_proposed(const struct event *event, const json_t *entry)
{
    (void)entry;
    begin_at(event, "PROPOSED", false, "arrived");
    put_item(event->data);
    put_member(event->data, "name");
    say(" by ");
    put_member(event->data, "centre");
    say(", to be taken over or not\n");
}

static void print_changed(const struct event *event, const json_t *entry)
{
    (void)entry;
    begin_at(event, "CHANGED", false, "arrived");
    put_item(event->data);
    put_heads(json_object_get(event->data, "before"));
    say(" -> ");
    put_heads(json_object_get(event->data, "after"));
    say("\n");
}

static void print_conflicting(const struct event *event, const json_t *entry)
{
    (void)entry;
    begin_at(event, "CONFLICT", true, "arrived");
    put_item(event->data);
    put_heads(json_object_get(event->data, "after"));
    say("\n");
}

static void print_settled(const struct event *event, const json_t *entry)
{
    (void)entry;
    begin_at(event, "SETTLED", false, "arrived");
    put_item(event->data);
    put_heads(json_object_get(event->data, "after"));
    say("\n");
}

static void print_outdated(const struct event *event, const json_t *entry)
{
    (void)entry;
    begin_at(event, "OUTDATED", false, "arrived");
    put_member(event->data, "name");
    say("  ");
    put_member(event->data, "kind");
    say("  builds on ");
    put_member(event->data, "base");
    say(", which was replaced\n");
}

static void put_missed(const json_t *data)
{
    const json_t *awaited = json_object_get(data, "awaited");
    const json_int_t count = json_number(data, "awaited_count");
    const bool is_ack = strcmp(json_text(data, "wanted"), "ack") == 0;
    size_t i;
    json_t *centre;

    put_member(data, "name");
    say("  ");
    put_member(data, "kind");
    say(is_ack ? "  not acknowledged" : "  not done");
    json_array_foreach(awaited, i, centre)
    {
        say(i == 0 ? " by " : ", ");
        put(json_is_string(centre) ? json_string_value(centre) : "(none)");
    }
    if (count > (json_int_t)json_array_size(awaited)) {
        (void)printf(" and %" JSON_INTEGER_FORMAT " more",
                     count - (json_int_t)json_array_size(awaited));
    }
    say("\n");
}

static void print_overdue(const struct event *event, const json_t *entry)
{
    (void)entry;
    begin_at(event, "OVERDUE", true, "until");
    put_missed(event->data);
}

static void put_link(const json_t *link)
{
    const json_int_t here = json_number(link, "missing_here");

    put_member(link, "node");
    say(" ");
    put_member(link, "state");
    if (*json_text(link, "before") != '\0') {
        say(", was ");
        put_member(link, "before");
    }
    if (here > 0) {
        (void)printf("; %" JSON_INTEGER_FORMAT " missing here", here);
    }
    say("\n");
}

static bool is_link_well(const json_t *link)
{
    const char *state = json_text(link, "state");

    return strcmp(state, "converged") == 0 || strcmp(state, "syncing") == 0 ||
           strcmp(state, "revoked") == 0;
}

static void print_link(const struct event *event, const json_t *entry)
{
    (void)entry;
    begin_at(event, "LINK", !is_link_well(event->data), "at");
    put_link(event->data);
}

static void put_gap(const json_t *gap)
{
    put_member(gap, "node");
    if (json_number(gap, "epoch") > 0) {
        (void)printf(".%" JSON_INTEGER_FORMAT, json_number(gap, "epoch"));
    }
    (void)printf("/%" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT, json_number(gap, "from"),
                 json_number(gap, "to"));
}

static void print_gap(const struct event *event, const json_t *entry)
{
    const bool is_open = json_flag(event->data, "open");

    (void)entry;
    begin_at(event, "GAP", is_open, "at");
    put_gap(event->data);
    say(is_open ? " are missing here, and later ones are not\n" : " are here now\n");
}

static void print_roster(const struct event *event, const json_t *entry)
{
    (void)entry;
    begin_at(event, "ROSTER", strncmp(json_text(event->data, "changed"), "forked", 6) == 0, "at");
    (void)printf("version %" JSON_INTEGER_FORMAT ": ", json_number(event->data, "version"));
    put_member(event->data, "changed");
    say("\n");
}

static void print_fork(const struct event *event, const json_t *entry)
{
    const bool is_healed = json_flag(event->data, "healed");

    (void)entry;
    begin_at(event, "FORK", !is_healed, "at");
    put_member(event->data, "node");
    (void)printf(" wrote several entries %" JSON_INTEGER_FORMAT "%s ('sitrep forks')\n",
                 json_number(event->data, "seq"), is_healed ? ", and has gone on since" : "");
}

static void print_clock(const struct event *event, const json_t *entry)
{
    const bool is_ahead = json_flag(event->data, "ahead");

    (void)entry;
    begin_at(event, "CLOCK", is_ahead, "at");
    say("the clock of ");
    put_member(event->data, "node");
    say(is_ahead ? " is more than 5 minutes ahead of ours\n" : " goes with ours again\n");
}

static void print_restart(const struct event *event, const json_t *entry)
{
    (void)entry;
    begin("RESTART", true);
    put_member(event->data, "message");
    say("\n");
}

// -- how all stands --

static void print_conflicts(const json_t *state)
{
    size_t i;
    json_t *item;

    json_array_foreach(json_object_get(state, "conflicts"), i, item)
    {
        begin("CONFLICT", true);
        put_item(item);
        (void)printf("%" JSON_INTEGER_FORMAT " versions hold\n", json_number(item, "heads"));
    }
}

static void print_missed(const json_t *state)
{
    size_t i;
    json_t *missed;

    json_array_foreach(json_object_get(state, "overdue"), i, missed)
    {
        begin("OVERDUE", true);
        put_time(missed, "until");
        put_missed(missed);
    }
}

static void print_links(const json_t *state)
{
    size_t i;
    json_t *link;

    json_array_foreach(json_object_get(state, "links"), i, link)
    {
        if (is_link_well(link)) {

            continue;
        }
        begin("LINK", true);
        put_link(link);
    }
}

static void print_gaps(const json_t *state)
{
    size_t i;
    json_t *gap;

    json_array_foreach(json_object_get(state, "gaps"), i, gap)
    {
        begin("GAP", true);
        put_gap(gap);
        say(" are missing here\n");
    }
}

static void print_state(const struct event *event, const json_t *entry)
{
    const json_t *state = event->data;

    (void)entry;
    begin_at(event, "NOW", false, "now");
    (void)printf("%" JSON_INTEGER_FORMAT " conflicting, %" JSON_INTEGER_FORMAT
                 " overdue, %zu links, %zu gaps",
                 json_number(state, "conflicts_count"), json_number(state, "overdue_count"),
                 json_array_size(json_object_get(state, "links")),
                 json_array_size(json_object_get(state, "gaps")));
    say("\n");
    print_conflicts(state);
    print_missed(state);
    print_links(state);
    print_gaps(state);
}

static const struct {
    const char *name;
    void (*print)(const struct event *event, const json_t *entry);
} rows[] = {
    {"state", print_state},       {"new", print_new},         {"proposed", print_proposed},
    {"changed", print_changed},   {"settled", print_settled}, {"conflicting", print_conflicting},
    {"outdated", print_outdated}, {"overdue", print_overdue}, {"link", print_link},
    {"gap", print_gap},           {"roster", print_roster},   {"fork", print_fork},
    {"clock", print_clock},       {"restart", print_restart},
};

bool event_is_known(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0) {
            return true;
        }
    }
    return false;
}

void event_print(const struct event *event, const json_t *entry)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, event->name) == 0) {
            rows[i].print(event, entry);
            return;
        }
    }
    begin("OTHER", false); // of a node that is newer than this command
    put(event->name);
    say("\n");
}
