#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Who has an entry since when, held against when it really came: over a relay, across a cut, ahead of a gap there is none.
# Acknowledgements that are asked for, given and overdue; and receipts that cost nothing while nothing happens, also after
# a start.
. "$(dirname "$0")/lib.sh"

found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
for node in be-nccn nl-kcr2 lu-hcpn; do
    configure "$node" receipts/interval_s=2
done
start be-nccn nl-kcr2 lu-hcpn
converge be-nccn nl-kcr2 lu-hcpn
# Luxembourg hears of Belgium through the Netherlands alone.
links cut be-nccn lu-hcpn

# of NODE REF CENTRE JQ: what the node tells of that centre.
of() {
    s "$1" delivery "$2" --json | jq -rc --arg centre "$3" ".centres[] | select(.centre == \$centre) | $4"
}
ms() { # RFC3339
    date -d "$1" +%s%3N
}
arrived() { # NODE REF
    ms "$(s "$1" show "$2" --json | jq -r .arrived)"
}
is_held() { # NODE REF CENTRE
    [ "$(of "$1" "$2" "$3" '.held != null')" = true ]
}
# shown NODE REF CENTRE: the node shows that the centre held the entry, and when it came there lies between.
shown() {
    local came by from
    await "$1 to show that $3 holds $2" is_held "$@"
    came=$(arrived "$3" "$2")
    by=$(ms "$(of "$1" "$2" "$3" .held.by)")
    from=$(ms "$(of "$1" "$2" "$3" .held.not_before)")
    # Written and arrived are told apart by the milliseconds of a commit.
    [ "$came" -le "$by" ] && [ "$from" -le "$((came + 50))" ] ||
        fail "$2 came to $3 at $came, and $1 shows from $from until $by"
}
count() {
    status "$1" .entries
}
# at_rest NODE...: none of them gets anything new for a while.
at_rest() {
    local before node
    before=$(for node in "$@"; do count "$node"; done)
    lasting "${REST:-6}" answers "$1"
    [ "$before" = "$(for node in "$@"; do count "$node"; done)" ]
}

# -- over a relay --
name=$(must s be-nccn publish journal 'Water at Eijsden 42.10 m.')
shown be-nccn "$name" nl-kcr2
shown be-nccn "$name" lu-hcpn
shown nl-kcr2 "$name" lu-hcpn
shown lu-hcpn "$name" nl-kcr2
expect "who shows it" lu-hcpn "$(of be-nccn "$name" lu-hcpn .held.shown_by | cut -d/ -f1)"
expect "its author's own" "$(of lu-hcpn "$name" be-nccn .held.by)" "$(of lu-hcpn "$name" be-nccn .held.not_before)"
s be-nccn delivery "$name" | has 'lu-hcpn +held by .*[(]lu-hcpn/' || fail "people are not told since when"
expect "what the link tells" held "$(of be-nccn "$name" nl-kcr2 .link)"

# -- all of an incident, with when each centre had it --
incident=$(must s be-nccn incident open --name 'High water Meuse')
shown be-nccn "$incident" lu-hcpn
shown be-nccn "$incident" nl-kcr2
for centre in be-nccn nl-kcr2 lu-hcpn; do
    expect "when $centre had it, in the timeline" "$(of be-nccn "$incident" "$centre" .held.by)" "$(s be-nccn timeline "$incident" \
        --json | jq -r --arg centre "$centre" 'select(.kind == "incident").centres[] | select(.centre == $centre).held.by')"
done
expect "when it came, in the timeline there" true \
    "$(s nl-kcr2 timeline "$incident" --json | jq 'select(.kind == "incident") | .arrived as $at |
        .centres[] | select(.centre == "nl-kcr2") | .held.by == $at')"
TZ=UTC s be-nccn timeline "$incident" | has "^    held by nl-kcr2 $(of be-nccn "$incident" nl-kcr2 '.held.by[11:19]'), lu-hcpn [0-9:]+\$" ||
    fail "the timeline does not say when each centre had it: $(s be-nccn timeline "$incident")"

# -- nothing while nothing happens, nor after a start --
TIMEOUT=40 await "receipts to come to rest" at_rest be-nccn nl-kcr2 lu-hcpn
stop nl-kcr2
start nl-kcr2
REST=5 at_rest be-nccn nl-kcr2 lu-hcpn || fail "a start brings receipts of nothing"
s be-nccn log --kind receipt --json | has receipt || fail "there are no receipts"

