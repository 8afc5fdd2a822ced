#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A node is killed while it receives, and while it publishes some of its own, KILLS times. It catches up each time, and
# nothing it or the writer has acknowledged is missing anywhere.
. "$(dirname "$0")/lib.sh"
kills=${KILLS:-20}

holds() {
    local held
    held=$(status "$1" .entries)
    echo "$held of $2 entries"
    [ "${held:-0}" -ge "$2" ]
}

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
feed be-nccn
feed nl-kcr2
for ((kill = 1; kill <= kills; kill++)); do
    # Alternately while it catches up, and while it is up to date.
    await "entries before kill $kill" holds nl-kcr2 $((kill % 2 * $(status be-nccn .entries) + 1))
    slay nl-kcr2
    await "entries it lacks" has_acked be-nccn $(($(acked be-nccn) + 1 + RANDOM % 500))
    launch nl-kcr2
done
unfed be-nccn
unfed nl-kcr2
converge be-nccn nl-kcr2
kept be-nccn be-nccn nl-kcr2
kept nl-kcr2 be-nccn nl-kcr2
expect "both hold" "$(texts be-nccn | cksum)" "$(texts nl-kcr2 | cksum)"
expect "forks, epoch, damage" '[0,0,0]' "$(status nl-kcr2 '[.forks,.own.epoch,.damaged] | tojson')"
expect "forks at the other" 0 "$(status be-nccn .forks)"
clean be-nccn nl-kcr2
ok "$kills kills, $(acked be-nccn) and $(acked nl-kcr2) entries acknowledged"
