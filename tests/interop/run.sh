#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Checks the vectors, and what a live federation exports, with libraries that share no code with
# the node.  Usage: tests/interop/run.sh [BUILD]
set -eu

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
build=$(realpath "${1:-$root/build}")

fail() {
    echo "interop: $*" >&2
    exit 1
}

command -v node >/dev/null || fail "node is missing: install nodejs"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || fail "node 18 or later is needed"
for program in sitrep sitrepd; do
    [ -x "$build/$program" ] || fail "$build/$program is missing: build it first"
done

# The mark npm leaves, so that a broken or outdated installation is made anew.
installed=$here/node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ "$here/package-lock.json" -nt "$installed" ]; then
    command -v npm >/dev/null || fail "npm is missing: install npm"
    (cd "$here" && npm ci --no-audit --no-fund --loglevel=error >&2) ||
        fail "npm could not fetch the packages, and they are not here: is its registry reachable?"
fi

failed=0
node "$here/vectors.mjs" "$root/proto/vectors" || failed=1
node "$here/live.mjs" "$build" || failed=1
exit $failed
