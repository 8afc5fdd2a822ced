# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: EUPL-1.2
# Nodes in network namespaces, with a wire of our own between two of them. Read behind lib.sh by scripts that need it;
# skips the script where that cannot be.
#
#     pair be-nccn nl-kcr2 "rate 64000" "delay 300" "loss 50"
#     tell "a down"                       # see tests/wire/command.h
#     measure; ...; measured "a report"   # bytes, seconds and bytes sent twice, for `ok "$results"`

[ "$(id -u)" = 0 ] || skip "network namespaces need root"
command -v ip >/dev/null || skip "there is no ip (package iproute2)"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
[ -x "$BUILD/sitrep-wire" ] || "$here/build.sh" || fail "$BUILD has no sitrep-wire"

# The namespaces' names begin with this, so that a later run can tell those that nobody needs any more.
netns=sitrep-$main_pid

remove_netns() {
    ip netns pids "$1" | xargs -r kill -KILL
    ip netns del "$1"
} 2>/dev/null

# Those of scripts that were killed.
sweep() {
    local name pid
    ip netns list | sed -n 's/^\(sitrep-\([0-9]*\)-[^ ]*\).*/\2 \1/p' | while read -r pid name; do
        kill -0 "$pid" 2>/dev/null || remove_netns "$name"
    done
}

at_end() {
    local name
    for name in $(ip netns list | sed -n "s/^\($netns-[^ ]*\).*/\1/p"); do
        remove_netns "$name"
    done
}

# place NODE: makes a namespace in which that node will run.
place() {
    netns_of[$1]=$netns-$1
    ip netns add "${netns_of[$1]}" 2>"$work/netns" || skip "no network namespace: $(cat "$work/netns")"
    # In a chroot, say, they can be made and not entered.
    ip -n "${netns_of[$1]}" link set lo up 2>"$work/netns" || skip "no way into a network namespace: $(cat "$work/netns")"
    # What Debian comes with, whatever this machine uses; and no packets but those of the nodes.
    within "$1" sysctl -q net.ipv4.tcp_congestion_control=cubic net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
}

# within NODE COMMAND...: in that node's namespace.
within() {
    local node=$1
    shift
    ip netns exec "${netns_of[$node]}" "$@"
}

# wire NODE NODE COMMAND...: makes both namespaces and the wire between them. The first end is `a` with 10.77.0.1, the
# second one is `b` with 10.77.0.2. MTU may be set.
wire() {
    local a=$1 b=$2
    shift 2
    place "$a"
    place "$b"
    mkfifo "$work/tell" "$work/told-back"
    # Opened for both ways, a FIFO never ends and never blocks.
    "$BUILD/sitrep-wire" --a "${netns_of[$a]}" --b "${netns_of[$b]}" ${SEED:+--seed "$SEED"} "$@" \
        0<>"$work/tell" 1<>"$work/told-back" 2>"$work/wire.log" &
    wire_pid=$!
    others+=("$wire_pid")
    hear_wire >>"$work/wire.log" || no_wire # its first word is the seed
    address_of["$a"]=10.77.0.1
    address_of["$b"]=10.77.0.2
    attach "$a" "$b"
    attach "$b" "$a"
}

# Why the wire ended at once: this system has no TUN devices for us, or the script is wrong.
no_wire() {
    local code=0
    wait "$wire_pid" || code=$?
    [ "$code" = 1 ] && skip "$(cat "$work/wire.log")"
    fail "no wire, exit code $code"
}

# attach NODE OTHER: brings the wire's end at NODE up.
attach() {
    must ip -n "${netns_of[$1]}" addr add "${address_of[$1]}" peer "${address_of[$2]}" dev wire
    must ip -n "${netns_of[$1]}" link set wire mtu "${MTU:-1500}" up
}

hear_wire() {
    local line
    until IFS= read -r -t 1 line <>"$work/told-back"; do
        kill -0 "$wire_pid" 2>/dev/null || return 1
    done
    echo "$line"
}

# tell COMMAND: to the wire.
tell() {
    local answer
    kill -0 "$wire_pid" 2>/dev/null || fail "the wire ended by itself"
    echo "$1" >"$work/tell"
    answer=$(hear_wire) || fail "the wire ended by itself"
    [ "${answer%%:*}" != refused ] || fail "the wire says $answer"
    echo "$answer"
}

# counted FILTER: of jq, on what the wire counted since the beginning (`a` and `b`) and since `measure` (`since`, both
# ends together).
counted() {
    tell counts | jq -r --argjson begun "${begun:-null}" \
        '. + {since: ([.a, .b | to_entries[]] | group_by(.key) | map({key: .[0].key, value: (map(.value) | add)}) |
            from_entries | with_entries(.value -= ($begun[.key] // 0)))} | '"$1"
}

# pair NODE NODE COMMAND...: two nodes on a wire, with the intervals nodes have when nothing is configured.
pair() {
    wire "$@"
    found "$1"
    join "$2" "$1"
    configure "$1" "${normal[@]}"
    configure "$2" "${normal[@]}"
    start "$1" "$2"
}
normal=(sync/beacon_ms=1000 sync/retry_ms=3000 sync/own_log_wait_ms=3000)

# meet NODE NODE: they converge, however slow the line is, and hold the same texts.
meet() {
    TIMEOUT=${TIMEOUT:-$((patience * 9))} converge "$1" "$2"
    expect "the texts at $2" "$(texts "$1")" "$(texts "$2")"
}

# report NODE: publishes 300 characters of text.
report() {
    must s "$1" publish report "$(printf 'Dijk bij Nijmegen op %d cm boven peil; ' $((RANDOM % 900 + 100)) {1..8} | cut -c1-300)"
}

# measure ... measured WHAT: adds to $results what the wire carried meanwhile, in both directions, and how long it took.
results=
measure() {
    tell forget >/dev/null
    begun=null
    begun=$(counted .since)
    begun_ms=$(now_ms)
}

measured() {
    local seconds=$((($(now_ms) - begun_ms + 500) / 1000))
    results+="${results:+; }$1: $(counted '.since | "\(.bytes) bytes"') in $seconds s, $(counted .since.twice) bytes twice"
}

sweep
