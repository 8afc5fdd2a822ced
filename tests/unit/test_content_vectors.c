// SPDX-License-Identifier: EUPL-1.2
// Vectors of what bodies say: one of each kind, and one refused by each rule. tests/vectors.h says
// how the file is written anew.
#include "roundtrip_content.h"
#include "unit/body_text.h"

#define CHANGE "'item':'@3/0/41','supersedes':['@3/0/41','@7/1/9']"
#define FLOOD "'incident':'@3/0/12'"
#define AT(type, coordinates) "{'type':'" type "','coordinates':" coordinates "}"
#define WHERE(geometry) "{'kind':'journal','text':'a','where':{'geometry':" geometry "}}"
#define JOURNAL(more) "{'kind':'journal','text':'a'," more "}"
#define TASK(more) "{'kind':'task','text':'a'," more "}"
#define VALUE(value)                                                                               \
    "{'kind':'measurement','quantity':'dose-rate','unit':'nSv/h','value':" value "}"

enum { HOUR_MS = 3600 * 1000 };
static const uint64_t written_ms = 1795248000000; // all that is accepted

struct text_case {
    const char *name, *body;
};

static const struct text_case accepted[] = {
    {"incident",
     "{'kind':'incident','name':'Hoogwater Maas','hazard':'natural','type':'flood',"
     "'start':1795248000000,'scale':'cross-border','lead':4,'stage':'warm','text':'Borgharen "
     "verwacht 3.200 m3/s, morgen 18 uur.\\nGoodbye dry feet.','where':{'name':'Maas, Eijsden - "
     "Roermond','codes':['NUTS:NL422','BE-VLI','LAU:0935'],'geometry':" AT(
         "MultiPolygon",
         "[[[[56800000,507500000],[60200000,507500000],[60200000,512100000],"
         "[56800000,507500000]]],[[[57000000,508000000],[58000000,508000000],[58000000,509000000],"
         "[57000000,508000000]],[[57200000,508100000],[57500000,508100000],[57500000,508300000],"
         "[57200000,508100000]]]]") "},'by':{'name':'desk 2','function':'duty officer'},"
                                    "'lang':'nl','handling':'GREEN'}"},
    {"incident merged into another",
     "{'kind':'incident','name':'Hoogwater Roer','state':'merged','merged_into':'@3/0/12'," CHANGE
     "}"},
    {"report",
     "{'kind':'report','type':'situation'," FLOOD ",'number':7,'version':'update',"
     "'period_from':1795248000000,'period_to':1795269600000,'purpose':'for the policy cell',"
     "'prepared_by':{'function':'planning'},'approved_by':{'function':'head of the cell'},"
     "'severity':'severe','urgency':'immediate','confidence':'somewhat','source':'forces',"
     "'sections':[{'title':'Niveaux','text':'Li\u00e8ge: 58,30 m\\nVis\u00e9: stable',"
     "'cites':['@1/0/8','@9/0/2']},{'title':'Routes','text':'E25 open'}],"
     "'casualties':[{'basis':'to-date','responders':{'injured':2},'population':{'dead':0,"
     "'missing':3,'evacuated':1250,'hospitalised':11}}],'means':[{'type':'pump-hcp','deployed':6,"
     "'available':2,'needed':10}],'outlook':[{'hours':12,'text':'rising'},{'hours':48,"
     "'text':'falling'}],'cites':['@1/0/8','@3/0/12'],'ack_by':1795273200000,'lang':'fr-BE',"
     "'attachments':[{'name':'stages.csv','media':'text/csv','bytes':'0x312c320a'}]}"},
    {"report withdrawn", "{'kind':'report','state':'withdrawn'," CHANGE "}"},
    {"assessment",
     "{'kind':'assessment'," FLOOD ",'text':'De dijk bij Roosteren houdt tot 3.300 m3/s.',"
     "'scenarios':[{'case':'best','text':'No breach'},{'case':'worst','text':'Breach at night',"
     "'likelihood':2,'people':4,'society':3,'environment':2,'finance':5}]}"},
    {"advice",
     "{'kind':'advice'," FLOOD ",'text':'Evacuate Roosteren before dark.','to':[4,23,24,511],"
     "'audience':'mayors along the Meuse','conditions':'above 3,100 m3/s',"
     "'deadline':1795280400000}"},
    {"advice rejected",
     "{'kind':'advice','text':'Evacuate Roosteren before dark.','state':'rejected',"
     "'reason':'The level falls.'," CHANGE "}"},
    {"decision",
     "{'kind':'decision'," FLOOD ",'state':'taken','body':'COFECO','text':'Open the weirs.',"
     "'basis':'KB 22/05/2019','effective':1795255200000,'cites':['@4/0/3']}"},
    {"measure",
     "{'kind':'measure'," FLOOD ",'state':'in-force','type':'road-closed','text':'N78 both ways',"
     "'from':1795255200000,'to':1795341600000,'decision':'@4/0/19','where':{'geometry':" AT(
         "LineString", "[[57300000,509800000],[57500000,510400000]]") "}}"},
    {"phase",
     "{'kind':'phase'," FLOOD ",'authority':'Veiligheidsregio Limburg-Noord','scheme':'nl-grip',"
     "'level':'GRIP-4','reason':'Several municipalities','trigger':'level at Venlo',"
     "'teams':['RBT','ROT','CoPI']}"},
    {"request",
     "{'kind':'request'," FLOOD ",'capability':'high capacity pumping','quantity':10,"
     "'unit':'modules','deadline':1795284000000,'priority':'urgent','conditions':'with crew',"
     "'text':'At the port of Maasbracht.','where':{'geometry':" AT("Point",
                                                                   "[58900000,511400000]") "}}"},
    {"offer", "{'kind':'offer','request':'@3/0/77','quantity':4,'arrival':1795282200000,"
              "'conditions':'fuel there'}"},
    {"offer on site", "{'kind':'offer','request':'@3/0/77','quantity':4,'state':'on-site'," CHANGE
                      ",'editors':[2,7]}"},
    {"resource", "{'kind':'resource','type':'pump-hcp','as_of':1795262400000,'total':14,"
                 "'available':4,'committed':9,'unavailable':1}"},
    {"alert",
     "{'kind':'alert','cap':{'identifier':'BE-2026-1121-07','sender':'alert@be-alert.example',"
     "'sent':'2026-11-21T16:00:00+01:00'},'original':'0x3c616c6572742f3e',"
     "'media':'application/cap+xml'}"},
    {"line",
     "{'kind':'line'," FLOOD ",'messages':{'de':'Bleiben Sie zu Hause.','fr-BE':'Restez chez "
     "vous.','nl':'Blijf thuis.'},'spokesperson':{'function':'D5'},"
     "'embargo':1795266000000}"},
    {"line approved",
     "{'kind':'line','messages':{'nl':'Blijf thuis.'},'state':'approved'," CHANGE "}"},
    {"station",
     "{'kind':'station','name':'Tihange 12','quantity':'dose-rate','where':{'geometry':" AT(
         "Point", "[52700000,505300000]") "}}"},
    {"measurement",
     "{'kind':'measurement','station':'@5/0/2','quantity':'dose-rate','value':[1035,-1],"
     "'unit':'nSv/h','uncertainty':[5,0],'instrument':'GM tube','observed':1795262400000,"
     "'source':'sensor'}"},
    {"measurement of zero", VALUE("[0,0]")},
    {"measurement of the least and smallest", VALUE("[-9007199254740992,-12]")},
    {"measurement of the largest", VALUE("[9007199254740992,12]")},
    {"contact",
     "{'kind':'contact','function':'officier de service','name':'desk 1',"
     "'phone':['+32 2 555 01 12'],'mail':['dir@centre.example'],'languages':['fr','nl','de-LU'],"
     "'duty_from':1795244400000,'duty_to':1795287600000}"},
    {"task", "{'kind':'task'," FLOOD ",'text':'Close the lock at Lanaye.','to':[0,1,23,24,255,256],"
             "'discipline':'D4','team':'locks','deadline':1795269600000}"},
    {"task done", "{'kind':'task','text':'Close the lock at Lanaye.','state':'done'," CHANGE "}"},
    {"journal", "{'kind':'journal'," FLOOD ",'text':'16:05 line to Maastricht back'}"},
    {"journal with what is not known here",
     "{'kind':'journal','text':'a','by':{'name':'desk 3','rank':[9]},'mood':{'a':null},'of':5}"},
    {"ack", "{'kind':'ack','of':['@3/0/41',[3,0,42,'0x0000000000000000'],"
            "[3,0,42,'0x0000000000000001'],'@3/1/1','@4/0/1'],'as':'accepted'}"},
    {"receipt", "{'kind':'receipt','heads':['@0/0/112','@3/1/7',"
                "[4095,4294967295,9007199254740992,'0xffffffffffffffff']]}"},
    {"comtest", "{'kind':'comtest','deadline':1795263300000,'to':[1,2],'text':'monthly'}"},
    {"answer", "{'kind':'answer','comtest':'@0/0/44','text':'loud and clear'}"},
    {"handover", "{'kind':'handover','taken_at':1795287600000,'from':{'name':'desk 1'},"
                 "'to':{'name':'desk 2','function':'duty officer'},'complete':['@0/0/112',"
                 "'@3/1/7'],'open':['@0/0/96','@3/1/2'],'points':['pumps not there yet','call "
                 "Aachen at 23:00']}"},
    {"lesson", "{'kind':'lesson'," FLOOD ",'text':'Ask for pumps a day sooner.',"
               "'cites':['@3/0/77']}"},
    {"translation", "{'kind':'translation','translation_of':'@3/0/41','method':'machine',"
                    "'into':'de','text':'Die Maas steigt.'}"},
    {"report observed before it was written", "{'kind':'report','observed':1795240800000}"},
    {"report with a field that reports do not have", "{'kind':'report','as_of':'noon'}"},
    {"report dated ahead", "{'kind':'report','observed':1795255200000}"},
    {"report that says until when it holds", "{'kind':'report','valid_to':1795334400000}"},
    {"report that held when it was written", "{'kind':'report','valid_to':1795244400000}"},
    {"resource as of before",
     "{'kind':'resource','type':'pump','as_of':1795244400000,'observed':1795240800000}"},
    {"measure until then, and valid until before",
     "{'kind':'measure','type':'shelter','to':1795334400000,'valid_to':1795330800000}"},
    {"contact on duty until then",
     "{'kind':'contact','function':'duty officer','duty_to':1795276800000}"},
    {"decision valid until then",
     "{'kind':'decision','body':'mayor','text':'a','valid_to':1795276800000}"},
    {"request that is over", "{'kind':'request','capability':'pump','quantity':1,'state':'closed','"
                             "valid_to':1795276800000," CHANGE "}"},
};

