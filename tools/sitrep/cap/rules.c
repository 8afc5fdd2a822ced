// SPDX-License-Identifier: EUPL-1.2
// The rules of CAP 1.1 and 1.2 as tables, and the walk that holds a document against them: order,
// number and values of elements. What is read out of an alert is cap.c's.
#include "sitrep/cap/rules.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/when.h"

static const char namespace_11[] = "urn:oasis:names:tc:emergency:cap:1.1";
static const char namespace_12[] = "urn:oasis:names:tc:emergency:cap:1.2";
static const char namespace_signature[] = "http://www.w3.org/2000/09/xmldsig#";

enum value_type {
    VALUE_TEXT,
    VALUE_NAME, // not empty, no blank, comma, < or &: it stands in others' references
    VALUE_FULL, // not empty
    VALUE_TIME,
    VALUE_CHOICE,
    VALUE_NUMBER,
    VALUE_POLYGON,
    VALUE_CIRCLE,
    VALUE_ELEMENTS
};

enum { ONCE = 1, MANY = 0 };

struct rule {
    const char *name;
    enum value_type type;
    int min;
    int max;             // MANY: no limit
    const char *choices; // each between blanks
    const struct rule *elements;
    bool is_optional_11; // min counts from 1.2 on
};

static const struct rule pair_rules[] = {
    {.name = "valueName", .min = 1, .max = ONCE},
    {.name = "value", .min = 1, .max = ONCE},
    {.name = NULL},
};

static const struct rule resource_rules[] = {
    {.name = "resourceDesc", .min = 1, .max = ONCE},
    {.name = "mimeType", .min = 1, .max = ONCE, .is_optional_11 = true},
    {.name = "size", .type = VALUE_NUMBER, .max = ONCE},
    {.name = "uri", .max = ONCE},
    {.name = "derefUri", .max = ONCE},
    {.name = "digest", .max = ONCE},
    {.name = NULL},
};

static const struct rule area_rules[] = {
    {.name = "areaDesc", .min = 1, .max = ONCE},
    {.name = "polygon", .type = VALUE_POLYGON, .max = MANY},
    {.name = "circle", .type = VALUE_CIRCLE, .max = MANY},
    {.name = "geocode", .type = VALUE_ELEMENTS, .max = MANY, .elements = pair_rules},
    {.name = "altitude", .type = VALUE_NUMBER, .max = ONCE},
    {.name = "ceiling", .type = VALUE_NUMBER, .max = ONCE},
    {.name = NULL},
};

static const struct rule info_rules[] = {
    {.name = "language", .max = ONCE},
    {.name = "category",
     .type = VALUE_CHOICE,
     .min = 1,
     .max = MANY,
     .choices = " Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other "},
    {.name = "event", .type = VALUE_FULL, .min = 1, .max = ONCE},
    {.name = "responseType",
     .type = VALUE_CHOICE,
     .max = MANY,
     .choices = " Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None "},
    {.name = "urgency",
     .type = VALUE_CHOICE,
     .min = 1,
     .max = ONCE,
     .choices = " Immediate Expected Future Past Unknown "},
    {.name = "severity",
     .type = VALUE_CHOICE,
     .min = 1,
     .max = ONCE,
     .choices = " Extreme Severe Moderate Minor Unknown "},
    {.name = "certainty",
     .type = VALUE_CHOICE,
     .min = 1,
     .max = ONCE,
     .choices = " Observed Likely Possible Unlikely Unknown "},
    {.name = "audience", .max = ONCE},
    {.name = "eventCode", .type = VALUE_ELEMENTS, .max = MANY, .elements = pair_rules},
    {.name = "effective", .type = VALUE_TIME, .max = ONCE},
    {.name = "onset", .type = VALUE_TIME, .max = ONCE},
    {.name = "expires", .type = VALUE_TIME, .max = ONCE},
    {.name = "senderName", .max = ONCE},
    {.name = "headline", .max = ONCE},
    {.name = "description", .max = ONCE},
    {.name = "instruction", .max = ONCE},
    {.name = "web", .max = ONCE},
    {.name = "contact", .max = ONCE},
    {.name = "parameter", .type = VALUE_ELEMENTS, .max = MANY, .elements = pair_rules},
    {.name = "resource", .type = VALUE_ELEMENTS, .max = MANY, .elements = resource_rules},
    {.name = "area", .type = VALUE_ELEMENTS, .max = MANY, .elements = area_rules},
    {.name = NULL},
};

static const struct rule alert_rules[] = {
    {.name = "identifier", .type = VALUE_NAME, .min = 1, .max = ONCE},
    {.name = "sender", .type = VALUE_NAME, .min = 1, .max = ONCE},
    {.name = "sent", .type = VALUE_TIME, .min = 1, .max = ONCE},
    {.name = "status",
     .type = VALUE_CHOICE,
     .min = 1,
     .max = ONCE,
     .choices = " Actual Exercise System Test Draft "},
    {.name = "msgType",
     .type = VALUE_CHOICE,
     .min = 1,
     .max = ONCE,
     .choices = " Alert Update Cancel Ack Error "},
    {.name = "source", .max = ONCE},
    {.name = "scope",
     .type = VALUE_CHOICE,
     .min = 1,
     .max = ONCE,
     .choices = " Public Restricted Private "},
    {.name = "restriction", .max = ONCE},
    {.name = "addresses", .max = ONCE},
    {.name = "code", .max = MANY},
    {.name = "note", .max = ONCE},
    {.name = "references", .max = ONCE},
    {.name = "incidents", .max = ONCE},
    {.name = "info", .type = VALUE_ELEMENTS, .max = MANY, .elements = info_rules},
    {.name = NULL},
};

