#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# One authority signs two versions that follow the same one. Nodes that get different ones end with the same: only what
# both allow holds, everybody is told, and a version that names both settles it.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
export SITREPD_REBUILDS=3 # what counts is how often a damaged store is rebuilt; a roster may come as often as it will
found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
join de-lanuv be-nccn
nodes=(be-nccn nl-kcr2 lu-hcpn)
start "${nodes[@]}" de-lanuv
converge "${nodes[@]}" de-lanuv

each() { # what JQ gives of `roster show --json` at every node
    local node
    for node in "${nodes[@]}"; do
        s "$node" roster show --json | jq -r "$1"
    done | xargs
}
everywhere() { # WHAT WANTED JQ
    await "$1" gives "$2 $2 $2" each "$3"
}
# A node that says it starts anew does so half a second later, and is not there for a moment.
is_up() { # NODE
    [ "$(grep -oE 'event=(restarting|own-log-ready)' "$1.log" | tail -n 1)" = event=own-log-ready ] && s "$1" status
}
settled_down() {
    local node
    for node in "${nodes[@]}"; do
        await "$node to be up" is_up "$node"
    done
}
counts_to='.nodes[] | select(.name == "de-lanuv").revoked | if . == null then "all" else "\(.epoch):\(.seq)" end'

# Three authorities, two of whom must sign. The second will sign what contradicts itself.
for key in two three; do
    must sitrep roster authority --out $key.key --no-passphrase >$key.public
done
must s be-nccn roster propose --add-authority two.public --add-authority three.public --set-threshold 2 >proposal
must s be-nccn roster sign proposal --yes >signed-1
must s be-nccn roster sign signed-1 --authority two.key --yes >signed
must s be-nccn roster import signed
everywhere "the version with three authorities" 5 .version
must s de-lanuv publish --lines <(lines 1 6) >/dev/null
converge "${nodes[@]}" de-lanuv

# One version revokes de-lanuv after its second entry; another, of the same number, after the fourth, and admits a node.
endpoint_of[fr-cogic]=127.0.0.1:$(free_port)
must s fr-cogic join request --centre fr-cogic --title COGIC --endpoint "tcp://${endpoint_of[fr-cogic]}" --no-passphrase >request
must s be-nccn roster propose --revoke de-lanuv --last 0:2 >proposal
must s be-nccn roster sign proposal --yes >signed-1
must s be-nccn roster sign signed-1 --authority two.key --yes >one
must s be-nccn roster propose --revoke de-lanuv --last 0:4 --add request --yes >proposal
must s be-nccn roster sign proposal --authority two.key --yes >signed-2
must s be-nccn roster sign signed-2 --authority three.key --yes >other
stop lu-hcpn
must s be-nccn roster import one
await "the one version at nl-kcr2" gives 0:2 bash -c "'$BUILD/sitrep' --home '$work/nl-kcr2' roster show --json | jq -r '$counts_to'"
must s lu-hcpn roster import other # it does not run, and knows no other
expect "what counts by the other version" 0:4 "$(s lu-hcpn roster show --json | jq -r "$counts_to")"
start lu-hcpn

# They meet: the lower point holds, nobody is admitted whom one of them does not have, and everybody is told.
everywhere "the fork" 2 '.rivals // [] | length'
expect "what counts" "0:2 0:2 0:2" "$(each "$counts_to")"
expect "the node that only one of them has" "0:0 0:0 0:0" \
    "$(each '.nodes[] | select(.name == "fr-cogic").revoked | "\(.epoch):\(.seq)"')"
two=$(must sitrep roster authority --out two.key --json | jq -r .words)
for node in "${nodes[@]}"; do
    expect "who signed both, at $node" "$two" "$(s "$node" roster show --json | jq -r '.signed_both[].words')"
    await "the warning at $node" gives roster_fork bash -c \
        "'$BUILD/sitrep' --home '$work/$node' status --json | jq -r '.warnings[] | select(.about == \"roster_fork\").about'"
    has 'roster-forked' <"$node.log" || fail "$node does not log it"
    s "$node" status | has 'contradict each other' || fail "$node does not say it in its status"
    s "$node" roster show | has 'FORKED' || fail "$node does not show it"
