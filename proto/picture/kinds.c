// SPDX-License-Identifier: EUPL-1.2
// The table of kinds, written once [18]. What the values mean for the picture is not known here.
#include <assert.h>
#include <string.h>

#include "sitrep/kind.h"
#include "sitrep/limits.h"

enum {
    SHORT = 120,        // bytes: a name, a function, a place
    LONG = 255,         // bytes: a line of its own
    CODE = 64,          // bytes
    PROSE = 256 * 1024, // bytes: more than can be sealed, unless it says the same again and again
    FEW = 16,
    MANY = 64,
    PEOPLE = 1000000000, // more than any count of people or things
    BYTES_MOST = 512 * 1024,
};

// -- what more than one kind has --

static const struct field person[] = {
    {"name", "", .type = VALUE_LINE, .most = SHORT},
    {"function", "", .type = VALUE_LINE, .most = SHORT},
    {.name = NULL},
};

static const struct field place_parts[] = {
    {"name", "as people call it", .type = VALUE_LINE, .most = LONG},
    {"codes", "NUTS, ISO 3166-2 or municipality", .type = VALUE_CODE, .most = CODE,
     .items_max = MANY},
    {"geometry", "GeoJSON, WGS84", .type = VALUE_GEOMETRY},
    {.name = NULL},
};

static const struct field attachment[] = {
    {"name", "of the file", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = LONG},
    {"media", "media type", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = SHORT},
    {"bytes", "", .type = VALUE_BYTES, .needed = ALWAYS_NEEDED, .most = BYTES_MOST},
    {.name = NULL},
};

static const char *const handlings[] = {"RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR", NULL};
static const char *const sources[] = {"human", "sensor", "forces", "document", "media", NULL};
static const char *const confidences[] = {"highly-confident", "somewhat", "unsure", "none", NULL};
static const char *const severities[] = {"extreme", "severe", "moderate", "minor", "unknown", NULL};
static const char *const urgencies[] = {"immediate", "expected", "future", "past", "unknown", NULL};

const struct field common_fields[] = {
    {"kind", "", .type = VALUE_CODE, .needed = ALWAYS_NEEDED, .most = KIND_MAX_LEN},
    {"item", "what it changes; absent when it begins one", .type = VALUE_REF},
    {"supersedes", "the versions it replaces", .type = VALUE_REF, .items_max = FEW, .is_set = true},
    {"state", "the first one when absent", .type = VALUE_CODE, .most = KIND_MAX_LEN},
    {"incident", "it belongs to", .type = VALUE_REF, .is_link = true, .of = "incident"},
    {"editors", "centres that may change it too", .type = VALUE_CENTRE, .items_max = MANY,
     .is_set = true, .is_kept = true},
    {"by", "who wrote it, in which function", .type = VALUE_PARTS, .parts = person},
    {"lang", "language of its text", .type = VALUE_LANGUAGE},
    {"handling", "TLP 2.0; AMBER when absent", .type = VALUE_WORD, .words = handlings},
    {"observed", "when it was so", .type = VALUE_TIME, .is_kept = true, .kept_with = "casualties"},
    {"valid_from", "from when it holds", .type = VALUE_TIME},
    {"valid_to", "until when it holds", .type = VALUE_TIME, .is_kept = true},
    {"source", "of what it says", .type = VALUE_WORD, .words = sources},
    {"confidence", "in what it says", .type = VALUE_WORD, .words = confidences},
    {"where", "", .type = VALUE_PARTS, .parts = place_parts},
    {"cites", "entries it builds on", .type = VALUE_REF, .items_max = MANY, .is_set = true,
     .is_link = true},
    {"ack_by", "an acknowledgement is wanted until then", .type = VALUE_TIME, .is_kept = true},
    {"attachments", "", .type = VALUE_PARTS, .items_max = FEW, .parts = attachment},
    {.name = NULL},
};

// -- incident --

static const char *const hazards[] = {"natural", "techno-economic", "health", "man-made", NULL};
static const char *const scales[] = {"local", "regional", "national", "cross-border", NULL};
static const char *const stages[] = {"cold", "lukewarm", "warm", "aftercare", NULL};

