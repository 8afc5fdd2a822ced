// SPDX-License-Identifier: EUPL-1.2
// The table of kinds: that it makes sense, what may follow what, and that PROTOCOL.md 18.6 says the
// same. With SITREP_WRITE_VECTORS=1 that part of PROTOCOL.md is written anew.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sitrep/limits.h"
#include "unit/kinds_table.h"

enum { PARTS_MAX = 64 }; // their reader keeps them in one word

static bool is_made_of(const char *name, const char *others)
{
    const size_t len = strlen(name);

    return len > 0 && len <= KIND_MAX_LEN &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len &&
           strcspn(name, others) == len;
}

// -- fields --

static bool has_length(enum value_type type)
{
    return type == VALUE_LINE || type == VALUE_TEXT || type == VALUE_CODE || type == VALUE_BYTES ||
           type == VALUE_TEXTS;
}

static void check_words(const struct field *field)
{
    assert_int_equal(field->words != NULL, field->type == VALUE_WORD);
    if (field->words == NULL) {
        return;
    }
    assert_non_null(field->words[0]);
    for (size_t i = 0; field->words[i] != NULL; i++) {
        assert_true(strlen(field->words[i]) > 0);
        assert_null(strpbrk(field->words[i], " /|,"));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(field->words[i], field->words[j]);
        }
    }
}

static void check_bounds(const struct field *field)
{
    if (field->type == VALUE_COUNT) {
        assert_true(field->most > field->least);
    } else {
        assert_int_equal(field->least, 0);
        assert_int_equal(field->most > 0, has_length(field->type));
    }
    assert_true(field->items_max != 1);
    if (field->is_set) {
        assert_true(field->items_max > 0);
        assert_true(field->type == VALUE_REF || field->type == VALUE_CENTRE);
    }
}

// The levels of CBOR that a value may take [1.2].
static unsigned levels_of(const struct field *field)
{
    static const unsigned own[VALUE_TYPES] = {
        [VALUE_DECIMAL] = 1, [VALUE_REF] = 1, [VALUE_TEXTS] = 1, [VALUE_GEOMETRY] = 5};
    unsigned levels = own[field->type];

    if (field->type == VALUE_PARTS) {
        for (const struct field *part = field->parts; part->name != NULL; part++) {
            const unsigned below = levels_of(part);
            levels = below > levels ? below : levels;
        }
        levels++;
    }
    return levels + (field->items_max > 0);
}

static void check_field(const struct field *field);

static void check_parts(const struct field *field)
{
    size_t count = 0;

    assert_int_equal(field->parts != NULL, field->type == VALUE_PARTS);
    if (field->parts == NULL) {
        return;
    }
    for (; field->parts[count].name != NULL; count++) {
        const struct field *part = &field->parts[count];
        check_field(part);
        assert_true(part->needed == NEVER_NEEDED || part->needed == ALWAYS_NEEDED);
        for (size_t i = 0; i < count; i++) {
            assert_string_not_equal(part->name, field->parts[i].name);
        }
    }
    assert_in_range(count, 1, PARTS_MAX);
}

static void check_field(const struct field *field)
{
    const bool is_caps = strcmp(field->name, "msgType") == 0; // as CAP names it

    if (!is_caps && !is_made_of(field->name, "-")) {
        fail_msg("\"%s\" is no name of a field", field->name);
    }
    assert_non_null(field->about);
    assert_null(strpbrk(field->about, "|\n"));
    assert_true(field->type < VALUE_TYPES);
    check_words(field);
    check_bounds(field);
    check_parts(field);
    assert_true(levels_of(field) + 1 <= NEST_MAX);
}

static void check_needed(const struct kind *kind, const struct field *field)
{
    const unsigned states = (1u << kind_states_count(kind)) - 1;

    if (field->needed != ALWAYS_NEEDED && (field->needed & ~states) != 0) {
        fail_msg("%s: \"%s\" is needed in a state that there is not", kind->name, field->name);
    }
}

static void check_is_first(const struct kind *kind, size_t place)
{
    for (size_t i = 0; i < place; i++) {
        assert_string_not_equal(kind_field(kind, i)->name, kind_field(kind, place)->name);
    }
}

static void check_fields(const struct kind *kind)
{
    const struct field *field;
    size_t count = 0;

    for (; (field = kind_field(kind, count)) != NULL; count++) {
        check_field(field);
        check_needed(kind, field);
        check_is_first(kind, count);
    }
    assert_true(count <= FIELDS_MAX);
    assert_null(kind_field(kind, count + 1));
    if (kind->merge == MERGE_SYSTEM) {
        assert_null(kind->fields->name);
    }
}

static void test_fields(void **state)
{
    (void)state;
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        check_fields(kind);
    }
}

// -- states and steps --

