// SPDX-License-Identifier: EUPL-1.2
// Pacers between engines and sockets, and the file that keeps what was set. How a line is paced is
// the pacer's business.
#include "thin.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "node.h"

enum {
    FILE_MAX = 1 << 20,
    // What the kernel may still have to send when more is let out: with that, about two seconds.
    UNSENT_MS = 300,
    UNSENT_MAX = 16384, // and less than it takes before libzmq has to keep some, unseen
    LOOK_AGAIN_MS = 50,
};

static const char file_name[] = "links";

// Room for each node of the roster.
static struct thin_line *line_of(struct node *node, uint32_t peer)
{
    assert(peer < node->roster->nodes_count);
    if (peer >= node->thin_count) {
        const size_t count = node->roster->nodes_count;
        struct thin_line *grown = realloc(node->thin, count * sizeof *grown);

        if (grown == NULL) {
            abort();
        }
        memset(grown + node->thin_count, 0, (count - node->thin_count) * sizeof *grown);
        node->thin = grown;
        node->thin_count = count;
    }
    return &node->thin[peer];
}

static struct choice choice_of(const struct thin_line *line)
{
    struct choice choice = line->own;

    if (!choice.settings.is_rate_own) {
        choice.settings.rate = line->peer_rate;
        choice.profile = profile_of_rate(line->peer_rate);
    }
    // The live plane brings everything.
    choice.settings.is_live_off |= selection_is_set(&choice.settings.wanted);
    return choice;
}

static uint32_t rate_of(const struct thin_line *line)
{
    return choice_of(line).settings.rate;
}

// Whether the engines need to be told of it: they take it for a good line until then.
static bool is_set(const struct thin_line *line)
{
    const struct link_settings settings = choice_of(line).settings;

    return settings.rate != 0 || settings.is_rate_own || settings.beacon_ms != 0 ||
           selection_is_set(&settings.wanted);
}

static struct pacer *pacer_of(struct thin_line *line)
{
    if (line->pacer == NULL && pacer_create(&line->pacer, rate_of(line)) != ERR_OK) {
        abort(); // no memory: the rate was checked
    }
    return line->pacer;
}

static void tell_spaces(struct node *node, uint32_t peer)
{
    const struct choice choice = thin_choice(node, peer);

    for (size_t i = 0; i < node->spaces_count; i++) {
        space_set_line(node->spaces[i], peer, &choice.settings);
    }
}

// What holds now is told to all whom it concerns; the pacer knows it.
static void spread(struct node *node, uint32_t peer)
{
    const struct choice choice = thin_choice(node, peer);

    transport_set_line(node->transport, peer, &choice.settings);
    tell_spaces(node, peer);
    thin_go_on(node);
}

// -- over restarts --

static enum err save(struct node *node)
{
    struct choice_of *list = calloc(node->thin_count + 1, sizeof *list);
    char *text = NULL;
    enum err err = list == NULL ? ERR_NO_SPACE : ERR_OK;

    for (uint32_t i = 0; err == ERR_OK && i < node->thin_count; i++) {
        (void)node_peer_name(node, i, list[i].node);
        list[i].choice = node->thin[i].own;
    }
    if (err == ERR_OK) {
        err = choices_write(list, node->thin_count, &text);
    }
    if (err == ERR_OK) {
        err = home_write(&node->home, file_name, (const uint8_t *)text, strlen(text));
    }
    free(text);
    free(list);
    return err;
}

static void take_up(struct node *node, const struct choice_of *one)
{
    const int32_t peer = roster_find_name(node->roster, one->node, strlen(one->node));

    if (peer < 0 || (uint32_t)peer == node->self) {
        log_write(LOG_LEVEL_WARNING, "link-ignored", "node=%s reason=%s", one->node,
                  "no peer is called so");
        return;
    }
    line_of(node, (uint32_t)peer)->own = one->choice;
    const struct choice choice = thin_choice(node, (uint32_t)peer);
    transport_set_line(node->transport, (uint32_t)peer, &choice.settings);
}

void thin_open(struct node *node)
{
    struct choice_of *list = NULL;
    uint8_t *bytes = NULL;
    size_t len = 0;
    size_t count = 0;
    size_t ignored = 0;
    enum err err = home_read(&node->home, file_name, FILE_MAX, &bytes, &len);

    const char *why = node->home.why;

    if (err == ERR_NOT_FOUND) {
        return;
    }
    if (err == ERR_OK) {
        err = choices_read((const char *)bytes, &list, &count, &ignored);
        why = err != ERR_OK ? "HOME/links is no ZPL" : "sections without a good name and settings";
    }
    if (err != ERR_OK || ignored > 0) {
        log_write(LOG_LEVEL_ERROR, "links-unreadable", "reason=%s action=%s", why,
                  "what is not read is taken for a good line until 'sitrep link' says otherwise");
    }
    for (size_t i = 0; i < count; i++) {
        take_up(node, &list[i]);
    }
    free(list);
    free(bytes);
}

