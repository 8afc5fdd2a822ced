// SPDX-License-Identifier: EUPL-1.2
// Reads what a change asks for.
#include "api/wish.h"

#include "json/content_json.h"
#include "reading/refs.h"
#include "reading/view.h"

static const char *read_words(const json_t *json, struct wish *wish)
{
    const json_t *kind = json_object_get(json, "kind");
    const json_t *state = json_object_get(json, "state");
    const json_t *precedence = json_object_get(json, "precedence");

    wish->kind = json_string_value(kind);
    wish->state = json_string_value(state);
    wish->has_precedence = precedence != NULL;
    if (kind != NULL && wish->kind == NULL) {
        return "\"kind\": must be the kind of the item";
    }
    if (state != NULL && wish->state == NULL) {
        return "\"state\": must be a state of its kind ('sitrep kinds')";
    }
    if (precedence != NULL &&
        (!json_is_string(precedence) ||
         precedence_parse(json_string_value(precedence), &wish->precedence) != ERR_OK)) {
        return "\"precedence\": must be routine, priority, immediate or flash";
    }
    return NULL;
}

static const char *read_content(const json_t *json, struct wish *wish)
{
    static const char *const elsewhere[] = {"kind", "item", "supersedes", "state", "text"};

    wish->text = json_object_get(json, "text");
    wish->fields = json_object_get(json, "fields");
    if (wish->text != NULL && !json_is_string(wish->text) && !json_is_null(wish->text)) {
        return "\"text\": must be text, or null to take it away";
    }
    if (wish->fields != NULL && !json_is_object(wish->fields)) {
        return "\"fields\": must be an object";
    }
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        if (json_object_get(wish->fields, elsewhere[i]) != NULL) {
            return "\"fields\" may not hold kind, state and text, which stand beside it, nor item "
                   "and supersedes, which follow from what is changed";
        }
    }
    return NULL;
}

static enum err read_from(const struct call *call, const json_t *json, struct wish *wish,
                          char why[static WHY_SIZE])
{
    const struct content_names names = refs_names(call->view);
    const json_t *from = json_object_get(json, "change");
    char found[WHY_SIZE];

    wish->has_from = from != NULL;
    if (from == NULL) {
        return ERR_OK;
    }
    if (!json_is_string(from)) {
        snprintf(why, WHY_SIZE, "\"change\": must be the name of a version");
        return ERR_MALFORMED;
    }
    if (names.read_ref(names.context, json_string_value(from), &wish->from, found) != ERR_OK) {
        snprintf(why, WHY_SIZE, "\"change\": %.*s", WHY_SIZE - 48, found);
        return ERR_MALFORMED;
    }
    return ERR_OK;
}

enum err wish_read(const struct call *call, const json_t *json, struct wish *wish,
                   char why[static WHY_SIZE])
{
    static const char *const members[] = {"kind", "change", "state",
                                          "text", "fields", "precedence"};
    size_t known = 0;

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        known += json_object_get(json, members[i]) != NULL;
    }
    const char *wrong = read_words(json, wish);
    wrong = wrong != NULL ? wrong : read_content(json, wish);
    if (json_object_size(json) != known || known == 0) {
        wrong = "only \"take\", or \"kind\", \"change\", \"state\", \"text\", \"fields\" and "
                "\"precedence\" may stand here";
    }
    if (wrong != NULL) {
        snprintf(why, WHY_SIZE, "%s", wrong);
        return ERR_MALFORMED;
    }
    return read_from(call, json, wish, why);
}
