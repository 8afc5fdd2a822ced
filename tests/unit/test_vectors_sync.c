// SPDX-License-Identifier: EUPL-1.2
// Vectors of runs and messages, like those of test_vectors.c.
#include "roundtrip.h"
#include "vectors.h"

// A run of author 7 whose items carry 49 bytes each. The second one is sealed for another group.
static void fill_run(struct run *run, uint64_t seq, uint8_t prev_len, size_t count)
{
    static const uint8_t sealed[SEALED_MIN] = {0x99};

    memset(run, 0, sizeof *run);
    run->author = 7;
    run->seq = seq;
    run->prev_len = prev_len;
    memset(run->prev, 0x22, prev_len);
    run->count = count;
    for (size_t i = 0; i < count; i++) {
        run->items[i].time = UINT64_C(0x018f000000000000) + (i % 2 == 0 ? i * 1000 : 0) - i;
        run->items[i].precedence = (uint8_t)((i + 1) % PRECEDENCES);
        memset(run->items[i].group, i == 1 ? 0x34 : 0x33, TAG_LEN);
        memset(run->items[i].key, 0x44, TAG_LEN);
        run->items[i].sealed = (struct span){sealed, sizeof sealed};
    }
    memset(run->signature, 0x66, SIGNATURE_LEN);
}

static size_t encode_run(const struct run *run, uint8_t *out, size_t size)
{
    struct cbor_writer writer;

    cbor_write(&writer, out, size);
    run_encode(&writer, run);
    const size_t len = cbor_written(&writer);
    assert_true(len > 0);
    return len;
}

// Offsets are those of the run of two: author 1, epoch 2, seq 3, prev 4, group 13, key 22, time 31,
// items 40, first item 41 (difference 42, precedence 43, sealed 44), second item 95 (difference 96,
// precedence 97, sealed 98, group 149, key 158), signature 167, end 233.
static const struct vectors_splice run_splices[] = {
    {"author 4096", 1, 1, "191000", ERR_LIMIT},
    {"epoch over 2^32-1", 2, 1, "1b0000000100000000", ERR_LIMIT},
    {"seq 0", 3, 1, "00", ERR_MALFORMED},
    {"last seq over 2^53", 3, 1, "1b0020000000000000", ERR_LIMIT},
    {"seq 1 with prev", 3, 1, "01", ERR_MALFORMED},
    {"prev null after seq 1", 4, 9, "f6", ERR_MALFORMED},
    {"prev of 7 bytes", 4, 2, "47", ERR_MALFORMED},
    {"prev of 9 bytes", 4, 1, "4900", ERR_MALFORMED},
    {"group of 7 bytes", 13, 2, "47", ERR_MALFORMED},
    {"time over 2^63-1", 31, 9, "1b8000000000000000", ERR_LIMIT},
    {"no items", 40, 127, "80", ERR_MALFORMED},
    {"33 items", 40, 1, "9821", ERR_LIMIT},
    {"first difference not 0", 42, 1, "01", ERR_MALFORMED},
    {"first item with a key", 41, 54,
     "850001583199000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "000000000000000483535353535353535484444444444444444",
     ERR_MALFORMED},
    {"precedence 4", 43, 1, "04", ERR_LIMIT},
    {"sealed of 48 bytes", 44, 3, "5830", ERR_MALFORMED},
    {"time above 2^63-1", 96, 1, "1b7fffffffffffffff", ERR_LIMIT},
    {"time below 0", 96, 1, "3b7fffffffffffffff", ERR_MALFORMED},
    {"difference beyond 2^63-1", 96, 1, "1b8000000000000000", ERR_LIMIT},
    {"item of 2", 41, 1, "82", ERR_MALFORMED},
    {"item of 4", 95, 1, "84", ERR_MALFORMED},
    {"item says the run's key again", 149, 9, "483333333333333333", ERR_MALFORMED},
    {"signature of 63 bytes", 167, 3, "583f", ERR_MALFORMED},
    {"array of 8", 0, 1, "88", ERR_MALFORMED},
    {"byte after the end", 233, 0, "00", ERR_MALFORMED},
};

