// SPDX-License-Identifier: EUPL-1.2
// Publishes newline-delimited JSON in batches. What a line may hold is the node's to say.
#include "sitrep/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sitrep/client.h"
#include "sitrep/print.h"
#include "sitrep/progress.h"

enum {
    BATCH_LINES = 100,
    BATCH_BYTES = 256 * 1024, // sent once there are as many
    LINE_BYTES = 4 * 1024 * 1024
};

struct batch {
    char *bytes;
    size_t len;
    size_t ends[BATCH_LINES];      // where each line ends in `bytes`
    uint64_t numbers[BATCH_LINES]; // of the line in the file
    size_t count;
};

struct lines {
    struct client *client;
    FILE *file;
    const char *path;
    char target[CLIENT_PATH_MAX]; // of the API
    bool is_json;
    uint64_t number; // of the line read last
    uint64_t published;
    uint64_t bytes_read, bytes_all; // bytes_all 0: not known
    struct progress progress;
    struct batch batch;
};

static void batch_add(struct lines *lines, const char *line, size_t len)
{
    struct batch *batch = &lines->batch;
    char *grown = realloc(batch->bytes, batch->len + len + 1);
    if (grown == NULL) {
        abort();
    }
    memcpy(grown + batch->len, line, len);
    grown[batch->len + len] = '\n';
    batch->bytes = grown;
    batch->len += len + 1;
    batch->ends[batch->count] = batch->len;
    batch->numbers[batch->count] = lines->number;
    batch->count++;
}

static void show_names(struct lines *lines, const json_t *names)
{
    progress_hide(&lines->progress);
    size_t index;
    json_t *name;
    json_array_foreach(names, index, name)
    {
        if (index >= lines->batch.count) {
            break;
        }
        if (lines->is_json) {
            json_t *json = json_pack("{s:O, s:I}", "name", name, "line",
                                     (json_int_t)lines->batch.numbers[index]);
            print_json(json);
            json_decref(json);
        } else {
            print_text(json_string_value(name) != NULL ? json_string_value(name) : "?",
                       BREAKS_ESCAPED);
            (void)putchar('\n');
        }
    }
    (void)fflush(stdout); // what is printed is published, also when the next batch is not
}

static enum exit_code refuse_line(struct lines *lines, enum exit_code code, uint64_t number,
                                  const char *why)
{
    progress_hide(&lines->progress);
    return complain(code,
                    "%s:%" PRIu64 ": %s (%" PRIu64 " entries were published before it, none after)",
                    lines->path, number, why, lines->published);
}

static enum exit_code send_first(struct lines *lines, size_t count, struct answer *answer)
{
    const struct call call = {"POST", lines->target, "application/x-ndjson", lines->batch.bytes,
                              lines->batch.ends[count - 1]};
    enum exit_code code = client_call(lines->client, &call, answer);
    if (code == EXIT_DONE && answer_code(answer) == EXIT_DONE) {
        lines->published += count;
        const json_t *names = json_object_get(answer->json, "names");
        show_names(lines, names);
        const json_t *last = json_array_get(names, count - 1);
        if (ferror(stdout) && last != NULL) {
            return complain(EXIT_FAILED,
                            "%s:%" PRIu64 ": was published as %s with those before it, and their "
                            "names could not be written; none after was published",
                            lines->path, lines->batch.numbers[count - 1],
                            json_string_value(last) != NULL ? json_string_value(last) : "?");
        }
    }
    return code;
}

// The node takes a batch whole or not at all. When it refuses one line, those before it are sent
// once more by themselves.
static enum exit_code settle(struct lines *lines, const struct answer *refusal)
{
    const struct batch *batch = &lines->batch;
    const json_int_t named = json_number(json_object_get(refusal->json, "error"), "line");
    const size_t refused = named >= 1 && (size_t)named <= batch->count ? (size_t)named - 1 : 0;
    struct answer before = {0};
    enum exit_code code = EXIT_DONE;
    if (refused > 0) {
        code = send_first(lines, refused, &before);
        code = code == EXIT_DONE ? answer_check(&before) : code;
    }
    answer_fini(&before);
    return code == EXIT_DONE ? refuse_line(lines, answer_code(refusal), batch->numbers[refused],
                                           answer_message(refusal))
                             : code;
}

