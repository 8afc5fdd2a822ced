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

void line_open(struct hub *hub, struct line *line, enum socket_role role, const char *address,
               const uint8_t server_key[static BOX_KEY_LEN])
{
    assert(!line->is_open);
    assert(strlen(address) < sizeof line->address);
    memcpy(line->address, address, strlen(address) + 1);
    memcpy(line->server_key, server_key, BOX_KEY_LEN);
    line->refusals = 0;
    const struct socket_end end = {role, server_key, line->is_patient};
    if (socket_open(hub, &line->socket, &end) == ERR_OK) {
        line->is_open = zmq_connect(line->socket.data.zmq, address) == 0;
        if (!line->is_open) {
            socket_close(hub, &line->socket);
        }
    }
    if (!line->is_open) {
        schedule(line, hub_now_ms());
    }
}

void line_close(struct hub *hub, struct line *line)
{
    if (line->is_open) {
        socket_close(hub, &line->socket);
    }
    meter_forget(&line->meter);
    line->is_open = false;
    line->is_up = false;
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
        line->handshakes++;
        break;
    case ZMQ_EVENT_CONNECT_RETRIED:
        line->refusals++;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        line->handshakes_failed++;
        line->turned_away++;
        line_close(hub, line);
        schedule(line, now_ms);
        break;
    case ZMQ_EVENT_DISCONNECTED:
        line->turned_away += !line->is_up;
        line_close(hub, line);
        schedule(line, now_ms);
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
    return line->is_open && !line->is_up && line->refusals >= REFUSALS_MAX;
}