static json_t *make_runs(void)
{
    static const struct {
        const char *name;
        uint64_t seq;
        uint8_t prev_len;
        size_t count;
    } cases[] = {
        {"first entry of a log", 1, 0, 1},
        {"two entries, prev of 8 bytes", 5, TAG_LEN, 2},
        {"three entries, prev of 32 bytes", 1000, ID_LEN, 3},
        {"32 entries up to the largest seq", SEQ_MAX - 31, ID_LEN, 32},
    };
    json_t *const file = vectors_file("Runs, PROTOCOL.md 7.");
    struct run run;
    uint8_t bytes[4096];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fill_run(&run, cases[i].seq, cases[i].prev_len, cases[i].count);
        vectors_add_accepted(file, cases[i].name, bytes, encode_run(&run, bytes, sizeof bytes));
    }
    fill_run(&run, 5, TAG_LEN, 2);
    const size_t len = encode_run(&run, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof run_splices / sizeof *run_splices; i++) {
        vectors_add_splice(file, bytes, len, &run_splices[i]);
    }
    return file;
}

#define TAG "481111111111111111"
#define TAG2 "482222222222222222"
#define STRETCHES_4 "01000101" TAG "01000101" TAG "01000101" TAG "01000101" TAG
#define STRETCHES_16 STRETCHES_4 STRETCHES_4 STRETCHES_4 STRETCHES_4
#define ZEROES_16 "00000000000000000000000000000000"
#define ZEROES_79 ZEROES_16 ZEROES_16 ZEROES_16 ZEROES_16 "000000000000000000000000000000"
#define SEALED_KEY "5850" ZEROES_79 "00"
#define HASH_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HASH_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define PART_TAG "48bd1b11061b81799b"
#define HELD TAG "01"
#define CREDIT "43820400" // a message, as a byte string
#define TEN_CREDITS CREDIT CREDIT CREDIT CREDIT CREDIT CREDIT CREDIT CREDIT CREDIT CREDIT
#define NINE_HELD HELD HELD HELD HELD HELD HELD HELD HELD HELD
#define HASH_OF(d) "5820" d d d d d d d d d d d d d d d d d d d d d d d d d d d d d d d d
#define NINE_HASHES                                                                                \
    HASH_OF("01")                                                                                  \
    HASH_OF("02")                                                                                  \
    HASH_OF("03")                                                                                  \
    HASH_OF("04") HASH_OF("05") HASH_OF("06") HASH_OF("07") HASH_OF("08") HASH_OF("09")
#define PRINT "50ffffffffffffffffffffffffffffffff"

