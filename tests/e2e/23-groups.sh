#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Groups on four nodes in a line, so that keys pass through nodes that may not have them: a group is founded, a member is
# removed and keeps its store, owners change it on both sides of a cut, a node is revoked, and a newcomer arrives.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
for node in nl-kcr2 de-lanuv lu-hcpn; do
    join "$node" be-nccn
done

# part A B, meet A B: the link between them.
part() { exits 0 s "$1" link cut "$2"; }
meet() { exits 0 s "$1" link heal "$2"; }

# A node reads what was published with that text, or holds it sealed.
texts_of() { s "$1" log --json | jq -r 'select(.text != null).text' | sort; }
reads() { texts_of "$1" | has "^$2\$"; }
sealed_of() { s "$1" log --json | jq -r 'select(.sealed).group' | sort | uniq -c | xargs; }
# group NODE NAME FILTER: of jq.
group() { s "$1" group show "$2" --json | jq -r "$3"; }
members='.members | join(" ")'
current='.keys[] | select(.current).id'

# agree NAME NODE...: all name the same members, owners and current key, and each that is a member holds it.
agree() {
    local name=$1 node
    shift
    for node in "$@"; do
        s "$node" group show "$name" --json || return 1
    done | jq -rs 'map([.members, .owners, [.keys[] | select(.current).id]] | tojson) | unique |
        (., if length == 1 and (.[0] | fromjson[2] | length) == 1 then empty else error("not the same") end)' &&
        for node in "$@"; do
            s "$node" group show "$name" --json | jq -e 'if .member then .reading == "held" else true end' >/dev/null ||
                { echo "$node lacks the key" && return 1; }
        done
}

start be-nccn nl-kcr2 de-lanuv lu-hcpn
for node in be-nccn nl-kcr2 de-lanuv lu-hcpn; do
    await "the roster at $node" gives 4 status "$node" .roster_version
done
part be-nccn de-lanuv
part be-nccn lu-hcpn
part nl-kcr2 lu-hcpn

# be-nccn and the far end share a group; the nodes between are not, or not long, in it.
must s be-nccn group create flood --centre de-lanuv --centre lu-hcpn --owner be-nccn --owner lu-hcpn >/dev/null
must s be-nccn publish --group flood report "for the group" >/dev/null
await "lu-hcpn to read it" reads lu-hcpn "for the group"
await "de-lanuv to read it" reads de-lanuv "for the group"
await "nl-kcr2 to hold it" gives "1 flood" sealed_of nl-kcr2
expect "what nl-kcr2 can do with it" closed "$(group nl-kcr2 flood .reading)"
must s lu-hcpn publish --group flood report "and back" >/dev/null
await "be-nccn to read the answer" reads be-nccn "and back"
exits 4 s nl-kcr2 publish --group flood report "an outsider"

# A removed member keeps what it has, and relays what it cannot read any more.
must s be-nccn group remove flood de-lanuv >/dev/null
must s be-nccn publish --group flood report "after the removal" >/dev/null
await "lu-hcpn to read on" reads lu-hcpn "after the removal"
await "de-lanuv to hold it sealed" gives "1 flood" sealed_of de-lanuv
expect "what de-lanuv says of the group" closed "$(group de-lanuv flood .reading)"
reads de-lanuv "for the group" || fail "de-lanuv has lost what it could read"
slay de-lanuv
start de-lanuv
await "de-lanuv to be heard again" gives true peer lu-hcpn de-lanuv .connected
expect "what de-lanuv cannot read" "1 flood" "$(sealed_of de-lanuv)"

# Both sides of a cut change the group: each adds one, with a key that the other's new member may not have.
part nl-kcr2 de-lanuv
must s be-nccn group add flood nl-kcr2 >/dev/null
must s lu-hcpn group add flood de-lanuv >/dev/null
must s be-nccn publish --group flood report "on one side" >/dev/null
must s lu-hcpn publish --group flood report "on the other side" >/dev/null
await "nl-kcr2 to read its side" reads nl-kcr2 "on one side"
await "de-lanuv to read its side" reads de-lanuv "on the other side"
meet nl-kcr2 de-lanuv
await "the sides to agree" agree flood be-nccn nl-kcr2 de-lanuv lu-hcpn
expect "the members" "be-nccn nl-kcr2 de-lanuv lu-hcpn" "$(group lu-hcpn flood "$members")"
must s nl-kcr2 publish --group flood report "to all four" >/dev/null
for node in be-nccn de-lanuv lu-hcpn; do
    await "$node to read it" reads "$node" "to all four"
done
reads nl-kcr2 "after the removal" && fail "nl-kcr2 reads what was written before it was added"
reads de-lanuv "after the removal" && fail "de-lanuv reads what was written while it was out"

# Two owners bring a key at the same time; and one removes the other, who adds somebody meanwhile: removal wins.
part nl-kcr2 de-lanuv
must s be-nccn group rekey flood >/dev/null
must s lu-hcpn group rekey flood >/dev/null
meet nl-kcr2 de-lanuv
await "one of two keys" agree flood be-nccn nl-kcr2 de-lanuv lu-hcpn
part nl-kcr2 de-lanuv
must s be-nccn group remove flood nl-kcr2 >/dev/null
must s be-nccn group add flood nl-kcr2 >/dev/null
must s lu-hcpn group remove flood be-nccn >/dev/null
meet nl-kcr2 de-lanuv
await "the removal to win" gives "de-lanuv lu-hcpn" group be-nccn flood "$members"
await "all to agree on it" agree flood be-nccn nl-kcr2 de-lanuv lu-hcpn
must s de-lanuv publish --group flood report "without both" >/dev/null
await "lu-hcpn to read that" reads lu-hcpn "without both"
await "be-nccn to hold that" gives closed group be-nccn flood .reading

# A node is revoked: the group of all members, and what it was in, get new keys by themselves.
meet be-nccn lu-hcpn
meet nl-kcr2 lu-hcpn
must s be-nccn roster propose --revoke de-lanuv >proposal
must s be-nccn roster sign proposal --yes >signed
must s be-nccn roster import signed
await "the roster at lu-hcpn" gives 5 status lu-hcpn .roster_version
await "a new key of all members" agree all be-nccn nl-kcr2 lu-hcpn
await "a new key of the group" agree flood be-nccn nl-kcr2 lu-hcpn
must s nl-kcr2 publish report "after the revocation" >/dev/null
must s lu-hcpn publish --group flood report "alone" >/dev/null
for node in be-nccn lu-hcpn; do
    await "$node to read what comes after" reads "$node" "after the revocation"
done
converge be-nccn nl-kcr2 lu-hcpn
reads de-lanuv "after the revocation" && fail "the revoked one reads on"

# A newcomer reads everything that was for all; restarts change nothing.
join fr-cogic be-nccn
start fr-cogic
converge be-nccn nl-kcr2 lu-hcpn fr-cogic
await "fr-cogic to read it all" reads fr-cogic "after the revocation"
expect "what fr-cogic cannot read" "$(s fr-cogic log --json | jq -r 'select(.sealed).group' | sort -u)" flood
was=$(group lu-hcpn flood "$current")
stop lu-hcpn nl-kcr2
start lu-hcpn nl-kcr2
expect "the key after a restart" "$was held" "$(group lu-hcpn flood "$current") $(group lu-hcpn flood .reading)"
must s fr-cogic publish report "the last one" >/dev/null
for node in be-nccn nl-kcr2 lu-hcpn; do
    await "$node to read the last one" reads "$node" "the last one"
done
clean be-nccn nl-kcr2 lu-hcpn fr-cogic
ok
