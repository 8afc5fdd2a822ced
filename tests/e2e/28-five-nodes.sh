#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Five nodes, two of three authorities, and entries all the time: one joins, one changes its key, one is put out of a
# group and later revoked, an entry goes from one group to another, an authority is replaced after a theft, and a group is
# changed on both sides of a cut. In the end all hold the same, and each reads what it may and nothing else.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
for node in nl-kcr2 lu-hcpn de-lanuv; do
    join "$node" be-nccn
done
nodes=(be-nccn nl-kcr2 lu-hcpn de-lanuv)
start "${nodes[@]}"
converge "${nodes[@]}"

# sign KEY FILE: by an authority without a node, which has the roster in force as a file.
sign() {
    must s be-nccn roster export >in-force
    must sitrep roster sign --roster in-force \
        --authority "$1" --yes "$2"
}
version=5
# in_force PROPOSAL: signed by the second and third authority, and everywhere.
in_force() {
    sign "${third:-three.key}" "$1" >signed-3
    sign two.key signed-3 >signed
    must s nl-kcr2 roster import signed
    version=$((version + 1))
    everywhere "$version"
}
# write NODE GROUP TEXT: prints the entry's name.
write() {
    must s "$1" publish report --group "$2" "$3"
}
text_of() { # NODE REF
    s "$1" show "$2" --json | jq -r '.text // empty'
}
reads() { # NODE REF TEXT
    await "$1 to read $2" gives "$3" text_of "$1" "$2"
}
# It is there, and sealed; and whose it is is told.
reads_not() { # NODE REF GROUP
    await "$2 at $1" s "$1" show "$2"
    expect "what $1 can read of $2" "" "$(text_of "$1" "$2")"
    s "$1" show "$2" | has "$3" || fail "$1 does not say whose $2 is: $(s "$1" show "$2")"
}

for key in two three four; do
    must sitrep roster authority --out "$key.key" --no-passphrase >"$key.public"
done
must s be-nccn roster propose --add-authority two.public --add-authority three.public --set-threshold 2 >proposal
must s be-nccn roster sign proposal --yes >signed-1
sign two.key signed-1 >signed-2
must s nl-kcr2 roster import signed-2
everywhere 5

# -- load, from here to the end --
feed be-nccn 20
feed nl-kcr2 20

# -- joining under load --
endpoint_of[fr-cod]=127.0.0.1:$(free_port)
must s fr-cod join request --centre fr-cod --title COD --endpoint "tcp://${endpoint_of[fr-cod]}" --no-passphrase >request
must s lu-hcpn roster propose --add request --yes >proposal
in_force proposal
must s be-nccn admit request --yes >invitation
must s fr-cod join invitation >/dev/null
configure fr-cod
start fr-cod
nodes+=(fr-cod)
everywhere "$version"

# -- a group, and a member put out of it, which keeps what it had --
must s be-nccn group create meuse --centre be-nccn --centre nl-kcr2 --centre de-lanuv --owner be-nccn --owner nl-kcr2 >/dev/null
for node in nl-kcr2 de-lanuv; do
    await "the group at $node" s "$node" group show meuse
done
before=$(write be-nccn meuse 'before the removal')
for node in be-nccn nl-kcr2 de-lanuv; do
    reads "$node" "$before" 'before the removal'
done
must s be-nccn group remove meuse de-lanuv >/dev/null
after=$(write be-nccn meuse 'after the removal')
for node in be-nccn nl-kcr2; do
    reads "$node" "$after" 'after the removal'
done
for node in de-lanuv lu-hcpn fr-cod; do
    reads_not "$node" "$after" meuse
done
reads de-lanuv "$before" 'before the removal' # what it had it keeps

# -- an entry of one group opened to another, and nothing beside it --
must s nl-kcr2 group create border --centre nl-kcr2 --centre lu-hcpn --centre fr-cod >/dev/null
await "the group at lu-hcpn" s lu-hcpn group show border
beside=$(write nl-kcr2 meuse 'beside the released one')
must s nl-kcr2 release "$after" --to border >/dev/null
for node in lu-hcpn fr-cod; do
    reads "$node" "$after" 'after the removal'
    expect "author and releaser at $node" "be-nccn nl-kcr2" \
        "$(must s "$node" show "$after" --json | jq -r '"\(.node) \(.released.node)"')"
    reads_not "$node" "$beside" meuse
done
reads be-nccn "$beside" 'beside the released one'
reads_not de-lanuv "$after" meuse

