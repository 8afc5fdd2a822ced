#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The rate of a line that nobody knows is found while there is something to send, and lasts over a start. With
# FOLLOWED=all it also follows the line when that passes less.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

pair be-nccn nl-kcr2 "rate 64000" "delay 150"
meet be-nccn nl-kcr2
must s be-nccn link nl-kcr2 --profile measured
expect "where it begins" "2400 measured untried" "$(peer be-nccn nl-kcr2 '"\(.rate) \(.profile) \(.rate_verdict)"')"

# Text that does not compress, for some minutes.
for i in $(seq 300); do
    jq -nc --arg text "$(head -c 6000 /dev/urandom | base64 -w 0)" '{kind: "report", text: $text}'
done >"$work/backlog"
must s be-nccn publish --lines "$work/backlog" >/dev/null

is_between() { # LEAST MOST, found because more did not pass
    peer be-nccn nl-kcr2 '"\(.rate) \(.rate_verdict)"'
    [ "$(peer be-nccn nl-kcr2 ".rate >= $1 and .rate <= $2 and .rate_verdict == \"too_much\"")" = true ]
}
# finds LEAST MOST: bit/s.
finds() {
    TIMEOUT=180 await "a rate of $1 to $2 bit/s" is_between "$1" "$2"
}
begun_ms=$(now_ms)
finds 40000 66000
took="64 kbit/s found in $((($(now_ms) - begun_ms) / 1000)) s"
if [ "${FOLLOWED:-}" = all ]; then
    tell "rate 9600" >/dev/null
    begun_ms=$(now_ms)
    finds 4800 10000
    took+=", 9.6 kbit/s in $((($(now_ms) - begun_ms) / 1000)) s"
fi
s be-nccn peers | has 'bit/s .measured., more did not pass' || fail "it is not said how it was found"

stop be-nccn
kept=$(sed -n 's/ *rate = "\([0-9]*\)"/\1/p' "$work/be-nccn/links")
tell "rate 64000" >/dev/null
start be-nccn
expect "the rate after a start" "$kept measured" "$(peer be-nccn nl-kcr2 '"\(.rate) \(.profile)"')"
expect "reconnects" 0 "$(peer be-nccn nl-kcr2 .reconnects)"
clean be-nccn nl-kcr2
ok "$took"
