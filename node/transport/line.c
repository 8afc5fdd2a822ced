// SPDX-License-Identifier: EUPL-1.2
// Opening, losing and retrying one connection. Does not decide whether it is wanted.
#include "transport/line.h"

#include <assert.h>
#include <string.h>

enum {
    RETRY_MIN_MS = 200,
    RETRY_MAX_MS = 5000,
    REFUSALS_MAX = 2,
    LATE_BY_MS = 500, // what is given up so shortly before its time was waited for in vain
    QUICK_MS = 2500,  // a handshake that takes no longer needs no patience
    // One that takes longer, two round trips, shows a line on which TCP has no time to send again
    // what was lost twice before a brisk socket gives it up.
    FAR_MS = 1000,
};

static const struct patience *patience_of(const struct line *line)
{
    return socket_patience(line->is_patient);
}

static bool is_late(const struct line *line, int timeout_ms, uint64_t now_ms)
{
    return now_ms + LATE_BY_MS >= line->since_ms + (uint64_t)timeout_ms;
}

static void schedule(struct line *line, uint64_t now_ms)
{
    uint64_t base_ms = RETRY_MIN_MS;
    for (uint32_t i = 0; i < line->failures && base_ms < RETRY_MAX_MS; i++) {
        base_ms *= 2;
    }
    line->retry_at_ms = now_ms + hub_jitter_ms(base_ms < RETRY_MAX_MS ? base_ms : RETRY_MAX_MS);
    line->failures++;
}

static bool connect_line(struct hub *hub, struct line *line, enum socket_role role)
{
    char way_in[TUNNEL_ADDRESS_SIZE];
    const char *address = line->address;
    const struct socket_end end = {
        .role = role, .server_key = line->server_key, .is_patient = line->is_patient};
    if (hub->proxy != NULL) {
        line->tunnel = tunnel_open(hub->proxy, line->address, way_in);
        address = way_in;
    }
    if ((hub->proxy != NULL && line->tunnel == NULL) ||
        socket_open(hub, &line->socket, &end) != ERR_OK) {
        return false;
    }
    if (zmq_connect(line->socket.data.zmq, address) != 0) {
        socket_close(hub, &line->socket);
        return false;
    }
    return true;
}

void line_open(struct hub *hub, struct line *line, enum socket_role role, const char *address,
               const uint8_t server_key[static BOX_KEY_LEN])
{
    assert(!line->is_open);
    assert(strlen(address) < sizeof line->address);
    memcpy(line->address, address, strlen(address) + 1);
    memcpy(line->server_key, server_key, BOX_KEY_LEN);
    line->refusals = 0;
    line->is_late = false;
    line->is_patient = line->is_thin || line->tries_patience || hub->proxy != NULL;
    line->since_ms = hub_now_ms();
    line->is_open = connect_line(hub, line, role);
    if (!line->is_open) {
        tunnel_close(&line->tunnel);
        schedule(line, hub_now_ms());
    }
}

void line_close(struct hub *hub, struct line *line)
{
    if (line->is_open) {
        socket_close(hub, &line->socket);
    }
    meter_forget(&line->meter);
    tunnel_close(&line->tunnel);
    line->is_open = false;
    line->is_up = false;
}

// A good line was taken for a thin one while the other end was away. It is opened anew, to be given
// up as soon as a good line should.
static bool has_shown_good(const struct line *line, uint64_t now_ms)
{
    return line->is_patient && !line->is_thin && line->tunnel == NULL &&
           now_ms < line->since_ms + QUICK_MS;
}

static void take_handshake(struct hub *hub, struct line *line, uint64_t now_ms)
{
    line->failures = 0;
    line->refusals = 0;
    if (has_shown_good(line, now_ms)) {
        line->tries_patience = false;
        line_close(hub, line);
        line->retry_at_ms = now_ms;
        return;
    }
    if (now_ms >= line->since_ms + FAR_MS) {
        line->is_patient = true;
        meter_make_patient(&line->meter);
    }
    line->is_up = true;
    line->heard_ms = now_ms;
    line->trouble = LINK_NO_TROUBLE;
    line->handshakes++;
}

static void take_retry(struct line *line, uint64_t pause_ms, uint64_t now_ms)
{
    line->refusals++;
    line->is_late = is_late(line, patience_of(line)->connect_ms, now_ms);
    line->tries_patience = line->is_late && !line->is_patient;
    line->since_ms = now_ms + pause_ms;
}

// The connection ended, before a handshake was done.
static void take_failure(struct line *line, uint64_t now_ms)
{
    const bool is_in_vain = is_late(line, patience_of(line)->handshake_ms, now_ms);
    line->tries_patience = is_in_vain && !line->is_patient;
    line->turned_away += !is_in_vain && line->trouble == LINK_NO_TROUBLE;
}

static enum link_trouble trouble_of(const struct line *line)
{
    return line->tunnel != NULL ? tunnel_trouble(line->tunnel) : LINK_NO_TROUBLE;
}

// The connection is lost, or did not come about. Nobody behind a proxy turned us away when the
// proxy itself did.
static void lose(struct hub *hub, struct line *line, uint64_t now_ms)
{
    line->trouble = trouble_of(line);
    if (!line->is_up) {
        take_failure(line, now_ms);
    }
    if (line->trouble != LINK_NO_TROUBLE && !link_trouble_is_of_proxy(line->trouble)) {
        line->refusals = REFUSALS_MAX;
    }
    line_close(hub, line);
    schedule(line, now_ms);
}

static void take_event(struct hub *hub, struct line *line, const struct socket_event *event,
                       uint64_t now_ms)
{
    switch (event->type) {
    case ZMQ_EVENT_CONNECTED:
        meter_learn(&line->meter, event->fd);
        line->since_ms = now_ms;
        if (line->is_patient) {
            meter_make_patient(&line->meter);
        }
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        take_handshake(hub, line, now_ms);
        break;
    case ZMQ_EVENT_CONNECT_RETRIED:
        take_retry(line, (uint64_t)event->fd, now_ms); // of this event it is how long it pauses
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        line->handshakes_failed += trouble_of(line) == LINK_NO_TROUBLE;
        lose(hub, line, now_ms);
        break;
    case ZMQ_EVENT_DISCONNECTED:
        lose(hub, line, now_ms);
        break;
    default:
        break;
    }
}

void line_drop(struct hub *hub, struct line *line, uint64_t now_ms)
{
    assert(line->is_open);
    lose(hub, line, now_ms);
}

bool line_serve(struct hub *hub, struct line *line, uint64_t now_ms)
{
    bool was_up = line->is_up;
    struct socket_event event;
    while (line->is_open && socket_next_event(&line->socket, &event)) {
        take_event(hub, line, &event, now_ms);
    }
    return line->is_up != was_up || !line->is_open || line_is_refused(line);
}

bool line_is_refused(const struct line *line)
{
    return !line->is_up && line->refusals >= REFUSALS_MAX;
}
