#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Keys wrapped with a passphrase: nothing goes without it, it is taken from a file or from the service manager, and neither
# it nor a secret shows up anywhere.
. "$(dirname "$0")/lib.sh"

passphrase='correct horse battery staple 42'
(umask 077 && echo "$passphrase" >"$work/passphrase" && echo wrong >"$work/wrong")
with() { # FILE COMMAND...
    SITREP_PASSPHRASE_FILE=$1 "${@:2}"
}
found_in() {
    with "$work/passphrase" s "$1" found benelux --centre be-nccn --title NCCN --endpoint "tcp://127.0.0.1:$port"
}
port=$(free_port)
must found_in be-nccn >/dev/null
configure be-nccn
grep -rq "$passphrase" "$work/be-nccn" && fail "the passphrase is in the home"

# Without, with a wrong one, and with a file that others may read.
exits 1 timeout "$patience" "$BUILD/sitrepd" --home "$work/be-nccn" </dev/null
grep -qi passphrase <<<"$said" || fail "it is not said that a passphrase is needed: $said"
exits 1 with "$work/wrong" timeout "$patience" "$BUILD/sitrepd" --home "$work/be-nccn"
grep -qi passphrase <<<"$said" || fail "it is not said that the passphrase is wrong: $said"
[ ! -e "$work/be-nccn/store/real/data.mdb" ] || fail "the store was opened without a passphrase"

# With a node's passphrase by file, the other's from the service manager.
port=$(free_port)
with "$work/passphrase" s nl-kcr2 join request --centre nl-kcr2 --title KCR2 --endpoint "tcp://127.0.0.1:$port" \
    >"$work/request" 2>"$work/asked" || fail "no request: $(cat "$work/asked")"
exits 1 with "$work/wrong" s be-nccn admit "$work/request" --yes
must with "$work/passphrase" s be-nccn admit "$work/request" --yes >"$work/invitation"
exits 1 with "$work/wrong" s nl-kcr2 join "$work/invitation"
must with "$work/passphrase" s nl-kcr2 join "$work/invitation" >/dev/null
configure nl-kcr2
export SITREP_PASSPHRASE_FILE=$work/passphrase
launch be-nccn
unset SITREP_PASSPHRASE_FILE
mkdir "$work/credentials"
cp "$work/passphrase" "$work/credentials/passphrase"
export CREDENTIALS_DIRECTORY=$work/credentials
launch nl-kcr2
unset CREDENTIALS_DIRECTORY
for node in be-nccn nl-kcr2; do
    await "node $node to answer" answers "$node"
done
must s be-nccn publish report "sealed" >/dev/null
converge be-nccn nl-kcr2
expect "the entry at the other" sealed "$(s nl-kcr2 show be-nccn/1 --json | jq -r .text)"
grep -q "$passphrase" "$work"/*.log && fail "the passphrase is in a log"
for node in be-nccn nl-kcr2; do
    tr '\0' '\n' <"/proc/${pid_of[$node]}/cmdline" | has "$passphrase" && fail "the passphrase is among the arguments"
    grep -q '^0 *$' <(awk '/Max core file size/ {print $5}' "/proc/${pid_of[$node]}/limits") ||
        fail "node $node may leave a core file"
done
clean be-nccn nl-kcr2
ok