# -- a transport key changed under load --
s lu-hcpn keys rotate >rotation 2>told || fail "no request: $(cat told)"
stop lu-hcpn
start lu-hcpn
for _ in announced used dropped; do
    must s be-nccn roster propose --rotate rotation --yes >proposal
    in_force proposal
    ref=$(must s lu-hcpn publish report "under roster version $version")
    reads fr-cod "$ref" "under roster version $version"
done

# -- a node revoked under load: put out, quarantined, and every key it had replaced --
feed de-lanuv 20
await "de-lanuv to have written" has_acked de-lanuv 300
must s fr-cod roster propose --revoke de-lanuv --last 0:200 >proposal
sign three.key proposal >signed-3
sign two.key signed-3 >signed
begun=$(now_ms)
must s be-nccn roster import signed
await "be-nccn to put de-lanuv out" gives "revoked false" peer be-nccn de-lanuv '"\(.state) \(.connected)"'
took=$(($(now_ms) - begun))
version=$((version + 1))
nodes=(be-nccn nl-kcr2 lu-hcpn fr-cod)
everywhere "$version"
unfed de-lanuv
last_of() { # NODE AUTHOR
    s "$1" log --json | jq -r --arg author "$2" 'select(.node == $author).seq' | sort -n | tail -n 1
}
for node in "${nodes[@]}"; do
    await "what counts of de-lanuv at $node" gives 200 last_of "$node" de-lanuv
done

# -- an authority's key was stolen: the others replace it --
stolen=$(must s be-nccn roster show --json | jq -r --arg key "$(must sitrep \
    roster authority --out three.key --json | jq -r .fingerprint)" '.authorities[] | select(.fingerprint == $key).words')
must s be-nccn roster propose --replace-authority "$stolen=four.public" >proposal
must s be-nccn roster sign proposal --yes >signed-1
sign two.key signed-1 >signed
must s lu-hcpn roster import signed
version=$((version + 1))
everywhere "$version"
must s be-nccn roster propose --add-authority three.public --set-threshold 3 >proposal
exits 4 sitrep roster sign --roster in-force --authority three.key --yes proposal
third=four.key

# -- a group changed on both sides of a cut --
# Who was revoked had the key of all members: on either side the new one is needed to say anything.
writes_all() {
    s "$1" group show all --json | jq -e '.reading == "held"'
}
for node in be-nccn lu-hcpn nl-kcr2 fr-cod; do
    await "the new key of all members at $node" writes_all "$node"
done
for node in be-nccn lu-hcpn; do
    for other in nl-kcr2 fr-cod; do
        must s "$node" link cut "$other" 2>/dev/null
        must s "$other" link cut "$node" 2>/dev/null
    done
done
must s be-nccn group add meuse lu-hcpn >/dev/null
must s nl-kcr2 group add meuse fr-cod >/dev/null
one_side=$(write be-nccn meuse 'on one side')
other_side=$(write nl-kcr2 meuse 'on the other')
for node in be-nccn lu-hcpn; do
    for other in nl-kcr2 fr-cod; do
        must s "$node" link heal "$other" 2>/dev/null
        must s "$other" link heal "$node" 2>/dev/null
    done
done
members() {
    s "$1" group show meuse --json | jq -r '.members | sort | join(" ")'
}
for node in "${nodes[@]}"; do
    await "the members at $node" gives "be-nccn fr-cod lu-hcpn nl-kcr2" members "$node"
done
refs=()
for node in "${nodes[@]}"; do
    await "$node to write for the group" s "$node" publish report --group meuse "now $node can"
    refs+=("$(write "$node" meuse "healed, from $node")")
done
for node in "${nodes[@]}"; do
    for i in "${!nodes[@]}"; do
        reads "$node" "${refs[i]}" "healed, from ${nodes[i]}"
    done
done

# -- in the end --
unfed be-nccn
unfed nl-kcr2
converge "${nodes[@]}"
kept be-nccn "${nodes[@]}"
kept nl-kcr2 "${nodes[@]}"
clean "${nodes[@]}"
reads_not lu-hcpn "$beside" meuse

# The revoked one, put out of the group before: what it holds, however it came there, opens nothing that came after.
stop de-lanuv
start de-lanuv
for ref in "$after" "$beside"; do
    reads_not de-lanuv "$ref" meuse
done
for ref in "$one_side" "$other_side" "${refs[@]}"; do
    expect "what de-lanuv can read of $ref" "" "$(text_of de-lanuv "$ref" 2>/dev/null)"
done
expect "forks" "0 0 0 0" "$(for node in "${nodes[@]}"; do status "$node" .forks; done | xargs)"
ok "$(status be-nccn .entries) entries; the revoked one was put out in $took ms"
