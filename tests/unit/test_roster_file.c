// SPDX-License-Identifier: EUPL-1.2
// 'roster sign' on a machine without a node: which files it takes, what it shows, what it refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "home/home.h"
#include "roundtrip_proposal.h"
#include "sitrep/command.h"
#include "sitrep/invitation.h"
#include "sitrep/roster/file.h"
#include "sitrep/roster_edit.h"
#include "unit/scratch.h"

enum { FILES_MAX = 4, SAID_MAX = 16384 };

struct desktop {
    char folder[SCRATCH_PATH_MAX];
    char in_force[SCRATCH_PATH_MAX];
    char key[SCRATCH_PATH_MAX];
    char files[FILES_MAX][SCRATCH_PATH_MAX];
    size_t files_count;
    char out[SAID_MAX];  // of the last command
    char said[SAID_MAX]; // on stderr
};

static void write_armoured(const char *path, const char *label, const uint8_t *bytes, size_t len)
{
    char *text = NULL;
    assert_int_equal(armour_encode(label, bytes, len, &text), ERR_OK);
    scratch_write(path, text, 0600);
    free(text);
}

static void add_file(struct desktop *desktop, const char *label, const uint8_t *bytes, size_t len)
{
    char name[16];
    assert_true(desktop->files_count < FILES_MAX);
    (void)snprintf(name, sizeof name, "file-%zu", desktop->files_count);
    char path[SCRATCH_PATH_MAX];
    scratch_join(path, desktop->folder, name);
    memcpy(desktop->files[desktop->files_count++], path, sizeof path);
    write_armoured(path, label, bytes, len);
}

// The version after the one in force, as the draft has it.
static void add_draft(struct desktop *desktop, void (*change)(struct draft *draft))
{
    static struct draft draft;
    uint8_t bytes[DRAFT_MAX];
    draft_init(&draft);
    draft_authorities(&draft, 3, 2);
    draft_follow(&draft, roundtrip_in_force());
    draft.nodes[1].is_revoked = true;
    draft.nodes[1].revoked_seq = 7;
    draft.roster.name = draft_text("Another name");
    memset(draft.signers, 0, sizeof draft.signers);
    change(&draft);
    add_file(desktop, "PROPOSAL", bytes, draft_write(&draft, bytes));
}

static int setup(void **state)
{
    struct desktop *desktop = calloc(1, sizeof *desktop);
    struct home nowhere = {.path = ""};
    struct signing_key *key = NULL;
    uint8_t public_key[SIGN_KEY_LEN];
    scratch_make(desktop->folder);
    char folder[SCRATCH_PATH_MAX];
    memcpy(folder, desktop->folder, sizeof folder);
    scratch_join(desktop->in_force, folder, "in-force");
    scratch_join(desktop->key, folder, "key");
    const struct span current = roundtrip_in_force()->signed_document;
    write_armoured(desktop->in_force, "ROSTER", current.bytes, current.len);
    // A stranger's; authorities of the draft have keys of known seeds, which no home makes.
    assert_int_equal(home_create_authority(&nowhere, desktop->key, NULL, &key, public_key), ERR_OK);
    signing_key_destroy(&key);
    *state = desktop;
    return 0;
}

static int teardown(void **state)
{
    struct desktop *desktop = *state;
    scratch_remove(desktop->folder);
    free(desktop);
    return 0;
}

static void read_back(const struct desktop *desktop, const char *name, char text[static SAID_MAX])
{
    char path[SCRATCH_PATH_MAX];
    scratch_join(path, desktop->folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, SAID_MAX - 1, file)] = '\0';
    (void)fclose(file);
}

// Runs the command with stdout and stderr in files.
static enum exit_code run(struct desktop *desktop,
                          enum exit_code (*command)(const struct arguments *))
{
    static const char *const names[] = {NULL, "stdout", "stderr"};
    char *operands[FILES_MAX];
    int saved[3] = {-1, -1, -1};
    for (size_t i = 0; i < desktop->files_count; i++) {
        operands[i] = desktop->files[i];
    }
    struct arguments arguments = {
        .operands = operands,
        .operands_count = (int)desktop->files_count,
        .given = {{"roster", desktop->in_force}, {"authority", desktop->key}, {"yes", NULL}},
        .given_count = 3};
    scratch_join(arguments.home, desktop->folder, "no-home");
    (void)fflush(stdout);
    (void)fflush(stderr);
    for (int fd = 1; fd <= 2; fd++) {
        char path[SCRATCH_PATH_MAX];
        scratch_join(path, desktop->folder, names[fd]);
        const int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        saved[fd] = dup(fd);
        assert_true(to >= 0 && saved[fd] >= 0 && dup2(to, fd) == fd);
        (void)close(to);
    }
    const enum exit_code code = command(&arguments);
    (void)fflush(stdout);
    (void)fflush(stderr);
    for (int fd = 1; fd <= 2; fd++) {
        (void)dup2(saved[fd], fd);
        (void)close(saved[fd]);
    }
    read_back(desktop, "stdout", desktop->out);
    read_back(desktop, "stderr", desktop->said);
    return code;
}

