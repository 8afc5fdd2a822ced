#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A shift at two centres, with the commands that officers type: an incident, changed at both sides of a cut and settled; what
# is out of date refused; a request, offered for and followed to its end, each step by its side; advice, a communication
# test, measurements, a handover, and what was new since.
. "$(dirname "$0")/lib.sh"

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
converge be-nccn nl-kcr2

# say NODE COMMAND...: what it publishes is at both. The name of it is left in $name.
say() {
    name=$(must s "$@") || exit 1
    converge be-nccn nl-kcr2
}
# stands NODE REF JQ: of the one version that holds.
stands() {
    s "$1" item show "$2" --json | jq -rc "if (.heads | length) == 1 then .heads[0] | $3 else \"several\" end"
}
# told PATTERN: what `exits` left in $said has it.
told() {
    has "$1" <<<"$said" || fail "not told '$1', but: $said"
}

# -- what can be said, without a node --
s nowhere --help | has '^what is going on:$' || fail "the help has no headings"
exits 2 s nowhere ''
told "'' is not a command"
s nowhere incident | has 'incident close REF' || fail "the verbs of incidents are not listed"
s nowhere request new --help | has '--quantity NUMBER' || fail "the options of a request are not listed"
exits 2 s nowhere incident frobnicate
told "incident has no 'frobnicate'"
exits 2 s be-nccn request new --capability pump
told 'needs --quantity'
exits 4 s be-nccn request new --capability pump --quantity many
told '"quantity" must be a whole number'
exits 2 s be-nccn incident update flood 'Rising.'
told "'flood' is no entry's name: be-nccn/12 is one"
exits 0 s be-nccn log --kind raport
told "No kind 'raport' is known here"
told '^There is nothing to list'

# -- an incident, at both sides of a cut --
say be-nccn incident open --name 'High water Meuse' --hazard natural --where Eijsden --start now 'Rising.'
incident=$name
say nl-kcr2 incident update "$incident" --scale cross-border
exits 4 s be-nccn incident update nlkcr2/1 'Rising.'
told "there is no node 'nlkcr2' in the roster; there are: be-nccn, nl-kcr2"
exits 4 s be-nccn incident update "$incident" --lead brussels
told "there is no centre 'brussels' in the roster; there are: be-nccn, nl-kcr2"
exits 4 s be-nccn task new 'Close the lock.' --to 'be-nccn,'
told "a centre's code is empty; is there a comma too many"
exits 2 s be-nccn ack "$incident" foo
told "'foo' is no entry's name"
expect "what is kept" '["High water Meuse","natural","Eijsden","cross-border","Rising."]' \
    "$(stands be-nccn "$incident" '[.fields.name, .fields.hazard, .fields.where.name, .fields.scale, .text]')"
version=$name
say be-nccn incident update "$version" --lead nl-kcr2 --scale ''
expect "what is taken away, and set" '[null,"nl-kcr2"]' "$(stands nl-kcr2 "$incident" '[.fields.scale, .fields.lead]')"
exits 4 s nl-kcr2 incident update "$version" 'Falling.'
told "$version is replaced: $name holds now, which be-nccn wrote"
exits 4 s be-nccn incident merge "$incident" "$incident"
told "$incident cannot name itself"
exits 4 s be-nccn measurement series "$incident"
told "is of kind incident, not station"
s be-nccn report drafts 2>&1 | has 'There is no draft' || fail "nobody is told that there is no draft"
say be-nccn task new --to nl-kcr2,be-nccn --discipline D1 --deadline 2095-03-01T12:00:00Z 'Check the culverts.'
TZ=UTC s be-nccn task list | has '^ +to be-nccn, nl-kcr2; discipline D1;$' &&
    TZ=UTC s be-nccn task list | has '^ +deadline 2095-03-01 12:00:00 UTC$' ||
    fail "a list does not say whom a task is for, and until when: $(s be-nccn task list)"
