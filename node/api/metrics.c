// SPDX-License-Identifier: EUPL-1.2
// GET /v1/metrics: what /v1/status says in numbers, as text for Prometheus (exposition format
// 0.0.4). Label values are names of the roster and of our own, which need no escapes.
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/warnings.h"
#include "sitrep/roster_keys.h"

enum { LINE_SIZE = 512 };

__attribute__((format(printf, 2, 3))) static void put(struct text *out, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len > 0 && (size_t)len < sizeof line) {
        text_raw(out, line, (size_t)len);
    }
}

// What comes before the samples of one name; a counter's name ends in _total.
static void begin(struct text *out, const char *name, const char *help)
{
    const size_t len = strlen(name);
    const bool is_counter = len > 6 && strcmp(name + len - 6, "_total") == 0;
    put(out, "# HELP sitrep_%s %s\n# TYPE sitrep_%s %s\n", name, help, name,
        is_counter ? "counter" : "gauge");
}

struct sample {
    const char *name, *help;
    uint64_t value;
};

static void put_samples(struct text *out, const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        begin(out, samples[i].name, samples[i].help);
        put(out, "sitrep_%s %" PRIu64 "\n", samples[i].name, samples[i].value);
    }
}

static void put_engine(struct text *out, const struct desk_status *status)
{
    const struct engine_status *engine = &status->engine;
    const struct sample samples[] = {
        {"entries", "Entries held, durable, without a gap, and counting.", engine->entries},
        {"entries_ahead", "Entries held ahead of a gap.", engine->ahead},
        {"entries_quarantined", "Entries held beyond a revocation.", engine->quarantined},
        {"forks", "Forks of logs that are known.", engine->forks},
        {"engine_memory_bytes", "What the sync engine has allocated.", engine->memory},
        {"own_log_epoch", "Epoch of this node's log.", engine->own_epoch},
        {"own_log_head", "Last durable entry of this node's log.", engine->own_head},
        {"own_log_ready", "1 when this node may publish.", engine->is_own_log_ready},
        {"own_revoked", "1 when this node is revoked.", engine->is_revoked},
        {"records_damaged_total", "Records found damaged.", status->damaged},
        {"records_repaired_total", "Records repaired from peers.", status->repaired},
    };
    put_samples(out, samples, sizeof samples / sizeof *samples);
}

static void put_store(struct text *out, const struct store_stats *store)
{
    const struct sample samples[] = {
        {"store_used_bytes", "Bytes the store uses.", store->bytes_used},
        {"store_disk_free_bytes", "Bytes free on the store's disk.", store->disk_free},
        {"store_failed", "1 when the store cannot be written.", store->is_failed},
        {"store_commits_total", "Transactions committed.", store->commits},
    };
    put_samples(out, samples, sizeof samples / sizeof *samples);
}

static void put_transport(struct text *out, const struct transport_stats *stats)
{
    const struct sample samples[] = {
        {"transport_admitted_total", "Connections admitted.", stats->admitted},
        {"transport_denied_total", "Connections denied.", stats->denied},
        {"transport_handshakes_failed_total", "Handshakes failed.", stats->handshakes_failed},
        {"transport_accepts_failed_total", "Connections not accepted.", stats->accepts_failed},
        {"transport_frames_in_total", "Frames received.", stats->frames_in},
        {"transport_frames_out_total", "Frames sent.", stats->frames_out},
        {"transport_in_bytes_total", "Bytes received.", stats->bytes_in},
        {"transport_out_bytes_total", "Bytes sent.", stats->bytes_out},
        {"transport_unauthenticated_total", "Frames dropped, as nobody known sent them.",
         stats->dropped_unauthenticated},
        {"transport_malformed_total", "Frames dropped for their form.", stats->dropped_malformed},
        {"transport_subscriptions_refused_total", "Subscriptions refused.",
         stats->subscriptions_refused},
        {"transport_sends_refused_total", "Frames not sent, as the queue was full.",
         stats->sends_refused},
    };
    put_samples(out, samples, sizeof samples / sizeof *samples);
}

static void put_refused(struct text *out, const uint64_t refused[static REFUSALS])
{
    begin(out, "refused_total", "What peers sent and was refused, by reason.");
    for (int i = 0; i < REFUSALS; i++) {
        put(out, "sitrep_refused_total{reason=\"%s\"} %" PRIu64 "\n", refusal_text((enum refusal)i),
            refused[i]);
    }
}

