# shellcheck shell=bash
# SPDX-License-Identifier: EUPL-1.2
# What every script here begins with: nodes as real processes in a folder of their own, on free ports; waiting for
# conditions; and an end that kills what was started. A script prints one line in the end: ok, SKIP or FAIL.
set -u -o pipefail
export LC_ALL=C TZ=UTC
unset SITREP_HOME SITREP_PASSPHRASE_FILE CREDENTIALS_DIRECTORY NOTIFY_SOCKET JOURNAL_STREAM

script=$(basename "$0" .sh)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=${BUILD:-$here/../../build}
BUILD=$(cd "$BUILD" && pwd) || exit 1
if ! [ -x "$BUILD/sitrepd" ] || ! [ -x "$BUILD/sitrep" ]; then
    echo "FAIL $script: $BUILD has no sitrepd and sitrep"
    exit 1
fi
main_pid=$BASHPID
exec {told_to}>&2 # where failures are told, also from where stderr is thrown away
work=$(mktemp -d "${TMPDIR:-/tmp}/sitrep-$script.XXXXXX") || exit 1
ports=${TMPDIR:-/tmp}/sitrep-ports
declare -A pid_of=()
others=() # further processes to end
outcome=1

# COMMAND | has PATTERN: what `grep -q` would say, but reading to the end. `grep -q` leaves at the first match; a command
# that is then still writing dies of it, and under pipefail that is the verdict: what was found counts as missing.
has() {
    [ "$(grep -cE -- "$1")" != 0 ]
}

# A sanitizer's build is slower, and tells in the log what it found.
patience=20
if nm "$BUILD/sitrepd" 2>/dev/null | has '__[at]san_init'; then
    patience=90
fi
export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:exitcode=99}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-exitcode=99:suppressions=$here/../tsan.supp}

finish() {
    local pid
    trap - EXIT INT TERM
    for pid in "${pid_of[@]}" ${others[@]+"${others[@]}"}; do
        kill -KILL "$pid"
    done 2>/dev/null
    wait 2>/dev/null
    declare -F at_end >/dev/null && at_end
    grep -lx "$main_pid" "$ports"/*.port 2>/dev/null | xargs -r rm -f
    rmdir "$ports" 2>/dev/null # by the last one
    if [ "$outcome" = 0 ] || [ -z "${KEEP:-}" ]; then
        rm -rf "$work"
    else
        echo "    kept: $work"
    fi
    exit "$outcome"
}
trap finish EXIT
trap 'exit 1' INT TERM

# fail TEXT...: says what was seen, shows the end of every log, and ends the script, from subshells too.
fail() {
    local log
    {
        echo "FAIL $script: $*" | cut -c1-1000 | sed '16,$d'
        for log in "$work"/*.log; do
            [ -s "$log" ] && echo "  -- ${log##*/} --" && grep -vE '^ *$' "$log" | tail -n 12 | cut -c1-300 | sed 's/^/    /'
        done
    } >&"$told_to"
    [ "$BASHPID" = "$main_pid" ] || kill -TERM "$main_pid"
    exit 1
}

skip() {
    echo "SKIP $script: $*"
    outcome=77
    exit
}

