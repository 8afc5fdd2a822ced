// SPDX-License-Identifier: EUPL-1.2
// The table of kinds as PROTOCOL.md 18.6 has it, written from the one in the code.
#ifndef TESTS_UNIT_KINDS_TABLE_H
#define TESTS_UNIT_KINDS_TABLE_H

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/kind.h"

static const char *const kinds_table_sides[SIDES] = {
    [SIDE_EDITORS] = "editors",
    [SIDE_ASKER] = "asker",
    [SIDE_ADDRESSED] = "addressed",
    [SIDE_MEMBERS] = "members",
};

static const char *const kinds_table_merges[] = {
    [MERGE_NOTHING] = "stands alone",
    [MERGE_VERSIONS] = "versions",
    [MERGE_LATEST] = "latest",
    [MERGE_SYSTEM] = "elsewhere",
};

// In the notation of 18.3.
static inline void kinds_table_put_type(FILE *out, const struct field *field)
{
    static const char *const names[VALUE_TYPES] = {
        [VALUE_LINE] = "line",   [VALUE_TEXT] = "text",         [VALUE_WORD] = "word",
        [VALUE_CODE] = "code",   [VALUE_LANGUAGE] = "language", [VALUE_FLAG] = "flag",
        [VALUE_COUNT] = "count", [VALUE_DECIMAL] = "decimal",   [VALUE_TIME] = "time",
        [VALUE_REF] = "ref",     [VALUE_CENTRE] = "centre",     [VALUE_BYTES] = "bytes",
        [VALUE_TEXTS] = "texts", [VALUE_GEOMETRY] = "geometry", [VALUE_PARTS] = "{ }",
    };

    if (field->items_max > 0) {
        fprintf(out, field->is_set ? "set %" PRIu32 " " : "[%" PRIu32 "] ", field->items_max);
    }
    fputs(names[field->type], out);
    if (field->type == VALUE_COUNT) {
        fprintf(out, " %" PRIu32 "..%" PRIu32, field->least, field->most);
    } else if (field->most > 0) {
        fprintf(out, " %" PRIu32, field->most);
    }
    for (size_t i = 0; field->words != NULL && field->words[i] != NULL; i++) {
        fprintf(out, "%s%s", i == 0 ? " " : " / ", field->words[i]);
    }
}

static inline void kinds_table_put_needed(FILE *out, const struct field *field,
                                          const char *const *states)
{
    const char *before = "";

    if (field->needed == ALWAYS_NEEDED) {
        fputs("always ", out);
        return;
    }
    for (size_t i = 0; states != NULL && states[i] != NULL; i++) {
        if ((field->needed >> i & 1) != 0) {
            fprintf(out, "%s%s", before, states[i]);
            before = ", ";
        }
    }
    fputs(before[0] != '\0' ? " " : "", out);
}

// Parts stand below what they are parts of, by their path.
static inline void kinds_table_put_fields(FILE *out, const char *kind, const char *path,
                                          const struct field *fields, const char *const *states)
{
    for (const struct field *field = fields; field->name != NULL; field++) {
        char name[128];
        const int len = snprintf(name, sizeof name, "%s%s", path, field->name);
        assert(len > 0 && (size_t)len + 1 < sizeof name);
        fprintf(out, "| `%s` | `%s` | ", kind, name);
        kinds_table_put_type(out, field);
        fputs(" | ", out);
        kinds_table_put_needed(out, field, states);
        fprintf(out, "| %s%s|\n", field->about, field->about[0] != '\0' ? " " : "");
        if (field->type == VALUE_PARTS) {
            memcpy(name + len, ".", 2);
            kinds_table_put_fields(out, kind, name, field->parts, NULL);
        }
    }
}

static inline void kinds_table_put_life(FILE *out, const struct kind *kind)
{
    fputs(kinds_table_merges[kind->merge], out);
    for (size_t i = 0; i < kind_states_count(kind); i++) {
        fprintf(out, "%s%s%s%s", i == 0 ? "; " : ", ", (kind->states_begin >> i & 1) ? ">" : "",
                kind->states[i], kind_is_over(kind, (uint8_t)i) ? "." : "");
    }
    for (size_t i = 0; i < kind->steps_count; i++) {
        const struct step *step = &kind->steps[i];
        fprintf(out, "%s%s > %s (%s)", i == 0 ? "; " : ", ", kind->states[step->from],
                kind->states[step->to], kinds_table_sides[step->side]);
    }
    if (kind->merge == MERGE_VERSIONS) {
        fprintf(out, "; else (%s)", kinds_table_sides[kind->side]);
    }
    if (kind->current_h != 0) {
        fprintf(out, "; old after %u h", (unsigned)kind->current_h);
    }
    if (kind->until != NULL) {
        fprintf(out, "; holds until `%s`", kind->until);
    }
}

// The caller frees the result.
static inline char *kinds_table_make(void)
{
    char *text = NULL;
    size_t len;
    FILE *const out = open_memstream(&text, &len);

    assert(out != NULL);
    fputs("\n| kind | field | type | needed | about |\n|---|---|---|---|---|\n", out);
    kinds_table_put_fields(out, "*", "", common_fields, NULL);
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        fprintf(out, "| `%s` | | ", kind->name);
        kinds_table_put_life(out, kind);
        fprintf(out, " | | %s |\n", kind->about);
        kinds_table_put_fields(out, kind->name, "", kind->fields, kind->states);
    }
    fputc('\n', out);
    fclose(out);
    return text;
}

#endif
