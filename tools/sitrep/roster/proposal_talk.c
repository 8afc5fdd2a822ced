// SPDX-License-Identifier: EUPL-1.2
// Talks about a proposal. Signs nothing and decides nothing.
#include "sitrep/roster/proposal_talk.h"

#include <stdio.h>

#include "sitrep/print.h"
#include "sitrep/roster/authority.h"
#include "sitrep/roster/diff.h"
#include "sitrep/roster/rivals.h"

static json_t *side_json(size_t have, size_t needed, const struct roster *roster)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "version", (json_int_t)roster->version, "signed",
                     (json_int_t)have, "needed", (json_int_t)needed, "authorities",
                     (json_int_t)roster->authorities_count);
}

json_t *proposal_json(const struct roster *current, const struct proposal *proposal)
{
    struct proposal_tally tally;
    const struct roster *proposed = proposal->roster;
    json_t *signers = json_array();
    proposal_count(current, proposal, &tally);
    for (size_t i = 0; i < proposal->signatures_count; i++) {
        json_array_append_new(signers, authority_json(proposal->signatures[i].authority));
    }
    return json_pack("{s:I, s:s%, s:I, s:b, s:o, s:o, s:o, s:o}", "version",
                     (json_int_t)proposed->version, "federation",
                     (const char *)proposed->name.bytes, proposed->name.len, "in_force",
                     (json_int_t)current->version, "complete", tally.is_complete, "changes",
                     roster_diff(current, proposed), "signed_by", signers, "before",
                     side_json(tally.before, tally.before_needed, current), "own",
                     side_json(tally.own, tally.own_needed, proposed));
}

void proposal_tell(const struct roster *current, const struct proposal *proposal)
{
    const struct roster *proposed = proposal->roster;
    size_t index;
    json_t *change;
    json_t *changes = roster_diff(current, proposed);
    tell("Roster version %llu of %.*s is proposed. What it changes:",
         (unsigned long long)proposed->version, (int)proposed->name.len,
         (const char *)proposed->name.bytes);
    json_array_foreach(changes, index, change)
    {
        tell("    %s", json_string_value(change));
    }
    if (json_array_size(changes) == 0) {
        tell("    nothing but the version");
    }
    json_decref(changes);
    for (size_t i = 0; i < proposal->signatures_count; i++) {
        char words[WORDS_TEXT_MAX];
        authority_words(proposal->signatures[i].authority, words);
        tell("Signed by '%s'.", words);
    }
}

static void tell_side(const char *begin, const struct roster *roster, size_t count)
{
    tell("%s %zu of the %zu authorities of version %llu, and %u must.", begin, count,
         roster->authorities_count, (unsigned long long)roster->version, roster->threshold);
}

// Of each of those in force enough must sign [5.18].
static void tell_rivals(const struct roster *current, const struct proposal *proposal)
{
    for (size_t r = 0; r < current->rivals_count; r++) {
        const struct roster *rival = current->rivals[r];
        char begin[64];
        char hash[ROSTER_HASH_TEXT_MAX];
        size_t count = 0;
        for (size_t i = 0; i < rival->authorities_count; i++) {
            count += proposal_is_signed_by(proposal, rival->authorities[i]);
        }
        roster_hash_text(rival, hash);
        (void)snprintf(begin, sizeof begin, "For roster %s signed by", hash);
        tell_side(begin, rival, count);
    }
}

void proposal_tell_missing(const struct roster *current, const struct proposal *proposal)
{
    struct proposal_tally tally;
    proposal_count(current, proposal, &tally);
    if (tally.is_complete) {
        tell("It is signed by enough authorities: 'sitrep roster import' on any node puts it in "
             "force.");
        return;
    }
    if (current->rivals_count > 0) {
        tell_rivals(current, proposal);
        tell_side("For itself signed by", proposal->roster, tally.own);
        return;
    }
    tell("Signed by %zu of the %zu authorities of version %llu, and %zu must; by %zu of the %zu of "
         "version %llu, and %zu must.",
         tally.before, current->authorities_count, (unsigned long long)current->version,
         tally.before_needed, tally.own, proposal->roster->authorities_count,
         (unsigned long long)proposal->roster->version, tally.own_needed);
}
