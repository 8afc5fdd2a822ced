#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Exercises beside the real world: what is of one space is never in another, whatever starts, ends, restarts or is
# thrown away.
. "$(dirname "$0")/lib.sh"

# x NODE COMMAND...: in the exercise.
x() {
    local node=$1
    shift
    s "$node" --space spring "$@"
}

space_names() {
    x "$1" log --json | jq -r .name | sort
}

space_count() {
    x "$1" status --json | jq -r .entries
}

# shown NODE NAME FILTER: of jq, on what NODE shows of an entry of the exercise.
shown() {
    x "$1" show "$2" --json | jq -r "$3"
}

# rekeyed NODE: holds the real world's newest key of all, from which the exercise's follows.
rekeyed() {
    s "$1" group show all --json | jq -e '.reading == "held" and (.keys | map(.current and .held == "yes") == [true])'
}

held() {
    s "$1" exercise list --json | jq -r '.exercises[].name' | tr '\n' ' '
}

found one
join two one
join three one
start one two three
must s one publish report "a real one" >/dev/null
must s two publish report "another real one" >/dev/null
converge one two three

# Nobody has to be asked, and nothing is there before it is made.
exits 4 x one log
[[ $said == *"no exercise 'spring'"*"there is none here"* ]] || fail "without an exercise: $said"
exits 2 s one --space Spring log
exits 2 s one --space spring roster show
[[ $said == *"one for the real world and all exercises"* ]] || fail "a roster of an exercise: $said"
exits 4 s one exercise create real
exits 0 s one exercise create spring
exits 4 s one exercise create spring
await "two to hear of an exercise" eval 's two exercise list --json | jq -e ".unknown[] | select(.peer == \"one\")"'
exits 0 s two exercise create spring
expect "what two knows nothing of" 0 "$(s two exercise list --json | jq '.unknown | length')"

# Entries of both spaces at once, under the same names, and one that is written before anybody else is there.
must x one publish report "drill one" >/dev/null
must x two publish report "drill two" >/dev/null
must s one publish report "real again" >/dev/null
lines 1 300 "of the drill" | must x two publish --lines - >/dev/null
await "the exercise at one" gives 302 space_count one
await "the exercise at two" gives 302 space_count two
converge one two three
expect "entries in the real world" 3 "$(status three .entries)"
expect "entries of the drill in the real log" 0 "$(s one log --json | grep -c drill)"
expect "real entries in the drill" 0 "$(x one log --json | grep -c real)"
expect "whose space is said" spring "$(x one log --json | jq -r .space | sort -u)"
expect "the real world's" null "$(s one log --json | jq -r .space | sort -u)"
x two log | grep -v '^EXERCISE spring' | has . && fail "a line does not say that it is an exercise: $(x two log | head -n 3)"
exits 0 x one show one/1
[[ $said == *"drill one"*  ]] || fail "one/1 of the exercise: $said"
[[ $said == *"EXERCISE spring"* ]] || fail "an entry does not say that it is an exercise: $said"
exits 0 s one show one/1
[[ $said == *"a real one"* && $said != *EXERCISE* ]] || fail "one/1 of the real world: $said"

# Who does not take part counts what it hears and keeps none of it.
expect "spaces at three" "" "$(held three)"
ls "$work/three/exercise" 2>/dev/null && fail "three keeps something of an exercise"
expect "what three refused of others" 0 "$(status three '[.refused[]] | add')"

# A restart, and a killed node.
stop two
slay one
start one two
expect "exercises after a restart" "spring " "$(held two)"
converge one two three
must x one publish report "after the restart" >/dev/null
await "the exercise at two after a restart" gives 303 space_count two
must s two publish report "real after the restart" >/dev/null
converge one two three
expect "epochs in the exercise" 0 "$(x one log --json | jq .epoch | sort -u)"
clean one two
x two fsck >/dev/null 2>&1 || fail "the exercise's records are damaged"

# A guard of its own: the exercise's store put back from a copy, and the real one as it was.
stop one
cp -a "$work/one/exercise/spring" "$work/copy"
start one
must x one publish report "forgotten" >/dev/null
await "the entry at two" gives 304 space_count two
stop one
rm -r "$work/one/exercise/spring"
cp -a "$work/copy" "$work/one/exercise/spring"
chmod 700 "$work/one/exercise/spring"
start one
await "what one forgot" gives 304 space_count one
has own-log-suspicious <"$work/one.log" || fail "the guard of the exercise noticed nothing"
expect "the suspicions of one" 1 "$(grep -c own-log-suspicious "$work/one.log")"
must x one publish report "no fork" >/dev/null
await "the entry after it" gives 305 space_count two
expect "forks" "0 0" "$(x two status --json | jq .forks) $(status two .forks)"

