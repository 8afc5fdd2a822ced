// SPDX-License-Identifier: EUPL-1.2
// sitrep handover show: what the last shift of this centre left.
#include "sitrep/client.h"
#include "sitrep/line.h"
#include "sitrep/officers/officers.h"

enum exit_code command_handover_show(const struct arguments *arguments)
{
    return client_show(arguments, "/v1/handover", show_entry);
}
