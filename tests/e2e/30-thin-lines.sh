#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Two nodes that both write, on lines that are slow, far, lossy and disorderly, one after the other: they always converge.
# What a line passes only be-nccn is told. LINES_OF=all takes every rate with every delay and every loss, else it is a
# selection of a minute.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

pair be-nccn nl-kcr2 "rate 2000000" "delay 10"
meet be-nccn nl-kcr2

text="of the situation: the river stands above the dyke, two villages are being cleared, pumps and sandbags are on their
way, the bridge is closed to lorries, and the school takes people in from the evening on"
text=${text//$'\n'/ }

told() {
    must s be-nccn link nl-kcr2 "$@" 2>/dev/null
    TIMEOUT=120 await "nl-kcr2 to hear of it" gives "$(peer be-nccn nl-kcr2 .rate)" peer nl-kcr2 be-nccn .rate
}
opened() {
    counted .since.connections
}

# on RATE DELAY LOSS: bit/s, ms one way, permille; where packets are lost, they are also doubled, late and out of order.
# Both write a report and so many short entries as such a line may be asked to carry.
on() {
    local rate=$1 delay=$2 loss=$3 disorder=0 entries=100 command
    [ "$loss" = 0 ] || disorder=1
    [ "$rate" -ge 64000 ] || entries=$((rate / 1200))
    for command in "rate $rate" "delay $delay" "loss $loss" "jitter $((disorder * delay / 2))" \
        "duplicate $((disorder * 50))" "reorder $((disorder * 100))" "hold $((disorder * (delay + 50)))"; do
        tell "$command" >/dev/null
    done
    # What a modem is said to pass is never quite what it does.
    case $rate in
        2000000) told --profile fibre ;;
        *) told --profile manual --rate $((rate * 92 / 100)) ;;
    esac
    measure
    report be-nccn >/dev/null
    must s be-nccn publish --lines <(lines $((RANDOM * 1000)) "$entries" "$text") >/dev/null
    must s nl-kcr2 publish --lines <(lines $((RANDOM * 1000)) "$entries" "$text") >/dev/null
    report nl-kcr2 >/dev/null
    TIMEOUT=600 meet be-nccn nl-kcr2
    measured "$rate bit/s, $((2 * delay)) ms, $((loss / 10)) % lost, $((2 * entries + 2)) entries"
    [ "$loss" -gt 50 ] || expect "connections opened anew, $rate bit/s, $delay ms, $loss permille" 0 "$(opened)"
}

if [ "${LINES_OF:-}" = all ]; then
    for rate in 2000000 64000 9600 2400; do
        for delay in 20 300 1000; do
            for loss in 0 50 200; do
                results=
                on "$rate" "$delay" "$loss"
                echo "    $results"
            done
        done
    done
    results="all lines"
else
    on 2000000 20 0
    on 2000000 300 50
    on 64000 20 200
    on 64000 300 50
    on 9600 1000 50
    on 2400 300 0
    [ "$(counted '.a.duplicated > 0 and .a.held > 0 and .a.lost > 0')" = true ] || fail "nothing was out of order"
fi
clean be-nccn nl-kcr2
ok "$results"
