// SPDX-License-Identifier: EUPL-1.2
// The two clocks: one that never steps, for deadlines, and the wall's, for what people read.
#ifndef NODE_CLOCK_H
#define NODE_CLOCK_H

#include <stdint.h>

uint64_t clock_now_ms(void);  // monotonic, since some moment
uint64_t clock_wall_ms(void); // since 1970

#endif