# -- across a cut --
links cut nl-kcr2 lu-hcpn
late=$(must s be-nccn publish journal 'The dike at Itteren is wet.')
shown be-nccn "$late" nl-kcr2
expect "who is cut off" null "$(of be-nccn "$late" lu-hcpn .held)"
s be-nccn delivery "$late" | has 'lu-hcpn +not held by its last receipt' || fail "people are not told who lacks it"
links heal nl-kcr2 lu-hcpn
shown be-nccn "$late" lu-hcpn
# None is left out or counted twice, also over the start.
s be-nccn log --kind receipt --json | jq -se '[.[] | select(.node == "nl-kcr2").fields.number] as $told
    | ($told | length) > 1 and $told == [range(1; ($told | length) + 1)]' >/dev/null ||
    fail "the receipts of nl-kcr2 are not numbered one by one"
# What names it shows it, too, and at once.
cut_ms=$(now_ms)
ack=$(must s nl-kcr2 ack "$late")
await "the acknowledgement" s be-nccn show "$ack"
expect "an acknowledgement nobody asked for" seen "$(of be-nccn "$late" nl-kcr2 '.acks[].fields.as')"
[ "$(arrived be-nccn "$ack")" -ge "$cut_ms" ] || fail "an acknowledgement from before it was written"

expect "nothing said twice" "" "$(must s nl-kcr2 ack "$late" 2>/dev/null)"
s nl-kcr2 ack "$late" 2>&1 | has "$late: your centre has said so already, .*$ack" || fail "nobody is told that it was acknowledged"

# -- asked for --
s be-nccn delivery 2>&1 | has 'No acknowledgement is awaited' || fail "an acknowledgement of nothing is awaited"
soon=$(date -u -d '+1 hour' +%FT%TZ)
past=$(date -u -d '-1 minute' +%FT%TZ)
asked=$(must s be-nccn publish journal 'Evacuate the camp site.' --field ack_by="$soon")
overdue=$(must s be-nccn publish task 'Close the lock at Ternaaien.' --field ack_by="$past" --field to=nl-kcr2)
await "what is asked for at lu-hcpn" s lu-hcpn show "$overdue"
expect "what is awaited" "$overdue true nl-kcr2 $asked false lu-hcpn,nl-kcr2" \
    "$(s lu-hcpn delivery --json | jq -r '.awaited[] | "\(.name) \(.overdue) \(.awaited | sort | join(","))"' | xargs)"
s be-nccn delivery | head -n 2 | has 'OVERDUE' || fail "what is overdue does not come first"
must s nl-kcr2 ack "$overdue" "$asked" --accepted --function 'duty officer' >/dev/null
await "both acknowledgements" gives "$asked lu-hcpn" \
    eval "s be-nccn delivery --json | jq -r '.awaited[] | \"\\(.name) \\(.awaited | join(\",\"))\"'"
s be-nccn delivery "$overdue" | has 'accepted .* by duty officer' || fail "people are not told who accepted it"
expect "no longer overdue" false "$(s be-nccn delivery "$overdue" --json | jq .overdue)"
# Nobody has to acknowledge what was withdrawn.
report=$(must s be-nccn publish report 'Dyke broken.' --field ack_by="$past")
s be-nccn delivery --json | jq -r '.awaited[].name' | has "^$report\$" || fail "the report is not awaited"
withdrawn=$(must s be-nccn report withdraw "$report")
expect "a report that was withdrawn" "null false false" \
    "$(s be-nccn delivery "$withdrawn" --json | jq -r '"\(.ack_by) \(.overdue) \(any(.centres[]; .awaited))"')"
expect "what is awaited then" "$asked" "$(s be-nccn delivery --json | jq -r '.awaited[].name')"

# -- held by who may not read it --
must s be-nccn group create police --centre nl-kcr2 >/dev/null
secret=$(must s be-nccn publish journal --group police 'The convoy leaves at 16:00.')
shown be-nccn "$secret" lu-hcpn
expect "who reads it" "false true" "$(of be-nccn "$secret" lu-hcpn .reads) $(of be-nccn "$secret" nl-kcr2 .reads)"
exits 4 s lu-hcpn delivery "$secret"
exits 4 s be-nccn delivery be-nccn/999
exits 2 s be-nccn delivery nonsense!
exits 4 s be-nccn ack be-nccn/999

# -- in an exercise, too --
for node in be-nccn nl-kcr2; do
    must s "$node" exercise create spring-tide >/dev/null
done
drill=$(must s be-nccn --space spring-tide publish journal 'The dike has broken, as planned.')
has_told() {
    [ "$(s be-nccn --space spring-tide delivery "$drill" --json |
        jq '[.centres[] | select(.centre == "nl-kcr2" and .held)] | length')" = 1 ]
}
TIMEOUT=60 await "a receipt in the exercise" has_told
s be-nccn --space spring-tide delivery --json | jq -e '.awaited == []' >/dev/null || fail "an exercise awaits what the real world asked for"
clean be-nccn nl-kcr2 lu-hcpn
ok
