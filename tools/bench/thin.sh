#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The rows of thin lines, for sitrep-bench: real nodes on a wire between two network namespaces. Each row is a line
#
#     row|NAME|VALUE|UNIT|AT MOST        or        fact|NAME|VALUE|UNIT
#
# and the last line says ok, SKIP or FAIL and why. FLASHES says how many flash entries are timed.
. "$(dirname "$0")/line.sh"

HEADERS=52     # bytes of IP and TCP in each packet, timestamps included
FRAME=42       # what ZMTP and CURVE add to a message longer than 255 bytes
MOMENT_MS=1700 # for which a packet may keep the line from what is more urgent
PACKET=1500

row() { # NAME VALUE UNIT AT-MOST
    printf 'row|%s|%s|%s|%s\n' "$@"
}
fact() { # NAME VALUE UNIT
    printf 'fact|%s|%s|%s\n' "$@"
}

# on RATE: the line passes so many bit/s, and both nodes know it.
on() {
    tell "rate $1" >/dev/null
    both --profile manual --rate "$1"
    TIMEOUT=180 converge be-nccn nl-kcr2
}

# The sealed bytes of entries, by name.
sealed() { # NAME...
    local name
    for name in "$@"; do
        s be-nccn show "$name" --json
    done | jq -s 'map(.size) | add'
}

# floor BYTES RATE: the least seconds for these sealed bytes, when nothing but them goes over the line: in packets as
# long as Ethernet's and as the moment allow, with the headers of IP and TCP, and the frames of CURVE, one in each.
floor() {
    awk -v bytes="$1" -v rate="$2" -v most=$PACKET -v moment=$MOMENT_MS -v around=$((HEADERS + FRAME)) 'BEGIN {
        packet = int(rate * moment / 8000); packet = packet < most ? packet : most
        packets = int((bytes + packet - around - 1) / (packet - around))
        printf "%.3f", (bytes + packets * around) * 8 / rate }'
}

# after TIME: what is not acknowledged the kernels take for lost no sooner. README "Thin lines".
after() {
    within be-nccn ip route change 10.77.0.2 dev wire src 10.77.0.1 rto_min "$1"
    within nl-kcr2 ip route change 10.77.0.1 dev wire src 10.77.0.2 rto_min "$1"
}

# Ten entries that nl-kcr2 lacks when the nodes find each other again.
missing() { # RATE [WHAT-ELSE]
    local names bytes floor_s begun_ms up_ms there_ms seconds line
    line="10 missing of 400 bytes, $(awk "BEGIN { print $1 / 1000 }") kbit/s${2:-}"
    on "$1"
    cut_line
    mapfile -t names < <(must s be-nccn publish --lines <(noise 10 352) --json | jq -r .name)
    bytes=$(sealed "${names[@]}")
    floor_s=$(floor "$bytes" "$1")
    measure
    begun_ms=$(now_ms)
    heal_line
    TIMEOUT=60 await "the link to be up again" is_linked
    up_ms=$(now_ms)
    TIMEOUT=180 await "ten entries at nl-kcr2" holds nl-kcr2 "$(status be-nccn .entries)"
    there_ms=$(now_ms)
    seconds=$(calculate "($there_ms - $up_ms) / 1000")
    fact "$line: sealed" "$bytes" bytes
    fact "floor: these bytes in packets of at most 1.7 s" "$floor_s" s
    fact "$line: until visible" "$seconds" s
    row "$line: over the floor" "$(calculate "$seconds / $floor_s")" x 1.3
    fact "$line: with connecting" "$(calculate "($there_ms - $begun_ms) / 1000")" s
    fact "$line: on the wire" "$(counted .since.bytes)" bytes
    fact "$line: of that twice" "$(counted .since.twice)" bytes
}

# What be-nccn sent, without IP and TCP and what TCP sends again.
sent() {
    counted '.a.tcp - .a.twice'
}
has_sent() { # MORE-THAN
    [ "$(sent)" -gt "$1" ] && [ "$(counted .a.waiting)" = 0 ]
}

# What a report of 300 characters costs, without TCP/IP: alone, and one of many that were missing.
reports() {
    local before name count=50
    on 2400
    before=$(sent)
    TIMEOUT=60 await "a beacon, so that none comes meanwhile" has_sent "$before"
    before=$(sent)
    name=$(must s be-nccn publish report "$(text 0)")
    TIMEOUT=60 await "$name at nl-kcr2" s nl-kcr2 show "$name"
    fact "report of 300 characters: sealed" "$(sealed "$name")" bytes
    row "report of 300 characters, alone" $(($(sent) - before)) bytes 330
    on 9600
    cut_line
    must s be-nccn publish --lines <(entries $count) >/dev/null
    heal_line
    TIMEOUT=60 await "the link to be up again" is_linked
    before=$(sent)
    TIMEOUT=180 await "$count reports at nl-kcr2" holds nl-kcr2 "$(status be-nccn .entries)"
    row "report of 300 characters, one of $count" "$(calculate "($(sent) - $before) / $count")" bytes 220
    TIMEOUT=180 converge be-nccn nl-kcr2
}

# Both nodes hold the same, and have to find that out.
reconnect() {
    cut_line
    measure
    heal_line
    TIMEOUT=180 converge be-nccn nl-kcr2
    row "reconnect with nothing new, on the wire" "$(counted .since.bytes)" bytes 2200
}

# More than an hour of this line waits, and flash entries are written at any moment.
flash() {
    local written_ms late worst=0 name i
    on 2400
    must s be-nccn publish --lines <(noise 1400 1000) >/dev/null
    lasting 60 status be-nccn .node
    for i in $(seq "${FLASHES:-6}"); do
        lasting $((RANDOM % 5 + 5)) status be-nccn .node
        written_ms=$(now_ms)
        name=$(must s be-nccn publish report --precedence flash "$(text "$i")")
        TIMEOUT=60 await "$name at nl-kcr2" s nl-kcr2 show "$name"
        late=$(($(now_ms) - written_ms))
        [ "$late" -gt "$worst" ] && worst=$late
    done
    [ "$(peer be-nccn nl-kcr2 .missing_there)" -gt 1100 ] || fail "there was no backlog of 1 MiB"
    row "flash of 300 bytes, 2.4 kbit/s, 1 MiB queued" "$(calculate "$worst / 1000")" s 5
}

pair be-nccn nl-kcr2 "rate 64000" "delay 50"
both --profile satellite
meet be-nccn nl-kcr2
reports
reconnect
missing 9600
missing 2400
after 3s
missing 9600 ", rto_min 3 s"
after 200ms # Linux's own
flash
ok
