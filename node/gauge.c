// SPDX-License-Identifier: EUPL-1.2
// Samples of the last seconds and what they come to.
#include "gauge.h"

#include "sitrep/pacer.h"

enum { SOON_MS = 900 }; // two samples that are nearer say little

static const struct transport_measured *sample(const struct gauge *gauge, size_t i)
{
    return &gauge->samples[(gauge->first + i) % GAUGE_SAMPLES];
}

void gauge_note(struct gauge *gauge, uint64_t now_ms, const struct transport_measured *measured)
{
    // Another connection counts from its own beginning.
    if (measured == NULL ||
        (gauge->count > 0 && sample(gauge, 0)->connection != measured->connection)) {
        gauge->count = 0;
    }
    if (measured == NULL) {
        return;
    }
    if (gauge->count == GAUGE_SAMPLES) {
        gauge->first = (gauge->first + 1) % GAUGE_SAMPLES;
        gauge->count--;
    }
    const size_t at = (gauge->first + gauge->count++) % GAUGE_SAMPLES;
    gauge->samples[at] = *measured;
    gauge->times_ms[at] = now_ms;
}

void gauge_read(const struct gauge *gauge, struct gauge_reading *reading)
{
    *reading = (struct gauge_reading){.is_known = gauge->count > 0};
    if (!reading->is_known) {
        return;
    }
    const size_t last = gauge->count - 1;
    const struct transport_measured *before = sample(gauge, 0);
    const uint64_t took_ms =
        gauge->times_ms[(gauge->first + last) % GAUGE_SAMPLES] - gauge->times_ms[gauge->first];
    reading->last = *sample(gauge, last);
    reading->has_rates = took_ms >= SOON_MS;
    if (reading->has_rates) {
        reading->bytes_in = reading->last.line_in - before->line_in;
        reading->bytes_out = reading->last.line_out - before->line_out;
        reading->rate_in = reading->bytes_in * 8000 / took_ms;
        reading->rate_out = reading->bytes_out * 8000 / took_ms;
    }
}

uint32_t gauge_lost_permille(const struct transport_measured *measured)
{
    return measured->sent == 0 ? 0 : (uint32_t)(measured->resent * 1000 / measured->sent);
}

uint64_t gauge_outlook_s(const struct outlook *outlook)
{
    const uint64_t of_entry = pacer_wire_bytes(outlook->entry_len);
    const uint64_t of_entries = outlook->missing * of_entry;
    const uint64_t bytes = of_entries > outlook->waiting ? of_entries : outlook->waiting;
    // Where less passes than an entry, nothing but beacons may.
    const bool is_busy = outlook->entry_len > 0 && outlook->bytes >= 2 * of_entry;
    const uint64_t rate = is_busy ? outlook->rate : outlook->rate_told;

    if (outlook->missing == 0 && outlook->waiting == 0) {
        return 0;
    }
    if ((outlook->missing > 0 && outlook->entry_len == 0) || rate == 0) {
        return UINT64_MAX;
    }
    const uint64_t s = (bytes * 8 + rate - 1) / rate;
    return outlook->lost_permille < 1000 ? s * 1000 / (1000 - outlook->lost_permille) : UINT64_MAX;
}