static void check_states(const struct kind *kind)
{
    const size_t count = kind_states_count(kind);

    assert_true(count <= STATES_MAX);
    assert_true(count != 1); // it would say nothing
    for (size_t i = 0; i < count; i++) {
        assert_true(is_made_of(kind->states[i], "_"));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(kind->states[i], kind->states[j]);
        }
    }
    if (count == 0) {
        assert_null(kind->states);
        assert_int_equal(kind->states_begin, 0);
        assert_int_equal(kind->states_over, 0);
        assert_int_equal(kind->steps_count, 0);
        return;
    }
    assert_int_equal(kind->merge, MERGE_VERSIONS);
    assert_int_equal(kind->states_begin >> count, 0);
    assert_int_equal(kind->states_over >> count, 0);
    assert_int_equal(kind->states_over & kind->states_begin, 0);
    assert_int_equal(kind->states_begin & 1, 1); // the first is meant where none is named
}

static void check_steps(const struct kind *kind)
{
    const size_t count = kind_states_count(kind);
    unsigned reached = kind->states_begin;

    for (size_t i = 0; i < kind->steps_count; i++) {
        const struct step *step = &kind->steps[i];
        assert_true(step->from < count);
        assert_true(step->to < count);
        assert_int_not_equal(step->from, step->to);
        assert_true(step->side < SIDES);
        for (size_t j = 0; j < i; j++) {
            assert_true(step->from != kind->steps[j].from || step->to != kind->steps[j].to);
        }
    }
    for (size_t round = 0; round < count; round++) {
        for (size_t i = 0; i < kind->steps_count; i++) {
            const struct step *step = &kind->steps[i];
            reached |= (reached >> step->from & 1) << step->to;
        }
    }
    if (reached != (1u << count) - 1) {
        fail_msg("%s: not every state is reached", kind->name);
    }
}

// What nobody can go on from is over; what began is not.
static void check_over(const struct kind *kind)
{
    for (uint8_t i = 0; i < kind_states_count(kind); i++) {
        const struct span name = {(const uint8_t *)kind->states[i], strlen(kind->states[i])};
        size_t steps = 0;
        for (size_t at = 0; at < kind->steps_count; at++) {
            steps += kind->steps[at].from == i;
        }
        if (steps == 0 && !kind_is_over(kind, i)) {
            fail_msg("%s: %s is not over, and no step leads on", kind->name, kind->states[i]);
        }
        assert_int_equal(kind_state(kind, name), i);
    }
    assert_false(kind_is_over(kind, STATE_NONE));
    assert_int_equal(kind_state(kind, (struct span){(const uint8_t *)"no", 2}), STATE_NONE);
}

static void check_age(const struct kind *kind)
{
    if (kind->until != NULL) {
        const struct span name = {(const uint8_t *)kind->until, strlen(kind->until)};
        assert_int_equal(field_find(kind->fields, name)->type, VALUE_TIME);
    }
}

static void test_states(void **state)
{
    (void)state;
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        assert_true(kind->side < SIDES);
        check_over(kind);
        check_age(kind);
        check_states(kind);
        check_steps(kind);
    }
}

// -- kinds --

// By hand: every change of state that is allowed, and whose changes keep it. Any other is not.
static const char *const allowed[] = {
    "incident: open>closed members, open>merged members, closed>open members, "
    "closed>merged members, merged>open members; members",
    "report: sent>withdrawn editors; editors",
    "assessment: editors",
    "advice: open>followed addressed, open>rejected addressed; editors",
    "decision: proposed>taken editors, proposed>withdrawn editors, taken>carried-out editors, "
    "taken>withdrawn editors; editors",
    "measure: planned>in-force editors, planned>lifted editors, in-force>lifted editors; editors",
    "phase: declared>changed members, declared>ended members, changed>ended members; members",
    "request: requested>closed editors, requested>cancelled editors, closed>requested editors, "
    "cancelled>requested editors; editors",
    "offer: offered>accepted asker, offered>declined asker, offered>withdrawn editors, "
    "accepted>committed editors, accepted>withdrawn editors, committed>en-route editors, "
    "committed>released editors, committed>withdrawn editors, en-route>on-site editors, "
    "en-route>released editors, en-route>withdrawn editors, on-site>released editors; editors",
    "line: draft>approved editors, approved>draft editors; editors",
    "station: editors",
    "contact: editors",
    "task: open>taken addressed, open>done addressed, open>dropped editors, taken>open addressed, "
    "taken>done addressed, taken>dropped editors; editors",
    "comtest: called>closed editors; editors",
    "lesson: editors",
    "translation: editors",
};

