#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Who belongs to a container: what is moved into its cgroup by hand, until it is moved out again; what
# sits in cgroups that were made inside of it, be they those of another container; its health check. And
# who does not: another container of the same host name.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
one=bosc-one-$$
two=bosc-two-$$
outer=bosc-outer-$$
engine=bosc-engine-$$

# A container that goes round in a small circle, in which it does what it finds in /order.
circle() { # NAME [OPTION…]
	docker run --detach --name "$1" --network none "${@:2}" "$busybox" /bin/sh -c '
		while :; do
			cat /proc/uptime
			[ ! -e /order ] || { mv /order /obeyed && sh /obeyed; }
			sleep 0.05
		done >/dev/null' >/dev/null
}

# The directory of its cgroup.
cgroup_of() { # CONTAINER
	local pid

	pid=$(docker inspect --format '{{.State.Pid}}' "$1")
	echo "${cgroup%/*}$(sed -n 's/^0:://p' "/proc/$pid/cgroup")"
}

# All are held against the profile of the first, whose image they share.
learn() {
	circle "$one" || return 1
	start learn "$bosc" learn -c "$one" --store "$store"
	hear learn "^bosc: learning '$one'" || return 1
	sleep 4
	stop learn INT 0
}

watch_them() { # CONTAINER…
	local name targets=()

	for name; do
		targets+=(-c "$name")
	done
	rm -f "$tmp/alarms.json"
	start watch "$bosc" monitor "${targets[@]}" --store "$store" --json-file "$tmp/alarms.json"
	for name; do
		hear watch "^bosc: watching '$name'" || return 1
	done
}

# What was an alarm by the rule, of what fits, and in which container.
alarms() { # RULE PATTERN
	python3 - "$tmp/alarms.json" "$@" <<'END'
import json, re, sys

path, rule, pattern = sys.argv[1:]
alarms = [one for one in map(json.loads, open(path)) if one.get("rule") == rule]
found = {(one["exec"] or one["syscall"], one["container"]["name"]) for one in alarms}
print(", ".join(" ".join(one) for one in sorted(found) if re.fullmatch(pattern, one[0])))
END
}

# One call in each of the containers, and one outside; each is the next after the move.
moved_by_hand() {
	circle "$two" || return 1
	watch_them "$one" "$two" || return 1
	python3 - "$(cgroup_of "$one")" "$(cgroup_of "$two")" "$cgroup/work" <<'END' || return 1
import os, sys

into_one, into_two, out = (os.open(path + "/cgroup.procs", os.O_WRONLY) for path in sys.argv[1:])
os.write(into_one, b"0"), os.getppid()
os.write(into_two, b"0"), os.getpgid(0)
os.write(out, b"0"), os.sched_yield(), os.getsid(0)
os.write(into_one, b"0"), os.times()
os.write(out, b"0"), os.getpriority(os.PRIO_PROCESS, 0)
END
	stop watch INT 3 || return 1
	equal alarms "$(alarms new-call 'getppid|getpgid|sched_yield|getsid|times|getpriority')" \
		"getpgid $two, getppid $one, times $one"
}

# Cgroups of the container's own: one that is there before bosc, and one that looks like a container's.
nested_cgroups() {
	local id

	id=$(printf '%064d' 7)
	docker run --detach --name "$outer" --network none --cap-add SYS_ADMIN --cgroupns private \
		--security-opt seccomp=unconfined --security-opt apparmor=unconfined --volume "$tmp:/host" \
		"$busybox" /bin/sleep 1000 >/dev/null || return 1
	docker exec "$outer" sh -c 'mount -o remount,rw /sys/fs/cgroup && mkdir /sys/fs/cgroup/before' || return 1
	watch_them "$one" "$outer" || return 1
	docker exec "$outer" sh -c '
		echo $$ >/sys/fs/cgroup/before/cgroup.procs && exec /bin/stat /' >/dev/null || return 1
	docker exec "$outer" sh -c "
		mkdir -p /sys/fs/cgroup/docker/$id/deeper
		echo \$\$ >/sys/fs/cgroup/docker/$id/deeper/cgroup.procs && exec /bin/ls /" >/dev/null || return 1
	stop watch INT 3 || return 1
	equal alarms "$(alarms new-exec '.*/(stat|ls)')" "/bin/ls $outer, /bin/stat $outer"
}