static void expect_refusal(struct desktop *desktop, const char *why)
{
    assert_int_equal(run(desktop, command_roster_sign), EXIT_REFUSED);
    assert_string_equal(desktop->out, "");
    if (strstr(desktop->said, why) == NULL) {
        fail_msg("not '%s' but: %s", why, desktop->said);
    }
}

static void change_nothing(struct draft *draft)
{
    (void)draft;
}
static void change_signed_by_1(struct draft *draft)
{
    draft->signers[0] = 1;
}
static void change_signed_by_2_and_a_stranger(struct draft *draft)
{
    draft->signers[0] = 2;
    draft->signers[1] = 9;
}
static void change_more(struct draft *draft)
{
    draft->roster.name = draft_text("Yet another name");
}
static void change_to_same_version(struct draft *draft)
{
    draft->roster.version = 2;
}
static void change_to_later_version(struct draft *draft)
{
    draft->roster.version = 4;
}
static void change_parent(struct draft *draft)
{
    draft->parents[0][0] ^= 1;
}
static void change_revocation(struct draft *draft)
{
    draft->nodes[1].is_revoked = false;
}
// One of them of a version that the signer was not shown.
static void change_two_parents(struct draft *draft)
{
    memset(draft->parents[1], 0xff, ID_LEN); // they ascend
    draft->roster.parents_count = 2;
}

static void a_stranger_signs_nothing(void **state)
{
    struct desktop *desktop = *state;
    add_draft(desktop, change_nothing);
    expect_refusal(desktop, "an authority neither of version 2 nor of the proposed one");
    // It was shown all the same, before.
    assert_non_null(strstr(desktop->said, "called 'Another name' instead of 'Rhine and Meuse'"));
}

static void what_cannot_follow_is_explained(void **state)
{
    struct desktop *desktop = *state;
    static const struct {
        void (*change)(struct draft *draft);
        const char *why;
    } cases[] = {
        {change_to_same_version, "is version 2, and version 2 is in force: propose it again"},
        {change_to_later_version, "first import the versions between them"},
        {change_parent, "it was made from another one, or for another federation"},
        {change_revocation, "takes something back that a roster keeps"},
        {change_two_parents, "names 2 versions before it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        desktop->files_count = 0;
        add_draft(desktop, cases[i].change);
        expect_refusal(desktop, cases[i].why);
    }
    desktop->files_count = 0;
    const struct span current = roundtrip_in_force()->signed_document;
    add_file(desktop, "ROSTER", current.bytes, current.len);
    expect_refusal(desktop, "is version 2, which is in force");
}

static void what_is_no_proposal_is_refused(void **state)
{
    struct desktop *desktop = *state;
    static const uint8_t bytes[] = {0x82, 0x40, 0x80};
    add_file(desktop, "REQUEST", bytes, sizeof bytes);
    expect_refusal(desktop, "holds no roster and no proposal");
    desktop->files_count = 0;
    add_file(desktop, "PROPOSAL", bytes, sizeof bytes);
    expect_refusal(desktop, "is refused: malformed");
    scratch_write(desktop->files[0],
                  "-----BEGIN SITREP PROPOSAL-----\ngkCA\n=AAAAAAAA\n"
                  "-----END SITREP PROPOSAL-----\n",
                  0600);
    expect_refusal(desktop, "was damaged on its way");
    (void)unlink(desktop->files[0]);
    assert_int_equal(run(desktop, command_roster_sign), EXIT_FAILED);
    // What is said to be in force must be so: a proposal will not do.
    desktop->files_count = 0;
    add_draft(desktop, change_signed_by_1);
    memcpy(desktop->in_force, desktop->files[0], SCRATCH_PATH_MAX);
    expect_refusal(desktop, "is refused: not authentic or not allowed");
}

static void copies_are_merged(void **state)
{
    struct desktop *desktop = *state;
    add_draft(desktop, change_signed_by_1);
    add_draft(desktop, change_more);
    expect_refusal(desktop, "is another proposal than the files before it");
    desktop->files_count = 1;
    assert_int_equal(run(desktop, command_roster_show), EXIT_DONE);
    assert_non_null(strstr(desktop->said, "Signed by 1 of the 3 authorities of version 2, and 2"));
    add_draft(desktop, change_signed_by_2_and_a_stranger);
    assert_int_equal(run(desktop, command_roster_show), EXIT_DONE);
    assert_non_null(
        strstr(desktop->said, "1 signature is false, or by a key that is no authority"));
    assert_non_null(strstr(desktop->said, "It is signed by enough authorities"));
    assert_non_null(strstr(desktop->out, "Another name"));
}

#define ON_A_DESKTOP(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_DESKTOP(a_stranger_signs_nothing),
        ON_A_DESKTOP(what_cannot_follow_is_explained),
        ON_A_DESKTOP(what_is_no_proposal_is_refused),
        ON_A_DESKTOP(copies_are_merged),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
