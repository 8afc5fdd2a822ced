// SPDX-License-Identifier: EUPL-1.2
// The rows of thin lines. A script measures them, as the scripts of tests/e2e can make nodes and
// lines; here they only become rows.
#ifndef BENCH_THIN_H
#define BENCH_THIN_H

// Runs tools/bench/thin.sh of the folder this program was started in, with the nodes of `build`.
// Says so when it cannot measure; ends the process when it fails.
void bench_thin(const char *build);

#endif