static const struct field incident_fields[] = {
    {"name", "", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = SHORT},
    {"hazard", "theme of the national risk assessment", .type = VALUE_WORD, .words = hazards},
    {"type", "EDXL incident kind", .type = VALUE_CODE, .most = CODE},
    {"start", "when it began", .type = VALUE_TIME},
    {"scale", "", .type = VALUE_WORD, .words = scales},
    {"lead", "centre that leads", .type = VALUE_CENTRE},
    {"stage", "", .type = VALUE_WORD, .words = stages},
    {"merged_into", "the incident that goes on", .type = VALUE_REF, .needed = 1 << 2,
     .is_link = true, .of = "incident"},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};
static const char *const incident_states[] = {"open", "closed", "merged", NULL};
static const struct step incident_steps[] = {
    {0, 1, SIDE_MEMBERS}, {0, 2, SIDE_MEMBERS}, {1, 0, SIDE_MEMBERS},
    {1, 2, SIDE_MEMBERS}, {2, 0, SIDE_MEMBERS},
};

// -- report --

static const char *const versions[] = {"initial", "update", "final", NULL};
static const char *const report_types[] = {"observation", "situation", "resources",
                                           "casualties",  "summary",   NULL};
static const char *const bases[] = {"period", "to-date", NULL};

static const struct field people_hurt[] = {
    {"dead", "", .type = VALUE_COUNT, .most = PEOPLE},
    {"injured", "", .type = VALUE_COUNT, .most = PEOPLE},
    {"missing", "", .type = VALUE_COUNT, .most = PEOPLE},
    {"trapped", "", .type = VALUE_COUNT, .most = PEOPLE},
    {"evacuated", "", .type = VALUE_COUNT, .most = PEOPLE},
    {"exposed", "", .type = VALUE_COUNT, .most = PEOPLE},
    {"hospitalised", "", .type = VALUE_COUNT, .most = PEOPLE},
    {.name = NULL},
};
static const struct field casualties[] = {
    {"basis", "this period or to date", .type = VALUE_WORD, .needed = ALWAYS_NEEDED,
     .words = bases},
    {"responders", "", .type = VALUE_PARTS, .parts = people_hurt},
    {"population", "", .type = VALUE_PARTS, .parts = people_hurt},
    {.name = NULL},
};
static const struct field means[] = {
    {"type", "", .type = VALUE_CODE, .needed = ALWAYS_NEEDED, .most = CODE},
    {"deployed", "", .type = VALUE_COUNT, .most = PEOPLE},
    {"available", "", .type = VALUE_COUNT, .most = PEOPLE},
    {"needed", "", .type = VALUE_COUNT, .most = PEOPLE},
    {.name = NULL},
};
static const struct field section[] = {
    {"title", "", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = SHORT},
    {"text", "", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {"cites", "entries it builds on", .type = VALUE_REF, .items_max = MANY, .is_set = true,
     .is_link = true},
    {.name = NULL},
};
static const struct field outlook[] = {
    {"hours", "ahead: 12, 24, 48, 72", .type = VALUE_COUNT, .needed = ALWAYS_NEEDED, .least = 1,
     .most = 24 * 365},
    {"text", "", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {.name = NULL},
};

static const struct field report_fields[] = {
    {"type", "observation when absent", .type = VALUE_WORD, .words = report_types},
    {"number", "in its series", .type = VALUE_COUNT, .least = 1, .most = PEOPLE},
    {"version", "", .type = VALUE_WORD, .words = versions},
    {"period_from", "", .type = VALUE_TIME, .is_kept = true, .kept_with = "casualties"},
    {"period_to", "", .type = VALUE_TIME, .is_kept = true, .kept_with = "casualties"},
    {"purpose", "", .type = VALUE_LINE, .most = LONG},
    {"prepared_by", "", .type = VALUE_PARTS, .parts = person},
    {"approved_by", "", .type = VALUE_PARTS, .parts = person},
    {"severity", "", .type = VALUE_WORD, .words = severities},
    {"urgency", "", .type = VALUE_WORD, .words = urgencies},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {"sections", "", .type = VALUE_PARTS, .items_max = MANY, .parts = section},
    {"casualties", "", .type = VALUE_PARTS, .items_max = 2, .parts = casualties, .is_kept = true},
    {"means", "", .type = VALUE_PARTS, .items_max = MANY, .parts = means},
    {"outlook", "", .type = VALUE_PARTS, .items_max = FEW, .parts = outlook},
    {.name = NULL},
};
static const char *const report_states[] = {"sent", "withdrawn", NULL};
static const struct step report_steps[] = {{0, 1, SIDE_EDITORS}};

// -- assessment, advice, decision, measure --

static const char *const cases[] = {"best", "likely", "worst", NULL};
static const struct field scenario[] = {
    {"case", "", .type = VALUE_WORD, .needed = ALWAYS_NEEDED, .words = cases},
    {"text", "", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {"likelihood", "", .type = VALUE_COUNT, .least = 1, .most = 5},
    {"people", "impact on them", .type = VALUE_COUNT, .least = 1, .most = 5},
    {"society", "impact on it", .type = VALUE_COUNT, .least = 1, .most = 5},
    {"environment", "impact on it", .type = VALUE_COUNT, .least = 1, .most = 5},
    {"finance", "impact on it", .type = VALUE_COUNT, .least = 1, .most = 5},
    {.name = NULL},
};
static const struct field assessment_fields[] = {
    {"text", "what the facts mean", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {"scenarios", "", .type = VALUE_PARTS, .items_max = FEW, .parts = scenario},
    {.name = NULL},
};

static const struct field advice_fields[] = {
    {"text", "course of action", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {"to", "centres it is for", .type = VALUE_CENTRE, .items_max = MANY, .is_set = true,
     .is_kept = true},
    {"audience", "whom it is for", .type = VALUE_LINE, .most = LONG},
    {"conditions", "", .type = VALUE_TEXT, .most = PROSE},
    {"deadline", "", .type = VALUE_TIME, .is_kept = true},
    {"reason", "why it was followed or rejected", .type = VALUE_TEXT, .needed = 1 << 1 | 1 << 2,
     .most = PROSE},
    {.name = NULL},
};
static const char *const advice_states[] = {"open", "followed", "rejected", NULL};
static const struct step advice_steps[] = {{0, 1, SIDE_ADDRESSED}, {0, 2, SIDE_ADDRESSED}};

static const struct field decision_fields[] = {
    {"body", "who decides: mayor, governor, COFECO, policy cell, RBT, MCCb", .type = VALUE_LINE,
     .needed = ALWAYS_NEEDED, .most = SHORT},
    {"text", "", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {"basis", "in law", .type = VALUE_LINE, .most = LONG},
    {"effective", "from when", .type = VALUE_TIME},
    {.name = NULL},
};
static const char *const decision_states[] = {"proposed", "taken", "carried-out", "withdrawn",
                                              NULL};
static const struct step decision_steps[] = {
    {0, 1, SIDE_EDITORS},
    {1, 2, SIDE_EDITORS},
    {0, 3, SIDE_EDITORS},
    {1, 3, SIDE_EDITORS},
};

static const struct field measure_fields[] = {
    {"type", "shelter, evacuate, iodine, food-ban, road-closed", .type = VALUE_CODE,
     .needed = ALWAYS_NEEDED, .most = CODE},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {"from", "", .type = VALUE_TIME},
    {"to", "", .type = VALUE_TIME, .is_kept = true},
    {"decision", "it carries out", .type = VALUE_REF, .is_link = true, .of = "decision"},
    {.name = NULL},
};
static const char *const measure_states[] = {"planned", "in-force", "lifted", NULL};
static const struct step measure_steps[] = {
    {0, 1, SIDE_EDITORS},
    {0, 2, SIDE_EDITORS},
    {1, 2, SIDE_EDITORS},
};

// -- phase --

static const struct field phase_fields[] = {
    {"authority", "whose phase it is", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = SHORT},
    {"scheme", "of levels: be, nl-grip, lu, de", .type = VALUE_CODE, .needed = ALWAYS_NEEDED,
     .most = CODE},
    {"level", "as that scheme names it", .type = VALUE_CODE, .needed = ALWAYS_NEEDED, .most = CODE},
    {"reason", "", .type = VALUE_TEXT, .most = PROSE},
    {"trigger", "", .type = VALUE_LINE, .most = LONG},
    {"teams", "that are active", .type = VALUE_LINE, .most = SHORT, .items_max = MANY},
    {.name = NULL},
};
static const char *const phase_states[] = {"declared", "changed", "ended", NULL};
static const struct step phase_steps[] = {
    {0, 1, SIDE_MEMBERS},
    {0, 2, SIDE_MEMBERS},
    {1, 2, SIDE_MEMBERS},
};

// -- request, offer, resource --

static const char *const priorities[] = {"low", "normal", "high", "urgent", NULL};

static const struct field request_fields[] = {
    {"capability", "what is needed", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = SHORT},
    {"quantity", "", .type = VALUE_COUNT, .needed = ALWAYS_NEEDED, .least = 1, .most = PEOPLE,
     .is_kept = true},
    {"unit", "pieces when absent", .type = VALUE_LINE, .most = CODE},
    {"deadline", "", .type = VALUE_TIME, .is_kept = true},
    {"priority", "", .type = VALUE_WORD, .words = priorities},
    {"conditions", "", .type = VALUE_TEXT, .most = PROSE},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};
static const char *const request_states[] = {"requested", "closed", "cancelled", NULL};
static const struct step request_steps[] = {
    {0, 1, SIDE_EDITORS},
    {0, 2, SIDE_EDITORS},
    {1, 0, SIDE_EDITORS},
    {2, 0, SIDE_EDITORS},
};

static const struct field offer_fields[] = {
    {"request", "it answers", .type = VALUE_REF, .needed = ALWAYS_NEEDED, .is_link = true,
     .of = "request"},
    {"quantity", "in the request's unit", .type = VALUE_COUNT, .needed = ALWAYS_NEEDED, .least = 1,
     .most = PEOPLE, .is_kept = true},
    {"arrival", "expected", .type = VALUE_TIME},
    {"conditions", "", .type = VALUE_TEXT, .most = PROSE},
    {"reason", "why it was declined or withdrawn", .type = VALUE_TEXT, .most = PROSE},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};
static const char *const offer_states[] = {"offered",   "accepted",  "declined",
                                           "committed", "en-route",  "on-site",
                                           "released",  "withdrawn", NULL};
static const struct step offer_steps[] = {
    {0, 1, SIDE_ASKER},   {0, 2, SIDE_ASKER},   {0, 7, SIDE_EDITORS}, {1, 3, SIDE_EDITORS},
    {1, 7, SIDE_EDITORS}, {3, 4, SIDE_EDITORS}, {3, 6, SIDE_EDITORS}, {4, 5, SIDE_EDITORS},
    {4, 6, SIDE_EDITORS}, {5, 6, SIDE_EDITORS}, {3, 7, SIDE_EDITORS}, {4, 7, SIDE_EDITORS},
};

static const struct field resource_fields[] = {
    {"type", "", .type = VALUE_CODE, .needed = ALWAYS_NEEDED, .most = CODE, .is_kept = true},
    {"as_of", "when it was so", .type = VALUE_TIME, .needed = ALWAYS_NEEDED, .is_kept = true},
    {"total", "", .type = VALUE_COUNT, .most = PEOPLE, .is_kept = true},
    {"available", "", .type = VALUE_COUNT, .most = PEOPLE, .is_kept = true},
    {"committed", "", .type = VALUE_COUNT, .most = PEOPLE, .is_kept = true},
    {"unavailable", "", .type = VALUE_COUNT, .most = PEOPLE, .is_kept = true},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};

// -- alert, line --

static const struct field cap_info[] = {
    {"language", "as written there", .type = VALUE_TEXT, .most = PROSE},
    {"category", "", .type = VALUE_TEXT, .most = PROSE, .items_max = FEW},
    {"event", "", .type = VALUE_TEXT, .most = PROSE},
    {"urgency", "", .type = VALUE_TEXT, .most = PROSE},
    {"severity", "", .type = VALUE_TEXT, .most = PROSE},
    {"certainty", "", .type = VALUE_TEXT, .most = PROSE},
    {"expires", "as written there", .type = VALUE_TEXT, .most = PROSE},
    {"headline", "", .type = VALUE_TEXT, .most = PROSE},
    {"areas", "", .type = VALUE_TEXT, .most = PROSE, .items_max = 4096},
    {.name = NULL},
};
static const struct field cap_fields[] = {
    {"identifier", "", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = LONG},
    {"sender", "", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = LONG},
    {"sent", "as written there", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = CODE},
    {"status", "", .type = VALUE_TEXT, .most = PROSE},
    {"msgType", "", .type = VALUE_TEXT, .most = PROSE},
    {"scope", "", .type = VALUE_TEXT, .most = PROSE},
    {"references", "alerts it updates or cancels", .type = VALUE_TEXT, .most = PROSE},
    {"info", "", .type = VALUE_PARTS, .items_max = MANY, .parts = cap_info},
    {.name = NULL},
};
static const struct field alert_fields[] = {
    {"cap", "essentials of a CAP alert, as 'sitrep import cap' takes them", .type = VALUE_PARTS,
     .needed = ALWAYS_NEEDED, .parts = cap_fields},
    {"original", "its bytes", .type = VALUE_BYTES, .most = BYTES_MOST},
    {"media", "media type of the original", .type = VALUE_LINE, .most = SHORT},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};

static const struct field line_fields[] = {
    {"messages", "the key message in each language", .type = VALUE_TEXTS, .needed = ALWAYS_NEEDED,
     .most = PROSE},
    {"spokesperson", "", .type = VALUE_PARTS, .parts = person},
    {"embargo", "not to be said before", .type = VALUE_TIME},
    {.name = NULL},
};
static const char *const line_states[] = {"draft", "approved", NULL};
static const struct step line_steps[] = {{0, 1, SIDE_EDITORS}, {1, 0, SIDE_EDITORS}};

// -- station, measurement --

static const struct field station_fields[] = {
    {"name", "", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = SHORT},
    {"quantity", "it measures", .type = VALUE_CODE, .most = CODE},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};
static const struct field measurement_fields[] = {
    {"station", "", .type = VALUE_REF, .is_link = true, .of = "station"},
    {"quantity", "dose-rate, water-level, concentration", .type = VALUE_CODE,
     .needed = ALWAYS_NEEDED, .most = CODE},
    {"value", "", .type = VALUE_DECIMAL, .needed = ALWAYS_NEEDED},
    {"unit", "UCUM", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = CODE},
    {"uncertainty", "in the same unit", .type = VALUE_DECIMAL},
    {"instrument", "", .type = VALUE_LINE, .most = LONG},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};

// -- contact, task, journal --

static const struct field contact_fields[] = {
    {"function", "", .type = VALUE_LINE, .needed = ALWAYS_NEEDED, .most = SHORT, .is_kept = true},
    {"name", "", .type = VALUE_LINE, .most = SHORT},
    {"phone", "", .type = VALUE_LINE, .most = CODE, .items_max = FEW},
    {"mail", "", .type = VALUE_LINE, .most = LONG, .items_max = FEW},
    {"languages", "", .type = VALUE_LANGUAGE, .items_max = FEW},
    {"duty_from", "on duty from", .type = VALUE_TIME},
    {"duty_to", "on duty until", .type = VALUE_TIME},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};

static const char *const disciplines[] = {"D1", "D2", "D3", "D4", "D5", NULL};
static const struct field task_fields[] = {
    {"text", "", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {"to", "centres it is for", .type = VALUE_CENTRE, .items_max = MANY, .is_set = true,
     .is_kept = true},
    {"discipline", "D1 rescue, D2 medical, D3 police, D4 logistics, D5 information",
     .type = VALUE_WORD, .words = disciplines},
    {"team", "", .type = VALUE_LINE, .most = SHORT},
    {"deadline", "", .type = VALUE_TIME, .is_kept = true},
    {"reason", "why it was dropped", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};
static const char *const task_states[] = {"open", "taken", "done", "dropped", NULL};
static const struct step task_steps[] = {
    {0, 1, SIDE_ADDRESSED}, {0, 2, SIDE_ADDRESSED}, {1, 2, SIDE_ADDRESSED},
    {1, 0, SIDE_ADDRESSED}, {0, 3, SIDE_EDITORS},   {1, 3, SIDE_EDITORS},
};

static const struct field journal_fields[] = {
    {"text", "", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {.name = NULL},
};

// -- what is said about other entries --

static const char *const acks[] = {"seen", "accepted", NULL};
static const struct field ack_fields[] = {
    {"of", "the entries", .type = VALUE_REF, .needed = ALWAYS_NEEDED, .items_max = MANY,
     .is_set = true, .is_link = true},
    {"as", "", .type = VALUE_WORD, .needed = ALWAYS_NEEDED, .words = acks, .is_kept = true},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};

static const struct field receipt_fields[] = {
    {"heads", "up to which all is held, by author", .type = VALUE_REF, .items_max = 4096,
     .is_set = true},
    {"ahead", "that are held beyond what is missing", .type = VALUE_REF, .items_max = 1024,
     .is_set = true, .is_link = true},
    {"number", "of its node's receipts, the first is 1", .type = VALUE_COUNT, .least = 1,
     .most = PEOPLE},
    {.name = NULL},
};

static const struct field comtest_fields[] = {
    {"deadline", "to answer", .type = VALUE_TIME, .needed = ALWAYS_NEEDED, .is_kept = true},
    {"to", "centres that are called; all when absent", .type = VALUE_CENTRE, .items_max = MANY,
     .is_set = true, .is_kept = true},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};
static const char *const comtest_states[] = {"called", "closed", NULL};
static const struct step comtest_steps[] = {{0, 1, SIDE_EDITORS}};

static const struct field answer_fields[] = {
    {"comtest", "it answers", .type = VALUE_REF, .needed = ALWAYS_NEEDED, .is_link = true,
     .of = "comtest"},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};

static const struct field handover_fields[] = {
    {"taken_at", "", .type = VALUE_TIME, .needed = ALWAYS_NEEDED},
    {"from", "who hands over", .type = VALUE_PARTS, .parts = person},
    {"to", "who takes over", .type = VALUE_PARTS, .parts = person},
    {"complete", "up to which all was held, by author", .type = VALUE_REF, .items_max = 4096,
     .is_set = true},
    {"open", "what was open when it was handed over", .type = VALUE_REF, .items_max = MANY,
     .is_set = true, .is_link = true},
    {"points", "that are open", .type = VALUE_TEXT, .most = PROSE, .items_max = MANY},
    {"text", "", .type = VALUE_TEXT, .most = PROSE},
    {.name = NULL},
};

static const struct field lesson_fields[] = {
    {"text", "", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {.name = NULL},
};

static const char *const methods[] = {"human", "machine", NULL};
static const struct field translation_fields[] = {
    {"into", "the language", .type = VALUE_LANGUAGE, .needed = ALWAYS_NEEDED},
    {"translation_of", "the entry", .type = VALUE_REF, .needed = ALWAYS_NEEDED, .is_link = true},
    {"method", "", .type = VALUE_WORD, .needed = ALWAYS_NEEDED, .words = methods},
    {"text", "", .type = VALUE_TEXT, .needed = ALWAYS_NEEDED, .most = PROSE},
    {.name = NULL},
};

static const struct field no_fields[] = {{.name = NULL}};

#define LIFE(kind)                                                                                 \
    .states = kind##_states, .steps = kind##_steps,                                                \
    .steps_count = sizeof kind##_steps / sizeof *kind##_steps

const struct kind kinds[] = {
    {"incident", "something that happens", MERGE_VERSIONS, SIDE_MEMBERS, incident_fields,
     LIFE(incident), .states_begin = 1, .states_over = 1 << 1 | 1 << 2, .current_h = 24},
    {"report", "a situation report", MERGE_VERSIONS, SIDE_EDITORS, report_fields, LIFE(report),
     .states_begin = 1, .states_over = 1 << 1, .current_h = 4},
    {"assessment", "what the facts mean", MERGE_VERSIONS, SIDE_EDITORS, .fields = assessment_fields,
     .current_h = 12},
    {"advice", "a course of action", MERGE_VERSIONS, SIDE_EDITORS, advice_fields, LIFE(advice),
     .states_begin = 1, .states_over = 1 << 1 | 1 << 2, .current_h = 12},
    {"decision", "what an authority decides", MERGE_VERSIONS, SIDE_EDITORS, decision_fields,
     LIFE(decision), .states_begin = 3, .states_over = 1 << 2 | 1 << 3},
    {"measure", "a protective action", MERGE_VERSIONS, SIDE_EDITORS, measure_fields, LIFE(measure),
     .states_begin = 3, .states_over = 1 << 2, .current_h = 24, .until = "to"},
    {"phase", "the level of one authority, in its own scheme", MERGE_VERSIONS, SIDE_MEMBERS,
     phase_fields, LIFE(phase), .states_begin = 1, .states_over = 1 << 2, .current_h = 24},
    {"request", "assistance wanted", MERGE_VERSIONS, SIDE_EDITORS, request_fields, LIFE(request),
     .states_begin = 1, .states_over = 1 << 1 | 1 << 2, .current_h = 12},
    {"offer", "assistance offered for a request", MERGE_VERSIONS, SIDE_EDITORS, offer_fields,
     LIFE(offer), .states_begin = 1, .states_over = 1 << 2 | 1 << 6 | 1 << 7, .current_h = 12},
    {"resource", "what a centre has", MERGE_LATEST, SIDE_EDITORS, .fields = resource_fields,
     .current_h = 4},
    {"alert", "a public alert (CAP 1.2)", MERGE_NOTHING, SIDE_EDITORS, .fields = alert_fields},
    {"line", "what is said in public", MERGE_VERSIONS, SIDE_EDITORS, line_fields, LIFE(line),
     .states_begin = 3, .current_h = 24},
    {"station", "where is measured", MERGE_VERSIONS, SIDE_EDITORS, .fields = station_fields},
    {"measurement", "one value", MERGE_NOTHING, SIDE_EDITORS, .fields = measurement_fields,
     .current_h = 1},
    {"contact", "a counterpart", MERGE_VERSIONS, SIDE_EDITORS, .fields = contact_fields,
     .until = "duty_to"},
    {"task", "something to be done", MERGE_VERSIONS, SIDE_EDITORS, task_fields, LIFE(task),
     .states_begin = 3, .states_over = 1 << 2 | 1 << 3, .current_h = 12},
    {"journal", "a line in the log book", MERGE_NOTHING, SIDE_EDITORS, .fields = journal_fields},
    {"ack", "entries were seen, or accepted", MERGE_NOTHING, SIDE_EDITORS, .fields = ack_fields},
    {"receipt", "what a node holds", MERGE_NOTHING, SIDE_EDITORS, .fields = receipt_fields},
    {"comtest", "a communication test", MERGE_VERSIONS, SIDE_EDITORS, comtest_fields, LIFE(comtest),
     .states_begin = 1, .states_over = 1 << 1},
    {"answer", "to a communication test", MERGE_NOTHING, SIDE_EDITORS, .fields = answer_fields},
    {"handover", "a shift changes", MERGE_NOTHING, SIDE_EDITORS, .fields = handover_fields},
    {"lesson", "a finding of an evaluation", MERGE_VERSIONS, SIDE_EDITORS, .fields = lesson_fields},
    {"translation", "an entry in another language", MERGE_VERSIONS, SIDE_EDITORS,
     .fields = translation_fields},
    {"group", "who shares a key", MERGE_SYSTEM, SIDE_EDITORS, .fields = no_fields},
    {"release", "an entry opened to another group", MERGE_SYSTEM, SIDE_EDITORS,
     .fields = no_fields},
    {"roster-proposal", "a change of the roster", MERGE_SYSTEM, SIDE_EDITORS, .fields = no_fields},
    {"exercise-end", "an exercise is over", MERGE_SYSTEM, SIDE_EDITORS, .fields = no_fields},
    {.name = NULL},
};

const struct kind *kind_find(struct span name)
{
    for (const struct kind *kind = kinds; kind->name != NULL; kind++) {
        if (span_is(name, kind->name)) {
            return kind;
        }
    }
    return NULL;
}

const struct field *field_find(const struct field *fields, struct span name)
{
    while (fields->name != NULL && !span_is(name, fields->name)) {
        fields++;
    }
    return fields;
}

const struct field *kind_field(const struct kind *kind, size_t place)
{
    const size_t common = sizeof common_fields / sizeof *common_fields - 1;

    assert(kind != NULL);
    if (place < common) {
        return &common_fields[place];
    }
    for (size_t i = 0; kind->fields[i].name != NULL; i++) {
        if (common + i == place) {
            return &kind->fields[i];
        }
    }
    return NULL;
}

size_t kind_states_count(const struct kind *kind)
{
    size_t count = 0;

    while (kind->states != NULL && kind->states[count] != NULL) {
        count++;
    }
    return count;
}

uint8_t kind_state(const struct kind *kind, struct span name)
{
    for (size_t i = 0; i < kind_states_count(kind); i++) {
        if (span_is(name, kind->states[i])) {
            return (uint8_t)i;
        }
    }
    return STATE_NONE;
}

bool kind_is_over(const struct kind *kind, uint8_t state)
{
    return state < STATES_MAX && (kind->states_over >> state & 1) != 0;
}

bool kind_allows(const struct kind *kind, uint8_t from, uint8_t to, enum side *side)
{
    if (from == to) {
        *side = kind->side;
        return true;
    }
    for (size_t i = 0; i < kind->steps_count; i++) {
        if (kind->steps[i].from == from && kind->steps[i].to == to) {
            *side = kind->steps[i].side;
            return true;
        }
    }
    return false;
}
