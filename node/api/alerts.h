// SPDX-License-Identifier: EUPL-1.2
// Which public alerts are held here, own or replicated: a CAP alert is the same when its sender,
// identifier and sent are. Derived from the entries, in memory, and read when first needed.
#ifndef NODE_API_ALERTS_H
#define NODE_API_ALERTS_H

struct alerts;

struct alerts *alerts_create(void); // NULL when memory ran out
void alerts_destroy(struct alerts **alerts);

#endif