# ok [TEXT]: ends all nodes in peace, looks for what sanitizers and assertions have told.
ok() {
    local node
    for node in "${!pid_of[@]}"; do
        stop "$node"
    done
    if grep -hE 'Sanitizer|runtime error:|Assertion|libzmq|src/.*\.cpp' "$work"/*.log >"$work/told" 2>/dev/null; then
        fail "a node's log has: $(head -n 5 "$work/told")"
    fi
    echo "ok $script${1:+: $1}"
    outcome=0
    exit
}

# -- waiting --

# await WHAT COMMAND...: until the command succeeds. Says what it printed last when it does not in time.
await() {
    local what=$1 seen
    local deadline=$((SECONDS + ${TIMEOUT:-$patience}))
    shift
    until seen=$("$@" 2>&1); do
        [ "$SECONDS" -lt "$deadline" ] || fail "waited in vain for $what; last seen: ${seen:-nothing}"
        sleep 0.05
    done
}

# lasting SECONDS COMMAND...: what is a matter of time; the command must succeed again and again meanwhile.
lasting() {
    local end=$(($(now_ms) + $1 * 1000)) seen
    shift
    while [ "$(now_ms)" -lt "$end" ]; do
        seen=$("$@" 2>&1) || fail "'$*' fails: $seen"
        sleep 0.2
    done
}

# expect WHAT WANTED GOT: both texts are the same.
expect() {
    [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# gives WANTED COMMAND...: a condition for await.
gives() {
    local wanted=$1 got
    shift
    got=$("$@" 2>&1)
    echo "$got (wanted: $wanted)"
    [ "$got" = "$wanted" ]
}

now_ms() {
    date +%s%3N
}

# -- ports --

# free_port: a port with its successor, both unused, kept for this script until it ends. Below what the system hands
# out by itself.
free_port() {
    local port
    while :; do
        mkdir -p "$ports"
        port=$((10000 + (RANDOM * 32768 + RANDOM) % 11000 * 2))
        if (set -C && echo "$main_pid" >"$ports/$port.port") 2>/dev/null; then
            [ -z "$(ss -Hltn "sport >= :$port and sport <= :$((port + 1))")" ] && break
            rm -f "$ports/$port.port"
        elif ! kill -0 "$(cat "$ports/$port.port" 2>/dev/null)" 2>/dev/null; then
            rm -f "$ports/$port.port" # left behind
        fi
    done
    echo "$port"
}

# -- nodes; a node's home is $work/NODE --

# s NODE COMMAND...: the command line.
s() {
    local node=$1
    shift
    timeout "$((patience * 6))" "$BUILD/sitrep" --home "$work/$node" "$@"
}

# sitrep COMMAND...: the command line, where there is no node.
sitrep() {
    s nowhere "$@"
}

# must COMMAND...: it succeeds; what it says on stderr is shown when it does not.
must() {
    local said_there=$work/stderr.$BASHPID
    "$@" 2>"$said_there" || fail "exit code $? of '$*': $(cat "$said_there")"
    rm -f "$said_there"
}

# exits CODE COMMAND...: with that exit code. Leaves what it says in $said (both streams).
exits() {
    local wanted=$1 code=0
    shift
    said=$("$@" 2>&1) || code=$?
    [ "$code" = "$wanted" ] || fail "'$*' exits with $code, not $wanted, and says: $said"
}

# configure NODE [SECTION/KEY=VALUE...]: quick beacons and retries, no receipts, and what is given.
configure() {
    local node=$1 setting section
    shift
    for section in sync live transport receipts store log; do
        echo "$section"
        for setting in sync/beacon_ms=200 sync/retry_ms=500 sync/own_log_wait_ms=2000 \
            receipts/interval_s=0 "$@"; do
            [ "${setting%%/*}" = "$section" ] && settings["${setting%%=*}"]=${setting#*=}
        done
        for setting in "${!settings[@]}"; do
            echo "    ${setting#*/} = ${settings[$setting]}"
        done
        settings=()
    done >"$work/$node/node.conf"
    chmod 600 "$work/$node/node.conf"
}
declare -A settings=()

# found NODE: the first node of a federation, with the authority.
found() {
    endpoint_of[$1]=${address_of[$1]:-127.0.0.1}:$(free_port)
    must s "$1" found benelux --centre "$1" --title "Centre $1" --endpoint "tcp://${endpoint_of[$1]}" \
        --no-passphrase >/dev/null
    configure "$1"
}
declare -A endpoint_of=() address_of=() netns_of=() # the last two are for net.sh to fill

# join NODE AUTHORITY: asks, is admitted, joins.
join() {
    endpoint_of[$1]=${address_of[$1]:-127.0.0.1}:$(free_port)
    must s "$1" join request --centre "$1" --title "Centre $1" --endpoint "tcp://${endpoint_of[$1]}" \
        --no-passphrase >"$work/$1.request"
    must s "$2" admit "$work/$1.request" --yes >"$work/$1.invitation"
    must s "$1" join "$work/$1.invitation" >/dev/null
    configure "$1"
}

# launch NODE: starts it, and does not wait. The log goes on through restarts.
launch() {
    ${netns_of[$1]:+ip netns exec "${netns_of[$1]}"} "$BUILD/sitrepd" --home "$work/$1" >>"$work/$1.log" 2>&1 &
    pid_of[$1]=$!
}

answers() {
    kill -0 "${pid_of[$1]}" 2>/dev/null || fail "node $1 ended by itself"
    s "$1" status --json
}

# start NODE...: until they answer.
start() {
    local node
    for node in "$@"; do
        launch "$node"
    done
    for node in "$@"; do
        await "node $node to answer" answers "$node"
    done
}

# stop NODE...: in peace, with exit code 0.
stop() {
    local node code
    for node in "$@"; do
        code=0
        kill -TERM "${pid_of[$node]}" 2>/dev/null || fail "node $node ended by itself"
        TIMEOUT=$patience await "node $node to stop" is_gone "${pid_of[$node]}"
        wait "${pid_of[$node]}" || code=$?
        unset "pid_of[$node]"
        [ "$code" = 0 ] || fail "node $node stopped with exit code $code"
    done
}

