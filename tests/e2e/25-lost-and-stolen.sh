#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Two of three authorities. A centre's machine is lost, and it gets a new node by one proposal, which keeps all that anybody
# still holds of the former; an authority's key is stolen, and the other two replace it.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
cp -r be-nccn thief # all of the founder's, when its key alone was enough
start be-nccn nl-kcr2 lu-hcpn

nodes=(be-nccn nl-kcr2 lu-hcpn)
for key in two three four; do
    must sitrep roster authority --out $key.key --no-passphrase >$key.public
done
must s be-nccn roster propose --add-authority two.public --add-authority three.public --set-threshold 2 >proposal
must s be-nccn roster sign proposal --yes >signed-1
must s be-nccn roster sign proposal --authority two.key --yes >signed-2
must s be-nccn roster import signed-1 signed-2
everywhere 4
converge "${nodes[@]}"

# -- a node is lost; nl-kcr2 alone holds the last it wrote --
must s lu-hcpn publish --lines <(lines 1 40) >/dev/null
converge "${nodes[@]}"
for other in nl-kcr2 lu-hcpn; do
    must s be-nccn link cut $other 2>/dev/null
done
await "be-nccn to be alone" gives "false false" status be-nccn '[.peers[].connected | tostring] | join(" ")'
must s lu-hcpn publish --lines <(lines 41 20) >/dev/null
converge nl-kcr2 lu-hcpn
slay lu-hcpn
rm -rf lu-hcpn
nodes=(be-nccn nl-kcr2)

s be-nccn roster propose --revoke lu-hcpn >proposal 2>told || fail "not proposed: $(cat told)"
has 'counts up to 0:40, the last entry of it that this node holds' <told || fail "it is not said how far it counts: $(cat told)"
has 'Not in touch with 1 other node now: nl-kcr2\.' <told || fail "it is not said who cannot be asked: $(cat told)"
must s be-nccn link heal nl-kcr2 2>/dev/null
converge be-nccn nl-kcr2

# -- its centre gets another, in the same version --
endpoint_of[lu-hcpn-2]=127.0.0.1:$(free_port)
must s lu-hcpn-2 join request --centre lu-hcpn --node lu-hcpn-2 --title HCPN --endpoint "tcp://${endpoint_of[lu-hcpn-2]}" \
    --no-passphrase >request
s be-nccn roster propose --add request --revoke lu-hcpn --yes >proposal 2>told || fail "not proposed: $(cat told)"
has 'counts up to 0:60' <told || fail "it is not said how far it counts: $(cat told)"
has 'Not in touch|they would not count' <told && fail "there is nothing to wait for: $(cat told)"
must s be-nccn roster sign proposal --yes >signed-1
exits 4 s be-nccn roster import signed-1
must sitrep roster sign --roster <(must s be-nccn roster export) --authority two.key --yes signed-1 >signed-2
must s nl-kcr2 roster import signed-2
everywhere 5
must s be-nccn admit request --yes >invitation
must s lu-hcpn-2 join invitation >/dev/null
configure lu-hcpn-2
start lu-hcpn-2
nodes=(be-nccn nl-kcr2 lu-hcpn-2)
must s lu-hcpn-2 publish report "here again" >/dev/null
converge "${nodes[@]}"
for node in "${nodes[@]}"; do
    expect "what counts of the lost node at $node" 60 "$(s "$node" log --json | jq -r .node | grep -cx lu-hcpn)"
    expect "in quarantine at $node" 0 "$(status "$node" .quarantined)"
    expect "whose entry is of which centre at $node" lu-hcpn "$(s "$node" show lu-hcpn-2/1 --json | jq -r .centre)"
done

# -- an authority's key is stolen: the thief is as quick as anybody, and alone --
words=$(must sitrep roster authority --out two.key --json | jq -r .words)
must s nl-kcr2 roster propose --name "the thief's" >thief-before
must s nl-kcr2 roster sign thief-before --authority two.key --yes >thief-before-signed
must s be-nccn roster propose --replace-authority "$words=four.public" >proposal
must s be-nccn roster sign proposal --yes >signed-1
must s be-nccn roster sign proposal --authority three.key --yes >signed-3
exits 4 s be-nccn roster import thief-before-signed
must s be-nccn roster import signed-1 signed-3
everywhere 6

