// SPDX-License-Identifier: EUPL-1.2
// sitrep import cap: publishes alerts with their original bytes, each once. Reading them is
// cap.c's, knowing which were published before is the node's.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sitrep/cap/cap.h"
#include "sitrep/client.h"
#include "sitrep/command.h"
#include "sitrep/input.h"
#include "sitrep/print.h"

const struct option_spec import_cap_options[] = {
    {"group", "NAME", "readable for this group alone (else for all members)", false},
    {NULL, NULL, NULL, false},
};

static json_t *base64(const struct input *input)
{
    const size_t size = sodium_base64_encoded_len(input->len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    if (text == NULL) {
        abort();
    }
    (void)sodium_bin2base64(text, size, input->bytes, input->len, sodium_base64_VARIANT_ORIGINAL);
    json_t *json = json_string(text);
    free(text);
    return json;
}

static void show(const struct arguments *arguments, const char *path, const json_t *answer)
{
    const char *name = json_text(answer, "name");
    const bool is_known = json_flag(answer, "already");
    if (arguments->is_json) {
        json_t *json =
            json_pack("{s:s, s:b, s:s}", "name", name, "already", is_known, "file", path);
        print_json(json);
        json_decref(json);
    } else {
        print_text(name, BREAKS_ESCAPED);
        (void)putchar('\n');
        if (is_known) {
            tell("%s: was published before, as %s", path, name);
        }
    }
    (void)print_flush_published(name);
}

static enum exit_code publish(const struct arguments *arguments, struct client *client,
                              const char *path, const struct input *input)
{
    struct cap_problem problem;
    json_t *cap = cap_read(input->bytes, input->len, &problem);
    if (cap == NULL && problem.line > 0) {
        return complain(EXIT_REFUSED, "%s:%d: %s", path, problem.line, problem.why);
    }
    if (cap == NULL) {
        return complain(EXIT_REFUSED, "%s: %s", path, problem.why);
    }
    json_t *body = json_pack("{s:s, s:o, s:o, s:s}", "precedence", cap_precedence(cap), "cap", cap,
                             "original_base64", base64(input), "media", "application/cap+xml");
    const char *group = arguments_get(arguments, "group");
    if (group != NULL && json_object_set_new(body, "group", json_string(group)) != 0) {
        json_decref(body);
        return complain(EXIT_USAGE, "the group's name is not UTF-8");
    }
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (text == NULL) {
        abort();
    }
    const struct call call = {"POST", "/v1/alerts", "application/json", text, strlen(text)};
    struct answer answer;
    enum exit_code code = client_call(client, &call, &answer);
    free(text);
    if (code == EXIT_DONE) {
        code = answer_code(&answer);
        if (code == EXIT_DONE) {
            show(arguments, path, answer.json);
        } else {
            (void)complain(code, "%s: %s", path, answer_message(&answer));
        }
    }
    answer_fini(&answer);
    return code;
}

// One bad file does not keep the others from being published; the first failure is the exit code.
enum exit_code command_import_cap(const struct arguments *arguments)
{
    struct client *client = client_open(arguments);
    if (client == NULL) {
        return EXIT_FAILED;
    }
    enum exit_code worst = EXIT_DONE;
    for (int i = 0; i < arguments->operands_count && worst != EXIT_UNREACHABLE; i++) {
        struct input input;
        enum exit_code code = input_read(&input, arguments->operands[i], CAP_BYTES_MAX);
        if (code == EXIT_DONE) {
            code = publish(arguments, client, arguments->operands[i], &input);
            input_fini(&input);
        }
        if (code == EXIT_UNREACHABLE || worst == EXIT_DONE) {
            worst = code;
        }
    }
    client_close(&client);
    return worst;
}
