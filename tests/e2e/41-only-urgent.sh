#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A link over which only some entries are fetched, by precedence or group: these come, the others when they are wanted.
. "$(dirname "$0")/lib.sh"

cd "$work" || fail "no folder"
found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
converge be-nccn nl-kcr2

shown() { # NODE NAME
    s "$1" log --json | jq -r --arg name "$2" 'select(.name == $name) | .text'
}
exits 4 s nl-kcr2 link be-nccn --precedence urgent
exits 4 s nl-kcr2 link be-nccn --groups nobody
must s nl-kcr2 link be-nccn --precedence immediate | has 'only immediate and flash entries' || fail "it does not say what is fetched"
exits 4 s nl-kcr2 link be-nccn --live on

held=$(status nl-kcr2 .entries)
must s be-nccn publish --lines <(lines 1 300 "routine") >/dev/null
flash=$(must s be-nccn publish report --precedence flash "the dyke gives way")
must s be-nccn publish --lines <(lines 301 600 "routine") >/dev/null
await "the flash entry at nl-kcr2" gives "the dyke gives way" shown nl-kcr2 "$flash"
s nl-kcr2 peers | has 'only immediate and flash entries' || fail "'sitrep peers' does not say what is fetched"
# What nl-kcr2 writes goes the other way as ever.
answer=$(must s nl-kcr2 publish report "understood")
await "the answer at be-nccn" gives "understood" shown be-nccn "$answer"
stop nl-kcr2
start nl-kcr2
second=$(must s be-nccn publish report --precedence flash "it holds again")
await "the second flash entry at nl-kcr2" gives "it holds again" shown nl-kcr2 "$second"
expect "entries without a gap at nl-kcr2" "$((held + 1))" "$(status nl-kcr2 .entries)"
expect "entries ahead of gaps at nl-kcr2" 2 "$(status nl-kcr2 .ahead)"

# Of a group, and whatever its precedence.
must s be-nccn group create flood --centre nl-kcr2 >/dev/null
must s nl-kcr2 link be-nccn --precedence routine >/dev/null
converge be-nccn nl-kcr2
must s nl-kcr2 link be-nccn --groups flood | has 'for flood' || fail "it does not say for which group"
held=$(status nl-kcr2 .entries)
grouped=$(must s be-nccn publish report --group flood "water at the lock")
must s be-nccn publish report "for everybody" >/dev/null
await "the group's entry at nl-kcr2" gives "water at the lock" shown nl-kcr2 "$grouped"
must s nl-kcr2 link be-nccn --profile none
converge be-nccn nl-kcr2
expect "entries in the end" "$((held + 2))" "$(status nl-kcr2 .entries)"
clean be-nccn nl-kcr2
ok
