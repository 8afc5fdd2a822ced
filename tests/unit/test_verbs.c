// SPDX-License-Identifier: EUPL-1.2
// The table of verbs against the table of kinds: whatever people write can be said, each step can
// be taken, and each example is one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "sitrep/officers/fields.h"
#include "sitrep/officers/officers.h"
#include "sitrep/officers/verbs.h"
#include "sitrep/options.h"

// What nobody writes with a verb of the table, and why.
static const char *const elsewhere[] = {
    "alert",   // sitrep import cap
    "ack",     // says something of any entry
    "receipt", // nodes write them
};

static bool is_elsewhere(const struct kind *kind)
{
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        if (strcmp(elsewhere[i], kind->name) == 0) {
            return true;
        }
    }
    return kind->merge == MERGE_SYSTEM;
}

static bool has_verb(const struct kind *kind, enum verb_act act)
{
    for (const struct verb *verb = verbs; verb->noun != NULL; verb++) {
        if (verb_kind(verb) == kind && verb->act == act) {
            return true;
        }
    }
    return false;
}

static const struct verb *verb_to(const struct kind *kind, const char *state)
{
    for (const struct verb *verb = verbs; verb->noun != NULL; verb++) {
        if (verb_kind(verb) == kind && verb->act == VERB_CHANGE && verb->state != NULL &&
            strcmp(verb->state, state) == 0) {
            return verb;
        }
    }
    return NULL;
}

static void test_each_kind_has_its_verbs(void **state)
{
    (void)state;
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        const bool is_said = !is_elsewhere(kind);
        assert_int_equal(has_verb(kind, VERB_BEGIN), is_said);
        if (is_said && kind->merge == MERGE_VERSIONS &&
            !(has_verb(kind, VERB_CHANGE) && has_verb(kind, VERB_LIST) &&
              has_verb(kind, VERB_SHOW))) {
            fail_msg("%s cannot be changed, listed or shown", kind->name);
        }
    }
}

static void test_each_step_has_its_verb(void **state)
{
    (void)state;
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        for (size_t i = 0; i < kind->steps_count; i++) {
            if (verb_to(kind, kind->states[kind->steps[i].to]) == NULL) {
                fail_msg("%s: no verb leads to %s", kind->name, kind->states[kind->steps[i].to]);
            }
        }
    }
}

// And to nothing else.
static void test_each_verb_fits_its_kind(void **state)
{
    (void)state;
    for (const struct verb *verb = verbs; verb->noun != NULL; verb++) {
        const struct kind *kind = verb_kind(verb);
        bool is_reached = verb->state == NULL;
        assert_non_null(kind);
        for (size_t i = 0; i < kind->steps_count; i++) {
            is_reached |=
                verb->state != NULL && strcmp(kind->states[kind->steps[i].to], verb->state) == 0;
        }
        if (!is_reached) {
            fail_msg("%s %s: no step leads to %s", verb->noun, verb->name, verb->state);
        }
        assert_true(verb->state == NULL || verb->act == VERB_CHANGE);
    }
}

enum { WORDS_MAX = 32 };

// As a shell would: blanks part, quotes hold together.
static int split(char *line, char **words)
{
    int count = 0;
    char *at = line;

    while (*at != '\0') {
        char *out = at;
        bool is_quoted = false;
        words[count++] = out;
        assert_true(count < WORDS_MAX);
        for (; *at != '\0' && (is_quoted || *at != ' '); at++) {
            is_quoted ^= *at == '\'';
            if (*at != '\'') {
                *out++ = *at;
            }
        }
        at += *at == ' ';
        *out = '\0';
    }
    words[count] = NULL;
    return count;
}

static void test_each_example_is_one(void **state)
{
    static const struct command none[] = {{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL}};
    (void)state;

    for (const struct verb *verb = verbs; verb->noun != NULL; verb++) {
        char line[512];
        char *words[WORDS_MAX];
        struct arguments arguments;
        enum exit_code code = EXIT_FAILED;
        const int len = snprintf(
            line, sizeof line, "sitrep %s%s%s%s%s", verb->noun, verb->name != NULL ? " " : "",
            verb->name != NULL ? verb->name : "", *verb->example != '\0' ? " " : "", verb->example);
        assert_true(len > 0 && (size_t)len < sizeof line);
        const int count = split(line, words);
        if (!options_read(none, count, words, &arguments, &code)) {
            fail_msg("%s %s: %d", verb->noun, verb->name, code);
        }
        assert_ptr_equal(officers_verb(arguments.command), verb);
        assert_non_null(arguments.command->run);
    }
}

// Each field that can be typed has an option of its own name, and no two have the same.
static void test_options_are_told_apart(void **state)
{
    (void)state;
    for (const struct verb *verb = verbs; verb->noun != NULL; verb++) {
        char first[32];
        char second[32];
        char *words[] = {first, second, NULL};
        int count = 0;
        (void)snprintf(first, sizeof first, "%s", verb->noun);
        (void)snprintf(second, sizeof second, "%s", verb->name != NULL ? verb->name : "x");
        const struct command *command = officers_command(2, words, &count);
        assert_non_null(command);
        assert_int_equal(count, verb->name != NULL ? 2 : 1);
        const struct option_spec *options = command->options;
        for (const struct option_spec *one = options; one != NULL && one->name != NULL; one++) {
            for (const struct option_spec *other = options; other < one; other++) {
                assert_string_not_equal(one->name, other->name);
            }
            assert_string_not_equal(one->name, "version");
            assert_string_not_equal(one->name, "json");
            assert_null(strchr(one->name, '_'));
        }
    }
}

