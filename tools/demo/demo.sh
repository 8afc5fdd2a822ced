#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# Four centres on this machine found a federation and hold an exercise: they publish, lose a link, go on, and come together
# again. Then the nodes keep running until Ctrl-C. DEMO_ONCE=1 ends after the story; DEMO_DIR keeps the homes.
set -eu

build=$(cd "${1:-build}" && pwd)
export PATH="$build:$PATH"
fixtures=tests/e2e/fixtures/cap
folder=${DEMO_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/sitrep-demo-XXXXXX")}
nodes=(be-nccn be-safe-brussels nl-kcr2 lu-hcpn)
titles=("National Crisis Centre" "safe.brussels" "Knooppunt Coördinatie Regio's-Rijk" "Haut-Commissariat à la Protection nationale")
exercise=spring-tide
pids=()

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# As it would be typed: words in quotes where the shell needs them.
typed() {
    local word
    for word in "$@"; do
        [[ $word =~ [^[:alnum:]_./:=-] ]] && word="'${word//\'/\'\\\'\'}'"
        printf ' %s' "$word"
    done
}
# node: of the node itself; run and at: in the exercise.
node() { printf '%s$ sitrep%s\n' "$1" "$(typed "${@:2}")" && sitrep --home "$folder/$1" "${@:2}"; }
run() { node "$1" --space "$exercise" "${@:2}"; }
at() { sitrep --home "$folder/$1" --space "$exercise" "${@:2}"; }
real() { sitrep --home "$folder/$1" "${@:2}"; }
# Without the talk beside the data, unless it fails.
quiet() { "$@" 2>"$folder/talk" || { cat "$folder/talk" >&2; exit 1; }; }

stop() {
    trap - EXIT INT TERM
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    [ -n "${DEMO_DIR:-}" ] || rm -rf "$folder"
}
trap stop EXIT
trap 'stop; exit 0' INT TERM

# A port nobody listens on, and the next one.
free_port() {
    local port=$1
    while ss -Hltn "( sport = :$port or sport = :$((port + 1)) )" | grep -q .; do port=$((port + 2)); done
    echo "$port"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        if [ $SECONDS -ge $end ]; then
            echo "demo: gave up waiting for: $*" >&2
            tail -n 5 "$folder"/*.log >&2
            exit 1
        fi
        read -rt 0.1 <> <(:) || true
    done
}

fingerprint() { at "$1" status --json | jq -r .fingerprint; }
same_everywhere() { [ "$(for n in "$@"; do fingerprint "$n"; done | sort -u | wc -l)" = 1 ]; }
has_conflict() { [ -n "$(at "$1" conflicts --json)" ]; }
is_settled() { ! has_conflict "$1"; }
# has_told NODE NAME CENTRE: NODE is shown that the centre holds the entry.
has_told() {
    [ "$(at "$1" delivery "$2" --json | jq --arg centre "$3" 'any(.centres[]; .centre == $centre and .held)')" = true ]
}
holds() { at "$1" show "$2" --json; }
reads() { [ -n "$(at "$1" show "$2" --json | jq -r '.text // empty')" ]; } # jq -e is content with no input at all
item_of() { at "$1" item list --kind "$2" --json | jq -r .item | tail -n 1; }
table() {
    for n in "${nodes[@]}"; do
        at "$n" status --json | jq -r '[.node, .entries, .fingerprint] | @tsv'
    done | while IFS=$'\t' read -r node entries print; do
        printf '  %-18s %3d entries  fingerprint %s\n' "$node" "$entries" "$print"
    done
}

say "Four centres found a federation (homes in $folder)"
port=17100
for i in "${!nodes[@]}"; do
    n=${nodes[$i]}
    port=$(free_port "$port")
    if [ "$i" = 0 ]; then
        quiet real "$n" found benelux --centre "$n" --title "${titles[$i]}" --endpoint "tcp://127.0.0.1:$port" \
            --no-passphrase
    else
        quiet real "$n" join request --centre "$n" --title "${titles[$i]}" --endpoint "tcp://127.0.0.1:$port" \
            --no-passphrase >"$folder/$n.request"
        quiet real be-nccn admit --yes "$folder/$n.request" >"$folder/$n.invitation"
        quiet real "$n" join "$folder/$n.invitation"
    fi
    # A story has no time for what goes round once in minutes.
    printf 'sync\n    beacon_ms = 200\nreceipts\n    interval_s = 4\n' >"$folder/$n/node.conf"
    port=$((port + 2))
done
for n in "${nodes[@]}"; do
    sitrepd --home "$folder/$n" 2>"$folder/$n.log" &
    pids+=($!)
done
for n in "${nodes[@]}"; do wait_for 20 real "$n" status; done
for n in "${nodes[@]}"; do quiet node "$n" exercise create "$exercise"; done

say "Nothing of it can be taken for real. Each publishes; the public alerts come as CAP files"
run be-nccn import cap $fixtures/*.xml
run be-nccn report new --precedence immediate --where Liège "Meuse at 3.4 m and rising. Evacuation of the quays is being prepared."
run be-safe-brussels report new "Two reception centres are ready, 400 places."
run nl-kcr2 report new --precedence priority --where Limburg-Zuid "GRIP 4. Maas level follows upstream in about 9 hours."
run lu-hcpn report new "Sûre and Alzette stable. Two pump groups can be offered."

say "What not everybody is to read yet goes to a group"
quiet run be-nccn group create cbrn --centre nl-kcr2
run be-nccn report new --group cbrn "Ammonia leak upstream of Visé, cause not yet to be named."
name=$(at be-nccn log --group cbrn --json | jq -r .name)
wait_for 20 reads nl-kcr2 "$name"
wait_for 20 holds lu-hcpn "$name"
run nl-kcr2 log --group cbrn
run lu-hcpn log --group cbrn
quiet run nl-kcr2 release "$name" --to all
wait_for 20 reads lu-hcpn "$name"
run lu-hcpn log --group cbrn

say "What is asked for, and offered, has one name across the border"
run be-nccn incident open --name "High water Meuse" --hazard natural --where Liège
incident=$(item_of be-nccn incident)
run be-nccn request new --capability "high-capacity pump" --quantity 4 --incident "$incident" --deadline +6h
request=$(item_of be-nccn request)
wait_for 20 holds lu-hcpn "$request"
run lu-hcpn offer new --request "$request" --quantity 2 --arrival +3h
offer=$(item_of lu-hcpn offer)
wait_for 20 holds be-nccn "$offer"
run be-nccn offer accept "$offer"
run be-nccn measure plan --type road-closed --where "A25 at Visé" --editors lu-hcpn --incident "$incident" --ack-by +1h
measure=$(item_of be-nccn measure)
wait_for 20 holds nl-kcr2 "$measure"
run nl-kcr2 ack "$measure" --accepted --function "duty officer"
wait_for 20 holds lu-hcpn "$measure"
run be-safe-brussels picture

say "Who has it, who has seen it: receipts tell, signed"
wait_for 30 has_told be-nccn "$measure" lu-hcpn
run be-nccn delivery "$measure"

say "The links to lu-hcpn are cut; both sides go on writing, also of the same road"
for n in be-nccn be-safe-brussels nl-kcr2; do
    quiet node lu-hcpn link cut "$n"
    quiet real "$n" link cut lu-hcpn
done
run be-nccn decision propose --state taken --precedence flash --body "policy cell" "Federal phase declared at 14:05."
run be-nccn measure enforce "$measure"
run lu-hcpn measure lift "$measure"
run lu-hcpn report new "Cut off from the others since 14:00. Pump groups leave for Liège as offered."
decision=$(at be-nccn log --kind decision --json | jq -r .name | tail -n 1)
wait_for 20 holds nl-kcr2 "$decision"
! holds lu-hcpn "$decision" >/dev/null 2>&1
run lu-hcpn gaps
moment=$(date -u +%FT%T.%3NZ)

say "The links are back: what is missing on either side is fetched"
for n in be-nccn be-safe-brussels nl-kcr2; do
    quiet node lu-hcpn link heal "$n"
    quiet real "$n" link heal lu-hcpn
done
wait_for 60 holds lu-hcpn "$decision"
wait_for 60 has_conflict nl-kcr2
run lu-hcpn log --kind decision

say "The two versions of the road stand side by side, until somebody settles it"
run nl-kcr2 conflicts
holds=$(at be-nccn item show "$measure" --json | jq -r '.heads[] | select(.state == "in-force") | .name')
run lu-hcpn settle "$measure" --take "$holds"
for n in "${nodes[@]}"; do wait_for 20 is_settled "$n"; done
run be-nccn conflicts
run be-nccn measure list

say "Afterwards: what lu-hcpn knew while it was cut off, told by be-nccn"
wait_for 30 has_told be-nccn "$decision" lu-hcpn
run be-nccn picture --at "$moment" --as lu-hcpn
run be-nccn timeline "$incident"

say "In the end all four hold the same; and the real world none of it"
wait_for 60 same_everywhere "${nodes[@]}"
table
node be-nccn picture

[ -z "${DEMO_ONCE:-}" ] || exit 0
say "The nodes keep running. Try, in another terminal:"
cat <<TRY
  export PATH=$build:\$PATH
  sitrep --home $folder/be-nccn --space $exercise log --follow
  sitrep --home $folder/nl-kcr2 --space $exercise report new --precedence flash "Your text"
  sitrep --home $folder/nl-kcr2 --space $exercise new --since 1h
  sitrep --home $folder/be-safe-brussels --space $exercise picture
  sitrep --home $folder/be-safe-brussels --space $exercise delivery be-nccn/1
  sitrep --home $folder/lu-hcpn peers
  sitrep --home $folder/lu-hcpn link cut be-nccn      (and: link heal)
Ctrl-C ends the demo.
TRY
wait
