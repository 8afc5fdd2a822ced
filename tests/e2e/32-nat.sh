#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A node behind NAT: nobody can connect to it, and over the connection it opened entries go both ways.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

# be-nccn -- wire -- router -- nl-kcr2, which has no way to be-nccn's address.
wire be-nccn router "rate 2000000" "delay 50"
place nl-kcr2
ip link add far netns "${netns_of[router]}" type veth peer name far netns "${netns_of[nl-kcr2]}" 2>"$work/veth" ||
    skip "no veth devices here: $(cat "$work/veth")"
must ip -n "${netns_of[router]}" addr add 10.78.0.1/24 dev far
must ip -n "${netns_of[nl-kcr2]}" addr add 10.78.0.2/24 dev far
must ip -n "${netns_of[router]}" link set far up
must ip -n "${netns_of[nl-kcr2]}" link set far up
must ip -n "${netns_of[be-nccn]}" route add default via 10.77.0.2
within router sysctl -q net.ipv4.ip_forward=1
within router nft 'add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; };
    add rule ip nat out oifname "far" masquerade' 2>"$work/nft" || skip "no NAT here: $(cat "$work/nft")"
address_of[nl-kcr2]=10.78.0.2

found be-nccn
join nl-kcr2 be-nccn
start nl-kcr2 be-nccn
measure
must s be-nccn publish --lines <(lines 1 20) >/dev/null
must s nl-kcr2 publish --lines <(lines 101 20) >/dev/null
meet be-nccn nl-kcr2
measured "20 entries each way"
measure
report be-nccn >/dev/null
report nl-kcr2 >/dev/null
meet be-nccn nl-kcr2
measured "a report each way"
expect "connections to be-nccn" 0 "$(counted .b.connections)"
must within router nft list table ip nat | has masquerade || fail "there was no NAT"
clean be-nccn nl-kcr2
ok "$results"