void thin_close(struct node *node)
{
    for (size_t i = 0; i < node->thin_count; i++) {
        pacer_destroy(&node->thin[i].pacer);
    }
    free(node->thin);
}

// -- settings --

// What is asked for holds, or nothing of it does.
static enum err try_change(struct node *node, struct thin_line *line,
                           const struct choice_change *change)
{
    choice_change(&line->own, change);
    if (change->has_live && change->is_live &&
        (rate_of(line) != 0 || selection_is_set(&line->own.settings.wanted))) {
        return ERR_DENIED;
    }
    const enum err err = pacer_set_rate(pacer_of(line), rate_of(line));
    return err != ERR_OK ? err : save(node);
}

enum err thin_change(struct node *node, uint32_t peer, const struct choice_change *change)
{
    if (peer >= node->roster->nodes_count || peer == node->self) {
        return ERR_NOT_FOUND;
    }
    struct thin_line *line = line_of(node, peer);
    const struct choice before = line->own;
    if (choice_change_is_empty(change)) {
        return ERR_OK;
    }
    const enum err err = try_change(node, line, change);
    line->tuner = (struct tuner){0};
    if (err != ERR_OK) {
        line->own = before;
        return pacer_set_rate(pacer_of(line), rate_of(line)) == ERR_OK ? err : ERR_NO_SPACE;
    }
    spread(node, peer);
    return ERR_OK;
}

void thin_peer_says(struct node *node, uint32_t peer, uint32_t rate)
{
    struct thin_line *line = line_of(node, peer);
    const bool is_news = !line->own.settings.is_rate_own && line->peer_rate != rate;
    char name[NAME_MAX_LEN + 1];

    line->peer_rate = rate;
    if (!is_news) {
        return;
    }
    if (pacer_set_rate(pacer_of(line), rate) != ERR_OK) {
        abort(); // no memory: the rate was checked
    }
    log_limited(&node->link_limit, LOG_LEVEL_INFO, "line-told", "peer=%s rate=%u",
                node_peer_name(node, peer, name), rate);
    spread(node, peer);
}

struct choice thin_choice(const struct node *node, uint32_t peer)
{
    return peer < node->thin_count ? choice_of(&node->thin[peer]) : (struct choice){0};
}

void thin_waiting(const struct node *node, uint32_t peer, size_t waiting[static LANES])
{
    for (size_t lane = 0; lane < LANES; lane++) {
        waiting[lane] = peer < node->thin_count && node->thin[peer].pacer != NULL
                            ? pacer_waiting(node->thin[peer].pacer, (uint8_t)lane)
                            : 0;
    }
}

// -- what they do --

// Bytes that went twice over the line were let out once.
static void charge_resent(struct thin_line *line, uint64_t now_ms,
                          const struct transport_measured *measured)
{
    if (measured->connection != line->connection) {
        line->connection = measured->connection;
        line->charged = measured->line_resent;
    }
    pacer_charge(pacer_of(line), now_ms, measured->line_resent - line->charged);
    line->charged = measured->line_resent;
}

// Where packets get lost, or the line passes less than was told, the kernel keeps what it was
// given; there nothing overtakes.
static bool is_clogged(const struct thin_line *line, uint64_t unsent)
{
    const uint64_t usual = (uint64_t)rate_of(line) * UNSENT_MS / 8000;

    return unsent > (usual < UNSENT_MAX ? usual : UNSENT_MAX);
}

static bool is_sought(const struct thin_line *line)
{
    return line->own.profile == PROFILE_MEASURED && line->own.settings.rate != 0;
}

// A rate that was found holds also if it is not kept over a restart.
static void use_found(struct node *node, uint32_t peer, uint32_t rate)
{
    struct thin_line *line = &node->thin[peer];
    char name[NAME_MAX_LEN + 1];

    if (pacer_set_rate(pacer_of(line), rate) != ERR_OK) {
        abort(); // no memory: the rate was checked
    }
    line->own.settings.rate = rate;
    log_limited(&node->link_limit, LOG_LEVEL_INFO, "line-measured", "peer=%s rate=%u verdict=%s",
                node_peer_name(node, peer, name), rate, tuner_verdict_text(line->tuner.verdict));
    if (save(node) != ERR_OK) {
        log_limited(&node->link_limit, LOG_LEVEL_WARNING, "links-unsaved", "reason=%s",
                    "HOME/links cannot be written");
    }
    spread(node, peer);
}

// `measured` is NULL when nothing is known.
static void seek(struct node *node, uint32_t peer, uint64_t now_ms,
                 const struct transport_measured *measured)
{
    struct thin_line *line = &node->thin[peer];
    const struct tuner_sample sample = {
        .now_ms = now_ms,
        .rate = line->own.settings.rate,
        .is_waiting = pacer_due_ms(pacer_of(line)) != UINT64_MAX,
        .is_clogged = measured != NULL && is_clogged(line, measured->unsent),
        .measured = measured,
    };
    const uint32_t rate = tuner_note(&line->tuner, &sample);

    if (rate != sample.rate) {
        use_found(node, peer, rate);
    }
}

