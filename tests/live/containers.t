#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Several containers, and one that comes and goes: each has a profile and alarms of its own, and a
# name is followed through restarts and from one container to the next of that name.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
one=bosc-one-$$
two=bosc-two-$$
web=bosc-web-$$

# A container that goes round in a small circle. Its shell executes itself as /proc/self/exe for
# each command that busybox has.
circle() { # NAME [COMMAND]
	docker run --detach --name "$1" --network none "$busybox" \
		/bin/sh -c "while :; do ${2:-cat /proc/uptime}; sleep 0.05; done >/dev/null" >/dev/null
}

get_page() {
	curl --silent --fail --unix-socket "$lab_dir/sock-$web/nginx.sock" http://localhost/ >/dev/null
}

executables() { # PROFILE
	"$bosc" profile show "$1" --store "$store" | sed -n 's/^executes *//p' | sort | paste -sd ' '
}

alarms_of() { # JSON
	"$here/alarms.py" "$1" | grep -v ^SUMMARY
}

# Each container that runs or starts meanwhile, and no other.
learn_all() {
	circle "$one" || return 1
	start all "$bosc" -l --store "$store"
	hear all "^bosc: learning '$one', which runs already" || return 1
	circle "$two" 'cat /proc/uptime; wc -l /etc/passwd' || return 1
	hear all "^bosc: learning '$two'" || return 1
	sleep 4
	stop all INT 0 || return 1
	# Others may have containers on this machine, too.
	equal profiles "$("$bosc" profile list --store "$store" | grep -oE "^bosc-.*-$$ +[a-z]+" | sort | tr -s ' ')" \
		"$(printf '%s\n' "$one partial" "$two partial")" || return 1
	equal "what one executes" "$(executables "$one")" "/proc/self/exe" || return 1
	equal "one's command" "$("$bosc" profile show "$one" --store "$store" | sed -n 's/^command  *//p')" \
		"/bin/sh -c 'while :; do cat /proc/uptime; sleep 0.05; done >/dev/null'" || return 1
	equal "what two executes" "$(executables "$two")" "/bin/sh /proc/self/exe"
}

# Watched at once, by profiles that differ; a shell in one of them is an alarm there.
two_at_once() {
	mkdir -p "$lab_dir/sock-$web"
	start both "$bosc" learn -c "$one" -c "$web" --store "$store" --max-time 60s
	hear both "^bosc: waiting for '$web'" || return 1
	docker run --detach --name "$web" --network none --volume "$lab_dir/sock-$web:/sock" "$nginx" \
		>/dev/null || return 1
	wait_for 100 get_page || return 1
	for _ in {1..300}; do get_page; done
	stop both INT 0 || return 1
	equal "what nginx executes" "$(executables "$web")" "/usr/sbin/nginx" || return 1
	equal "what one executes" "$(executables "$one")" "/proc/self/exe" || return 1

	start watch "$bosc" monitor -c "$one" -c "$web" --store "$store" --json-file "$tmp/both.json"
	hear watch "watching '$web'" && hear watch "watching '$one'" || return 1
	docker exec "$web" /bin/sh -c 'cat /etc/passwd' >/dev/null || return 1
	for _ in {1..100}; do get_page; done
	stop watch INT 3 || return 1
	alarms_of "$tmp/both.json" >"$tmp/alarms"
	grep -q "^new-exec /bin/sh .* $web bosc-lab-nginx:" "$tmp/alarms" && ! grep -q " $one " "$tmp/alarms" &&
		return
	cat "$tmp/alarms"
	return 1
}

# The executables that were alarms in the container of that name and id.
executed_in() { # JSON ID NAME
	python3 - "$@" <<'END'
import json, sys

path, *container = sys.argv[1:]
alarms = [one for one in map(json.loads, open(path)) if one.get("rule") == "new-exec"]
print(*sorted(one["exec"] for one in alarms
              if [one["container"]["id"], one["container"]["name"]] == container))
END
}

# A monitor of a name waits for it, and stays with it: through a restart, and when the container
# is removed and another one gets the name.
same_name() {
	local id ids=()

	docker rm --force "$two" >/dev/null
	start follow "$bosc" monitor -c "$two" --store "$store" --json-file "$tmp/follow.json"
	hear follow "^bosc: waiting for '$two'" || return 1
	for _ in 1 2; do
		circle "$two" 'cat /proc/uptime; wc -l /etc/passwd' || return 1
		hear follow "^bosc: watching '$two'" || return 1
		sleep 1
		id=$(docker inspect --format '{{.Id}}' "$two")
		ids+=("$id")
		docker exec "$two" /bin/ls / >/dev/null || return 1
		docker restart --time 0 "$two" >/dev/null || return 1
		sleep 1
		docker exec "$two" /bin/uname >/dev/null || return 1
		docker rm --force "$two" >/dev/null
	done
	stop follow INT 3 || return 1
	for id in "${ids[@]}"; do
		equal "executed" "$(executed_in "$tmp/follow.json" "$id" "$two")" "/bin/ls /bin/uname" || return 1
	done
}

