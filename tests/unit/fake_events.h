// SPDX-License-Identifier: EUPL-1.2
// What the fake desk's nodes write, and what the stream of events over its API tells of it.
#ifndef TESTS_UNIT_FAKE_EVENTS_H
#define TESTS_UNIT_FAKE_EVENTS_H

#include "bodies.h"
#include "event_reader.h"
#include "fake_api.h"

static struct body body;

// -- what people write --

static inline void wake(struct desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
}

// The body in an entry that is made as that one says.
static inline struct ref write_entry(struct fixture *fixture, struct fake_entry entry)
{
    struct desk *desk = &fixture->desk;
    const struct span bytes = body_end(&body);
    struct ref ref = {.author = entry.chain};

    entry.content = bytes.bytes;
    entry.content_len = bytes.len;
    fake_store(desk, &entry);
    ref.seq = desk->chains[entry.chain].head_seq;
    memcpy(ref.tag, desk->chains[entry.chain].head_id, TAG_LEN);
    wake(desk);
    return ref;
}

// The node writes the body: 0 is be-nccn, 1 is nl-kcr2-b.
static inline struct ref write_body(struct fixture *fixture, uint32_t node)
{
    return write_entry(fixture, (struct fake_entry){.chain = node});
}

static inline void begin_measure(void)
{
    body_begin(&body, "measure");
    body_text(&body, "type", "shelter");
}

static inline struct ref change_measure(struct fixture *fixture, uint32_t node,
                                        const struct ref *item, struct ref *from, size_t count,
                                        const char *to)
{
    begin_measure();
    body_ref(&body, "item", item);
    body_refs(&body, "supersedes", from, count);
    body_text(&body, "state", to);
    return write_body(fixture, node);
}

// -- what is told --

static inline const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));

    return text == NULL ? "(none)" : text;
}

// "new be-nccn/1; changed ..." of what has an id.
static inline void check_told(const struct event_reader *reader, const char *wanted)
{
    static const struct read_event *durable[EVENTS_MAX];
    const size_t count = events_durable(reader, durable);
    char got[2048] = "";

    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(got);
        snprintf(got + len, sizeof got - len, "%s%s %s", i == 0 ? "" : "; ", durable[i]->name,
                 text_of(durable[i]->data, "name"));
    }
    assert_string_equal(got, wanted);
}

// Readers that are gone are noticed when there is something to say, or after a second.
static inline void end_readers(struct fixture *fixture)
{
    pthread_mutex_lock(&fixture->desk.mutex);
    fixture->desk.is_stopping = true;
    pthread_mutex_unlock(&fixture->desk.mutex);
    wake(&fixture->desk);
}

static inline int end(void **state)
{
    end_readers(*state);
    return teardown(state);
}

#endif
