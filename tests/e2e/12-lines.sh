#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Many at once: lines of JSON with a bad one among them, the progress bar, and public alerts, each published once.
. "$(dirname "$0")/lib.sh"
samples=${SAMPLES:-${SITREP_SHARED:-$here/../../../shared/samples}}

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2

# -- a bad line: which one, how many before it, none after --
# refused LINE COUNT TEXT...: the lines are refused at LINE, with COUNT published before it.
held=0
refused() {
    local line=$1 count=$2
    shift 2
    printf '%s\n' "$@" >"$work/lines"
    exits 4 s be-nccn publish --lines "$work/lines"
    grep -q "^sitrep: $work/lines:$line: " <<<"$said" || fail "line $line is not named: $said"
    grep -q "($count entries were published" <<<"$said" || fail "not $count published before it: $said"
    held=$((held + count))
    expect "entries after the line that is refused" "$held" "$(status be-nccn .entries)"
}
good='{"kind":"report","text":"good","precedence":"priority","fields":{"a":[1,{"b":null}]}}'
refused 3 2 "$good" "$good" '{"kind":"report"' "$good"
refused 1 0 'no JSON' "$good"
refused 5 2 "$good" '' '   ' "$good" '{"kind":"report","nope":1}' "$good"
refused 2 1 "$good" '{"kind":"Report"}'
refused 2 1 "$good" '{"text":"no kind"}'
refused 2 1 "$good" '["kind","report"]'
refused 2 1 "$good" '{"kind":"report","precedence":"urgent"}'
refused 2 1 "$good" '{"kind":"report","fields":{"x":1.5}}'
refused 2 1 "$good" '{"kind":"report","fields":{"kind":"twice"}}'
refused 2 1 "$good" '{"kind":"report","kind":"twice"}'
refused 2 1 "$good" "{\"kind\":\"report\",\"text\":\"$(printf '\xff')\"}"
refused 2 1 "$good" '{"kind":"report","text":"\u0000"}'
refused 2 1 "$good" "{\"kind\":\"report\",\"text\":\"$(head -c 900000 /dev/urandom | base64 -w 0)\"}"
{
    for _ in {1..130}; do
        echo "$good"
    done
    echo 'the 131st'
    echo "$good"
} >"$work/lines"
exits 4 s be-nccn publish --lines - <"$work/lines"
grep -q -- '^sitrep: -:131: ' <<<"$said" || fail "line 131 of standard input is not named: $(tail -n 1 <<<"$said")"
expect "names printed" 130 "$(grep -c '^be-nccn/' <<<"$said")"
held=$((held + 130))
expect "entries" "$held" "$(status be-nccn .entries)"
exits 1 s be-nccn publish --lines "$work/nowhere"
exits 0 s be-nccn publish --lines /dev/null
expect "nothing from no lines" "" "$said"
must s be-nccn publish --lines <(lines 1 50000) >"$work/names"
held=$((held + 50000))
expect "names of many" 50000 "$(sort -u "$work/names" | wc -l)"
expect "the order they stand in" "line 50000" "$(s be-nccn show "$(tail -n 1 "$work/names")" --json | jq -r .text)"

# -- a progress bar on a terminal, and nowhere else --
lines 1 3000 >"$work/lines"
exits 0 s be-nccn publish --lines "$work/lines"
grep -q $'[\r\033]' <<<"$said" && fail "a progress bar without a terminal"
seen=$(script -qec "'$BUILD/sitrep' --home '$work/be-nccn' publish --lines '$work/lines'" /dev/null </dev/null)
grep -q $'\r.*%.*entries' <<<"$seen" || fail "no progress bar on a terminal: $(head -c 300 <<<"$seen" | cat -v)"
grep -q '3000 entries are published' <<<"$seen" || fail "no sum on a terminal: $(tail -c 300 <<<"$seen" | cat -v)"
held=$((held + 6000))

# -- public alerts --
import() {
    s "$1" import cap "$2" 2>"$work/stderr"
}
alerts=0
for file in "$here"/fixtures/cap/*.xml "$samples"/cap/*; do
    [ -e "$file" ] || continue
    case ${file##*/} in
        NEGATIVE-* | *.json)
            exits 4 s be-nccn import cap "$file"
            grep -q "^sitrep: $file:[0-9]*: " <<<"$said" || fail "no line is named in $file: $said"
            ;;
        *)
            name=$(must s be-nccn import cap "$file")
            alerts=$((alerts + 1))
            expect "name of $file" "be-nccn/$((held + alerts))" "$name"
            expect "$file again" "$name" "$(import be-nccn "$file")"
            grep -q 'was published before' "$work/stderr" || fail "it is not told that $file was published before"
            s be-nccn show "$name" --json >"$work/shown"
            jq -r '.fields.original["$bytes"]' "$work/shown" | base64 -d | cmp -s - "$file" ||
                fail "the original bytes of $file are not kept"
            expect "kind of $file" alert "$(jq -r .kind "$work/shown")"
            grep -qF "$(jq -r .fields.cap.identifier "$work/shown")" "$file" || fail "the identifier is not that of $file"
            ;;
    esac
done
[ "$alerts" -ge 4 ] || fail "only $alerts alerts in $here/fixtures/cap"
expect "entries with the alerts" $((held + alerts)) "$(status be-nccn .entries)"
converge be-nccn nl-kcr2
for file in "$here"/fixtures/cap/*.xml; do
    name=$(must s nl-kcr2 import cap "$file")
    expect "author of $file at a node that has received it" be-nccn "${name%%/*}"
done
expect "entries after importing what is known" $((held + alerts)) "$(status nl-kcr2 .entries)"
exits 1 s be-nccn import cap "$work/nowhere.xml"
exits 4 s be-nccn import cap "$work/lines"
# One bad file does not keep the others back.
sed 's|<identifier>|&again-|' "$here/fixtures/cap/nl-smoke-circle.xml" >"$work/new.xml"
exits 4 s be-nccn import cap "$work/lines" "$work/new.xml"
expect "entries with the new alert" $((held + alerts + 1)) "$(status be-nccn .entries)"
stop be-nccn
start be-nccn # what was imported is known after a restart
name=$(must s be-nccn import cap "$work/new.xml")
expect "the new alert after a restart" "be-nccn/$((held + alerts + 1))" "$name"
converge be-nccn nl-kcr2
clean be-nccn
ok "$alerts alerts"