static void check_put(const char *kind_name, const char *name, const char *typed, bool is_change,
                      const char *wanted)
{
    const struct kind *kind =
        kind_find((struct span){(const uint8_t *)kind_name, strlen(kind_name)});
    const struct field *field = field_named(kind, name, strlen(name));
    json_t *fields = json_object();

    assert_non_null(field);
    char *copy = strdup(typed);
    enum exit_code code = EXIT_DONE;
    for (char *value = strtok(copy, ";"); value != NULL; value = strtok(NULL, ";")) {
        code = code == EXIT_DONE ? field_put(field, value, is_change, fields) : code;
    }
    if (*typed == '\0') {
        code = field_put(field, "", is_change, fields);
    }
    free(copy);
    char *text = json_dumps(fields, JSON_COMPACT);
    if (wanted == NULL) {
        assert_int_equal(code, EXIT_USAGE);
    } else {
        assert_int_equal(code, EXIT_DONE);
        assert_string_equal(text, wanted);
    }
    free(text);
    json_decref(fields);
}

static void test_values_become_json(void **state)
{
    (void)state;
    check_put("request", "quantity", "4", false, "{\"quantity\":\"4\"}");
    check_put("request", "quantity", "4;5", false, NULL);
    check_put("request", "where", "Eijsden", false, "{\"where\":\"Eijsden\"}");
    check_put("request", "deadline", "2026-03-01T14:30:00+01:00", false,
              "{\"deadline\":\"2026-03-01T13:30:00.000Z\"}");
    check_put("request", "deadline", "soon", false, NULL);
    check_put("request", "deadline", "", true, "{\"deadline\":null}");
    check_put("request", "deadline", "", false, NULL);
    check_put("phase", "teams", "A", false, "{\"teams\":\"A\"}");
    check_put("phase", "teams", "A;B, C;D", false, "{\"teams\":[\"A\",\"B, C\",\"D\"]}");
    check_put("line", "messages", "nl=Blijf binnen.;fr=Restez.", false,
              "{\"messages\":{\"nl\":\"Blijf binnen.\",\"fr\":\"Restez.\"}}");
    check_put("line", "messages", "nl=Blijf.;nl=Ga.", false, NULL);
    check_put("line", "messages", "Blijf.", false, NULL);
    check_put("request", "unit", "\xff", false, NULL);
    check_put("measurement", "value", "46.12", false, "{\"value\":\"46.12\"}");
    check_put("measurement", "value", "46,12", false, NULL);
    check_put("measurement", "unit", "m3,s", false, "{\"unit\":\"m3,s\"}");
}

// What `field_put` says on stderr of this value; NULL: nothing.
static void check_told(const char *kind, const char *name, const char *typed, const char *wanted)
{
    struct capture capture;
    char told[512];

    capture_begin(&capture, stderr);
    json_t *fields = json_object();
    const struct kind *table = kind_find((struct span){(const uint8_t *)kind, strlen(kind)});
    (void)field_put(field_named(table, name, strlen(name)), typed, false, fields);
    json_decref(fields);
    capture_end(&capture, told, sizeof told);
    if (wanted == NULL) {
        assert_string_equal(told, "");
    } else if (strstr(told, wanted) == NULL) {
        fail_msg("%s %s: %s", name, typed, told);
    }
}

static void test_what_time_is_meant_is_asked(void **state)
{
    (void)state;
    check_told("request", "deadline", "+2h", NULL);
    check_told("request", "deadline", "-2h", "has passed already");
    check_told("report", "ack_by", "2026-03-01T14:30:00+01:00", "has passed already");
    check_told("measure", "from", "-2h", NULL);
    check_told("request", "deadline", "tomorrow",
               "\"deadline\": 'tomorrow' must be like 18:00 today");
}

static void check_doubts(const char *kind, const char *typed, const char *wanted)
{
    struct capture capture;
    char told[512];
    json_t *fields = json_loads(typed, 0, NULL);

    assert_non_null(fields);
    capture_begin(&capture, stderr);
    fields_doubt(kind_find((struct span){(const uint8_t *)kind, strlen(kind)}), fields);
    capture_end(&capture, told, sizeof told);
    json_decref(fields);
    if (*wanted == '\0' ? *told != '\0' : strstr(told, wanted) == NULL) {
        fail_msg("%s: %s", typed, told);
    }
}

static void test_slips_of_names_are_told(void **state)
{
    (void)state;
    check_doubts("report",
                 "{\"number\":1,\"where\":\"Liège\",\"casualties\":[{\"basis\":\"to-date\","
                 "\"population\":{\"dead\":1}}]}",
                 "");
    check_doubts("report", "{\"casualties\":[{\"basis\":\"to-date\",\"population\":{\"ded\":1}}]}",
                 "\"ded\" is no field of population");
    check_doubts("report", "{\"casualtys\":[]}", "\"casualtys\" is no field of report");
    check_doubts("report", "{\"casualtys\":null}", "");
    check_doubts("measure", "{\"number\":1}", "\"number\" is no field of measure");
}

int main(void)
{
    (void)setenv("SITREP_HOME", "/tmp", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_has_its_verbs),
        cmocka_unit_test(test_each_step_has_its_verb),
        cmocka_unit_test(test_each_verb_fits_its_kind),
        cmocka_unit_test(test_each_example_is_one),
        cmocka_unit_test(test_options_are_told_apart),
        cmocka_unit_test(test_values_become_json),
        cmocka_unit_test(test_what_time_is_meant_is_asked),
        cmocka_unit_test(test_slips_of_names_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
