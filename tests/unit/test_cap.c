// SPDX-License-Identifier: EUPL-1.2
// The CAP importer: what is taken, what is refused and where, and that nothing is fetched.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/body_json.h"
#include "sitrep/cap/cap.h"
#include "sitrep/content.h"

#define HEAD                                                                                       \
    "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">"                                       \
    "<identifier>a1</identifier><sender>s@x</sender><sent>2026-01-01T00:00:00+01:00</sent>"
#define KIND "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
#define INFO_KIND                                                                                  \
    "<category>Met</category><event>Storm</event><urgency>Past</urgency>"                          \
    "<severity>Minor</severity><certainty>Likely</certainty>"
#define INFO(more) HEAD KIND "<info>" INFO_KIND more "</info></alert>"
#define AREA(more) INFO("<area><areaDesc>here</areaDesc>" more "</area>")

static json_t *read_text(const char *text, struct cap_problem *problem)
{
    return cap_read((const uint8_t *)text, strlen(text), problem);
}

static void whole_alerts_are_taken(void **state)
{
    (void)state;
    static const char *const rows[] = {
        HEAD KIND "</alert>",
        INFO(""),
        "<?xml version=\"1.0\"?><?xml-stylesheet href=\"http://x.example/\"?><!-- c -->" INFO(""),
        AREA("<polygon>0,0 0,1 1,1 0,0</polygon>"),
        AREA("<polygon>\n -90,-180.0 +1.5,.5 1.,1 -90,-180.0 \n</polygon>"),
        AREA("<circle>50.1,4.2 0</circle><circle>50.1,4.2 12.5</circle>"),
        AREA("<altitude>10.5</altitude><ceiling>-3</ceiling>"),
        INFO("<eventCode><valueName>a</valueName><value/></eventCode>"
             "<parameter><valueName>a</valueName><value>b</value></parameter>"
             "<resource><resourceDesc>d</resourceDesc><mimeType>image/png</mimeType></resource>"),
        HEAD KIND "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><x>y</x></Signature>"
                  "</alert>",
        "<c:alert xmlns:c=\"urn:oasis:names:tc:emergency:cap:1.2\"><c:identifier>a</c:identifier>"
        "<c:sender>s</c:sender><c:sent>2026-01-01T00:00:00-05:00</c:sent><c:status>Test</c:status>"
        "<c:msgType>Ack</c:msgType><c:scope>Private</c:scope></c:alert>",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cap_problem problem;
        json_t *cap = read_text(rows[i], &problem);
        if (cap == NULL) {
            fail_msg("row %zu: %d: %s", i, problem.line, problem.why);
        }
        json_decref(cap);
    }
}

