#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# run.sh [-l] [NN...]: runs the end-to-end scripts (all, or those of these numbers), two at a time, and sums up. With -l
# the long form: as many kills and bit flips, and lines as bad, as the project promises. BUILD=DIR names what to test, JOBS
# how many at a time.
set -u
here=$(cd "$(dirname "$0")" && pwd)
export BUILD=${BUILD:-$here/../../build}
BUILD=$(cd "$BUILD" && pwd) || exit 1
if [ "${1:-}" = -l ]; then
    export KILLS=${KILLS:-100} FLIPS=${FLIPS:-200}
    export HOLES=${HOLES:-45 600} FLAPS=${FLAPS:-15} FLAP_S=${FLAP_S:-20}
    export THINNEST=${THINNEST:-all} QUIET=${QUIET:-60} FLASHES=${FLASHES:-12}
    export LINES_OF=${LINES_OF:-all} RATES=${RATES:-all} FOLLOWED=${FOLLOWED:-all} SILENCE=${SILENCE:-1}
    shift
fi

scripts=()
for script in "$here"/[0-9][0-9]-*.sh; do
    number=${script##*/}
    case " ${*:-${number%%-*}} " in
        *" ${number%%-*} "*) scripts+=("$script") ;;
    esac
done
if [ "${#scripts[@]}" = 0 ]; then
    echo "no such script: $*" >&2
    exit 2
fi
if ls "$here"/*.c >/dev/null 2>&1; then
    "$here/build.sh" || exit 1
fi

# What a script says comes as one piece, when it has ended; its exit code is 0, 77 (skipped) or 1.
results=$(mktemp) || exit 1
trap 'rm -f "$results"' EXIT
export results
# shellcheck disable=SC2016
printf '%s\n' "${scripts[@]}" | xargs -P "${JOBS:-2}" -I{} bash -c '
    begun=$SECONDS
    said=$({} 2>&1 </dev/null)
    code=$?
    case $code in 0) echo passed ;; 77) echo skipped ;; *) echo failed ;; esac >>"$results"
    printf "%s\n" "$said" | sed -E "s/^(ok|SKIP|FAIL) .*/& ($((SECONDS - begun)) s)/; s/^/  /"'
count() {
    grep -c "^$1\$" "$results"
}
echo "$(count passed) passed, $(count failed) failed, $(count skipped) skipped"
[ "$(count passed)" -gt 0 ] && [ "$(count failed)" = 0 ] && [ "$(wc -l <"$results")" = "${#scripts[@]}" ]
