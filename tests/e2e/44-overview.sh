#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What is going on, at a glance: incidents with the latest report of each centre, phases side by side, measures, requests and
# what they lack, alerts, people hurt without anybody counted twice, resources. The same at both nodes; as it was before a
# report came; and the timeline of the incident.
. "$(dirname "$0")/lib.sh"

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
converge be-nccn nl-kcr2

alike() {
    converge be-nccn nl-kcr2
    expect "the overview at nl-kcr2" "$(overview be-nccn)" "$(overview nl-kcr2)"
}
# As both show it, but for when it came.
overview() {
    s "$1" picture --json | jq -Sc 'del(.. | .arrived?, .arrival?, .ahead?)'
}
# in_picture NODE JQ [OPTION...]
in_picture() {
    local node=$1 filter=$2
    shift 2
    s "$node" picture --json "$@" | jq -rc "$filter"
}
moment() {
    date -u -d "@$(($1 / 1000)).$(printf %03d $(($1 % 1000)))" +%Y-%m-%dT%H:%M:%S.%3NZ
}
# report NODE INCIDENT FROM TO BASIS DEAD TEXT: in hours of a day; FROM may be empty.
report() {
    must s "$1" publish report --field incident="$2" ${3:+--field period_from="2026-03-01T$3:00:00Z"} \
        --field period_to="2026-03-01T$4:00:00Z" \
        --field casualties:="[{\"basis\":\"$5\",\"population\":{\"dead\":$6}}]" "$7"
}

# -- nothing yet --
s be-nccn picture | has 'OPEN INCIDENTS  none' || fail "the empty overview does not say so"
s be-nccn casualties 2>&1 | has 'No report counts people hurt' || fail "sums of nothing"
for list in log 'resource list' 'journal list --since 1h' 'log --quarantined'; do
    read -ra words <<<"$list"
    expect "'$list' of nothing" "There is nothing to list." "$(s be-nccn "${words[@]}" 2>&1)"
    expect "'$list --json' of nothing" "" "$(s be-nccn "${words[@]}" --json 2>&1)"
done

# -- the story --
must s be-nccn publish incident --field name='High water Meuse' --field hazard=natural --field stage=warm >/dev/null # 1
alike
must s nl-kcr2 publish incident --field name='Flood Maastricht' >/dev/null                                           # nl 1
must s be-nccn publish phase --field authority='Governor of Liège' --field scheme=be --field level=provincial \
    --field incident=be-nccn/1 >/dev/null # 2
must s nl-kcr2 publish phase --field authority='Zuid-Limburg' --field scheme=nl-grip --field level=3 \
    --field incident=be-nccn/1 >/dev/null # nl 2
must s be-nccn publish measure --field type=evacuate --field state=in-force --field incident=be-nccn/1 \
    --field where:='{"name":"Eijsden"}' 'Below the dyke.' >/dev/null # 3
must s be-nccn publish request --field capability='high-capacity pump' --field quantity=4 --field incident=be-nccn/1 \
    --field deadline=2026-03-01T14:00:00Z >/dev/null # 4
report be-nccn be-nccn/1 '' 10 to-date 3 'Three found.' >/dev/null                                                                # 5
converge be-nccn nl-kcr2
must s nl-kcr2 publish offer --field request=be-nccn/4 --field quantity=3 >/dev/null # nl 3
must s nl-kcr2 publish incident --field name='Flood Maastricht' --field item=nl-kcr2/1 --field supersedes=nl-kcr2/1 \
    --field state=merged --field merged_into=be-nccn/1 >/dev/null # nl 4
report nl-kcr2 nl-kcr2/1 09 11 period 1 'One in the car.' >/dev/null    # nl 5
report nl-kcr2 nl-kcr2/1 10 12 period 2 'Two in the cellar.' >/dev/null # nl 6
must s nl-kcr2 publish resource --field type=pump --field as_of=2026-03-01T08:00:00Z --field total=12 --field available=7 >/dev/null # nl 7
must s be-nccn publish resource --field type=pump --field as_of=2026-03-01T09:00:00Z --field available=2 >/dev/null # 6
cap='{"identifier":"A1","sender":"alerts@be","sent":"2026-03-01T09:00:00+00:00","status":"Actual","msgType":"Alert",
    "info":[{"event":"Flood","headline":"Leave the cellars","expires":"2095-03-01T09:00:00+00:00"}]}'
