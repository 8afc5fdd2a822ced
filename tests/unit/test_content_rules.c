// SPDX-License-Identifier: EUPL-1.2
// What is said of bodies beside the types of their fields: unknown fields and kinds, states, what
// changes an item; and what people are told is wrong.
#include "unit/body_text.h"

#define CHANGE "'item':'@1/0/1','supersedes':['@1/0/2']"

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

struct rule_case {
    const char *name;
    const char *body;
    enum fault fault; // FAULT_NONE: it is sound
    const char *field, *part;
};

static const struct rule_case cases[] = {
    {"unknown field", "{'kind':'journal','text':'a','a':[1,{'b':null}],'zzzzzz':'c'}", FAULT_NONE,
     NULL, NULL},
    {"field of another kind", "{'kind':'journal','text':'a','quantity':'none'}", FAULT_NONE, NULL,
     NULL},
    {"unknown part", "{'kind':'journal','text':'a','by':{'name':'Ann','rank':[9]}}", FAULT_NONE,
     NULL, NULL},
    {"unknown part of a part",
     "{'kind':'report','casualties':[{'basis':'period','population':{'dead':1,'lost':'?'}}]}",
     FAULT_NONE, NULL, NULL},
    {"part of a part",
     "{'kind':'report','casualties':[{'basis':'period','population':{'dead':-1}}]}", FAULT_VALUE,
     "casualties", "dead"},
    {"part of the second item",
     "{'kind':'report','sections':[{'title':'a','text':'b'},{'title':'a','text':5}]}", FAULT_VALUE,
     "sections", "text"},
    {"part missing in the second item",
     "{'kind':'report','sections':[{'title':'a','text':'b'},{'text':'b'}]}", FAULT_MISSING,
     "sections", "title"},
    {"set in a part",
     "{'kind':'report','sections':[{'title':'a','text':'b','cites':['@2/0/1',"
     "'@1/0/1']}]}",
     FAULT_VALUE, "sections", "cites"},
    {"references that differ in their tag alone",
     "{'kind':'journal','text':'a','cites':[[1,0,1,'0x0000000000000000'],"
     "[1,0,1,'0x0000000000000001']]}",
     FAULT_NONE, NULL, NULL},
    {"references whose tags descend",
     "{'kind':'journal','text':'a','cites':[[1,0,1,'0x8000000000000000'],"
     "[1,0,1,'0x7fffffffffffffff']]}",
     FAULT_VALUE, "cites", NULL},
    {"references by author before epoch",
     "{'kind':'journal','text':'a','cites':['@1/9/9','@2/3/9','@2/4/1','@2/4/256']}", FAULT_NONE,
     NULL, NULL},
    {"centres across one byte and two", "{'kind':'task','text':'a','to':[2,23,24,255,256,511]}",
     FAULT_NONE, NULL, NULL},
    {"first state by its name", "{'kind':'task','state':'open','text':'a'}", FAULT_NONE, NULL,
     NULL},
    {"state of another kind", "{'kind':'task','state':'closed','text':'a'}", FAULT_STATE, "state",
     NULL},
    {"state that begins as one", "{'kind':'task','state':'opened','text':'a'}", FAULT_STATE,
     "state", NULL},
    {"state that one begins with", "{'kind':'task','state':'ope','text':'a'}", FAULT_STATE, "state",
     NULL},
    {"state that is no code", "{'kind':'task','state':'in force','text':'a'}", FAULT_VALUE, "state",
     NULL},
    {"state of a kind with versions and none", "{'kind':'lesson','state':'open','text':'a'}",
     FAULT_STATE, "state", NULL},
    {"state of a kind without versions", "{'kind':'journal','state':'open','text':'a'}",
     FAULT_STATE, "state", NULL},
    {"begun in another state", "{'kind':'task','state':'taken','text':'a'}", FAULT_NONE, NULL,
     NULL},
    {"begun in a state that is none to begin in", "{'kind':'task','state':'done','text':'a'}",
     FAULT_BEGIN, "state", NULL},
    {"changed to that state", "{'kind':'task','state':'done','text':'a'," CHANGE "}", FAULT_NONE,
     NULL, NULL},
    {"changed, without a state", "{'kind':'task','text':'a'," CHANGE "}", FAULT_NONE, NULL, NULL},
    {"item without supersedes", "{'kind':'task','text':'a','item':'@1/0/1'}", FAULT_SUPERSEDES,
     "supersedes", NULL},
    {"supersedes without item", "{'kind':'task','text':'a','supersedes':['@1/0/1']}",
     FAULT_SUPERSEDES, "supersedes", NULL},
    {"the version that began it superseded",
     "{'kind':'task','text':'a','item':'@1/0/1','supersedes':['@1/0/1']}", FAULT_NONE, NULL, NULL},
    {"editors of a new item", "{'kind':'task','text':'a','editors':[1,4]}", FAULT_NONE, NULL, NULL},
    {"item of what stands alone", "{'kind':'journal','text':'a'," CHANGE "}", FAULT_UNCHANGING,
     "item", NULL},
    {"supersedes of what stands alone", "{'kind':'journal','text':'a','supersedes':['@1/0/1']}",
     FAULT_UNCHANGING, "supersedes", NULL},
    {"editors of what stands alone", "{'kind':'journal','text':'a','editors':[1]}",
     FAULT_UNCHANGING, "editors", NULL},
    {"item of the latest", "{'kind':'resource','type':'a','as_of':1," CHANGE "}", FAULT_UNCHANGING,
     "item", NULL},
    {"supersedes of the latest", "{'kind':'resource','type':'a','as_of':1,'supersedes':['@1/0/1']}",
     FAULT_UNCHANGING, "supersedes", NULL},
    {"editors of the latest", "{'kind':'resource','type':'a','as_of':1,'editors':[1]}",
     FAULT_UNCHANGING, "editors", NULL},
    {"open without a reason", "{'kind':'advice','text':'a'," CHANGE "}", FAULT_NONE, NULL, NULL},
    {"followed without a reason", "{'kind':'advice','text':'a','state':'followed'," CHANGE "}",
     FAULT_MISSING, "reason", NULL},
    {"rejected without a reason", "{'kind':'advice','text':'a','state':'rejected'," CHANGE "}",
     FAULT_MISSING, "reason", NULL},
    {"rejected with a reason",
     "{'kind':'advice','text':'a','state':'rejected','reason':'b'," CHANGE "}", FAULT_NONE, NULL,
     NULL},
    {"merged into nothing", "{'kind':'incident','name':'a','state':'merged'," CHANGE "}",
     FAULT_MISSING, "merged_into", NULL},
    {"merged into another",
     "{'kind':'incident','name':'a','state':'merged','merged_into':'@2/0/1'," CHANGE "}",
     FAULT_NONE, NULL, NULL},
    {"merged into another, and open",
     "{'kind':'incident','name':'a','merged_into':'@2/0/1'," CHANGE "}", FAULT_NONE, NULL, NULL},
};

