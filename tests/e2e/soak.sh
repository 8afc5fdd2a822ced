#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Two nodes on a satellite line that comes and goes, for MINUTES, with both writing all the time: nothing is lost, and what
# the processes use stays what it is. SEED says when the line goes and for how long.
SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"
RANDOM=$SEED
minutes=${MINUTES:-60}
echo "soak: $minutes minutes, seed $SEED"

pair be-nccn nl-kcr2 "rate 64000" "delay 300" "loss 20"
both_nodes=(be-nccn nl-kcr2)
must s be-nccn link nl-kcr2 --profile satellite >/dev/null 2>&1
must s nl-kcr2 link be-nccn --profile satellite >/dev/null 2>&1
TIMEOUT=120 meet be-nccn nl-kcr2

# write_on NODE: about an entry a second, until `unfed`; the acknowledged ones come into $work/acked.NODE.
write_on() {
    local number=0 text name
    while [ ! -e "$work/unfed.$1" ]; do
        number=$((number + 1))
        text="report $number of $1: $(head -c $((RANDOM % 300 + 30)) /dev/urandom | base64 -w 0)"
        name=$(s "$1" publish report "$text" 2>>"$work/unwritten.$1") && echo "$name $text" >>"$work/acked.$1"
        sleep "0.$((RANDOM % 900 + 100))" # a pace that the line can keep, between two cuts
    done
}

# watch NODE: every five seconds what the process has: KiB of its own memory, descriptors, threads.
watch() {
    local pid=${pid_of[$1]}
    while [ ! -e "$work/unfed.$1" ]; do
        echo "$(sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")" \
            "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" \
            "$(sed -n 's/^Threads:[^0-9]*//p' "/proc/$pid/status")" >>"$work/used.$1"
        sleep 5
    done
}

both_run() {
    answers be-nccn && answers nl-kcr2
}

# The largest of a column of what NODE used, in the first or the last third.
most() { # NODE COLUMN first|last
    awk -v column="$2" -v third="$3" '{ used[NR] = $column }
        END {
            from = third == "first" ? 1 : NR - int(NR / 3) + 1
            for (i = from; i < from + int(NR / 3); i++) most = used[i] > most ? used[i] : most
            print most
        }' "$work/used.$1"
}

# steady NODE WHAT COLUMN SLACK: the last third has at most SLACK more than the first.
steady() {
    local first last
    first=$(most "$1" "$3" first)
    last=$(most "$1" "$3" last)
    results+="; $2 of $1: $first, then $last"
    [ "$last" -le $((first + $4)) ] || fail "$2 of $1 grows: $first in the first third at most, $last in the last"
}

measure
for node in "${both_nodes[@]}"; do
    : >"$work/acked.$node"
    write_on "$node" &
    feeder_of[$node]=$!
    others+=($!)
    watch "$node" &
    others+=($!)
done
cuts=0
away_s=0
end=$((SECONDS + minutes * 60))
ways=(down down "a down" "b down")
while [ "$SECONDS" -lt "$end" ]; do
    lasting $((RANDOM % 25 + 5)) both_run
    seconds=$((RANDOM % 15 + 1))
    [ $((RANDOM % 10)) = 0 ] && seconds=$((seconds + 40)) # some are long
    tell "${ways[RANDOM % 4]}" >/dev/null
    lasting "$seconds" both_run
    tell up >/dev/null
    cuts=$((cuts + 1))
    away_s=$((away_s + seconds))
done
unfed be-nccn
unfed nl-kcr2
writing_s=$((($(now_ms) - begun_ms) / 1000))
connections=$(counted .since.connections)
TIMEOUT=600 meet be-nccn nl-kcr2
measured "$(status be-nccn .entries) entries"

results+="; away $cuts times, $away_s of $writing_s s; connections opened: $connections"
for node in "${both_nodes[@]}"; do
    [ "$(acked "$node")" -ge $((writing_s / 4)) ] || fail "only $(acked "$node") entries were written at $node"
    [ -s "$work/unwritten.$node" ] && fail "$node took no entries: $(head -n 3 "$work/unwritten.$node")"
    kept "$node" "${both_nodes[@]}"
    steady "$node" "KiB" 1 4096
    steady "$node" "descriptors" 2 4
    steady "$node" "threads" 3 2
    grep -E 'level=(warning|error)' "$work/$node.log" >"$work/told" && fail "$node's log has: $(head -n 5 "$work/told")"
    [ "$(wc -l <"$work/$node.log")" -le $((20 + 12 * cuts)) ] || fail "$node's log has $(wc -l <"$work/$node.log") lines"
done
# A cut that breaks a connection costs one that fits, and now and then one or two tries that come too soon.
[ "$connections" -le $((3 * cuts + 3)) ] || fail "$connections connections were opened for $cuts cuts"
clean be-nccn nl-kcr2
ok "$results"
