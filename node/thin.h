// SPDX-License-Identifier: EUPL-1.2
// The thin lines of this node: those whose rate was set here, or where nothing was, by the peer.
// Between the spaces' engines and the transport each has a pacer, which all spaces share as they
// share the link. HOME/links keeps what was set here over a restart.
#ifndef NODE_THIN_H
#define NODE_THIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gauge.h"
#include "profiles.h"
#include "sitrep/cbor.h"
#include "sitrep/link.h"
#include "sitrep/pacer.h"
#include "tuner.h"

struct node;

struct thin_line {                // by index of the peer in the roster
    struct pacer *pacer;          // NULL: nothing was paced or came in parts yet
    struct choice own;            // what was set here
    uint32_t peer_rate;           // what the peer says; 0: nothing
    uint64_t clogged_until_ms;    // the kernel has too much to send: nothing is let out before
    uint64_t connection, charged; // bytes that connection sent twice, as the pacer was told
    struct span frame;            // the one that came last
    bool is_message;              // it still is to be given, as it is
    struct gauge gauge;           // of any line, thin or not
    struct tuner tuner;           // of one whose rate is looked for
};

// After the transport was opened: takes up what HOME/links says. A file that cannot be read is
// logged, and no line is thin.
void thin_open(struct node *node);
void thin_close(struct node *node);

// From now on, and over restarts. Rates are such as a pacer takes, or 0; intervals of beacons such
// as engines take. Errors: ERR_NOT_FOUND (no such peer), ERR_DENIED (the live plane was asked for,
// and the line is thin), ERR_IO, ERR_NO_SPACE: then everything stays as it was.
CHECKED enum err thin_change(struct node *node, uint32_t peer, const struct choice_change *change);
// What holds of the link: what was set here, and for want of a rate the peer's word [17.5].
struct choice thin_choice(const struct node *node, uint32_t peer);
// NOTE_LINE of the real world's engine. Not in the midst of a step.
void thin_peer_says(struct node *node, uint32_t peer, uint32_t rate);
// Bytes that wait in each lane.
void thin_waiting(const struct node *node, uint32_t peer, size_t waiting[static LANES]);

// Measures every line, and sets the rates that are looked for; once a second.
void thin_measure(struct node *node);
void thin_read(const struct node *node, uint32_t peer, struct gauge_reading *reading);
// How a rate that is looked for does.
enum tuner_verdict thin_verdict(const struct node *node, uint32_t peer);

// Sends what `send` says, as `message`, or lets it wait until thin_go_on, so that what a turn of
// the loop has to say can leave together. What finds no room is lost, and the engine asks again.
void thin_send(struct node *node, const struct effect_send *send, struct span message);
// Takes a frame of the sync plane; thin_next gives the messages that are whole with it, until it
// says false. What is not good is one, for the engine to refuse.
void thin_receive(struct node *node, uint32_t peer, struct span frame);
bool thin_next(struct node *node, uint32_t peer, struct span *message);
// The link came up, before the engines are told so, or went down: what waited for it is forgotten.
// What had come of messages is kept for the next one, unless the peer was revoked.
void thin_link_changed(struct node *node, uint32_t peer, bool is_up);
// Lets out what lines pass now, at the end of each turn; when to do so again.
void thin_go_on(struct node *node);
uint64_t thin_due_ms(const struct node *node);

#endif
