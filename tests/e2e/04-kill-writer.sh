#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A node is killed while it publishes, KILLS times. What it has acknowledged is there afterwards, at both, in one epoch
# and without a fork.
. "$(dirname "$0")/lib.sh"
kills=${KILLS:-20}

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
feed be-nccn
for ((kill = 1; kill <= kills; kill++)); do
    await "acknowledgements before kill $kill" has_acked be-nccn $(($(acked be-nccn) + 1 + RANDOM % 500))
    slay be-nccn
    launch be-nccn
done
await "acknowledgements after the last kill" has_acked be-nccn $(($(acked be-nccn) + 1))
unfed be-nccn
converge be-nccn nl-kcr2
kept be-nccn be-nccn nl-kcr2
expect "both hold" "$(texts be-nccn | cksum)" "$(texts nl-kcr2 | cksum)"
expect "forks, epoch, damage" '[0,0,0]' "$(status be-nccn '[.forks,.own.epoch,.damaged] | tojson')"
expect "forks at the other" 0 "$(status nl-kcr2 .forks)"
clean be-nccn nl-kcr2
ok "$kills kills, $(acked be-nccn) entries acknowledged"
