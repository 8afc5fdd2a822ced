// SPDX-License-Identifier: EUPL-1.2
// The two clocks: one that never steps, for deadlines, and the wall's, for what people read.
#ifndef NODE_CLOCK_H
#define NODE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

uint64_t clock_now_ms(void);  // monotonic, since some moment
uint64_t clock_wall_ms(void); // since 1970

// A condition whose waits end by clock_now_ms.
void clock_condition_init(pthread_cond_t *condition);
// Waits until it is signalled, or until that time; UINT64_MAX: for ever. False when the time came.
bool clock_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t until_ms);

#endif
