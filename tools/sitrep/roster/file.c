// SPDX-License-Identifier: EUPL-1.2
// Reads and writes rosters and proposals as armoured files, and says in words why one is refused.
#include "sitrep/roster/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/input.h"
#include "sitrep/invitation.h"
#include "sitrep/print.h"
#include "sitrep/roster/authority.h"
#include "sitrep/roster/proposal_entry.h"

enum { TEXT_MAX = 2 * 1024 * 1024 };

static enum exit_code read_bytes(const char *path, uint8_t **bytes, size_t *len)
{
    struct input input;
    enum exit_code code = input_read(&input, path, TEXT_MAX);
    if (code != EXIT_DONE) {
        return code;
    }
    const char *text = (const char *)input.bytes;
    enum err err = armour_decode("ROSTER", text, input.len, bytes, len);
    if (err == ERR_NOT_FOUND) {
        err = armour_decode("PROPOSAL", text, input.len, bytes, len);
    }
    if (err == ERR_NOT_FOUND) {
        code = complain(EXIT_REFUSED, "%s holds no roster and no proposal", path);
    } else if (err != ERR_OK) {
        code = complain(EXIT_REFUSED, "the roster in %s was damaged on its way", path);
    }
    input_fini(&input);
    return code;
}

// The rosters that follow each other in a text, as `sitrep roster export` writes rivals.
static enum err decode_all(const char *text, size_t len, struct roster **rosters, size_t *count)
{
    static const char end[] = "-----END SITREP ROSTER-----";
    enum err err = ERR_OK;
    *count = 0;
    for (const char *at = text; at != NULL && err == ERR_OK;) {
        uint8_t *bytes = NULL;
        size_t bytes_len = 0;
        const size_t left = len - (size_t)(at - text);
        err = armour_decode("ROSTER", at, left, &bytes, &bytes_len);
        if (err == ERR_NOT_FOUND && *count > 0) {
            return ERR_OK;
        }
        if (err == ERR_NOT_FOUND) { // it may be one that is signed by enough
            err = armour_decode("PROPOSAL", at, left, &bytes, &bytes_len);
        }
        if (err == ERR_OK && *count == ROSTER_PARENTS_MAX) {
            err = ERR_LIMIT;
        }
        if (err == ERR_OK) {
            err = roster_decode(bytes, bytes_len, &rosters[*count]);
            *count += err == ERR_OK;
        }
        free(bytes);
        at = memmem(at, left, end, strlen(end));
        at = at == NULL ? NULL : at + strlen(end);
    }
    return err;
}

// Whether the last one can be in force beside those before it, as far as they tell.
static bool is_rival(struct roster *const *rosters, size_t last)
{
    for (size_t i = 0; i < last; i++) {
        if (memcmp(rosters[i]->hash, rosters[last]->hash, ID_LEN) == 0 ||
            memcmp(rosters[i]->federation, rosters[last]->federation, ID_LEN) != 0) {
            return false;
        }
    }
    return true;
}

// Several contradict each other: then what all of them allow is in force.
static enum exit_code read_rosters(const char *path, struct roster **standing)
{
    struct roster *rosters[ROSTER_PARENTS_MAX] = {NULL};
    size_t count = 0;
    struct input input;
    enum exit_code code = input_read(&input, path, TEXT_MAX);
    if (code != EXIT_DONE) {
        return code;
    }
    enum err err = decode_all((const char *)input.bytes, input.len, rosters, &count);
    input_fini(&input);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        err = is_rival(rosters, i) ? ERR_OK : ERR_STATE;
    }
    if (err == ERR_OK) {
        err = roster_stand(rosters, count, standing);
    }
    if (err == ERR_OK) {
        return EXIT_DONE;
    }
    for (size_t i = 0; i < count; i++) {
        roster_destroy(&rosters[i]);
    }
    return complain(EXIT_REFUSED,
                    err == ERR_NOT_FOUND ? "%s holds no roster: %s"
                                         : "the roster in %s is refused: %s",
                    path, err_text(err));
}

enum exit_code roster_in_force(const struct arguments *arguments, struct home *home,
                               struct roster **roster)
{
    const char *path = arguments_get(arguments, "roster");
    if (path != NULL) {
        return read_rosters(path, roster);
    }
    if (home_open(home, arguments->home) != ERR_OK || home_load_roster(home, roster) != ERR_OK) {
        return complain(EXIT_FAILED, "%s", home->why);
    }
    return EXIT_DONE;
}

enum exit_code roster_file_read(const char *path, struct proposal **proposal)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum exit_code code = read_bytes(path, &bytes, &len);
    if (code != EXIT_DONE) {
        return code;
    }
    const enum err err = proposal_decode(bytes, len, proposal);
    if (err != ERR_OK) {
        code = complain(EXIT_REFUSED, "the roster in %s is refused: %s", path, err_text(err));
    }
    free(bytes);
    return code;
}

static enum err read_before(const struct arguments *arguments, const struct roster *current,
                            struct roster **before)
{
    struct home home;
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum err err = home_open(&home, arguments->home);
    if (err == ERR_OK) {
        err = home_read_roster(&home, current->version - 1, &bytes, &len);
    }
    if (err == ERR_OK) {
        err = roster_decode(bytes, len, before);
    }
    free(bytes);
    return err;
}

