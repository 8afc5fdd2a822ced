// SPDX-License-Identifier: EUPL-1.2
// Sums as rows, for the overview and the boards.
#ifndef SITREP_SUM_ROWS_H
#define SITREP_SUM_ROWS_H

#include "sitrep/board.h"

// "dead 3-6, injured 4; responders: injured 1"; "nothing told" when nobody says anything.
void row_add_hurt(struct row *row, const json_t *sums);
// "9 of 18 available, 3 committed".
void row_add_had(struct row *row, const json_t *sums);
// What an incident's sums are called.
void row_add_title(struct row *row, const json_t *incident);

#endif
