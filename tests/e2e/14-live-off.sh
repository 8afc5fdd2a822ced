#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The live plane costs time, never data: without it everything converges all the same; and next to a node that has it.
. "$(dirname "$0")/lib.sh"

found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
nodes="be-nccn nl-kcr2 lu-hcpn"
for node in $nodes; do
    configure "$node" live/enabled=0
done
# shellcheck disable=SC2086
start $nodes
for node in $nodes; do
    must s "$node" publish --lines <(lines 1 300) >/dev/null
    must s "$node" publish report --precedence flash "flash from $node" >/dev/null
done
# shellcheck disable=SC2086
converge $nodes
expect "what all hold" "903 903 903" "$(for node in $nodes; do status "$node" .entries; done | xargs)"
expect "the same everywhere" 1 "$(for node in $nodes; do texts "$node" | cksum; done | sort -u | wc -l)"
expect "nobody listens on the live port" "" "$(ss -Hltn "sport = :$((${endpoint_of[be-nccn]##*:} + 1))")"

stop lu-hcpn
must s be-nccn publish report "while lu-hcpn is away" >/dev/null
configure lu-hcpn # with the live plane, among those without
start lu-hcpn
must s lu-hcpn publish report "live again" >/dev/null
must s nl-kcr2 publish report "not live" >/dev/null
# shellcheck disable=SC2086
converge $nodes
expect "what all hold in the end" "906 906 906" "$(for node in $nodes; do status "$node" .entries; done | xargs)"
# shellcheck disable=SC2086
clean $nodes
ok
