// SPDX-License-Identifier: EUPL-1.2
// The headings that a report of each type begins with, in four languages.
#ifndef SITREP_REPORTS_TEMPLATE_H
#define SITREP_REPORTS_TEMPLATE_H

// The language, of nl, fr, de and en, that a BCP 47 or locale name begins with ("nl_BE.UTF-8");
// "en" of others, and of NULL.
const char *template_language(const char *name);

// Up to NULL, in such a language; NULL when there is no such type.
const char *const *template_headings(const char *type, const char *language);

// What is to be known to fill one in, as lines of comment, in such a language.
const char *template_help(const char *language);

#endif
