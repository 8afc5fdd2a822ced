#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Builds the wire, and the programs of this folder that are written in C into BUILD/e2e, with the same sanitizer as
# what they test.
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS # what the caller's make does is its own affair
here=$(cd "$(dirname "$0")" && pwd)
BUILD=$(cd "${BUILD:-$here/../../build}" && pwd)
symbols=$(nm "$BUILD/sitrepd")
sanitizer=
case $symbols in
    *__asan_init*) sanitizer=-fsanitize=address,undefined ;;
    *__tsan_init*) sanitizer=-fsanitize=thread ;;
esac
objects=()
for source in "$here"/*.c; do
    objects+=("$BUILD/tests/e2e/$(basename "$source" .c).o")
done
make -s -C "$here/../.." BUILD="$BUILD" ${sanitizer:+SAN="$sanitizer"} "${objects[@]}" "$BUILD/libnode.a" "$BUILD/libsitrep.a" \
    "$BUILD/sitrep-wire" >/dev/null
mkdir -p "$BUILD/e2e"
for object in "${objects[@]}"; do
    program=$BUILD/e2e/$(basename "$object" .o)
    if ! [ "$program" -nt "$object" ] || ! [ "$program" -nt "$BUILD/libnode.a" ]; then
        # shellcheck disable=SC2046
        cc $sanitizer -o "$program" "$object" "$BUILD/libnode.a" "$BUILD/libsitrep.a" \
            $(pkg-config --libs libczmq libzmq lmdb libmicrohttpd jansson libsystemd libsodium libzstd) -pthread
    fi
done
