// SPDX-License-Identifier: EUPL-1.2
// The hybrid logical clock that entries are written by. PROTOCOL.md 3.3.
#include "sync/state.h"

enum { HYBRID_SHIFT = 16, HYBRID_AHEAD_MS = 5 * 60 * 1000 };

void clock_follow(struct engine *engine, uint64_t time)
{
    if (time > engine->hybrid_time && time >> HYBRID_SHIFT <= engine->wall_ms + HYBRID_AHEAD_MS) {
        engine->hybrid_time = time;
    }
}

uint64_t clock_next(struct engine *engine)
{
    const uint64_t now = engine->wall_ms << HYBRID_SHIFT;

    engine->hybrid_time = now > engine->hybrid_time ? now : engine->hybrid_time + 1;
    return engine->hybrid_time;
}

void engine_restore_clock(struct engine *engine, uint64_t wall_ms, uint64_t time)
{
    engine->wall_ms = wall_ms;
    clock_follow(engine, time);
}
