#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Groups and releases as people at three centres use them: found, write for, read, be told why not, release, add, remove.
. "$(dirname "$0")/lib.sh"

# entry NODE NAME FILTER: of jq, on what NODE shows of an entry.
entry() {
    s "$1" show "$2" --json | jq -r "$3"
}
# told PATTERN...: each is in what the last `exits` saw.
told() {
    local pattern
    for pattern in "$@"; do
        has "$pattern" <<<"$said" || fail "'$pattern' is not told: $said"
    done
}
reading() {
    s "$1" group show "$2" --json | jq -r .reading
}

found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
start be-nccn nl-kcr2 lu-hcpn
converge be-nccn nl-kcr2 lu-hcpn
exits 0 s be-nccn group list
told '^all +key held +every centre, 3 now' 'group create NAME'

# -- founded, and written for --
exits 0 s be-nccn group create police --centre nl-kcr2
told '^be-nccn/2$' 'police is founded, with be-nccn, nl-kcr2'
expect "what is published for it" be-nccn/3 "$(must s be-nccn publish --group police report --field handling=RED 'Two suspects')"
await "nl-kcr2 to read it" gives "Two suspects police" entry nl-kcr2 be-nccn/3 '"\(.text) \(.group)"'
await "lu-hcpn to have it" gives "true police closed null" entry lu-hcpn be-nccn/3 '"\(.sealed) \(.group) \(.key) \(.text)"'
must s nl-kcr2 log | has 'be-nccn/3 +report \[police\] +Two suspects$' || fail "the log does not name the group"
must s lu-hcpn log | has 'be-nccn/3 +\(sealed for police\)$' || fail "the log does not say for whom it is sealed"
must s lu-hcpn log | has 'be-nccn/1 .*police: founds it with be-nccn, nl-kcr2, owned by be-nccn' || fail "no founding is told"
exits 0 s lu-hcpn show be-nccn/3
told 'for +police' 'not for this node: whoever can read it may release it'
expect "nl-kcr2 writes for it" nl-kcr2/1 "$(must s nl-kcr2 publish --lines <(echo '{"kind":"report","text":"seen here","group":"police"}'))"
await "be-nccn to read it" gives "seen here" entry be-nccn nl-kcr2/1 .text
must s be-nccn import cap --group police "$here/fixtures/cap/nl-smoke-circle.xml" >/dev/null
expect "the alert's group" police "$(entry be-nccn be-nccn/4 .group)"

# -- refused, with the reason --
exits 4 s lu-hcpn publish --group police report x
told 'no member of police, which has be-nccn, nl-kcr2'
exits 4 s lu-hcpn publish --group fire report x
told "no group 'fire' here; there are: all, police"
exits 4 s nl-kcr2 group add police lu-hcpn
told 'only an owner may change police: be-nccn$'
exits 4 s be-nccn group add police nowhere
told "no centre 'nowhere' in the roster; there are: be-nccn, nl-kcr2, lu-hcpn"
exits 4 s be-nccn group add police nl-kcr2
told 'nl-kcr2 is a member of police already'
exits 4 s be-nccn group remove all nl-kcr2
told "every centre of the federation is in 'all'"
exits 4 s be-nccn publish release x
told 'sitrep release'
exits 2 s be-nccn group create police
exits 2 s be-nccn group show 'no such/../name?'

# -- released --
exits 4 s lu-hcpn release be-nccn/3 --to all
told 'releases nothing it cannot read'
exits 4 setsid -w "$BUILD/sitrep" --home "$work/nl-kcr2" release be-nccn/3 --to all # nobody to ask
told 'marked RED by be-nccn' 'give --yes once its author has agreed'
exits 0 s nl-kcr2 release be-nccn/3 --to all --yes
told 'be-nccn/3 is open to all now. Who could not read it before: lu-hcpn'
await "lu-hcpn to read it" gives "Two suspects nl-kcr2 nl-kcr2/2 be-nccn" \
    entry lu-hcpn be-nccn/3 '"\(.text) \(.released.node) \(.released.entry) \(.node)"'
must s lu-hcpn log | has 'be-nccn/3 .*Two suspects  \(released by nl-kcr2\)$' || fail "the log does not say who released it"
exits 0 s lu-hcpn show be-nccn/3
told 'by +be-nccn$' 'released +by nl-kcr2, .* as nl-kcr2/2' 'Two suspects'
exits 4 s nl-kcr2 release be-nccn/3 --to all --yes
told 'released to all already|can read .* already'
exits 4 s nl-kcr2 release nl-kcr2/2 --to police
told 'is a release itself'

# -- a member comes, and one goes --
must s be-nccn group add police lu-hcpn >/dev/null 2>&1
await "lu-hcpn to hold its key" gives held reading lu-hcpn police
expect "what was before stays closed" "true closed" "$(entry lu-hcpn nl-kcr2/1 '"\(.sealed) \(.key)"')"
exits 0 s be-nccn group remove police nl-kcr2
told 'no member of police any more'
name=$(must s be-nccn publish --group police report 'without nl-kcr2')
await "lu-hcpn to read what comes after" gives "without nl-kcr2" entry lu-hcpn "$name" .text
await "nl-kcr2 to have it sealed" gives "true police closed" entry nl-kcr2 "$name" '"\(.sealed) \(.group) \(.key)"'
expect "nl-kcr2 still reads what it read" 'seen here' "$(entry nl-kcr2 nl-kcr2/1 .text)"
exits 0 s nl-kcr2 group show police
told 'this node +belongs to no member' 'removes nl-kcr2, with a new key' 'adds lu-hcpn, with a new key'
converge be-nccn nl-kcr2 lu-hcpn
for node in be-nccn nl-kcr2 lu-hcpn; do
    expect "the group at $node" '["be-nccn","lu-hcpn"] ["be-nccn"]' \
        "$(must s "$node" group show police --json | jq -r '"\(.members) \(.owners)"')"
done
must s be-nccn keys | has '^ +of police$' || fail "the keys do not name their group"
clean be-nccn nl-kcr2 lu-hcpn
ok
