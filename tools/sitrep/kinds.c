// SPDX-License-Identifier: EUPL-1.2
// sitrep kinds: what entries can say, and in which fields. Needs no node.
#include <stdio.h>
#include <string.h>

#include "json/kind_text.h"
#include "sitrep/command.h"
#include "sitrep/content.h"
#include "sitrep/kind.h"
#include "sitrep/print.h"

enum { RULE_SIZE = 512, LINE_SIZE = 600 };

static enum exit_code print_whole(const struct kind *kind)
{
    struct text out = {0};

    if (kind != NULL) {
        kind_write(&out, kind);
    } else {
        kinds_write(&out);
    }
    const bool has_failed = out.has_failed;
    if (!has_failed) {
        (void)printf("%.*s\n", (int)out.len, out.bytes);
    }
    text_fini(&out);
    return has_failed ? complain(EXIT_FAILED, "no memory") : EXIT_DONE;
}

static void list_states(const struct kind *kind, char out[static LINE_SIZE])
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < kind_states_count(kind); i++) {
        len += (size_t)snprintf(out + len, LINE_SIZE - len, "%s%s", i == 0 ? "" : ", ",
                                kind->states[i]);
    }
}

static void list_all(void)
{
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        char states[LINE_SIZE];
        list_states(kind, states);
        (void)printf("%-16s %s%s%s\n", kind->name, kind->about, *states == '\0' ? "" : ": ",
                     states);
    }
    tell("sitrep kinds KIND tells what goes into one of them.");
}

static void show_steps(const struct kind *kind)
{
    static const char *const who[SIDES] = {
        "who wrote it, and its editors",
        "who asked",
        "whom it is for, who wrote it, and its editors",
        "everybody",
    };

    for (size_t i = 0; i < kind->steps_count; i++) {
        const struct step *step = &kind->steps[i];
        char line[LINE_SIZE];
        (void)snprintf(line, sizeof line, "%s to %s", kind->states[step->from],
                       kind->states[step->to]);
        (void)printf("  %-28s %s\n", line, who[step->side]);
    }
}

static void show_needed(const struct field *field, const struct kind *kind)
{
    if (field->needed == ALWAYS_NEEDED) {
        (void)printf(" (needed)");
        return;
    }
    for (size_t i = 0; i < kind_states_count(kind); i++) {
        if ((field->needed >> i & 1) != 0) {
            (void)printf(" (needed when %s)", kind->states[i]);
        }
    }
}

static void show_field(const struct field *field, const struct kind *kind, int indent)
{
    char rule[RULE_SIZE];

    field_rule(field, rule, sizeof rule);
    (void)printf("%*s%-*s %s%s%s", indent, "", 20 - indent, field->name, rule,
                 *field->about == '\0' ? "" : ": ", field->about);
    show_needed(field, kind);
    (void)putchar('\n');
    for (const struct field *part = field->parts; part != NULL && part->name != NULL; part++) {
        show_field(part, kind, indent + 2);
    }
}

static void show(const struct kind *kind)
{
    char states[LINE_SIZE];

    list_states(kind, states);
    print_row("kind", "%s: %s", kind->name, kind->about);
    if (*states != '\0') {
        print_row("states", "%s", states);
        show_steps(kind);
    }
    if (kind->current_h != 0) {
        print_row("old after", "%u hours, unless it says until when it holds",
                  (unsigned)kind->current_h);
    }
    if (kind->merge == MERGE_SYSTEM) {
        tell("The node itself makes sense of these.");
        return;
    }
    (void)puts("fields");
    for (const struct field *field = kind->fields; field->name != NULL; field++) {
        show_field(field, kind, 2);
    }
    (void)puts("fields of all kinds");
    for (const struct field *field = common_fields + 1; field->name != NULL; field++) {
        show_field(field, kind, 2);
    }
}

enum exit_code command_kinds(const struct arguments *arguments)
{
    const char *name = arguments->operands_count > 0 ? arguments->operands[0] : NULL;
    const struct kind *kind =
        name == NULL ? NULL : kind_find((struct span){(const uint8_t *)name, strlen(name)});

    if (name != NULL && kind == NULL) {
        return complain(EXIT_USAGE, "there is no kind \"%s\"; sitrep kinds lists them", name);
    }
    if (arguments->is_json) {
        return print_whole(kind);
    }
    if (kind == NULL) {
        list_all();
    } else {
        show(kind);
    }
    return EXIT_DONE;
}
