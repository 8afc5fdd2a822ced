// SPDX-License-Identifier: EUPL-1.2
// The loop thread: waits for sockets, the stores' writers and the desks, makes events of what came
// and hands them to the spaces.
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "clock.h"
#include "node.h"

enum {
    FRAMES_PER_TURN = 64,
    WAIT_MAX_MS = 1000,
};

enum { FD_RESULTS, FD_DESK, FD_GROUPS, SPACE_FDS }; // of a space, in this order
enum { FDS_MAX = 1 + SPACES_MAX * SPACE_FDS };

static void log_link(struct node *node, const struct transport_event *event)
{
    char name[NAME_MAX_LEN + 1];

    log_limited(&node->link_limit, LOG_LEVEL_INFO,
                event->type == TRANSPORT_UP ? "link-up" : "link-down", "peer=%s",
                node_peer_name(node, event->peer, name));
}

static void log_trouble(struct node *node, const struct transport_event *event)
{
    char name[NAME_MAX_LEN + 1];

    log_limited(&node->trouble_limit, LOG_LEVEL_WARNING, "link-trouble",
                "peer=%s reason=%s action=%s", node_peer_name(node, event->peer, name),
                link_trouble_text(event->trouble), "it is tried again");
}

// Which space the rest will be of is not known yet.
static void tell_of_part(struct node *node, uint32_t peer)
{
    for (size_t i = 0; i < node->spaces_count; i++) {
        struct event event = {.type = EVENT_PART, .peer = peer};

        space_step(node->spaces[i], &event);
    }
}

static void hand_over_message(struct node *node, const struct transport_event *arrived,
                              struct span message)
{
    struct event event = {.type = EVENT_FRAME, .peer = arrived->peer};
    struct space *space;

    event.frame.plane = arrived->plane;
    event.frame.bytes = message;
    space = envelope_open(node, event.peer, &event.frame.bytes);
    if (space != NULL) {
        space_step(space, &event);
    }
}

static void hand_over_frame(struct node *node, const struct transport_event *arrived)
{
    struct span message;
    bool is_whole = false;

    if (arrived->plane != PLANE_SYNC) {
        hand_over_message(node, arrived, arrived->bytes);
        return;
    }
    thin_receive(node, arrived->peer, arrived->bytes);
    while (thin_next(node, arrived->peer, &message)) {
        is_whole = true;
        hand_over_message(node, arrived, message);
    }
    if (!is_whole) {
        tell_of_part(node, arrived->peer);
    }
}

// A link belongs to all spaces. The pacer begins anew before they send something over it.
static void tell_of_link(struct node *node, struct event *event)
{
    thin_link_changed(node, event->peer, event->type == EVENT_PEER_UP);
    for (size_t i = 0; i < node->spaces_count; i++) {
        envelope_peer_changed(node->spaces[i], event->peer);
        space_step(node->spaces[i], event);
    }
}

static void take_frames(struct node *node)
{
    struct transport_event arrived;

    for (int i = 0; i < FRAMES_PER_TURN && transport_next(node->transport, &arrived) == ERR_OK;
         i++) {
        struct event event = {.peer = arrived.peer};

        if (arrived.type == TRANSPORT_FRAME) {
            hand_over_frame(node, &arrived);
        } else if (arrived.type == TRANSPORT_TROUBLE) {
            log_trouble(node, &arrived);
        } else {
            event.type = arrived.type == TRANSPORT_UP ? EVENT_PEER_UP : EVENT_PEER_DOWN;
            log_link(node, &arrived);
            tell_of_link(node, &event);
        }
    }
}

static uint32_t time_to_wait(const struct node *node)
{
    uint64_t now = clock_now_ms();
    const uint64_t thin_ms = thin_due_ms(node);
    uint64_t deadline = thin_ms < node->upkeep_ms ? thin_ms : node->upkeep_ms;

    for (size_t i = 0; i < node->spaces_count; i++) {
        uint64_t of_space = engine_deadline_ms(node->spaces[i]->engine);

        deadline = of_space < deadline ? of_space : deadline;
    }
    if (deadline <= now) {
        return 0;
    }
    return deadline - now < WAIT_MAX_MS ? (uint32_t)(deadline - now) : WAIT_MAX_MS;
}

static void take_signal(struct node *node)
{
    struct signalfd_siginfo info;

    if (read(node->signal_fd, &info, sizeof info) == sizeof info) {
        log_write(LOG_LEVEL_INFO, "stopping", "signal=%u", info.ssi_signo);
        node->is_stopping = true;
    }
}

static void go_on(struct space *space)
{
    struct event tick = {.type = EVENT_TICK};

    publishing_continue(space);
    if (clock_now_ms() >= engine_deadline_ms(space->engine)) {
        space_step(space, &tick);
    }
}

static void attend(struct space *space, const bool ready[static SPACE_FDS])
{
    if (ready[FD_GROUPS]) {
        space_take_groups(space);
    }
    if (ready[FD_DESK]) {
        space_take_errands(space);
    }
}

static void turn(struct node *node)
{
    int fds[FDS_MAX] = {node->signal_fd};
    bool ready[FDS_MAX] = {false};
    size_t count = 1;

    for (size_t i = 0; i < node->spaces_count; i++) {
        fds[count++] = store_results_fd(node->spaces[i]->store);
        fds[count++] = desk_fd(node->spaces[i]->desk);
        fds[count++] = groups_fd(node->spaces[i]->groups);
    }
    transport_wait(node->transport, fds, ready, count, time_to_wait(node));
    for (size_t i = 0; i < node->spaces_count; i++) {
        if (ready[1 + i * SPACE_FDS + FD_RESULTS]) {
            space_take_results(node->spaces[i]);
        }
    }
    take_frames(node);
    // From the last to the first: an errand to the real world makes and removes exercises.
    for (size_t i = (count - 1) / SPACE_FDS; i > 0; i--) {
        attend(node->spaces[i - 1], &ready[1 + (i - 1) * SPACE_FDS]);
    }
    if (ready[0]) {
        take_signal(node);
    }
    for (size_t i = 0; i < node->spaces_count; i++) {
        go_on(node->spaces[i]);
    }
    thin_go_on(node);
    node_upkeep(node);
}

void node_run(struct node *node)
{
    sd_notify(0, "READY=1");
    while (!node->is_stopping && node->restart == RESTART_NOT) {
        turn(node);
    }
    sd_notify(0, "STOPPING=1");
}
