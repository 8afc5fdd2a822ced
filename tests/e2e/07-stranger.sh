#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Who is not in the roster gets nothing, with a valid key, with a member's public key, or with none; and is counted.
. "$(dirname "$0")/lib.sh"

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
converge be-nccn nl-kcr2
before=$(status be-nccn '.transport | .denied + .handshakes_failed')
admitted=$(status be-nccn .transport.admitted)

stranger() {
    "$BUILD/e2e/hostile_stranger" ask "$work/nl-kcr2" be-nccn
}
stranger >"$work/stranger" 2>&1 &
others+=($!)
# Something to overhear, while they try.
until [ -s "$work/stranger" ]; do
    must s be-nccn publish report --precedence flash "not for strangers" >/dev/null
done
expect "what came of it" '{"attempts":6,"refused":6,"succeeded":0,"frames":0}' "$(cat "$work/stranger")"
expect "who was admitted since" "$admitted" "$(status be-nccn .transport.admitted)"
counted() {
    local now
    now=$(status be-nccn '.transport | .denied + .handshakes_failed')
    echo "$before before, $now now"
    [ "$now" -ge $((before + 6)) ]
}
await "the refusals to be counted" counted
[ "$(status be-nccn .transport.denied)" -ge 2 ] || fail "the two with a valid key are not among the denied"

expect "peers of be-nccn" nl-kcr2 "$(s be-nccn peers --json | jq -r '.peers[].node')"
converge be-nccn nl-kcr2
clean be-nccn nl-kcr2
ok
