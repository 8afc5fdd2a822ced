#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A long entry over a radio whose line is there for some seconds at a time, fewer than the entry takes. Each time the
# connection is lost, too, as where a modem hangs up: at one end at once, while the other does not notice. It goes on
# where it stopped: it arrives, and each break costs some bytes, but none costs what had come. THINNEST=all takes 2.4
# kbit/s as well.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

pair be-nccn nl-kcr2 "rate 64000" "delay 10"
meet be-nccn nl-kcr2

# arrives NAME SECONDS: whether the entry does within them.
arrives() {
    local end=$(($(now_ms) + $2 * 1000))
    until s nl-kcr2 show "$1" >/dev/null 2>&1; do
        [ "$(now_ms)" -lt "$end" ] || return 1
        sleep 0.2
    done
}

# break_at NODE OTHER SECONDS: the line is away for so long, and the connection for good.
break_at() {
    tell down >/dev/null
    must s "$1" link cut "$2" >/dev/null
    lasting "$3" status be-nccn .node
    tell up >/dev/null
    must s "$1" link heal "$2" >/dev/null
}

# on RATE BYTES UP DOWN LIMIT: the line is there for UP seconds at a time, and then away for DOWN.
on() {
    local rate=$1 bytes=$2 up=$3 down=$4 limit=$5 most breaks=0 end name
    tell "rate $rate" >/dev/null
    must s be-nccn link nl-kcr2 --profile manual --rate $((rate * 9 / 10)) 2>/dev/null
    must s nl-kcr2 link be-nccn --profile manual --rate $((rate * 9 / 10)) 2>/dev/null
    measure
    jq -nc --arg text "$(head -c "$bytes" /dev/urandom | base64 -w 0)" '{kind: "report", text: $text}' >"$work/long"
    name=$(must s be-nccn publish --lines "$work/long")
    end=$(($(now_ms) + limit * 1000))
    until arrives "$name" "$up"; do
        [ "$(now_ms)" -lt "$end" ] || fail "$name does not arrive in $limit s, with $breaks breaks; waiting: \
$(peer be-nccn nl-kcr2 .waiting), bytes: $(counted .since.bytes)"
        breaks=$((breaks + 1))
        case $((breaks % 2)) in
            1) break_at be-nccn nl-kcr2 "$down" ;;
            0) break_at nl-kcr2 be-nccn "$down" ;;
        esac
    done
    measured "$bytes bytes at $rate bit/s, broken $breaks times"
    [ "$breaks" -gt 0 ] || fail "the line was not broken"
    # A break takes what is sent in vain until it is noticed, and a handshake; all else twice the bytes at most.
    most=$((2 * bytes + breaks * (rate / 8 * (down + 4) + 6000)))
    [ "$(counted .since.bytes)" -le "$most" ] || fail "that is more than $most bytes: $results"
    TIMEOUT=120 meet be-nccn nl-kcr2
}

tell "delay 300" >/dev/null
on 9600 20000 14 3 120
[ "${THINNEST:-}" = all ] && on 2400 16000 20 4 600
clean be-nccn nl-kcr2
ok "$results"