static const struct text_case refused[] = {
    {"field that is needed is missing", "{'kind':'request','capability':'pumps'}"},
    {"part that is needed is missing", JOURNAL("'attachments':[{'name':'a','media':'b'}]")},
    {"field needed in its state is missing",
     "{'kind':'advice','text':'a','state':'followed'," CHANGE "}"},
    {"empty line", JOURNAL("'by':{'name':''}")},
    {"line of 121 bytes where 120 are allowed",
     JOURNAL(
         "'by':{'name':'\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
         "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
         "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
         "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
         "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9!'}")},
    {"line with a line break", JOURNAL("'by':{'name':'a\\nb'}")},
    {"line with a delete", JOURNAL("'by':{'name':'a\\u007f'}")},
    {"text with a NUL", "{'kind':'journal','text':'a\\u0000b'}"},
    {"text that is bytes", "{'kind':'journal','text':'0x61'}"},
    {"empty text", "{'kind':'journal','text':''}"},
    {"text in no language", "{'kind':'line','messages':{}}"},
    {"text in a language with an underscore", "{'kind':'line','messages':{'nl_BE':'a'}}"},
    {"text in 17 languages",
     "{'kind':'line','messages':{'a':'a','b':'a','c':'a','d':'a','e':'a','f':'a','g':'a','h':'a',"
     "'i':'a','j':'a','k':'a','l':'a','m':'a','n':'a','o':'a','p':'a','q':'a'}}"},
    {"empty text in a language", "{'kind':'line','messages':{'nl':''}}"},
    {"language of 36", JOURNAL("'lang':'abcdefgh-abcdefgh-abcdefgh-abcdefghi'")},
    {"language with a space", JOURNAL("'lang':'n l'")},
    {"word that is not listed", JOURNAL("'handling':'WHITE'")},
    {"word in other letters", JOURNAL("'handling':'red'")},
    {"code with a space", JOURNAL("'where':{'codes':['NL 42']}")},
    {"code of 65",
     JOURNAL("'where':{'codes':['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaaaaa']}")},
    {"count below its least", "{'kind':'request','capability':'pumps','quantity':0}"},
    {"count above its most", "{'kind':'request','capability':'pumps','quantity':1000000001}"},
    {"count below zero", "{'kind':'request','capability':'pumps','quantity':-1}"},
    {"time over 2^53", JOURNAL("'observed':9007199254740993")},
    {"time as text", JOURNAL("'observed':'2026-11-21T16:00Z'")},
    {"decimal with a zero at its end", VALUE("[1030,-1]")},
    {"decimal below zero with a zero at its end", VALUE("[-10,0]")},
    {"zero with an exponent", VALUE("[0,-1]")},
    {"decimal with exponent 13", VALUE("[1,13]")},
    {"decimal with exponent -13", VALUE("[1,-13]")},
    {"decimal over 2^53", VALUE("[9007199254740993,0]")},
    {"decimal under -2^53", VALUE("[-9007199254740993,0]")},
    {"decimal of three", VALUE("[1,0,0]")},
    {"decimal as a number", VALUE("1")},
    {"centre 512", "{'kind':'incident','name':'a','lead':512}"},
    {"reference to author 4096", "{'kind':'answer','comtest':[4096,0,1,'0x0000000000000000']}"},
    {"reference to seq 0", "{'kind':'answer','comtest':[0,0,0,'0x0000000000000000']}"},
    {"reference to seq over 2^53",
     "{'kind':'answer','comtest':[0,0,9007199254740993,'0x0000000000000000']}"},
    {"reference to epoch 2^32",
     "{'kind':'answer','comtest':[0,4294967296,1,'0x0000000000000000']}"},
    {"reference with a tag of 7", "{'kind':'answer','comtest':[0,0,1,'0x00000000000000']}"},
    {"reference of three", "{'kind':'answer','comtest':[0,0,1]}"},
    {"array of nothing", "{'kind':'phase','authority':'a','scheme':'be','level':'b','teams':[]}"},
    {"array of 17 where 16 are allowed",
     "{'kind':'contact','function':'a','languages':['a','a','a','a','a','a','a','a','a','a','a',"
     "'a','a','a','a','a','a']}"},
    {"no array", "{'kind':'contact','function':'a','languages':'nl'}"},
    {"centres that do not ascend", TASK("'to':[2,1]")},
    {"centre twice", TASK("'to':[1,2,2]")},
    {"reference twice", JOURNAL("'cites':['@1/0/1','@1/0/1']")},
    {"references by epoch", JOURNAL("'cites':['@2/0/1','@1/1/1']")},
    {"references whose tags do not ascend",
     JOURNAL("'cites':[[1,0,1,'0x8000000000000000'],[1,0,1,'0x7fffffffffffffff']]")},
    {"parts that are no map", JOURNAL("'by':'Ann'")},
    {"bytes as text", "{'kind':'alert','cap':{'identifier':'a','sender':'b','sent':'c'},"
                      "'original':'<alert/>'}"},
    {"state of another kind", TASK("'state':'closed'")},
    {"state of a kind without", JOURNAL("'state':'open'")},
    {"state in which nothing begins", TASK("'state':'done'")},
    {"item without supersedes", TASK("'item':'@1/0/1'")},
    {"supersedes without item", TASK("'supersedes':['@1/0/1']")},
    {"change of what stands alone", JOURNAL(CHANGE)},
    {"editors of what stands alone", JOURNAL("'editors':[1]")},
    {"change of the latest", "{'kind':'resource','type':'a','as_of':1," CHANGE "}"},
    {"editors of the latest", "{'kind':'resource','type':'a','as_of':1,'editors':[1]}"},
    {"position of three", WHERE(AT("Point", "[1,2,3]"))},
    {"longitude over 180 degrees", WHERE(AT("Point", "[1800000001,0]"))},
    {"latitude under -90 degrees", WHERE(AT("Point", "[0,-900000001]"))},
    {"point of points", WHERE(AT("Point", "[[1,2]]"))},
    {"points, none", WHERE(AT("MultiPoint", "[]"))},
    {"line of one position", WHERE(AT("LineString", "[[1,2]]"))},
    {"lines, none", WHERE(AT("MultiLineString", "[]"))},
    {"polygon without a ring", WHERE(AT("Polygon", "[]"))},
    {"ring of three positions", WHERE(AT("Polygon", "[[[0,0],[1,0],[0,0]]]"))},
    {"ring that is open", WHERE(AT("Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]"))},
    {"hole that is open",
     WHERE(AT("Polygon", "[[[0,0],[9,0],[9,9],[0,0]],[[1,1],[2,1],[2,2],[1,2]]]"))},
    {"polygons, one of them empty", WHERE(AT("MultiPolygon", "[[[[0,0],[1,0],[1,1],[0,0]]],[]]"))},
    {"geometry of another type", WHERE("{'type':'GeometryCollection','geometries':[]}")},
    {"geometry with a field more", WHERE("{'type':'Point','coordinates':[1,2],'bbox':[1,2,1,2]}")},
    {"geometry with a field behind",
     WHERE("{'type':'Point','coordinates':[1,2],'coordinate_system':1}")},
    {"geometry without coordinates", WHERE("{'type':'Point'}")},
};

