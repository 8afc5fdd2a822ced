// SPDX-License-Identifier: EUPL-1.2
// The API's pages about exercises, and the parameter `space` of the others, in front of two fake
// desks: that of the real world and that of an exercise.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_api.h"

static const char as_json[] = "application/json";

struct exercise {
    struct fixture *real;
    struct desk desk;
};

static int setup_spring(void **state)
{
    struct exercise *exercise = calloc(1, sizeof *exercise);
    assert_int_equal(setup((void **)&exercise->real), 0);
    fake_open(&exercise->desk);
    strcpy(exercise->desk.exercise_name, "spring");
    assert_int_equal(api_add_space(exercise->real->api, "spring", &exercise->desk), ERR_OK);
    *state = exercise;
    return 0;
}

static int teardown_spring(void **state)
{
    struct exercise *exercise = *state;
    teardown((void **)&exercise->real);
    fake_close(&exercise->desk);
    free(exercise);
    return 0;
}

// Asks, and demands that status, and that the answer says `wanted` and not `unwanted`.
static void check(const struct exercise *exercise, const char *target, int status,
                  const char *wanted, const char *unwanted)
{
    struct http_reply reply;
    http_get(exercise->real->path, target, &reply);
    if (reply.status != status || strstr(reply.body, wanted) == NULL ||
        (unwanted != NULL && strstr(reply.body, unwanted) != NULL)) {
        fail_msg("%s: %d: %s", target, reply.status, reply.body);
    }
    http_reply_fini(&reply);
}

static void check_post(const struct exercise *exercise, const char *target, const char *body,
                       int status, const char *wanted)
{
    struct http_reply reply;
    http_post(exercise->real->path, target, as_json, body, &reply);
    if (reply.status != status || strstr(reply.body, wanted) == NULL) {
        fail_msg("%s %s: %d: %s", target, body, reply.status, reply.body);
    }
    http_reply_fini(&reply);
}

static void test_spaces_are_not_mixed(void **state)
{
    struct exercise *exercise = *state;
    check_post(exercise, "/v1/entries?space=spring", "{\"kind\":\"drill\"}", 201,
               "\"space\":\"spring\"");
    check_post(exercise, "/v1/entries", "{\"kind\":\"siren\"}", 201, "be-nccn/1");
    check(exercise, "/v1/entries", 200, "siren", "drill");
    check(exercise, "/v1/entries", 200, "siren", "space");
    check(exercise, "/v1/entries?space=real", 200, "siren", "drill");
    check(exercise, "/v1/entries?space=spring", 200, "drill", "siren");
    check(exercise, "/v1/entries?space=spring", 200, "\"space\":\"spring\"", NULL);
    check(exercise, "/v1/entries/be-nccn/1", 200, "siren", "space");
    check(exercise, "/v1/entries/be-nccn/1?space=spring", 200, "drill", "siren");
    check(exercise, "/v1/status", 200, "\"space\":\"real\"", NULL);
    check(exercise, "/v1/status?space=spring", 200, "\"space\":\"spring\"", NULL);
    check(exercise, "/v1/logs/be-nccn?space=spring", 200, "\"space\":\"spring\"", NULL);
}

static void test_a_space_must_be_there(void **state)
{
    struct exercise *exercise = *state;
    check(exercise, "/v1/entries?space=autumn", 404, "no exercise 'autumn'; there is: spring",
          NULL);
    check(exercise, "/v1/entries?space=autumn", 404, "no_such_space", NULL);
    check(exercise, "/v1/entries?space=", 400, "malformed", NULL);
    check(exercise, "/v1/entries?space=Spring", 400, "malformed", NULL);
    check(exercise, "/v1/entries?space=a%2Fb", 400, "malformed", NULL);
    check(exercise, "/v1/entries?space=spring&space=spring", 400, "malformed", NULL);
    check(exercise, "/v1/roster?space=spring", 400, "malformed", NULL);
    check(exercise, "/v1/keys?space=spring", 400, "malformed", NULL);
    check(exercise, "/v1/exercises?space=spring", 400, "malformed", NULL);
}

