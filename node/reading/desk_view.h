// SPDX-License-Identifier: EUPL-1.2
// What readers of one space share.
#ifndef NODE_READING_DESK_VIEW_H
#define NODE_READING_DESK_VIEW_H

#include "desk.h"
#include "naming.h"

struct alerts;
struct follower;
struct sealers;
struct situation;

// All of it may be used by any thread.
struct desk_view {
    struct desk *desk;
    struct naming *naming;
    struct sealers *sealers;
    struct alerts *alerts;
    struct situation *situation;
    struct follower *follower;
};

#endif
