// SPDX-License-Identifier: EUPL-1.2
// Rows of overviews and boards. What stands in them is for the commands.
#include "sitrep/board.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/age.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

enum {
    COLUMNS = 80,
    AGE_COLUMNS = 10,
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
};

static enum exit_code read_times(const struct arguments *arguments, struct board *board)
{
    const char *at = arguments_get(arguments, "at");
    const char *old = arguments_get(arguments, "old");

    board->is_past = at != NULL;
    board->now_ms = when_now();
    if (at != NULL && (!when_typed(at, board->now_ms, &board->now_ms) || board->now_ms < 0)) {
        return complain(EXIT_USAGE,
                        "--at '%s': must be like 2h, 30m, 1d, 14:30 or 2026-03-01T14:30:00+01:00",
                        at);
    }
    board->has_old = old != NULL;
    if (old != NULL && !when_typed(old, board->now_ms, &board->old_ms)) {
        return complain(EXIT_USAGE, "--old '%s': must be like 90m, 4h or 1d", old);
    }
    return EXIT_DONE;
}

// "NAME=VALUE" behind the path, with what stands between. False: it does not fit.
static bool add_query(char path[static CLIENT_PATH_MAX], const char *query, const char *value)
{
    const size_t len = strlen(path);
    const int more = snprintf(path + len, CLIENT_PATH_MAX - len, "%c%s%s",
                              strchr(path, '?') == NULL ? '?' : '&', query, value);

    return more > 0 && (size_t)more < CLIENT_PATH_MAX - len;
}

static enum exit_code make_path(const struct arguments *arguments, const struct board *board,
                                struct client *client, const char *query,
                                char path[static CLIENT_PATH_MAX])
{
    const char *as = arguments_get(arguments, "as");
    char *centre = as == NULL ? NULL : client_escape(client, as);
    char time[WHEN_MAX] = "";

    if (board->is_past) {
        when_rfc3339(board->now_ms, time);
    }
    const bool fits = (!board->is_past || add_query(path, "at=", time)) &&
                      (centre == NULL || add_query(path, "as=", centre)) &&
                      (query == NULL || add_query(path, query, ""));
    free(centre);
    return fits ? EXIT_DONE : complain(EXIT_USAGE, "this name is too long");
}

enum exit_code board_show(const struct arguments *arguments, const char *path, const char *query,
                          void (*show)(const struct board *board, const json_t *json))
{
    struct board board = {.rows_max = SIZE_MAX};
    char whole[CLIENT_PATH_MAX];
    struct answer answer = {.json = NULL};

    enum exit_code code = read_times(arguments, &board);
    struct client *client = code == EXIT_DONE ? client_open(arguments) : NULL;
    if (client == NULL) {
        return code == EXIT_DONE ? EXIT_FAILED : code;
    }
    (void)snprintf(whole, sizeof whole, "%s", path);
    code = make_path(arguments, &board, client, query, whole);
    if (code == EXIT_DONE && arguments->is_json) {
        code = client_print(client, whole);
    } else if (code == EXIT_DONE) {
        code = client_read(client, whole, &answer);
        if (code == EXIT_DONE) {
            show(&board, answer.json);
        }
    }
    answer_fini(&answer);
    client_close(&client);
    return code;
}

// -- rows --

void row_add(struct row *row, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    const int len = vsnprintf(row->text + row->len, ROW_SIZE - row->len, format, arguments);
    va_end(arguments);
    row->len += len > 0 ? (size_t)len : 0;
    row->len = row->len < ROW_SIZE ? row->len : ROW_SIZE - 1;
}

void row_add_line(struct row *row, const char *text)
{
    row_add(row, "%.*s", (int)strcspn(text, "\n"), text);
}

// "3 min", "5 h", "2 d".
static void age_words(int64_t age_ms, char out[static WHEN_MAX])
{
    if (age_ms < HOUR_MS) {
        (void)snprintf(out, WHEN_MAX, "%" PRId64 " min", age_ms / MINUTE_MS);
    } else if (age_ms < DAY_MS) {
        (void)snprintf(out, WHEN_MAX, "%" PRId64 " h", age_ms / HOUR_MS);
    } else {
        (void)snprintf(out, WHEN_MAX, "%" PRId64 " d", age_ms / DAY_MS);
    }
}

// Sums of people hurt have no age of their own, but may be old.
static void put_age(const struct board *board, const json_t *said)
{
    const char *time = json_text(said, "as_of");
    char age[WHEN_MAX] = "";
    bool is_old = !board->has_old && age_is_old(said, board->now_ms);
    int64_t ms;

    if (when_read(*time != '\0' ? time : json_text(said, "time"), &ms)) {
        age_words(board->now_ms > ms ? board->now_ms - ms : 0, age);
        is_old = board->has_old ? ms < board->old_ms : is_old;
    }
    (void)printf("%s%*s%s", terminal_colour(stdout, is_old ? COLOUR_YELLOW : COLOUR_NONE),
                 AGE_COLUMNS - 4, age, is_old ? " old" : "    ");
    (void)fputs(terminal_colour(stdout, COLOUR_NONE), stdout);
}

static size_t width(void)
{
    const size_t width = terminal_width(stdout);

    return width < COLUMNS ? width : COLUMNS;
}

void board_put(const struct board *board, const json_t *said, int indent, const struct row *row,
               bool is_disputed)
{
    const size_t room = AGE_COLUMNS + 4 + (size_t)indent + (is_disputed ? 2 : 0);

    put_age(board, said);
    (void)printf("  %*s  ", indent, "");
    if (is_disputed) {
        (void)printf("%s!%s ", terminal_colour(stdout, COLOUR_RED),
                     terminal_colour(stdout, COLOUR_NONE));
    }
    const size_t left = width() > room ? width() - room : 1;
    const bool fits = terminal_columns(row->text, row->len) <= left;
    const size_t shown = terminal_fit(row->text, row->len, fits || left < 4 ? left : left - 4);
    terminal_put(stdout, row->text, shown, BREAKS_ESCAPED);
    (void)puts(fits ? "" : " ...");
}

void board_head(const char *name, size_t count)
{
    (void)printf("%s%s%s%s\n", terminal_colour(stdout, COLOUR_BOLD), name,
                 terminal_colour(stdout, COLOUR_NONE), count == 0 ? "  none" : "");
}

void board_more(const struct board *board, size_t count, int indent, const char *command)
{
    struct row row = {.len = 0};

    if (count > 0) {
        row_add(&row, "and %zu more: %s", count, command);
        board_put(board, NULL, indent, &row, false);
    }
}

bool sum_words(const json_t *sum, char out[static 48])
{
    const json_int_t least = json_number(sum, "least");
    const json_int_t most = json_number(sum, "most");

    if (!json_is_object(sum)) {
        return false;
    }
    if (least == most) {
        (void)snprintf(out, 48, "%" JSON_INTEGER_FORMAT, least);
    } else {
        (void)snprintf(out, 48, "%" JSON_INTEGER_FORMAT "-%" JSON_INTEGER_FORMAT, least, most);
    }
    return true;
}