static void test_they_are_listed(void **state)
{
    struct exercise *exercise = *state;
    struct desk_exercises *exercises = &exercise->real->desk.exercises;
    check(exercise, "/v1/exercises", 200, "{\"exercises\":[],\"unknown\":[]}", NULL);
    exercises->held_count = exercises->strange_count = 1;
    exercises->held[0] =
        (struct desk_exercise){.name = "spring", .entries = 12, .bytes_used = 4096, .peers = 1};
    exercises->strange[0] = (struct strange_space){{0xab}, 1, 7, 1000};
    check(exercise, "/v1/exercises", 200,
          "\"entries\":12,\"bytes_used\":4096,\"peers\":1,\"ended\":null", NULL);
    check(exercise, "/v1/exercises", 200,
          "{\"id\":\"ab00000000000000\",\"peer\":\"nl-kcr2-b\",\"messages\":7,"
          "\"last_heard\":\"1970-01-01T00:00:01.000Z\"}",
          NULL);
    exercises->held[0].end = (struct exercise_end){true, 1, 0, 9, 2000};
    exercises->strange[0].peer = 77; // the roster does not have it yet
    check(exercise, "/v1/exercises", 200,
          "\"ended\":{\"by\":\"nl-kcr2-b/9\",\"time\":\"1970-01-01T00:00:02.000Z\"}", NULL);
    check(exercise, "/v1/exercises", 200, "\"peer\":null", NULL);
}

static void test_one_is_made(void **state)
{
    struct exercise *exercise = *state;
    struct desk *desk = &exercise->real->desk;
    static const struct {
        enum err err;
        int status;
        const char *says;
    } rows[] = {{ERR_OK, 201, "{\"name\":\"autumn\"}"},
                {ERR_DENIED, 409, "agree on another name"},
                {ERR_LIMIT, 409, "at most 8 exercises"},
                {ERR_NO_SPACE, 507, "disk_full"},
                {ERR_STATE, 503, "stopping"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        desk->exercise_err = rows[i].err;
        check_post(exercise, "/v1/exercises", "{\"name\":\"autumn\"}", rows[i].status,
                   rows[i].says);
        assert_string_equal(desk->exercise_named, "autumn");
        assert_int_equal(desk->exercise_order, EXERCISE_CREATE);
    }
    desk->exercise_named[0] = '\0';
    check_post(exercise, "/v1/exercises", "{\"name\":\"spring\"}", 409, "takes part");
    static const char *const refused[] = {"{}",
                                          "[]",
                                          "{\"name\":1}",
                                          "{\"name\":\"real\"}",
                                          "{\"name\":\"\"}",
                                          "{\"name\":\"../x\"}",
                                          "{\"name\":\"autumn\",\"more\":1}",
                                          "nothing"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        check_post(exercise, "/v1/exercises", refused[i], 400, "malformed");
    }
    assert_string_equal(desk->exercise_named, ""); // none of these came to the desk
}

static void test_one_is_ended(void **state)
{
    struct exercise *exercise = *state;
    check_post(exercise, "/v1/exercises/spring", "{\"action\":\"stop\"}", 400, "end or purge");
    check_post(exercise, "/v1/exercises/autumn", "{\"action\":\"end\"}", 404, "no_such_space");
    check_post(exercise, "/v1/exercises/Spring", "{\"action\":\"end\"}", 400, "malformed");
    check_post(exercise, "/v1/exercises/spring", "{\"action\":\"end\"}", 200, "be-nccn/1");
    check(exercise, "/v1/entries?space=spring", 200, "\"kind\":\"exercise-end\"", NULL);
    check(exercise, "/v1/entries?space=spring", 200, "\"precedence\":\"flash\"", NULL);
    check(exercise, "/v1/entries", 200, "", "exercise-end");
    exercise->desk.has_ended = true;
    exercise->desk.publish_err = ERR_DENIED;
    check_post(exercise, "/v1/exercises/spring", "{\"action\":\"end\"}", 409, "ended already");
    check_post(exercise, "/v1/entries?space=spring", "{\"kind\":\"late\"}", 409,
               "the exercise 'spring' has ended");
    exercise->desk.has_ended = false; // it is this node that was revoked
    check_post(exercise, "/v1/entries?space=spring", "{\"kind\":\"late\"}", 403, "revoked");
}

static void test_one_is_purged(void **state)
{
    struct exercise *exercise = *state;
    struct desk *desk = &exercise->real->desk;
    check_post(exercise, "/v1/exercises/autumn", "{\"action\":\"purge\"}", 404, "no_such_space");
    check_post(exercise, "/v1/exercises/spring", "{\"action\":\"purge\"}", 200, "spring");
    assert_string_equal(desk->exercise_named, "spring");
    assert_int_equal(desk->exercise_order, EXERCISE_PURGE);
    check(exercise, "/v1/entries?space=spring", 404, "there is none here", NULL);
    check_post(exercise, "/v1/exercises/spring", "{\"action\":\"purge\"}", 404, "no_such_space");
    check(exercise, "/v1/status", 200, "real", NULL);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup_spring, teardown_spring)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_spaces_are_not_mixed), TEST(test_a_space_must_be_there),
        TEST(test_they_are_listed),      TEST(test_one_is_made),
        TEST(test_one_is_ended),         TEST(test_one_is_purged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
