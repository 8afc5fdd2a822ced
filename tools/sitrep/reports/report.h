// SPDX-License-Identifier: EUPL-1.2
// Situation reports drafted in an editor: report new, edit, send, drafts, discard.
#ifndef SITREP_REPORTS_REPORT_H
#define SITREP_REPORTS_REPORT_H

#include "sitrep/options.h"

extern const struct option_spec report_new_options[];

enum exit_code command_report_new(const struct arguments *arguments);
enum exit_code command_report_edit(const struct arguments *arguments);
enum exit_code command_report_send(const struct arguments *arguments);
enum exit_code command_report_drafts(const struct arguments *arguments);
enum exit_code command_report_discard(const struct arguments *arguments);

#endif
