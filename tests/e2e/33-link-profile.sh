#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A line that is said to be thin: what leaves is paced, the most urgent first; told anew while it runs; kept over a start.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
converge be-nccn nl-kcr2

both() { # OPTION...
    must s be-nccn link nl-kcr2 "$@"
    must s nl-kcr2 link be-nccn "$@"
}
shown() { # NODE NAME
    s "$1" log --json | jq -r --arg name "$2" 'select(.name == $name) | .text'
}
exits 4 s be-nccn link nl-kcr2 --profile modem
exits 4 s be-nccn link nl-kcr2 --profile manual
exits 4 s be-nccn link nl-kcr2 --profile manual --rate 1199
exits 2 s be-nccn link nl-kcr2 --profile manual --rate 9k6
exits 4 s be-nccn link nobody --profile radio
exits 4 s be-nccn link be-nccn --profile radio
expect "the rate before" 0 "$(peer be-nccn nl-kcr2 .rate)"

# A backlog of some minutes of this line; then what does not wait for it, either way.
both --profile radio
must s be-nccn publish --lines <(lines 1 300 "$(head -c 60 /dev/urandom | base64 -w0)") >/dev/null
waits() {
    [ "$(peer be-nccn nl-kcr2 .waiting.routine)" -gt 10000 ]
}
await "a backlog that waits" waits
flash=$(must s be-nccn publish alert --precedence flash "the dyke gives way")
await "the flash entry at nl-kcr2" gives "the dyke gives way" shown nl-kcr2 "$flash"
held=$(status nl-kcr2 .entries)
[ "$held" -lt 200 ] || fail "the backlog was through before: $held entries at nl-kcr2"
waits || fail "nothing waits any more"
s be-nccn peers | has '2400 bit/s' || fail "the rate is not shown"

# What passes is what may, and what is told of the time that is left comes down as it passes.
is_used() { # SHARE: of the rate, in the last ten seconds, and how long it still takes
    peer be-nccn nl-kcr2 'select(.measured.rate_out > 2400 * '"$1"' and .measured.rate_out < 2400 * 1.3 and .measured.rtt_ms != null and
        .converged_in_s > 10 and .converged_in_s < 3600) | .converged_in_s'
}
uses_it() {
    [ -n "$(is_used "$1")" ]
}
await "a line that is used" uses_it 0.7
first=$(peer be-nccn nl-kcr2 .converged_in_s)
s be-nccn peers | has 'line  .* bit/s sent' || fail "what passes is not shown"
s be-nccn peers | has 'converged  .*in about [0-9]+ ' || fail "the time that is left is not shown"
comes_down() {
    [ "$(is_used 0.5)" -lt "$first" ]
}
await "less time that is left than $first s" comes_down
answer=$(must s nl-kcr2 publish alert --precedence flash "understood")
await "the answer at be-nccn" gives "understood" shown be-nccn "$answer"
waits || fail "nothing waits any more"

# The rate lasts over a start, and may change while the line is busy.
stop nl-kcr2
start nl-kcr2
expect "the rate after a start" 2400 "$(peer nl-kcr2 be-nccn .rate)"
both --profile manual --rate 9600
expect "the rate of its own" 9600 "$(peer nl-kcr2 be-nccn .rate)"
both --profile fibre
converge be-nccn nl-kcr2
expect "entries in the end" 302 "$(status nl-kcr2 .entries)"
expect "the time that is left in the end" 0 "$(peer be-nccn nl-kcr2 .converged_in_s)"

# What cannot be read of it is told, and the node starts all the same.
must s nl-kcr2 link be-nccn --profile satellite
stop nl-kcr2
printf 'be-nccn\n  rate\n' >nl-kcr2/links
start nl-kcr2
has 'links-unreadable' <nl-kcr2.log || fail "nothing is said of a file that cannot be read"
expect "the rate after that" 0 "$(peer nl-kcr2 be-nccn .rate)"
converge be-nccn nl-kcr2
clean be-nccn nl-kcr2
ok "$held of 300 entries were there before the flash entry"
