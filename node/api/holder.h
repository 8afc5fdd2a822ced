// SPDX-License-Identifier: EUPL-1.2
// Since when a centre has held an entry, by what its nodes wrote [PROTOCOL.md 18.14].
#ifndef NODE_API_HOLDER_H
#define NODE_API_HOLDER_H

#include "json/text.h"
#include "reading/desk_view.h"
#include "sitrep/picture.h"
#include "sitrep/roster.h"

// Of the centre's nodes the one that is shown to have held it first; else what was told last.
// PICTURE_NONE: the centre has no node.
uint32_t holder_find(struct picture *picture, const struct roster *roster, uint32_t place,
                     uint32_t centre, struct picture_holding *held);

// The member "held", null when nothing shows that it was; then also "last_receipt".
void holder_write(const struct desk_view *view, struct picture *picture,
                  const struct picture_holding *held, struct text *out);

#endif
