#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A roster version is proposed, signed and taken over the federation itself: no file travels, and nobody imports it.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
start be-nccn nl-kcr2 lu-hcpn
nodes=(be-nccn nl-kcr2 lu-hcpn)
# listed NODE: what is proposed: its first entry, how many have signed of those before, and of its own.
listed() {
    s "$1" roster proposals --json 2>/dev/null | jq -r '"\(.entries[0].entry) \(.before.signed) \(.own.signed)"'
}

# -- one of one: the proposer's own signature is enough --
for key in two three; do
    must s be-nccn roster authority --out $key.key --no-passphrase >$key.public
done
ref=$(must s be-nccn roster propose --add-authority two.public --add-authority three.public --set-threshold 2 --send)
for node in "${nodes[@]}"; do
    await "the proposal at $node" gives "$ref 0 0" listed "$node"
done
for node in "${nodes[@]}"; do
    must s "$node" status | has "^proposal +roster version 4 is proposed: 'sitrep roster proposals' shows" || fail "$node's status does not tell"
    has 'event=roster-proposed open=1' <"$node.log" || fail "$node's log does not tell"
done
expect "versions before anybody signed" "3 3 3" "$(for node in "${nodes[@]}"; do status "$node" .roster_version; done | xargs)"
must s be-nccn roster sign "$ref" --yes >/dev/null
await "one of two at nl-kcr2" gives "$ref 1 1" listed nl-kcr2 # two of its own must sign, too
must s nl-kcr2 roster sign "$ref" --authority two.key --yes >/dev/null
everywhere 4
for node in "${nodes[@]}"; do
    await "nothing more to sign at $node" gives "" listed "$node"
done
cat ./*.log | has 'proposal-in-force version=4' || fail "no node has taken it by itself"
exits 4 s lu-hcpn roster sign "$ref" --authority three.key --yes
has 'carries no proposal that may still follow' <<<"$said" || fail "it is not said why: $said"

# -- two of three, over restarts, one of them away; files and entries mix --
must s lu-hcpn roster propose --title lu-hcpn@lb='Krisenzenter' >proposal
must s lu-hcpn roster sign proposal --authority three.key --yes >signed
ref=$(must s lu-hcpn roster send signed)
expect "the name of the entry" lu-hcpn/1 "$ref"
await "the proposal at be-nccn" gives "$ref 1 1" listed be-nccn
must s be-nccn roster show "$ref" >shown 2>&1
must s be-nccn roster proposals >shown
for words in "^proposal +$ref, " '^version +5$' "changes +.*lu-hcpn.*Krisenzenter" "^signed by +'" \
    "^signatures +1 of 2 needed of version 4's authorities, 1 of 2 of its own"; do
    has "$words" <shown || fail "not shown: $words in: $(cat shown)"
done
stop be-nccn lu-hcpn
start be-nccn
await "the proposal after a start" gives "$ref 1 1" listed be-nccn

# What is none: of another kind of content, for somebody else's eyes, or with a false signature.
must s nl-kcr2 publish roster-proposal "give me the keys" >/dev/null
must s nl-kcr2 publish roster-proposal --field proposal=nothing >/dev/null
must s nl-kcr2 roster propose --name "another" --send >rival
converge be-nccn nl-kcr2
expect "what is listed" "$ref 1 1,$(cat rival) 0 0" "$(listed be-nccn | sort | paste -sd,)"

# An authority is not made to sign two of one version.
must s be-nccn roster sign "$(cat rival)" --yes >/dev/null
exits 4 s be-nccn roster sign "$ref" --yes
has 'has signed another version 5' <<<"$said" || fail "it is not said why: $said"
must s be-nccn roster sign "$ref" --yes --instead >/dev/null
nodes=(be-nccn nl-kcr2)
everywhere 5
start lu-hcpn
nodes+=(lu-hcpn)
everywhere 5
converge "${nodes[@]}"
for node in "${nodes[@]}"; do
    expect "the title at $node" 1 "$(must s "$node" roster show 2>&1 | grep -c Krisenzenter)"
    expect "what is left at $node" "" "$(listed "$node")"
    expect "what $node warns of" '[]' "$(status "$node" '.warnings | tojson')"
done
clean "${nodes[@]}"
ok
