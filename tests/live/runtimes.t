#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Containers of the runtimes that Debian has beside Docker, each found by the name that its own tool
# gives it: waited for and learnt, watched before it starts and while it runs, and attacked. They live in
# a mount namespace of their own, where /run and the runtimes' folders are empty.
if [ "${1:-}" != inside ]; then
	exec unshare --mount --propagation private "$0" inside
fi
mount -t tmpfs -o mode=755 none /run
for folder in /var/lib/containers /var/lib/lxc /var/lib/containerd; do
	[ ! -d "$folder" ] || mount -t tmpfs -o mode=755 none "$folder"
done
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
rootfs=$tmp/rootfs
name=bosc-rt-$$
user=64321

# A system of busybox, whose work goes round in a small circle, and does once what it finds in
# /tmp/attack.
make_rootfs() {
	mkdir -p "$rootfs"/{bin,proc,sys,dev,tmp,etc,run,usr/bin} || return 1
	cp "$(command -v busybox)" "$rootfs/bin/busybox" && chroot "$rootfs" /bin/busybox --install -s /bin
	touch "$rootfs/etc/os-release"
	cat >"$rootfs/bin/work" <<-'END'
		#!/bin/sh
		while :; do
			cat /proc/uptime
			[ ! -e /tmp/attack ] || { mv /tmp/attack /tmp/done && . /tmp/done; }
			sleep 0.05
		done >/dev/null
	END
	chmod +x "$rootfs/bin/work"
}

attack() {
	echo 'chroot / /bin/id; mount -t tmpfs none /tmp' >"$rootfs/tmp/new"
	mv "$rootfs/tmp/new" "$rootfs/tmp/attack"
	wait_for 50 test -e "$rootfs/tmp/done" || return 1
	rm "$rootfs/tmp/done"
}

# Each runtime: how it starts a container of that name, and ends it.
runc_start() {
	mkdir -p "$tmp/bundle"
	[ -e "$tmp/bundle/config.json" ] || (cd "$tmp/bundle" && runc spec) || return 1
	python3 - "$tmp/bundle/config.json" "$rootfs" <<-'END' || return 1
		import json, sys
		path, rootfs = sys.argv[1:]
		spec = json.load(open(path))
		spec["process"].update(terminal=False, args=["/bin/work"])
		spec["process"].pop("rlimits", None)
		spec["root"] = {"path": rootfs, "readonly": False}
		spec["linux"]["namespaces"] = [n for n in spec["linux"]["namespaces"] if n["type"] != "network"]
		json.dump(spec, open(path, "w"))
	END
	runc run --detach --bundle "$tmp/bundle" "$name" </dev/null >"$tmp/runtime.log" 2>&1
}
runc_end() { runc delete --force "$name"; }

image=bosc.example/work:1
ctr_open() {
	theirs=$(all_default)
	start containerd containerd --root "$tmp/containerd" --state /run/containerd \
		--address /run/containerd/containerd.sock
	wait_for 100 ctr version || return 1
	digest=$("$here/image.py" "$rootfs" "$image" "$tmp/image.tar") &&
		ctr image import --snapshotter native "$tmp/image.tar" >/dev/null
}
ctr_start() {
	ctr run --detach --snapshotter native --mount "type=bind,src=$rootfs/tmp,dst=/tmp,options=rbind:rw" \
		"$image" "$name" /bin/work </dev/null >"$tmp/runtime.log" 2>&1
}
ctr_end() {
	ctr task kill --signal KILL "$name"
	wait_for 50 ctr task delete "$name"
	ctr container delete "$name"
}
all_default() { find /sys/fs/cgroup -maxdepth 2 -type d -name default; }
# The engine leaves the cgroups above its containers'.
ctr_close() {
	local folder

	stop containerd TERM 0
	find /sys/fs/cgroup -depth -type d -path "*/$name*" -exec rmdir {} + || return 1
	for folder in $(all_default); do
		[[ $'\n'$theirs$'\n' == *$'\n'"$folder"$'\n'* ]] || rmdir "$folder" || return 1
	done
}

