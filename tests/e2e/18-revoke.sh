#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A node is revoked under load, up to the middle of what one of the others holds of it and past the end of what the
# other holds: all that count it agree, whatever each keeps in quarantine, also after a kill and with a newcomer; and the
# revoked one, when it hears of it, stops.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
start be-nccn nl-kcr2 lu-hcpn
must s lu-hcpn publish --lines <(lines 1 60) >/dev/null
converge be-nccn nl-kcr2 lu-hcpn

# by AUTHOR NODE [LOG OPTION...]: how many entries of an author a node lists.
by() {
    local author=$1 node=$2
    shift 2
    s "$node" log --json "$@" | jq -r .node | grep -cx "$author"
}
more_than() { # NUMBER COMMAND...
    local least=$1 got
    shift
    got=$("$@") && echo "$got" && [ "$got" -gt "$least" ]
}

# nl-kcr2 hears nobody while be-nccn goes on hearing of lu-hcpn.
must s nl-kcr2 link cut be-nccn 2>/dev/null
must s nl-kcr2 link cut lu-hcpn 2>/dev/null
feed lu-hcpn
feed be-nccn
await "be-nccn to hold more of lu-hcpn" more_than 700 by lu-hcpn be-nccn
point=333 # amid entries that came as one run
must s be-nccn roster propose --revoke lu-hcpn --last 0:$point >proposal
must s be-nccn roster sign proposal --yes >signed
must s be-nccn roster import signed
await "the new roster at be-nccn" gives 4 status be-nccn .roster_version
await "lu-hcpn to be put out" gives "revoked false" peer be-nccn lu-hcpn '"\(.state) \(.connected)"'
must s be-nccn status | has '^peers +1, ' || fail "the revoked one is counted among the peers"
expect "what counts of lu-hcpn at be-nccn" $point "$(by lu-hcpn be-nccn)"
kept_apart=$(status be-nccn .quarantined)
[ "$kept_apart" -ge 300 ] || fail "be-nccn has $kept_apart entries in quarantine"
expect "nl-kcr2 knows nothing yet" "3 0" "$(status nl-kcr2 '"\(.roster_version) \(.quarantined)"')"

# Healed, also towards the revoked one, which goes on writing.
await "lu-hcpn to write on" more_than "$((point + kept_apart))" status lu-hcpn .own.head
must s nl-kcr2 link heal be-nccn 2>/dev/null
await "the new roster at nl-kcr2" gives 4 status nl-kcr2 .roster_version
must s nl-kcr2 link heal lu-hcpn 2>/dev/null
unfed be-nccn
converge be-nccn nl-kcr2
expect "what counts of lu-hcpn at nl-kcr2" $point "$(by lu-hcpn nl-kcr2)"

# A revocation brings a new key, and the key comes after the entries that were written with it.
reads_all() {
    [ -z "$(s "$1" log --json | jq -r 'select(.sealed) | .name')" ]
}
# agree NODE...: the same list at all, nothing beyond in it, and status counts what it lists.
agree() {
    local node
    for node in "$@"; do
        await "$node to have the new key of all members" reads_all "$node"
        texts "$node" >"listed.$node"
        cmp -s "listed.$1" "listed.$node" || fail "the lists of $1 and $node differ: $(diff "listed.$1" "listed.$node" | head -n 3)"
        expect "entries at $node" "$(wc -l <"listed.$node")" "$(status "$node" .entries)"
        expect "listed apart at $node" "$(status "$node" .quarantined)" "$(s "$node" log --quarantined --json | wc -l)"
        expect "whose those are, at $node" "$(status "$node" .quarantined)" "$(by lu-hcpn "$node" --quarantined)"
        expect "the last of lu-hcpn at $node" $point "$(s "$node" log --json | jq -r 'select(.node == "lu-hcpn").seq' |
            sort -n | tail -n 1)"
    done
}
agree be-nccn nl-kcr2
kept be-nccn be-nccn nl-kcr2
expect "what be-nccn has in quarantine" "$kept_apart" "$(status be-nccn .quarantined)"
beyond=$(status nl-kcr2 .quarantined)
[ "$beyond" -lt 32 ] || fail "nl-kcr2 has fetched $beyond entries beyond the revocation"
expect "the first in quarantine" lu-hcpn/$((point + 1)) "$(s be-nccn log --quarantined --limit 1 --json | jq -r .name)"
must s be-nccn log --quarantined | has '\(quarantined\)$' || fail "the list does not say what it lists"
must s be-nccn show lu-hcpn/$((point + 1)) >shown
has 'quarantined +lu-hcpn was revoked before this: it counts nowhere' <shown || fail "not said of one: $(cat shown)"
must s be-nccn show lu-hcpn/$point >shown
has quarantined <shown && fail "said of one that counts: $(cat shown)"
must s be-nccn status | has "^quarantined +$kept_apart beyond" || fail "status does not say it"

# A newcomer gets what counts, from whomever; a kill changes nothing.
join de-lanuv be-nccn
start de-lanuv
slay be-nccn
start be-nccn
stop nl-kcr2
start nl-kcr2
must s be-nccn publish report "after the revocation" >/dev/null
converge be-nccn nl-kcr2 de-lanuv
agree be-nccn nl-kcr2 de-lanuv
expect "what is in quarantine after that" "$kept_apart $beyond" "$(status be-nccn .quarantined) $(status nl-kcr2 .quarantined)"
clean be-nccn nl-kcr2 de-lanuv

# The revoked one has heard of nothing; told by a file, it stops.
unfed lu-hcpn
must s lu-hcpn roster import signed
await "the new roster at lu-hcpn" gives 4 status lu-hcpn .roster_version
exits 4 s lu-hcpn publish report "still here"
has 'this node was revoked' <<<"$said" || fail "it is not said why: $said"
expect "what lu-hcpn says of itself" "true true" "$(status lu-hcpn '"\(.own.revoked) \(.quarantined > 300)"')"
must s lu-hcpn status | has '^trouble +this node was revoked' || fail "status does not say it"
curl -s --unix-socket lu-hcpn/api.sock http://localhost/v1/metrics | has '^sitrep_own_revoked 1$' || fail "metrics do not say it"
expect "what counts of it, at itself" $point "$(by lu-hcpn lu-hcpn)"
must s be-nccn link heal lu-hcpn 2>/dev/null
for node in be-nccn nl-kcr2 de-lanuv; do
    expect "how $node stands with lu-hcpn" revoked "$(peer "$node" lu-hcpn .state)"
done
expect "no fork anywhere" "0 0 0" "$(for node in be-nccn nl-kcr2 de-lanuv; do status "$node" .forks; done | xargs)"
agree be-nccn nl-kcr2 de-lanuv
ok "$kept_apart in quarantine at one, $beyond at another"