TZ=UTC s be-nccn show "$name" | has '^deadline +2095-03-01 12:00:00 UTC$' || fail "a moment is not shown in local time"
# Many at one node at once go on from each other.
for i in {1..8}; do
    s be-nccn incident update "$incident" "Gauge $i." >"$work/at-once.$i" 2>&1 &
    changing[i]=$!
done
for i in {1..8}; do
    wait "${changing[i]}" || fail "a change beside others: $(cat "$work/at-once.$i")"
done
expect "versions that hold of what many changed at once" 1 "$(s be-nccn item show "$incident" --json | jq '.heads | length')"
exits 4 s nl-kcr2 request close "$incident"
told "is of kind incident, not request"
exits 4 s nl-kcr2 incident reopen "$incident"
told 'changes nothing'

links cut be-nccn nl-kcr2
must s be-nccn incident update "$incident" 'Evacuating.' >/dev/null
must s nl-kcr2 incident close "$incident" 'Falling.' >/dev/null
s nl-kcr2 incident list 2>&1 | has '1 more is over' || fail "nobody is told what is hidden"
expect "a list of what is open" '{"over":1,"more":0}' "$(s nl-kcr2 incident list --json | tail -n 1)"
expect "a list of all" "$incident" "$(s nl-kcr2 incident list --all --json | jq -r .item)"
links heal be-nccn nl-kcr2
converge be-nccn nl-kcr2
exits 4 s be-nccn incident update "$incident" 'Which?'
told "2 versions of it hold: .*settle $incident --take"
s nl-kcr2 incident list | has 'CONFLICT' || fail "what contradicts itself is hidden"
takes=$(s be-nccn item show "$incident" --json | jq -r '.heads[] | select(.state == "open").name')
say be-nccn settle "$incident" --take "$takes"
expect "what was settled" '["open","Evacuating."]' "$(stands nl-kcr2 "$incident" '[.state, .text]')"

# -- a request, and an offer for it --
say be-nccn request new --capability pump --quantity 4 --incident "$incident" --deadline +6h --precedence immediate
request=$name
say nl-kcr2 offer new --request "$request" --quantity 2 --arrival +3h
offer=$name
exits 4 s nl-kcr2 offer depart "$offer"
told 'it is offered, from where no step leads to en-route, but to accepted, declined, withdrawn'
s nl-kcr2 offer accept "$offer" 2>&1 | has 'is a proposal' || fail "nobody is told that accepting is not theirs"
converge be-nccn nl-kcr2
say be-nccn offer accept "$offer"
for step in commit depart arrive release; do
    say nl-kcr2 offer "$step" "$offer"
done
s be-nccn request show "$request" | has "^  released +.* nl-kcr2/[0-9]+ .* offer" || fail "the offer is not shown with the request"
expect "the offer" '["released",2]' "$(stands be-nccn "$offer" '[.state, .fields.quantity]')"
say be-nccn request close "$request" 'All is pumped out.'
expect "the request" '["closed",4,"immediate","All is pumped out."]' \
    "$(stands nl-kcr2 "$request" '[.state, .fields.quantity, .precedence, .text]')"
say be-nccn request reopen "$request"
expect "open requests" "$request" "$(s nl-kcr2 request list --incident "$incident" --json | jq -r .item)"
say be-nccn request cancel "$request"

# -- what has states of its own --
say be-nccn incident open --name 'High water Maas'
other=$name
say nl-kcr2 incident merge "$other" "$incident" "It is one flood."
expect "merged" "[\"merged\",\"$incident\",\"It is one flood.\"]" \
    "$(stands be-nccn "$other" '[.state, .fields.merged_into, .text]')"
say be-nccn incident reopen "$other"
expect "open again" '["open",null]' "$(stands nl-kcr2 "$other" '[.state, .fields.merged_into]')"
say be-nccn advice new --to nl-kcr2 --deadline 18:00 'Close the locks.'
exits 2 s nl-kcr2 advice follow "$name"
told 'needs REF REASON'
advice=$name
say nl-kcr2 advice follow "$advice" 'They are closed.'
expect "the advice" '["followed","They are closed.","Close the locks."]' \
    "$(stands be-nccn "$advice" '[.state, .fields.reason, .text]')"
