#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Announcements of giant frames, ten thousand idle connections, a member with 100,000 random subscriptions: the node's own
# memory stays within 64 MiB of before, and the other peers are served within two seconds.
. "$(dirname "$0")/lib.sh"
extra_max=64 # MiB
late_max=2000 # ms
[ "$patience" -gt 20 ] && extra_max=512 late_max=20000 # a sanitizer's memory and time are not the node's
ulimit -n 16384 2>/dev/null || skip "no more than $(ulimit -Hn) descriptors are allowed"

found be-nccn
join nl-kcr2 be-nccn
join xx-rogue be-nccn # never started: only its keys are used
start be-nccn nl-kcr2
must s be-nccn publish --lines <(lines 1 500) >/dev/null
converge be-nccn nl-kcr2

memory() { # KiB of its own: neither files nor the mapped store
    sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/${pid_of[be-nccn]}/status"
}
before=$(memory)
most=$before
watch_memory() {
    local now
    now=$(memory)
    [ "$now" -gt "$most" ] && most=$now
    [ $((now - before)) -le $((extra_max * 1024)) ] ||
        fail "memory grew from $before KiB to $now KiB with $1"
}

# served WITH: an entry is published and seen at the peer in time, and memory is looked at meanwhile.
worst=0
served() {
    local name begun late
    begun=$(now_ms)
    name=$(must s be-nccn publish report --precedence flash "served with $1")
    TIMEOUT=30 await "$name at the peer, with $1" s nl-kcr2 show "$name"
    late=$(($(now_ms) - begun))
    [ "$late" -gt "$worst" ] && worst=$late
    [ "$late" -le "$late_max" ] || fail "with $1 it takes $late ms from publishing to the peer"
    watch_memory "$1"
}

# during WITH PID: until that process has ended.
during() {
    local end=$((SECONDS + patience * 3))
    while kill -0 "$2" 2>/dev/null; do
        served "$1"
        [ "$SECONDS" -lt "$end" ] || fail "$1 do not end"
    done
    served "$1"
}

served "nobody"

"$BUILD/e2e/hostile_raw" giants "$work/nl-kcr2" be-nccn 24 >"$work/giants" 2>&1 &
others+=($!)
during "giant announcements" $!
sent=$(jq .most_sent "$work/giants")
[ "${sent:-0}" -gt 0 ] && [ "$sent" -lt $((16 * 1048576)) ] || fail "$sent bytes of a giant were taken: $(cat "$work/giants")"

"$BUILD/e2e/hostile_raw" idle "$work/nl-kcr2" be-nccn 10000 >"$work/idle" 2>&1 &
idle=$!
others+=("$idle")
until [ -s "$work/idle" ]; do
    served "idle connections being opened"
done
connected=$(jq .connected "$work/idle")
[ "${connected:-0}" -ge 9000 ] || fail "only ${connected:-no} idle connections: $(cat "$work/idle")"
served "idle connections"
served "idle connections"
kill "$idle"

"$BUILD/e2e/hostile_member" subscriptions "$work/xx-rogue" be-nccn 100000 >"$work/subscriptions" 2>&1 &
rogue=$!
others+=("$rogue")
refused() {
    status be-nccn .transport.subscriptions_refused
    [ "$(status be-nccn .transport.subscriptions_refused)" -gt 0 ]
}
await "refused subscriptions" refused
for _ in 1 2 3 4 5; do
    served "random subscriptions"
done
kill "$rogue"
# shellcheck disable=SC2119
converge be-nccn nl-kcr2
clean be-nccn
ok "memory from $((before / 1024)) MiB to $((most / 1024)) MiB at most; $worst ms at worst; $connected idle connections"