static bool is_named(const struct field *field, const char *name)
{
    return field == NULL ? name == NULL : name != NULL && strcmp(field->name, name) == 0;
}

static void check_case(const struct rule_case *from)
{
    const enum err err = from->fault == FAULT_NONE ? ERR_OK : ERR_MALFORMED;
    struct body_reading reading;

    body_read_text(&reading, from->body);
    if (reading.err != err || reading.why.fault != from->fault ||
        !is_named(reading.why.field, from->field) || !is_named(reading.why.part, from->part)) {
        fail_msg("%s: %s, fault %d", from->name, err_text(reading.err), reading.why.fault);
    }
    free(reading.bytes);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_case(&cases[i]);
    }
}

static void test_unknown_kinds(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{'kind':'forecast','text':5,'item':null}",
        "{'kind':'reports'}",
        "{'kind':'repor'}",
        "{'kind':'group','state':'none','item':7}",
        "{'kind':'release'}",
        "{'kind':'roster-proposal'}",
        "{'kind':'exercise-end'}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct body_reading reading;
        body_read_text(&reading, bodies[i]);
        assert_int_equal(reading.err, ERR_NOT_FOUND);
        assert_int_equal(reading.why.fault, FAULT_NONE);
        free(reading.bytes);
    }
}

// {"kind": "journal", "text": "a", "where": {"geometry": {"coordinates": [0, 0], "type": "Point"}}}
static const char geometry_turned[] = "a3646b696e64676a6f75726e616c6474657874616165776865726"
                                      "5a16867656f6d65747279a26b636f6f7264696e61746573820000"
                                      "647479706565506f696e74";

