// SPDX-License-Identifier: EUPL-1.2
// Says in words what a roster version changes. Judges nothing.
#include "sitrep/roster/diff.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sitrep/keys/fingerprint.h"
#include "sitrep/roster/authority.h"
#include "sitrep/when.h"

// The arguments of %.*s.
#define TEXT(span) (int)(span).len, (const char *)(span).bytes

static void say(json_t *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(json_t *list, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0) {
        abort();
    }
    (void)json_array_append_new(list, json_stringn(text, (size_t)len));
    free(text);
}

static bool is_same(struct span left, struct span right)
{
    return left.len == right.len &&
           (left.len == 0 || memcmp(left.bytes, right.bytes, left.len) == 0);
}

static const struct roster_title *find_title(const struct roster_centre *centre, struct span lang)
{
    for (size_t i = 0; i < centre->titles_count; i++) {
        if (is_same(centre->titles[i].lang, lang)) {
            return &centre->titles[i];
        }
    }
    return NULL;
}

static void say_titles(json_t *list, const struct roster_centre *before,
                       const struct roster_centre *after)
{
    for (size_t i = 0; i < after->titles_count; i++) {
        const struct roster_title *title = &after->titles[i];
        const struct roster_title *was = find_title(before, title->lang);
        if (was == NULL) {
            say(list, "centre %.*s is called '%.*s' (%.*s)", TEXT(after->code), TEXT(title->text),
                TEXT(title->lang));
        } else if (!is_same(was->text, title->text)) {
            say(list, "centre %.*s is called '%.*s' (%.*s) instead of '%.*s'", TEXT(after->code),
                TEXT(title->text), TEXT(title->lang), TEXT(was->text));
        }
    }
    for (size_t i = 0; i < before->titles_count; i++) {
        if (find_title(after, before->titles[i].lang) == NULL) {
            say(list, "centre %.*s is no longer called '%.*s' (%.*s)", TEXT(after->code),
                TEXT(before->titles[i].text), TEXT(before->titles[i].lang));
        }
    }
}

static void say_field(json_t *list, const char *what, struct span code, struct span before,
                      struct span after)
{
    if (!is_same(before, after)) {
        say(list, "the %s of centre %.*s is '%.*s' instead of '%.*s'", what, TEXT(code),
            TEXT(after), TEXT(before));
    }
}

static void say_centres(json_t *list, const struct roster *before, const struct roster *after)
{
    for (size_t i = 0; i < after->centres_count; i++) {
        const struct roster_centre *centre = &after->centres[i];
        // Rivals may have given a place to different centres; then it is nobody's [5.7].
        if (i >= before->centres_count || !is_same(before->centres[i].code, centre->code)) {
            say(list, "centre %.*s, '%.*s', is added", TEXT(centre->code),
                TEXT(centre->titles[0].text));
            continue;
        }
        const struct roster_centre *was = &before->centres[i];
        say_titles(list, was, centre);
        say_field(list, "country", centre->code, was->country, centre->country);
        say_field(list, "level", centre->code, was->level, centre->level);
        if (!is_same(was->extensions, centre->extensions)) {
            say(list, "centre %.*s: something this version of sitrep does not know is changed",
                TEXT(centre->code));
        }
    }
}

static bool has_same_endpoints(const struct roster_node *left, const struct roster_node *right)
{
    bool is_equal = left->endpoints_count == right->endpoints_count;
    for (size_t i = 0; i < left->endpoints_count && is_equal; i++) {
        is_equal = is_same(left->endpoints[i].sync, right->endpoints[i].sync) &&
                   is_same(left->endpoints[i].live, right->endpoints[i].live);
    }
    return is_equal;
}

static void say_endpoints(json_t *list, const struct roster_node *node)
{
    if (node->endpoints_count == 0) {
        say(list, "node %.*s has no endpoint: it only connects to others", TEXT(node->name));
    }
    for (size_t i = 0; i < node->endpoints_count; i++) {
        say(list, "node %.*s is reached at %.*s (sync), %.*s (live)", TEXT(node->name),
            TEXT(node->endpoints[i].sync), TEXT(node->endpoints[i].live));
    }
}

