#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What keys there are, with the node and without it, with a passphrase and without; and keys at rest that are open to others
# or damaged are refused.
. "$(dirname "$0")/lib.sh"

# shown NODE FILTER [OPTION...]: of jq, on what is said of NODE's keys.
shown() {
    must s "$1" keys --json "${@:3}" | jq -cr "$2"
}

# -- the node's own keys, before it joins, when it runs, and when it does not --
found be-nccn
must s be-nccn keys >"$work/keys"
has 'of all members$' <"$work/keys" || fail "the group is not named: $(cat "$work/keys")"
expect "kinds, the founder alone" '["signing","transport","authority","group"]' "$(shown be-nccn '[.own[].kind]')"
expect "in the roster since" '[1,1,1,null]' "$(shown be-nccn '[.own[].since_version]')"
expect "others are not asked for" null "$(shown be-nccn .others)"
port=$(free_port)
must s nl-kcr2 join request --centre nl-kcr2 --title KCR2 --endpoint "tcp://127.0.0.1:$port" --no-passphrase >"$work/request"
expect "kinds, before joining" '["signing","transport"]' "$(shown nl-kcr2 '[.own[].kind]')"
expect "in no roster" '[null,null]' "$(shown nl-kcr2 '[.own[].since_version]')"
must s be-nccn admit "$work/request" --yes >"$work/invitation"
must s nl-kcr2 join "$work/invitation" >/dev/null
configure nl-kcr2
before=$(shown be-nccn . --all)
start be-nccn nl-kcr2
expect "the same with the node and without" "$before" "$(shown be-nccn . --all)"

# -- everybody's: the other names what each has of its own --
expect "the others' keys" '[["nl-kcr2","signing",2],["nl-kcr2","transport",2]]' \
    "$(shown be-nccn '[.others[] | [.node, .kind, .since_version]]' --all)"
expect "the others' fingerprints" "$(shown nl-kcr2 '[.own[:2][].fingerprint]')" \
    "$(shown be-nccn '[.others[].fingerprint]' --all)"
expect "the founder's, seen by the other" "$(shown be-nccn '[.own[2,0,1].fingerprint]')" \
    "$(shown nl-kcr2 '[.others[].fingerprint]' --all)"
expect "the key of all members" "$(shown be-nccn .own[3].fingerprint)" "$(shown nl-kcr2 .own[2].fingerprint)"
for fingerprint in $(shown be-nccn '.own[:3][].fingerprint'); do
    must s be-nccn keys | tr -d ' ' | has "^[a-z]+$fingerprint$" || fail "$fingerprint is not shown to people"
done
must s be-nccn keys --all | has '^nl-kcr2$' || fail "the other node is not shown to people"
must s nl-kcr2 keys --all | has '^authorities$' || fail "the authorities are not shown to people"

# -- with a passphrase: neither the passphrase nor a terminal is needed --
(umask 077 && echo 'correct horse battery staple' >"$work/passphrase")
export SITREP_PASSPHRASE_FILE=$work/passphrase
must s lu-hcpn join request --centre lu-hcpn --title HCPN --endpoint "tcp://127.0.0.1:$(free_port)" >"$work/request"
unset SITREP_PASSPHRASE_FILE
expect "kept" '["passphrase","passphrase"]' "$(shown lu-hcpn '[.own[].kept]')"
expect "kept without" '["none","none","none","none"]' "$(shown be-nccn '[.own[].kept]')"

# -- open to others: refused, with what to do; the node does not start --
stop nl-kcr2
refused() { # WHAT PATTERN
    exits 1 timeout "$patience" "$BUILD/sitrepd" --home "$work/nl-kcr2"
    has "$2" <<<"$said" || fail "$1: sitrepd does not say why: $said"
    exits 1 s nl-kcr2 keys
    has "$2" <<<"$said" || fail "$1: keys does not say why: $said"
}
for file in keys/node.key keys/groups.key; do
    chmod 640 "$work/nl-kcr2/$file"
    refused "$file open" "$file is open to others .*chmod 600"
    chmod 600 "$work/nl-kcr2/$file"
done
for folder in . keys roster store; do
    chmod 750 "$work/nl-kcr2/$folder"
    refused "$folder open" "is open to others .*chmod 700"
    chmod 700 "$work/nl-kcr2/$folder"
done

# -- one bit of a file that no passphrase protects --
for file in node groups; do
    key=$work/nl-kcr2/keys/$file.key
    cp -p "$key" "$work/key"
    size=$(stat -c %s "$key")
    # A byte in the middle of the secret, which is what the file ends in.
    byte=$(od -An -tu1 -j $((size - 10)) -N1 "$key")
    printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$key" bs=1 seek=$((size - 10)) conv=notrunc 2>/dev/null
    exits 1 timeout "$patience" "$BUILD/sitrepd" --home "$work/nl-kcr2"
    has "$file.key is damaged" <<<"$said" || fail "a flipped bit of $file.key is not told: $said"
    cp -p "$work/key" "$key"