// What body_check refuses has no fault of its own.
static void test_no_bodies(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "", "a0", "80", "a1646b696e6401", "a1646b696e64654a6f75726e", geometry_turned,
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct body_reading reading;
        uint8_t bytes[128];
        size_t len;
        char text[64];
        assert_int_equal(
            sodium_hex2bin(bytes, sizeof bytes, bodies[i], strlen(bodies[i]), " ", &len, NULL), 0);
        body_read(&reading, bytes, len);
        assert_int_equal(reading.err, ERR_MALFORMED);
        assert_int_equal(reading.why.fault, FAULT_NONE);
        assert_null(reading.why.field);
        content_fault_text(&reading.why, text, sizeof text);
        assert_string_equal(text, "not a body that this node can read");
    }
}

static void test_states(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint8_t state;
    } read[] = {
        {"{'kind':'offer','request':'@1/0/1','quantity':1}", 0},
        {"{'kind':'offer','request':'@1/0/1','quantity':1,'state':'offered'}", 0},
        {"{'kind':'offer','request':'@1/0/1','quantity':1,'state':'en-route'," CHANGE "}", 4},
        {"{'kind':'offer','request':'@1/0/1','quantity':1,'state':'withdrawn'," CHANGE "}", 7},
        {"{'kind':'lesson','text':'a'}", STATE_NONE},
        {"{'kind':'journal','text':'a'}", STATE_NONE},
    };
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        struct body_reading reading;
        body_read_text(&reading, read[i].body);
        assert_int_equal(reading.err, ERR_OK);
        assert_int_equal(reading.content.state, read[i].state);
        free(reading.bytes);
    }
}

static void test_get(void **state)
{
    (void)state;
    struct body_reading reading;

    body_read_text(&reading, "{'kind':'line','messages':{'nl':'Blijf binnen.'},'embargo':7,"
                             "'unknown':1,'handling':'GREEN'}");
    assert_int_equal(reading.err, ERR_OK);
    const struct span embargo = content_get(&reading.content, "embargo");
    assert_int_equal(embargo.len, 1);
    assert_memory_equal(embargo.bytes, "\x07", 1);
    const struct span handling = content_get(&reading.content, "handling");
    assert_int_equal(handling.len, 6);
    assert_memory_equal(handling.bytes, "eGREEN", 6);
    const struct span kind = content_get(&reading.content, "kind");
    assert_int_equal(kind.len, 5);
    assert_memory_equal(kind.bytes, "dline", 5);
    assert_true(kind.bytes > reading.bytes);
    assert_null(content_get(&reading.content, "spokesperson").bytes);
    assert_int_equal(content_get(&reading.content, "spokesperson").len, 0);
    free(reading.bytes);
}

// -- what people are told --

static const struct {
    const char *body, *text;
} told[] = {
    {"{'kind':'request','capability':'pumps'}", "\"quantity\" is needed"},
    {"{'kind':'request','capability':'pumps','quantity':0}",
     "\"quantity\" must be a whole number from 1 to 1000000000"},
    {"{'kind':'journal'}", "\"text\" is needed"},
    {"{'kind':'journal','text':''}", "\"text\" must be text of 1 to 262144 bytes"},
    {"{'kind':'journal','text':'a','handling':'PINK'}",
     "\"handling\" must be one of RED, AMBER+STRICT, AMBER, GREEN, CLEAR"},
    {"{'kind':'journal','text':'a','by':{'name':'a\\nb'}}",
     "\"by\": \"name\" must be text of 1 to 120 bytes on one line"},
    {"{'kind':'journal','text':'a','attachments':[{'name':'a','media':'b'}]}",
     "\"attachments\": \"bytes\" is needed"},
    {"{'kind':'journal','text':'a','attachments':[{'name':'a','media':'b','bytes':1}]}",
     "\"attachments\": \"bytes\" must be at most 524288 bytes"},
    {"{'kind':'journal','text':'a','attachments':[]}",
     "\"attachments\" must be 1 to 16, each made of name, media, bytes"},
    {"{'kind':'journal','text':'a','cites':[]}",
     "\"cites\" must be 1 to 64, each the name of an entry, none twice"},
    {"{'kind':'task','text':'a','to':[1,1]}",
     "\"to\" must be 1 to 64, each the code of a centre, none twice"},
    {"{'kind':'journal','text':'a','lang':'n l'}", "\"lang\" must be a language as nl or fr-BE"},
    {"{'kind':'journal','text':'a','observed':-1}",
     "\"observed\" must be a moment as 2026-11-21T16:00Z"},
    {"{'kind':'journal','text':'a','where':{'codes':['a b']}}",
     "\"where\": \"codes\" must be 1 to 64, each 1 to 64 of A-Z, a-z, 0-9 and ._:+/-"},
    {"{'kind':'journal','text':'a','where':{'geometry':{}}}",
     "\"where\": \"geometry\" must be a GeoJSON geometry of at most 4096 positions, rings closed"},
    {"{'kind':'line','messages':{}}",
     "\"messages\" must be text of 1 to 262144 bytes in each of 1 to 16 languages"},
    {"{'kind':'measurement','quantity':'dose-rate','unit':'nSv/h','value':[10,0]}",
     "\"value\" must be a decimal number of at most 15 digits"},
    {"{'kind':'task','text':'a','state':'closed'}",
     "\"state\" must be one of this kind's states: open, taken, done, dropped"},
    {"{'kind':'task','text':'a','state':'done'}",
     "\"state\" must be one in which this kind begins: open, taken"},
    {"{'kind':'journal','text':'a','editors':[1]}",
     "\"editors\" may not be here: entries of this kind are never changed"},
    {"{'kind':'task','text':'a','item':'@1/0/1'}",
     "\"supersedes\" and \"item\" go together: what is changed, and which versions of it are "
     "replaced"},
};

