#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What happens is told while it happens, and nothing of it is lost or told twice: not over a cut, and not when the node is
# killed meanwhile. Who comes later is told the same.
. "$(dirname "$0")/lib.sh"

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
converge be-nccn nl-kcr2

# watching FILE [OPTION...]: in the background, by events on stdout and talk on stderr.
watching() {
    local file=$1
    shift
    "$BUILD/sitrep" --home "$work/be-nccn" watch "$@" >"$work/$file" 2>"$work/$file.talk" &
    others+=($!)
    watcher=$!
}
# told FILE FILTER: what it has of that, in the order it came.
told() {
    jq -rc "$2" "$work/$1"
}
# has_told WHAT FILE FILTER: waits for it.
has_told() {
    await "$1" is_told "$2" "$3"
}
is_told() {
    tail -n 3 "$work/$1"
    [ -n "$(told "$1" "$2")" ]
}
# is_there FILE PATTERN: a condition for await.
is_there() {
    cat "$work/$1"
    has "$2" <"$work/$1"
}
# events WANTED [CURL OPTION...]: read with curl until so many with an id came, as the command has them.
events() {
    local left=$1 line id='' event='' data=''
    shift
    while [ "$left" -gt 0 ] && IFS= read -r line; do
        case $line in
        'id: '*) id=${line#id: } ;;
        'event: '*) event=${line#event: } ;;
        'data: '*) data=${line#data: } ;;
        '')
            if [ -n "$id" ] && [ "$event" != state ]; then
                echo "{\"event\":\"$event\",\"id\":\"$id\",${data#\{}"
                left=$((left - 1))
            fi
            id='' event='' data=''
            ;;
        esac
    done < <(curl -sN --max-time "$patience" --unix-socket "$work/be-nccn/api.sock" "$@" 2>/dev/null)
}
durable='select(.id and .event != "state" and .event != "restart")'
# change NODE STATE SUPERSEDES: of the measure.
change() {
    must s "$1" publish measure --field type=evacuate --field editors=nl-kcr2 --field item=be-nccn/2 --field state="$2" \
        --field supersedes="$3"
}

exits 2 s be-nccn watch --only weather
exits 2 s be-nccn watch --since yesterday
exits 3 s nowhere watch
must s be-nccn publish incident --field name='High water Meuse' >/dev/null
watching all --json
all=$watcher
watching urgent --only conflicting,overdue,settled
watching lines
has_told "the state" all 'select(.event == "state" and .links[0].node == "nl-kcr2" and .id)'
await "the lines to begin" is_there lines NOW

# -- a cut, a conflict, and its end --
must s be-nccn publish measure --field type=evacuate --field editors=nl-kcr2 --field incident=be-nccn/1 >/dev/null
converge be-nccn nl-kcr2
has_told "the link" all 'select((.event == "link" and .state == "converged") or
    (.event == "state" and .links[0].state == "converged"))'
links cut be-nccn nl-kcr2
has_told "the cut" all 'select(.event == "link" and .node == "nl-kcr2" and .state == "cut" and .before == "converged")'
change be-nccn in-force be-nccn/2 >/dev/null
change nl-kcr2 lifted be-nccn/2 >/dev/null
links heal be-nccn nl-kcr2
converge be-nccn nl-kcr2
has_told "the conflict" all 'select(.event == "conflicting" and .item == "be-nccn/2" and (.after | length) == 2)'
must s nl-kcr2 settle be-nccn/2 --take nl-kcr2/1 >/dev/null
has_told "the settling" all 'select(.event == "settled" and .after[0].name == "nl-kcr2/2" and .incident == "be-nccn/1")'
has_told "the link" all 'select(.event == "link" and .node == "nl-kcr2" and .before == "cut")'

# -- what nobody answers --
by=$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)
must s be-nccn publish report --field ack_by="$by" 'Answer, please.' >/dev/null
must s be-nccn publish report --field ack_by="$by" 'And to this.' >/dev/null
converge be-nccn nl-kcr2
must s nl-kcr2 publish ack --field of=be-nccn/4 --field as=seen >/dev/null
has_told "what is overdue" all 'select(.event == "overdue" and .name == "be-nccn/5" and .awaited == ["nl-kcr2"])'

# -- killed --
must s be-nccn publish journal 'before' >/dev/null
has_told "the entry before" all 'select(.name == "be-nccn/6")'
slay be-nccn
await "the command to notice" is_there all.talk 'stopped: waiting'
must s nl-kcr2 publish journal 'meanwhile' >/dev/null
must s nl-kcr2 publish journal 'meanwhile too' >/dev/null
start be-nccn
converge be-nccn nl-kcr2
must s be-nccn publish journal 'after' >/dev/null
has_told "the entry after" all 'select(.name == "be-nccn/7")'
await "the command to find it" is_there all.talk 'answers again'

