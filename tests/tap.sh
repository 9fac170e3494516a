# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # who reads this file uses the variables
#
# What the shell tests share: TAP on standard output, a folder of its own that is removed, and the
# program under test in $bosc.
#
#     . "$(dirname "$0")/../tap.sh"
#     check "says its version" run 0 "$bosc" --version
#     tap_end

set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bosc=$(realpath -m "${BOSC:-$root/build/bosc}")
shared=$(realpath -m "${BOSC_SHARED:-$root/../shared}")
tap_count=0
tap_failed=0
tmp=$(mktemp -d /tmp/bosc-test.XXXXXX)

ok() { # DESCRIPTION
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

not_ok() { # DESCRIPTION [DETAIL…]
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	shift
	printf '%s\n' "$@" | sed 's/^/# /'
}

skip() { # DESCRIPTION REASON
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# check DESCRIPTION COMMAND…: ok when the command succeeds; shows what it printed when not.
check() {
	local description=$1 said

	shift
	if said=$("$@" 2>&1); then
		ok "$description"
	else
		not_ok "$description" "$*" "$said"
	fi
}

# run STATUS COMMAND…: the command must exit so; its output goes to $tmp/out and $tmp/err.
run() {
	local wanted=$1 status=0

	shift
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ "$status" = "$wanted" ] && return 0
	echo "exit status $status, not $wanted: $*"
	cat "$tmp/out" "$tmp/err"
	return 1
}

tap_end() {
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}

trap 'rm -rf --one-file-system "$tmp"' EXIT