# The same containerd as the kubelet has it: a container of a pod, by what its CRI writes down of it.
pod=$(printf '%064x' $$)
cri_open() { ctr_open; }
cri_start() {
	ctr --namespace k8s.io run --detach --rootfs --cgroup "/$name/kubepods/burstable/pod1-2-3/$pod" \
		--annotation io.kubernetes.cri.container-type=container --annotation io.kubernetes.cri.container-name=web \
		--annotation io.kubernetes.cri.sandbox-namespace=shop --annotation "io.kubernetes.cri.sandbox-name=$name" \
		--annotation io.kubernetes.cri.image-name=example/web:1 "$rootfs" "$pod" /bin/work \
		</dev/null >"$tmp/runtime.log" 2>&1
}
cri_end() {
	ctr --namespace k8s.io task kill --signal KILL "$pod"
	wait_for 50 ctr --namespace k8s.io task delete "$pod"
	ctr --namespace k8s.io container delete "$pod"
}
cri_close() { ctr_close; }

podman_as=()
podman_here() {
	"${podman_as[@]}" podman --storage-driver=vfs --runtime /usr/sbin/runc --cgroup-manager=cgroupfs \
		--events-backend=file "$@"
}
podman_open() {
	tar -C "$rootfs" -c . | podman_here import - bosc-rt:1
}
podman_start() {
	podman_here run --detach --name "$name" --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 \
		--pids-limit=-1 --network none --volume "$rootfs/tmp:/tmp" bosc-rt:1 /bin/work \
		</dev/null >"$tmp/runtime.log" 2>&1
}
podman_end() { podman_here rm --force --time 0 "$name"; }

# podman of a user who is not root, with a part of the cgroup tree that is the user's own, as systemd
# would give it.
rootless_here() {
	(
		echo "$BASHPID" >"$cgroup/rootless/user/cgroup.procs"
		podman_as=(setpriv "--reuid=$user" "--regid=$user" --clear-groups)
		cd "$tmp/user" && HOME=$tmp/user XDG_RUNTIME_DIR=/run/user/$user podman_here "$@"
	)
}
rootless_open() {
	local file

	mkdir -p "$cgroup/rootless"/{user,box} "/run/user/$user" "$tmp"/{etc,user} || return 1
	chown -R "$user" "$cgroup/rootless" "/run/user/$user" "$tmp/user"
	chmod 711 "$tmp" && chmod 777 "$rootfs/tmp"
	cp /etc/passwd /etc/group "$tmp/etc"
	echo "bosc-$user:x:$user:$user::$tmp/user:/bin/sh" >>"$tmp/etc/passwd"
	echo "bosc-$user:x:$user:" >>"$tmp/etc/group"
	echo "bosc-$user:100000:65536" | tee "$tmp/etc/subuid" >"$tmp/etc/subgid"
	for file in passwd group subuid subgid; do
		mount --bind "$tmp/etc/$file" "/etc/$file" || return 1
	done
	tar -C "$rootfs" -c . | rootless_here import - bosc-rt:1
}
rootless_start() {
	rootless_here run --detach --name "$name" --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
		--pids-limit=-1 --network none --cgroup-parent "/${cgroup##*/}/rootless/box" \
		--volume "$rootfs/tmp:/tmp" bosc-rt:1 /bin/work </dev/null >"$tmp/runtime.log" 2>&1
}
rootless_end() { rootless_here rm --force --time 0 "$name"; }
rootless_close() {
	local file

	for file in passwd group subuid subgid; do umount "/etc/$file"; done
}

lxc_open() {
	mkdir -p "/var/lib/lxc/$name"
	cat >"/var/lib/lxc/$name/config" <<-END
		lxc.rootfs.path = dir:$rootfs
		lxc.uts.name = bosc
		lxc.net.0.type = none
		lxc.apparmor.profile = unconfined
		lxc.init.cmd = /bin/work
	END
}
lxc_start() {
	start lxc lxc-start --name "$name" --foreground
	wait_for 50 test -d "/sys/fs/cgroup/lxc.payload.$name"
}
lxc_end() {
	lxc-stop --name "$name" --kill
	finish lxc 137 || finish lxc 0
	find /sys/fs/cgroup -depth -type d \( -name "lxc.*.$name*" -o -name lxc.pivot \) -exec rmdir {} + 2>/dev/null
}

