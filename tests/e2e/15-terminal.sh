#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What others write must not work on the terminal of those who read it: no control character, no change of direction, no
# hidden letter from an entry, a request or an alert gets through.
. "$(dirname "$0")/lib.sh"

# tty COMMAND...: what it writes to a terminal, both streams.
tty() {
    script -qec "$(printf '%q ' "$BUILD/sitrep" "$@")" /dev/null </dev/null
}

# harmless WHAT FILE: nothing in it but visible text and line ends.
harmless() {
    perl -CSD -0777 -ne '
        s/\r?\n//g;
        if (/([\x00-\x1f\x7f-\x9f\x{ad}\x{61c}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}\x{fff9}-\x{fffb}])/) {
            printf "U+%04X at %d, after %s\n", ord($1), $-[0], substr($`, -30) =~ s/[^ -~]/?/gr;
            exit 1;
        }' "$2" >"$work/harm" || fail "$1: $(cat "$work/harm")"
}

found be-nccn
join nl-kcr2 be-nccn
start be-nccn nl-kcr2
cat >"$work/lines" <<'LINES'
{"kind":"report","precedence":"flash","text":"red \u001b[35mEVIL\u001b[0m bell \u0007 title \u001b]0;owned\u0007 clip \u001b]52;c;ZXZpbA==\u001b\\ clear \u001b[2J\u001b[H"}
{"kind":"report","text":"first line\nsecond line\rovertyped\ttab\u000b\u000c\b\b\b"}
{"kind":"report","text":"c1 \u009b35m \u0085 \u009d0;x\u009c del \u007f"}
{"kind":"report","text":"left \u202e thgir \u2066 isolate \u2069 \u200e\u200f hidden\u200bspace\u2060 \ufeff soft\u00adhyphen \u2028 \u2029 \u061c"}
{"kind":"report","fields":{"na\u001b[35mme":"va\u001b[35mlue","list":["\u001b[35m",{"\u202e":"\u009b35m"}],"\u0007":1}}
{"kind":"alert","fields":{"cap":{"identifier":"a","sender":"b","sent":"c","info":[{"headline":"head\u001b[35mline\u202e"}]}}}
LINES
must s be-nccn publish --lines "$work/lines" >/dev/null
must s nl-kcr2 publish report "an honest one, in ümläuts, 日本語 and \$(nothing)" >/dev/null
converge be-nccn nl-kcr2

for colour in "" NO_COLOR; do
    if [ -n "$colour" ]; then
        export NO_COLOR=1
    fi
    for command in log "show be-nccn/1" "show be-nccn/2" "show be-nccn/3" "show be-nccn/4" "show be-nccn/5" \
        "show be-nccn/6" status peers fsck; do
        # shellcheck disable=SC2086
        tty --home "$work/nl-kcr2" $command >"$work/seen"
        [ -s "$work/seen" ] || fail "'$command' shows nothing"
        grep -qF $'\033[35m' "$work/seen" && fail "'$command' lets a colour of an entry through"
        # Our own colours, and the progress bar's line.
        [ -n "$colour" ] || sed -i -e $'s/\033\\[[0-9;]*m//g' "$work/seen"
        sed -i -e $'s/\r\033\\[K[^\r\033]*//g' "$work/seen"
        harmless "$command${colour:+ with NO_COLOR}" "$work/seen"
    done
    for command in log "show be-nccn/1" "show be-nccn/4" "show be-nccn/5" status; do
        # shellcheck disable=SC2086
        tty --home "$work/nl-kcr2" --json $command | tr -d '\177' >"$work/seen" # JSON keeps DEL, terminals ignore it
        harmless "--json $command" "$work/seen"
        tr -d '\r' <"$work/seen" | jq -e . >/dev/null || fail "--json $command is no JSON on a terminal"
    done
done
expect "one line an entry" 7 "$(tty --home "$work/nl-kcr2" log | wc -l)"
expect "what is escaped can be read" 'red \u{1b}[35mEVIL' "$(s nl-kcr2 show be-nccn/1 | grep -o 'red .*EVIL')"
tty --home "$work/nl-kcr2" log | has 'ümläuts, 日本語' || fail "honest text is spoilt"
unset NO_COLOR
s nl-kcr2 log | has $'\033' && fail "colours without a terminal"
s nl-kcr2 show be-nccn/1 | has $'\033' && fail "colours without a terminal"
# For programs the text is what it was.
expect "text in JSON" "$(head -n 1 "$work/lines" | jq .text)" "$(s nl-kcr2 show be-nccn/1 --json | jq .text)"

# -- what a stranger hands to an authority, and what a file is called --
request() {
    s "$1" join request --centre xx-evil --title "$2" --endpoint "tcp://127.0.0.1:$(free_port)" --no-passphrase
}
request xx-control $'Nice\033[35m centre' >/dev/null 2>&1 && fail "a title may hold control characters"
must request xx-evil $'Nice \xe2\x80\xae centre' >"$work/request"
tty --home "$work/be-nccn" admit "$work/request" --yes >"$work/seen"
grep -q "xx-evil" "$work/seen" || fail "the request is not shown: $(cat -v "$work/seen")"
harmless "admit" "$work/seen"
tty --home "$work/be-nccn" import cap $'/nowhere/\033[35mfile' >"$work/seen"
harmless "a file's name" "$work/seen"
tty --home "$work/be-nccn" show $'be-nccn/\033[35m1' >"$work/seen"
harmless "an entry's name" "$work/seen"
sed $'s|<identifier>|&\xe2\x80\xae|; s|<headline>|&\xe2\x80\xae|' "$here/fixtures/cap/nl-smoke-circle.xml" >"$work/evil.xml"
tty --home "$work/be-nccn" import cap "$work/evil.xml" >"$work/seen"
harmless "import" "$work/seen"
tty --home "$work/be-nccn" log >"$work/seen"
sed -i -e $'s/\033\\[[0-9;]*m//g' "$work/seen"
harmless "log after the import" "$work/seen"
ok