static void measure(struct node *node, uint32_t peer, uint64_t now_ms)
{
    struct thin_line *line = &node->thin[peer];
    struct transport_measured measured;
    const bool is_known = transport_measure(node->transport, peer, &measured) == ERR_OK;

    gauge_note(&line->gauge, now_ms, is_known ? &measured : NULL);
    if (is_known && rate_of(line) != 0) {
        charge_resent(line, now_ms, &measured);
    }
    if (is_sought(line)) {
        seek(node, peer, now_ms, is_known ? &measured : NULL);
    }
}

void thin_measure(struct node *node)
{
    const uint64_t now_ms = clock_now_ms();

    for (uint32_t i = 0; i < node->thin_count; i++) {
        measure(node, i, now_ms);
    }
}

enum tuner_verdict thin_verdict(const struct node *node, uint32_t peer)
{
    return peer < node->thin_count ? node->thin[peer].tuner.verdict : TUNER_UNTRIED;
}

void thin_read(const struct node *node, uint32_t peer, struct gauge_reading *reading)
{
    static const struct gauge nothing;

    gauge_read(peer < node->thin_count ? &node->thin[peer].gauge : &nothing, reading);
}

// -- messages --

// When something may be let out; UINT64_MAX when nothing waits.
static uint64_t due_ms(const struct thin_line *line)
{
    const uint64_t paced_ms = line->pacer != NULL ? pacer_due_ms(line->pacer) : UINT64_MAX;

    return paced_ms > line->clogged_until_ms ? paced_ms : line->clogged_until_ms;
}

// Whether the line has room for what waits, as far as the kernel says.
static bool has_room(const struct node *node, uint32_t peer, uint64_t now_ms)
{
    struct thin_line *line = &node->thin[peer];
    struct transport_measured measured;

    if (rate_of(line) == 0) {
        return true;
    }
    if (transport_measure(node->transport, peer, &measured) == ERR_OK) {
        charge_resent(line, now_ms, &measured);
    }
    if (is_clogged(line, transport_unsent(node->transport, peer))) {
        line->clogged_until_ms = now_ms + LOOK_AGAIN_MS;
    }
    return due_ms(line) <= now_ms;
}

static void let_out(struct node *node, uint32_t peer)
{
    struct thin_line *line = &node->thin[peer];
    const uint64_t now_ms = clock_now_ms();
    struct span frame;

    if (due_ms(line) > now_ms || !has_room(node, peer, now_ms)) {
        return;
    }
    while (pacer_take(line->pacer, now_ms, &frame)) {
        const enum err sent = transport_send(node->transport, peer, frame);
        (void)sent;
    }
}

// TCP waits for an answer to what it has sent again.
static bool is_stalled(const struct node *node, uint32_t peer)
{
    struct transport_measured measured;

    return transport_measure(node->transport, peer, &measured) == ERR_OK && measured.timeouts > 0;
}

void thin_send(struct node *node, const struct effect_send *send, struct span message)
{
    struct thin_line *line = line_of(node, send->peer);

    // What waited when the line ceased to be thin goes first.
    if (rate_of(line) == 0 && (line->pacer == NULL || pacer_due_ms(line->pacer) == UINT64_MAX)) {
        if (send->is_beacon && is_stalled(node, send->peer)) {
            return; // [17.10]
        }
        const enum err sent = transport_send(node->transport, send->peer, message);
        (void)sent;
    } else {
        const enum err put = pacer_put(pacer_of(line), send->lane, message);
        (void)put;
    }
}

void thin_receive(struct node *node, uint32_t peer, struct span frame)
{
    struct thin_line *line = line_of(node, peer);

    line->frame = frame;
    line->is_message = (line->pacer == NULL && !pacer_takes(frame)) ||
                       pacer_receive(pacer_of(line), clock_now_ms(), frame) != ERR_OK;
}

bool thin_next(struct node *node, uint32_t peer, struct span *message)
{
    struct thin_line *line = line_of(node, peer);

    if (line->is_message) {
        *message = line->frame;
        line->is_message = false;
        return true;
    }
    return line->pacer != NULL && pacer_next(line->pacer, message);
}

void thin_link_changed(struct node *node, uint32_t peer, bool is_up)
{
    struct thin_line *line = line_of(node, peer);

    if (!is_up && line->pacer != NULL) {
        pacer_end(line->pacer);
    }
    if (!is_up && node->roster->nodes[peer].is_revoked) {
        pacer_destroy(&line->pacer);
    }
    if (is_up && line->pacer != NULL) {
        pacer_begin(line->pacer);
    }
    if (is_up && is_set(line)) {
        tell_spaces(node, peer);
    }
}

void thin_go_on(struct node *node)
{
    for (uint32_t i = 0; i < node->thin_count; i++) {
        let_out(node, i);
    }
}

uint64_t thin_due_ms(const struct node *node)
{
    uint64_t first_ms = UINT64_MAX;

    for (size_t i = 0; i < node->thin_count; i++) {
        const uint64_t of_line = due_ms(&node->thin[i]);

        first_ms = of_line < first_ms ? of_line : first_ms;
    }
    return first_ms;
}