must s be-nccn publish alert --field cap:="$cap" >/dev/null # 7
alike

# -- at a glance --
expect "open incidents" be-nccn/1 "$(in_picture nl-kcr2 '[.incidents[].item] | join(" ")')"
expect "the latest report of each centre" "be-nccn/5 nl-kcr2/6" \
    "$(in_picture be-nccn '[.incidents[0].reports[].name] | sort | join(" ")')"
expect "phases" "be provincial, nl-grip 3" \
    "$(in_picture be-nccn '[.phases[].heads[].fields | "\(.scheme) \(.level)"] | sort | join(", ")')"
s nl-kcr2 picture | has 'be-nccn/3  evacuate, Eijsden: Below the dyke\.$' || fail "where a measure holds is not said"
expect "measures in force" be-nccn/3 "$(in_picture nl-kcr2 '[.measures[].item] | join(" ")')"
expect "the request" "4 3 0 4 nl-kcr2/3" \
    "$(in_picture nl-kcr2 '.requests[] | [.wanted, .offered, .accepted, .lacking, .offers[].item] | join(" ")')"
expect "alerts" be-nccn/7 "$(in_picture nl-kcr2 '[.alerts[].name] | join(" ")')"
expect "dead" '[{"least":5,"most":5}]' "$(in_picture nl-kcr2 '[.casualties[].sums.population.dead]')"
expect "pumps" '{"least":9,"most":9}' "$(in_picture be-nccn '.resources[0].sums.available')"
expect "as old as" 2026-03-01T08:00:00.000Z "$(in_picture be-nccn '.resources[0].as_of')"
expect "what was left out" 'nl-kcr2/5 overlaps' "$(s be-nccn casualties --incident be-nccn/1 --json |
    jq -r '.casualties[].centres[].entries[] | "\(.name) \(.numbers[].fate)"' | grep -v taken)"
s be-nccn casualties | has 'its period overlaps' || fail "people are not told why a report was left out"
s be-nccn resource board | has ' old  +nl-kcr2: 7 available, 12 in all' ||
    fail "the board has no line of nl-kcr2: $(s be-nccn resource board)"
s be-nccn phase board | has 'nl-grip 3: Zuid-Limburg' || fail "the board has no phase of the Netherlands"
s be-nccn picture >"$work/screen"
has '4 lacking: 0 accepted, 3 offered' <"$work/screen" || fail "the screen does not say what is lacking: $(cat "$work/screen")"
has '^ +wanted by 2026-03-01 14:00:00 UTC, which has passed$' <"$work/screen" || fail "no deadline is shown: $(cat "$work/screen")"
has ' old  +pump: 9 available' <"$work/screen" || fail "what is old is not marked: $(cat "$work/screen")"
# What holds no longer, or is older than its kind allows, says so wherever it is shown.
passed=$(must s be-nccn publish advice --field valid_to=2026-03-01T12:00:00Z 'Stay on the upper floors.')
expect "current until" 2026-03-01T12:00:00.000Z "$(s be-nccn show "$passed" --json | jq -r .current_until)"
expect "of a report, hours" 4 "$(s be-nccn show be-nccn/5 --json | jq '[.current_until, .time | sub("\\.[0-9]+";"") |
    fromdate] | (.[0] - .[1]) / 3600')"
s be-nccn show "$passed" | has '^old since +2026-03-01' || fail "what is old is shown as current"
s be-nccn show be-nccn/5 | has '^old from ' || fail "nobody is told when a report gets old"
s be-nccn log | has "$passed  advice, old  Stay" || fail "what is old is not marked in the log: $(s be-nccn log)"
s be-nccn log | has 'be-nccn/5.*report, old' && fail "a report of now is marked as old"
s be-nccn advice list | has 'advice, old  Stay' || fail "what is old is not marked among advice"
s be-nccn picture --old 0m | has ' old +be-nccn/5' || fail "--old is not heard: $(s be-nccn picture --old 0m)"
expect "lines past 80 columns" 0 "$(LC_ALL=C.UTF-8 awk 'length($0) > 80' "$work/screen" | wc -l)"
expect "lines of a screen" yes "$([ "$(wc -l <"$work/screen")" -le 40 ] && echo yes)"

