// SPDX-License-Identifier: EUPL-1.2
// Group keys: those this node lacks are asked for, and the questions of others are answered or
// passed on [8.11]. Who may have a key, and whether one that came is the right one, the shell says;
// sealed keys only pass through here.
#include <assert.h>
#include <string.h>

#include "sync/state.h"

enum {
    AT_ONCE = 3,         // peers asked for a key before waiting
    NEAR_HOPS = 2,       // how far the second round goes; the first stays with the peers
    PAUSE_DOUBLES = 7,   // rounds after which the pause grows no more
    AGAIN_RETRIES = 3,   // retry intervals after which a question is judged and passed on anew
    FORGET_RETRIES = 10, // and after which nobody is answered any more
    MAKE_ROOM_MS = 1000, // a question that is answered gives its place away after that
    HOLD_MS = 4000,      // any other not before that: an answer may be on its way
    COOKIE_SHIFT = 16,
    // Answers to one question taken from a peer, for each further hop the question may make from
    // there. So who lies cannot use up by itself what is taken from the relay behind it.
    ANSWERS_PER_HOP = 4,
    ANSWERS_MAX = 4096,
    MESSAGE_ROOM = 128,
};

static_assert(KEY_QUESTIONS_MAX <= 1 << COOKIE_SHIFT, "a cookie holds a slot");

static bool is_key(const struct key_ref *key, const uint8_t *group, const uint8_t *id)
{
    return memcmp(key->group, group, TAG_LEN) == 0 && memcmp(key->key, id, TAG_LEN) == 0;
}

static void send_question(struct engine *engine, struct peer *peer, uint32_t requester,
                          const struct key_ref *key, uint8_t hops)
{
    struct message_key_want want = {.requester = requester, .hops = hops};
    struct cbor_writer writer = outbox_begin(engine, MESSAGE_ROOM);

    memcpy(want.group, key->group, TAG_LEN);
    memcpy(want.key, key->key, TAG_LEN);
    message_put_key_want(&writer, &want);
    (void)outbox_send(engine, peer, &writer, PRIORITY);
}

// -- this node's own questions --

static struct key_wanted *find_wanted(struct engine *engine, const uint8_t *group,
                                      const uint8_t *key)
{
    for (size_t i = 0; i < engine->keys_wanted_count; i++) {
        if (is_key(&engine->keys_wanted[i].key, group, key)) {
            return &engine->keys_wanted[i];
        }
    }
    return NULL;
}

// Those that were in the list before keep their turn.
void keys_want(struct engine *engine, const struct event *event)
{
    struct key_wanted wanted[ENGINE_KEYS_MAX];
    size_t count = event->keys_wanted.count;

    if (count > ENGINE_KEYS_MAX) {
        count = ENGINE_KEYS_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        const struct key_ref *key = &event->keys_wanted.list[i];
        const struct key_wanted *known = find_wanted(engine, key->group, key->key);

        wanted[i] =
            known != NULL ? *known : (struct key_wanted){.key = *key, .due_ms = engine->now_ms};
    }
    memcpy(engine->keys_wanted, wanted, count * sizeof *wanted);
    engine->keys_wanted_count = count;
}

// Most keys are with a neighbour: the whole federation is asked only when none of them has it.
static uint8_t reach(uint32_t round)
{
    static const uint8_t hops[] = {0, NEAR_HOPS};

    return round < sizeof hops ? hops[round] : KEY_HOPS_MAX;
}

static void ask(struct engine *engine, const struct key_wanted *wanted, struct peer *peer)
{
    const uint8_t hops = reach(wanted->round);

    peer->key_answers += ANSWERS_PER_HOP * (hops + 1u);
    if (peer->key_answers > ANSWERS_MAX) {
        peer->key_answers = ANSWERS_MAX;
    }
    send_question(engine, peer, engine->self, &wanted->key, hops);
}

static bool is_alone(const struct engine *engine)
{
    for (uint32_t p = 0; p < engine->peers_count; p++) {
        if (engine->peers[p].is_up) {
            return false;
        }
    }
    return true;
}