# What it signed before follows nothing that is in force, whoever signs it as well; what it signs now is no signature.
exits 4 s be-nccn roster sign thief-before-signed --yes
has 'is version 6, and version 6 is in force' <<<"$said" || fail "it is not said why: $said"
must s be-nccn roster propose --name "Benelux and the thief" >proposal
exits 4 s be-nccn roster sign proposal --authority two.key --yes
has 'this key is an authority neither of version 6 nor of the proposed one' <<<"$said" || fail "it is not said why: $said"
must s be-nccn roster sign proposal --authority four.key --yes >signed-4

# The thief has a program of its own: its genuine signature, beside the one there is.
unarmoured() {
    sed -e '/^-----/d' -e '/^=/d' "$1" | base64 -d | xxd -p | tr -d '\n'
}
bytes=$(unarmoured signed-4) # 82 | 59 LENGTH DOCUMENT | 81 | 82 5820 KEY 5840 SIGNATURE
document=${bytes:2:$((6 + 2 * 16#${bytes:4:4}))}
there=${bytes:$((2 + ${#document} + 2))}
expect "the form of a proposal" "82 81 825820" "${bytes:0:2} ${bytes:$((2 + ${#document})):2} ${there:0:6}"
# forge KEY: into KEY.bytes, the signed roster with the signature of that key.
forge() {
    local own both
    printf '302e020100300506032b657004220420%s' "$(tail -c 32 "$1.key" | xxd -p -c 64)" | xxd -r -p >"$1.der"
    # The Sig_structure of PROTOCOL 2.1.
    printf '846a%s43a101274f%s%s' "$(printf Signature1 | xxd -p)" "$(printf sitrep/roster/1 | xxd -p)" "$document" |
        xxd -r -p >to-sign
    openssl pkeyutl -sign -rawin -inkey "$1.der" -keyform DER -in to-sign -out "$1.signature" || fail "openssl signs nothing"
    own="825820$(unarmoured "$1.public")5840$(xxd -p "$1.signature" | tr -d '\n')"
    both=$(printf '%s\n' "$own" "$there" | sort | tr -d '\n')
    printf '82%s82%s' "$document" "$both" | xxd -r -p >"$1.bytes"
}
answer_to() { # KEY NODE
    curl -s -o answer -w '%{http_code}' --unix-socket "$work/$2/api.sock" -H 'Content-Type: application/octet-stream' \
        --data-binary "@$1.bytes" http://localhost/v1/roster
}
forge two
forge three
for node in "${nodes[@]}"; do
    expect "$node's answer to the thief" 403 "$(answer_to two "$node")"
done
expect "the version after all that" "6 6 6" "$(for node in "${nodes[@]}"; do status "$node" .roster_version; done | xargs)"

# The same version is taken from one of those who are left, made by the same program.
expect "the answer to an authority" 200 "$(answer_to three lu-hcpn-2)"
everywhere 7

# With the founder's key alone, which was enough once, nobody goes back behind what others have signed since.
must s thief roster propose --name 'Mine again' >proposal
must s thief roster sign proposal --yes >mine
for node in "${nodes[@]}"; do
    exits 4 s "$node" roster import mine
done
for node in be-nccn nl-kcr2; do # who joined later cannot know what it goes back behind, and takes it even less
    s "$node" status | has '^trouble +a roster was refused that goes back behind a change' || fail "$node does not tell of it: $(s "$node" status)"
    expect "what $node warns of" roster_late "$(s "$node" status --json | jq -r '.warnings[].about' | grep roster_)"
done
expect "the version after all that" "7 7 7" "$(for node in "${nodes[@]}"; do status "$node" .roster_version; done | xargs)"
converge "${nodes[@]}"
clean "${nodes[@]}"
ok
