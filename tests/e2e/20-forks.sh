#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Two copies of one home are put back and written to, each alone: a fork. When they meet it is explained at every node, both
# branches can be read, the author goes on in a new log, and a proof of it convinces whoever has the roster, and nobody else.
. "$(dirname "$0")/lib.sh"

restore() {
    rm -rf "${work:?}/be-nccn" && cp -a "$work/copy" "$work/be-nccn" && rm -f "$work/be-nccn/api.sock"
}
published() {
    must s be-nccn publish report "$1"
}
# forks NODE FILTER: of jq.
forks() {
    must s "$1" forks --json | jq -cr ".forks | $2"
}

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
must s be-nccn publish --lines <(lines 1 3) >/dev/null
converge be-nccn nl-kcr2
expect "forks before" '[]' "$(forks nl-kcr2 .)"
exits 0 s nl-kcr2 forks
has '^No log .* is forked' <<<"$said" || fail "it is not said that there is no fork: $said"
stop be-nccn nl-kcr2
cp -a "$work/be-nccn" "$work/copy"

# -- two copies, one after the other, both alone --
restore
start be-nccn
expect "the first copy's entry" be-nccn.1/1 "$(published 'by the first copy')"
stop be-nccn
mv "$work/be-nccn" "$work/first"
restore
start be-nccn
expect "the second copy's entry" be-nccn.1/1 "$(published 'by the second copy')"
start nl-kcr2
converge be-nccn nl-kcr2
expect "forks, one copy known" '[]' "$(forks nl-kcr2 .)"

# -- the first one comes back --
stop be-nccn
rm -rf "$work/be-nccn" && mv "$work/first" "$work/be-nccn"
start be-nccn
for node in be-nccn nl-kcr2; do
    await "the fork at $node" gives 1 status "$node" .forks
done
converge be-nccn nl-kcr2
expect "nobody has gone on yet" '[["be-nccn",1,1,null]]' "$(forks nl-kcr2 'map([.node, .epoch, .seq, .later_epoch])')"
expect "the author goes on" be-nccn.2/1 "$(published 'well again')"
converge be-nccn nl-kcr2
for node in be-nccn nl-kcr2; do
    expect "the fork, healed, at $node" '[["be-nccn",1,1,2]]' "$(forks "$node" 'map([.node, .epoch, .seq, .later_epoch])')"
    expect "its branches at $node" '["be-nccn.1/1a","be-nccn.1/1b"]' "$(forks "$node" '.[0].branches | map(.name)')"
    expect "both can be read at $node" "by the first copy,by the second copy" \
        "$(for name in be-nccn.1/1a be-nccn.1/1b; do s "$node" show "$name" --json | jq -r .text; done | sort | paste -sd,)"
    metric=$(curl -s --unix-socket "$work/$node/api.sock" http://localhost/v1/metrics | grep '^sitrep_warnings{about="fork"}')
    expect "the warnings in numbers" 'sitrep_warnings{about="fork"} 1' "$metric"
    must s "$node" status | has "trouble .*fork.*sitrep forks" || fail "$node's status does not point to 'forks'"
done
expect "whose it is" 'true false' "$(forks be-nccn .[0].own) $(forks nl-kcr2 .[0].own)"
expect "the same branches" "$(forks be-nccn '.[0].branches | map(.id)')" "$(forks nl-kcr2 '.[0].branches | map(.id)')"
[ "$(forks nl-kcr2 .[0].noticed)" != null ] || fail "it is not said when the fork was noticed"
must s nl-kcr2 forks >"$work/told"
for words in '2 different entries' 'be-nccn.1/1a' 'be-nccn.1/1b' 'be-nccn.2/1 and after' 'Call be-nccn' 'have it revoked'; do
    has "$words" <"$work/told" || fail "'$words' is not told: $(cat "$work/told")"
done
must s be-nccn forks | has 'run only one' || fail "the author is not told what to do"

# -- the proof, handed on and checked without any node --
must s nl-kcr2 forks --proof be-nccn.1/1 >"$work/proof"
must s be-nccn forks --proof be-nccn.1/1b >"$work/proof-2"
expect "the same proof everywhere" "$(cat "$work/proof")" "$(cat "$work/proof-2")"
exits 4 s nl-kcr2 forks --proof be-nccn/3
has 'no fork begins at be-nccn/3' <<<"$said" || fail "no reason is given: $said"
exits 4 s nl-kcr2 forks --proof nonsense
stop be-nccn nl-kcr2
exits 0 s nl-kcr2 forks --check "$work/proof"
has 'proven .*2 different entries as be-nccn.1/1' <<<"$said" || fail "the proof is not explained: $said"
expect "the proof, to programs" '["be-nccn",1,1,2]' \
    "$(must s be-nccn forks --check - --json <"$work/proof" | jq -c '[.node, .epoch, .seq, (.branches | length)]')"
exits 4 s nl-kcr2 forks --check "$work/told"
has 'no proof of a fork' <<<"$said" || fail "a file without a proof is not told: $said"
awk 'NR == 3 { $0 = (substr($0, 1, 1) == "A" ? "B" : "A") substr($0, 2) } { print }' "$work/proof" >"$work/changed"
exits 4 s nl-kcr2 forks --check "$work/changed"
has 'was changed on its way' <<<"$said" || fail "the change is not noticed: $said"
found lu-hcpn
exits 4 s lu-hcpn forks --check "$work/proof"
has 'another federation' <<<"$said" || fail "another federation is not told: $said"
exits 2 s nl-kcr2 forks --check "$work/proof" --proof be-nccn.1/1
ok
