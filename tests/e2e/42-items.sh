#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What officers write of the same things: changed at both sides of a cut, seen side by side at both when it heals, settled by
# one; proposed by who may not change it; an offer taken step by step by its sides. Both nodes show the same all along.
. "$(dirname "$0")/lib.sh"

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
converge be-nccn nl-kcr2

# field NODE NAME JQ: of the item.
field() {
    s "$1" item show "$2" --json | jq -rc "$3"
}
heads() {
    field "$1" "$2" '[.heads[] | .name + " " + (.state // "-")] | join(", ")'
}
# As both show it, but for when it came.
picture() {
    s "$1" item list --json | jq -Sc 'del(.. | .arrived?, .arrival?, .ahead?)'
}
alike() {
    converge be-nccn nl-kcr2
    expect "the picture at nl-kcr2" "$(picture be-nccn)" "$(picture nl-kcr2)"
}
# change NODE STATE SUPERSEDES: of the measure.
change() {
    must s "$1" publish measure --field type=evacuate --field editors=nl-kcr2 --field item=be-nccn/2 --field state="$2" \
        --field supersedes="$3"
}

# -- what there is to say, with a node or without --
s nowhere kinds | has '^request ' || fail "the list of kinds has no request"
s nowhere kinds request | has 'quantity.*(needed)' || fail "people are not told what a request needs"
expect "all kinds, from the node" "$(s nowhere kinds --json | jq -Sc .)" \
    "$(curl -s --unix-socket "$work/be-nccn/api.sock" http://localhost/v1/kinds | jq -Sc .)"
exits 2 s nowhere kinds weather

# -- begun --
must s be-nccn publish incident --field name='High water Meuse' --field hazard=natural --field where=Eijsden >/dev/null
must s be-nccn publish measure --field type=evacuate --field editors=nl-kcr2 --field incident=be-nccn/1 >/dev/null
alike
s be-nccn item list | has 'High water Meuse' || fail "the list has no incident"
expect "items" "be-nccn/1 be-nccn/2" "$(s nl-kcr2 item list --json | jq -r .item | xargs)"
expect "measures" be-nccn/2 "$(s nl-kcr2 item list --kind measure --json | jq -r .item)"
s nl-kcr2 conflicts 2>&1 | has 'Nothing contradicts anything' || fail "a conflict of nothing"

# -- at both sides of a cut --
links cut be-nccn nl-kcr2
change be-nccn in-force be-nccn/2 >/dev/null
change nl-kcr2 lifted be-nccn/2 >/dev/null
expect "the head at be-nccn" "be-nccn/3 in-force" "$(heads be-nccn be-nccn/2)"
expect "the head at nl-kcr2" "nl-kcr2/1 lifted" "$(heads nl-kcr2 be-nccn/2)"
links heal be-nccn nl-kcr2
alike
expect "the heads" "be-nccn/3 in-force, nl-kcr2/1 lifted" "$(heads nl-kcr2 be-nccn/3)"
expect "what contradicts" be-nccn/2 "$(s be-nccn conflicts --json | jq -r .item)"
s nl-kcr2 conflicts | has 'CONFLICT.*2 versions hold' || fail "people are not told of the conflict"
exits 4 s nl-kcr2 settle be-nccn/2 --take be-nccn/2
expect "the settling" nl-kcr2/2 "$(must s nl-kcr2 settle be-nccn/2 --take nl-kcr2/1)"
alike
expect "the head once settled" "nl-kcr2/2 lifted" "$(heads be-nccn be-nccn/2)"
expect "conflicts once settled" "" "$(s be-nccn conflicts --json)"
s be-nccn item show be-nccn/2 | has 'replaced' || fail "people do not see what was replaced"

# -- by who may not --
must s be-nccn publish assessment "It will hold." >/dev/null
alike
s nl-kcr2 publish assessment --field item=be-nccn/4 --field supersedes=be-nccn/4 "It will not." 2>&1 | has 'is a proposal' ||
    fail "nobody is told that it is a proposal"
alike
expect "the head" "be-nccn/4 -" "$(heads be-nccn be-nccn/4)"
expect "the proposal" nl-kcr2/3 "$(field be-nccn be-nccn/4 '.proposals[].name')"
s be-nccn item list | has 'proposed:' || fail "people are not told of the proposal"

exits 4 s be-nccn publish measure --field type=evacuate --field item=be-nccn/2 --field supersedes=nl-kcr2/2 --field state=in-force
must s be-nccn settle be-nccn/4 --take nl-kcr2/3 >/dev/null
alike
expect "the head, once taken over" "be-nccn/5 -" "$(heads nl-kcr2 be-nccn/4)"
expect "its text" "It will not." "$(field nl-kcr2 be-nccn/4 '.heads[].text')"
expect "proposals" "" "$(field nl-kcr2 be-nccn/4 '.proposals[].name')"

# -- step by step --
# step NODE STATE FROM
step() {
    must s "$1" publish offer --field request=be-nccn/6 --field quantity=2 --field item=nl-kcr2/4 --field state="$2" \
        --field supersedes="$3"
}
must s be-nccn publish request --field capability='high-capacity pump' --field quantity=4 >/dev/null
alike
must s nl-kcr2 publish offer --field request=be-nccn/6 --field quantity=2 >/dev/null
alike
step nl-kcr2 accepted nl-kcr2/4 >/dev/null # not its own to take
alike
expect "what it may only propose" nl-kcr2/5 "$(field be-nccn nl-kcr2/4 '.proposals[].name')"
accepted=$(step be-nccn accepted nl-kcr2/4)
alike
committed=$(step nl-kcr2 committed "$accepted")
alike
expect "the offer" "$committed committed" "$(heads be-nccn nl-kcr2/4)"

# -- kept --
before=$(picture be-nccn)
stop be-nccn
start be-nccn
converge be-nccn nl-kcr2
expect "the picture after a start" "$before" "$(picture be-nccn)"
exits 4 s be-nccn item show be-nccn/99
exits 2 s be-nccn item show nonsense!
exits 4 s be-nccn item list --kind weather
exits 4 s be-nccn publish measure --field type=evacuate --field item=be-nccn/2
clean be-nccn nl-kcr2
ok
