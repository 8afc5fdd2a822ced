// SPDX-License-Identifier: EUPL-1.2
// The spaces the API speaks of, by name. An exercise may go while requests are served: whoever uses
// one holds it, and it goes when nobody does.
#ifndef NODE_API_SPACES_H
#define NODE_API_SPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/reply.h"
#include "desk.h"
#include "sitrep/err.h"

struct desk_view;
struct spaces;

struct spaces *spaces_create(void); // NULL when memory ran out
void spaces_destroy(struct spaces **handle);

// Any thread. `name` is "" for the real world; `desk` lives until the space was removed.
// Errors: ERR_NO_SPACE, and the store's.
CHECKED enum err spaces_add(struct spaces *spaces, const char *name, struct desk *desk);

// Held until spaces_put; NULL when there is none of that name.
const struct desk_view *spaces_get(struct spaces *spaces, const char *name);
void spaces_put(struct spaces *spaces, const struct desk_view *view); // NULL does nothing

// From now on it is not found; returns when nobody holds it. The desk was stopped before, so that
// nobody holds it for long. Errors: ERR_AGAIN (somebody still does after `timeout_ms`).
CHECKED enum err spaces_remove(struct spaces *spaces, const char *name, uint32_t timeout_ms);

// Whether it is there, be it on its way out.
bool spaces_has(struct spaces *spaces, const char *name);

// Replies that there is no exercise of that name, and which there are.
void spaces_refuse(struct spaces *spaces, struct reply *reply, const char *name);

#endif