# A group, what is written for it and what is released are the exercise's alone.
exits 0 s three exercise create spring
await "the exercise at three" gives 305 space_count three
must x one group create drillers --centre two >/dev/null
sealed=$(must x one publish --group drillers report "for the drillers")
await "two to read it" gives "for the drillers drillers" shown two "$sealed" '"\(.text) \(.group)"'
await "three to hold it sealed" gives "true drillers closed" shown three "$sealed" '"\(.sealed) \(.group) \(.key)"'
for node in one two three; do
    exits 4 s "$node" group show drillers
done
exits 4 s one publish --group drillers report "in the wrong world"
[[ $said == *"no group 'drillers' here"* ]] || fail "an exercise's group in the real world: $said"
exits 4 x three release "$sealed" --to all
exits 0 x two release "$sealed" --to all --yes
await "three to read what is released" gives "for the drillers two" shown three "$sealed" '"\(.text) \(.released.node)"'

# A new key of all in the real world is a new one in the exercise, which goes on as it did.
exits 4 x one group rekey all
before=$(space_count two)
must s one group rekey all >/dev/null
for node in one two three; do
    await "the new key at $node" rekeyed "$node"
done
first=$(must x one publish report "under the new key")
second=$(must x two publish report "so do I")
grouped=$(must x two publish --group drillers report "and the group")
for node in one two three; do
    await "$node to read on" gives "under the new key" shown "$node" "$first" .text
    await "$node to read the answer" gives "so do I" shown "$node" "$second" .text
    expect "what $node read before" "drill one" "$(shown "$node" one/1 .text)"
done
await "one to read what is for the group" gives "and the group" shown one "$grouped" .text
await "the exercise at two to go on" gives $((before + 3)) space_count two
must s two publish report "real under the new key" >/dev/null
converge one two three
stop two
start two
expect "what two reads after a restart" "under the new key so do I for the drillers" \
    "$(shown two "$first" .text) $(shown two "$second" .text) $(shown two "$sealed" .text)"
expect "entries of the drill in the real log" 0 "$(s one log --json | grep -c drill)"

# The end is the end wherever it is known; the real world goes on.
exits 0 s two exercise end spring
last=$(x two log --json | jq -rs 'map(select(.kind == "exercise-end"))[0].name')
await "the end at one" eval 's one exercise list --json | jq -e ".exercises[0].ended.by == \"$last\""'
exits 4 x one publish report "too late"
[[ $said == *"the exercise 'spring' has ended"* ]] || fail "publishing after the end: $said"
exits 4 s one exercise end spring
must s one publish report "the real world goes on" >/dev/null
converge one two three
stop one
start one
exits 4 x one publish report "too late again"
[[ $said == *"the exercise 'spring' has ended"* ]] || fail "publishing after the end and a restart: $said"
expect "entries after the end" "$(space_names two)" "$(space_names one)"

ended_with=$(space_count one)

# Purged is gone, here alone, and for good.
exits 4 s one exercise purge sprung </dev/null
[[ $said == *sprung* && $said != *delete* ]] || fail "the purge of what is not there: $said"
exits 4 s one exercise create spring
[[ $said == *"has ended"* ]] || fail "beginning what has ended: $said"
exits 4 s one exercise purge spring </dev/null
exits 0 s one exercise purge spring --yes
expect "exercises after the purge" "" "$(held one)"
[ -e "$work/one/exercise/spring" ] && fail "the purge left something behind"
exits 4 x one log
exits 4 s one exercise create spring
[[ $said == *"agree on another name"* ]] || fail "the name after the purge: $said"
expect "what two holds still" "$ended_with" "$(space_count two)"
stop one
start one
exits 4 s one exercise create spring
exits 0 s one exercise create autumn
converge one two three

# As many as there may be, and no more.
for name in b c d e f g h; do
    exits 0 s one exercise create "$name"
done
exits 4 s one exercise create i
[[ $said == *"at most 8 exercises"* ]] || fail "a ninth exercise: $said"
must s one --space h publish report "in the last one" >/dev/null
expect "the last one's" "in the last one" "$(s one --space h log --json | jq -r .text)"
expect "the first one's" "" "$(s one --space b log --json | jq -r .text)"
ok "with nine spaces $(status one .memory_bytes | awk '{ printf "%d MiB", $1 / 1048576 }') of memory"
