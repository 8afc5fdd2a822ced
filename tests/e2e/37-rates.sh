#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A line that was said to pass so much gets so much, TCP and IP counted: as sent, before any line delays it, within 5 % in
# any 10 s, a packet counted for as long as it takes on such a line; and on a line of just that rate next to nothing waits in
# front of it.
# RATES=all takes all rates, for longer.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

pair be-nccn nl-kcr2 "rate 0" "delay 50"
meet be-nccn nl-kcr2

both() {
    must s be-nccn link nl-kcr2 "$@" 2>/dev/null
    must s nl-kcr2 link be-nccn "$@" 2>/dev/null
}
# Text that does not compress, of 700 bytes an entry, at least so many bytes.
backlog() {
    local i
    for i in $(seq $(($1 / 700 + 1))); do
        jq -nc --arg text "$(head -c 520 /dev/urandom | base64 -w 0)" '{kind: "report", text: $text}'
    done >"$work/backlog"
    must s be-nccn publish --lines "$work/backlog" >/dev/null
}
permille() { # BYTES MS RATE: of what the rate passes in that time
    echo $(($1 * 8 * 1000 * 1000 / ($2 * $3)))
}
# within_limits WHAT LEAST GOT MOST
within_limits() {
    [ "$3" -ge "$2" ] && [ "$3" -le "$4" ] || fail "$1: $3, not within $2..$4"
}
has_more_than() {
    [ "$(status nl-kcr2 .entries)" -gt "$1" ]
}

# on RATE SECONDS WAIT PROFILE...: with a backlog for longer than that, so many seconds into a line without any limit, and
# so many into one of that rate.
on() {
    local rate=$1 seconds=$2 wait=$3 begun_ms sent used least most waited
    shift 3
    both "$@"
    tell "paced $rate" >/dev/null
    backlog $((rate / 8 * (seconds + wait + 20)))
    lasting 5 status be-nccn .node # what came before the backlog is through
    tell forget >/dev/null
    sent=$(counted .a.sent_bytes)
    begun_ms=$(now_ms)
    lasting "$seconds" status be-nccn .node
    sent=$(($(counted .a.sent_bytes) - sent))
    used=$(permille "$sent" "$(($(now_ms) - begun_ms))" "$rate")
    least=$(permille "$(counted .a.window_least)" 10000 "$rate")
    most=$(permille "$(counted .a.window_most)" 10000 "$rate")
    within_limits "permille of $rate bit/s in the emptiest 10 s" 950 "$least" 1050
    within_limits "permille of $rate bit/s in the fullest 10 s" 950 "$most" 1050
    results+="${results:+; }$rate bit/s: $((used / 10)).$((used % 10)) % used, $((least / 10)).$((least % 10)) to \
$((most / 10)).$((most % 10)) % in any 10 s"
    [ "$wait" = 0 ] || wait_on "$rate" "$wait"
    [ "$(peer be-nccn nl-kcr2 .missing_there)" -gt 0 ] || fail "there was no backlog at $rate bit/s"
}

# A modem of that rate is there from the start: TCP has to know its round trip.
wait_on() {
    stop be-nccn nl-kcr2
    tell "rate $1" >/dev/null
    start be-nccn nl-kcr2
    TIMEOUT=90 await "the backlog to go on" has_more_than "$(status nl-kcr2 .entries)"
    tell forget >/dev/null
    lasting "$2" status be-nccn .node
    waited=$(($(counted .a.wait_most) / 1000))
    within_limits "ms a packet waits at $1 bit/s" 0 "$waited" 2500
    results+=", a packet waits $waited ms at most"
    tell "rate 0" >/dev/null
}

if [ "${RATES:-}" = all ]; then
    on 64000 60 60 --profile satellite
    on 9600 60 60 --profile manual --rate 9600
    on 2400 120 120 --profile radio
else
    on 64000 12 12 --profile satellite
    on 2400 30 0 --profile radio
fi
ok "$results"
