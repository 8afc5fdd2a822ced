#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Breaks the engine on purpose, one patch of mutants/ at a time and only in a copy, and expects the
# simulation to catch each.  Says which seed did.
#
# usage: tests/sim/mutants.sh [SEEDS]      from the top folder; BUILD names the build folder
#        tests/sim/mutants.sh -n           says only which patches no longer fit the engine
set -eu

if [ "${1:-}" = -n ]; then
    for patch in tests/sim/mutants/*.patch; do
        patch -s --dry-run -p1 <"$patch" || { echo "$patch does not fit"; exit 1; }
    done
    exit 0
fi
seeds=${1:-500}
build=${BUILD:-build}
escaped=0

make -s BUILD="$build" "$build/sitrep-sim" >/dev/null

for patch in tests/sim/mutants/*.patch; do
    name=$(basename "$patch" .patch)
    copy=$build/mutants/$name
    rm -rf "$copy/proto" "$copy/include" "$copy/tests"
    mkdir -p "$copy/tests" "$copy/node" "$copy/tools"
    cp -R Makefile proto include "$copy"
    cp -R tests/sim tests/*.h "$copy/tests"
    patch -s -p1 -d "$copy" <"$patch"
    (cd "$copy" && make -s BUILD=build build/sitrep-sim) >"$copy/make.log" 2>&1 || {
        cat "$copy/make.log"
        echo "mutant $name does not build"
        exit 2
    }
    # The scenarios may notice it as well; here the seeds must.
    if "$copy/build/sitrep-sim" --seeds-only --seeds "$seeds" >"$copy/sim.log" 2>&1; then
        echo "mutant $name ESCAPED $seeds seeds"
        escaped=1
        continue
    fi
    caught=$(grep -m1 '^seed' "$copy/sim.log")
    repeat=$(grep -m1 '^  repeat' "$copy/sim.log" | cut -d' ' -f5,6) # the option and the seed
    # shellcheck disable=SC2086
    if "$build/sitrep-sim" $repeat >"$copy/plain.log" 2>&1; then
        echo "mutant $name caught: $caught"
    else
        echo "mutant $name not judged: $repeat fails without it"
        escaped=1
    fi
done
exit $escaped