# How often the command slept and was woken.
wakes() { # NAME
	awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/${pids[$1]}/status"
}

# Whether nothing wakes the command for five seconds; what others do on this machine may.
sleeps() { # NAME
	local before

	for _ in {1..3}; do
		before=$(wakes "$1")
		sleep 5
		[ $(($(wakes "$1") - before)) -ge 2 ] || return 0
	done
	echo "$1 was woken $(($(wakes "$1") - before)) times in 5 s"
	return 1
}

# A container that runs already gets the awaited name; loses it, and is watched under its other name; and
# when that one is gone, it is another that has the name.
renamed() {
	local first=$two-first second=$two-second ids=() name

	start named "$bosc" monitor -c "$two" --store "$store" --json-file "$tmp/named.json"
	hear named "^bosc: waiting for '$two'" || return 1
	for name in "$first" "$second"; do
		circle "$name" 'cat /proc/uptime; wc -l /etc/passwd' || return 1
		ids+=("$(docker inspect --format '{{.Id}}' "$name")")
	done
	docker rename "$first" "$two" || return 1
	hear named "^bosc: watching '$two'" || return 1
	docker exec "$two" /bin/ls / >/dev/null || return 1
	sleeps named || return 1
	: >"$tmp/named.err"
	docker rename "$two" "$first" && docker rename "$second" "$two" || return 1
	docker exec "$first" /bin/uname >/dev/null || return 1
	hear named "^bosc: the container '$two' is called '$first' now" || return 1
	docker exec "$first" /bin/id >/dev/null || return 1
	docker rm --force "$first" >/dev/null
	hear named "^bosc: watching '$two'" || return 1
	docker exec "$two" /bin/date >/dev/null || return 1
	docker rm --force "$two" >/dev/null
	stop named INT 3 || return 1
	equal "in the first" "$(executed_in "$tmp/named.json" "${ids[0]}" "$two")" "/bin/ls /bin/uname" &&
		equal "by its other name" "$(executed_in "$tmp/named.json" "${ids[0]}" "$first")" /bin/id &&
		equal "in the second" "$(executed_in "$tmp/named.json" "${ids[1]}" "$two")" /bin/date
}

# A container that is watched is renamed, and another one starts under its name: the first is watched on, and
# its alarms are its own; the second is watched once the first is gone.
replaced_meanwhile() {
	local first=$two-first ids=() circle='cat /proc/uptime; wc -l /etc/passwd'

	docker rm --force "$two" >/dev/null
	start named "$bosc" monitor -c "$two" --store "$store" --json-file "$tmp/replaced.json"
	hear named "^bosc: waiting for '$two'" && circle "$two" "$circle" || return 1
	hear named "^bosc: watching '$two'" || return 1
	ids+=("$(docker inspect --format '{{.Id}}' "$two")")
	docker rename "$two" "$first" && circle "$two" "$circle" || return 1
	ids+=("$(docker inspect --format '{{.Id}}' "$two")")
	hear named "^bosc: the container '$two' is called '$first' now" || return 1
	: >"$tmp/named.err"
	docker exec "$two" /bin/uname >/dev/null && docker exec "$first" /bin/ls / >/dev/null || return 1
	docker rm --force "$first" >/dev/null
	hear named "^bosc: watching '$two'" || return 1
	docker exec "$two" /bin/date >/dev/null || return 1
	docker rm --force "$two" >/dev/null
	stop named INT 3 || return 1
	equal "in the first" "$(executed_in "$tmp/replaced.json" "${ids[0]}" "$first")" /bin/ls &&
		equal "in the second" "$(executed_in "$tmp/replaced.json" "${ids[1]}" "$two")" /bin/date
}

# A container without a profile is held against one of its image; one whose image is another than was
# learnt is told so, and so is one that only shares the image's name.
by_image() {
	local other=bosc-other-$$

	docker rm --force "$one" >/dev/null
	docker create --name "$other" --network none "$busybox" /bin/sh -c 'cat /proc/uptime' >/dev/null ||
		return 1
	start image "$bosc" monitor -c "$other" --store "$store" --max-time 2s
	hear image "^bosc: '$other' has no profile of its own: it is held against 'bosc-.*-$$', of the same image" ||
		return 1
	finish image 0 || return 1
	docker commit --change 'LABEL changed=yes' "$other" bosc-lab-changed:1 >/dev/null || return 1
	docker rm --force "$other" >/dev/null
	start changed "$bosc" monitor -c "$one" --store "$store"
	hear changed "^bosc: waiting for '$one'" || return 1
	docker run --detach --name "$one" --network none bosc-lab-changed:1 \
		/bin/sh -c 'while :; do cat /proc/uptime; sleep 0.05; done >/dev/null' >/dev/null || return 1
	hear changed "^bosc: the image of '$one' is not the one that the profile '$one' was learnt from" ||
		return 1
	kill -INT "${pids[changed]}"
	wait "${pids[changed]}"
	docker rm --force "$one" >/dev/null
	docker rmi bosc-lab-changed:1 >/dev/null
}