static void ask_next(struct engine *engine, struct key_wanted *wanted)
{
    const uint64_t retry_ms = engine->limits.retry_ms;
    uint32_t asked = 0;

    if (is_alone(engine)) {
        wanted->due_ms = NEVER; // the first peer to come is asked
        return;
    }
    while (wanted->turn < engine->peers_count && asked < AT_ONCE) {
        struct peer *peer = &engine->peers[wanted->turn++];

        if (peer->is_up) {
            ask(engine, wanted, peer);
            asked++;
        }
    }
    if (wanted->turn < engine->peers_count) {
        wanted->due_ms = engine->now_ms + retry_ms;
        return;
    }
    wanted->turn = 0;
    wanted->round += wanted->round < PAUSE_DOUBLES;
    wanted->due_ms = engine->now_ms + (retry_ms << wanted->round);
}

void keys_tick(struct engine *engine)
{
    for (size_t i = 0; i < engine->keys_wanted_count; i++) {
        if (engine->now_ms >= engine->keys_wanted[i].due_ms) {
            ask_next(engine, &engine->keys_wanted[i]);
        }
    }
}

uint64_t keys_deadline_ms(const struct engine *engine)
{
    uint64_t deadline = NEVER;

    for (size_t i = 0; i < engine->keys_wanted_count; i++) {
        if (engine->keys_wanted[i].due_ms < deadline) {
            deadline = engine->keys_wanted[i].due_ms;
        }
    }
    return deadline;
}

// It may hold what nobody had until now.
void keys_peer_up(struct engine *engine, struct peer *peer)
{
    for (size_t i = 0; i < engine->keys_wanted_count; i++) {
        struct key_wanted *wanted = &engine->keys_wanted[i];

        ask(engine, wanted, peer);
        if (wanted->due_ms == NEVER) {
            wanted->due_ms = engine->now_ms + engine->limits.retry_ms;
        }
    }
}

// -- the questions of peers --

static bool is_expired(const struct engine *engine, const struct key_question *question)
{
    return engine->now_ms >=
           question->noted_ms + (uint64_t)FORGET_RETRIES * engine->limits.retry_ms;
}

static struct key_question *find_question(struct engine *engine, uint32_t requester,
                                          const uint8_t *group, const uint8_t *key)
{
    for (size_t q = 0; q < KEY_QUESTIONS_MAX; q++) {
        struct key_question *question = &engine->key_questions[q];

        if (question->is_used && question->requester == requester &&
            is_key(&question->key, group, key) && !is_expired(engine, question)) {
            return question;
        }
    }
    return NULL;
}

static uint64_t replaceable_ms(const struct key_question *question)
{
    const bool is_done = question->state == QUESTION_ANSWERED || question->answerers_count > 0;

    return question->noted_ms + (is_done ? MAKE_ROOM_MS : HOLD_MS);
}

static struct key_question *older(struct key_question *a, struct key_question *b)
{
    return a != NULL && replaceable_ms(a) <= replaceable_ms(b) ? a : b;
}

// A place for one more question of the peer: its oldest gives way when it has all it may have.
// NULL: not now. So a flood is let through at a steady rate, and a question among it has its
// chance.
static struct key_question *take_place(struct engine *engine, const struct peer *peer)
{
    struct key_question *place = NULL;
    struct key_question *oldest = NULL; // of this peer's
    uint32_t count = 0;

    for (size_t q = 0; q < KEY_QUESTIONS_MAX; q++) {
        struct key_question *question = &engine->key_questions[q];

        if (!question->is_used || is_expired(engine, question)) {
            place = question;
        } else if (question->askers[0] == peer->index) {
            count++;
            oldest = older(oldest, question);
        }
    }
    if (count < KEY_QUESTIONS_OF_PEER && place != NULL) {
        return place;
    }
    return oldest != NULL && engine->now_ms >= replaceable_ms(oldest) ? oldest : NULL;
}

static bool add_asker(struct key_question *question, uint32_t peer)
{
    for (size_t a = 0; a < question->askers_count; a++) {
        if (question->askers[a] == peer) {
            return true;
        }
    }
    if (question->askers_count == KEY_ASKERS_MAX) {
        return false;
    }
    question->askers[question->askers_count++] = peer;
    return true;
}

