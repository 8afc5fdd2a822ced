// SPDX-License-Identifier: EUPL-1.2
// Tries of a rate, one after the other. Sets no rate itself.
#include "tuner.h"

#include "sitrep/pacer.h"

enum {
    SLACK_MS = 300,      // acknowledgements that are held back, a busy machine
    SHUNNED_MIN_S = 30,  // is what failed kept away from, ...
    SHUNNED_MAX_S = 600, // ... and twice as long each time
    AGAIN_PERCENT = 70,  // of the rate that failed: near enough to be the same line
    PASSED_PERCENT = 65, // of a rate that arrives when it passes: some is always lost
    USED_PERCENT = 85,   // of a rate that is let out when it passes
    CUT_PERCENT = 90,    // of what passed
    STEP_PERCENT = 115,  // up, while a rate is known that failed
    OTHER_PERCENT = 200, // of that rate passes only on another line
    NEAR_PERCENT = 90,   // of the rate that failed: as near as one comes
};

const char *tuner_verdict_text(enum tuner_verdict verdict)
{
    static const char *const texts[] = {
        [TUNER_UNTRIED] = "untried", [TUNER_PASSED] = "passed", [TUNER_TOO_MUCH] = "too_much"};
    return texts[verdict];
}

static uint32_t within(uint64_t rate)
{
    if (rate < PACER_RATE_MIN) {
        return PACER_RATE_MIN;
    }
    return rate < TUNER_MAX ? (uint32_t)rate : TUNER_MAX;
}

static uint64_t percent(uint64_t rate, uint64_t share)
{
    return rate * share / 100;
}

static uint64_t moment_ms(uint32_t rate)
{
    return (uint64_t)pacer_moment_bytes(rate) * 8000 / rate;
}

// Round trips grow by what lies in front of the line. A part of ours is there by right.
static bool is_late(const struct tuner_sample *sample)
{
    return sample->measured->rtt_ms >
           sample->measured->rtt_min_ms + moment_ms(sample->rate) + SLACK_MS;
}

static void begin(struct tuner *tuner, const struct tuner_sample *sample)
{
    tuner->first = *sample->measured;
    tuner->first_ms = sample->now_ms;
    tuner->samples = 0;
    tuner->congested = 0;
}

static uint64_t interval_ms(const struct tuner_sample *sample)
{
    const uint64_t trips_ms = 4 * (uint64_t)sample->measured->rtt_min_ms;
    const uint64_t parts_ms = 12 * moment_ms(sample->rate);
    const uint64_t longer_ms = trips_ms > parts_ms ? trips_ms : parts_ms;

    return longer_ms > TUNER_INTERVAL_MS ? longer_ms : TUNER_INTERVAL_MS;
}

static uint64_t arrived(const struct transport_measured *measured)
{
    return measured->sent - measured->resent - measured->under_way;
}

// What arrived in this try, in bit/s of the line: with as much around it as all that was sent has.
static uint64_t rate_passed(const struct tuner *tuner, const struct tuner_sample *sample)
{
    const uint64_t sent = sample->measured->sent - tuner->first.sent;
    const uint64_t line = sample->measured->line_out - tuner->first.line_out;
    const uint64_t came = arrived(sample->measured) > arrived(&tuner->first)
                              ? arrived(sample->measured) - arrived(&tuner->first)
                              : 0;
    return sent == 0 ? 0 : came * line / sent * 8000 / (sample->now_ms - tuner->first_ms);
}

static void settle(struct tuner *tuner, const struct tuner_sample *sample)
{
    tuner->settling_rtt_ms = sample->measured->rtt_ms;
    tuner->settled_ms = sample->now_ms + interval_ms(sample) + sample->measured->rtt_ms;
}

static uint32_t lower(struct tuner *tuner, const struct tuner_sample *sample)
{
    const uint64_t passed = percent(rate_passed(tuner, sample), CUT_PERCENT);
    const uint64_t most = percent(sample->rate, CUT_PERCENT);
    const uint64_t least = sample->rate / 2; // a break of some seconds looks worse than it is
    const bool is_again = sample->rate >= percent(tuner->failed, AGAIN_PERCENT);

    tuner->shunned_s = is_again && tuner->shunned_s != 0 ? 2 * tuner->shunned_s : SHUNNED_MIN_S;
    tuner->shunned_s = tuner->shunned_s < SHUNNED_MAX_S ? tuner->shunned_s : SHUNNED_MAX_S;
    tuner->shunned_ms = sample->now_ms + tuner->shunned_s * 1000ULL;
    tuner->failed = sample->rate;
    settle(tuner, sample);
    tuner->verdict = TUNER_TOO_MUCH;
    return within(passed > most ? most : (passed < least ? least : passed));
}

static uint32_t raise(struct tuner *tuner, const struct tuner_sample *sample)
{
    const uint64_t near = percent(tuner->failed, NEAR_PERCENT);
    const bool is_near = sample->rate < tuner->failed && sample->now_ms < tuner->shunned_ms;
    const uint64_t next = percent(sample->rate, tuner->failed != 0 ? STEP_PERCENT : 200);

    if (sample->rate >= percent(tuner->failed, OTHER_PERCENT)) { // this is another line
        tuner->failed = 0;
        tuner->shunned_s = 0;
    }
    if (is_near && next > near) {
        return within(near > sample->rate ? near : sample->rate);
    }
    tuner->verdict = TUNER_PASSED;
    return within(next);
}

static uint32_t judge(struct tuner *tuner, const struct tuner_sample *sample)
{
    const uint64_t out = (sample->measured->line_out - tuner->first.line_out) * 8000 /
                         (sample->now_ms - tuner->first_ms);
    const uint64_t passed = rate_passed(tuner, sample);

    if (passed == 0) {
        return sample->rate; // a break says nothing of the line
    }
    // As something waited all the time, nothing but the kernel held it back.
    return 5 * tuner->congested >= 2 * tuner->samples ||
                   out < percent(sample->rate, USED_PERCENT) ||
                   passed < percent(sample->rate, PASSED_PERCENT)
               ? lower(tuner, sample)
               : raise(tuner, sample);
}

// Whether the line still has what was too much before it, and less and less.
static bool is_settling(struct tuner *tuner, const struct tuner_sample *sample)
{
    if (!sample->is_clogged && !is_late(sample)) {
        tuner->settled_ms = 0;
    } else if (sample->measured->rtt_ms < tuner->settling_rtt_ms) {
        settle(tuner, sample);
    }
    return sample->now_ms < tuner->settled_ms;
}

uint32_t tuner_note(struct tuner *tuner, const struct tuner_sample *sample)
{
    if (sample->measured == NULL || !sample->is_waiting || is_settling(tuner, sample)) {
        tuner->first_ms = 0;
        return sample->rate;
    }
    if (tuner->first_ms == 0 || tuner->first.connection != sample->measured->connection) {
        begin(tuner, sample);
        return sample->rate;
    }
    tuner->samples++;
    tuner->congested += sample->is_clogged || is_late(sample);
    if (sample->now_ms - tuner->first_ms < interval_ms(sample)) {
        return sample->rate;
    }
    const uint32_t rate = judge(tuner, sample);
    tuner->first_ms = 0;
    return rate;
}
