#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A real systemd, which is a Docker container's first process: its units and slices are targets by
# name, wherever their cgroups are; and all of them are the container's.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
name=bosc-systemd-$$

begin() {
	docker run --detach --name "$name" --network none --cgroupns private --cap-add SYS_ADMIN --env container=docker \
		--security-opt seccomp=unconfined --security-opt apparmor=unconfined --tmpfs /run "$image" >/dev/null ||
		return 1
	wait_for 100 docker exec "$name" systemctl is-system-running
}

# A unit that goes round in a small circle, in which it does what it finds in /order.
run_unit() { # UNIT
	docker exec "$name" systemd-run --quiet --unit "$1" --slice "$slice" /bin/busybox sh -c '
		while :; do
			cat /proc/uptime
			[ ! -e /order ] || { mv /order /obeyed && . /obeyed; }
			sleep 0.05
		done'
}

order() { # WORDS
	docker exec "$name" /bin/sh -c "echo '$1' >/new && /bin/busybox mv /new /order" || return 1
	wait_for 50 docker exec "$name" /bin/busybox test ! -e /order
}

# A unit that starts in a slice is the slice's from its beginning, and when it is started anew.
learns_slice() {
	docker exec "$name" systemctl start "$slice" || return 1
	start learn "$bosc" learn -g "$slice" --profile unit --store "$store"
	hear learn "^bosc: learning '$slice'" || return 1
	run_unit "$unit" && sleep 3 && docker exec "$name" systemctl restart "$unit" && sleep 3 || return 1
	stop learn INT 0
}

calls() { # NAME: how often the unit was learnt to make it
	awk -v name="$1" '$1 == name && /%$/ { print $2 }' "$tmp/shown"
}

# systemd's child puts itself into the unit's cgroup, and does much before it executes the command.
without_set_up() {
	"$bosc" profile show unit --store "$store" >"$tmp/shown"
	# The shell does this once, at its start.
	equal starts "$(calls getppid)" 2 || return 1
	! grep -E '^  (capget|setgroups|setresuid|close_range|keyctl|connect|mount|setns) .*%$' "$tmp/shown" &&
		! grep 'joined late' "$tmp/shown"
}

# The shell's chdir, whose parent is systemd.
attacked() { # CONTAINER
	local systemd

	systemd=$(docker inspect --format '{{.State.Pid}}' "$name")
	"$here/alarms.py" "$tmp/alarms.json" |
		grep -E "^new-call chdir [0-9]+ $systemd busybox /bin/busybox $1 " && return
	"$here/alarms.py" "$tmp/alarms.json"
	return 1
}

watches() { # TARGET…
	rm -f "$tmp/alarms.json"
	start watch "$bosc" monitor "$@" --profile unit --store "$store" --json-file "$tmp/alarms.json"
}

# Nothing is an alarm before the attack.
catches() {
	sleep 2
	cp "$tmp/alarms.json" "$tmp/before.json"
	order 'cd /' || return 1
	hear watch "it called chdir" || return 1
	stop watch INT 3
}

waits_for_unit() {
	docker exec "$name" systemctl stop "$unit" || return 1
	watches -g "$unit"
	hear watch "^bosc: waiting for '$unit'" || return 1
	run_unit "$unit" || return 1
	hear watch "^bosc: watching '$unit'" || return 1
	sleep 1
	docker exec "$name" systemctl restart "$unit" && catches && attacked - || return 1
	equal alarms "$("$here/alarms.py" "$tmp/before.json")" ""
}

in_unit() { # NAME
	watches -g "$1"
	hear watch "^bosc: watching '$1'" && catches && attacked - || return 1
	equal alarms "$("$here/alarms.py" "$tmp/before.json")" ""
}

# All that systemd starts is the container's.
in_container() {
	watches -c "$name"
	hear watch "^bosc: watching '$name'" && catches && attacked "$name"
}

# Two containers may each have a unit of that name.
ambiguous() {
	mkdir -p "$cgroup/other/$unit.service"
	run 1 "$bosc" monitor -g "$unit" --profile unit --store "$store" || return 1
	rmdir "$cgroup/other/$unit.service" "$cgroup/other"
	grep -qE "^bosc: '$unit' is the name of 2 cgroups: /.*/$unit.service, /.*/$unit.service$" "$tmp/err" && return
	cat "$tmp/err"
	return 1
}

stage_lab systemd
image=$(lab image "$lab_dir" systemd)
unit=bosc-$$-work
slice=bosc-$$.slice
check "systemd runs in a container" begin
check "a slice is learnt, in which a unit starts, and starts anew" learns_slice
check "what systemd does before it executes the unit's command is not learnt" without_set_up
check "a unit is waited for, and followed when it starts anew" waits_for_unit
check "an attack on one that runs is caught" in_unit "$unit"
check "… by the unit's whole name" in_unit "$unit.service"
check "… by its slice's" in_unit "$slice"
check "… by the container's" in_container
check "a name of two units is refused, and both are named" ambiguous
tap_end
