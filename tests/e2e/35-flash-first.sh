#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# 2.4 kbit/s with 1 MiB of routine entries queued, which is an hour of this line: flash entries of 300 characters do not
# wait for it, at whatever moment they are written. FLASHES says how many. How long they took is told; it should be 5 s
# at most.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

pair be-nccn nl-kcr2 "rate 64000" "delay 10"
meet be-nccn nl-kcr2
tell "rate 2400" >/dev/null
tell "delay 100" >/dev/null

for end in "be-nccn nl-kcr2" "nl-kcr2 be-nccn"; do
    read -r node other <<<"$end"
    must s "$node" link "$other" --profile manual --rate 2200 2>/dev/null # less than the line, never more
done

# Text that does not compress.
for i in $(seq 700); do
    jq -nc --arg text "$(head -c 750 /dev/urandom | base64 -w 0)" '{kind: "report", text: $text}'
done >"$work/backlog"
measure
must s be-nccn publish --lines "$work/backlog" >/dev/null
worst=0
for _ in $(seq "${FLASHES:-3}"); do
    lasting 7 status be-nccn .node
    written_ms=$(now_ms)
    name=$(must s be-nccn publish report --precedence flash "$(printf 'Dijkdoorbraak bij Ochten om %s; ' "$(date +%T)" {1..9} | cut -c1-300)")
    TIMEOUT=60 await "$name at nl-kcr2" s nl-kcr2 show "$name"
    late=$(($(now_ms) - written_ms))
    [ "$late" -gt "$worst" ] && worst=$late
done
measured "1 MiB queued"
[ "$(peer be-nccn nl-kcr2 .missing_there)" -gt 100 ] || fail "there was no backlog"

# When the line passes less than it was told, what is too much waits in the node, where it can be overtaken; the kernel
# has to send no more than the line was said to pass in two seconds, and a little.
unsent() {
    peer be-nccn nl-kcr2 '.measured.unsent // 0'
}
kernel_keeps() { # AT_LEAST AT_MOST: bytes
    local bytes
    bytes=$(unsent)
    [ "$bytes" -ge "$1" ] && [ "$bytes" -le "$2" ] || { echo "$bytes bytes in the kernel" && return 1; }
}
tell "rate 1200" >/dev/null
TIMEOUT=120 await "the kernel to have something to send" kernel_keeps 1 1000000
lasting 40 kernel_keeps 0 $((2200 / 8 * 2 + 60))
waiting=$(peer be-nccn nl-kcr2 .waiting.routine)
[ "$waiting" -gt 10000 ] || fail "nothing waits in the node: $waiting bytes"
ok "$results; a flash entry took $worst ms at most"
