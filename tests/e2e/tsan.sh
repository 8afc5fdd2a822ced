#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Builds the node with ThreadSanitizer into BUILD/tsan and runs two nodes with it. What it reports ends a script as failed.
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS
here=$(cd "$(dirname "$0")" && pwd)
BUILD=${BUILD:-$here/../../build}
mkdir -p "$BUILD/tsan"
BUILD=$(cd "$BUILD/tsan" && pwd)
export BUILD
make -s -C "$here/../.." BUILD="$BUILD" SAN=-fsanitize=thread CFLAGS='-O1 -g -fno-omit-frame-pointer' all
exec "$here/run.sh" "${@:-01}"
