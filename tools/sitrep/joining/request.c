// SPDX-License-Identifier: EUPL-1.2
// sitrep join request: a new node that asks to be admitted. What it asks for travels as text.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/command.h"
#include "sitrep/joining/newnode.h"
#include "sitrep/joining/request_file.h"
#include "sitrep/print.h"

const struct option_spec request_options[] = {NEWNODE_OPTIONS};

// A home that has asked before says the same again: its text may have been lost.
static bool show_again(const struct arguments *arguments, enum exit_code *code)
{
    struct home home;
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (home_open(&home, arguments->home) != ERR_OK ||
        home_read(&home, "request", REQUEST_MAX, &bytes, &len) != ERR_OK) {
        return false;
    }
    struct request request;
    const enum err err = request_decode(bytes, len, &request);
    if (err == ERR_OK) {
        tell("%s has asked before; this is the same request, as %s.", arguments->home,
             request.node_name);
        *code = request_file_write(bytes, len, request.node_name, arguments->is_json);
    } else {
        *code = complain(EXIT_FAILED, "%s/request is damaged: %s", arguments->home, err_text(err));
    }
    free(bytes);
    return true;
}

enum exit_code command_request(const struct arguments *arguments)
{
    struct newnode newnode = {.passphrase = NULL};
    uint8_t bytes[REQUEST_MAX];
    size_t len = 0;
    enum exit_code code = newnode_read(&newnode, arguments);
    if (code != EXIT_DONE || show_again(arguments, &code)) {
        return code;
    }
    code = newnode_create(&newnode, arguments);
    if (code == EXIT_DONE) {
        len = request_encode(&newnode.request, &newnode.keys->signing, bytes);
        if (len == 0) {
            code = complain(EXIT_FAILED, "the request cannot be made");
        } else if (home_write(&newnode.home, "request", bytes, len) != ERR_OK) {
            code = complain(EXIT_FAILED, "%s", newnode.home.why);
        }
    }
    if (code == EXIT_DONE) {
        code = request_file_write(bytes, len, newnode.request.node_name, arguments->is_json);
    }
    newnode_fini(&newnode);
    return code;
}