static void send_answer(struct engine *engine, struct peer *peer, uint32_t requester,
                        const struct sealed_key *sealed)
{
    const struct message_key key = {.requester = requester, .sealed = *sealed};
    struct cbor_writer writer = outbox_begin(engine, MESSAGE_ROOM);

    message_put_key(&writer, &key);
    (void)outbox_send(engine, peer, &writer, PRIORITY);
}

static void answer_askers(struct engine *engine, const struct key_question *question,
                          const struct sealed_key *sealed, uint32_t except)
{
    for (size_t a = 0; a < question->askers_count; a++) {
        struct peer *peer = peer_find(engine, question->askers[a]);

        if (peer != NULL && peer->is_up && peer->index != except) {
            send_answer(engine, peer, question->requester, sealed);
        }
    }
}

static void note_question(struct engine *engine, struct key_question *question,
                          const struct peer *peer)
{
    const size_t slot = (size_t)(question - engine->key_questions);
    struct note note = {.type = NOTE_KEY_WANTED, .peer = peer->index, .index = question->requester};

    question->serial = ++engine->key_serial;
    question->state = QUESTION_NOTED;
    question->noted_ms = engine->now_ms;
    question->answerers_count = 0;
    question->answers_count = 0;
    note.cookie = (uint64_t)question->serial << COOKIE_SHIFT | slot;
    memcpy(note.sealed_key.group, question->key.group, TAG_LEN);
    memcpy(note.sealed_key.key, question->key.key, TAG_LEN);
    outbox_note(engine, &note);
}

// Asked before: by the same peer because nothing came, or by another that passes it on.
static void ask_again(struct engine *engine, struct key_question *question,
                      const struct message_key_want *want, struct peer *peer)
{
    const uint64_t again_ms =
        question->noted_ms + (uint64_t)AGAIN_RETRIES * engine->limits.retry_ms;
    const bool is_further = want->hops > question->hops;

    if (!add_asker(question, peer->index)) {
        peer_refuse(engine, peer, REFUSED_LIMIT);
        return;
    }
    if (is_further) {
        question->hops = want->hops;
    }
    if (question->state == QUESTION_ANSWERED) {
        send_answer(engine, peer, question->requester, &question->answer);
    } else if (engine->now_ms >= again_ms || (is_further && question->state == QUESTION_PASSED)) {
        note_question(engine, question, peer);
    }
}

void keys_asked(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_key_want want;
    struct key_question *question;

    message_get_key_want(reader, &want);
    if (message_finish(reader) != ERR_OK) {
        return;
    }
    if (want.requester >= engine->roster->nodes_count) {
        peer_refuse(engine, peer, REFUSED_UNKNOWN_AUTHOR);
        return;
    }
    if (want.requester == engine->self || engine->roster->nodes[want.requester].is_revoked) {
        peer_refuse(engine, peer, REFUSED_UNEXPECTED);
        return;
    }
    question = find_question(engine, want.requester, want.group, want.key);
    if (question != NULL) {
        ask_again(engine, question, &want, peer);
        return;
    }
    question = take_place(engine, peer);
    if (question == NULL) {
        peer_refuse(engine, peer, REFUSED_LIMIT);
        return;
    }
    *question = (struct key_question){.is_used = true,
                                      .requester = want.requester,
                                      .hops = want.hops,
                                      .askers = {peer->index},
                                      .askers_count = 1};
    memcpy(question->key.group, want.group, TAG_LEN);
    memcpy(question->key.key, want.key, TAG_LEN);
    note_question(engine, question, peer);
}

static bool is_asker(const struct key_question *question, uint32_t peer)
{
    for (size_t a = 0; a < question->askers_count; a++) {
        if (question->askers[a] == peer) {
            return true;
        }
    }
    return false;
}

static void pass_on(struct engine *engine, const struct key_question *question)
{
    for (uint32_t p = 0; question->hops > 0 && p < engine->peers_count; p++) {
        struct peer *peer = &engine->peers[p];

        if (peer->is_up && peer->index != question->requester && !is_asker(question, peer->index)) {
            send_question(engine, peer, question->requester, &question->key,
                          (uint8_t)(question->hops - 1));
        }
    }
}