static enum exit_code flush(struct lines *lines)
{
    struct answer answer = {0};
    if (lines->batch.count == 0) {
        return EXIT_DONE;
    }
    enum exit_code code = send_first(lines, lines->batch.count, &answer);
    if (code == EXIT_DONE && answer_code(&answer) != EXIT_DONE) {
        code = settle(lines, &answer);
    }
    answer_fini(&answer);
    lines->batch.len = 0;
    lines->batch.count = 0;
    return code;
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t\r")] == '\0';
}

// What need not be sent to be refused.
static enum exit_code check_line(struct lines *lines, const char *line, size_t len)
{
    json_error_t error;
    json_t *json = NULL;
    const char *why = NULL;
    if (len > LINE_BYTES) {
        why = "this line is longer than 4 MiB";
    } else {
        json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
        why = json == NULL           ? json_why(&error)
              : json_is_object(json) ? NULL
                                     : "this is no JSON object";
    }
    json_decref(json);
    if (why == NULL) {
        return EXIT_DONE;
    }
    const enum exit_code code = flush(lines); // those before it come first
    return code == EXIT_DONE ? refuse_line(lines, EXIT_REFUSED, lines->number, why) : code;
}

static enum exit_code take_line(struct lines *lines, const char *line, size_t len)
{
    enum exit_code code = check_line(lines, line, len);
    if (code == EXIT_DONE && lines->batch.count > 0 && lines->batch.len + len > BATCH_BYTES) {
        code = flush(lines);
    }
    if (code == EXIT_DONE) {
        batch_add(lines, line, len);
    }
    if (code == EXIT_DONE && lines->batch.count == BATCH_LINES) {
        code = flush(lines);
    }
    return code;
}

static enum exit_code publish_all(struct lines *lines)
{
    char *line = NULL;
    size_t size = 0;
    enum exit_code code = EXIT_DONE;
    for (;;) {
        errno = 0;
        ssize_t len = getline(&line, &size, lines->file);
        if (len < 0) {
            break;
        }
        lines->number++;
        lines->bytes_read += (uint64_t)len;
        if (line[len - 1] == '\n') {
            line[--len] = '\0';
        }
        if (strlen(line) == (size_t)len && is_blank(line)) {
            continue;
        }
        code = take_line(lines, line, (size_t)len);
        if (code != EXIT_DONE) {
            break;
        }
        progress_draw(&lines->progress,
                      (struct progress_at){lines->bytes_read, lines->bytes_all, lines->published});
    }
    if (code == EXIT_DONE && ferror(lines->file)) {
        code = complain(EXIT_FAILED, "%s: %s", lines->path, strerror(errno));
    }
    free(line);
    return code == EXIT_DONE ? flush(lines) : code;
}

// The group of the lines that name none.
static enum exit_code set_target(struct lines *lines, const struct arguments *arguments)
{
    const char *group = arguments_get(arguments, "group");
    if (group != NULL) {
        return client_node_path(lines->client, "/v1/entries?group=", group, lines->target);
    }
    (void)snprintf(lines->target, sizeof lines->target, "/v1/entries");
    return EXIT_DONE;
}

enum exit_code lines_publish(const struct arguments *arguments, const char *path)
{
    struct lines lines = {.path = path, .is_json = arguments->is_json};
    struct stat status;
    const bool is_stdin = strcmp(path, "-") == 0;
    lines.file = is_stdin ? stdin : fopen(path, "re");
    if (lines.file == NULL) {
        return complain(EXIT_FAILED, "%s: %s", path, strerror(errno));
    }
    if (fstat(fileno(lines.file), &status) == 0 && S_ISREG(status.st_mode)) {
        lines.bytes_all = (uint64_t)status.st_size;
    }
    enum exit_code code = EXIT_FAILED;
    lines.client = client_open(arguments);
    if (lines.client != NULL) {
        code = set_target(&lines, arguments);
    }
    if (code == EXIT_DONE) {
        progress_begin(&lines.progress, "entries");
        code = publish_all(&lines);
        progress_hide(&lines.progress);
    }
    client_close(&lines.client);
    if (!is_stdin) {
        (void)fclose(lines.file);
    }
    free(lines.batch.bytes);
    if (code == EXIT_DONE && terminal_is(stderr)) {
        tell("%" PRIu64 " entries are published and durable", lines.published);
    }
    return code;
}
