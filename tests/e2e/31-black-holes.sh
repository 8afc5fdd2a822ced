#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A line that carries nothing for a while, in one direction or in both, and one that comes and goes. Both sides write all
# the time; when the line is there again, they converge. HOLES gives the seconds of the black holes, FLAPS how often the
# line flaps, and FLAP_S for how many seconds it is away and there.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

pair be-nccn nl-kcr2 "rate 64000" "delay 100"
meet be-nccn nl-kcr2

both_write() {
    report be-nccn
    report nl-kcr2
}
write_on() {
    both_write
    sleep 1 # a pace that leaves room on the line
}

# hole WHAT COMMAND SECONDS: what the wire is told to take away is away for so long.
hole() {
    both_write >/dev/null
    tell "$2" >/dev/null
    both_write >/dev/null
    lasting "$3" status be-nccn .node
    both_write >/dev/null
    [ "$(status be-nccn .fingerprint)" != "$(status nl-kcr2 .fingerprint)" ] || fail "the $1 let something through"
    tell up >/dev/null
    measure
    meet be-nccn nl-kcr2
    measured "$1 of $3 s"
}

holes=${HOLES:-6}
hole "one way" "a down" "${holes%% *}"
hole "the other way" "b down" "${holes%% *}"
for seconds in $holes; do
    hole "black hole" down "$seconds"
done

measure
for _ in $(seq "${FLAPS:-2}"); do
    tell down >/dev/null
    lasting "${FLAP_S:-2}" write_on
    tell up >/dev/null
    lasting "${FLAP_S:-2}" write_on
done
meet be-nccn nl-kcr2
measured "flapping ${FLAPS:-2} times"
clean be-nccn nl-kcr2
ok "$results; connections opened meanwhile: $(counted .since.connections)"