static const struct text_case unknown[] = {
    {"kind that the table does not have", "{'kind':'forecast','text':5}"},
    {"kind that is told of elsewhere", "{'kind':'group','state':'none'}"},
};

static uint64_t until(const struct body_reading *reading, struct span body)
{
    return body_current_until(body, reading->content.kind, reading->content.state, written_ms);
}

static json_t *current_until(const struct body_reading *reading, struct span body)
{
    const uint64_t until_ms = until(reading, body);

    return until_ms == CURRENT_ALWAYS ? json_null() : json_integer((json_int_t)until_ms);
}

static void add_accepted(json_t *file, const struct text_case *from)
{
    struct body_reading reading;
    json_t *const json = body_json(from->body);
    size_t len;

    uint8_t *const bytes = body_encode(json, &len);
    body_read(&reading, bytes, len);
    if (reading.err != ERR_OK) {
        fail_msg("%s: fault %d", from->name, reading.why.fault);
    }
    json_t *const item = vectors_add_accepted(file, from->name, bytes, len);
    const uint8_t state = reading.content.state;
    json_object_set_new(item, "kind", json_string(reading.content.kind->name));
    json_object_set_new(item, "state",
                        state == STATE_NONE ? json_null()
                                            : json_string(reading.content.kind->states[state]));
    json_object_set_new(item, "current_until", current_until(&reading, (struct span){bytes, len}));
    free(bytes);
    json_decref(json);
}

