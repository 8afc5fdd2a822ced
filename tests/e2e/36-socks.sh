#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A node that reaches its peer, whose name it cannot resolve, by a SOCKS5 proxy alone: entries go both ways, live ones
# too; what is wrong with the proxy is told; and it is tried again until it is right. SILENCE=1 adds some minutes in which
# nothing comes through.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"
command -v microsocks >/dev/null || skip "there is no microsocks"

# be-nccn -- wire -- gate -- nl-kcr2. Nobody passes packets on: whoever is to reach nl-kcr2 asks the gate.
wire be-nccn gate "rate 2000000" "delay 20"
place nl-kcr2
ip link add far netns "${netns_of[gate]}" type veth peer name far netns "${netns_of[nl-kcr2]}" 2>"$work/veth" ||
    skip "no veth devices here: $(cat "$work/veth")"
must ip -n "${netns_of[gate]}" addr add 10.78.0.1/24 dev far
must ip -n "${netns_of[nl-kcr2]}" addr add 10.78.0.2/24 dev far
must ip -n "${netns_of[gate]}" link set far up
must ip -n "${netns_of[nl-kcr2]}" link set far up
address_of[nl-kcr2]=kcr2.test

# open_gate [USER PASSWORD]: a proxy, which alone knows where kcr2.test is.
printf '10.78.0.2 kcr2.test\n' >"$work/hosts"
open_gate() {
    # shellcheck disable=SC2016
    ip netns exec "${netns_of[gate]}" sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$work/hosts" \
        microsocks -p 1080 ${1:+-u "$1" -P "$2"} >>"$work/gate.log" 2>&1 &
    gate_pid=$!
    others+=("$gate_pid")
    await "the proxy to listen" gate_listens
}
gate_listens() {
    within gate ss -Hltn 'sport = :1080' | has LISTEN
}
close_gate() {
    kill "$gate_pid"
    wait "$gate_pid" 2>/dev/null
}
# in_trouble TEXT: be-nccn says so of nl-kcr2, to people as to programs, and in its log.
in_trouble() {
    TIMEOUT=60 await "'$1' from peers" says_trouble "$1"
    s be-nccn peers | has "trouble +.*$1" || fail "people are not told '$1'"
    has "event=link-trouble .*$1" <"$work/be-nccn.log" || fail "the log does not say '$1'"
}
says_trouble() {
    peer be-nccn nl-kcr2 '.trouble // "none"' | has "$1"
}
connections() { # PORT: of the gate with nl-kcr2
    within gate ss -Hnt state established "dst 10.78.0.2 and dport = :$1" | wc -l
}

found be-nccn
join nl-kcr2 be-nccn
port=${endpoint_of[nl-kcr2]##*:}
through=(transport/socks=10.77.0.2:1080)
configure be-nccn "${normal[@]}" "${through[@]}"
configure nl-kcr2 "${normal[@]}"
start nl-kcr2 be-nccn
in_trouble "proxy cannot be reached"

open_gate
measure
must s be-nccn publish --lines <(lines 1 20) >/dev/null
must s nl-kcr2 publish --lines <(lines 101 20) >/dev/null
meet be-nccn nl-kcr2
measured "20 entries each way"
expect "the trouble once connected" null "$(peer be-nccn nl-kcr2 .trouble)"
await "one connection for sync" gives 1 connections "$port"
await "one for live entries" gives 1 connections "$((port + 1))"
measure
report be-nccn >/dev/null
report nl-kcr2 >/dev/null
meet be-nccn nl-kcr2
measured "a report each way"

# On a thin line that goes away, what waits still waits where flash entries overtake it, and not in sockets.
stands_still() {
    local before after
    before=$(peer be-nccn nl-kcr2 .waiting.routine)
    lasting 4 s be-nccn status
    after=$(peer be-nccn nl-kcr2 .waiting.routine)
    echo "$before, $after bytes"
    [ "$after" -gt 0 ] && [ "$after" = "$before" ]
}
waits_for_long() {
    [ "$(peer be-nccn nl-kcr2 .waiting.routine)" -gt 8000 ]
}
tell "rate 2400" >/dev/null
must s be-nccn link nl-kcr2 --profile manual --rate 2200 2>/dev/null
must s be-nccn publish --lines <(for _ in {1..30}; do lines 1 1 "$(head -c 500 /dev/urandom | base64 -w 0)"; done) >/dev/null
await "a backlog" waits_for_long
tell down >/dev/null
await "the backlog to stand still" stands_still
tell "rate 2000000" >/dev/null
tell up >/dev/null
must s be-nccn link nl-kcr2 --profile fibre 2>/dev/null
meet be-nccn nl-kcr2

if [ -n "${SILENCE:-}" ]; then
    # Beyond the proxy all is silent, and the proxy does not say so.
    must within gate ip link set far down
    TIMEOUT=200 await "the connection to be given up" gives false peer be-nccn nl-kcr2 .connected
    must within gate ip link set far up
    report nl-kcr2 >/dev/null
    TIMEOUT=120 meet be-nccn nl-kcr2
fi

# The proxy goes, and comes back.
close_gate
in_trouble "proxy cannot be reached"
report be-nccn >/dev/null
report nl-kcr2 >/dev/null
open_gate
measure
meet be-nccn nl-kcr2
measured "the proxy is back"
stop nl-kcr2
in_trouble "proxy cannot reach this endpoint"
start nl-kcr2
meet be-nccn nl-kcr2

# It comes back with a login: none is given, a wrong one, the right one.
close_gate
open_gate nccn 'open sesame'
in_trouble "wants a login"
for password in 'shut sesame' 'open sesame'; do
    stop be-nccn
    printf 'nccn\n%s\n' "$password" >"$work/be-nccn/login"
    chmod 600 "$work/be-nccn/login"
    configure be-nccn "${normal[@]}" "${through[@]}" transport/socks_login=login
    start be-nccn
    [ "$password" = 'open sesame' ] || in_trouble "refuses the login"
done
report be-nccn >/dev/null
meet be-nccn nl-kcr2
has sesame <"$work/be-nccn.log" && fail "the log has the password"
clean be-nccn nl-kcr2
ok "$results"
