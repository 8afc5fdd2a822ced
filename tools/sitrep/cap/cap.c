// SPDX-License-Identifier: EUPL-1.2
// Parses an alert with libxml2, has cap_rules.c check it, and takes the essentials out.
#include "sitrep/cap/cap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include "sitrep/cap/rules.h"

// Some of libxml2's complaints go past the parser to stderr, foreign bytes and all.
static void say_nothing(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

static bool is_known_encoding(const xmlChar *encoding)
{
    static const char *const known[] = {"UTF-8",        "US-ASCII", "ISO-8859-1", "ISO-8859-15",
                                        "windows-1252", "UTF-16",   "UTF-16LE",   "UTF-16BE"};
    if (encoding == NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcasecmp((const char *)encoding, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

// Called behind the XML declaration: the end of it when the encoding is a curious one.
static void check_encoding(void *context)
{
    xmlParserCtxt *parser = context;
    struct cap_problem *problem = parser->_private;
    const xmlChar *encoding = parser->input->encoding;
    xmlSAX2StartDocument(parser);
    if (!is_known_encoding(encoding) || !is_known_encoding(parser->encoding)) {
        (void)snprintf(problem->why, sizeof problem->why, "the encoding %.40s is not taken",
                       (const char *)(encoding != NULL ? encoding : parser->encoding));
        xmlStopParser(parser);
    }
}

// Called at a DOCTYPE: the end of it, before anything of the DTD is looked at.
static void refuse_dtd(void *context, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    xmlParserCtxt *parser = context;
    struct cap_problem *problem = parser->_private;
    (void)name;
    (void)external;
    (void)system;
    problem->line = xmlSAX2GetLineNumber(parser);
    (void)snprintf(problem->why, sizeof problem->why, "a DTD is not allowed");
    xmlStopParser(parser);
}

static void take_xml_error(const xmlParserCtxt *parser, struct cap_problem *problem)
{
    const char *message = parser->lastError.message;
    problem->line = parser->lastError.line;
    (void)snprintf(problem->why, sizeof problem->why, "this is not XML: %s",
                   message != NULL ? message : "nothing can be read");
    problem->why[strcspn(problem->why, "\n")] = '\0';
}

// The next node in the order of the document, inside `root`; *depth follows.
static const xmlNode *next_node(const xmlNode *node, const xmlNode *root, int *depth)
{
    if (node->children != NULL && node->type == XML_ELEMENT_NODE) {
        (*depth)++;
        return node->children;
    }
    while (node != root && node->next == NULL) {
        node = node->parent;
        (*depth)--;
    }
    return node == root ? NULL : node->next;
}

static bool check_depth(const xmlNode *root, struct cap_problem *problem)
{
    int depth = 1;
    for (const xmlNode *node = root; node != NULL; node = next_node(node, root, &depth)) {
        if (depth > CAP_DEPTH_MAX && node->type == XML_ELEMENT_NODE) {
            return cap_refuse(problem, node, "elements lie more than %d deep", CAP_DEPTH_MAX);
        }
    }
    return true;
}

static xmlDoc *parse(const uint8_t *bytes, size_t len, struct cap_problem *problem)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (parser == NULL) {
        abort();
    }
    xmlSetGenericErrorFunc(NULL, say_nothing);
    parser->_private = problem;
    parser->sax->startDocument = check_encoding;
    parser->sax->internalSubset = refuse_dtd;
    parser->sax->externalSubset = refuse_dtd;
    // Neither NOENT nor DTDLOAD nor XINCLUDE nor HUGE: nothing is replaced, loaded or unbounded.
    xmlDoc *document = xmlCtxtReadMemory(parser, (const char *)bytes, (int)len, NULL, NULL,
                                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (*problem->why == '\0' && document == NULL) {
        take_xml_error(parser, problem);
    } else if (*problem->why == '\0' &&
               (document->intSubset != NULL || document->extSubset != NULL)) {
        (void)snprintf(problem->why, sizeof problem->why, "a DTD is not allowed");
    }
    xmlFreeParserCtxt(parser);
    if (*problem->why != '\0') {
        xmlFreeDoc(document);
        return NULL;
    }
    return document;
}

// -- essentials --

static const xmlNode *find_child(const xmlNode *parent, const char *name)
{
    for (const xmlNode *child = parent->children; child != NULL; child = child->next) {
        if (cap_is(child, name)) {
            return child;
        }
    }
    return NULL;
}

// Adds the text of the child `name`, when there is one with any.
static void add_text(json_t *object, const xmlNode *parent, const char *name)
{
    const xmlNode *child = find_child(parent, name);
    if (child == NULL) {
        return;
    }
    char *text = cap_text(child);
    if (*text != '\0') {
        (void)json_object_set_new(object, name, json_string(text));
    }
    free(text);
}

static void append_text(json_t *array, const xmlNode *leaf)
{
    char *text = cap_text(leaf);
    if (*text != '\0') {
        (void)json_array_append_new(array, json_string(text));
    }
    free(text);
}

// Takes the list over; one with nothing in it is left out.
static void add_list(json_t *object, const char *name, json_t *list)
{
    if (json_array_size(list) > 0) {
        (void)json_object_set_new(object, name, list);
    } else {
        json_decref(list);
    }
}

static json_t *info_essentials(const xmlNode *info)
{
    static const char *const texts[] = {"event",     "urgency",  "severity",
                                        "certainty", "headline", "expires"};
    json_t *object = json_object();
    json_t *categories = json_array();
    json_t *areas = json_array();
    add_text(object, info, "language");
    if (json_object_get(object, "language") == NULL) {
        (void)json_object_set_new(object, "language", json_string("en-US")); // CAP's own default
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        add_text(object, info, texts[i]);
    }
    for (const xmlNode *child = info->children; child != NULL; child = child->next) {
        if (cap_is(child, "category")) {
            append_text(categories, child);
        } else if (cap_is(child, "area")) {
            append_text(areas, find_child(child, "areaDesc"));
        }
    }
    add_list(object, "category", categories);
    add_list(object, "areas", areas);
    return object;
}

static json_t *essentials(const xmlNode *alert)
{
    static const char *const texts[] = {"identifier", "sender", "sent",      "status",
                                        "msgType",    "scope",  "references"};
    json_t *object = json_object();
    json_t *infos = json_array();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        add_text(object, alert, texts[i]);
    }
    for (const xmlNode *child = alert->children; child != NULL; child = child->next) {
        if (cap_is(child, "info")) {
            (void)json_array_append_new(infos, info_essentials(child));
        }
    }
    add_list(object, "info", infos);
    return object;
}

json_t *cap_read(const uint8_t *bytes, size_t len, struct cap_problem *problem)
{
    *problem = (struct cap_problem){0, ""};
    if (len == 0 || len > CAP_BYTES_MAX) {
        (void)snprintf(problem->why, sizeof problem->why,
                       len == 0 ? "it is empty" : "it is over 512 KiB");
        return NULL;
    }
    xmlDoc *document = parse(bytes, len, problem);
    if (document == NULL) {
        return NULL;
    }
    json_t *cap = NULL;
    const xmlNode *root = xmlDocGetRootElement(document);
    if (check_depth(root, problem) && cap_check(root, problem)) {
        cap = essentials(root);
    }
    xmlFreeDoc(document);
    return cap;
}

static bool is_text(const json_t *object, const char *name, const char *text)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL && strcmp(value, text) == 0;
}

const char *cap_precedence(const json_t *cap)
{
    static const char *const names[] = {"routine", "priority", "immediate", "flash"};
    size_t highest = 0;
    size_t index;
    const json_t *info;
    if (!is_text(cap, "status", "Actual")) {
        return names[0];
    }
    json_array_foreach(json_object_get(cap, "info"), index, info)
    {
        const bool is_immediate = is_text(info, "urgency", "Immediate");
        const bool is_extreme = is_text(info, "severity", "Extreme");
        const bool is_severe = is_text(info, "severity", "Severe");
        size_t rank = is_immediate || is_severe ? 1 : 0;
        rank = is_immediate && is_severe ? 2 : rank;
        rank = is_immediate && is_extreme ? 3 : rank;
        highest = rank > highest ? rank : highest;
    }
    return names[highest];
}
