#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Two nodes on lines that are slow, far, lossy and disorderly, one after the other.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

pair be-nccn nl-kcr2 "rate 2000000" "delay 10"
measure
must s be-nccn publish --lines <(lines 1 50) >/dev/null
meet be-nccn nl-kcr2
measured "2 Mbit/s, 20 ms, 50 entries"

text="of the situation: the river stands above the dyke, two villages are being cleared, pumps and sandbags are on their
way, the bridge is closed to lorries, and the school takes people in from the evening on"
text=${text//$'\n'/ }

# on LINE ENTRIES COMMAND...: both write a report and so many short entries, and they converge.
on() {
    local line=$1 entries=$2 command
    shift 2
    for command in "rate 0" "delay 0" "jitter 0" "loss 0" "duplicate 0" "reorder 0" "$@"; do
        tell "$command" >/dev/null
    done
    measure
    report be-nccn >/dev/null
    must s be-nccn publish --lines <(lines $((RANDOM * 1000)) "$entries" "$text") >/dev/null
    must s nl-kcr2 publish --lines <(lines $((RANDOM * 1000)) "$entries" "$text") >/dev/null
    report nl-kcr2 >/dev/null
    meet be-nccn nl-kcr2
    measured "$line"
}

on "2 Mbit/s, 600 ms" 20 "rate 2000000" "delay 300"
on "2 Mbit/s, disorder" 20 "rate 2000000" "delay 50" "jitter 50" "duplicate 200" "reorder 200" "hold 120"
[ "$(counted '.since.duplicated > 0 and .since.held > 0')" = true ] || fail "nothing was out of order"
on "64 kbit/s, 200 ms, 5 % loss" 20 "rate 64000" "delay 100" "loss 50"
on "9.6 kbit/s, 600 ms" 1 "rate 9600" "delay 300"
expect "reconnects" "0 0" "$(peer be-nccn nl-kcr2 .reconnects) $(peer nl-kcr2 be-nccn .reconnects)"
clean be-nccn nl-kcr2
ok "$results"
