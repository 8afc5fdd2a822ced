#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Garbage from anybody below ZeroMQ, and from an admitted member above it: survived, counted, and the others are served
# meanwhile.
. "$(dirname "$0")/lib.sh"
seed=${SEED:-$((RANDOM * 32768 + RANDOM))}

found be-nccn
join nl-kcr2 be-nccn
join xx-rogue be-nccn # never started: only its keys are used
start be-nccn nl-kcr2
converge be-nccn nl-kcr2

# served: what is published on both sides goes across.
served() {
    must s be-nccn publish report "served $1" >/dev/null
    must s nl-kcr2 publish report "served $1" >/dev/null
    converge be-nccn nl-kcr2
}

# -- anybody --
"$BUILD/e2e/hostile_raw" garbage "$work/nl-kcr2" be-nccn 400 "$seed" >"$work/garbage" 2>&1 &
garbage=$!
others+=("$garbage")
served "during garbage"
wait "$garbage" || fail "seed $seed: $(cat "$work/garbage")"
expect "connections made" 400 "$(jq .connected "$work/garbage")"
served "after garbage"
failed() {
    status be-nccn .transport.handshakes_failed
    [ "$(status be-nccn .transport.handshakes_failed)" -gt 0 ]
}
await "handshakes counted as failed" failed
expect "refused messages" 0 "$(status be-nccn '[.refused[]] | add')"

# -- an admitted member --
"$BUILD/e2e/hostile_member" frames "$work/xx-rogue" be-nccn 3000 "$seed" >"$work/frames" 2>&1 &
frames=$!
others+=("$frames")
served "during frames"
wait "$frames" || fail "seed $seed: $(cat "$work/frames")"
served "after frames"
for reason in malformed unknown_author signature unexpected; do
    [ "$(status be-nccn ".refused.$reason")" -gt 0 ] || counts="${counts:-} $reason"
done
[ -z "${counts:-}" ] || fail "seed $seed: of 3000 frames none was counted as$counts: $(status be-nccn '.refused | tojson')"
[ "$(status be-nccn .transport.dropped_malformed)" -gt 0 ] || fail "no message of several frames was counted"
expect "who is blamed" '0' "$(peer be-nccn nl-kcr2 '[.refused[]] | add')"
expect "entries" "$(status nl-kcr2 .entries)" "$(status be-nccn .entries)"
expect "entries nobody signed" 0 "$(s be-nccn log --json | grep -c xx-rogue)"
expect "forks" 0 "$(status be-nccn .forks)"
[ "$(status be-nccn .memory_bytes)" -lt $((${MEMORY_MAX:-64} * 1048576)) ] || [ "$patience" -gt 20 ] ||
    fail "seed $seed: memory is $(status be-nccn .memory_bytes) bytes"
clean be-nccn nl-kcr2
stop be-nccn nl-kcr2
start be-nccn nl-kcr2
served "after a restart"
ok "seed $seed"
