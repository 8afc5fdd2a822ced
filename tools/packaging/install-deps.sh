#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Installs what building and testing need and this machine lacks. Debian 12; does nothing when all is there.
set -eu

missing=
need_command() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need_library() { pkg-config --exists "$1" 2>/dev/null || missing="$missing $2"; }

need_command cc gcc
need_command pkg-config pkg-config
need_command jq jq
need_command curl curl
need_command ip iproute2
need_command ss iproute2
need_library libzmq libzmq3-dev
need_library libczmq libczmq-dev
need_library libsodium libsodium-dev
need_library lmdb liblmdb-dev
need_library libmicrohttpd libmicrohttpd-dev
need_library jansson libjansson-dev
need_library libxml-2.0 libxml2-dev
need_library libzstd libzstd-dev
need_library libcurl libcurl4-gnutls-dev
need_library libsystemd libsystemd-dev
if [ "${1:-}" = tests ]; then
    need_library cmocka libcmocka-dev
    need_command clang clang
    need_command clang-format clang-format
    need_command clang-tidy clang-tidy
    need_command node nodejs
    need_command npm npm
    need_command openssl openssl
    need_command xxd xxd
    need_command patch patch
    need_command nft nftables
    need_command microsocks microsocks
    need_command sysctl procps
    [ -e /usr/lib/llvm-14/lib/clang ] || missing="$missing libclang-rt-14-dev"
fi
[ -n "$missing" ] || exit 0

echo "installing:$missing"
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
else
    echo "run this as root:  apt-get install$missing" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086 # one word per package
$as_root apt-get install -y -q --no-install-recommends $missing >/dev/null
