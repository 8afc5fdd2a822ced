// SPDX-License-Identifier: EUPL-1.2
// The shape of topics and a bounded set of them. Knows no sockets.
#include "transport/topic.h"

#include <assert.h>
#include <string.h>

void topic_write(uint8_t topic[static TOPIC_LEN], char plane, uint8_t precedence,
                 const uint8_t group[static TAG_LEN])
{
    assert(precedence < PRECEDENCES);
    topic[0] = (uint8_t)plane;
    topic[1] = (uint8_t)('0' + precedence);
    memcpy(topic + 2, group, TAG_LEN);
}

bool topic_is_valid(const uint8_t *topic, size_t len)
{
    return len == TOPIC_LEN && (topic[0] == 'o' || topic[0] == 'r') && topic[1] >= '0' &&
           topic[1] < '0' + PRECEDENCES; // [9.1]
}

static size_t find(const struct topic_set *set, const uint8_t topic[static TOPIC_LEN])
{
    size_t i = 0;
    while (i < set->count && memcmp(set->topics[i], topic, TOPIC_LEN) != 0) {
        i++;
    }
    return i;
}

bool topic_set_add(struct topic_set *set, const uint8_t topic[static TOPIC_LEN])
{
    assert(set->count <= TOPICS_MAX);
    size_t i = find(set, topic);
    if (i == TOPICS_MAX) {
        return false; // [9.1]
    }
    if (i == set->count) {
        memcpy(set->topics[i], topic, TOPIC_LEN);
        set->count++;
    }
    return true;
}

void topic_set_remove(struct topic_set *set, const uint8_t topic[static TOPIC_LEN])
{
    size_t i = find(set, topic);
    if (i < set->count) {
        set->count--;
        memmove(set->topics[i], set->topics[set->count], TOPIC_LEN);
    }
}
