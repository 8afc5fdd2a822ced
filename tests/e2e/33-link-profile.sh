#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A line that is said to be thin, at one end: what leaves is paced at both, the most urgent first; told anew while it
# runs; kept over a start; taken back. QUIET is for how many seconds nobody writes.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
converge be-nccn nl-kcr2

# told RATE: what be-nccn was told, both know.
told() {
    expect "the rate at be-nccn" "$1" "$(peer be-nccn nl-kcr2 .rate)"
    await "nl-kcr2 to hear of $1 bit/s" gives "$1" peer nl-kcr2 be-nccn .rate
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
exits 2 s be-nccn link nl-kcr2 --live half
exits 4 s be-nccn link nl-kcr2 --beacon 61
told 0
s be-nccn link nl-kcr2 | has 'line +no limit told' || fail "a limit is shown where none was told"

# A backlog of some minutes of this line; then what does not wait for it, either way.
must s be-nccn link nl-kcr2 --profile radio
told 2400
must s be-nccn publish --lines <(lines 1 300 "$(head -c 60 /dev/urandom | base64 -w0)") >/dev/null
waits() {
    [ "$(peer be-nccn nl-kcr2 .waiting.routine)" -gt 10000 ]
}
await "a backlog that waits" waits
flash=$(must s be-nccn publish report --precedence flash "the dyke gives way")
await "the flash entry at nl-kcr2" gives "the dyke gives way" shown nl-kcr2 "$flash"
held=$(status nl-kcr2 .entries)
[ "$held" -lt 200 ] || fail "the backlog was through before: $held entries at nl-kcr2"
waits || fail "nothing waits any more"
s be-nccn peers | has '2400 bit/s .radio.;' || fail "the rate is not shown"
s nl-kcr2 peers | has '2400 bit/s .radio, as be-nccn says.;' || fail "the peer's word is not shown"

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
answer=$(must s nl-kcr2 publish report --precedence flash "understood")
await "the answer at be-nccn" gives "understood" shown be-nccn "$answer"
waits || fail "nothing waits any more"

# The rate lasts over a start, and may change while the line is busy.
stop nl-kcr2 be-nccn
start be-nccn nl-kcr2
told 2400
must s be-nccn link nl-kcr2 --rate 9600
told 9600
expect "the profile, by a rate alone" manual "$(s be-nccn link nl-kcr2 --json | jq -r .profile)"
must s be-nccn link nl-kcr2 --profile fibre
told 0
converge be-nccn nl-kcr2
expect "entries in the end" 302 "$(status nl-kcr2 .entries)"
expect "the time that is left in the end" 0 "$(peer be-nccn nl-kcr2 .converged_in_s)"

# Neither end takes the other for silent while nobody writes, and there is hardly a sign of life.
must s be-nccn link nl-kcr2 --profile radio --beacon 5
told 2400
expect "no more beacons than the line bears" 30000 "$(s be-nccn link nl-kcr2 --json | jq .beacon_ms)"
converge be-nccn nl-kcr2
for _ in $(seq "${QUIET:-65}"); do
    expect "both ends" "converged converged" "$(peer be-nccn nl-kcr2 .state) $(peer nl-kcr2 be-nccn .state)"
    sleep 1 # what is to be seen is that time passes
done

# What one was told itself counts before what the peer says; what was told is forgotten when it is taken back.
exits 4 s be-nccn link nl-kcr2 --live on
has 'live plane' <<<"$said" || fail "nothing is said of the live plane: $said"
must s nl-kcr2 link be-nccn --profile fibre
expect "the own word" 0 "$(peer nl-kcr2 be-nccn .rate)"
stop nl-kcr2
start nl-kcr2
converge be-nccn nl-kcr2
expect "the own word after a start" "0 here" "$(peer nl-kcr2 be-nccn '"\(.rate) \(.rate_by)"')"
must s nl-kcr2 link be-nccn --profile none
told 2400
must s be-nccn link nl-kcr2 --profile none
told 0
expect "who tells of it" "nobody nobody" "$(peer be-nccn nl-kcr2 .rate_by) $(peer nl-kcr2 be-nccn .rate_by)"

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
