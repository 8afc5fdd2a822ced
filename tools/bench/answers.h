// SPDX-License-Identifier: EUPL-1.2
// How long questions about a picture take.
#ifndef BENCH_ANSWERS_H
#define BENCH_ANSWERS_H

void bench_answers(void);

#endif