say be-nccn measure plan --type evacuate --state in-force --editors nl-kcr2
say nl-kcr2 measure lift "$name"
say be-nccn phase declare --authority 'Governor of Liège' --scheme be --level provincial --teams CP-OPS --teams 'CC, crisis'
phase=$name
say nl-kcr2 phase change "$phase" --level federal
expect "the phase" '["changed","federal",["CP-OPS","CC, crisis"]]' \
    "$(stands be-nccn "$phase" '[.state, .fields.level, .fields.teams]')"
say be-nccn line draft --messages 'nl=Blijf binnen.' --messages 'fr=Restez chez vous.'
say be-nccn line approve "$name"
expect "the line" "Restez chez vous." "$(stands nl-kcr2 "$name" .fields.messages.fr)"
say be-nccn line draft --messages 'nl=Ga.' --messages 'fr=Partez.'
exits 0 s be-nccn line update "$name" --messages 'fr=Sortez.'
told '"messages": what it said in nl is left out now'
exits 0 s be-nccn line update "$name" --messages 'fr=Partez.' --messages 'nl=Ga.'
has 'left out' <<<"$said" && fail "nothing is left out: $said"
say be-nccn report new --no-edit --type situation --number 3 --report-version update --set sections:='[{"title":"Water","text":"3.4 m"}]'
expect "the report" '[3,"update","3.4 m"]' "$(stands nl-kcr2 "$name" '[.fields.number, .fields.version, .fields.sections[0].text]')"
s nl-kcr2 log | has "$name  report  situation, 3, update, 3.4 m" || fail "nobody sees what a report says: $(s nl-kcr2 log)"
s nl-kcr2 line list | has 'nl: Blijf binnen' || fail "a list of lines does not say them"
exits 4 s be-nccn report new --no-edit --type situation
told 'says nothing'
say nl-kcr2 translate "$name" --into fr 'Eau: 3,4 m'
expect "the translation" '["fr","human"]' "$(stands be-nccn "$name" '[.fields.into, .fields.method]')"
say be-nccn resource set --type pump-group --total 6 --available 4
s nl-kcr2 resource list | has 'pump-group, total 6, available 4' || fail "the resources are not listed"

# -- a report, drafted in an editor --
# editor COMMANDS: of sed, instead of a person.
editor() {
    printf '#!/bin/sh\nexec sed -i -f "$0.sed" "$1"\n' >"$work/editor"
    printf '%s\n' "$1" >"$work/editor.sed"
    chmod +x "$work/editor"
}
export VISUAL="$work/editor"
editor 's/^= Beeld$/&\n3,6 m, stijgend.\n\nWind ZW./; s/^# period-to: .*/period-to: 2026-03-01T12:00Z/; /^= Gevolgen/i = Straten\ncites: '"$incident"'\nA25 dicht.\n'
s be-nccn report new --type situation --lang nl --incident "$incident" --precedence priority 2>"$work/said" ||
    fail "no draft: $(cat "$work/said")"
has 'report send situation-4' <"$work/said" || fail "nobody is told how to send it: $(cat "$work/said")"
expect "the draft, and its folder" "600 700" "$(stat -c %a "$work/be-nccn/drafts/situation-4" "$work/be-nccn/drafts" | xargs)"
expect "what is drafted" situation-4 "$(s be-nccn report drafts --json | jq -r .draft)"
expect "what is not sent" "" "$(s be-nccn log --json | jq -r 'select(.fields.number == 4).name')"
say be-nccn report send situation-4
expect "the report" "[\"priority\",\"update\",\"$incident\",\"nl\"]" \
    "$(stands nl-kcr2 "$name" '[.precedence, .fields.version, .fields.incident, .fields.lang]')"
expect "its sections" '["Water: 3.4 m","Beeld: 3,6 m, stijgend.\n\nWind ZW.","Straten: A25 dicht."]' \
    "$(stands nl-kcr2 "$name" '[.fields.sections[] | .title + ": " + .text]')"