static void refusals_say_what_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
        const char *why;
    } rows[] = {
        {"", 0, "it is empty"},
        {"{\"identifier\": 1}", 1, "this is not XML"},
        {"<alert/>", 1, "this is not an alert of CAP 1.1 or 1.2"},
        {"<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.0\"/>", 1, "this is not an alert"},
        {"<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"/>", 1, "alert has no identifier"},
        {HEAD "\n<status>Actual</status>\n<scope>Public</scope></alert>", 3,
         "msgType is missing before scope"},
        {HEAD "<status>Actual</status><msgType>Alert</msgType></alert>", 1, "alert has no scope"},
        {HEAD "\n\n<msgType>Alert</msgType>" KIND "</alert>", 3,
         "status is missing before msgType"},
        {HEAD "<status>actual</status></alert>", 1,
         "status 'actual' must be one of Actual Exercise System Test Draft"},
        {HEAD "<status>Actual Test</status></alert>", 1, "status 'Actual Test' must be one of"},
        {HEAD "<status></status></alert>", 1, "status '' must be one of"},
        {HEAD KIND "<source>late</source></alert>", 1, "source must stand before scope"},
        {HEAD KIND "<note>a</note>\n<note>b</note></alert>", 2, "note stands here twice"},
        {HEAD KIND "<colour>red</colour></alert>", 1, "colour is not known here"},
        {HEAD KIND "<x xmlns=\"urn:other\"/></alert>", 1, "x is not an element of this CAP"},
        {HEAD KIND "words</alert>", 1, "text stands between the elements"},
        {HEAD KIND "<note>a<b/></note></alert>", 1, "note may hold text alone"},
        {HEAD KIND "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/><info/></alert>", 1,
         "info stands behind the signature"},
        {"<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>a b</identifier>"
         "</alert>",
         1, "identifier 'a b' must not be empty or hold blanks"},
        {"<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>a</identifier>"
         "<sender>s</sender><sent>2026-01-01T00:00:00Z</sent></alert>",
         1, "sent '2026-01-01T00:00:00Z' must be a time like"},
        {"<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>a</identifier>"
         "<sender>s</sender><sent>2026-02-30T00:00:00+01:00</sent></alert>",
         1, "sent '2026-02-30T00:00:00+01:00' must be a time like"},
        {HEAD KIND "<info><event>Storm</event></info></alert>", 1,
         "category is missing before event"},
        {HEAD KIND "<info><category>Wet</category></info></alert>", 1, "category 'Wet' must be"},
        {INFO("<urgency>Past</urgency>"), 1, "urgency must stand before certainty"},
        {INFO("<area/>"), 1, "area has no areaDesc"},
        {INFO("<resource><resourceDesc>d</resourceDesc></resource>"), 1,
         "resource has no mimeType"},
        {INFO("<parameter><value>b</value></parameter>"), 1, "valueName is missing before value"},
        {AREA("<polygon></polygon>"), 1, "polygon '' needs four points at least"},
        {AREA("<polygon>0,0 0,1 0,0</polygon>"), 1, "needs four points at least"},
        {AREA("<polygon>0,0 0,1 1,1 1,0</polygon>"), 1, "must end where it begins"},
        {AREA("<polygon>0,0 0,1 1,1 0,0 0</polygon>"), 1, "must be pairs"},
        {AREA("<polygon>0,0 0,1 91,1 0,0</polygon>"), 1, "must be pairs"},
        {AREA("<polygon>0,0 0,1 1,361 0,0</polygon>"), 1, "must be pairs"},
        {AREA("<polygon>0,0 0,1 nan,1 0,0</polygon>"), 1, "must be pairs"},
        {AREA("<polygon>0,0 0,1 1e1,1 0,0</polygon>"), 1, "must be pairs"},
        {AREA("<polygon>0,0 0,1 0x1,1 0,0</polygon>"), 1, "must be pairs"},
        {AREA("<circle>50.1,4.2</circle>"), 1, "must be latitude,longitude and a radius"},
        {AREA("<circle>50.1,4.2 -1</circle>"), 1, "needs a radius in kilometres"},
        {AREA("<altitude>high</altitude>"), 1, "altitude 'high' must be a number"},
        {"<?xml version=\"1.0\" encoding=\"UTF-7\"?>" INFO(""), 0, "the encoding UTF-7"},
        {HEAD "<status>Act", 1, "this is not XML"},
        {HEAD KIND "<note>&xxe;</note></alert>", 1, "this is not XML"},
        {INFO("") "<alert/>", 1, "this is not XML"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cap_problem problem;
        assert_null(read_text(rows[i].text, &problem));
        if (strncmp(problem.why, rows[i].why, strlen(rows[i].why)) != 0 &&
            strstr(problem.why, rows[i].why) == NULL) {
            fail_msg("row %zu: %s", i, problem.why);
        }
        if (problem.line != rows[i].line) {
            fail_msg("row %zu: line %d, %s", i, problem.line, problem.why);
        }
    }
}

static void any_dtd_is_refused(void **state)
{
    (void)state;
    static const char *const dtds[] = {
        "<!DOCTYPE alert>",
        "<!DOCTYPE alert SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE alert PUBLIC \"-//A/B/EN\" \"http://192.0.2.1/x.dtd\">",
        "<!DOCTYPE alert [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE alert [<!ENTITY % r SYSTEM \"http://192.0.2.1/\"> %r;]>",
        "<!DOCTYPE alert [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>",
    };
    for (size_t i = 0; i < sizeof dtds / sizeof *dtds; i++) {
        char text[2048];
        struct cap_problem problem;
        (void)snprintf(text, sizeof text, "<?xml version=\"1.0\"?>\n%s\n%s", dtds[i],
                       HEAD KIND "</alert>");
        assert_null(read_text(text, &problem));
        assert_string_equal(problem.why, "a DTD is not allowed");
        assert_int_equal(problem.line, 2);
    }
}

static void size_and_depth_are_bounded(void **state)
{
    (void)state;
    struct cap_problem problem;
    uint8_t *large = calloc(1, CAP_BYTES_MAX + 1);
    assert_null(cap_read(large, CAP_BYTES_MAX + 1, &problem));
    assert_string_equal(problem.why, "it is over 512 KiB");
    free(large);

    static const int depths[] = {CAP_DEPTH_MAX - 2, CAP_DEPTH_MAX - 1, 200, 20000};
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        // Inside a signature, the one place whose content is not looked at.
        char *text = calloc(1, 1024 + (size_t)depths[i] * 7);
        (void)strcat(text, HEAD KIND "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">");
        size_t len = strlen(text);
        for (int d = 0; d < depths[i]; d++, len += 3) {
            memcpy(text + len, "<d>", 3);
        }
        for (int d = 0; d < depths[i]; d++, len += 4) {
            memcpy(text + len, "</d>", 4);
        }
        memcpy(text + len, "</Signature></alert>", sizeof "</Signature></alert>");
        json_t *cap = read_text(text, &problem);
        assert_true((cap != NULL) == (i == 0));
        json_decref(cap);
        free(text);
    }
}

static json_t *read_file(const char *folder, const char *name, struct cap_problem *problem)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        fail_msg("%s cannot be read: run from the repository's root", path);
    }
    static uint8_t bytes[CAP_BYTES_MAX + 1];
    const size_t len = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    return cap_read(bytes, len, problem);
}

