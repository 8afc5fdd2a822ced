#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Two nodes on lines as thin and far as a short-wave radio or two hops by satellite give, and on a good one: they connect,
# a report goes over, and the connections that carry it keep. Only be-nccn is told what a thin line passes, and nobody of one that is
# only far. QUIET is for how many seconds nobody writes; THINNEST=all takes all lines.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

pair be-nccn nl-kcr2 "rate 64000" "delay 10"
meet be-nccn nl-kcr2

connections() {
    counted '.since.connections'
}

# Those whose handshake is done: until then less than 300 bytes are sent and acknowledged at either end.
established() {
    within be-nccn ss -Hnti state established | grep -cE 'bytes_acked:([3-9]|[0-9]+[0-9])[0-9]{2} '
}

# on LINE COMMAND...: both nodes come back on that line, each writes a report, and then there is quiet.
on() {
    local line=$1 command opened name
    shift
    stop be-nccn nl-kcr2
    for command in "rate 0" "delay 0" "loss 0" "$@"; do
        tell "$command" >/dev/null
    done
    measure
    start be-nccn nl-kcr2
    TIMEOUT=180 meet be-nccn nl-kcr2
    TIMEOUT=180 await "all connections" gives "$wanted" established
    measured "$line: connecting"
    measure
    name=$(report be-nccn)
    TIMEOUT=120 await "$name at nl-kcr2" s nl-kcr2 show "$name"
    TIMEOUT=180 meet be-nccn nl-kcr2
    measured "a report"
    measure
    lasting "${QUIET:-10}" s be-nccn status
    TIMEOUT=60 meet be-nccn nl-kcr2
    measured "quiet"
    expect "connections opened on $line, once connected" 0 "$(connections)"
    expect "reconnects on $line" "0 0" "$(peer be-nccn nl-kcr2 .reconnects) $(peer nl-kcr2 be-nccn .reconnects)"
}

is_far() { # NODE OTHER: as the kernel has it
    [ "$(peer "$1" "$2" '.measured.rtt_ms // 0')" -ge 2000 ]
}

told() { # PROFILE...
    must s be-nccn link nl-kcr2 "$@" 2>/dev/null
}
# The one that is told opens no connection.
bar_be_nccn() {
    within be-nccn nft 'add table ip bar; add chain ip bar out { type filter hook output priority 0; };
        add rule ip bar out tcp flags & (syn | ack) == syn counter drop' 2>"$work/nft"
}
wanted=1 # a thin line has no room for more
# What a modem is said to pass is never quite what it does.
told --profile manual --rate 2200
on "2.4 kbit/s, 2 s, 10 % loss" "rate 2400" "delay 1000" "loss 100"
is_far be-nccn nl-kcr2 && is_far nl-kcr2 be-nccn || fail "the kernels know of no round trip of 2 s"
expect "what nl-kcr2 heard of the line" 2200 "$(peer nl-kcr2 be-nccn .rate)"
if bar_be_nccn; then
    on "2.4 kbit/s, 2 s, opened by who was not told" "rate 2400" "delay 1000"
    # Which of the two tries first depends on their keys; that the bar holds is seen by trying.
    within be-nccn timeout 1 bash -c ': <>/dev/tcp/10.77.0.2/9' 2>/dev/null && fail "be-nccn can connect"
    within be-nccn nft list table ip bar | has 'packets [1-9]' || fail "nothing barred be-nccn"
    must within be-nccn nft delete table ip bar
else
    results+="; no nft here: $(tail -n 1 "$work/nft")"
fi
wanted=3 # one for sync, and each listens to the other
told --profile fibre
QUIET=65 on "2 Mbit/s, 20 ms" "rate 2000000" "delay 10" # more than two heartbeats
if [ "${THINNEST:-}" = all ]; then
    on "2 Mbit/s, 2 s, 10 % loss" "rate 2000000" "delay 1000" "loss 100"
    wanted=1
    told --profile manual --rate 2200
    on "2.4 kbit/s, 600 ms" "rate 2400" "delay 300"
    told --profile manual --rate 9000
    on "9.6 kbit/s, 600 ms" "rate 9600" "delay 300"
    on "9.6 kbit/s, 2 s" "rate 9600" "delay 1000"
    on "9.6 kbit/s, 600 ms, 20 % loss" "rate 9600" "delay 300" "loss 200"
fi
clean be-nccn nl-kcr2
ok "$results"
