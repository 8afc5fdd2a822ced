// SPDX-License-Identifier: EUPL-1.2
// Requests as text: written with their words, read from a file, and the words compared. What is
// done with one is for others.
#include "sitrep/joining/request_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "sitrep/ask.h"
#include "sitrep/input.h"
#include "sitrep/print.h"
#include "sitrep/when.h"

enum { TEXT_MAX = 64 * 1024 }; // of a request that came by mail, with what is around it

enum exit_code request_file_read(struct request_file *file, const char *path)
{
    struct input input;
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum exit_code code = input_read(&input, path, TEXT_MAX);
    if (code != EXIT_DONE) {
        return code;
    }
    enum err err = armour_decode("REQUEST", (const char *)input.bytes, input.len, &bytes, &len);
    if (err == ERR_NOT_FOUND) {
        code = complain(EXIT_REFUSED, "%s holds no request", path);
    } else if (err != ERR_OK) {
        code = complain(EXIT_REFUSED, "the request in %s was damaged on its way", path);
    } else {
        err = request_decode(bytes, len, &file->request);
        if (err == ERR_OK) {
            request_words(bytes, len, file->words);
        } else {
            code = complain(EXIT_REFUSED, "the request in %s is refused: %s", path, err_text(err));
        }
    }
    free(bytes);
    input_fini(&input);
    return code;
}

// Only the words, heard from a known voice, tell that the request is theirs.
enum exit_code request_file_confirm(const struct request_file *file,
                                    const struct arguments *arguments)
{
    const struct request *request = &file->request;
    tell("This node asks to be admitted:");
    tell("    centre    %s, %s", request->centre_code, request->centre_title);
    tell("    node      %s", request->node_name);
    tell("    endpoints %s (sync), %s (live)", request->sync_endpoint, request->live_endpoint);
    if (request->expires_ms > 0) {
        char expires[WHEN_MAX];
        when_local((int64_t)request->expires_ms, expires);
        tell("    keys      expire on %s", expires);
    }
    tell("    words     %s", file->words);
    return ask_yes(arguments, "Do the words match?",
                   "compare the words over the phone, then give --yes", "not admitted");
}

enum exit_code request_file_write(const uint8_t *bytes, size_t len, const char *node, bool is_json)
{
    char *armoured = NULL;
    char words[WORDS_TEXT_MAX];
    request_words(bytes, len, words);
    const enum err err = armour_encode("REQUEST", bytes, len, &armoured);
    if (err != ERR_OK) {
        return complain(EXIT_FAILED, "the request cannot be written: %s", err_text(err));
    }
    if (is_json) {
        json_t *json =
            json_pack("{s:s, s:s, s:s}", "node", node, "words", words, "request", armoured);
        print_json(json);
        json_decref(json);
    } else {
        (void)fputs(armoured, stdout);
    }
    free(armoured);
    tell("Send this request to an authority of the federation, then read these words to it over "
         "the phone:");
    tell("    %s", words);
    return EXIT_DONE;
}