static void say_revocation(json_t *list, const struct roster_node *before,
                           const struct roster_node *after)
{
    const bool is_moved = before->is_revoked && (before->revoked_epoch != after->revoked_epoch ||
                                                 before->revoked_seq != after->revoked_seq);
    if (before->is_revoked && !after->is_revoked) { // rivals did not agree about it [5.18]
        say(list, "node %.*s is admitted, and all it wrote counts", TEXT(after->name));
        return;
    }
    if (!after->is_revoked || (before->is_revoked && !is_moved)) {
        return;
    }
    say(list, "node %.*s %s: its entries count up to epoch %" PRIu64 ", number %" PRIu64,
        TEXT(after->name), is_moved ? "stays revoked" : "is revoked", after->revoked_epoch,
        after->revoked_seq);
}

// With the fingerprint, which whoever has the key reads to those who sign: a proposer may have put
// another key in its place.
static void say_key(json_t *list, const struct roster_node *node, const char *what,
                    const uint8_t key[static KEY_LEN])
{
    char fingerprint[FINGERPRINT_TEXT_MAX];
    fingerprint_text(key, fingerprint);
    say(list, "node %.*s has the %s key %s", TEXT(node->name), what, fingerprint);
}

static bool has_same_second(const struct roster_node *left, const struct roster_node *right)
{
    if (left->transport_also == NULL || right->transport_also == NULL) {
        return left->transport_also == right->transport_also;
    }
    return memcmp(left->transport_also, right->transport_also, BOX_KEY_LEN) == 0;
}

// The next pair of a map of extensions that has no field of its own; empty at the end.
static struct span next_unknown(struct cbor_reader *reader, size_t *left, const char *known)
{
    const struct span known_name = {(const uint8_t *)known, strlen(known)};
    while (*left > 0 && reader->err == ERR_OK) {
        (*left)--;
        const uint8_t *start = reader->at;
        const struct span name = cbor_get_text(reader);
        (void)cbor_skip(reader);
        if (!is_same(name, known_name)) {
            return (struct span){start, (size_t)(reader->at - start)};
        }
    }
    return (struct span){NULL, 0};
}

static bool has_same_unknown(struct span before, struct span after, const char *known)
{
    struct cbor_reader left;
    struct cbor_reader right;
    cbor_read(&left, before.bytes, before.len);
    cbor_read(&right, after.bytes, after.len);
    size_t left_count = cbor_get_map(&left);
    size_t right_count = cbor_get_map(&right);
    for (;;) {
        const struct span one = next_unknown(&left, &left_count, known);
        const struct span other = next_unknown(&right, &right_count, known);
        if (!is_same(one, other)) {
            return false;
        }
        if (one.len == 0) {
            return true;
        }
    }
}

static void say_node(json_t *list, const struct roster_node *before,
                     const struct roster_node *after)
{
    say_revocation(list, before, after);
    if (!has_same_endpoints(before, after)) {
        say_endpoints(list, after);
    }
    if (memcmp(before->transport, after->transport, BOX_KEY_LEN) != 0) {
        say_key(list, after, "transport", after->transport);
    }
    if (!has_same_second(before, after) && after->transport_also == NULL) {
        say(list, "node %.*s has no second transport key any more", TEXT(after->name));
    } else if (!has_same_second(before, after)) {
        say_key(list, after, "second transport", after->transport_also);
    }
    if (!has_same_unknown(before->extensions, after->extensions, "transport-also")) {
        say(list, "node %.*s: something this version of sitrep does not know is changed",
            TEXT(after->name));
    }
}

