#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What a node says it does not know: what an urgent entry has overtaken, what a peer cut off wrote, and nothing once it has
# come; and clocks, measured over the link.
. "$(dirname "$0")/lib.sh"

found be-nccn
start be-nccn
s be-nccn gaps 2>&1 | has 'This node is alone in its roster' || fail "who is alone is not told why there are no gaps"
join nl-kcr2 be-nccn
start nl-kcr2
converge be-nccn nl-kcr2

gap() { # NODE JQ: what be-nccn tells of it
    s be-nccn gaps --json | jq -rc --arg node "$1" ".nodes[] | select(.node == \$node) | $2"
}
missing() {
    gap nl-kcr2 '[.missing[] | "\(.from)-\(.to)"] | join(" ")'
}

# -- nothing yet --
expect "what has come" "null 0 false" "$(gap nl-kcr2 '"\(.last_entry) \(.missing_count) \(.silent)"')"
s be-nccn gaps | has 'none has come' || fail "people are not told that nothing has come"
is_measured() {
    [ "$(gap nl-kcr2 .clock.by)" = beacons ]
}
await "the clock to be measured" is_measured
[ "$(gap nl-kcr2 '.clock | (.offset_ms | fabs) <= .error_ms + 20')" = true ] ||
    fail "two nodes on one clock: $(gap nl-kcr2 .clock)"

# -- overtaken --
must s be-nccn link nl-kcr2 --precedence flash >/dev/null 2>&1
must s nl-kcr2 link be-nccn --live off >/dev/null 2>&1
must s be-nccn link nl-kcr2 --live off >/dev/null 2>&1
lines 1 3 | must s nl-kcr2 publish --lines - >/dev/null
flash=$(must s nl-kcr2 publish journal --precedence flash 'The dike at Itteren has broken.')
lines 4 2 | must s nl-kcr2 publish --lines - >/dev/null
await "the flash entry at be-nccn" s be-nccn show "$flash"
await "the gaps around it" gives "1-3 5-6" missing
expect "how many are missing" 5 "$(gap nl-kcr2 .missing_count)"
s be-nccn gaps | has 'MISSING.* 5: 1-3 5-6' || fail "people are not told what is missing"
s be-nccn picture | has '^ +! nl-kcr2: 5 missing$' || fail "the picture hides what is missing: $(s be-nccn picture)"

# -- and come --
must s be-nccn link nl-kcr2 --profile none >/dev/null 2>&1
converge be-nccn nl-kcr2
expect "what is missing in the end" "0 nl-kcr2/6" "$(gap nl-kcr2 '"\(.missing_count) \(.last_entry.name)"')"
expect "whether it is silent" false "$(gap nl-kcr2 .silent)"
s be-nccn gaps | has 'nl-kcr2/6, came ' || fail "people are not told what came last"
s be-nccn picture | has '^GAPS  none$' || fail "the picture tells of gaps: $(s be-nccn picture)"

# -- cut off --
must s be-nccn link cut nl-kcr2 2>/dev/null
is_missed() {
    s be-nccn picture | has '^ +! nl-kcr2: not heard for [0-9]+ seconds?$'
}
await "the picture to tell who is cut off" is_missed
s be-nccn picture --at 1m | has '^GAPS' && fail "what was known before has the gaps of now"
clean be-nccn nl-kcr2

# -- started where nobody can be reached --
slay nl-kcr2
slay be-nccn
start be-nccn
s be-nccn picture | has '^ +! nl-kcr2: out of reach$' || fail "alone, the picture looks complete: $(s be-nccn picture)"
ok
