// SPDX-License-Identifier: EUPL-1.2
// The rows of the picture: how fast entries become one, and what it weighs.
#ifndef BENCH_PICTURE_H
#define BENCH_PICTURE_H

void bench_picture(void);

#endif
