#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A disk that fills up: others' entries are no longer taken in below the reserve, publishing is refused when nothing fits
# any more, reading goes on, nothing acknowledged is lost; and all of it resumes when there is space again.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "only root can mount a small disk"
at_end() {
    umount -l "$work/be-nccn" 2>/dev/null
}
mkdir "$work/be-nccn"
mount -t tmpfs -o size=48m,mode=700 sitrep-test "$work/be-nccn" 2>"$work/mount" || skip "no mount: $(cat "$work/mount")"

# random_lines COUNT TAG: entries of about 3 KiB that do not compress.
random_lines() {
    head -c $(($1 * 3000)) /dev/urandom | base64 -w 4000 | jq -cR --arg tag "$2" '{kind: "report", text: "\($tag) \(.)"}'
}
space() { # KiB free
    df --output=avail -k "$work/be-nccn" | tail -n 1 | tr -d ' '
}

found be-nccn
join nl-kcr2 be-nccn
configure be-nccn store/reserve_mib=8
start be-nccn nl-kcr2
random_lines 200 first >"$work/lines"
must s be-nccn publish --lines "$work/lines" >"$work/names"
converge be-nccn nl-kcr2

# -- below the reserve: others' entries wait --
head -c $((($(space) - 12 * 1024) * 1024)) /dev/zero >"$work/be-nccn/ballast"
random_lines 3000 others >"$work/lines"
must s nl-kcr2 publish --lines "$work/lines" >/dev/null
paused() {
    peer nl-kcr2 be-nccn '"\(.converged) \(.missing_there)"'
    status be-nccn '.store | tojson'
    [ "$(status be-nccn .store.failed)" = true ] && [ "$(space)" -lt $((12 * 1024)) ]
}
await "replication to pause" paused
held=$(status be-nccn .entries)
[ "$held" -lt 3200 ] || fail "all $held entries fitted; nothing was full"
await "be-nccn to say what is missing" gives $((3200 - held)) peer be-nccn nl-kcr2 .missing_here
expect "reading goes on" "$held" "$(must s be-nccn log --json | wc -l)"
must s be-nccn show be-nccn/1 >/dev/null

# -- until nothing fits --
head -c 200M /dev/zero >"$work/be-nccn/ballast2" 2>/dev/null
expect "space left" 0 "$(space)"
tries=0
code=0
while [ "$code" = 0 ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 40 ] || fail "publishing goes on with a full disk"
    random_lines 50 "try $tries" >"$work/lines"
    s be-nccn publish --lines "$work/lines" >>"$work/names" 2>"$work/refused"
    code=$?
done
[ "$code" = 4 ] || [ "$code" = 1 ] || fail "publishing on a full disk exits with $code: $(cat "$work/refused")"
grep -qiE 'disk|space|full' "$work/refused" || fail "the refusal does not say why: $(cat "$work/refused")"
exits "$code" s be-nccn publish report "still no space"
grep -qiE 'disk|space|full' <<<"$said" || fail "the refusal does not say why: $said"
expect "reading goes on, full" "$(status be-nccn .entries)" "$(must s be-nccn log --json | wc -l)"
must s be-nccn show be-nccn/1 >/dev/null
clean be-nccn
must s nl-kcr2 publish report "the others go on" >/dev/null
sort "$work/names" >"$work/acked.names"
expect "acknowledged, and missing" "" "$(comm -23 "$work/acked.names" <(names be-nccn) | head -n 5)"

# -- a restart without space --
stop be-nccn
start be-nccn
must s be-nccn show be-nccn/1 >/dev/null
expect "acknowledged, and missing after a restart" "" "$(comm -23 "$work/acked.names" <(names be-nccn) | head -n 5)"

# -- space again --
rm "$work/be-nccn/ballast" "$work/be-nccn/ballast2"
published() {
    s be-nccn publish report "space again"
}
await "publishing to resume" published
converge be-nccn nl-kcr2
expect "acknowledged, and missing at the peer" "" "$(comm -23 "$work/acked.names" <(names nl-kcr2) | head -n 5)"
expect "the same at both" "$(texts be-nccn | cksum)" "$(texts nl-kcr2 | cksum)"
expect "forks" "0 0" "$(status be-nccn .forks) $(status nl-kcr2 .forks)"
clean be-nccn nl-kcr2
ok