void keys_judged(struct engine *engine, const struct event *event)
{
    const uint64_t cookie = event->key_verdict.cookie;
    const size_t slot = (size_t)(cookie & ((1u << COOKIE_SHIFT) - 1));
    struct key_question *question = slot < KEY_QUESTIONS_MAX ? &engine->key_questions[slot] : NULL;

    if (question == NULL || !question->is_used || question->state != QUESTION_NOTED ||
        question->serial != cookie >> COOKIE_SHIFT) {
        return;
    }
    switch (event->key_verdict.verdict) {
    case KEY_ANSWER:
        assert(is_key(&question->key, event->key_verdict.sealed->group,
                      event->key_verdict.sealed->key));
        question->state = QUESTION_ANSWERED;
        question->answer = *event->key_verdict.sealed;
        answer_askers(engine, question, &question->answer, NONE);
        break;
    case KEY_DENY:
        question->state = QUESTION_DENIED;
        break;
    case KEY_PASS:
        question->state = QUESTION_PASSED;
        pass_on(engine, question);
        break;
    }
}

// By the roster in force now somebody may have another transport key, or none.
void keys_use_roster(struct engine *engine)
{
    for (size_t q = 0; q < KEY_QUESTIONS_MAX; q++) {
        engine->key_questions[q].is_used = false;
    }
    for (size_t i = 0; i < engine->keys_wanted_count; i++) {
        engine->keys_wanted[i].round = 0;
        engine->keys_wanted[i].turn = 0;
        engine->keys_wanted[i].due_ms = engine->now_ms;
    }
}

// -- answers --

// Whether one more answer to the question is taken from that peer.
static bool may_answer(struct key_question *question, uint32_t peer)
{
    const uint32_t most = ANSWERS_PER_HOP * question->hops; // it was passed on with one hop fewer
    size_t a = 0;

    while (a < question->answerers_count && question->answerers[a].peer != peer) {
        a++;
    }
    if (a == KEY_ANSWERERS_MAX) {
        return false;
    }
    if (a == question->answerers_count) {
        question->answerers[a].peer = peer;
        question->answerers[a].count = 0;
        question->answerers_count++;
    }
    return question->answerers[a].count++ < most;
}

// Whether this answer was not passed back before: where peers ask each other, it comes round again.
static bool is_new_answer(struct key_question *question, const struct sealed_key *sealed)
{
    for (size_t a = 0; a < question->answers_count; a++) {
        if (memcmp(question->answers[a], sealed->sealed, TAG_LEN) == 0) {
            return false;
        }
    }
    if (question->answers_count == KEY_ANSWERS_MAX) {
        return false;
    }
    memcpy(question->answers[question->answers_count++], sealed->sealed, TAG_LEN);
    return true;
}

static void take_own(struct engine *engine, struct peer *peer, const struct sealed_key *sealed)
{
    struct note note = {.type = NOTE_KEY_CAME, .peer = peer->index, .sealed_key = *sealed};

    if (peer->key_answers == 0 || find_wanted(engine, sealed->group, sealed->key) == NULL) {
        peer_refuse(engine, peer, REFUSED_UNEXPECTED);
        return;
    }
    peer->key_answers--;
    outbox_note(engine, &note);
}

void keys_answered(struct engine *engine, struct peer *peer, struct message_reader *reader)
{
    struct message_key key;
    struct key_question *question;

    message_get_key(reader, &key);
    if (message_finish(reader) != ERR_OK) {
        return;
    }
    if (key.requester == engine->self) {
        take_own(engine, peer, &key.sealed);
        return;
    }
    question = find_question(engine, key.requester, key.sealed.group, key.sealed.key);
    if (question == NULL || question->state != QUESTION_PASSED ||
        !may_answer(question, peer->index)) {
        peer_refuse(engine, peer, REFUSED_UNEXPECTED);
        return;
    }
    if (is_new_answer(question, &key.sealed)) {
        answer_askers(engine, question, &key.sealed, peer->index);
    }
}