# So is one that is not there yet: which profile it is held against is known when it comes.
by_image_later() {
	local later=bosc-later-$$ none=bosc-none-$$

	start later "$bosc" monitor -c "$later" --store "$store" --json
	hear later "^bosc: there is no profile '$later': when the container is there, one of its image is looked for" &&
		hear later "^bosc: waiting for '$later' to start" || return 1
	docker run --detach --name "$later" --network none "$busybox" \
		/bin/sh -c 'while :; do cat /proc/uptime; sleep 0.05; done >/dev/null' >/dev/null || return 1
	hear later "^bosc: '$later' has no profile of its own: it is held against 'bosc-.*-$$', of the same image" &&
		hear later "^bosc: watching '$later'" || return 1
	docker exec "$later" /bin/id >/dev/null || return 1
	docker rm --force "$later" >/dev/null
	stop later INT 3 || return 1
	grep -q "\"name\": *\"$later\"" "$tmp/later.out" || {
		cat "$tmp/later.out"
		return 1
	}
	# Of an image that nothing was learnt of.
	start none "$bosc" monitor -c "$none" --store "$store"
	hear none "^bosc: waiting for '$none' to start" || return 1
	docker run --detach --name "$later" --network none "$busybox" sleep 100 >/dev/null || return 1
	docker commit --change 'LABEL unlearnt=yes' "$later" bosc-lab-unlearnt:1 >/dev/null || return 1
	docker rm --force "$later" >/dev/null
	docker run --detach --name "$none" --network none bosc-lab-unlearnt:1 sleep 100 >/dev/null || return 1
	finish none 1 || return 1
	docker rm --force "$none" >/dev/null
	docker rmi bosc-lab-unlearnt:1 >/dev/null
	grep -qx "bosc: there is no profile '$none', and none of its image bosc-lab-unlearnt:1: it was never learnt" \
		"$tmp/none.err" && return
	cat "$tmp/none.err"
	return 1
}

# Where nothing was learnt, there is nothing to wait for.
by_no_image() {
	run 0 "$bosc" learn --profile gone --store "$tmp/empty.db" -- true &&
		run 0 "$bosc" profile remove gone --store "$tmp/empty.db" || return 1
	run 1 "$bosc" monitor -c bosc-none --store "$tmp/empty.db" || return 1
	grep -qx "bosc: there is no profile 'bosc-none': it was never learnt" "$tmp/err"
}

# Containers are made, but not started, until the ids of two begin alike.
ambiguous() {
	local id prefix=
	local -A seen=()

	for _ in {1..600}; do
		id=$(docker create --network none "$busybox" true)
		prefix=${id:0:3}
		[ -z "${seen[$prefix]:-}" ] || break
		seen[$prefix]=$id
	done
	run 1 "$bosc" monitor -c "$prefix" --store "$store" --profile "$one" || return 1
	grep -qE "^bosc: '$prefix' begins the ids of 2 containers: ${prefix}[0-9a-f]{9} \(.+\), ${prefix}[0-9a-f]{9} \(.+\)$" \
		"$tmp/err" && return
	cat "$tmp/err"
	return 1
}

# The same container by its name and by its id; and by a name that it gets later.
twice() {
	local id first=$two-first second=$two-second

	circle "$first" && id=$(docker inspect --format '{{.Id}}' "$first") || return 1
	run 1 "$bosc" monitor -c "$first" -c "${id:0:10}" --store "$store" --profile "$one" || return 1
	grep -qx "bosc: '$first' and '${id:0:10}' are the same target" "$tmp/err" || { cat "$tmp/err"; return 1; }
	start twice "$bosc" monitor -c "$first" -c "$second" --store "$store" --profile "$one"
	hear twice "^bosc: waiting for '$second'" && docker rename "$first" "$second" || return 1
	hear twice "^bosc: '$second' is the container that is watched as '$first'" || return 1
	docker rm --force "$second" >/dev/null
	kill -INT "${pids[twice]}"
	wait "${pids[twice]}"
}

stage_lab busybox nginx
busybox=$(lab image "$lab_dir" busybox)
nginx=$(lab image "$lab_dir" nginx)
check "-l learns every container that runs or starts, each for itself" learn_all
check "two containers at once are not taken for each other" two_at_once
check "a name is waited for, and followed through restart and replacement" same_name
check "one that runs already and gets the name is met, and nothing is looked for then" renamed
check "one that lost its name to another, which starts, is not taken for it" replaced_meanwhile
check "a profile is found by the image, and another image is told" by_image
check "… of one that comes later, too" by_image_later
check "… but with no profile at all, nothing is waited for" by_no_image
check "a prefix of two ids is refused, and both are named" ambiguous
check "one that is named twice is refused, or told of" twice
tap_end