static void say_nodes(json_t *list, const struct roster *before, const struct roster *after)
{
    for (size_t i = 0; i < after->nodes_count; i++) {
        const struct roster_node *node = &after->nodes[i];
        const bool is_kept = i < before->nodes_count &&
                             memcmp(before->nodes[i].signing, node->signing, SIGN_KEY_LEN) == 0;
        if (is_kept) {
            say_node(list, &before->nodes[i], node);
            continue;
        }
        say(list, "node %.*s of centre %.*s is added", TEXT(node->name),
            TEXT(after->centres[node->centre].code));
        say_key(list, node, "signing", node->signing);
        say_key(list, node, "transport", node->transport);
        say_endpoints(list, node);
        if (node->is_revoked) {
            say(list, "node %.*s is revoked from the start", TEXT(node->name));
        }
    }
}

static void say_authorities(json_t *list, const struct roster *before, const struct roster *after)
{
    char words[WORDS_TEXT_MAX];
    for (size_t i = 0; i < before->authorities_count; i++) {
        if (!authority_is_listed(after, before->authorities[i])) {
            authority_words(before->authorities[i], words);
            say(list, "authority '%s' is removed", words);
        }
    }
    for (size_t i = 0; i < after->authorities_count; i++) {
        if (!authority_is_listed(before, after->authorities[i])) {
            authority_words(after->authorities[i], words);
            say(list, "authority '%s' is added", words);
        }
    }
    if (before->threshold != after->threshold ||
        before->authorities_count != after->authorities_count) {
        say(list, "%u of %zu authorities must sign from then on, instead of %u of %zu",
            after->threshold, after->authorities_count, before->threshold,
            before->authorities_count);
    }
}

static void say_expiry(json_t *list, const struct roster *before, const struct roster *after)
{
    if (before->expires_ms == after->expires_ms) {
        return;
    }
    if (after->expires_ms == 0) {
        say(list, "the roster does not expire any more");
        return;
    }
    char moment[WHEN_MAX];
    when_local((int64_t)after->expires_ms, moment);
    say(list, "the roster expires on %s", moment);
}

static void say_key_expiry(json_t *list, const struct roster *after, const struct roster_key *key,
                           uint64_t expires_ms)
{
    char whose[WORDS_TEXT_MAX + NAME_MAX_LEN + 32];
    char moment[WHEN_MAX];
    if (key->kind == KEY_AUTHORITY) {
        char words[WORDS_TEXT_MAX];
        authority_words(key->bytes, words);
        (void)snprintf(whose, sizeof whose, "the key of authority '%s'", words);
    } else {
        (void)snprintf(whose, sizeof whose, "the %s%s key of node %.*s",
                       key->is_second ? "second " : "", key_kind_text(key->kind),
                       TEXT(after->nodes[key->index].name));
    }
    if (expires_ms == 0) {
        say(list, "%s does not expire any more", whose);
        return;
    }
    when_local((int64_t)expires_ms, moment);
    say(list, "%s expires on %s", whose, moment);
}

static void say_key_expiries(json_t *list, const struct roster *before, const struct roster *after)
{
    for (size_t i = 0; i < roster_keys_count(after); i++) {
        const struct roster_key key = roster_key_at(after, i);
        if (key.bytes == NULL) {
            continue;
        }
        const uint64_t expires_ms = roster_key_expires_ms(after, key.bytes);
        if (expires_ms != roster_key_expires_ms(before, key.bytes)) {
            say_key_expiry(list, after, &key, expires_ms);
        }
    }
}

json_t *roster_diff(const struct roster *before, const struct roster *after)
{
    json_t *list = json_array();
    if (!is_same(before->name, after->name)) {
        say(list, "the federation is called '%.*s' instead of '%.*s'", TEXT(after->name),
            TEXT(before->name));
    }
    say_authorities(list, before, after);
    say_centres(list, before, after);
    say_nodes(list, before, after);
    say_expiry(list, before, after);
    say_key_expiries(list, before, after);
    if (!has_same_unknown(before->extensions, after->extensions, "key-expires")) {
        say(list, "something about the whole that this version of sitrep does not know is changed");
    }
    if (after->parents_count > 1) {
        say(list, "it settles %zu rosters that contradict each other", after->parents_count);
    }
    return list;
}
