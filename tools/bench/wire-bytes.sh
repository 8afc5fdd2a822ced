#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# wire-bytes.sh [COLUMN...]: what reports of 300 characters cost on the wire, in bytes of IP packets in both directions, as a
# table in Markdown. The columns are
#
#     radio, fibre    two nodes with that profile
#     https           curl that posts the same JSON to nginx, over TLS 1.3
#     mqtt            mosquitto_pub that publishes it to mosquitto with QoS 1, over TLS
#
# or all of them. The last two begin a process on the other side of the same wire; a program that is not installed is
# said to be missing. MINUTES says how long idle lines are watched for the last row, 10 if not told otherwise. BUILD names the
# build folder. Needs root.
. "$(dirname "$0")/line.sh"
minutes=${MINUTES:-10}
columns=("$@")
[ $# = 0 ] && columns=(radio fibre https mqtt)
rows=("one report, connected and idle" "one report, with connecting" "100 reports, connected" "connecting, nothing new"
    "a day of nothing, from $minutes minutes")
declare -A cell=()

told() { # COLUMN ROW-NUMBER BYTES
    cell[$1,$2]=$3
    echo "    $1: ${rows[$2]}: $3 bytes; since it is measured TCP sent $(counted .since.twice) bytes twice" >&2
}
carried() {
    counted .since.bytes
}

# The line is empty, and has been for a while.
is_quiet() {
    local now
    now=$(counted '[.a.bytes, .b.bytes, .a.waiting, .b.waiting]')
    [ "$now" = "$before" ] && return
    before=$now
    return 1
}
quiet() {
    before=
    until is_quiet; do
        sleep 0.4 # longer than any packet is under way
    done
}

a_day() { # COLUMN
    measure
    lasting $((minutes * 60)) counted .since.bytes
    told "$1" 4 $(($(carried) * 1440 / minutes))
}

# -- nodes --

# Until both know that the other holds it: what beacons tell meanwhile is counted.
published() { # REPORTS
    must s be-nccn publish --lines <(entries "$1") >/dev/null
    TIMEOUT=300 converge be-nccn nl-kcr2
}

nodes() { # PROFILE RATE DELAY
    local i
    tell "rate $2" >/dev/null
    tell "delay $3" >/dev/null
    both --profile "$1"
    TIMEOUT=180 converge be-nccn nl-kcr2
    measure
    for i in {1..5}; do
        published 1
    done
    told "$1" 0 $(($(carried) / 5))
    cut_line
    must s be-nccn publish --lines <(entries 1) >/dev/null
    measure
    heal_line
    TIMEOUT=180 converge be-nccn nl-kcr2
    told "$1" 1 "$(carried)"
    measure
    published 100
    told "$1" 2 "$(carried)"
    cut_line
    measure
    heal_line
    TIMEOUT=180 converge be-nccn nl-kcr2
    told "$1" 3 "$(carried)"
    a_day "$1"
}

# -- others --

# A key and a certificate of 256 bits, signed by nobody else: no server sends less.
certificate() {
    [ -e "$work/key.pem" ] && return
    must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=nl-kcr2 \
        -addext subjectAltName=IP:10.77.0.2 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    chmod 644 "$work/key.pem" "$work/cert.pem"
    chmod 755 "$work" # a server may run as another user
}

# serve COMMAND...: on the other side of the wire.
serve() {
    within nl-kcr2 "$@" >>"$work/server.log" 2>&1 &
    others+=($!)
}
listens() { # PORT
    within nl-kcr2 ss -Hltn "sport = :$1" | has ":$1"
}

post() { # TIMES
    must within be-nccn curl -sS -o /dev/null --fail --cacert "$work/cert.pem" -H 'Content-Type: application/json' \
        --data-binary "@$work/report" "https://10.77.0.2:8443/v1/entries?[1-$1]" >/dev/null
    quiet
}
posts() { # TIMES; what they cost in one connection
    measure
    post "$1"
    carried
}

https() {
    certificate
    cat >"$work/nginx.conf" <<-END
	daemon off;
	pid $work/nginx.pid;
	error_log stderr;
	events {}
	http {
	    access_log off;
	    client_body_temp_path $work/body;
	    proxy_temp_path $work/proxy;
	    fastcgi_temp_path $work/fastcgi;
	    uwsgi_temp_path $work/uwsgi;
	    scgi_temp_path $work/scgi;
	    server {
	        listen 10.77.0.2:8443 ssl;
	        ssl_certificate $work/cert.pem;
	        ssl_certificate_key $work/key.pem;
	        ssl_protocols TLSv1.3;
	        return 201;
	    }
	}
	END
    serve nginx -c "$work/nginx.conf" -e stderr
    await "nginx to listen" listens 8443
    local one hundred
    one=$(posts 1)
    told https 1 "$one"
    hundred=$(posts 101)
    told https 0 $(((hundred - one) / 100))
    told https 2 $((hundred - one))
}

mqtt_client=(-h 10.77.0.2 -p 8883 --cafile)
# Lines into the client's FIFO; each is a message.
say() { # TIMES
    local i
    measure
    for i in $(seq "$1"); do
        cat "$work/report" >&7
        quiet
    done
    carried
}
mqtt() {
    certificate
    cat >"$work/mosquitto.conf" <<-END
	listener 8883 10.77.0.2
	certfile $work/cert.pem
	keyfile $work/key.pem
	allow_anonymous true
	END
    serve mosquitto -c "$work/mosquitto.conf"
    await "mosquitto to listen" listens 8883
    mqtt_client+=("$work/cert.pem")
    measure
    must within be-nccn mosquitto_pub "${mqtt_client[@]}" -q 1 -t reports -m "$(cat "$work/report")"
    quiet
    told mqtt 1 "$(carried)"
    measure
    must within be-nccn mosquitto_sub "${mqtt_client[@]}" -q 1 -t reports -E
    quiet
    told mqtt 3 "$(carried)"
    mkfifo "$work/messages"
    within be-nccn mosquitto_pub "${mqtt_client[@]}" -k 60 -q 1 -t reports -l <"$work/messages" &
    others+=($!)
    exec 7>"$work/messages"
    say 1 >/dev/null
    told mqtt 0 $(($(say 5) / 5))
    measure
    for _ in {1..100}; do
        cat "$work/report"
    done >&7
    quiet
    told mqtt 2 "$(carried)"
    a_day mqtt
    exec 7>&-
}

# -- all --

wants() { # COLUMN...
    local column
    for column in "$@"; do
        case " ${columns[*]} " in *" $column "*) return ;; esac
    done
    return 1
}
# has_all COLUMN PROGRAM...: else its cells say what is missing.
has_all() {
    local column=$1 program row
    shift
    for program in "$@"; do
        command -v "$program" >/dev/null && continue
        for row in "${!rows[@]}"; do
            cell[$column,$row]="no $program here"
        done
        return 1
    done
}

if wants radio fibre; then
    pair be-nccn nl-kcr2 "rate 1000000" "delay 10"
    meet be-nccn nl-kcr2
    wants radio && nodes radio 2400 50
    wants fibre && nodes fibre 100000000 10
    stop be-nccn nl-kcr2
else
    wire be-nccn nl-kcr2 "rate 0"
fi
tell "rate 0" >/dev/null
tell "delay 10" >/dev/null
entries 1 >"$work/report"
wants https && has_all https curl openssl nginx && https
wants mqtt && has_all mqtt openssl mosquitto mosquitto_pub && mqtt

echo "| bytes on the wire | $(printf '%s | ' "${columns[@]}")"
printf '|---|'
printf -- '---|%.0s' "${columns[@]}"
echo
for row in "${!rows[@]}"; do
    printf '| %s |' "${rows[$row]}"
    for column in "${columns[@]}"; do
        printf ' %s |' "${cell[$column,$row]:-none}"
    done
    echo
done
ok