// Says who signed both the version in force and another one of the same number, if that is so: the
// one thing an honest authority never does.
static void tell_fork(const struct arguments *arguments, const struct roster *current,
                      const struct proposal *proposal)
{
    struct roster *before = NULL;
    struct roster *other = NULL;
    const uint8_t *signers[AUTHORITIES_MAX];
    uint8_t *bytes = NULL;
    size_t len = 0;
    size_t count = 0;
    enum err err = proposal_encode(proposal, &bytes, &len);
    if (err == ERR_OK) {
        err = roster_decode(bytes, len, &other);
    }
    if (err == ERR_OK) {
        err = read_before(arguments, current, &before);
    }
    if (err == ERR_OK) {
        err = roster_check_fork(before, current, other, signers, &count);
    }
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        char words[WORDS_TEXT_MAX];
        authority_words(signers[i], words);
        tell("Authority '%s' has signed two different versions %llu: its key may be stolen. Call "
             "the other authorities.",
             words, (unsigned long long)current->version);
    }
    roster_destroy(&before);
    roster_destroy(&other);
    free(bytes);
}

static enum exit_code explain_version(const char *path, const struct roster *current,
                                      const struct roster *proposed)
{
    const unsigned long long held = current->version;
    const unsigned long long version = proposed->version;
    if (memcmp(current->hash, proposed->hash, ID_LEN) == 0) {
        return complain(EXIT_REFUSED, "%s is version %llu, which is in force", path, version);
    }
    if (version <= held) {
        return complain(EXIT_REFUSED,
                        "%s is version %llu, and version %llu is in force: propose it "
                        "again from there",
                        path, version, held);
    }
    return complain(EXIT_REFUSED,
                    "%s is version %llu, and here version %llu is in force: first "
                    "import the versions between them",
                    path, version, held);
}

// What a version changes is shown against each version that it names before it, so all of them must
// be here: a file given with --roster may hide one.
static enum exit_code explain_parents(const char *path, const struct roster *current,
                                      const struct roster *proposed)
{
    const size_t here = current->rivals_count > 0 ? current->rivals_count : 1;
    if (proposed->parents_count > here) {
        return complain(EXIT_REFUSED,
                        "%s names %zu versions before it, and %zu of them can be in force here: "
                        "first import the others, with a node's home",
                        path, proposed->parents_count, here);
    }
    if (proposed->parents_count < here) {
        return complain(EXIT_REFUSED,
                        "%s goes on from one of the %zu rosters that are in force, and does not "
                        "settle them: propose it again from all of them",
                        path, here);
    }
    return complain(EXIT_REFUSED,
                    "%s does not follow the version %llu that is in force: it was made from "
                    "another one, or for another federation",
                    path, (unsigned long long)current->version);
}

static enum exit_code check(const struct arguments *arguments, const char *path,
                            const struct roster *current, struct proposal *proposal)
{
    switch ((int)proposal_check(current, proposal)) {
    case ERR_OK:
        return EXIT_DONE;
    case ERR_STATE:
        if (proposal->roster->version == current->version) {
            tell_fork(arguments, current, proposal);
        }
        return explain_version(path, current, proposal->roster);
    case ERR_DENIED:
        return explain_parents(path, current, proposal->roster);
    default:
        return complain(EXIT_REFUSED,
                        "%s takes something back that a roster keeps: a centre, a node, its key or "
                        "its revocation",
                        path);
    }
}

static enum exit_code merge_file(const struct arguments *arguments, const char *path,
                                 const struct roster *current, struct proposal **whole)
{
    struct proposal *proposal = NULL;
    enum exit_code code = proposal_is_entry(path) ? proposal_fetch(arguments, path, &proposal)
                                                  : roster_file_read(path, &proposal);
    if (code == EXIT_DONE) {
        code = check(arguments, path, current, proposal);
    }
    if (code == EXIT_DONE && *whole == NULL) {
        *whole = proposal;
        proposal = NULL;
    } else if (code == EXIT_DONE && proposal_merge(*whole, proposal) != ERR_OK) {
        code = complain(EXIT_REFUSED, "%s is another proposal than the files before it", path);
    }
    proposal_destroy(&proposal);
    return code;
}

enum exit_code roster_files_merge(const struct arguments *arguments, const struct roster *current,
                                  struct proposal **proposal)
{
    enum exit_code code = EXIT_DONE;
    for (int i = 0; i < arguments->operands_count && code == EXIT_DONE; i++) {
        code = merge_file(arguments, arguments->operands[i], current, proposal);
    }
    if (code == EXIT_DONE && (*proposal)->dropped > 0) {
        tell("%zu signature%s false, or by a key that is no authority, and left out.",
             (*proposal)->dropped, (*proposal)->dropped == 1 ? " is" : "s are");
    }
    return code;
}

enum exit_code roster_file_write(const struct roster *current, const struct proposal *proposal,
                                 json_t *json, bool is_json)
{
    struct proposal_tally tally;
    uint8_t *bytes = NULL;
    size_t len = 0;
    char *armoured = NULL;
    proposal_count(current, proposal, &tally);
    enum err err = proposal_encode(proposal, &bytes, &len);
    if (err == ERR_OK) {
        err = armour_encode(tally.is_complete ? "ROSTER" : "PROPOSAL", bytes, len, &armoured);
    }
    if (err == ERR_OK && is_json) {
        json_object_set_new(json, tally.is_complete ? "roster" : "proposal", json_string(armoured));
        print_json(json);
    } else if (err == ERR_OK) {
        (void)fputs(armoured, stdout);
    }
    json_decref(json);
    free(bytes);
    free(armoured);
    return err == ERR_OK
               ? EXIT_DONE
               : complain(EXIT_FAILED, "the proposal cannot be written: %s", err_text(err));
}