// -- peers --

enum peer_metric {
    PEER_IS_CONVERGED,
    PEER_IS_CONNECTED,
    PEER_MISSING_HERE,
    PEER_MISSING_THERE,
    PEER_ROSTER_VERSION,
    PEER_REFUSED,
    PEER_BYTES_IN,
    PEER_BYTES_OUT,
    PEER_METRICS
};

static uint64_t measure(const struct desk_peer *peer, enum peer_metric metric)
{
    const struct peer_status *status = &peer->status;
    uint64_t sum = 0;
    switch (metric) {
    case PEER_IS_CONVERGED:
        return status->state == PEER_CONVERGED;
    case PEER_IS_CONNECTED:
        return peer->link.is_connected;
    case PEER_MISSING_HERE:
        return status->missing_here;
    case PEER_MISSING_THERE:
        return status->missing_there;
    case PEER_ROSTER_VERSION:
        return status->roster_version;
    case PEER_REFUSED:
        for (int i = 0; i < REFUSALS; i++) {
            sum += status->refused[i];
        }
        return sum;
    case PEER_BYTES_IN:
        return status->bytes_in;
    case PEER_BYTES_OUT:
        return status->bytes_out;
    case PEER_METRICS:
        break;
    }
    return 0;
}

struct peers {
    const struct roster *roster;
    struct desk_peer *list;
    size_t count;
};

// Of peers that are to be there: those that are not revoked. One that a version in between brought
// is not yet named by this roster.
static const struct roster_node *peer_node(const struct peers *peers, size_t at)
{
    const uint32_t index = peers->list[at].status.peer;
    const struct roster_node *node =
        index < peers->roster->nodes_count ? &peers->roster->nodes[index] : NULL;
    return node != NULL && !node->is_revoked ? node : NULL;
}

static void put_peer_metric(struct text *out, const struct peers *peers, const char *name,
                            enum peer_metric metric)
{
    for (size_t i = 0; i < peers->count; i++) {
        const struct roster_node *node = peer_node(peers, i);
        if (node != NULL) {
            put(out, "sitrep_%s{node=\"%.*s\"} %" PRIu64 "\n", name, (int)node->name.len,
                (const char *)node->name.bytes, measure(&peers->list[i], metric));
        }
    }
}

static void put_peers(struct text *out, const struct peers *peers)
{
    static const struct {
        const char *name, *help;
    } metrics[PEER_METRICS] = {
        [PEER_IS_CONVERGED] = {"peer_converged", "1 when it holds what this node holds."},
        [PEER_IS_CONNECTED] = {"peer_connected", "1 when a connection is up."},
        [PEER_MISSING_HERE] = {"peer_missing_here", "Entries it has and this node lacks."},
        [PEER_MISSING_THERE] = {"peer_missing_there",
                                "Entries this node has and it has not shown to hold."},
        [PEER_ROSTER_VERSION] = {"peer_roster_version", "The roster version it has told of."},
        [PEER_REFUSED] = {"peer_refused_total", "What it sent and was refused."},
        [PEER_BYTES_IN] = {"peer_in_bytes_total", "Bytes of its messages."},
        [PEER_BYTES_OUT] = {"peer_out_bytes_total", "Bytes of messages to it."},
    };
    for (int metric = 0; metric < PEER_METRICS; metric++) {
        begin(out, metrics[metric].name, metrics[metric].help);
        put_peer_metric(out, peers, metrics[metric].name, (enum peer_metric)metric);
    }
}

// What is unknown has no sample: a peer never heard of is not one heard of in 1970.
static void put_peer_times(struct text *out, const struct peers *peers)
{
    begin(out, "peer_last_heard_timestamp_seconds", "When its last valid message came.");
    for (size_t i = 0; i < peers->count; i++) {
        const struct roster_node *node = peer_node(peers, i);
        const uint64_t heard_ms = peers->list[i].status.last_frame_ms;
        if (node != NULL && heard_ms > 0) {
            put(out, "sitrep_peer_last_heard_timestamp_seconds{node=\"%.*s\"} %" PRIu64 ".%03u\n",
                (int)node->name.len, (const char *)node->name.bytes, heard_ms / 1000,
                (unsigned)(heard_ms % 1000));
        }
    }
    begin(out, "peer_rtt_seconds", "Its round trip, as measured last.");
    for (size_t i = 0; i < peers->count; i++) {
        const struct roster_node *node = peer_node(peers, i);
        const uint32_t rtt_ms = peers->list[i].status.rtt_ms;
        if (node != NULL && rtt_ms != UINT32_MAX) {
            put(out, "sitrep_peer_rtt_seconds{node=\"%.*s\"} %u.%03u\n", (int)node->name.len,
                (const char *)node->name.bytes, (unsigned)(rtt_ms / 1000),
                (unsigned)(rtt_ms % 1000));
        }
    }
}

