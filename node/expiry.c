// SPDX-License-Identifier: EUPL-1.2
// Compares what a roster says of expiry with a clock. Writes nothing; who is told does.
#include "expiry.h"

#include <assert.h>
#include <stddef.h>

const char *expiry_stage_text(enum expiry_stage stage)
{
    static const char *const texts[] = {
        [EXPIRY_FAR] = "",
        [EXPIRY_IN_90_DAYS] = "expires in 90 days or less",
        [EXPIRY_IN_30_DAYS] = "expires in 30 days or less",
        [EXPIRY_IN_7_DAYS] = "expires in 7 days or less",
        [EXPIRY_PAST] = "has expired",
    };
    assert(stage <= EXPIRY_PAST);
    return texts[stage];
}

static void tell_if_near(const struct expiry *expiry, uint64_t now_ms, expiry_tell *tell,
                         void *context)
{
    struct expiry told = *expiry;
    told.stage = expiry_stage(expiry->expires_ms, now_ms);
    if (told.stage != EXPIRY_FAR) {
        tell(context, &told);
    }
}

void expiry_each(const struct roster *roster, uint64_t now_ms, expiry_tell *tell, void *context)
{
    const struct expiry whole = {.is_roster = true, .expires_ms = roster->expires_ms};
    tell_if_near(&whole, now_ms, tell, context);
    if (roster->expiries_count == 0) {
        return;
    }
    for (size_t i = 0; i < roster_keys_count(roster); i++) {
        struct expiry expiry = {.key = roster_key_at(roster, i)};
        if (expiry.key.bytes != NULL) {
            expiry.expires_ms = roster_key_expires_ms(roster, expiry.key.bytes);
            tell_if_near(&expiry, now_ms, tell, context);
        }
    }
}

struct crossing {
    const struct expiry_watch *watch;
    expiry_tell *tell;
    void *context;
};

static void tell_if_new(void *context, const struct expiry *expiry)
{
    const struct crossing *crossing = context;
    const struct roster *before = crossing->watch->roster;
    enum expiry_stage known = EXPIRY_FAR;
    if (before != NULL) {
        const uint64_t expires_ms = expiry->is_roster
                                        ? before->expires_ms
                                        : roster_key_expires_ms(before, expiry->key.bytes);
        known = expiry_stage(expires_ms, crossing->watch->now_ms);
    }
    if (expiry->stage > known) {
        crossing->tell(crossing->context, expiry);
    }
}

void expiry_watch(struct expiry_watch *watch, const struct roster *roster, uint64_t now_ms,
                  expiry_tell *tell, void *context)
{
    struct crossing crossing = {watch, tell, context};
    expiry_each(roster, now_ms, tell_if_new, &crossing);
    *watch = (struct expiry_watch){roster, now_ms};
}
