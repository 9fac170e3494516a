#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Targets within targets: what the innermost one holds is its own alone, in whichever order they are
# named and whenever they come.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
outer=$cgroup/outer
inner=$outer/inner
one=bosc-one-$$
unit=bosc-unit-$$
deeper=$inner/deeper
beside=$outer/beside
parent=$cgroup/parent
long=$outer/$(printf 'l%.0s' {1..140}) # the sensor does not know it by its name

run_in() { # CGROUP COMMAND…
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$@" >/dev/null
}

watch_them() { # TARGET…: what "-g" or "-c" names, an option each
	rm -f "$tmp/alarms.json"
	start watch "$bosc" monitor "$@" --store "$store" --profile calls --json-file "$tmp/alarms.json"
}

# What was executed or called that no training knew, and in which target.
alarms() {
	python3 - "$tmp/alarms.json" "$@" <<'END'
import json, os, sys

wanted = sys.argv[2:]
alarms = [one for one in map(json.loads, open(sys.argv[1])) if one.get("rule") in ("new-exec", "new-call")]
found = {(one["exec"] or one["syscall"], os.path.basename(one["target"])[:20]) for one in alarms}
print(*sorted(" ".join(one) for one in found if one[0] in wanted), sep=", ")
END
}

# Of what is there before bosc, and of what is made meanwhile in either.
there_before() { # TARGET…
	watch_them "$@" || return 1
	hear watch "^bosc: watching '$outer'" && hear watch "^bosc: watching '$inner'" || return 1
	mkdir "$inner/new" "$outer/new" || return 1
	run_in "$inner" /bin/true && run_in "$deeper" /bin/uname && run_in "$inner/new" /bin/hostname &&
		run_in "$outer" /bin/date && run_in "$beside" /bin/pwd && run_in "$outer/new" /bin/sync || return 1
	stop watch INT 3 || return 1
	rmdir "$inner/new" "$outer/new"
	equal alarms "$(alarms /bin/{true,uname,hostname,date,pwd,sync})" \
		"/bin/date outer, /bin/hostname inner, /bin/pwd outer, /bin/sync outer, /bin/true inner, /bin/uname inner"
}

outer_first() {
	there_before -g "$outer" -g "$inner"
}

inner_first() {
	there_before -g "$inner" -g "$outer"
}

# systemd executes a unit's command before bosc could have heard of its cgroup.
made_meanwhile() { # CGROUP NAME
	rmdir "$deeper" "$inner"
	watch_them -g "$outer" -g "$inner" || return 1
	hear watch "^bosc: waiting for '$inner'" || return 1
	kill -STOP "${pids[watch]}"
	mkdir "$inner" "$deeper" && run_in "$inner" /bin/true && run_in "$deeper" /bin/uname
	kill -CONT "${pids[watch]}"
	hear watch "^bosc: watching '$inner'" || return 1
	run_in "$outer" /bin/date || return 1
	stop watch INT 3 || return 1
	equal alarms "$(alarms /bin/{true,uname,date})" "/bin/date outer, /bin/true inner, /bin/uname inner"
}

# A program that waits for its file to go, and makes the calls.
waits_for_word() { # FILE CALL…
	touch "$1"
	start waiting python3 -c '
import os, sys, time
while os.path.exists(sys.argv[1]):
    time.sleep(0.05)
for call in sys.argv[2:]:
    getattr(os, call)()
' "$@"
}

# Its processes were the outer's until it was found.
found_later() {
	waits_for_word "$tmp/word" sched_yield || return 1
	watch_them -g "$outer" -g "$long" || return 1
	hear watch "^bosc: waiting for '$long'" || return 1
	kill -STOP "${pids[watch]}"
	mkdir "$long" && echo "${pids[waiting]}" >"$long/cgroup.procs"
	kill -CONT "${pids[watch]}"
	hear watch "^bosc: watching '$long'" || return 1
	rm "$tmp/word"
	finish waiting 0 || return 1
	stop watch INT 3 || return 1
	rmdir "$long"
	equal alarms "$(alarms sched_yield)" "sched_yield llllllllllllllllllll"
}

# Both are one cgroup when it comes, which has one verdict.
one_of_two_names() {
	local twice=$outer/twice

	watch_them -g "$twice" -g "${twice#"${cgroup%/*}"}" || return 1
	hear watch "^bosc: waiting for '$twice'" && mkdir "$twice" || return 1
	hear watch "is not watched as such: it is the same as" || return 1
	run_in "$twice" /bin/date || return 1
	stop watch INT 3 || return 1
	equal alarms "$(alarms /bin/date)" "/bin/date twice"
}

# A container whose cgroup lies in a target that is a cgroup.
container_in_cgroup() {
	watch_them -g "$parent" -c "$one" || return 1
	hear watch "^bosc: waiting for '$one'" || return 1
	docker run --detach --name "$one" --network none --cgroup-parent "/${cgroup##*/}/parent" "$busybox" \
		/bin/sleep 1000 >/dev/null || return 1
	hear watch "^bosc: watching '$one'" || return 1
	docker exec "$one" /bin/uname >/dev/null && run_in "$parent/other" /bin/date || return 1
	docker rm --force "$one" >/dev/null
	stop watch INT 3 || return 1
	equal alarms "$(alarms /bin/{uname,date})" "/bin/date parent, /bin/uname ${one:0:20}"
}

# What a container calls its cgroups does not make them another target's.
name_in_container() {
	docker run --detach --name "$one" --network none --cap-add SYS_ADMIN --cgroupns private \
		--security-opt seccomp=unconfined --security-opt apparmor=unconfined "$busybox" \
		/bin/sleep 1000 >/dev/null || return 1
	watch_them -c "$one" -g "$unit" || return 1
	hear watch "^bosc: watching '$one'" && hear watch "^bosc: waiting for '$unit'" || return 1
	docker exec "$one" sh -c "
		mount -o remount,rw /sys/fs/cgroup && mkdir /sys/fs/cgroup/$unit.service
		echo \$\$ >/sys/fs/cgroup/$unit.service/cgroup.procs && exec /bin/uname" >/dev/null || return 1
	docker rm --force "$one" >/dev/null
	mkdir "$outer/$unit.service" || return 1
	hear watch "^bosc: watching '$unit'" || return 1
	run_in "$outer/$unit.service" /bin/date || return 1
	stop watch INT 3 || return 1
	equal alarms "$(alarms /bin/{uname,date})" "/bin/date ${unit:0:20}, /bin/uname ${one:0:20}"
}

stage_lab busybox
busybox=$(lab image "$lab_dir" busybox)
mkdir -p "$deeper" "$beside" "$parent/other"
"$bosc" learn --store "$store" --profile calls -- /bin/ls / >/dev/null 2>&1
check "what is within two targets is the inner one's" outer_first
check "in whichever order they are named" inner_first
check "so is what is made while the outer one is watched, from its first call on" made_meanwhile
check "what was the outer one's until the inner one was found is the inner one's then" found_later
check "so is a container that starts within a cgroup" container_in_cgroup
check "but what a container names its own cgroups is the container's" name_in_container
check "what comes by the names of two targets is said to be one" one_of_two_names
tap_end
