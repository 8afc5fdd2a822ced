#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What keeps a node from starting is said in words, with the line where there is one, before anything is opened.
. "$(dirname "$0")/lib.sh"

found be-nccn
home=$work/be-nccn
cp "$home/node.conf" "$work/good.conf"

# refused TEXT...: sitrepd ends with 1, says TEXT (an extended regular expression) for each, and has opened nothing.
refused() {
    local text
    exits 1 timeout "$patience" "$BUILD/sitrepd" --home "$home"
    for text in "$@"; do
        grep -qE -- "$text" <<<"$said" || fail "it does not say '$text', but: $said"
    done
    [ ! -e "$home/store/real/data.mdb" ] || fail "the store was opened before $1"
    [ ! -e "$home/api.sock" ] || fail "the API was opened before $1"
    [ ! -e "$home/guard" ] || fail "the guard was written before $1"
}

# mistake LINE TEXT CONF: alone in the file.
mistake() {
    printf '%b' "$3" >"$home/node.conf"
    refused "^node\\.conf:$1: .*$2"
    expect "number of mistakes told" 1 "$(grep -c '^node\.conf:' <<<"$said")"
}
mistake 2 "100 to 60000" 'sync\n    beacon_ms = 99\n'
mistake 3 "100 to 60000" '# first\nsync\n    retry_ms = 60001\n'
mistake 2 "whole number" 'sync\n    window_kib = many\n'
mistake 2 "1 to 256" 'sync\n    peers_max = 0\n'
mistake 2 "whole number" 'sync\n    own_log_wait_ms = -1\n'
mistake 2 "0 to 1" 'live\n    enabled = yes\n'
mistake 2 "tcp://" 'live\n    bind = "ipc:///tmp/x"\n'
mistake 2 "tcp://" 'sync\n    bind = "tcp://*:70000"\n'
mistake 2 "tcp://" 'sync\n    bind = "tcp://*"\n'
mistake 2 "ADDRESS:PORT" 'transport\n    socks = "socks5://127.0.0.1:1080"\n'
mistake 2 "none is" 'transport\n    socks_login = login\n'
mistake 3 "No such file" 'transport\n    socks = "127.0.0.1:1080"\n    socks_login = login\n'
printf 'me\nsecret\n' >"$home/login"
chmod 644 "$home/login"
mistake 3 "chmod 600" 'transport\n    socks = "127.0.0.1:1080"\n    socks_login = login\n'
chmod 600 "$home/login"
printf 'me\n' >"$home/login"
mistake 3 "two lines" 'transport\n    socks = "127.0.0.1:1080"\n    socks_login = login\n'
mistake 2 "1 to 1048576" 'store\n    reserve_mib = 99999999999999999999\n'
mistake 2 "error, warning, info or debug" 'log\n    level = loud\n'
mistake 2 "there is no 'colour'" 'log\n    colour = red\n'
mistake 1 "no section 'logs'" 'logs\n    level = info\n'
mistake 3 "already set on line 2" 'sync\n    beacon_ms = 200\n    beacon_ms = 300\n'
mistake 2 "four blanks" 'sync\n  beacon_ms = 200\n'
mistake 2 "tab" 'sync\n\tbeacon_ms = 200\n'
mistake 2 "not 'key = value'" 'sync\n    beacon_ms 200\n'
mistake 1 "in no section" '    beacon_ms = 200\n'
mistake 2 "longer than" "log\n    level = $(printf '%01100d' 0)\n"
printf 'sync\n    beacon_ms = 1\n    nope = 1\nlive\n    enabled = 2\nlogs\nstore\n  scrub_per_s = 1\n' >"$home/node.conf"
refused '^node\.conf:3: ' '^node\.conf:6: ' '^node\.conf:8: '
printf 'sync\n    beacon_ms = 1\nlive\n    enabled = 2\nlog\n    level = loud\n' >"$home/node.conf"
refused '^node\.conf:2: ' '^node\.conf:4: ' '^node\.conf:6: '
# Nothing a file holds reaches the terminal as it is.
printf 'sync\n    beacon_ms = \033[31mred\n' >"$home/node.conf"
refused '^node\.conf:2: '
grep -q $'\033' <<<"$said" && fail "a control character of node.conf is shown as it is"

# -- other reasons --
cp "$work/good.conf" "$home/node.conf"
chmod 644 "$home/keys/node.key"
refused "node\.key"
chmod 600 "$home/keys/node.key"
chmod 755 "$home"
refused "$home"
chmod 700 "$home"
mv "$home/keys/node.key" "$work/node.key"
refused "node\.key"
head -c 40 "$work/node.key" >"$home/keys/node.key"
chmod 600 "$home/keys/node.key"
refused "node\.key"
mv "$work/node.key" "$home/keys/node.key"
cp -a "$home/roster/1.roster" "$work/1.roster"
printf 'x' >>"$home/roster/1.roster"
refused "roster"
cp -a "$work/1.roster" "$home/roster/1.roster"
exits 3 s nowhere status
has "there is no node in $work/nowhere: give its folder with --home" <<<"$said" || fail "it is not said that the folder is wrong: $said"
exits 1 "$BUILD/sitrepd" --home "$work/nowhere"
grep -q nowhere <<<"$said" || fail "the home that is not there is not named: $said"
exits 2 "$BUILD/sitrepd"
exits 2 "$BUILD/sitrepd" --home "$home" more
exits 2 "$BUILD/sitrepd" --nope

# A node that has asked and was not admitted yet.
must s nl-kcr2 join request --centre nl-kcr2 --title KCR2 --endpoint tcp://127.0.0.1:1 --no-passphrase >/dev/null
exits 1 timeout "$patience" "$BUILD/sitrepd" --home "$work/nl-kcr2"
grep -qiE "join|invitation|roster|groups\.key" <<<"$said" || fail "it is not said what a node lacks that has not joined: $said"

# -- and a good one: the first start, no file at all, a second daemon, a taken port --
rm "$home/node.conf"
start be-nccn
exits 1 timeout "$patience" "$BUILD/sitrepd" --home "$home"
grep -qiE "another|already|running" <<<"$said" || fail "a second daemon does not say that there is a first: $said"
answers be-nccn >/dev/null || fail "the first daemon suffers from the second"
cp -a "$home" "$work/twin"
rm -f "$work/twin/api.sock"
exits 1 timeout "$patience" "$BUILD/sitrepd" --home "$work/twin"
grep -q "in use" <<<"$said" || fail "it is not said that the port is taken: $said"
stop be-nccn
ok
