// SPDX-License-Identifier: EUPL-1.2
// GET /v1/status and GET /v1/peers: how this node and its links stand.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/warnings.h"
#include "reading/link_text.h"

static void write_refused(struct text *out, const uint64_t refused[static REFUSALS])
{
    text_key(out, "refused");
    text_open(out, '{');
    for (int i = 0; i < REFUSALS; i++) {
        text_key(out, refusal_text((enum refusal)i));
        text_uint(out, refused[i]);
    }
    text_close(out, '}');
}

static void write_count(struct text *out, const char *name, uint64_t count)
{
    text_key(out, name);
    text_uint(out, count);
}

// What waits for the line, most urgent first.
static void write_waiting(struct text *out, const struct desk_peer *peer)
{
    static const char *const names[LANES] = {"routine", "priority", "immediate", "flash",
                                             "control"};
    text_key(out, "waiting");
    text_open(out, '{');
    for (size_t lane = LANES; lane > 0; lane--) {
        write_count(out, names[lane - 1], peer->waiting[lane - 1]);
    }
    text_close(out, '}');
}

// Null where it is not known.
static void write_known(struct text *out, const char *name, bool is_known, uint64_t count)
{
    text_key(out, name);
    if (is_known) {
        text_uint(out, count);
    } else {
        text_null(out);
    }
}

static void write_rate(struct text *out, struct desk *desk, const struct desk_peer *peer)
{
    link_write_choice(out, desk, &peer->choice);
    text_key(out, "rate_verdict");
    if (peer->choice.profile == PROFILE_MEASURED) {
        text_string(out, tuner_verdict_text(peer->verdict));
    } else {
        text_null(out);
    }
}

static void write_measured(struct text *out, const struct desk_peer *peer)
{
    const struct gauge_reading *reading = &peer->reading;
    const struct transport_measured *last = &reading->last;
    text_key(out, "measured");
    text_open(out, '{');
    write_known(out, "rate_in", reading->has_rates, reading->rate_in);
    write_known(out, "rate_out", reading->has_rates, reading->rate_out);
    write_known(out, "rtt_ms", reading->is_known, last->rtt_ms);
    write_known(out, "sent", reading->is_known, last->sent);
    write_known(out, "resent", reading->is_known, last->resent);
    write_known(out, "unsent", reading->is_known, last->unsent);
    write_known(out, "under_way", reading->is_known, last->under_way);
    text_close(out, '}');
    write_known(out, "converged_in_s", peer->converged_in_s != UINT64_MAX, peer->converged_in_s);
}

static void write_peer(struct text *out, struct desk *desk, const struct roster *roster,
                       const struct desk_peer *peer)
{
    const struct peer_status *status = &peer->status;
    const struct roster_node *node = &roster->nodes[status->peer];
    text_open(out, '{');
    text_key(out, "node");
    text_span(out, node->name);
    text_key(out, "centre");
    text_span(out, roster->centres[node->centre].code);
    text_key(out, "state");
    text_string(out, link_state_text(node, peer));
    text_key(out, "fingerprint");
    if (status->has_fingerprint) {
        text_hex(out, status->fingerprint, FINGERPRINT_LEN);
    } else {
        text_null(out);
    }
    text_key(out, "converged");
    text_bool(out, status->state == PEER_CONVERGED);
    write_count(out, "missing_here", status->missing_here);
    write_count(out, "missing_there", status->missing_there);
    write_known(out, "rtt_ms", status->rtt_ms != UINT32_MAX, status->rtt_ms);
    text_key(out, "last_entry_verified");
    text_time(out, status->last_entry_ms);
    text_key(out, "last_heard");
    text_time(out, status->last_frame_ms);
    text_key(out, "endpoint");
    text_string(out, peer->link.endpoint);
    text_key(out, "connected");
    text_bool(out, peer->link.is_connected);
    text_key(out, "trouble");
    if (peer->link.trouble == LINK_NO_TROUBLE) {
        text_null(out);
    } else {
        text_string(out, link_trouble_text(peer->link.trouble));
    }
    write_count(out, "reconnects", peer->link.reconnects);
    write_count(out, "roster_version", status->roster_version);
    write_refused(out, status->refused);
    write_count(out, "bytes_in", status->bytes_in);
    write_count(out, "bytes_out", status->bytes_out);
    write_rate(out, desk, peer);
    write_waiting(out, peer);
    write_measured(out, peer);
    text_close(out, '}');
}

static void write_peers(struct text *out, struct desk *desk, const struct roster *roster,
                        const struct desk_peer *peers, size_t count)
{
    text_key(out, "peers");
    text_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        // A version that came in between may have brought a peer this roster does not name yet.
        if (peers[i].status.peer < roster->nodes_count) {
            write_peer(out, desk, roster, &peers[i]);
        }
    }
    text_close(out, ']');
}

