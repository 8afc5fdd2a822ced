// SPDX-License-Identifier: EUPL-1.2
// The warnings of /v1/status: what people should do something about before it is a trouble.
#include "api/warnings.h"

#include "expiry.h"

struct list {
    const struct roster *roster;
    uint32_t self;
    struct text *out;
};

static uint64_t within_days(enum expiry_stage stage)
{
    static const uint64_t days[] = {[EXPIRY_IN_90_DAYS] = 90,
                                    [EXPIRY_IN_30_DAYS] = 30,
                                    [EXPIRY_IN_7_DAYS] = 7,
                                    [EXPIRY_PAST] = 0};
    return days[stage];
}

static void write_key(const struct list *list, const struct roster_key *key)
{
    uint8_t fingerprint[KEY_FINGERPRINT_LEN];
    key_fingerprint(key->bytes, fingerprint);
    text_key(list->out, "kind");
    text_string(list->out, key_kind_text(key->kind));
    if (key->kind != KEY_AUTHORITY) {
        text_key(list->out, "node");
        text_span(list->out, list->roster->nodes[key->index].name);
        text_key(list->out, "own");
        text_bool(list->out, key->index == list->self);
    }
    text_key(list->out, "fingerprint");
    text_hex(list->out, fingerprint, sizeof fingerprint);
}

static void write_expiry(void *context, const struct expiry *expiry)
{
    const struct list *list = context;
    text_open(list->out, '{');
    text_key(list->out, "about");
    text_string(list->out, expiry->is_roster ? "roster_expiry" : "key_expiry");
    if (!expiry->is_roster) {
        write_key(list, &expiry->key);
    }
    text_key(list->out, "expires");
    text_time(list->out, expiry->expires_ms);
    text_key(list->out, "within_days");
    text_uint(list->out, within_days(expiry->stage));
    text_close(list->out, '}');
}

void warnings_write(const struct roster *roster, uint32_t self, uint64_t wall_ms, struct text *out)
{
    struct list list = {roster, self, out};
    text_key(out, "warnings");
    text_open(out, '[');
    expiry_each(roster, wall_ms, write_expiry, &list);
    text_close(out, ']');
}