static void add_refused(json_t *file, const char *name, json_t *body, enum err err)
{
    size_t len;
    uint8_t *const bytes = body_encode(body, &len);

    vectors_add_refused(file, name, bytes, len, err);
    free(bytes);
    json_decref(body);
}

// One position too many.
static json_t *make_long_line(void)
{
    json_t *const body = body_json(WHERE(AT("LineString", "[]")));
    json_t *const geometry = json_object_get(json_object_get(body, "where"), "geometry");

    for (size_t i = 0; i <= 4096; i++) {
        json_array_append_new(json_object_get(geometry, "coordinates"), json_pack("[i,i]", 0, 0));
    }
    return body;
}

static json_t *make_contents(void)
{
    json_t *const file =
        vectors_file("What bodies say, PROTOCOL.md 18. \"state\" is null where the "
                     "kind has none. \"current_until\" [18.20] is that of what was written "
                     "at \"written\", null where it does not get old.");

    json_object_set_new(file, "written", json_integer((json_int_t)written_ms));
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        add_accepted(file, &accepted[i]);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        add_refused(file, refused[i].name, body_json(refused[i].body), ERR_MALFORMED);
    }
    add_refused(file, "line of 4097 positions", make_long_line(), ERR_MALFORMED);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        add_refused(file, unknown[i].name, body_json(unknown[i].body), ERR_NOT_FOUND);
    }
    return file;
}

