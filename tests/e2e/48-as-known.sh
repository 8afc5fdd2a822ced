#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Who knew what when: what each of three centres showed at a moment is written down, and later asked of another one. What it
# surely knew is what it showed then; what is sealed for others it never knew.
. "$(dirname "$0")/lib.sh"

nodes=(be-nccn nl-kcr2 lu-hcpn)
found be-nccn
join nl-kcr2 be-nccn
join lu-hcpn be-nccn
for node in "${nodes[@]}"; do
    configure "$node" receipts/interval_s=1
done
start "${nodes[@]}"
converge "${nodes[@]}"

incidents() { # NODE [OPTION...]
    s "$1" picture --json "${@:2}" | jq -r '[.incidents[].heads[].name] | sort | join(" ")'
}
shows() { # NODE REF CENTRE
    [ "$(s "$1" delivery "$2" --json | jq -r --arg centre "$3" '.centres[] | select(.centre == $centre) | .held != null')" = true ]
}
# told REF CENTRE...: be-nccn knows from these centres that they hold it.
told() {
    local centre
    for centre in "${@:2}"; do
        await "$centre to tell of $1" shows be-nccn "$1" "$centre"
    done
}
moments=()
declare -A showed=()
# write_down: what each node shows now, when everybody has told what it has.
write_down() {
    local node moment
    moment=$(date -u +%FT%T.%3NZ)
    moments+=("$moment")
    for node in "${nodes[@]}"; do
        showed[$moment $node]=$(incidents "$node")
    done
    # The next thing happens later.
    until [ "$(date -u +%FT%T.%3NZ)" \> "$moment" ]; do :; done
}
lux() { # cut or heal: Luxembourg's links
    links "$1" lu-hcpn be-nccn
    links "$1" lu-hcpn nl-kcr2
}

flood=$(must s be-nccn incident open --name 'High water Meuse')
told "$flood" nl-kcr2 lu-hcpn
write_down
lux cut
fire=$(must s nl-kcr2 incident open --name 'Fire at Chemelot')
warm=$(must s be-nccn incident update "$flood" --stage warm)
converge be-nccn nl-kcr2
told "$warm" nl-kcr2
leak=$(must s lu-hcpn incident open --name 'Leak at Schifflange')
write_down
lux heal
converge "${nodes[@]}"
told "$leak" nl-kcr2
told "$fire" lu-hcpn
told "$warm" lu-hcpn
write_down
expect "what Luxembourg shows in the end" "$(incidents be-nccn)" "$(incidents lu-hcpn)"

# -- asked later, of another one --
for moment in "${moments[@]}"; do
    for node in "${nodes[@]}"; do
        expect "what $node knew at $moment" "${showed[$moment $node]}" "$(incidents be-nccn --at "$moment" --as "$node")"
        expect "the same asked of nl-kcr2" "${showed[$moment $node]}" "$(incidents nl-kcr2 --at "$moment" --as "$node")"
    done
done
[ "${showed[${moments[1]} lu-hcpn]}" != "${showed[${moments[1]} be-nccn]}" ] || fail "the cut made no difference"
exact=$(s be-nccn picture --json --at "${moments[1]}" --as lu-hcpn | jq -c .as)
jq -e --arg moment "${moments[1]}" '.centre == "lu-hcpn" and .told <= $moment and .next > $moment' <<<"$exact" >/dev/null ||
    fail "how exact it is, at ${moments[1]}: $exact"
s be-nccn picture --at "${moments[1]}" --as lu-hcpn | has 'as lu-hcpn surely knew it' || fail "people are not told whose view it is"
expect "now, as ever" "$(incidents nl-kcr2)" "$(incidents be-nccn)"

# -- what it could not read it did not know --
must s be-nccn group create police --centre nl-kcr2 >/dev/null
secret=$(must s be-nccn incident open --group police --name 'Convoy from Doel')
told "$secret" nl-kcr2 lu-hcpn
s be-nccn picture --as nl-kcr2 | has 'Convoy' || fail "who is in the group is said not to know"
s be-nccn picture --as lu-hcpn | has 'Convoy' && fail "who cannot read it is said to know"
exits 4 s be-nccn picture --as fr-cogic
clean "${nodes[@]}"
ok
