// SPDX-License-Identifier: EUPL-1.2
// What situation.c and intake.c share.
#ifndef NODE_PICTURE_SITUATION_PRIVATE_H
#define NODE_PICTURE_SITUATION_PRIVATE_H

#include <pthread.h>

#include "picture/situation.h"
#include "reading/desk_view.h"
#include "store/store.h"

// An entry that could not be read: its key may come.
struct sealed {
    uint64_t arrival, arrived_ms;
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
};

// What was found of the key that was asked for last.
struct key_found {
    bool is_valid, is_known;
    uint8_t group[TAG_LEN];
    uint8_t key[TAG_LEN];
    uint32_t number;
};

struct numbers {
    uint64_t *list;
    size_t count, room;
};

// The picture before it was begun anew.
struct former {
    bool is_kept; // until the new one is whole
    struct arrival_list arrived;
    uint64_t watermark;
    uint32_t keys;
};

struct situation {
    pthread_mutex_t mutex;
    pthread_mutex_t changing; // held from looking to having published
    struct picture *picture;
    struct told *told;
    uint64_t watermark;     // arrivals up to this one were looked at
    uint8_t roster[ID_LEN]; // the hash of that by which it was told what counts
    struct sealed *sealed;  // in order of arrival
    size_t sealed_count, sealed_room;
    uint8_t (*groups)[TAG_LEN]; // of entries, by the number the picture has of each
    size_t groups_count, groups_room;
    struct arrival_list arrived; // what is in the picture
    uint64_t life;               // grows whenever the picture is begun anew
    struct former former;
    uint32_t keys; // of the home, that are used
    struct key_found last_key;
    uint64_t repairs;        // of the store, that were looked at
    struct numbers damaged;  // arrivals of what is to be read again after a repair
    struct numbers returned; // arrivals of what came back, and was not taken out
    struct record_set set;
};

// intake.c: reads what has come, and what can be read by now. Errors: those of situation_get.
CHECKED enum err intake_read(struct situation *situation, const struct desk_view *desk_view);

#endif
