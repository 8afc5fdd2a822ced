// SPDX-License-Identifier: EUPL-1.2
// Opening, losing and retrying one connection. Does not decide whether it is wanted.
#include "transport/line.h"

#include <assert.h>
#include <string.h>

enum {
    RETRY_MIN_MS = 200,
    RETRY_MAX_MS = 5000,
    REFUSALS_MAX = 2,
};

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
    const struct socket_end end = {.role = role,
                                   .server_key = line->server_key,
                                   .is_patient = line->is_patient,
                                   .is_proxied = hub->proxy != NULL};
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

static enum link_trouble trouble_of(const struct line *line)
{
    return line->tunnel != NULL ? tunnel_trouble(line->tunnel) : LINK_NO_TROUBLE;
}

// The connection is lost, or did not come about. Nobody behind a proxy turned us away when the
// proxy itself did.
static void lose(struct hub *hub, struct line *line, uint64_t now_ms)
{
    line->trouble = trouble_of(line);
    line->turned_away += !line->is_up && line->trouble == LINK_NO_TROUBLE;
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
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        line->is_up = true;
        line->failures = 0;
        line->refusals = 0;
        line->trouble = LINK_NO_TROUBLE;
        line->handshakes++;
        break;
    case ZMQ_EVENT_CONNECT_RETRIED:
        line->refusals++;
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