// With room for less, what there is room for; and never a byte beyond.
static void check_cuts(const struct content_fault *why, const char *whole)
{
    for (size_t size = 1; size <= strlen(whole) + 2; size++) {
        const size_t len = size <= strlen(whole) ? size - 1 : strlen(whole);
        char *const text = malloc(size); // a sanitizer sees a write behind it
        assert_non_null(text);
        memset(text, 'x', size);
        content_fault_text(why, text, size);
        assert_int_equal(strlen(text), len);
        assert_memory_equal(text, whole, len);
        free(text);
    }
}

static void test_fault_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct body_reading reading;
        char text[256];
        body_read_text(&reading, told[i].body);
        assert_int_equal(reading.err, ERR_MALFORMED);
        content_fault_text(&reading.why, text, sizeof text);
        assert_string_equal(text, told[i].text);
        check_cuts(&reading.why, text);
        free(reading.bytes);
    }
}

static void test_field_rule(void **state)
{
    (void)state;
    const struct field flag = {"flag", "", .type = VALUE_FLAG};
    const struct field flags = {"flags", "", .type = VALUE_FLAG, .items_max = 3};
    const struct field *const state_field = kind_field(kind_find(span_of("task")), 3);
    static const char whole[] = "1 to 64 of A-Z, a-z, 0-9 and ._:+/-";
    char text[64];

    field_rule(&flag, text, sizeof text);
    assert_string_equal(text, "true or false");
    field_rule(&flags, text, sizeof text);
    assert_string_equal(text, "1 to 3, each true or false");
    assert_string_equal(state_field->name, "state");
    field_rule(state_field, text, sizeof text);
    assert_string_equal(text, "1 to 32 of A-Z, a-z, 0-9 and ._:+/-");
    for (size_t size = 1; size < sizeof whole; size++) {
        memset(text, 'x', sizeof text);
        field_rule(kind_field(kind_find(span_of("phase")), 19), text, size);
        assert_int_equal(strlen(text), size - 1);
        assert_memory_equal(text, whole, size - 1);
        assert_int_equal(text[size], 'x');
    }
}

// No rule is longer than the room that content_fault_text has for it.
static void test_rules_fit(void **state)
{
    (void)state;
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        const struct field *field;
        for (size_t i = 0; (field = kind_field(kind, i)) != NULL; i++) {
            char text[512];
            field_rule(field, text, sizeof text);
            assert_true(strlen(text) > 0);
            assert_true(strlen(text) < 256);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),      cmocka_unit_test(test_unknown_kinds),
        cmocka_unit_test(test_no_bodies),  cmocka_unit_test(test_states),
        cmocka_unit_test(test_get),        cmocka_unit_test(test_fault_text),
        cmocka_unit_test(test_field_rule), cmocka_unit_test(test_rules_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
