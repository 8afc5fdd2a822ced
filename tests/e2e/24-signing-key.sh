#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A node gets a new signing key while entries are written: it goes on as its own successor, with all it holds, and what it
# wrote as the former goes on counting. A copy of its home from before forks neither log.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
join nl-kcr2 be-nccn
(umask 077 && echo 'the passphrase of lu-hcpn' >passphrase)
export SITREP_PASSPHRASE_FILE=$work/passphrase # for what has one
endpoint_of[lu-hcpn]=127.0.0.1:$(free_port)
must s lu-hcpn join request --centre lu-hcpn --title HCPN --endpoint "tcp://${endpoint_of[lu-hcpn]}" >request
must s be-nccn admit request --yes >invitation
must s lu-hcpn join invitation >/dev/null
configure lu-hcpn
start be-nccn nl-kcr2 lu-hcpn
must s lu-hcpn publish --lines <(lines 1 40) >/dev/null
feed nl-kcr2
await "entries of nl-kcr2" has_acked nl-kcr2 200

# -- the successor's keys and request --
next_keys() {
    must s lu-hcpn keys --json | jq -c '[.own[] | select(.next) | [.kind, .since_version]]'
}
expect "no successor yet" '[]' "$(next_keys)"
exits 2 s lu-hcpn keys rotate --node other
exits 2 s lu-hcpn keys rotate --signing --node Other
exits 4 s lu-hcpn keys rotate --signing --node nl-kcr2
s lu-hcpn keys rotate --signing --expires 60 >request 2>told || fail "no request: $(cat told)"
has 'roster propose --add' <told || fail "not told what to do: $(cat told)"
s lu-hcpn keys rotate --signing >again 2>told || fail "no request: $(cat told)"
cmp -s request again || fail "another request than before"
has 'asked for before' <told || fail "not told that it is the same: $(cat told)"
expect "the successor's keys" '[["signing",null],["transport",null]]' "$(next_keys)"
stop lu-hcpn
start lu-hcpn # nothing comes of it before it is admitted
expect "who it is still" lu-hcpn "$(status lu-hcpn .node)"

# -- admitted, and taken over at the next start --
must s be-nccn roster propose --add request --yes >proposal
must s be-nccn roster sign proposal --yes >signed
must s be-nccn roster import signed
for node in nl-kcr2 lu-hcpn; do
    await "the successor at $node" gives 4 status "$node" .roster_version
done
must s lu-hcpn status | has "^trouble +this node's successor lu-hcpn-2 is in the roster: .* restart" || fail "status does not say what to do"
exits 4 s lu-hcpn keys rotate --signing
has 'restart the node' <<<"$said" || fail "not said why not: $said"
must s lu-hcpn publish report "the last of the former" >/dev/null
stop lu-hcpn
cp -a lu-hcpn backup # with the former's keys in use
start lu-hcpn
expect "who it is now" "lu-hcpn-2 false 4" "$(status lu-hcpn '"\(.node) \(.own.revoked) \(.roster_version)"')"
expect "nothing is left over" '[]' "$(next_keys)"
expect "what keeps the new keys" '["passphrase"]' "$(must s lu-hcpn keys --json | jq -c '[.own[].kept] | unique')"
expect "the key in use" '[["signing",4],["transport",4]]' \
    "$(must s lu-hcpn keys --json | jq -c '[.own[] | select(.kind == ("signing", "transport")) | [.kind, .since_version]]')"
expect "asked for" 90 "$(status nl-kcr2 '[.warnings[] | select(.node == "lu-hcpn-2").within_days] | unique | .[]')"
expect "its first entry" lu-hcpn-2/1 "$(must s lu-hcpn publish report "the first of the successor" --json | jq -r .name)"
await "more entries of nl-kcr2" has_acked nl-kcr2 1000
unfed nl-kcr2
converge be-nccn nl-kcr2 lu-hcpn
kept nl-kcr2 be-nccn lu-hcpn
expect "the former's last entry" "the last of the former" "$(must s nl-kcr2 show lu-hcpn/41 --json | jq -r .text)"
expect "forks and quarantine" "0 0" "$(status nl-kcr2 '"\(.forks) \(.quarantined)"')"

# -- the former is revoked, at its last entry --
must s lu-hcpn roster propose --revoke lu-hcpn >proposal
must s be-nccn roster sign proposal --yes >signed
must s be-nccn roster import signed
for node in nl-kcr2 lu-hcpn; do
    await "the revocation at $node" gives 5 status "$node" .roster_version
done
converge be-nccn nl-kcr2 lu-hcpn
for node in be-nccn nl-kcr2 lu-hcpn; do
    expect "what $node holds beyond it" 0 "$(status "$node" .quarantined)"
    expect "what counts of the former at $node" 41 "$(s "$node" log --json | jq -r .node | grep -cx lu-hcpn)"
done
must s lu-hcpn publish report "and on" >/dev/null
converge be-nccn nl-kcr2 lu-hcpn
expect "no way back for the former" revoked "$(peer be-nccn lu-hcpn .state)"
clean be-nccn nl-kcr2 lu-hcpn

# -- the copy from before, which meets nobody: it knows itself the successor, and not what that has written --
stop lu-hcpn be-nccn nl-kcr2
rm -rf lu-hcpn && mv backup lu-hcpn
start lu-hcpn
expect "who the copy is" lu-hcpn-2 "$(status lu-hcpn .node)"
expect "where it goes on" lu-hcpn-2.1/1 "$(must s lu-hcpn publish report "after all" --json | jq -r .name)"
start be-nccn nl-kcr2
converge be-nccn nl-kcr2 lu-hcpn
expect "forks after that" "0 0 0" "$(for node in be-nccn nl-kcr2 lu-hcpn; do status "$node" .forks; done | xargs)"
ok