static void put_allowed(FILE *out, const struct kind *kind)
{
    const uint8_t count = (uint8_t)kind_states_count(kind);
    const char *before = "";
    enum side side = SIDES;

    fprintf(out, "%s: ", kind->name);
    for (unsigned pair = 0; pair < (unsigned)count * count; pair++) {
        const uint8_t from = (uint8_t)(pair / count);
        const uint8_t to = (uint8_t)(pair % count);
        if (from != to && kind_allows(kind, from, to, &side)) {
            fprintf(out, "%s%s>%s %s", before, kind->states[from], kind->states[to],
                    kinds_table_sides[side]);
            before = ", ";
        }
    }
    for (uint8_t at = 0; at == 0 || at < count; at++) {
        assert_true(kind_allows(kind, at, at, &side));
        assert_int_equal(side, kind->side);
    }
    fprintf(out, "%s%s", count > 0 ? "; " : "", kinds_table_sides[side]);
}

static void test_steps(void **state)
{
    (void)state;
    size_t i = 0;

    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        char text[1024] = "";
        if (kind->merge != MERGE_VERSIONS) {
            continue;
        }
        FILE *const out = fmemopen(text, sizeof text, "w");
        assert_non_null(out);
        put_allowed(out, kind);
        assert_int_equal(fclose(out), 0);
        assert_true(i < sizeof allowed / sizeof *allowed);
        assert_string_equal(text, allowed[i]);
        i++;
    }
    assert_int_equal(i, sizeof allowed / sizeof *allowed);
}

static void test_steps_of_no_state(void **state)
{
    (void)state;
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        for (size_t i = 0; i < STATES_MAX; i++) {
            enum side side;
            assert_false(kind_allows(kind, (uint8_t)i, STATES_MAX, &side));
            assert_false(kind_allows(kind, STATES_MAX, (uint8_t)i, &side));
        }
    }
}

static void test_names(void **state)
{
    (void)state;
    size_t count = 0;

    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        const struct span name = {(const uint8_t *)kind->name, strlen(kind->name)};
        assert_true(is_made_of(kind->name, "_"));
        assert_ptr_equal(kind_find(name), kind); // so none is there twice
        assert_null(kind_find((struct span){name.bytes, name.len - 1}));
        assert_null(kind_find((struct span){name.bytes, name.len + 1}));
        assert_null(strpbrk(kind->about, "|\n"));
        count++;
    }
    assert_int_equal(count, 28);
    assert_null(kind_find((struct span){NULL, 0}));
    assert_null(kind_find((struct span){(const uint8_t *)"*", 1}));
}

// -- PROTOCOL.md --

static const char protocol_path[] = "proto/PROTOCOL.md";
static const char begin_mark[] = "<!-- kinds -->\n";
static const char end_mark[] = "<!-- /kinds -->\n";

static char *protocol_read(void)
{
    FILE *const file = fopen(protocol_path, "r");
    char *text = NULL;
    size_t size = 0;

    assert_non_null(file);
    assert_true(getdelim(&text, &size, '\0', file) > 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

// Where the table begins in the text, and where it ends.
static char *find_table(char *text, char **end)
{
    char *const mark = strstr(text, begin_mark);
    assert_non_null(mark);
    char *const begin = mark + strlen(begin_mark);

    assert_null(strstr(begin, begin_mark));
    *end = strstr(begin, end_mark);
    assert_non_null(*end);
    return begin;
}

static void protocol_write(const char *table)
{
    char *const text = protocol_read();
    char *end;
    const char *const begin = find_table(text, &end);
    FILE *const file = fopen(protocol_path, "w");

    assert_non_null(file);
    assert_true(fprintf(file, "%.*s%s%s", (int)(begin - text), text, table, end) > 0);
    assert_int_equal(fclose(file), 0);
    free(text);
}

// Line by line, so that what differs is seen.
static void compare_lines(char *is, char *should_be)
{
    char *at_is = NULL;
    char *at_should_be = NULL;
    const char *line = strtok_r(is, "\n", &at_is);
    const char *expected = strtok_r(should_be, "\n", &at_should_be);

    while (line != NULL && expected != NULL && strcmp(line, expected) == 0) {
        line = strtok_r(NULL, "\n", &at_is);
        expected = strtok_r(NULL, "\n", &at_should_be);
    }
    if (line != NULL || expected != NULL) {
        fail_msg("%s says\n%s\nand the table of kinds\n%s", protocol_path,
                 line != NULL ? line : "nothing more",
                 expected != NULL ? expected : "nothing more");
    }
}

static void test_protocol(void **state)
{
    (void)state;
    char *const table = kinds_table_make();
    char *end;

    if (getenv("SITREP_WRITE_VECTORS") != NULL) {
        protocol_write(table);
    }
    char *const text = protocol_read();
    char *const begin = find_table(text, &end);
    *end = '\0';
    const bool is_same = strcmp(begin, table) == 0;
    compare_lines(begin, table);
    assert_true(is_same); // empty lines, too
    free(text);
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields), cmocka_unit_test(test_states),
        cmocka_unit_test(test_steps),  cmocka_unit_test(test_steps_of_no_state),
        cmocka_unit_test(test_names),  cmocka_unit_test(test_protocol),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
