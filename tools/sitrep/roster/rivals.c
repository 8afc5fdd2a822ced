// SPDX-License-Identifier: EUPL-1.2
// Tells of rosters that contradict each other. What holds while they do is proto's.
#include "sitrep/roster/rivals.h"

#include <stdio.h>

#include <sodium.h>

#include "sitrep/print.h"
#include "sitrep/roster/authority.h"

void roster_hash_text(const struct roster *roster, char out[static ROSTER_HASH_TEXT_MAX])
{
    (void)sodium_bin2hex(out, ROSTER_HASH_TEXT_MAX, roster->hash, TAG_LEN);
}

static void print_rival(const struct roster *rival)
{
    char hash[ROSTER_HASH_TEXT_MAX];
    char words[WORDS_TEXT_MAX];
    roster_hash_text(rival, hash);
    print_row("in force", "version %llu, %s", (unsigned long long)rival->version, hash);
    for (size_t i = 0; i < rival->signatures_count; i++) {
        authority_words(rival->signatures[i].authority, words);
        print_row("  signed by", "%s", words);
    }
}

void roster_rivals_print(const struct roster *standing)
{
    const uint8_t *signers[2 * AUTHORITIES_MAX];
    const size_t count = roster_fork_signers(standing, signers);
    if (standing->rivals_count == 0) {
        return;
    }
    print_row("FORKED",
              "%zu rosters are in force and contradict each other; what is shown here is "
              "what all of them allow, and nothing else holds",
              standing->rivals_count);
    for (size_t r = 0; r < standing->rivals_count; r++) {
        print_rival(standing->rivals[r]);
    }
    for (size_t i = 0; i < count; i++) {
        char words[WORDS_TEXT_MAX];
        authority_words(signers[i], words);
        print_row("signed both", "%s: this key may be stolen; call the other authorities", words);
    }
    print_row("what to do", "'sitrep roster history' shows what each of them changes. 'sitrep "
                            "roster propose' makes a version that settles them; enough "
                            "authorities of each must sign it");
}

void roster_rivals_json(const struct roster *standing, json_t *json)
{
    const uint8_t *signers[2 * AUTHORITIES_MAX];
    const size_t count = roster_fork_signers(standing, signers);
    if (standing->rivals_count == 0) {
        return;
    }
    json_t *rivals = json_array();
    json_t *both = json_array();
    for (size_t r = 0; r < standing->rivals_count; r++) {
        const struct roster *rival = standing->rivals[r];
        char hash[2 * ID_LEN + 1];
        json_t *signed_by = json_array();
        (void)sodium_bin2hex(hash, sizeof hash, rival->hash, ID_LEN);
        for (size_t i = 0; i < rival->signatures_count; i++) {
            json_array_append_new(signed_by, authority_json(rival->signatures[i].authority));
        }
        json_array_append_new(rivals,
                              json_pack("{s:I, s:s, s:o}", "version", (json_int_t)rival->version,
                                        "hash", hash, "signed_by", signed_by));
    }
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(both, authority_json(signers[i]));
    }
    json_object_set_new(json, "rivals", rivals);
    json_object_set_new(json, "signed_both", both);
}

void roster_rivals_tell(const struct roster *standing)
{
    const uint8_t *signers[2 * AUTHORITIES_MAX];
    const size_t count = roster_fork_signers(standing, signers);
    if (standing->rivals_count == 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char words[WORDS_TEXT_MAX];
        authority_words(signers[i], words);
        tell("Authority '%s' has signed rosters that contradict each other: its key may be "
             "stolen. Call the other authorities.",
             words);
    }
    tell("%zu rosters are in force, and only what all of them allow holds until a version settles "
         "them: see 'sitrep roster show'.",
         standing->rivals_count);
}
