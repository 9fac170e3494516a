#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What was learnt of a container, as a filter that Docker enforces: the same work runs under it,
# prepared by the runtime in each of its ways, and a call that was not learnt fails with EPERM.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
name=bosc-filter-$$
# shellcheck disable=SC2016 # the container's shell expands it
work='for file in /etc/hosts /bin/sh; do cat $file >/dev/null; done; ls / | wc -l; (sleep 0.1) & wait'

docker_run() { # ARGUMENT…
	timeout 60 docker run --rm --network none --label "bosc-lab=$lab_dir" "$@"
}

filtered() { # OPTION… -- COMMAND…: in a container with the filter
	local -a options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	run 0 docker_run --security-opt "seccomp=$tmp/filter.json" "${options[@]}" "$busybox" "${@:2}"
}

learn_work() {
	busybox=$(lab image "$lab_dir" busybox) || return 1
	start learn "$bosc" learn -c "$name" --store "$store"
	hear learn "^bosc: waiting for '$name'" || return 1
	docker_run --name "$name" "$busybox" sh -c "$work; $work" || return 1
	sleep 0.5
	stop learn INT 0 || return 1
	run 0 "$bosc" profile export "$name" --format seccomp --store "$store" -o "$tmp/filter.json" ||
		return 1
	equal notes "$(cat "$tmp/err")" \
		"bosc: the profile '$name' is not learnt: calls that its training did not meet will fail"
}

runs() { # OPTION…
	filtered "$@" -- sh -c "$work" || return 1
	grep -qx '[0-9]*' "$tmp/out"
}

refused() { # WORDS OPTION…: each of these words calls what was not learnt
	local word

	for word in "mkdir /tmp/new" "chmod 600 /tmp" "ln -s a /tmp/b" "hostname other" "kill -0 1" \
		"nc -l -p 80"; do
		run 1 docker_run --security-opt "seccomp=$tmp/filter.json" "$@" "$busybox" sh -c "$word" ||
			return 1
		grep -q 'Operation not permitted' "$tmp/err" || {
			echo "'$word' says:"
			cat "$tmp/err"
			return 1
		}
	done
}

unfiltered() { # the same words without the filter
	docker_run "$busybox" sh -c "mkdir /tmp/new && chmod 600 /tmp && ln -s a /tmp/b && kill -0 1"
}

executed() { # another process in a container that runs
	docker_run -d --name "$name-exec" --security-opt "seccomp=$tmp/filter.json" "$busybox" \
		sh -c 'while :; do sleep 0.1; done' >/dev/null || return 1
	run 0 timeout 30 docker exec "$name-exec" sh -c "$work" || return 1
	run 1 timeout 30 docker exec "$name-exec" mkdir /tmp/new || return 1
	grep -q 'Operation not permitted' "$tmp/err" || return 1
	docker kill "$name-exec" >/dev/null
}

# No call that makes new namespaces, whatever a program passes to clone.
confined() {
	python3 - "$tmp/filter.json" <<'END'
import json, sys

rules = json.load(open(sys.argv[1]))["syscalls"]
clone = [rule for rule in rules if "clone" in rule["names"]]
assert len(clone) == 1 and clone[0]["args"][0]["value"] & 0x10000000, clone
assert not any(name in ("unshare", "setns", "mount", "ptrace", "bpf") for rule in rules
               for name in rule["names"]), rules
END
}

# A server of many threads, which came to its calls under the engine's own filter.
redis() {
	local name=bosc-filtered-$$ image

	lab redis-create "$lab_dir" "$name" || return 1
	start redis "$bosc" learn -c "$name" --store "$store"
	hear redis "^bosc: waiting for '$name'" || return 1
	lab redis-start "$lab_dir" "$name" && lab redis-load "$lab_dir" "$name" 1 8 || return 1
	docker stop --time 5 "$name" >/dev/null || return 1
	sleep 0.5
	stop redis INT 0 || return 1
	docker rm "$name" >/dev/null || return 1
	run 0 "$bosc" profile export "$name" --format seccomp --store "$store" \
		-o "$tmp/redis.json" || return 1
	image=$(lab image "$lab_dir" redis) || return 1
	docker create --name "$name" --label "bosc-lab=$lab_dir" --network none \
		--security-opt "seccomp=$tmp/redis.json" --security-opt no-new-privileges \
		--volume "$lab_dir/sock-$name:/sock" "$image" redis-server --port 0 \
		--unixsocket /sock/redis.sock --unixsocketperm 700 --dir /data --save '3600 1' \
		--appendonly yes --auto-aof-rewrite-percentage 0 \
		--enable-module-command yes >/dev/null || return 1
	lab redis-start "$lab_dir" "$name" && lab redis-load "$lab_dir" "$name" 2 5 || return 1
	docker logs "$name" 2>&1 | grep -i 'not permitted' && return 1
	lab redis-attack "$lab_dir" "$name" >"$tmp/attack.log" 2>&1
	docker logs "$name" >"$tmp/redis.log" 2>&1
	docker rm -f "$name" >/dev/null
	# The module's shell is one that may not fork.
	cat "$tmp/attack.log" "$tmp/redis.log"
	grep -q 'redis replies to MODULE LOAD: -ERR' "$tmp/attack.log" &&
		grep -q 'sh: 1: Cannot fork' "$tmp/redis.log"
}

stage_lab redis busybox
busybox=$(lab image "$lab_dir" busybox)
docker info -f '{{.SecurityOptions}}' | grep -q name=seccomp || stage_skip "this Docker has no seccomp"
check "a container is learnt and exported" learn_work
check "the filter does not let namespaces through" confined
check "the same work runs under it" runs
check "… without new privileges" runs --security-opt no-new-privileges
check "… as another user" runs --user 1000:1000
check "… as another user, without new privileges" runs --user 1000:1000 --security-opt no-new-privileges
check "… with groups, a folder and without capabilities" runs --group-add 7 --workdir /tmp --cap-drop ALL
check "… on a read-only file system" runs --read-only
check "… executed in a container that runs" executed
check "what the test refuses works without a filter" unfiltered
check "calls that were not learnt fail with EPERM" refused
check "… without new privileges, too" refused --security-opt no-new-privileges
check "a server runs under its filter, and an attack on it does not" redis
tap_end
