#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Several authorities: a roster version is proposed on one machine, signed on others, by files, and takes effect everywhere
# once enough have signed, and not before.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
start be-nccn nl-kcr2 lu-hcpn
converge be-nccn nl-kcr2 lu-hcpn
nodes=(be-nccn nl-kcr2 lu-hcpn)

versions() {
    local node
    for node in "${nodes[@]}"; do
        status "$node" .roster_version
    done | xargs
}
# signed_by KEY FILE...: on a machine without a node, which has the roster in force as a file.
signed_by() {
    local key=$1
    shift
    must s be-nccn roster export >in-force
    must sitrep roster sign --roster in-force --authority "$key" --yes "$@"
}

# Keys in files of their own, one of them with a passphrase.
(umask 077 && echo 'the second authority' >passphrase)
export SITREP_AUTHORITY_PASSPHRASE_FILE=$work/passphrase
must sitrep roster authority --out two.key >two.public
must sitrep roster authority --out three.key --no-passphrase >three.public
must sitrep roster authority --out four.key --no-passphrase >four.public
expect "the mode of a key" 600 "$(stat -c %a two.key)"
expect "the public key, shown again" "$(cat two.public)" "$(must sitrep roster authority --out two.key)"
must sitrep roster authority --out two.key --json >two.json
two=$(jq -r .fingerprint two.json)

# From one authority to two of three: the new side counts as well as the old one.
exits 4 s be-nccn roster propose --add-authority two.public
has 'majority' <<<"$said" || fail "it is not said that 1 of 2 is no majority: $said"
exits 4 s be-nccn roster propose --set-threshold 2
has '2 cannot sign where there would be 1' <<<"$said" || fail "it is not said why not: $said"
must s be-nccn roster propose --add-authority two.public --add-authority three.public --set-threshold 2 >proposal
must s be-nccn roster sign proposal --yes >signed-1
exits 4 s nl-kcr2 roster import proposal
exits 4 s nl-kcr2 roster import signed-1
has '1 of the 3' <<<"$said" || fail "it is not said who is missing: $said"
expect "versions after an import with too few signatures" "3 3 3" "$(versions)"
must s nl-kcr2 roster sign signed-1 --authority two.key --yes >signed-2
must s lu-hcpn roster import signed-2
everywhere 4
must s nl-kcr2 roster show --json >shown
expect "the threshold at another node" "2 of 3" "$(jq -r '"\(.threshold) of \(.authorities | length)"' shown)"

# Admitting now takes two, who need not meet; the invitation comes after. The request is added on one machine, signed
# on two that have no node, and imported on a third.
endpoint_of[de-lanuv]=127.0.0.1:$(free_port)
must s de-lanuv join request --centre de-lanuv --title LANUV --endpoint "tcp://${endpoint_of[de-lanuv]}" --no-passphrase >request
exits 4 s be-nccn admit request --yes
has 'roster propose --add' <<<"$said" || fail "it is not said how two admit: $said"
must s lu-hcpn roster propose --add request --yes >proposal
must s de-lanuv keys --json >keys
must s nl-kcr2 roster show proposal --json >shown
expect "the key that is admitted, as signers see it" \
    "node de-lanuv has the signing key $(jq -r '.own[] | select(.kind == "signing").fingerprint' keys)" \
    "$(jq -r '.changes[]' shown | grep 'signing key')"
signed_by two.key proposal >signed-2
signed_by three.key proposal >signed-3
exits 4 s nl-kcr2 roster import signed-2
exits 4 s nl-kcr2 roster import signed-2 signed-2 proposal
expect "versions while one is missing" "4 4 4" "$(versions)"

# Past the command line: the node itself looks at the signatures.
sed -e '/^-----/d' -e '/^=/d' signed-2 | base64 -d >signed-2.bytes
code=$(curl -s -o answer -w '%{http_code}' --unix-socket "$work/nl-kcr2/api.sock" -H 'Content-Type: application/octet-stream' \
    --data-binary @signed-2.bytes http://localhost/v1/roster)
expect "the node's answer to a roster with one signature" 403 "$code"
expect "versions after that" "4 4 4" "$(versions)"

must s nl-kcr2 roster import signed-2 signed-3
everywhere 5
must s be-nccn admit request --yes >invitation
must s de-lanuv join invitation >/dev/null
configure de-lanuv
start de-lanuv
nodes+=(de-lanuv)
converge "${nodes[@]}"

# Nothing older comes back, and nothing is signed that was made from an older one.
must s be-nccn roster export 4 >older
exits 4 s lu-hcpn roster import older
exits 4 s lu-hcpn roster import signed-2 signed-3
exits 4 s be-nccn roster sign proposal --yes
expect "versions after older ones" "5 5 5 5" "$(versions)"

# Revoked, up to the last entry that the proposing node holds; put in force at a node that is not running.
must s de-lanuv publish --lines <(lines 1 3) >/dev/null
converge "${nodes[@]}"
must s nl-kcr2 roster propose --revoke de-lanuv >proposal
exits 4 s nl-kcr2 roster propose --revoke nobody
signed_by three.key proposal >signed-3
must s be-nccn roster sign signed-3 --yes >signed-1
stop lu-hcpn
must s lu-hcpn roster import signed-1
start lu-hcpn
nodes=(be-nccn nl-kcr2 lu-hcpn)
everywhere 6
for node in "${nodes[@]}"; do
    expect "what counts of de-lanuv, at $node" 0:3 "$(must s "$node" roster show --json |
        jq -r '.nodes[] | select(.name == "de-lanuv").revoked | "\(.epoch):\(.seq)"')"
    await "de-lanuv to be put out by $node" gives revoked peer "$node" de-lanuv .state
done
exits 4 s be-nccn roster propose --revoke de-lanuv
has 'revoked already' <<<"$said" || fail "it is not said that it is revoked: $said"
must s be-nccn roster propose --revoke de-lanuv --last 0:2 --json >moved
expect "what moving it changes" "node de-lanuv stays revoked: its entries count up to epoch 0, number 2" \
    "$(jq -r '.changes[]' moved)"
stop de-lanuv

# The founder's key was stolen: the two others replace it, and it signs nothing any more.
founder=$(must s be-nccn roster show --json | jq -r '.authorities[0].words')
must s be-nccn roster propose --replace-authority "$founder=four.public" --title be-nccn@nl='Nationaal Crisiscentrum' >proposal
signed_by two.key proposal >signed-2
must sitrep roster sign --roster in-force --authority three.key --yes - <signed-2 >signed
must s nl-kcr2 roster import signed
everywhere 7
exits 4 s be-nccn roster propose --remove-authority "${two:0:8}" --set-threshold 2
has 'so it stands already' <<<"$said" || fail "2 stays 2, and that is not said: $said"
must s be-nccn roster propose --name 'Taken over' >proposal
exits 4 s be-nccn roster sign proposal --yes
signed_by four.key proposal >signed-4
exits 4 s be-nccn roster import signed-4
expect "versions after that" "7 7 7" "$(versions)"
expect "versions told, and the last one's changes" "7 true" "$(must s be-nccn roster history --json |
    jq -rs '"\(length) \(.[-1].changes | any(test("Nationaal Crisiscentrum")))"')"

must s be-nccn publish report "with the new authorities" >/dev/null
converge be-nccn nl-kcr2 lu-hcpn
clean be-nccn nl-kcr2 lu-hcpn
ok