# -- nothing lost, nothing twice --
count=$(told all "$durable | .id" | wc -l)
expect "ids that came twice" "" "$(told all "$durable | .id" | sort | uniq -d)"
s be-nccn log --json | jq -r .name | tail -n +2 >"$work/logged"
expect "entries, in the order they came" "$(cat "$work/logged")" \
    "$(told all 'select(.id and (.event == "new" or .event == "changed")) | .name')"
# The first was written before the command began.
events "$((count + 1))" 'http://localhost/v1/events?after=0' >"$work/replayed"
expect "all of it, told again" "$(told all "$durable" | jq -Sc .)" "$(tail -n +2 "$work/replayed" | jq -Sc .)"
middle=$(told all "$durable | .id" | sed -n "$((count / 2))p")
events "$((count - count / 2))" -H "Last-Event-ID: $middle" http://localhost/v1/events >"$work/rest"
expect "the rest of it" "$(told all "$durable" | tail -n +"$((count / 2 + 1))" | jq -Sc .)" "$(jq -Sc . "$work/rest")"
expect "the same by the command" "$(jq -r .id "$work/rest")" "$(timeout 3 "$BUILD/sitrep" --home "$work/be-nccn" watch --json \
    --since "$middle" | jq -r "$durable | .id")"

# -- another roster: the picture is begun anew, and what was told stays told. What is overdue goes by who is there now: the
# new centre is awaited, too, also by be-nccn/4. --
join lu-hcpn be-nccn
has_told "the roster" all 'select(.event == "roster" and .version == 3 and .changed == "1 node admitted")'
has_told "how all stands by it" all 'select(.event == "state" and .roster_version == 3 and (.id | not))'
expect "what was told with an id" "$count" "$(told all "$durable | .id" | wc -l)"
events "$((count + 2))" 'http://localhost/v1/events?after=0' >"$work/replayed"
entries='select(.event != "overdue") | [.event, .name, .arrived]'
expect "all of it by the new roster" "$(told all "$durable | $entries")" "$(tail -n +2 "$work/replayed" | jq -rc "$entries")"

# -- for people --
expect "what was asked for alone" "CONFLICT SETTLED OVERDUE" "$(sed 's/^[! ] *//; s/ .*//' "$work/urgent" | xargs)"
has '^! CONFLICT .*be-nccn/2 .*measure .*be-nccn/3 in-force, nl-kcr2/1 lifted' <"$work/lines" || fail "no line of the conflict"
has '^! OVERDUE .*be-nccn/5 .*report .*not acknowledged by nl-kcr2' <"$work/lines" || fail "no line of what is overdue"
has '^  NEW .*be-nccn/5 .*report .*And to this' <"$work/lines" || fail "no line of what is new"
has '^! LINK .*nl-kcr2 cut, was converged' <"$work/lines" || fail "no line of the link"
kill -INT "$all"
code=0
wait "$all" || code=$?
expect "the exit code after Ctrl-C" 0 "$code"
"$BUILD/sitrep" --home "$work/be-nccn" watch --since 0 --only new | head -n 1 | has NEW || fail "no first line"

# -- a key that comes while nobody reads; and then the node is killed --
start lu-hcpn
converge be-nccn nl-kcr2 lu-hcpn
links cut be-nccn nl-kcr2
links cut be-nccn lu-hcpn
must s nl-kcr2 group create crossing --centre be-nccn >/dev/null
sealed=$(must s nl-kcr2 publish --group crossing journal 'for the two of us')
converge nl-kcr2 lu-hcpn
slay nl-kcr2
links heal be-nccn lu-hcpn
converge be-nccn lu-hcpn
watching lacking --json
must s lu-hcpn publish journal 'you cannot read that yet' >/dev/null
has_told "the entry behind it" lacking 'select(.name == "lu-hcpn/1")'
kill -INT "$watcher"
last=$(told lacking 'select(.name == "lu-hcpn/1") | .id')
expect "what is read of it" true "$(s be-nccn show "$sealed" --json | jq .sealed)"
start nl-kcr2
links heal be-nccn nl-kcr2
opens() {
    s be-nccn show "$sealed" | has 'for the two of us'
}
await "its key" opens
slay be-nccn
start be-nccn
watching late --since "$last" --json
has_told "what was opened meanwhile" late "select(.late and .name == \"$sealed\" and .event == \"new\")"
kill -INT "$watcher"
expect "what was told before" "" "$(told late 'select(.name == "lu-hcpn/1") | .id')"
clean be-nccn nl-kcr2 lu-hcpn
ok
