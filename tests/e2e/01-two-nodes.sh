#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Two nodes from nothing: found, request, admit, join, publish, log, show, status; every exit code.
. "$(dirname "$0")/lib.sh"

# -- joining --
found be-nccn
port=$(free_port)
s nl-kcr2 join request --centre nl-kcr2 --title KCR2 --endpoint "tcp://127.0.0.1:$port" --no-passphrase \
    >"$work/request" 2>"$work/asked" || fail "no request: $(cat "$work/asked")"
words=$(sed -n '2s/^ *//p' "$work/asked")
expect "number of words to compare" 6 "$(wc -w <<<"$words")"
sed 's/^M/N/' "$work/request" | sed '3s/./-/5' >"$work/spoilt"
exits 4 s be-nccn admit "$work/spoilt" --yes
must s be-nccn admit "$work/request" --yes --json >"$work/admitted" 2>/dev/null
expect "words the authority sees" "$words" "$(jq -r .words "$work/admitted")"
jq -r .invitation "$work/admitted" >"$work/invitation"
exits 4 s be-nccn join "$work/invitation" # it is for another
must s nl-kcr2 join "$work/invitation" >/dev/null
configure nl-kcr2
exits 3 s be-nccn status
exits 3 s be-nccn publish report nobody-runs
start be-nccn nl-kcr2

# -- publishing --
expect "the first name" be-nccn/1 "$(must s be-nccn publish report --precedence flash "hello, world")"
expect "the second name" be-nccn/2 "$(must s be-nccn publish decision --field body='policy cell' --field area=Brussel --field 'level:=3' \
    --field 'list:=["é",{"a":null}]' -- '-' <<<"Schools close.")"
expect "text from standard input" be-nccn/3 "$(printf 'two\nlines' | must s be-nccn publish report --precedence priority -)"
expect "a name of the other" nl-kcr2/1 "$(must s nl-kcr2 publish ack --field of=be-nccn/1 --field as=seen --json | jq -r .name)"
converge be-nccn nl-kcr2
expect "names" "be-nccn/1 be-nccn/2 be-nccn/3 nl-kcr2/1" "$(names nl-kcr2 | xargs)"
expect "the same at both" "$(texts be-nccn)" "$(texts nl-kcr2)"

# -- log and its filters --
log() {
    must s nl-kcr2 log --json "$@" | jq -r .name | xargs
}
expect "by kind" "be-nccn/2" "$(log --kind decision)"
expect "by centre" "nl-kcr2/1" "$(log --centre nl-kcr2)"
expect "by centre and kind" "be-nccn/1 be-nccn/3" "$(log --centre be-nccn --kind report)"
expect "no such kind" "" "$(log --kind weather)"
expect "no more than asked for" 1 "$(log --centre be-nccn --limit 1 | wc -w)"
third=$(s nl-kcr2 show be-nccn/3 --json | jq -r .arrived)
wanted=$(s nl-kcr2 log --json | jq -r --arg t "$third" 'select(.arrived >= $t) | .name' | xargs)
expect "since an arrival" "$wanted" "$(log --since "$third")"
expect "since an hour ago" 4 "$(log --since 1h | wc -w)"
expect "lines for people" 4 "$(must s be-nccn log | wc -l)"
s nl-kcr2 log --follow --json >"$work/followed" 2>/dev/null &
others+=($!)
await "four entries to be followed" gives 4 grep -c . "$work/followed"
must s be-nccn publish report "while you watch" >/dev/null
await "an entry that is followed" gives "while you watch" jq -rs 'last.text' "$work/followed"

# -- show --
expect "an entry as it was published" '["be-nccn/2","decision","routine","Brussel",3,"é",true,0,2]' "$(must s nl-kcr2 show \
    be-nccn/2 --json | jq -c '[.name,.kind,.precedence,.fields.area,.fields.level,.fields.list[0],.verified,.epoch,.seq]')"
expect "precedence and text" '["flash","hello, world"]' "$(s nl-kcr2 show be-nccn/1 --json | jq -c '[.precedence,.text]')"
must s be-nccn show be-nccn/1 | has 'signature *its own, verified' || fail "show does not tell of the signature"
# What was not seen live comes in a run, under the signature of its last.
must s nl-kcr2 show be-nccn/1 | has 'signature *(its own|covered by that of a later entry), verified' ||
    fail "show does not tell of the signature at the other"
must s be-nccn show be-nccn/1 --cose >"$work/cose"
expect "a COSE_Sign1's beginning" 8443a101 "$(od -An -tx1 -N4 "$work/cose" | tr -d ' ')"

# -- status, peers, fsck --
expect "status" '["be-nccn","be-nccn","benelux","real",5,0,2,"nl-kcr2"]' "$(must s be-nccn status --json |
    jq -c '[.node,.centre,.federation,.space,.entries,.ahead,.roster_version,.peers[0].node]')"
converge be-nccn nl-kcr2
expect "the same fingerprint" "$(status be-nccn .fingerprint)" "$(status nl-kcr2 .fingerprint)"
expect "no fork, no refusal" '[0,0]' "$(status be-nccn '[.forks, ([.refused[]] | add)] | tojson')"
expect "what a peer says" '["converged",true,0,0,true]' "$(peer nl-kcr2 be-nccn \
    '[.state,.converged,.missing_here,.missing_there,(.last_entry_verified != null)] | tojson')"
must s nl-kcr2 peers >/dev/null
must s nl-kcr2 status >/dev/null
clean be-nccn nl-kcr2
expect "fsck as JSON" '[5,[],true]' "$(must s be-nccn fsck --json | tail -n 1 | jq -c '[.checked,.damaged,.ok]')"

# -- what is wrong, and what is refused --
exits 2 s be-nccn
exits 2 s be-nccn no-such-command
exits 2 s be-nccn publish
exits 2 s be-nccn publish report # nothing to say
exits 2 s be-nccn publish report one two
exits 2 s be-nccn publish report --precedence urgent text
exits 2 s be-nccn log --since yesterday-ish
exits 4 s be-nccn publish 'Not A Kind' text
exits 4 s be-nccn show be-nccn/99
exits 4 s be-nccn show nobody/1
exits 4 s be-nccn link cut nobody
exits 4 s be-nccn link cut be-nccn
exits 4 s be-nccn log --kind 'Not A Kind'
exits 1 s elsewhere join "$work/invitation"
exits 1 s be-nccn found benelux --centre be-nccn --title again --endpoint tcp://127.0.0.1:1 --no-passphrase
expect "nothing of it was published" 5 "$(status be-nccn .entries)"

# -- again after a restart --
before=$(texts be-nccn)
stop be-nccn nl-kcr2
start be-nccn nl-kcr2
expect "the same after a restart" "$before" "$(texts be-nccn)"
expect "the log goes on" be-nccn/5 "$(must s be-nccn publish report "after a restart")"
converge be-nccn nl-kcr2
clean be-nccn nl-kcr2
ok