bool cap_refuse(struct cap_problem *problem, const xmlNode *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(problem->why, sizeof problem->why, format, arguments);
    va_end(arguments);
    problem->line = (int)xmlGetLineNo(node);
    return false;
}

static const char *name_of(const xmlNode *node)
{
    return (const char *)node->name;
}

static bool is_in(const xmlNode *node, const char *namespace)
{
    return node->ns != NULL && node->ns->href != NULL &&
           strcmp((const char *)node->ns->href, namespace) == 0;
}

bool cap_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp(name_of(node), name) == 0 &&
           (is_in(node, namespace_12) || is_in(node, namespace_11));
}

char *cap_text(const xmlNode *leaf)
{
    xmlChar *content = xmlNodeGetContent(leaf);
    const char *text = content != NULL ? (const char *)content : "";
    text += strspn(text, " \t\r\n");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL) {
        len--;
    }
    char *copy = strndup(text, len);
    xmlFree(content);
    if (copy == NULL) {
        abort();
    }
    return copy;
}

// -- values --

// A decimal number from min to max at *at, moved behind it.
static bool take_decimal(const char **at, double min, double max)
{
    const char *digits = *at + (**at == '-' || **at == '+');
    const size_t whole = strspn(digits, "0123456789");
    const bool has_point = digits[whole] == '.';
    const size_t part = has_point ? strspn(digits + whole + 1, "0123456789") : 0;
    if (whole + part == 0 || whole > 15) {
        return false;
    }
    const double value = strtod(*at, NULL);
    *at = digits + whole + (has_point ? 1 : 0) + part;
    return value >= min && value <= max;
}

static bool take_point(const char **at)
{
    if (!take_decimal(at, -90, 90) || **at != ',') {
        return false;
    }
    (*at)++;
    return take_decimal(at, -360, 360); // rings across the 180th meridian run on beyond it
}

// "lat,lon lat,lon ...", four at least, the last the same as the first.
static const char *polygon_problem(const char *text)
{
    const char *first_end = text;
    const char *last = text;
    size_t count = 0;
    for (const char *at = text; *at != '\0';) {
        last = at;
        if (!take_point(&at) || (*at != '\0' && !isspace((unsigned char)*at))) {
            return "must be pairs of latitude,longitude";
        }
        first_end = count == 0 ? at : first_end;
        count++;
        at += strspn(at, " \t\r\n");
    }
    const size_t first_len = (size_t)(first_end - text);
    if (count < 4) {
        return "needs four points at least";
    }
    return strncmp(text, last, first_len) == 0 && last[first_len] == '\0'
               ? NULL
               : "must end where it begins";
}

static const char *circle_problem(const char *text)
{
    const char *at = text;
    if (!take_point(&at) || !isspace((unsigned char)*at)) {
        return "must be latitude,longitude and a radius";
    }
    at += strspn(at, " \t\r\n");
    return take_decimal(&at, 0, 40000) && *at == '\0' ? NULL : "needs a radius in kilometres";
}

// CAP 1.2 wants the zone as an offset in digits, and no fraction of a second.
static const char *time_problem(const char *text, bool is_11)
{
    int64_t ms = 0;
    const size_t len = strlen("2026-03-01T12:00:00+01:00");
    if (when_read(text, &ms) && text[10] == 'T' &&
        (is_11 || (strlen(text) == len && strchr("+-", text[19]) != NULL))) {
        return NULL;
    }
    return "must be a time like 2026-03-01T12:00:00+01:00";
}

static bool is_choice(const char *text, const char *choices)
{
    char wanted[32];
    const int len = snprintf(wanted, sizeof wanted, " %s ", text);
    return len > 2 && (size_t)len < sizeof wanted && strchr(text, ' ') == NULL &&
           strstr(choices, wanted) != NULL;
}

static const char *number_problem(const char *text, bool is_11)
{
    const char *at = text;
    // CAP 1.1 lets altitudes be any text.
    return is_11 || (take_decimal(&at, -1e15, 1e15) && *at == '\0') ? NULL : "must be a number";
}

// What is wrong with the text of a leaf, or NULL.
static const char *value_problem(const char *text, const struct rule *rule, bool is_11)
{
    switch (rule->type) {
    case VALUE_NAME:
        return *text == '\0' || strpbrk(text, " \t\r\n,<&") != NULL
                   ? "must not be empty or hold blanks, commas, < or &"
                   : NULL;
    case VALUE_FULL:
        return *text == '\0' ? "must not be empty" : NULL;
    case VALUE_TIME:
        return time_problem(text, is_11);
    case VALUE_CHOICE:
        return is_choice(text, rule->choices) ? NULL : "must be one of";
    case VALUE_NUMBER:
        return number_problem(text, is_11);
    case VALUE_POLYGON:
        return polygon_problem(text);
    case VALUE_CIRCLE:
        return circle_problem(text);
    case VALUE_TEXT:
    case VALUE_ELEMENTS:
        break;
    }
    return NULL;
}

