#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A node's home is put back from a copy. With a peer reachable the log heals and goes on without a fork; alone, it goes
# on in the next epoch; and when both meet again, everything is there.
. "$(dirname "$0")/lib.sh"

# back_up NODE, restore NODE: the whole home, as file copies.
back_up() {
    rm -rf "$work/copy" && cp -a "$work/$1" "$work/copy"
}
restore() {
    rm -rf "${work:?}/$1" && cp -a "$work/copy" "$work/$1"
    rm -f "$work/$1/api.sock"
}

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
must s be-nccn publish --lines <(lines 1 30) >/dev/null
converge be-nccn nl-kcr2

# -- restored with a peer reachable: after a stop, after a kill, and over the old files --
written=30
for way in stop slay; do
    stop be-nccn
    back_up be-nccn
    start be-nccn
    must s be-nccn publish --lines <(lines $((written + 1)) 20) >/dev/null
    written=$((written + 20))
    converge be-nccn nl-kcr2
    before=$(texts nl-kcr2)
    "$way" be-nccn
    restore be-nccn
    start be-nccn
    written=$((written + 1))
    expect "the next name after a restore ($way)" "be-nccn/$written" "$(must s be-nccn publish report "line $written")"
    converge be-nccn nl-kcr2
    expect "what came back ($way)" "" "$(comm -23 <(echo "$before") <(texts be-nccn))"
    expect "entries, forks, epoch ($way)" "[$written,0,0]" "$(status be-nccn '[.entries,.forks,.own.epoch] | tojson')"
    expect "forks at the peer ($way)" 0 "$(status nl-kcr2 .forks)"
done

# -- only the store put back, the guard left as it was --
stop be-nccn
back_up be-nccn
start be-nccn
must s be-nccn publish --lines <(lines 1000 10) >/dev/null
written=$((written + 10))
converge be-nccn nl-kcr2
stop be-nccn
cp "$work/copy/store/real/data.mdb" "$work/be-nccn/store/real/data.mdb"
start be-nccn
written=$((written + 1))
expect "the next name after the store came back" "be-nccn/$written" "$(must s be-nccn publish report "line $written")"
converge be-nccn nl-kcr2
expect "forks" "0 0" "$(status be-nccn .forks) $(status nl-kcr2 .forks)"

# -- a copy made while the node was running and writing --
feed be-nccn
await "entries while the copy is made" has_acked be-nccn 200
back_up be-nccn
await "entries after the copy" has_acked be-nccn $(($(acked be-nccn) + 400))
unfed be-nccn
converge be-nccn nl-kcr2
slay be-nccn
restore be-nccn
start be-nccn
converge be-nccn nl-kcr2
kept be-nccn be-nccn nl-kcr2
written=$(($(status be-nccn .own.head) + 1))
expect "the next name after a copy of the running node" "be-nccn/$written" "$(must s be-nccn publish report "line $written")"
converge be-nccn nl-kcr2
clean be-nccn
expect "forks, epoch" '[0,0]' "$(status be-nccn '[.forks,.own.epoch] | tojson')"

# -- restored, and alone --
stop be-nccn
back_up be-nccn
start be-nccn
must s be-nccn publish --lines <(lines 2000 5) >/dev/null
converge be-nccn nl-kcr2
before=$(texts nl-kcr2)
stop be-nccn nl-kcr2
restore be-nccn
start be-nccn
published() {
    s be-nccn publish report "alone, line $1"
}
expect "the first name in the next epoch" "be-nccn.1/1" "$(must published 1)"
expect "the second name in the next epoch" "be-nccn.1/2" "$(must published 2)"
stop be-nccn
start be-nccn # no restore: the same epoch
expect "the third name in the next epoch" "be-nccn.1/3" "$(must published 3)"
start nl-kcr2
converge be-nccn nl-kcr2
expect "what came back" "" "$(comm -23 <(echo "$before") <(texts be-nccn))"
expect "forks" "0 0" "$(status be-nccn .forks) $(status nl-kcr2 .forks)"
expect "entries at both" "$((written + 5 + 3)) $((written + 5 + 3))" "$(status be-nccn .entries) $(status nl-kcr2 .entries)"
expect "the log goes on in its epoch" "be-nccn.1/4" "$(must published 4)"
converge be-nccn nl-kcr2
clean be-nccn nl-kcr2
ok