# In the cgroup that systemd-machined would have made.
scope=machine.slice/machine-${name//-/\\x2d}.scope
machine_open() {
	slice_was_there=
	[ ! -d /sys/fs/cgroup/machine.slice ] || slice_was_there=yes
}
machine_start() {
	mkdir -p "/sys/fs/cgroup/$scope" || return 1
	# shellcheck disable=SC2016 # the inner shell's own
	start nspawn sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "/sys/fs/cgroup/$scope" \
		env SYSTEMD_NSPAWN_TMPFS_TMP=0 systemd-nspawn --register=no --keep-unit --quiet \
		--directory "$rootfs" --machine "$name" /bin/work
	wait_for 50 grep -x "populated 1" "/sys/fs/cgroup/$scope/payload/cgroup.events"
}
machine_end() {
	echo 1 >"/sys/fs/cgroup/$scope/cgroup.kill"
	wait "${pids[nspawn]}"
	wait_for 50 rmdir_all "/sys/fs/cgroup/$scope"
}
# systemd-nspawn makes the same cgroups in systemd's own v1 hierarchy, where there is one.
machine_close() {
	local there=$tmp/systemd

	[ -n "$slice_was_there" ] || rmdir /sys/fs/cgroup/machine.slice
	grep -q ':name=systemd:' /proc/self/cgroup || return 0
	mkdir -p "$there" && mount -t cgroup -o none,name=systemd none "$there" || return 1
	wait_for 50 rmdir_all "$there/$scope"
	[ -n "$slice_was_there" ] || rmdir "$there/machine.slice"
	umount "$there"
}

# Learns the container, which starts after bosc does.
learns() { # RUNTIME TARGET…
	local runtime=$1

	shift
	start learn "$bosc" learn "$@" --store "$store" --profile "$runtime"
	hear learn "^bosc: (waiting for|learning) '" || return 1
	"${runtime}_start" || {
		cat "$tmp/runtime.log"
		return 1
	}
	hear learn "^bosc: learning '" || return 1
	sleep 5
	stop learn INT 0 || return 1
	"${runtime}_end" >"$tmp/runtime.log" 2>&1
	return 0
}

shows() { # PROFILE FIELD WANTED
	equal "the $2" "$("$bosc" profile export "$1" --store "$store" |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["runs"][-1][sys.argv[1]])' "$2")" "$3"
}

# containerd knows the image; that of a container that was not started yet, too. A profile is found by it.
ctr_image() {
	shows ctr image "$image" && shows ctr digest "$digest" && shows ctr command /bin/work || return 1
	ctr container create --snapshotter native "$image" "$name-other" /bin/other || return 1
	start other "$bosc" monitor -c "$name-other" --store "$store" --max-time 1s
	hear other "^bosc: 'default/$name-other' has no profile of its own: it is held against 'ctr', of the same image $image" ||
		return 1
	finish other 0 || return 1
	ctr container delete "$name-other"
}

# A name that was given anew does not say of which image a container is that was made before.
ctr_image_anew() {
	"$here/image.py" "$rootfs" "$image" "$tmp/other.tar" other >/dev/null &&
		ctr image import --snapshotter native "$tmp/other.tar" >/dev/null &&
		ctr container create --snapshotter native "$image" "$name-before" /bin/work &&
		ctr image import --snapshotter native "$tmp/image.tar" >/dev/null &&
		ctr container create --snapshotter native "$image" "$name-behind" /bin/work || return 1
	start before "$bosc" monitor -c "$name-before" --store "$store" --max-time 1s
	start behind "$bosc" monitor -c "$name-behind" --store "$store" --max-time 1s
	hear before "held against 'ctr', of an image of the same name, $image" &&
		hear behind "held against 'ctr', of the same image $image" || return 1
	finish before 0 && finish behind 0 || return 1
	ctr container delete "$name-before" "$name-behind"
}

# The profile has the container's calls, and none of those that only the runtime makes.
own_calls() { # RUNTIME
	local shown

	"$bosc" profile export "$1" --store "$store" >"$tmp/profile.json" || return 1
	shown=$(grep -oE '"(execve|nanosleep|clock_nanosleep|wait4)"' "$tmp/profile.json" | sort -u | wc -l)
	[ "$shown" -ge 3 ] || {
		echo "the work's own calls are missing"
		return 1
	}
	! grep -oE '"(mount|umount2|pivot_root|setns|unshare|chroot|sethostname|capset|mount_setattr|move_mount)"' \
		"$tmp/profile.json"
}

# An attack is an alarm with the call's name; nothing was one before.
caught() { # RUNTIME WHEN TARGET…
	local runtime=$1 when=$2

	shift 2
	rm -f "$tmp/alarms.json"
	[ "$when" != running ] || "${runtime}_start" || return 1
	start watch "$bosc" monitor "$@" --store "$store" --profile "$runtime" --json-file "$tmp/alarms.json"
	hear watch "^bosc: (waiting for|watching) '" || return 1
	[ "$when" = running ] || "${runtime}_start" || return 1
	hear watch "^bosc: watching '" || return 1
	sleep 2
	! "$here/alarms.py" "$tmp/alarms.json" | grep '^new-call' || return 1
	attack || return 1
	hear watch "chroot" || return 1
	stop watch INT 3 || return 1
	"${runtime}_end" >"$tmp/runtime.log" 2>&1
	"$here/alarms.py" "$tmp/alarms.json" >"$tmp/alarms"
	grep -q '^new-call.*chroot' "$tmp/alarms" && return
	cat "$tmp/alarms"
	return 1
}

all_of() { # RUNTIME PROGRAM TARGET…
	local runtime=$1 program=$2

	shift 2
	command -v "$program" >/dev/null || {
		skip "$runtime" "there is no $program on this machine"
		return
	}
	! declare -F "${runtime}_open" >/dev/null || "${runtime}_open" >"$tmp/runtime.log" 2>&1 || {
		skip "$runtime" "it does not start: $(tail -n 1 "$tmp/runtime.log")"
		return
	}
	check "$runtime: a container that starts later is learnt" learns "$runtime" "$@"
	check "$runtime: … and of its runtime's own calls none" own_calls "$runtime"
	check "$runtime: an attack on one that was waited for is caught" caught "$runtime" later "$@"
	check "$runtime: … and on one that ran already" caught "$runtime" running "$@"
	! declare -F "${runtime}_image" >/dev/null || check "$runtime: … and its image is known" "${runtime}_image"
	! declare -F "${runtime}_image_anew" >/dev/null ||
		check "$runtime: … by a digest only while that is sure" "${runtime}_image_anew"
	! declare -F "${runtime}_close" >/dev/null || "${runtime}_close"
}

# Nothing stays of a container, however the test ends. What has no name of this test's is only removed, if
# it is empty.
remove_all() {
	local root one

	! command -v podman >/dev/null || podman_end
	for root in $(findmnt -n -o TARGET -t cgroup2); do
		for one in "$root"/{"$name",default/"$name","lxc.payload.$name","lxc.monitor.$name","$scope"}; do
			[ ! -e "$one/cgroup.kill" ] || echo 1 >"$one/cgroup.kill"
			wait_for 20 rmdir_all "$one" >/dev/null
		done
		for one in "$root"/{lxc.pivot,libpod_parent,default}; do
			[ ! -d "$one" ] || rmdir "$one"
		done
	done
}
rmdir_all() {
	[ ! -d "$1" ] || find "$1" -depth -type d -exec rmdir {} +
}
trap 'status=$?; remove_all 2>/dev/null; (exit $status); stage_clean_up' EXIT

command -v busybox >/dev/null || stage_skip "there is no busybox for the containers"
make_rootfs || stage_skip "no system for the containers can be made"
all_of ctr containerd -c "$name"
all_of cri containerd -c "shop/$name/web"

# From here on with cgroup v2 alone, as on most machines of today.
if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
	umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
	cgroup=/sys/fs/cgroup/${cgroup##*/}
fi
all_of runc runc -c "$name"
all_of podman podman -c "$name"
all_of rootless newuidmap -c "$name"
all_of lxc lxc-start -c "$name"
all_of machine systemd-nspawn -c "$name"
# Who waits for a name is told of a runtime that cannot be asked for it.
unreachable() {
	start waiting env DOCKER_HOST=tcp://127.0.0.1:1 "$bosc" monitor -c bosc-none --store "$store" \
		--profile runc
	hear waiting "^bosc: cannot ask the container runtime at 'tcp://127.0.0.1:1': " || return 1
	hear waiting "^bosc: waiting for 'bosc-none' to start" || return 1
	stop waiting INT 0
}
check "a runtime that cannot be asked is told" unreachable
tap_end
