// SPDX-License-Identifier: EUPL-1.2
// Every field of every kind, by the table of kinds: what it takes, what it does not, and that it is
// needed where it is. test_content_rules.c has what the table does not say.
#include "picture/values.h"
#include "unit/content_samples.h"

static const char *const changing[] = {"item", "supersedes", "editors"};

static bool is_changing(const struct field *field)
{
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++) {
        if (strcmp(field->name, changing[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void add_change(json_t *body)
{
    if (json_object_get(body, "item") == NULL) {
        json_object_set_new(body, "item", json_string("@1/0/1"));
    }
    if (json_object_get(body, "supersedes") == NULL) {
        json_object_set_new(body, "supersedes", json_pack("[s]", "@1/0/2"));
    }
}

static bool is_needed(const struct field *field, uint8_t state)
{
    return (field->needed >> state & 1) != 0;
}

// The least that an entry of the kind says in that state.
static json_t *make_body(const struct kind *kind, uint8_t state)
{
    json_t *const body = json_object();
    const struct field *field;

    for (size_t i = 0; (field = kind_field(kind, i)) != NULL; i++) {
        if (is_needed(field, state)) {
            json_object_set_new(body, field->name, sample_good(field));
        }
    }
    json_object_set_new(body, "kind", json_string(kind->name));
    if (state > 0) {
        json_object_set_new(body, "state", json_string(kind->states[state]));
    }
    if (kind->states != NULL && (kind->states_begin >> state & 1) == 0) {
        add_change(body);
    }
    return body;
}

// -- holding a body against what is expected --

static void complain(json_t *body, const struct body_reading *reading, const char *expected)
{
    char text[256];
    char *const dump = json_dumps(body, JSON_COMPACT);

    content_fault_text(&reading->why, text, sizeof text);
    print_error("%.400s\n", dump);
    fail_msg("expected %s, got: %s, fault %d, %s", expected, err_text(reading->err),
             reading->why.fault, reading->why.fault == FAULT_NONE ? "no fault" : text);
}

// Each value is where the body has it.
static void check_values(json_t *body, const struct body_reading *reading)
{
    const struct field *field;

    for (size_t i = 0; (field = kind_field(reading->content.kind, i)) != NULL; i++) {
        json_t *const value = json_object_get(body, field->name);
        const struct span read = reading->content.values[i];
        size_t len;
        if (value == NULL) {
            assert_null(read.bytes);
            continue;
        }
        uint8_t *const bytes = body_encode(value, &len);
        assert_int_equal(read.len, len);
        assert_memory_equal(read.bytes, bytes, len);
        free(bytes);
        assert_ptr_equal(content_get(&reading->content, field->name).bytes, read.bytes);
    }
}

static void expect_sound(json_t *body, const struct kind *kind)
{
    struct body_reading reading;

    body_read_json(&reading, body);
    if (reading.err != ERR_OK) {
        complain(body, &reading, "a sound body");
    }
    assert_ptr_equal(reading.content.kind, kind);
    check_values(body, &reading);
    free(reading.bytes);
}

static void expect_fault(json_t *body, const struct content_fault *why)
{
    struct body_reading reading;
    char expected[256];

    body_read_json(&reading, body);
    content_fault_text(why, expected, sizeof expected);
    if (reading.err != ERR_MALFORMED || reading.why.fault != why->fault ||
        reading.why.field != why->field || reading.why.part != why->part) {
        complain(body, &reading, expected);
    }
    free(reading.bytes);
}

// -- what is needed --

static void check_needed(const struct kind *kind, uint8_t state)
{
    const struct field *field;
    json_t *const whole = make_body(kind, state);

    expect_sound(whole, kind);
    for (size_t i = 0; (field = kind_field(kind, i)) != NULL; i++) {
        if (!is_needed(field, state) || strcmp(field->name, "kind") == 0) {
            continue;
        }
        json_t *const body = json_copy(whole);
        json_object_del(body, field->name);
        expect_fault(body, &(struct content_fault){FAULT_MISSING, kind, field, NULL});
        json_decref(body);
    }
    json_decref(whole);
}

static void test_needed(void **state)
{
    (void)state;
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        const size_t count = kind_states_count(kind);
        if (kind->merge == MERGE_SYSTEM) {
            continue;
        }
        for (uint8_t i = 0; i == 0 || i < count; i++) {
            check_needed(kind, i);
        }
    }
}

// -- what each field takes --

// A sample that the field takes is still refused where the kind or its state does not allow it.
static enum fault fault_beyond(const struct kind *kind, const struct field *field)
{
    if (strcmp(field->name, "state") == 0) {
        return FAULT_STATE; // no sample of a code is a state
    }
    return is_changing(field) && kind->merge != MERGE_VERSIONS ? FAULT_UNCHANGING : FAULT_NONE;
}

static void check_sample(const struct kind *kind, const struct field *field,
                         const struct sample *sample)
{
    struct content_fault why = {sample->fault, kind, field, sample->part};
    json_t *const body = make_body(kind, 0);

    json_object_set(body, field->name, sample->value);
    if (is_changing(field) && kind->merge == MERGE_VERSIONS) {
        add_change(body);
    }
    if (why.fault == FAULT_NONE) {
        why.fault = fault_beyond(kind, field);
    }
    if (why.fault == FAULT_NONE) {
        expect_sound(body, kind);
    } else {
        expect_fault(body, &why);
    }
    json_decref(body);
}

static void check_samples(const struct field *field, const struct kind *first,
                          const struct kind *last)
{
    struct samples *const samples = samples_new();

    samples_of(samples, field);
    for (const struct kind *kind = first; kind <= last; kind++) {
        for (size_t i = 0; kind->merge != MERGE_SYSTEM && i < samples->count; i++) {
            check_sample(kind, field, &samples->list[i]);
        }
    }
    samples_drop(samples);
}

// Without `kind`: with another value of it the body is of another kind, or no body.
static void test_common_fields(void **state)
{
    (void)state;
    const struct kind *last = kinds;
    while (last[1].name != NULL) {
        last++;
    }
    assert_string_equal(common_fields[0].name, "kind");
    for (const struct field *field = common_fields + 1; field->name != NULL; field++) {
        check_samples(field, kinds, last);
    }
}

static void test_own_fields(void **state)
{
    (void)state;
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        for (const struct field *field = kind->fields; field->name != NULL; field++) {
            check_samples(field, kind, kind);
        }
    }
}

// Types that no field has need the table's reader all the same.
static void test_types_without_a_field(void **state)
{
    (void)state;
    const struct field fields[] = {{"flag", "", .type = VALUE_FLAG},
                                   {"flags", "", .type = VALUE_FLAG, .items_max = 3}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct samples *const samples = samples_new();
        samples_of(samples, &fields[i]);
        for (size_t j = 0; j < samples->count; j++) {
            struct content_fault why = {.fault = FAULT_NONE};
            struct cbor_reader reader;
            size_t len;
            uint8_t *const bytes = body_encode(samples->list[j].value, &len);
            cbor_read(&reader, bytes, len);
            value_read(&reader, &fields[i], &why);
            assert_int_equal(cbor_finish(&reader) == ERR_OK, samples->list[j].fault == FAULT_NONE);
            free(bytes);
        }
        samples_drop(samples);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_needed),
        cmocka_unit_test(test_common_fields),
        cmocka_unit_test(test_own_fields),
        cmocka_unit_test(test_types_without_a_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