static void check_content(const json_t *item)
{
    struct body_reading reading;
    size_t len;
    uint8_t *const bytes = vectors_bytes(json_string_value(json_object_get(item, "hex")), &len);
    const char *const state = json_string_value(json_object_get(item, "state"));

    body_read(&reading, bytes, len);
    assert_int_equal(reading.err, ERR_OK);
    assert_string_equal(reading.content.kind->name,
                        json_string_value(json_object_get(item, "kind")));
    if (state == NULL) {
        assert_int_equal(reading.content.state, STATE_NONE);
    } else {
        assert_string_equal(reading.content.kind->states[reading.content.state], state);
    }
    json_t *const until = current_until(&reading, (struct span){bytes, len});
    assert_true(json_equal(until, json_object_get(item, "current_until")));
    json_decref(until);
    free(bytes);
}

// By hand, so that the vectors are not the only word on it.
static void test_ages(void **state)
{
    static const struct {
        const char *body;
        uint64_t until_ms;
    } cases[] = {
        {"{'kind':'report'}", written_ms + 4 * (uint64_t)HOUR_MS},
        {"{'kind':'report','observed':1795240800000}", 1795240800000 + 4 * (uint64_t)HOUR_MS},
        {"{'kind':'report','observed':1795255200000}", written_ms + 4 * (uint64_t)HOUR_MS},
        {"{'kind':'report','valid_to':1795244400000}", 1795244400000},
        {"{'kind':'report','state':'withdrawn'," CHANGE "}", CURRENT_ALWAYS},
        {"{'kind':'resource','type':'a','as_of':0}", 4 * (uint64_t)HOUR_MS},
        {"{'kind':'report','as_of':'noon'}", written_ms + 4 * (uint64_t)HOUR_MS},
        {"{'kind':'report','as_of':7,'observed':1795240800000}",
         1795240800000 + 4 * (uint64_t)HOUR_MS},
        {"{'kind':'contact','function':'a'}", CURRENT_ALWAYS},
        {"{'kind':'contact','function':'a','duty_to':7}", 7},
        {"{'kind':'measure','type':'a','to':9,'valid_to':8}", 8},
        {"{'kind':'measure','type':'a','to':8,'valid_to':9}", 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct body_reading reading;
        json_t *const json = body_json(cases[i].body);
        size_t len;
        uint8_t *const bytes = body_encode(json, &len);
        body_read(&reading, bytes, len);
        assert_int_equal(reading.err, ERR_OK);
        assert_true(until(&reading, (struct span){bytes, len}) == cases[i].until_ms);
        free(bytes);
        json_decref(json);
    }
}

static size_t count_accepted(const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        count += strcmp(accepted[i].name, name) == 0;
    }
    return count;
}

// Without this a new kind could go without a vector.
static void test_every_kind(void **state)
{
    (void)state;
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        const size_t expected = kind->merge == MERGE_SYSTEM ? 0 : 1;
        const size_t count = count_accepted(kind->name);
        if (count != expected) {
            print_error("%s: %zu vectors of that name\n", kind->name, count);
        }
        assert_int_equal(count, expected);
    }
}

static void test_content(void **state)
{
    (void)state;
    vectors_test(
        &(struct vectors){"picture/content", make_contents, roundtrip_content, check_content});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ages),
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_content),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