done
expect "the same at every node" 1 "$(for node in "${nodes[@]}"; do s "$node" roster show --json | jq -r .hash; done | sort -u | wc -l)"
expect "versions in the history, and those in force" "7 2" \
    "$(s be-nccn roster history --json | jq -rs '"\(length) \(map(select(.in_force)) | length)"')"
exits 4 s be-nccn roster import one
must s nl-kcr2 publish report "while it lasts" >/dev/null
converge "${nodes[@]}"

# It lasts over a start.
stop nl-kcr2
start nl-kcr2
everywhere "the fork after a start" 2 '.rivals // [] | length'

# What settles both needs enough of both.
must s be-nccn roster export >in-force
expect "rosters in the export" 2 "$(grep -c 'BEGIN SITREP ROSTER' in-force)"
must s be-nccn roster propose --revoke de-lanuv --last 0:3 >proposal
must sitrep roster show --roster in-force proposal --json >shown
has 'settles 2 rosters' < <(jq -r '.changes[]' shown) || fail "who signs is not told what it settles: $(cat shown)"
must sitrep roster sign --roster in-force --authority three.key --yes proposal >signed-3
exits 4 s lu-hcpn roster import signed-3
must s be-nccn roster sign signed-3 --yes >settled
must s lu-hcpn roster import settled
everywhere "the version that settles it" "7 0" '"\(.version) \(.rivals // [] | length)"'
expect "what counts in the end" "0:3 0:3 0:3" "$(each "$counts_to")"
expect "the node that one of them had" "null null null" "$(each '.nodes[] | select(.name == "fr-cogic").revoked')"
for node in "${nodes[@]}"; do
    await "the end of the warning at $node" gives "" bash -c \
        "'$BUILD/sitrep' --home '$work/$node' status --json | jq -r '.warnings[] | select(.about == \"roster_fork\").about'"
done
must s lu-hcpn publish report "settled" >/dev/null
converge "${nodes[@]}"

# Two versions give one place in the roster to different nodes: it is nobody's, and where it meant the other one before,
# the node starts anew. What settles it has both.
for name in at-bmi ch-nazek; do
    endpoint_of[$name]=127.0.0.1:$(free_port)
    must s $name join request --centre $name --title $name --endpoint "tcp://${endpoint_of[$name]}" --no-passphrase >request-$name
    must s be-nccn roster propose --add request-$name --yes >proposal
    must s be-nccn roster sign proposal --authority two.key --yes >signed-2
    must s be-nccn roster sign signed-2 --authority three.key --yes >with-$name
done
stop lu-hcpn
must s be-nccn roster import with-at-bmi
await "at-bmi at nl-kcr2" gives at-bmi bash -c "'$BUILD/sitrep' --home '$work/nl-kcr2' roster show --json | jq -r '.nodes[5].name'"
must s lu-hcpn roster import with-ch-nazek
start lu-hcpn
everywhere "the second fork" 2 '.rivals // [] | length'
restarts=$(cat -- *.log | grep -c 'event=restarting')
[ "$restarts" != 0 ] || fail "no node starts anew, though the place meant different nodes"
settled_down
expect "what holds of the place" "0:0 0:0 0:0" "$(each '.nodes[5].revoked | "\(.epoch):\(.seq)"')"
must s nl-kcr2 publish report "meanwhile" >/dev/null
converge "${nodes[@]}"
must s be-nccn roster propose >proposal
must s be-nccn roster sign proposal --yes >signed-1
must s be-nccn roster sign signed-1 --authority three.key --yes >settled
must s nl-kcr2 roster import settled
everywhere "the second settlement" "9 0" '"\(.version) \(.rivals // [] | length)"'
for name in at-bmi ch-nazek; do
    expect "$name in the end" "null null null" "$(each ".nodes[] | select(.name == \"$name\").revoked")"
done
settled_down
must s lu-hcpn publish report "settled again" >/dev/null
converge "${nodes[@]}"
clean "${nodes[@]}"
ok
