// SPDX-License-Identifier: EUPL-1.2
// Reports as text to edit, and back: nothing is lost on the way, and what is wrong is told by its
// line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sitrep/reports/draft_text.h"
#include "sitrep/reports/template.h"

static json_t *json_of(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, 0, &error);

    if (json == NULL) {
        fail_msg("%s: %s", error.text, text);
    }
    return json;
}

// The caller frees it.
static char *written(const json_t *report, size_t *len)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, len);

    assert_non_null(file);
    draft_write(file, report);
    assert_int_equal(fclose(file), 0);
    return text;
}

// Written and read, `report` is `wanted`, or itself when that is NULL.
static void check_kept(const char *report, const char *wanted)
{
    json_t *json = json_of(report);
    json_t *expected = json_of(wanted != NULL ? wanted : report);
    struct draft_fault fault;
    size_t len;
    char *text = written(json, &len);

    json_t *back = draft_read(text, len, &fault);
    if (back == NULL) {
        fail_msg("line %zu: %s in:\n%s", fault.line, fault.why, text);
    }
    if (!json_equal(back, expected)) {
        char *got = json_dumps(back, JSON_COMPACT | JSON_SORT_KEYS);
        fail_msg("%s, from:\n%s", got, text);
    }
    json_decref(back);
    json_decref(expected);
    json_decref(json);
    free(text);
}

static void test_nothing_is_lost(void **state)
{
    (void)state;
    check_kept("{\"kind\":\"report\",\"fields\":{\"type\":\"situation\",\"lang\":\"nl\"}}", NULL);
    check_kept(
        "{\"kind\":\"report\",\"precedence\":\"flash\",\"group\":\"cbrn\",\"text\":\"a\\n\\n= b"
        "\\n# c\\n\\\\d\\n - e\",\"fields\":{\"type\":\"observation\",\"lang\":\"en\"}}",
        NULL);
    check_kept("{\"kind\":\"report\",\"text\":\"where: here\",\"fields\":{\"type\":\"summary\"}}",
               NULL);
    check_kept(
        "{\"kind\":\"report\",\"fields\":{\"type\":\"summary\",\"number\":4,\"sections\":["
        "{\"title\":\"A: b\",\"text\":\"cites: not\\nx\"},{\"title\":\"C\",\"text\":\"y\","
        "\"cites\":[\"be-nccn/1\",\"nl-kcr2/7\"]}],\"outlook\":[{\"hours\":12,\"text\":"
        "\"= dry\"}],\"new\":{\"a\":[1.5]},\"where\":{\"name\":\"Eijsden\"}}}",
        "{\"kind\":\"report\",\"fields\":{\"type\":\"summary\",\"number\":\"4\",\"sections\":["
        "{\"title\":\"A: b\",\"text\":\"cites: not\\nx\"},{\"title\":\"C\",\"text\":\"y\","
        "\"cites\":\"be-nccn/1, nl-kcr2/7\"}],\"outlook\":[{\"hours\":12,\"text\":"
        "\"= dry\"}],\"new\":{\"a\":[1.5]},\"where\":\"Eijsden\"}}");
    check_kept(
        "{\"kind\":\"report\",\"fields\":{\"type\":\"casualties\",\"casualties\":[{\"basis\":"
        "\"to-date\",\"population\":{\"dead\":2,\"injured\":14},\"responders\":{\"injured\":1}"
        "},{\"basis\":\"period\",\"population\":{\"dead\":1}}],\"means\":[{\"type\":\"pump\","
        "\"deployed\":3,\"needed\":0},{\"type\":\"boat\"}],\"where\":{\"name\":\"x\",\"codes\":"
        "[\"NL\"]}}}",
        NULL);
}

// Empty sections and comments are not sent.
static void test_a_template_says_nothing_by_itself(void **state)
{
    static const char *const types[] = {"observation", "situation", "resources", "casualties",
                                        "summary"};
    static const char *const languages[] = {"nl", "fr", "de", "en"};
    (void)state;

    for (size_t i = 0; i < 5; i++) {
        for (size_t at = 0; at < 4; at++) {
            char report[128];
            (void)snprintf(report, sizeof report,
                           "{\"kind\":\"report\",\"fields\":{\"type\":\"%s\",\"lang\":\"%s\"}}",
                           types[i], languages[at]);
            check_kept(report, NULL);
            json_t *json = json_of(report);
            size_t len;
            char *text = written(json, &len);
            assert_non_null(strstr(text, template_headings(types[i], languages[at])[0]));
            free(text);
            json_decref(json);
        }
    }
    assert_null(template_headings("weather", "en"));
    assert_string_equal(template_language("nl_BE.UTF-8"), "nl");
    assert_string_equal(template_language("fr"), "fr");
    assert_string_equal(template_language("de-AT"), "de");
    assert_string_equal(template_language("nld"), "en");
    assert_string_equal(template_language("C"), "en");
    assert_string_equal(template_language(NULL), "en");
}

static void test_what_is_wrong_is_told_by_its_line(void **state)
{
    static const struct {
        const char *text;
        size_t line;
        const char *why;
    } rows[] = {
        {"type: situation\nnonsense\n", 2, "must be NAME: VALUE"},
        {"# x\ntype: situation\n\n# y\nperiod-from: 14:00\n", 5, "behind an empty line"},
        {"typo: x\n", 1, "no field \"typo\""},
        {"item: be-nccn/1\n", 1, "no field \"item\""},
        {"state: sent\n", 1, "no field \"state\""},
        {"text: x\n", 1, "no field \"text\""},
        {"number: 1\nnumber: 2\n", 2, "given twice"},
        {"group: a\ngroup: b\n", 2, "given twice"},
        {"sections: x\n", 1, "has parts"},
        {"sections:=[\n", 1, "not JSON"},
        {"casualties: dead 1\n", 1, "has parts"},
        {"casualties to-date: dead 1\n", 1, "must be NAME: VALUE"},
        {"casualties to-date others: dead 1\n", 1, "not of \"others\""},
        {"casualties to-date population: dead many\n", 1, "followed by a number"},
        {"casualties to-date population: lost 1\n", 1, "\"lost\" is not counted"},
        {"casualties to-date population: dead 1, dead 2\n", 1, "given twice"},
        {"casualties to-date population: dead 1\ncasualties to-date population: dead 2\n", 2,
         "given twice"},
        {"means pump: type 1\n", 1, "not counted"},
        {"kind of: x\n", 1, "must be NAME: VALUE"},
        {" : x\n", 1, "no field"},
        {"type: summary\n= \n", 2, "needs a title"},
        {"= +x h\n", 1, "hours ahead"},
        {"= +0 h\n", 1, "hours ahead"},
        {"= A\ntext\n= \xff\nx\n", 3, "not UTF-8"},
        {"= A\n\xff\n", 3, "not UTF-8"},
        {"purpose: \xff\n", 1, "not UTF-8"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct draft_fault fault;
        json_t *report = draft_read(rows[i].text, strlen(rows[i].text), &fault);
        if (report != NULL || fault.line != rows[i].line ||
            strstr(fault.why, rows[i].why) == NULL) {
            fail_msg("%s: line %zu: %s", rows[i].text, fault.line, fault.why);
        }
    }
    struct draft_fault fault;
    assert_null(draft_read("type: x\0y", 9, &fault));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_lost),
        cmocka_unit_test(test_a_template_says_nothing_by_itself),
        cmocka_unit_test(test_what_is_wrong_is_told_by_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
