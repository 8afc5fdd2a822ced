// SPDX-License-Identifier: EUPL-1.2
// Inside the CAP importer only: what stands where in an alert, and whether a document keeps to it.
#ifndef SITREP_CAP_RULES_H
#define SITREP_CAP_RULES_H

#include <stdbool.h>

#include <libxml/tree.h>

#include "sitrep/cap/cap.h"

// Writes the problem and returns false.
bool cap_refuse(struct cap_problem *problem, const xmlNode *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The text of a leaf without the blanks around it; malloc'ed.
char *cap_text(const xmlNode *leaf);

// Whether `node` is an element of that name, in the alert's own namespace.
bool cap_is(const xmlNode *node, const char *name);

// Whether `alert`, the root, keeps every rule.
bool cap_check(const xmlNode *alert, struct cap_problem *problem);

#endif
