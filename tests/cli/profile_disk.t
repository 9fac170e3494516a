#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What changes profiles, on a disk that is full: it fails with a sentence, nothing is changed, and once there
# is room again, all is as it was. The disk is a small one in the memory, in a mount namespace of the test's own.
#
if [ -z "${BOSC_OWN_MOUNTS:-}" ]; then
	! BOSC_OWN_MOUNTS=1 unshare --map-root-user --mount true 2>/dev/null ||
		BOSC_OWN_MOUNTS=1 exec unshare --map-root-user --mount "$0"
	printf 'ok 1 - profiles on a full disk # SKIP no mount namespace can be made\n1..1\n'
	exit
fi
. "$(dirname "$0")/lab.sh"

mkdir disk || exit 1
mount -t tmpfs -o size=1m none disk || exit 1
disk=$tmp/disk/store.db
for run in 1 2; do
	run 0 "$bosc" learn --store "$disk" --profile server --trace "normal$run.bsc"
done
run 0 "$bosc" learn --store other.db --profile other --trace normal3.bsc
run 0 "$bosc" profile export other --store other.db -o other.json
"$bosc" monitor --json --store "$disk" --profile server --trace attack.bsc >alarms.json 2>err

everything() { # all that the store holds
	local name

	"$bosc" profile list --json --store "$disk" || return 1
	for name in server other merged; do
		"$bosc" profile export "$name" --store "$disk" 2>/dev/null
	done
	return 0
}
# Room for so many KiB is left: where that is enough it is done, else nothing is, and it is said.
on_full_disk() { # KIB COMMAND…
	local room=$1 status=0

	shift
	head -c "$((room * 1024))" /dev/zero >disk/room
	cat /dev/zero >disk/rest 2>/dev/null
	rm disk/room
	"$bosc" profile "$@" --store "$disk" >out 2>err || status=$?
	rm disk/rest
	if [ "$status" = 0 ]; then
		done_with=$room
		rm -f disk/new.json
		everything >/dev/null
		return
	fi
	failed=$((failed + 1))
	if [ "$status" != 1 ] ||
		[ "$(grep -cE '^bosc: cannot .*(No space left on device|is full)' err)" != 1 ]; then
		echo "status $status"
		cat out err
		return 1
	fi
	[ -z "$(find disk -name 'new*')" ] || { ls -la disk; return 1; }
	everything | cmp - before
}
whole() { # COMMAND…: with no room, and with more and more until it is done
	local room

	failed=0 done_with=
	for room in 0 4 8 12 16 24 32 48 64 96 128; do
		on_full_disk "$room" "$@" || { echo "with $room KiB"; return 1; }
		[ -z "$done_with" ] || break
	done
	cp whole.db "$disk"
	[ "$failed" -gt 0 ] && [ -n "$done_with" ] && return
	echo "it failed $failed times, and was done with ${done_with:-no} KiB"
	return 1
}
everything >before
python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("PRAGMA wal_checkpoint(TRUNCATE)")' "$disk"
rm -f "$disk"-*
cp "$disk" whole.db
check "an import" whole import other.json
check "a merge" whole merge --into merged server other.json
check "a merge into what is there" whole merge --into server other.json
check "a review" whole review server
check "alarms accepted" whole accept server alarms.json --reason none
check "a run withdrawn" whole withdraw server 1
check "a profile removed" whole remove server
check "an export" whole export server -o disk/new.json

# With room, all of it is done.
does() { run 0 "$bosc" profile "$@" --store "$disk"; }
check "then there is room" does import other.json
check "… for all of it" does merge --into merged server other.json
everything >before
check "what was imported already is refused" run 1 "$bosc" profile import other.json --store "$disk"
check "… which is said" says "cannot import 'other.json': the profile 'other' exists"
check "… and what was merged already adds nothing" does merge --into merged other.json
check "… which is said" grep -q "^merged 0 runs into 'merged'" out
contents() { sed 's/"saved_s":[0-9]*//' "$1"; }
unchanged() {
	everything >after && cmp <(contents before) <(contents after)
}
check "… so that nothing is changed" unchanged
umount disk
tap_end