static void write_transport(struct text *out, const struct transport_stats *stats)
{
    text_key(out, "transport");
    text_open(out, '{');
    write_count(out, "admitted", stats->admitted);
    write_count(out, "denied", stats->denied);
    write_count(out, "handshakes_failed", stats->handshakes_failed);
    write_count(out, "accepts_failed", stats->accepts_failed);
    write_count(out, "frames_in", stats->frames_in);
    write_count(out, "frames_out", stats->frames_out);
    write_count(out, "bytes_in", stats->bytes_in);
    write_count(out, "bytes_out", stats->bytes_out);
    write_count(out, "dropped_unauthenticated", stats->dropped_unauthenticated);
    write_count(out, "dropped_malformed", stats->dropped_malformed);
    write_count(out, "subscriptions_refused", stats->subscriptions_refused);
    write_count(out, "sends_refused", stats->sends_refused);
    text_close(out, '}');
}

static void write_store(struct text *out, const struct store_stats *stats)
{
    text_key(out, "store");
    text_open(out, '{');
    write_count(out, "bytes_used", stats->bytes_used);
    write_count(out, "disk_free", stats->disk_free);
    text_key(out, "failed");
    text_bool(out, stats->is_failed);
    write_count(out, "commits", stats->commits);
    text_close(out, '}');
}

static void write_engine(struct text *out, const struct engine_status *status)
{
    write_count(out, "entries", status->entries);
    write_count(out, "ahead", status->ahead);
    write_count(out, "quarantined", status->quarantined);
    text_key(out, "fingerprint");
    text_hex(out, status->fingerprint, FINGERPRINT_LEN);
    write_count(out, "forks", status->forks);
    text_key(out, "own");
    text_open(out, '{');
    write_count(out, "epoch", status->own_epoch);
    write_count(out, "head", status->own_head);
    text_key(out, "ready");
    text_bool(out, status->is_own_log_ready);
    text_key(out, "revoked");
    text_bool(out, status->is_revoked);
    text_close(out, '}');
}

// What this process holds of its own: pages that are not of a file, so not of the mapped store.
static uint64_t own_memory(void)
{
    unsigned long kib = 0;
    char line[128];
    FILE *file = fopen("/proc/self/status", "re");
    if (file == NULL) {
        return 0;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "RssAnon:", 8) == 0) {
            kib = strtoul(line + 8, NULL, 10);
            break;
        }
    }
    fclose(file);
    return (uint64_t)kib * 1024;
}

static void write_status(struct call *call, const struct desk_status *status,
                         const struct desk_peer *peers, size_t count)
{
    const struct roster *roster = desk_roster(call->view->desk);
    const struct roster_node *self = &roster->nodes[desk_self(call->view->desk)];
    const char *exercise = desk_exercise_name(call->view->desk);
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    text_key(out, "node");
    text_span(out, self->name);
    text_key(out, "centre");
    text_span(out, roster->centres[self->centre].code);
    text_key(out, "federation");
    text_span(out, roster->name);
    text_key(out, "space");
    text_string(out, *exercise != '\0' ? exercise : "real");
    write_engine(out, &status->engine);
    write_count(out, "roster_version", roster->version);
    write_store(out, &status->store);
    write_refused(out, status->refused);
    write_transport(out, &status->transport);
    write_count(out, "damaged", status->damaged);
    write_count(out, "repaired", status->repaired);
    write_count(out, "memory_bytes", own_memory());
    warnings_write(call->view->desk, status, out);
    text_key(out, "started");
    text_time(out, status->started_ms);
    text_key(out, "now");
    text_time(out, status->wall_ms);
    write_peers(out, call->view->desk, roster, peers, count);
    text_close(out, '}');
}

void status_get(struct call *call)
{
    struct desk_status status;
    struct desk_peer *peers = NULL;
    size_t count = 0;
    enum err err = desk_status(call->view->desk, &status);
    if (err == ERR_OK) {
        err = desk_peers(call->view->desk, &peers, &count);
    }
    if (err == ERR_OK) {
        write_status(call, &status, peers, count);
    } else {
        reply_error(&call->reply, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping", "the node is stopping");
    }
    free(peers);
}

void peers_get(struct call *call)
{
    struct desk_peer *peers = NULL;
    size_t count = 0;
    if (desk_peers(call->view->desk, &peers, &count) != ERR_OK) {
        reply_error(&call->reply, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping", "the node is stopping");
        return;
    }
    struct text *out = reply_json(&call->reply, MHD_HTTP_OK);
    text_open(out, '{');
    write_peers(out, call->view->desk, desk_roster(call->view->desk), peers, count);
    text_close(out, '}');
    free(peers);
}
