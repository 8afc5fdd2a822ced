// SPDX-License-Identifier: EUPL-1.2
// Values as people write them, to bodies and back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "content_names.h"
#include "json/body_json.h"
#include "sitrep/seal.h"

enum { BODY_SIZE = 8192 };

// The body of {"kind", "text"?, "fields"?}, with ' for ".
static enum err make(const char *typed, uint8_t body[static BODY_SIZE], size_t *len,
                     char why[static WHY_SIZE])
{
    const struct content_names names = names_fake();
    char *text = strdup(typed);
    json_error_t error;
    struct cbor_writer out;

    assert_non_null(text);
    for (char *at = text; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    json_t *json = json_loads(text, 0, &error);
    if (json == NULL) {
        fail_msg("%s: %s", typed, error.text);
    }
    const char *kind_name = json_string_value(json_object_get(json, "kind"));
    const struct kind *kind =
        kind_find((struct span){(const uint8_t *)kind_name, strlen(kind_name)});
    const struct body_parts parts = {json_object_get(json, "kind"), json_object_get(json, "text"),
                                     json_object_get(json, "fields")};
    why[0] = '\0';
    cbor_write(&out, body, BODY_SIZE);
    enum err err = content_lower(kind, parts.fields, &names, why);
    if (err == ERR_OK) {
        err = body_from_json(&parts, &out, why);
    }
    if (err == ERR_OK) {
        *len = cbor_written(&out);
        err = content_may_be_published((struct span){body, *len}, why);
    }
    json_decref(json);
    free(text);
    return err;
}

static void show(const uint8_t *body, size_t len, char *out, size_t size)
{
    const struct content_names names = names_fake();
    struct text text = {0};

    text_open(&text, '{');
    body_to_json((struct span){body, len}, &names, &text);
    text_close(&text, '}');
    assert_true(!text.has_failed && text.len < size);
    memcpy(out, text.bytes, text.len);
    out[text.len] = '\0';
    for (char *at = out; *at != '\0'; at++) {
        *at = *at == '"' ? '\'' : *at;
    }
    text_fini(&text);
}

// What was typed comes back as `shown`, and that again as it is.
static void check(const char *typed, const char *shown)
{
    static uint8_t body[BODY_SIZE];
    static uint8_t again[BODY_SIZE];
    char why[WHY_SIZE];
    char out[BODY_SIZE];
    size_t len = 0;
    size_t again_len = 0;

    if (make(typed, body, &len, why) != ERR_OK) {
        fail_msg("%s: %s", typed, why);
    }
    show(body, len, out, sizeof out);
    assert_string_equal(out, shown);
    assert_int_equal(make(out, again, &again_len, why), ERR_OK);
    assert_int_equal(len, again_len);
    assert_memory_equal(body, again, len);
}

static void refuse(const char *typed, const char *wanted)
{
    static uint8_t body[BODY_SIZE];
    char why[WHY_SIZE];
    size_t len = 0;

    assert_int_equal(make(typed, body, &len, why), ERR_MALFORMED);
    assert_string_equal(why, wanted);
}

static void test_entries_and_centres_go_by_name(void **state)
{
    (void)state;
    check("{'kind':'incident','fields':{'name':'Flood','lead':'nl-kcr2','incident':'be-nccn/12'}}",
          "{'kind':'incident','fields':{'lead':'nl-kcr2','name':'Flood','incident':'be-nccn/12'}}");
    // Sets in any order.
    check("{'kind':'task','text':'go','fields':{'to':['lu-hcpn','be-nccn'],"
          "'cites':['lu-hcpn/2','be-nccn.1/3','be-nccn/40','be-nccn/5']}}",
          "{'kind':'task','text':'go','fields':{'to':['be-nccn','lu-hcpn'],"
          "'cites':['be-nccn/5','be-nccn/40','be-nccn.1/3','lu-hcpn/2']}}");
    check("{'kind':'report','fields':{'sections':[{'title':'a','text':'b','cites':['be-nccn/1'],"
          "'more':{'x':[1]}}]}}",
          "{'kind':'report','fields':{'sections':[{'more':{'x':[1]},'text':'b',"
          "'cites':['be-nccn/1'],'title':'a'}]}}");
    refuse("{'kind':'task','text':'go','fields':{'to':['be-nccn','fr-cogic']}}",
           "\"to\": there is no centre 'fr-cogic' in the roster; there are: be-nccn, nl-kcr2, "
           "lu-hcpn");
    refuse("{'kind':'task','text':'go','fields':{'incident':'fr-cogic/1'}}",
           "\"incident\": there is no entry fr-cogic/1 here");
    refuse("{'kind':'task','text':'go','fields':{'to':['be-nccn','be-nccn']}}",
           "\"to\" must be 1 to 64, each the code of a centre, none twice");
}

// As a command line has them, where all is text.
static void test_text_alone(void **state)
{
    (void)state;
    check("{'kind':'task','text':'go','fields':{'to':'lu-hcpn,be-nccn','cites':'lu-hcpn/2, "
          "be-nccn/1',"
          "'by':'desk 2','where':'Eijsden, at the lock'}}",
          "{'kind':'task','text':'go','fields':{'by':{'name':'desk 2'},'to':['be-nccn','lu-hcpn'],"
          "'cites':['be-nccn/1','lu-hcpn/2'],'where':{'name':'Eijsden, at the lock'}}}");
    check("{'kind':'request','fields':{'capability':'pump','quantity':'4'}}",
          "{'kind':'request','fields':{'quantity':4,'capability':'pump'}}");
    check("{'kind':'contact','fields':{'function':'duty officer','phone':'+32 2 555, ext. 1'}}",
          "{'kind':'contact','fields':{'phone':['+32 2 555, ext. 1'],'function':'duty officer'}}");
    refuse("{'kind':'request','fields':{'capability':'pump','quantity':'four'}}",
           "\"quantity\" must be a whole number from 1 to 1000000000");
    refuse("{'kind':'task','text':'go','fields':{'to':''}}",
           "\"to\": a centre's code is empty; is there a comma too many?");
    refuse("{'kind':'task','text':'go','fields':{'to':'be-nccn,'}}",
           "\"to\": a centre's code is empty; is there a comma too many?");
}

// As arrays they stand for an entry or a node of a roster to come.
static void test_references_as_they_are(void **state)
{
    (void)state;
    check("{'kind':'journal','text':'x','fields':{'incident':[9,0,4,{'$bytes':'AQIDBAUGBwg='}]}}",
          "{'kind':'journal','text':'x','fields':{'incident':[9,0,4,{'$bytes':'AQIDBAUGBwg='}]}}");
    refuse("{'kind':'journal','text':'x','fields':{'incident':[9,0,0,{'$bytes':'AQIDBAUGBwg='}]}}",
           "\"incident\" must be the name of the incident");
}

static void test_moments(void **state)
{
    (void)state;
    check("{'kind':'comtest','fields':{'deadline':'2026-11-21T16:00:00+01:00'}}",
          "{'kind':'comtest','fields':{'deadline':'2026-11-21T15:00:00.000Z'}}");
    check("{'kind':'comtest','fields':{'deadline':1795273200000}}",
          "{'kind':'comtest','fields':{'deadline':'2026-11-21T15:00:00.000Z'}}");
    check("{'kind':'comtest','fields':{'deadline':9007199254740992}}",
          "{'kind':'comtest','fields':{'deadline':9007199254740992}}");
    refuse("{'kind':'comtest','fields':{'deadline':'tomorrow'}}",
           "\"deadline\" must be a moment as 2026-11-21T16:00Z");
}

static void test_numbers_with_a_fraction(void **state)
{
    (void)state;
    static const char *const typed[] = {"0.21", "'0.210'", "[21,-2]", "21e-2"};

    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{'kind':'measurement','fields':{'quantity':'dose-rate','unit':'uSv/h',"
                 "'value':%s}}",
                 typed[i]);
        check(text, "{'kind':'measurement','fields':{'unit':'uSv/h','value':0.21,"
                    "'quantity':'dose-rate'}}");
    }
    check("{'kind':'measurement','fields':{'quantity':'q','unit':'1','value':'9007199254740992'}}",
          "{'kind':'measurement','fields':{'unit':'1','value':'9007199254740992',"
          "'quantity':'q'}}");
    refuse("{'kind':'measurement','fields':{'quantity':'q','unit':'1','value':'high'}}",
           "\"value\" must be a decimal number of at most 15 digits");
    refuse("{'kind':'measurement','fields':{'quantity':'q','unit':'1','value':1e30}}",
           "\"value\": numbers with a fraction or an exponent are not kept exactly; write "
           "[mantissa, exponent] or text");
}

static void test_places_are_in_degrees(void **state)
{
    (void)state;
    check("{'kind':'journal','text':'x','fields':{'where':{'name':'Eijsden','geometry':"
          "{'type':'Point','coordinates':[5.6949,50.7766]}}}}",
          "{'kind':'journal','text':'x','fields':{'where':{'name':'Eijsden','geometry':"
          "{'type':'Point','coordinates':[5.6949,50.7766]}}}}");
    check("{'kind':'journal','text':'x','fields':{'where':{'geometry':{'coordinates':"
          "[[[0,0],[1,0],[1,-1.5],[0,0]]],'type':'Polygon'}}}}",
          "{'kind':'journal','text':'x','fields':{'where':{'geometry':{'type':'Polygon',"
          "'coordinates':[[[0,0],[1,0],[1,-1.5],[0,0]]]}}}}");
    refuse("{'kind':'journal','text':'x','fields':{'where':{'geometry':{'type':'Point',"
           "'coordinates':[5.7,95]}}}}",
           "\"where\": \"geometry\" must be a GeoJSON geometry of at most 4096 positions, rings "
           "closed");
}

static void test_what_is_not_sound_is_refused_in_words(void **state)
{
    (void)state;
    refuse("{'kind':'request','fields':{'capability':'pump'}}", "\"quantity\" is needed");
    refuse("{'kind':'request','fields':{'capability':'pump','quantity':0}}",
           "\"quantity\" must be a whole number from 1 to 1000000000");
    refuse("{'kind':'advice','text':'stay inside','fields':{'state':'followed',"
           "'item':'be-nccn/1','supersedes':['be-nccn/1']}}",
           "\"reason\" is needed: why it was followed or rejected");
    refuse("{'kind':'measure','fields':{'type':'iodine','state':'lifted'}}",
           "\"state\" must be one in which this kind begins: planned, in-force");
    refuse("{'kind':'report','fields':{'casualties':[{'population':{'dead':1}}]}}",
           "\"casualties\": \"basis\" is needed: this period or to date");
}

// Names that JSON could not take back come as bytes, whole.
static void test_names_that_json_cannot_say(void **state)
{
    (void)state;
    uint8_t body[256];
    char out[1024];
    struct cbor_writer writer;

    cbor_write(&writer, body, sizeof body);
    cbor_put_map(&writer, 3);
    cbor_put_text(&writer, "by", 2);
    cbor_put_map(&writer, 1);
    cbor_put_text(&writer, "$x", 2);
    cbor_put_uint(&writer, 1);
    cbor_put_text(&writer, "kind", 4);
    cbor_put_text(&writer, "journal", 7);
    cbor_put_text(&writer, "text", 4);
    cbor_put_text(&writer, "x", 1);
    show(body, cbor_written(&writer), out, sizeof out);
    assert_string_equal(out, "{'kind':'journal','text':'x','fields':{'by':{'$cbor':'oWIkeAE='}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries_and_centres_go_by_name),
        cmocka_unit_test(test_text_alone),
        cmocka_unit_test(test_references_as_they_are),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_numbers_with_a_fraction),
        cmocka_unit_test(test_places_are_in_degrees),
        cmocka_unit_test(test_what_is_not_sound_is_refused_in_words),
        cmocka_unit_test(test_names_that_json_cannot_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