static void fixtures_give_their_essentials(void **state)
{
    (void)state;
    struct cap_problem problem;
    json_t *cap = read_file("tests/e2e/fixtures/cap", "nl-smoke-circle.xml", &problem);
    assert_non_null(cap);
    char *text = json_dumps(cap, JSON_COMPACT);
    assert_string_equal(
        text,
        "{\"identifier\":\"NL.2026.02.03.smoke.moerdijk.1\","
        "\"sender\":\"meldkamer@veiligheidsregio.example\",\"sent\":\"2026-02-03T14:25:00+01:00\","
        "\"status\":\"Actual\",\"msgType\":\"Update\",\"scope\":\"Public\",\"references\":"
        "\"meldkamer@veiligheidsregio.example,NL.2026.02.03.smoke.moerdijk.0,"
        "2026-02-03T13:58:00+01:00\",\"info\":[{\"language\":\"nl\",\"event\":"
        "\"Grote brand met veel rook\",\"urgency\":\"Immediate\",\"severity\":\"Severe\","
        "\"certainty\":\"Observed\",\"headline\":"
        "\"Ga naar binnen, sluit ramen en deuren, zet ventilatie uit\","
        "\"expires\":\"2026-02-03T18:25:00+01:00\",\"category\":[\"Fire\",\"CBRNE\"],"
        "\"areas\":[\"Moerdijk en omgeving\"]},{\"language\":\"en\",\"event\":"
        "\"Large fire with heavy smoke\",\"urgency\":\"Immediate\",\"severity\":\"Severe\","
        "\"certainty\":\"Observed\",\"headline\":"
        "\"Go inside, close windows and doors, switch off ventilation\","
        "\"expires\":\"2026-02-03T18:25:00+01:00\",\"category\":[\"Fire\",\"CBRNE\"],"
        "\"areas\":[\"Moerdijk and surroundings\"]}]}");
    free(text);
    assert_string_equal(cap_precedence(cap), "immediate");
    json_decref(cap);
}