done
start nl-kcr2
must s nl-kcr2 publish report "well again" >/dev/null
converge be-nccn nl-kcr2
expect "nothing expires" '[]' "$(status be-nccn '.warnings | tojson')"

# -- keys that expire within days: everybody is warned, in status and once in the log, and all goes on --
for days in 0 -1 3.5 36501 soon; do
    exits 2 s de-gmlz found benelux --centre de-gmlz --title GMLZ --endpoint tcp://127.0.0.1:7000 --no-passphrase --expires "$days"
done
must s de-gmlz found benelux --centre de-gmlz --title GMLZ --endpoint "tcp://127.0.0.1:$(free_port)" --no-passphrase \
    --expires 5 >/dev/null
configure de-gmlz
join fr-cogic de-gmlz
start de-gmlz fr-cogic
warned() { # NODE: what of the status is the same at every moment
    status "$1" '[.warnings[] | [.about, .kind, .node, .own, .within_days]] | tojson'
}
expect "own warnings" '[["key_expiry","authority",null,null,7],["key_expiry","signing","de-gmlz",true,7],["key_expiry","transport","de-gmlz",true,7]]' \
    "$(warned de-gmlz)"
expect "warnings of the other's" '[["key_expiry","authority",null,null,7],["key_expiry","signing","de-gmlz",false,7],["key_expiry","transport","de-gmlz",false,7]]' \
    "$(warned fr-cogic)"
must s de-gmlz status | has "^warning +this node's signing key expires within 7 days" || fail "the own key's expiry is not told"
must s fr-cogic status | has '^warning +the transport key of de-gmlz expires within 7 days' || fail "the other's expiry is not told"
must s de-gmlz keys | has '^ +expires 2' || fail "keys does not say when they expire"
must s de-gmlz publish report "all goes on" >/dev/null
converge de-gmlz fr-cogic
# -- set for another node's keys later on; who signs is told --
for typed in fr-cogic fr-cogic= fr-cogic=soon fr-cogic=36501; do
    exits 2 s de-gmlz roster propose --expire "$typed"
done
exits 4 s de-gmlz roster propose --expire nobody=60
exits 4 s de-gmlz roster propose --expire fr-cogic=0
must s de-gmlz roster propose --expire fr-cogic=60 --expire de-gmlz=0 >"$work/proposal"
s de-gmlz roster sign "$work/proposal" --yes >"$work/signed" 2>"$work/told" || fail "not signed: $(cat "$work/told")"
for words in 'the signing key of node fr-cogic expires on 2' 'the transport key of node de-gmlz does not expire any more'; do
    has "$words" <"$work/told" || fail "who signs is not told that $words: $(cat "$work/told")"
done
must s de-gmlz roster import "$work/signed" >/dev/null
wanted='[["key_expiry","authority",null,null,7],["key_expiry","signing","fr-cogic",true,90],["key_expiry","transport","fr-cogic",true,90]]'
await "warnings by the next version" gives "$wanted" warned fr-cogic
# -- asked for with the request; who admits sees it, and may decide otherwise --
for days in 0 36501; do
    exits 2 s nl-rivm join request --centre nl-rivm --title RIVM --endpoint tcp://127.0.0.1:7000 --no-passphrase --expires "$days"
done
must s nl-rivm join request --centre nl-rivm --title RIVM --endpoint tcp://127.0.0.1:7000 --no-passphrase --expires 20 >"$work/request"
s de-gmlz roster propose --add "$work/request" --yes >"$work/proposal" 2>"$work/told" || fail "not proposed: $(cat "$work/told")"
has '^ +keys +expire on 2' <"$work/told" || fail "who proposes is not told: $(cat "$work/told")"
has 'the signing key of node nl-rivm expires on 2' <"$work/told" || fail "the change is not told: $(cat "$work/told")"
s de-gmlz roster propose --add "$work/request" --expire nl-rivm=0 --yes 2>&1 >"$work/proposal" |
    has 'nl-rivm expires' && fail "an expiry that was taken back is told"
logged_later() {
    grep -c 'event=key-expiry .*node=fr-cogic .*expires in 90 days or less' "$work/$1.log"
}
for node in de-gmlz fr-cogic; do
    await "two more lines of warning in the log of $node" gives 2 logged_later "$node"
done
logged() {
    grep -c 'event=key-expiry .*expires in 7 days or less' "$work/$1.log"
}
for node in de-gmlz fr-cogic; do
    await "three lines of warning in the log of $node" gives 3 logged "$node"
    stop "$node"
    expect "warnings logged by $node in one run" "3 2" "$(logged "$node") $(logged_later "$node")"
done
ok