// -- expiry and warnings --

static void put_expiry(struct text *out, const struct roster *roster, uint64_t now_ms)
{
    begin(out, "key_expiry_seconds",
          "Until this key expires; negative since then. Keys without an expiry are not here.");
    for (size_t i = 0; i < roster_keys_count(roster); i++) {
        const struct roster_key key = roster_key_at(roster, i);
        const uint64_t expires_ms =
            key.bytes != NULL ? roster_key_expires_ms(roster, key.bytes) : 0;
        uint8_t fingerprint[KEY_FINGERPRINT_LEN];
        if (expires_ms == 0) {
            continue;
        }
        key_fingerprint(key.bytes, fingerprint);
        const bool is_node = key.kind != KEY_AUTHORITY;
        const struct span name = is_node ? roster->nodes[key.index].name : (struct span){NULL, 0};
        put(out, "sitrep_key_expiry_seconds{kind=\"%s\",node=\"%.*s\",fingerprint=\"",
            key_kind_text(key.kind), (int)name.len, is_node ? (const char *)name.bytes : "");
        for (size_t at = 0; at < sizeof fingerprint; at++) {
            put(out, "%02x", fingerprint[at]);
        }
        put(out, "\"} %" PRId64 "\n", ((int64_t)expires_ms - (int64_t)now_ms) / 1000);
    }
    if (roster->expires_ms > 0) {
        begin(out, "roster_expiry_seconds", "Until the roster expires; negative since then.");
        put(out, "sitrep_roster_expiry_seconds %" PRId64 "\n",
            ((int64_t)roster->expires_ms - (int64_t)now_ms) / 1000);
    }
}

static void put_warnings(struct text *out, struct desk *desk, const struct desk_status *status)
{
    uint64_t counts[WARNINGS];
    warnings_count(desk, status, counts);
    begin(out, "warnings", "What status warns of, by what it is about.");
    for (int i = 0; i < WARNINGS; i++) {
        put(out, "sitrep_warnings{about=\"%s\"} %" PRIu64 "\n", warning_text((enum warning)i),
            counts[i]);
    }
}

static void put_all(struct text *out, struct desk *desk, const struct desk_status *status,
                    const struct peers *peers)
{
    const struct roster *roster = peers->roster;
    const struct roster_node *self = &roster->nodes[desk_self(desk)];
    const struct span centre = roster->centres[self->centre].code;
    const struct sample samples[] = {
        {"roster_version", "The roster version in force here.", roster->version},
        {"start_timestamp_seconds", "When the node was started.", status->started_ms / 1000},
    };
    begin(out, "node_info", "This node and its centre.");
    put(out, "sitrep_node_info{node=\"%.*s\",centre=\"%.*s\"} 1\n", (int)self->name.len,
        (const char *)self->name.bytes, (int)centre.len, (const char *)centre.bytes);
    put_samples(out, samples, sizeof samples / sizeof *samples);
    put_engine(out, status);
    put_store(out, &status->store);
    put_refused(out, status->refused);
    put_transport(out, &status->transport);
    put_peers(out, peers);
    put_peer_times(out, peers);
    put_expiry(out, roster, status->wall_ms);
    put_warnings(out, desk, status);
}

void metrics_get(struct call *call)
{
    struct desk *desk = call->view->desk;
    struct desk_status status;
    struct peers peers = {.roster = desk_roster(desk)};
    enum err err = desk_status(desk, &status);
    if (err == ERR_OK) {
        err = desk_peers(desk, &peers.list, &peers.count);
    }
    if (err == ERR_OK) {
        reply_bytes(&call->reply, "text/plain; version=0.0.4; charset=utf-8",
                    (struct span){NULL, 0});
        put_all(&call->reply.text, desk, &status, &peers);
    } else {
        reply_error(&call->reply, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping", "the node is stopping");
    }
    free(peers.list);
}