// What is published of an alert is one that the picture understands.
static void check_is_sound(const char *name, json_t *cap)
{
    static uint8_t bytes[CONTENT_MAX];
    char why[WHY_SIZE];
    json_t *kind = json_string("alert");
    json_t *fields = json_pack("{s:O}", "cap", cap);
    const struct body_parts parts = {.kind = kind, .fields = fields};
    struct cbor_writer out;
    struct content content;
    struct content_fault fault;

    cbor_write(&out, bytes, sizeof bytes);
    assert_int_equal(body_from_json(&parts, &out, why), ERR_OK);
    if (content_read((struct span){bytes, cbor_written(&out)}, &content, &fault) != ERR_OK) {
        content_fault_text(&fault, why, sizeof why);
        fail_msg("%s: %s", name, why);
    }
    json_decref(fields);
    json_decref(kind);
}

static void precedence_follows_urgency_and_severity(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *precedence;
        const char *headline;
    } rows[] = {
        {"be-flood-four-languages.xml", "flash",
         "Maas treedt buiten haar oevers tussen Hoei en Luik"},
        {"nl-smoke-circle.xml", "immediate",
         "Ga naar binnen, sluit ramen en deuren, zet ventilatie uit"},
        {"lu-storm-exercise.xml", "routine", "EXERCICE : rafales de 140 km/h sur le nord du pays"},
        {"de-all-clear-latin1.xml", "routine", "Entwarnung f\xc3\xbcr den Kreis D\xc3\xbcren"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cap_problem problem;
        json_t *cap = read_file("tests/e2e/fixtures/cap", rows[i].name, &problem);
        if (cap == NULL) {
            fail_msg("%s:%d: %s", rows[i].name, problem.line, problem.why);
        }
        const json_t *info = json_array_get(json_object_get(cap, "info"), 0);
        check_is_sound(rows[i].name, cap);
        assert_string_equal(cap_precedence(cap), rows[i].precedence);
        assert_string_equal(json_string_value(json_object_get(info, "headline")), rows[i].headline);
        json_decref(cap);
    }
    static const struct {
        const char *status, *urgency, *severity, *precedence;
    } table[] = {
        {"Actual", "Immediate", "Extreme", "flash"},
        {"Actual", "Immediate", "Severe", "immediate"},
        {"Actual", "Immediate", "Minor", "priority"},
        {"Actual", "Expected", "Severe", "priority"},
        {"Actual", "Expected", "Extreme", "routine"},
        {"Test", "Immediate", "Extreme", "routine"},
        {"Draft", "Immediate", "Severe", "routine"},
        {"Exercise", "Immediate", "Minor", "routine"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        json_t *cap = json_pack("{s:s, s:[{s:s, s:s}]}", "status", table[i].status, "info",
                                "urgency", table[i].urgency, "severity", table[i].severity);
        assert_string_equal(cap_precedence(cap), table[i].precedence);
        json_decref(cap);
    }
}

// Samples from outside this repository, where they are at hand.
static void shared_samples_are_told_apart(void **state)
{
    (void)state;
    char folder[512];
    const char *shared = getenv("SITREP_SHARED");
    (void)snprintf(folder, sizeof folder, "%s/cap", shared != NULL ? shared : "../shared/samples");
    DIR *samples = opendir(folder);
    if (samples == NULL) {
        return;
    }
    size_t taken = 0;
    size_t refused = 0;
    for (const struct dirent *entry = readdir(samples); entry != NULL; entry = readdir(samples)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        struct cap_problem problem;
        json_t *cap = read_file(folder, entry->d_name, &problem);
        const bool is_bad =
            strncmp(entry->d_name, "NEGATIVE", 8) == 0 || strstr(entry->d_name, ".json") != NULL;
        if (is_bad != (cap == NULL)) {
            fail_msg("%s:%d: %s", entry->d_name, problem.line, problem.why);
        }
        if (cap != NULL) {
            check_is_sound(entry->d_name, cap);
        }
        taken += cap != NULL;
        refused += cap == NULL;
        json_decref(cap);
    }
    (void)closedir(samples);
    assert_true(taken > 0);
    assert_true(refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_alerts_are_taken),
        cmocka_unit_test(refusals_say_what_and_where),
        cmocka_unit_test(any_dtd_is_refused),
        cmocka_unit_test(size_and_depth_are_bounded),
        cmocka_unit_test(fixtures_give_their_essentials),
        cmocka_unit_test(precedence_follows_urgency_and_severity),
        cmocka_unit_test(shared_samples_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