static const struct vectors_literal message_cases[] = {
    {"beacon", "8701" PRINT "03" TAG "1b0000018f000000001b0000018f000000011903e8", ERR_OK},
    {"beacon without echo", "8701" PRINT "01" TAG "000000", ERR_OK},
    {"heads",
     "8502f5000a880100"
     "03" TAG "050018ff" TAG2,
     ERR_OK},
    {"heads of two branches",
     "8502f40303880300"
     "09" TAG "030009" TAG2,
     ERR_OK},
    {"no heads", "8502f400190fff80", ERR_OK},
    {"hint", "8502f40100840b0102" TAG, ERR_OK},
    {"want",
     "8403f51a00100000"
     "8a0100010a" TAG "020205"
     "05f6",
     ERR_OK},
    {"want nothing", "8403f50080", ERR_OK},
    {"want of urgent and newest entries first",
     "8603f41a00010000"
     "840204f480"
     "850100030a" TAG "850100010af6",
     ERR_OK},
    {"want of two groups' entries alone",
     "8603f400"
     "840000f582" TAG TAG2 "80"
     "8a0100010a" TAG "020205"
     "05f6",
     ERR_OK},
    {"largest credit", "82041b0000000100000000", ERR_OK},
    {"roster",
     "820682420102"
     "81825820"
     "1111111111111111111111111111111111111111111111111111111111111111"
     "5840"
     "22222222222222222222222222222222222222222222222222222222222222222222222222222222"
     "222222222222222222222222222222222222222222222222",
     ERR_OK},
    {"roster wanted by version", "820702", ERR_OK},
    {"roster wanted by hash", "82075820" HASH_1, ERR_OK},
    {"roster in force", "820c815820" HASH_1, ERR_OK},
    {"rosters in force", "820c825820" HASH_1 "5820" HASH_2, ERR_OK},
    {"trace", "8608010014" TAG "0a", ERR_OK},
    {"trace at its tip", "8608010014" TAG "14", ERR_OK},
    {"traced", "8709010014" TAG "0a" TAG2, ERR_OK},
    {"traced nothing", "8709010014" TAG "0af6", ERR_OK},
    {"key wanted", "850a03" TAG TAG2 "08", ERR_OK},
    {"key wanted of this peer only", "850a190fff" TAG TAG2 "00", ERR_OK},
    {"key", "850b03" TAG TAG2 SEALED_KEY, ERR_OK},
    {"of another space", "830f" TAG "43820400", ERR_OK},
    {"of another space, not looked into", "830f" TAG "4100", ERR_OK},
    {"beacon over a thin line",
     "8901" PRINT "01" TAG "000000"
     "190960"
     "197530",
     ERR_OK},
    {"beacon over the fastest line told of",
     "8901" PRINT "01" TAG "000000"
     "1affffffff"
     "01",
     ERR_OK},
    {"beacon at long intervals",
     "8901" PRINT "01" TAG "000000"
     "00"
     "1a000927c0",
     ERR_OK},
    {"beacon hardly later than usual",
     "8901" PRINT "01" TAG "000000"
     "00"
     "1903e9",
     ERR_OK},
    {"first part", "860d040019012c" TAG "43820400", ERR_OK},
    {"part", "840d04187843820400", ERR_OK},
    {"whole in one part", "860d000003" PART_TAG "43820400", ERR_OK},
    {"last part", "840d031a00017ffd43820400", ERR_OK},
    {"first part on another connection", "860d04187819012c" TAG "43820400", ERR_OK},
    {"last part on another connection", "860d031a00017ffd1a00018000" TAG "43820400", ERR_OK},
    {"held", "820e82" TAG "01", ERR_OK},
    {"held of two messages", "820e84" TAG "1878" TAG2 "1a00017fff", ERR_OK},
    {"parcel of one", "821081" CREDIT, ERR_OK},
    {"parcel of two", "821082" CREDIT CREDIT, ERR_OK},
    {"parcel of what is no message", "8210814100", ERR_OK}, // which is its own matter
    {"parcel of 32", "82109820" TEN_CREDITS TEN_CREDITS TEN_CREDITS CREDIT CREDIT, ERR_OK},
    {"nothing", "", ERR_MALFORMED},
    {"no array", "01", ERR_MALFORMED},
    {"empty array", "80", ERR_MALFORMED},
    {"type 0", "820000", ERR_MALFORMED},
    {"type as text", "82613100", ERR_MALFORMED},
    {"unknown type", "821100", ERR_NOT_FOUND},
    {"largest type", "821bffffffffffffffff00", ERR_NOT_FOUND},
    {"type of a known one and 2^32", "821b000000010000000400", ERR_NOT_FOUND},
    {"beacon without held", "8601" PRINT "01" TAG "0000", ERR_MALFORMED},
    {"beacon without a roster tag", "8601" PRINT "01000000", ERR_MALFORMED},
    {"beacon with a roster tag of 7 bytes", "8701" PRINT "014711111111111111000000", ERR_MALFORMED},
    {"beacon with a short fingerprint",
     "87014400000000"
     "01" TAG "000000",
     ERR_MALFORMED},
    {"beacon with a time over 2^53", "8701" PRINT "01" TAG "1b00200000000000010000", ERR_LIMIT},
    {"beacon with a negative time", "8701" PRINT "01" TAG "200000", ERR_MALFORMED},
    {"reply is no bool", "850201000a80", ERR_MALFORMED},
    {"head cut short", "8502f5000a83010003", ERR_MALFORMED},
    {"head list of 5", "8502f5000a85010003" TAG "01", ERR_MALFORMED},
    {"head list of 5 with 4", "8502f5000a85010003" TAG, ERR_MALFORMED},
    {"head outside a range of one", "8502f4030384040009" TAG, ERR_MALFORMED},
    {"head with seq 0", "8502f5000a84010000" TAG, ERR_MALFORMED},
    {"head of author 4096",
     "8502f5010084191000"
     "0003" TAG,
     ERR_LIMIT},
    {"head outside the range",
     "8502f50204840100"
     "03" TAG,
     ERR_MALFORMED},
    {"heads descending", "8502f5000a88050003" TAG "010003" TAG, ERR_MALFORMED},
    {"heads descending by id", "8502f5000a88010003" TAG2 "010003" TAG, ERR_MALFORMED},
    {"head twice", "8502f5000a88010003" TAG "010003" TAG, ERR_MALFORMED},
    {"head with an id of 32 bytes",
     "8502f5000a840100035820"
     "1111111111111111111111111111111111111111111111111111111111111111",
     ERR_MALFORMED},
    {"range beyond author 4095", "8502f50019100080", ERR_LIMIT},
    {"want from 0",
     "8403f50085010000"
     "0af6",
     ERR_MALFORMED},
    {"want backwards",
     "8403f500850100"
     "0b0af6",
     ERR_MALFORMED},
    {"want beyond 2^53",
     "8403f5008501"
     "00011b0020000000000001f6",
     ERR_LIMIT},
    {"want with a tip of 7 bytes",
     "8403f500850100"
     "010a4711111111111111",
     ERR_MALFORMED},
    {"want with a pick and nothing held", "8503f400840204f48080", ERR_MALFORMED},
    {"want of a fifth precedence", "8603f400840404f4808080", ERR_LIMIT},
    {"want of 256 newest",
     "8603f40084021901"
     "00f4808080",
     ERR_LIMIT},
    {"want of a group twice", "8603f400840204f482" TAG TAG "8080", ERR_MALFORMED},
    {"want of 17 groups",
     "8603f400840200f491"
     "480100000000000000"
     "480200000000000000"
     "480300000000000000"
     "480400000000000000"
     "480500000000000000"
     "480600000000000000"
     "480700000000000000"
     "480800000000000000"
     "480900000000000000"
     "480a00000000000000"
     "480b00000000000000"
     "480c00000000000000"
     "480d00000000000000"
     "480e00000000000000"
     "480f00000000000000"
     "481000000000000000"
     "481100000000000000"
     "8080",
     ERR_LIMIT},
    {"want of 65 stretches",
     "8603f400840200f480990145" STRETCHES_16 STRETCHES_16 STRETCHES_16 STRETCHES_16 "01000101" TAG
     "80",
     ERR_LIMIT},
    {"want of a stretch from 0",
     "8603f400840204f480"
     "8501000003" TAG "80",
     ERR_MALFORMED},
    {"want of a stretch backwards",
     "8603f400840204f480"
     "8501000403" TAG "80",
     ERR_MALFORMED},
    {"want of half a stretch",
     "8603f400840204f480"
     "82010080",
     ERR_MALFORMED},
    {"want cut short", "8403f500840100010a", ERR_MALFORMED},
    {"want without restart", "83030080", ERR_MALFORMED},
    {"credit over 2^32", "82041b0000000100000001", ERR_LIMIT},
    {"credit short of what it counts", "830400", ERR_MALFORMED},
    {"credit and more", "83040000", ERR_MALFORMED},
    {"credit and a byte after", "82040000", ERR_MALFORMED},
    {"no runs", "820580", ERR_MALFORMED},
    {"runs beyond the bytes", "82059bffffffffffffffff", ERR_MALFORMED},
    {"run that is none", "82058100", ERR_MALFORMED},
    {"roster not signed",
     "820682420102"
     "80",
     ERR_MALFORMED},
    {"roster wrapped", "82064100", ERR_MALFORMED},
    {"roster wanted by a short hash",
     "820748"
     "1111111111111111",
     ERR_MALFORMED},
    {"roster wanted by null", "8207f6", ERR_MALFORMED},
    {"roster wanted by version and hash", "8307025820" HASH_1, ERR_MALFORMED},
    {"no roster in force", "820c80", ERR_MALFORMED},
    {"one roster in force twice", "820c825820" HASH_1 "5820" HASH_1, ERR_MALFORMED},
    {"rosters in force not in order", "820c825820" HASH_2 "5820" HASH_1, ERR_MALFORMED},
    {"nine rosters in force", "820c89" NINE_HASHES, ERR_LIMIT},
    {"roster in force is not in a list", "820c5820" HASH_1, ERR_MALFORMED},
    {"trace behind its tip", "860801000a" TAG "0b", ERR_MALFORMED},
    {"trace with an id", "8708010014" TAG "0a" TAG2, ERR_MALFORMED},
    {"key wanted for node 4096", "850a191000" TAG TAG2 "08", ERR_LIMIT},
    {"key wanted over 9 hops", "850a03" TAG TAG2 "09", ERR_LIMIT},
    {"key wanted without hops", "840a03" TAG TAG2, ERR_MALFORMED},
    {"key wanted with a short group",
     "850a03"
     "4711111111111111" TAG2 "08",
     ERR_MALFORMED},
    {"key wanted with a long key",
     "850a03" TAG "49222222222222222222"
     "08",
     ERR_MALFORMED},
    {"key for node 4096", "850b191000" TAG TAG2 SEALED_KEY, ERR_LIMIT},
    {"key of 79 bytes", "850b03" TAG TAG2 "584f" ZEROES_79, ERR_MALFORMED},
    {"key of 81 bytes", "850b03" TAG TAG2 "5851" ZEROES_79 "0000", ERR_MALFORMED},
    {"key that is no byte string", "850b03" TAG TAG2 "00", ERR_MALFORMED},
    {"part in lane 5", "840d05187843820400", ERR_LIMIT},
    {"part that is empty", "840d04187840", ERR_MALFORMED},
    {"part behind any end", "840d041a00017ffe43820400", ERR_MALFORMED},
    {"part from there on", "840d041a0001800043820400", ERR_LIMIT},
    {"part that is no byte string", "840d041878820400", ERR_MALFORMED},
    {"part that begins without a tag", "840d040043820400", ERR_MALFORMED},
    {"first part behind the end", "860d0419012a19012c" TAG "43820400", ERR_MALFORMED},
    {"first part of a message of 98,305 bytes", "860d0418781a00018001" TAG "43820400", ERR_LIMIT},
    {"first part of nothing", "860d040000" TAG "40", ERR_MALFORMED},
    {"first part with a tag of 7 bytes", "860d040019012c471111111111111143820400", ERR_MALFORMED},
    {"first part without a tag", "850d040019012c43820400", ERR_MALFORMED},
    {"first part and more", "870d040019012c" TAG "4382040000", ERR_MALFORMED},
    {"part without an offset", "830d0443820400", ERR_MALFORMED},
    {"nothing held", "820e80", ERR_MALFORMED},
    {"held, cut short", "820e81" TAG, ERR_MALFORMED},
    {"held of no bytes", "820e82" TAG "00", ERR_MALFORMED},
    {"held of 98,304 bytes", "820e82" TAG "1a00018000", ERR_LIMIT},
    {"held of nine messages", "820e92" NINE_HELD, ERR_LIMIT},
    {"held that is not in a list", "830e" TAG "01", ERR_MALFORMED},
    {"empty parcel", "821080", ERR_MALFORMED},
    {"parcel of nothing", "82108140", ERR_MALFORMED},
    {"parcel that is not in a list", "8210" CREDIT, ERR_MALFORMED},
    {"parcel of what is no byte string", "821081820400", ERR_MALFORMED},
    {"parcel of 33", "82109821" TEN_CREDITS TEN_CREDITS TEN_CREDITS CREDIT CREDIT CREDIT,
     ERR_LIMIT},
    {"parcel with a part in it", "82108149840d041878" CREDIT, ERR_MALFORMED},
    {"parcel with a parcel in it", "82108147821081" CREDIT, ERR_MALFORMED},
    {"parcel with what is held in it", "8210814d820e82" TAG "01", ERR_MALFORMED},
    {"of another space, and empty", "830f" TAG "40", ERR_MALFORMED},
    {"of another space, not wrapped", "830f" TAG "820400", ERR_MALFORMED},
    {"of a space of 7 bytes",
     "830f"
     "471111111111111143820400",
     ERR_MALFORMED},
    {"of a space of 32 bytes",
     "830f5820"
     "1111111111111111111111111111111111111111111111111111111111111111"
     "43820400",
     ERR_MALFORMED},
    {"of another space and more", "840f" TAG "4382040000", ERR_MALFORMED},
    {"of another space and a byte after", "830f" TAG "4382040000", ERR_MALFORMED},
    {"traced with a short id",
     "8709010014" TAG "0a41"
     "11",
     ERR_MALFORMED},
    {"beacon that says of its line what goes without",
     "8901" PRINT "01" TAG "000000"
     "00"
     "1903e8",
     ERR_MALFORMED},
    {"beacon over a line too thin",
     "8901" PRINT "01" TAG "000000"
     "1904af"
     "19ea60",
     ERR_MALFORMED},
    {"beacon over a line beyond 2^32-1",
     "8901" PRINT "01" TAG "000000"
     "1b0000000100000000"
     "1903e8",
     ERR_LIMIT},
    {"beacon over a thin line, and another at once",
     "8901" PRINT "01" TAG "000000"
     "190960"
     "00",
     ERR_MALFORMED},
    {"beacon with the next one in more than ten minutes",
     "8901" PRINT "01" TAG "000000"
     "190960"
     "1a000927c1",
     ERR_LIMIT},
    {"beacon with a rate alone",
     "8801" PRINT "01" TAG "000000"
     "190960",
     ERR_MALFORMED},
    {"beacon with its line and more",
     "8a01" PRINT "01" TAG "000000"
     "190960"
     "197530"
     "00",
     ERR_MALFORMED},
    {"heads with a line behind",
     "8702f400190fff80"
     "190960"
     "197530",
     ERR_MALFORMED},
};

static json_t *make_messages(void)
{
    json_t *const file = vectors_file("Messages of the sync plane, PROTOCOL.md 8. Unknown types "
                                      "count as not found: a node ignores them.");
    struct run run;
    struct cbor_writer writer;
    uint8_t bytes[4096];

    vectors_add_literals(file, message_cases, sizeof message_cases / sizeof *message_cases);
    cbor_write(&writer, bytes, sizeof bytes);
    message_put_runs(&writer, 2);
    fill_run(&run, 1, 0, 1);
    run_encode(&writer, &run);
    fill_run(&run, 5, TAG_LEN, 2);
    run_encode(&writer, &run);
    vectors_add_accepted(file, "runs", bytes, cbor_written(&writer));
    return file;
}

static void test_run(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"run", make_runs, roundtrip_run, NULL});
}

static void test_message(void **state)
{
    (void)state;
    vectors_test(&(struct vectors){"message", make_messages, roundtrip_message, NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
