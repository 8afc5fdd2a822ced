// SPDX-License-Identifier: EUPL-1.2
// sitrep fsck: the running node checks every record it holds.
#include <inttypes.h>
#include <stdio.h>

#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/print.h"
#include "sitrep/progress.h"

struct fsck {
    struct progress progress;
    bool is_json;
    bool is_finished;
    bool is_ok;
};

static void show_result(const json_t *result)
{
    const json_t *damaged = json_object_get(result, "damaged");
    size_t index;
    json_t *record;
    json_array_foreach(damaged, index, record)
    {
        (void)fputs("damaged  ", stdout);
        print_text(json_text(record, "name"), BREAKS_ESCAPED);
        (void)putchar('\n');
    }
    (void)printf("%" JSON_INTEGER_FORMAT " records checked, %zu damaged%s\n",
                 json_number(result, "checked"), json_array_size(damaged),
                 json_array_size(damaged) > 0 ? ": they are fetched again from peers" : "");
}

static bool take(void *context, const json_t *line)
{
    struct fsck *fsck = context;
    if (fsck->is_json) {
        print_json(line);
        (void)fflush(stdout);
    }
    if (json_object_get(line, "ok") == NULL) {
        const uint64_t checked = (uint64_t)json_number(line, "checked");
        progress_draw(&fsck->progress,
                      (struct progress_at){checked, (uint64_t)json_number(line, "total"), checked});
        return true;
    }
    fsck->is_finished = true;
    fsck->is_ok = json_flag(line, "ok");
    progress_hide(&fsck->progress);
    if (!fsck->is_json) {
        show_result(line);
    }
    return true;
}

enum exit_code command_fsck(const struct arguments *arguments)
{
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    struct fsck fsck = {.is_json = arguments->is_json};
    progress_begin(&fsck.progress, "records");
    const struct call call = {.method = "POST", .path = "/v1/fsck"};
    enum exit_code code = client_stream(client, &call, take, &fsck);
    progress_hide(&fsck.progress);
    client_close(&client);
    if (code == EXIT_DONE && !fsck.is_finished) {
        code = complain(EXIT_FAILED, "the check ended early");
    }
    return code == EXIT_DONE && !fsck.is_ok ? EXIT_FAILED : code;
}