expect "what a section builds on" "[\"$incident\"]" "$(stands nl-kcr2 "$name" '.fields.sections[2].cites')"
expect "no draft is left" "" "$(s be-nccn report drafts)"
exits 4 s be-nccn report send situation-4
editor 's/^type: .*/&\nnonsense/'
exits 4 s be-nccn report new --type situation --lang fr
told 'situation-5, line [0-9]+: must be NAME: VALUE'
has '^period-from: 2026-03-01T12:00:00.000Z$' <"$work/be-nccn/drafts/situation-5" || fail "it does not go on from the last"
has 'cites: '"$incident" <"$work/be-nccn/drafts/situation-5" || fail "what the last one built on is lost"
exits 4 s be-nccn report send situation-5
editor '/^nonsense/d; s/^number: .*/number: many/'
must s be-nccn report edit situation-5
exits 4 s be-nccn report send situation-5
told '"number" must be a whole number'
editor 's/^number: .*/number: 5/'
must s be-nccn report edit situation-5
must s be-nccn exercise create drill >/dev/null 2>&1
exits 4 s be-nccn --space drill report send situation-5
expect "drafts of an exercise" "" "$(s be-nccn --space drill report drafts 2>/dev/null)"
say be-nccn report send situation-5
must s be-nccn report new --type casualties
exits 4 s be-nccn report send casualties-1
told 'casualties-1 says nothing yet'
must s be-nccn report discard casualties-1
exits 4 s be-nccn report edit ../node.conf
VISUAL=false exits 1 s be-nccn report new --type summary
expect "what the editor left" summary-1 "$(s be-nccn report drafts | sed 's/ .*//')"

# -- measured, in the order of when it was so --
say be-nccn station new --name 'Meuse at Eijsden' --quantity water-level
station=$name
say nl-kcr2 measurement add --station "$station" --quantity water-level --value 3.4 --unit m --observed 2026-03-01T12:00Z
say be-nccn measurement add --station "$station" --quantity water-level --value 3.15 --unit m --observed 2026-03-01T11:00Z
say be-nccn station update "$station" --where 'Eijsden, weir'
expect "the series" "3.15 m 3.4 m" "$(s nl-kcr2 measurement series "$name" | sed 's/.*water-level  //; s/  .*//' | xargs)"

# -- whom to call: one for each function of a centre, and each group --
say nl-kcr2 contact set --function 'duty officer' --phone 5
say be-nccn contact set --function 'duty officer' --name Day --phone 1 --phone 2
contact=$name
say be-nccn contact set --function 'Duty officer' --name Night
expect "whom to call" '["Night",null,1]' "$(stands nl-kcr2 "$contact" '[.fields.name, .fields.phone, (.fields.supersedes | length)]')"
must s be-nccn group create police --centre be-nccn --centre nl-kcr2 >/dev/null 2>&1
converge be-nccn nl-kcr2
say be-nccn contact set --function 'duty officer' --name Secret --group police
expect "contacts" 3 "$(s be-nccn contact list --json | jq -r .item | wc -l)"
exits 2 s be-nccn contact set --name Nobody
told 'needs --function'

# -- a communication test --
say be-nccn comtest call --deadline +15m 'Weekly test.'
comtest=$name
expect "the table before" "be-nccn false nl-kcr2 false" \
    "$(s be-nccn comtest table "$comtest" --json | jq -r '.centres[] | .centre, .answered' | xargs)"
say nl-kcr2 comtest answer "$comtest"
s be-nccn comtest table "$comtest" 2>/dev/null | has "^nl-kcr2 +answered .*, here .* $name\$" || fail "no answer in the table"
s be-nccn comtest table "$comtest" 2>&1 | has '^1 of 2 answered' || fail "the answers are not counted"
say be-nccn comtest close "$comtest"
must s be-nccn group create desk --centre be-nccn >/dev/null 2>&1
converge be-nccn nl-kcr2
say be-nccn comtest call --deadline +15m --group desk
within=$name
expect "who can read a test, and so is called" be-nccn "$(s be-nccn comtest table "$within" --json | jq -r '.centres[].centre')"
expect "news that cannot be read" "[null,true,\"desk\"]" \
    "$(s nl-kcr2 new --since "$comtest" --json | jq -c --arg name "$within" '.items[] | .item as $item | .entries[] | select(.name == $name) | [$item, .sealed, .group]')"
