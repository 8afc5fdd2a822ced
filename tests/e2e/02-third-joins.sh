#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A third node, admitted while the two others run: it gets the whole history, also from the one that did not admit it,
# and that one learns of it by itself.
. "$(dirname "$0")/lib.sh"

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
must s be-nccn publish --lines <(lines 1 700) >/dev/null
must s nl-kcr2 publish --lines <(lines 701 300) >/dev/null
converge be-nccn nl-kcr2

join lu-hcpn be-nccn
await "the new roster at nl-kcr2" gives 3 status nl-kcr2 .roster_version
expect "who is a peer of nl-kcr2" "be-nccn lu-hcpn" "$(must s nl-kcr2 peers --json | jq -r '.peers[].node' | sort | xargs)"
start lu-hcpn
converge be-nccn nl-kcr2 lu-hcpn
expect "the history at the third" "$(texts be-nccn)" "$(texts lu-hcpn)"
expect "how much" 1000 "$(status lu-hcpn .entries)"
expect "a word of the third" lu-hcpn/1 "$(must s lu-hcpn publish report "we are here")"
converge be-nccn nl-kcr2 lu-hcpn

# The founder gone, the third and the second serve each other; and a fourth finds all with one of them.
join de-lanuv be-nccn
await "the newer roster at lu-hcpn" gives 4 status lu-hcpn .roster_version
stop be-nccn
await "the newer roster at nl-kcr2" gives 4 status nl-kcr2 .roster_version
start de-lanuv
must s nl-kcr2 publish report "without the founder" >/dev/null
converge nl-kcr2 lu-hcpn de-lanuv
expect "the history at the fourth" 1002 "$(status de-lanuv .entries)"
start be-nccn
converge be-nccn nl-kcr2 lu-hcpn de-lanuv
clean be-nccn nl-kcr2 lu-hcpn de-lanuv
expect "no fork, no refusal anywhere" "[0,0] [0,0] [0,0] [0,0]" "$(for node in be-nccn nl-kcr2 lu-hcpn de-lanuv; do
    status "$node" '[.forks, ([.refused[]] | add)] | tojson'
done | xargs)"
ok