# What a runtime within the container starts. Its own program lies on this machine.
container_within() {
	local file

	mkdir -p "$tmp/bundle/rootfs/bin" "$tmp/runc/lib"
	cp "$(command -v busybox)" "$tmp/bundle/rootfs/bin/busybox" && ln -s busybox "$tmp/bundle/rootfs/bin/id" &&
		cp "$(command -v runc)" "$tmp/runc" || return 1
	for file in $(ldd "$(command -v runc)" | grep -o '/[^ ]*'); do
		cp "$file" "$tmp/runc/lib" || return 1
	done
	(cd "$tmp/bundle" && runc spec) && python3 - "$tmp/bundle/config.json" <<'END' || return 1
import json, sys

path = sys.argv[1]
spec = json.load(open(path))
spec["process"].update(terminal=False, args=["/bin/id"])
spec["process"].pop("rlimits", None)
spec["linux"]["namespaces"] = [n for n in spec["linux"]["namespaces"] if n["type"] != "network"]
spec["linux"]["cgroupsPath"] = "/inner"
json.dump(spec, open(path, "w"))
END
	watch_them "$one" "$outer" || return 1
	docker exec "$outer" sh -c '
		mkdir -p /lib /lib64 /run
		cp /host/runc/lib/* /lib && cp /host/runc/lib/ld-* /lib64
		/host/runc/runc run --bundle /host/bundle within' >"$tmp/within" 2>&1
	cat "$tmp/within"
	stop watch INT 3 || return 1
	grep -q uid=0 "$tmp/within" && equal alarms "$(alarms new-exec /bin/id)" "/bin/id $outer"
}

# A whole Docker engine in a container, with a container of its own, which came before bosc, and one that came
# later. Its programs lie on this machine; it has all that this machine could give, but not --privileged.
engine_within() {
	docker save "$busybox" -o "$tmp/image.tar" || return 1
	docker run --detach --name "$engine" --network none --cgroupns private --cap-add ALL --cap-drop SYS_RESOURCE \
		--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined \
		--tmpfs /run:exec --tmpfs /var/lib/docker:exec,dev,suid --volume /usr:/usr:ro --volume "$tmp:/host" \
		--env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin --env DOCKER_HOST=unix:///run/docker.sock \
		"$busybox" /bin/sh -c '
			ln -s usr/lib /lib && ln -s usr/lib64 /lib64 && mount -o remount,rw /sys/fs/cgroup &&
			mkdir /sys/fs/cgroup/engine && echo 1 >/sys/fs/cgroup/engine/cgroup.procs &&
			container=yes exec dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs \
				--exec-opt native.cgroupdriver=cgroupfs --host=unix:///run/docker.sock' >/dev/null || return 1
	wait_for 300 docker exec "$engine" docker info || {
		docker logs "$engine" | tail -n 5
		return 1
	}
	docker exec "$engine" docker load --quiet --input /host/image.tar || return 1
	docker exec "$engine" docker run --detach --name before --network none "$busybox" /bin/sleep 1000 || return 1
	watch_them "$one" "$engine" || return 1
	docker exec "$engine" docker exec before /bin/stat / >/dev/null &&
		docker exec "$engine" docker run --rm --network none "$busybox" /bin/id || return 1
	stop watch INT 3 || return 1
	docker rm --force "$engine" >/dev/null
	equal alarms "$(alarms new-exec '/bin/(stat|id)')" "/bin/id $engine, /bin/stat $engine"
}

# It begins when the container is watched already, and goes on while it is.
health_check() {
	docker rm --force "$two" >/dev/null
	start watch "$bosc" monitor -c "$one" -c "$two" --store "$store" --profile "$one" --json-file "$tmp/alarms.json"
	hear watch "^bosc: waiting for '$two'" || return 1
	circle "$two" --health-cmd "exec /bin/true" --health-interval 1s || return 1
	wait_for 100 healthy "$two"
	stop watch INT 3 || return 1
	equal alarms "$(alarms new-exec /bin/true)" "/bin/true $two"
}
healthy() { # CONTAINER
	[ "$(docker inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]
}

# To the program of 2015, which had names from the hosts', both were one.
same_host_name() {
	local name

	docker rm --force "$one" "$two" >/dev/null
	circle "$one" --hostname same && circle "$two" --hostname same || return 1
	watch_them "$one" "$two" || return 1
	docker exec "$two" /bin/ls / >/dev/null || return 1
	sleep 1
	stop watch INT 3 || return 1
	equal alarms "$(alarms new-exec '.*')" "/bin/ls $two" || return 1
	for name in "$one" "$two"; do
		grep -qE "^container $name .*: [0-9]{3,} calls" "$tmp/watch.out" || return 1
	done
}

stage_lab busybox
busybox=$(lab image "$lab_dir" busybox)
check "a container is learnt" learn
check "a process belongs to the container that it is moved to, from its next call on" moved_by_hand
check "what is in cgroups made within a container is that container's" nested_cgroups
if command -v runc >/dev/null; then
	check "so is a container within it" container_within
else
	skip "so is a container within it" "there is no runc on this machine"
fi
if [ -x "$(command -v dockerd)" ] && [ -x "$(command -v runc)" ]; then
	check "and so are those of a Docker engine within it" engine_within
else
	skip "and so are those of a Docker engine within it" "there is no dockerd or runc on this machine"
fi
check "a health check is its container's" health_check
check "two containers of the same host name are two" same_host_name
tap_end