is_gone() {
    local state
    state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)
    echo "state ${state:-none}"
    [ -z "$state" ] || [ "${state:0:1}" = Z ]
}

# slay NODE: as a power cut would.
slay() {
    kill -KILL "${pid_of[$1]}" 2>/dev/null || fail "node $1 ended by itself"
    wait "${pid_of[$1]}" 2>/dev/null
    unset "pid_of[$1]"
}

# -- what nodes say --

# status NODE FILTER: of jq.
status() {
    s "$1" status --json | jq -r "$2"
}

# peer NODE OTHER FILTER: of jq, on what NODE says of OTHER.
peer() {
    s "$1" peers --json | jq -r --arg other "$2" ".peers[] | select(.node == \$other) | $3"
}

# are_equal NODE...: all of them hold the same entries, and know it of each other.
are_equal() {
    local node
    for node in "$@"; do
        s "$node" status --json || return 1
    done | jq -rs '
        map(.node) as $nodes |
        (map([.node, .entries, .ahead, .fingerprint, (.peers | map([.node, .state, .missing_here, .missing_there]))] |
            tojson) | join(" ")),
        ((map([.entries, .ahead, .fingerprint]) | unique | length) == 1 and
            all(.[].peers[] | select(.node as $peer | $nodes | index($peer)); .converged)
        | if . then empty else error("not equal") end)'
}

# links cut|heal NODE NODE: holds the links between two nodes down at both ends, or lets them up again.
links() {
    must s "$2" link "$1" "$3" 2>/dev/null
    must s "$3" link "$1" "$2" 2>/dev/null
}

# converge NODE...: waits until they are equal.
converge() {
    await "equal entries on $*" are_equal "$@"
}

# everywhere VERSION: waits until each of ${nodes[@]} has that version of the roster.
nodes=()
everywhere() {
    local node
    for node in "${nodes[@]}"; do
        await "roster version $1 at $node" gives "$1" status "$node" .roster_version
    done
}

# names NODE: of all entries, sorted.
names() {
    s "$1" log --json | jq -r .name | sort
}

# texts NODE: name and text of all entries, sorted.
texts() {
    s "$1" log --json | jq -r '"\(.name) \(.text)"' | sort
}

# clean NODE...: fsck finds nothing.
clean() {
    local node
    for node in "$@"; do
        exits 0 s "$node" fsck
    done
}

# lines FIRST COUNT [PAD]: entries to publish, numbered, as newline-delimited JSON.
lines() {
    awk -v from="$1" -v count="$2" -v pad="${3:+ $3}" 'BEGIN {
        for (i = from; i < from + count; i++) printf "{\"kind\":\"report\",\"text\":\"line %d%s\"}\n", i, pad }'
}

# feed NODE [BATCH]: publishes in the background, 200 or BATCH entries at a time, until `unfed`, whether the node is there
# or not. What was acknowledged comes into $work/acked.NODE as "name text".
feed() {
    : >"$work/acked.$1"
    feed_on "$1" "${2:-200}" &
    feeder_of[$1]=$!
    others+=($!)
}
declare -A feeder_of=()

feed_on() {
    local from=1
    while [ ! -e "$work/unfed.$1" ]; do
        lines "$from" "$2" "of $1" | s "$1" publish --lines - --json 2>/dev/null |
            jq -r --unbuffered --argjson from "$from" --arg node "$1" '"\(.name) line \(.line + $from - 1) of \($node)"' \
                >>"$work/acked.$1"
        from=$((from + $2))
        sleep 0.03 # a pace that leaves room for others
    done
}

unfed() {
    : >"$work/unfed.$1"
    wait "${feeder_of[$1]}"
}

acked() {
    wc -l <"$work/acked.$1"
}

# has_acked NODE COUNT: at least as many.
has_acked() {
    echo "$(acked "$1") of $2 acknowledged"
    [ "$(acked "$1")" -ge "$2" ]
}

# kept WRITER NODE...: what was acknowledged to the writer is at all these nodes.
kept() {
    local writer=$1 node
    shift
    sort "$work/acked.$writer" >"$work/acked"
    for node in "$@"; do
        texts "$node" >"$work/held"
        comm -23 "$work/acked" "$work/held" >"$work/lost"
        [ -s "$work/lost" ] && fail "$(wc -l <"$work/lost") of $(wc -l <"$work/acked") acknowledged entries are missing at \
$node, the first ones: $(head -n 3 "$work/lost" | tr '\n' ';')"
    done
    return 0
}
