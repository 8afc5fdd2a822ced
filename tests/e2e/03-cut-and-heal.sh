#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A link is cut by a drill, both sides write on, and what status says is missing is the truth; healed, they converge.
# Then the same with a third node between the two, which carries what they cannot tell each other.
. "$(dirname "$0")/lib.sh"

found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
start be-nccn nl-kcr2
must s be-nccn publish --lines <(lines 1 50) >/dev/null
converge be-nccn nl-kcr2

for round in 1 2; do
    must s be-nccn link cut nl-kcr2 2>/dev/null
    # What was lost on the way to a cut is known by one side alone, so each is asked what it sees of the other.
    await "be-nccn to see the cut" gives cut peer be-nccn nl-kcr2 .state
    await "nl-kcr2 to see the cut" gives down peer nl-kcr2 be-nccn .state # the drill is the other's
    must s be-nccn publish --lines <(lines $((round * 1000)) 40) >/dev/null
    must s nl-kcr2 publish --lines <(lines $((round * 2000)) 25) >/dev/null
    expect "what be-nccn holds" $((round * 65 - 25 + 50)) "$(status be-nccn .entries)"
    expect "what nl-kcr2 holds" $((round * 65 - 40 + 50)) "$(status nl-kcr2 .entries)"
    [ "$(status be-nccn .fingerprint)" != "$(status nl-kcr2 .fingerprint)" ] || fail "one fingerprint for two states"
    # A node knows what it wrote since; it cannot know what the other wrote.
    expect "what be-nccn says" '[false,0,40]' "$(peer be-nccn nl-kcr2 '[.converged,.missing_here,.missing_there] | tojson')"
    expect "what nl-kcr2 says" '[false,0,25]' "$(peer nl-kcr2 be-nccn '[.converged,.missing_here,.missing_there] | tojson')"
    must s be-nccn link heal nl-kcr2 2>/dev/null
    converge be-nccn nl-kcr2
    expect "equal after round $round" "$(texts be-nccn)" "$(texts nl-kcr2)"
    expect "nothing is missing" '[0,0] [0,0]' "$(for pair in "be-nccn nl-kcr2" "nl-kcr2 be-nccn"; do
        # shellcheck disable=SC2086
        peer $pair '[.missing_here,.missing_there] | tojson'
    done | xargs)"
done

fingerprints() {
    for node in be-nccn nl-kcr2 lu-hcpn; do
        status "$node" .fingerprint
    done | sort -u | wc -l
}

start lu-hcpn
converge be-nccn nl-kcr2 lu-hcpn
must s nl-kcr2 link cut be-nccn 2>/dev/null # the other side this time
await "be-nccn to see the cut" gives down peer be-nccn nl-kcr2 .state
must s be-nccn publish --lines <(lines 5000 20) >/dev/null
must s nl-kcr2 publish --lines <(lines 6000 20) >/dev/null
await "the same entries by way of lu-hcpn" gives 1 fingerprints
expect "what all hold" 220 "$(status nl-kcr2 .entries)"
must s nl-kcr2 link heal be-nccn 2>/dev/null
converge be-nccn nl-kcr2 lu-hcpn
clean be-nccn nl-kcr2 lu-hcpn
ok
