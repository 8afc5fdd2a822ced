#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A node changes its transport key while entries are written: by three roster versions, each of which one of the others
# hears of late, and from that node alone. Nobody is locked out on the way, and in the end nobody lets the old key in.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
start be-nccn nl-kcr2 lu-hcpn
converge be-nccn nl-kcr2 lu-hcpn

# -- the new key --
own_transport() {
    must s lu-hcpn keys --json | jq -r '.own[] | select(.kind == "transport").fingerprint'
}
cp lu-hcpn/keys/node.key before.key
before=$(own_transport)
s lu-hcpn keys rotate >request 2>told || fail "no request: $(cat told)"
has 'Restart the node' <told || fail "not told what to do: $(cat told)"
after=$(own_transport | tail -n 1)
expect "keys held" "2 $before" "$(own_transport | wc -l) $(own_transport | head -n 1)"
s lu-hcpn keys rotate >again 2>told || fail "no request: $(cat told)"
has 'made before' <told || fail "a second key was made: $(cat told)"
expect "the key asked for again" "$after" "$(own_transport | tail -n 1)"
exits 4 s nl-kcr2 roster propose --rotate before.key
stop lu-hcpn
start lu-hcpn
converge be-nccn nl-kcr2 lu-hcpn

# -- three versions --
known_to() { # the transport keys of lu-hcpn in a node's roster
    must s "$1" keys --all --json |
        jq -r '.others[] | select(.node == "lu-hcpn" and .kind == "transport").fingerprint' | xargs
}
step() { # VERSION REQUEST KEYS...
    local version=$1 file=$2
    shift 2
    must s be-nccn roster propose --rotate "$file" >proposal
    must s be-nccn roster sign proposal --yes >signed
    must s nl-kcr2 link cut be-nccn
    must s nl-kcr2 link cut lu-hcpn
    must s be-nccn roster import signed
    await "version $version at lu-hcpn" gives "$version" status lu-hcpn .roster_version
    must s lu-hcpn publish report "under version $version" >/dev/null
    await "lu-hcpn and be-nccn to be connected" gives converged peer be-nccn lu-hcpn .state
    must s nl-kcr2 link heal lu-hcpn
    await "version $version at nl-kcr2" gives "$version" status nl-kcr2 .roster_version
    must s nl-kcr2 publish report "heard of version $version" >/dev/null
    await "lu-hcpn and nl-kcr2 to be connected" gives converged peer nl-kcr2 lu-hcpn .state
    must s nl-kcr2 link heal be-nccn
    expect "the keys in version $version" "$*" "$(known_to nl-kcr2)"
}
step 4 request "$before" "$after"
step 5 again "$after" "$before" # one request is as good as the other
has 'transport-key-changed' <lu-hcpn.log || fail "lu-hcpn does not go over to the new key"
step 6 request "$after"
exits 4 s be-nccn roster propose --rotate request
converge be-nccn nl-kcr2 lu-hcpn

# -- with the old key alone nobody is let in --
stop lu-hcpn
cp before.key lu-hcpn/keys/node.key
turned_away() { # by be-nccn
    status be-nccn '.transport | .denied + .handshakes_failed'
}
more_turned_away() {
    local now
    now=$(turned_away) && echo "$now" && [ "$now" -gt "$count" ]
}
count=$(turned_away)
start lu-hcpn
has 'transport-key-missing' <lu-hcpn.log || fail "lu-hcpn does not say what it lacks"
must s lu-hcpn status | has '^trouble +the roster names a newer transport key .* restart the node' || fail "status does not say what to do"
await "be-nccn to turn the old key away" more_turned_away
expect "who is connected" false "$(peer be-nccn lu-hcpn .connected)"
clean be-nccn nl-kcr2
ok