exits 4 s be-nccn comtest table "$incident"

# -- a handover, and what is new since --
exits 4 s be-nccn handover show
s be-nccn new 2>&1 | has 'has not handed over yet' || fail "nobody is told why it is the last hours"
say be-nccn handover take --from 'day shift' --to 'night shift' --points 'Pumps.' --points 'Roads.'
s be-nccn handover show | has 'night shift' || fail "the handover is not shown"
s be-nccn handover show | has '^taken_at +20[0-9][0-9]-' || fail "when it was taken is not shown"
s be-nccn handover show | has '^- Roads' || fail "the points that are open are not shown"
s be-nccn handover show | has "^20[0-9-]+ .* (be-nccn|nl-kcr2)/[0-9]+ .*(incident|request|phase|measure)" || fail "what was open is not shown"
s be-nccn handover show | has '^complete +up to an entry of each of 2 nodes' || fail "up to where all was held is not shown"
handover=$name
expect "up to where all was held" "be-nccn nl-kcr2" \
    "$(s be-nccn handover show --json | jq -r '.fields.complete[] | split("/")[0]' | xargs)"
for open in $(s be-nccn picture --json | jq -r '(.incidents, .requests, .phases, .measures)[].heads[].name'); do
    s nl-kcr2 show "$handover" --json | jq -r '.fields.open[]' | has "^$open\$" || fail "$open is open, and the handover does not say so"
done
exits 4 s nl-kcr2 handover show
told 'this centre has not handed over yet'
expect "nothing new" "[]" "$(s be-nccn new --json | jq -c .items)"
s be-nccn new 2>&1 | has "handed over .$handover.:" || fail "nobody is told since when"
say nl-kcr2 journal 'Governor called.'
journal=$name
say nl-kcr2 incident update "$incident" 'Falling now.'
expect "what is new" "[\"$journal\"] [\"$name\"]" "$(s be-nccn new --json | jq -rc '.items[] | [.entries[].name]' | xargs -d '\n')"
expect "what it is about" "$incident" "$(s be-nccn new --json | jq -r '.items[] | select(.item).item')"
expect "new since an entry" "$name" "$(s be-nccn new --since "$journal" --json | jq -r '.items[].entries[].name')"
s be-nccn new --since 1h | has "^$incident  incident" || fail "what is new is not grouped"
expect "the items first" "$incident besides" "$(s be-nccn new 2>/dev/null | grep -o '^[^ ]\+' | xargs)"
printf 'Two lines,\nfrom a pipe.\n' | must s be-nccn journal - >/dev/null
expect "from a pipe" "Two lines,|from a pipe." "$(s be-nccn journal list --json | jq -r .text | tail -n 2 | xargs -d '\n' | sed 's/, /,|/')"

# Much comes in parts, and each says how to go on.
for i in {1..510}; do
    echo "{\"kind\":\"journal\",\"text\":\"Gauge $i.\"}"
done | must s be-nccn publish --lines - >/dev/null
s be-nccn new --since "$name" >"$work/news" 2>"$work/said"
expect "news at once" 500 "$(grep -cE ' (be-nccn|nl-kcr2)/' "$work/news")"
more=$(grep -oE '^[0-9]+ more' "$work/said" | cut -d' ' -f1)
last=$(grep -oE -- '--since [^ ]+' "$work/said" | grep -oE '[a-z0-9-]+/[0-9]+')
expect "the rest" "$more" "$(s be-nccn new --since "$last" --json | jq '[.items[].entries[]] | length')"

say be-nccn task new --to nl-kcr2 'Check the culverts.'
task=$name
say nl-kcr2 task take "$task"
say nl-kcr2 task 'done' "$task"
exits 4 s nl-kcr2 task drop "$task" 'Dry.'
told 'it is done, from where no step leads to dropped; none leads on'
clean be-nccn nl-kcr2
ok