struct walk {
    struct cap_problem *problem;
    const char *namespace; // the alert's
    bool is_11;
};

static bool check_leaf(struct walk *walk, const xmlNode *leaf, const struct rule *rule)
{
    for (const xmlNode *child = leaf->children; child != NULL; child = child->next) {
        if (child->type == XML_ELEMENT_NODE || child->type == XML_ENTITY_REF_NODE) {
            return cap_refuse(walk->problem, child, "%s may hold text alone", rule->name);
        }
    }
    char *text = cap_text(leaf);
    const char *wrong = value_problem(text, rule, walk->is_11);
    if (wrong != NULL) {
        (void)cap_refuse(walk->problem, leaf, "%s '%.40s' %s%s", rule->name, text, wrong,
                         rule->type == VALUE_CHOICE ? rule->choices : "");
    }
    free(text);
    return wrong == NULL;
}

// -- order --

static bool check_elements(struct walk *walk, const xmlNode *parent, const struct rule *rules);

// Where the walk through one element's children stands in its rules.
struct place {
    const struct rule *rules;
    size_t at;    // the rule of the last child
    int count;    // children of that rule so far
    bool is_over; // a signature was seen: nothing may follow
};

static bool needs_more(const struct walk *walk, const struct rule *rule, int count)
{
    return count < rule->min && !(walk->is_11 && rule->is_optional_11);
}

// Moves to the rule of `child`; what is skipped must have been optional.
static bool move_to(struct walk *walk, struct place *place, const xmlNode *child)
{
    size_t wanted = 0;
    while (place->rules[wanted].name != NULL &&
           strcmp(place->rules[wanted].name, name_of(child)) != 0) {
        wanted++;
    }
    if (place->rules[wanted].name == NULL) {
        return cap_refuse(walk->problem, child, "%.40s is not known here", name_of(child));
    }
    if (wanted < place->at) {
        return cap_refuse(walk->problem, child, "%s must stand before %s", name_of(child),
                          place->rules[place->at].name);
    }
    while (place->at < wanted) {
        if (needs_more(walk, &place->rules[place->at], place->count)) {
            return cap_refuse(walk->problem, child, "%s is missing before %s",
                              place->rules[place->at].name, name_of(child));
        }
        place->at++;
        place->count = 0;
    }
    place->count++;
    if (place->rules[wanted].max == ONCE && place->count > 1) {
        return cap_refuse(walk->problem, child, "%s stands here twice", name_of(child));
    }
    return true;
}

static bool check_element(struct walk *walk, struct place *place, const xmlNode *child)
{
    if (place->rules == alert_rules && is_in(child, namespace_signature)) {
        place->is_over = true; // its inside is not read
        return true;
    }
    if (!is_in(child, walk->namespace)) {
        return cap_refuse(walk->problem, child, "%.40s is not an element of this CAP version",
                          name_of(child));
    }
    if (place->is_over) {
        return cap_refuse(walk->problem, child, "%.40s stands behind the signature",
                          name_of(child));
    }
    if (!move_to(walk, place, child)) {
        return false;
    }
    const struct rule *rule = &place->rules[place->at];
    return rule->type == VALUE_ELEMENTS ? check_elements(walk, child, rule->elements)
                                        : check_leaf(walk, child, rule);
}

static bool check_child(struct walk *walk, struct place *place, const xmlNode *child)
{
    if (child->type == XML_COMMENT_NODE || child->type == XML_PI_NODE || xmlIsBlankNode(child)) {
        return true;
    }
    if (child->type == XML_ELEMENT_NODE) {
        return check_element(walk, place, child);
    }
    return cap_refuse(walk->problem, child, "text stands between the elements");
}

static bool check_elements(struct walk *walk, const xmlNode *parent, const struct rule *rules)
{
    struct place place = {.rules = rules};
    for (const xmlNode *child = parent->children; child != NULL; child = child->next) {
        if (!check_child(walk, &place, child)) {
            return false;
        }
    }
    for (; place.rules[place.at].name != NULL; place.at++, place.count = 0) {
        if (needs_more(walk, &place.rules[place.at], place.count)) {
            return cap_refuse(walk->problem, parent, "%s has no %s", name_of(parent),
                              place.rules[place.at].name);
        }
    }
    return true;
}

bool cap_check(const xmlNode *alert, struct cap_problem *problem)
{
    if (!cap_is(alert, "alert")) {
        return cap_refuse(problem, alert, "this is not an alert of CAP 1.1 or 1.2");
    }
    struct walk walk = {problem, namespace_12, is_in(alert, namespace_11)};
    if (walk.is_11) {
        walk.namespace = namespace_11;
    }
    return check_elements(&walk, alert, alert_rules);
}