# -- as it was before --
before=$(moment "$(now_ms)")
report be-nccn be-nccn/1 '' 13 to-date 9 'Nine by now.' >/dev/null # 8
change=$(must s nl-kcr2 publish offer --field request=be-nccn/4 --field quantity=3 --field item=nl-kcr2/3 \
    --field supersedes=nl-kcr2/3 --field state=withdrawn --field reason='needed here')
alike
expect "dead by now" '{"least":11,"most":11}' "$(in_picture nl-kcr2 '.casualties[0].sums.population.dead')"
for node in be-nccn nl-kcr2; do
    expect "dead before, at $node" '{"least":5,"most":5}' \
        "$(in_picture "$node" '.casualties[0].sums.population.dead' --at "$before")"
    expect "what was offered before, at $node" 3 "$(in_picture "$node" '.requests[0].offered' --at "$before")"
    expect "what is offered, at $node" 0 "$(in_picture "$node" '.requests[0].offered')"
done
expect "the moment" "$before" "$(in_picture be-nccn .at --at "$before")"
expect "before anything" 0 "$(in_picture be-nccn '.incidents | length' --at 2020-01-01T00:00:00Z)"
s be-nccn picture --at "$before" | has 'as it was known here' || fail "people are not told that it is past"
exits 2 s be-nccn picture --at teatime

# -- what the other accepts stays of who offered it --
offer=$(must s nl-kcr2 offer new --request be-nccn/4 --quantity 1)
alike
must s be-nccn offer accept "$offer" >/dev/null
alike
for node in be-nccn nl-kcr2; do
    expect "whose offer it is, at $node" nl-kcr2 \
        "$(in_picture "$node" ".requests[0].offers[] | select(.item == \"$offer\") | .centre")"
    s "$node" picture | has '1 by nl-kcr2, accepted' || fail "the screen has another offering: $(s "$node" picture)"
done

# -- two versions of a report: between them --
must s nl-kcr2 publish report --field incident=nl-kcr2/1 --field item=nl-kcr2/6 --field supersedes=nl-kcr2/6 \
    --field state=withdrawn >/dev/null
must s nl-kcr2 publish report --field incident=nl-kcr2/1 --field item=nl-kcr2/6 --field supersedes=nl-kcr2/6 \
    --field period_from=2026-03-01T10:00:00Z --field period_to=2026-03-01T12:00:00Z \
    --field casualties:='[{"basis":"period","population":{"dead":4}}]' >/dev/null
alike
expect "conflicts" 1 "$(in_picture be-nccn .conflicts)"
expect "dead, while it is not settled" '{"least":9,"most":13}' "$(in_picture be-nccn '.casualties[0].sums.population.dead')"
s be-nccn picture | has 'dead 9-13' || fail "the screen does not show both: $(s be-nccn picture)"

# -- all that belongs to it, in order --
timeline() {
    s "$1" timeline "$2" --json | jq -r .name | xargs
}
expect "the timeline at nl-kcr2" "$(timeline be-nccn be-nccn/1)" "$(timeline nl-kcr2 be-nccn/1)"
expect "the timeline of what was merged" "$(timeline be-nccn be-nccn/1)" "$(timeline be-nccn nl-kcr2/4)"
expect "the first" be-nccn/1 "$(timeline be-nccn be-nccn/1 | cut -d' ' -f1)"
timeline nl-kcr2 be-nccn/1 | has "be-nccn/4 .*nl-kcr2/3 .*$change" || fail "an answer is not behind what it answers"
timeline be-nccn be-nccn/1 | has 'nl-kcr2/7' && fail "the timeline has what does not belong to it"
expect "in order" "$(s be-nccn timeline be-nccn/1 --json | jq -r .time | sort)" \
    "$(s be-nccn timeline be-nccn/1 --json | jq -r .time)"
s be-nccn timeline be-nccn/1 | has 'nl-kcr2/3 .*offer' || fail "people do not see the offer"
exits 4 s be-nccn timeline be-nccn/99
clean be-nccn nl-kcr2
ok
