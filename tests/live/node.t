#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# bosc in a container, on a node of Kubernetes: the image of `make image` runs as the manifest says, with its
# privileges, files and secret and no others, against a PostgreSQL server that it reaches by TLS. podman is
# the runtime, and takes from the manifest what the kubelet would.
if [ "${1:-}" != inside ]; then
	exec unshare --mount --propagation private "$0" inside
fi
mount -t tmpfs -o mode=755 none /run
mkdir -p /var/lib/containers && mount -t tmpfs -o mode=755 none /var/lib/containers
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
manifest=$root/packaging/kubernetes/bosc.yaml
web=bosc-web-$$
node=bosc-node-$$

node_down() {
	"${podman[@]}" rm --force --all --time 0 >/dev/null 2>&1
	wait_for 50 no_monitor
	"$root/tests/postgres.sh" stop "$tmp/pg"
}
# The cgroups that podman leaves.
no_monitor() {
	[ ! -d /sys/fs/cgroup/libpod_parent ] || find /sys/fs/cgroup/libpod_parent -depth -type d -exec rmdir {} +
}
# shellcheck disable=SC2154 # the trap sets it
trap 'status=$?; node_down; (exit "$status"); stage_clean_up' EXIT

podman=(podman --storage-driver=vfs --runtime /usr/sbin/runc --cgroup-manager=cgroupfs --events-backend=file)
run_box=("${podman[@]}" run --pids-limit=-1 --ulimit "nofile=4096:4096" --ulimit "nproc=4096:4096")

# A node of today: cgroup v2 alone, and a container on it.
node_up() {
	local rootfs=$tmp/rootfs

	if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
		umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
		cgroup=/sys/fs/cgroup/${cgroup##*/}
	fi
	mkdir -p "$rootfs/bin" && cp "$(command -v busybox)" "$rootfs/bin/busybox" || return 1
	chroot "$rootfs" /bin/busybox --install -s /bin
	tar -C "$rootfs" -c . | "${podman[@]}" import --quiet - bosc-web:1
}

server_up() {
	chmod 0755 "$tmp"
	"$root/tests/postgres.sh" make "$tmp/pg" 2>"$tmp/why" || stage_skip "$(tail -n 1 "$tmp/why")"
	"$root/tests/postgres.sh" tls "$tmp/pg" 127.0.0.1 || stage_skip "there is no openssl for a certificate"
	port=$("$root/tests/postgres.sh" start "$tmp/pg" $$) || stage_skip "the server does not start"
	psql -qX -h "$tmp/pg" -p "$port" -U bosc -d postgres -c 'GRANT CREATE ON DATABASE postgres TO locked'
	mkdir "$tmp/secret" "$tmp/outbox"
	cp "$tmp/pg/root.crt" "$tmp/secret"
	(umask 0377 && echo "*:*:*:locked:secret" >"$tmp/secret/pgpass")
}

# The options of podman for what the manifest asks for, and behind them the image and its arguments. $1 is for
# the command that bosc is given instead of the manifest's, with its own options; "" is that.
options_of_manifest() { # [COMMAND…]
	python3 - "$manifest" "$tmp" "postgresql://locked@127.0.0.1:$port/postgres?sslmode=verify-full" "$@" <<'END'
import sys, yaml

manifest, tmp, store, *command = sys.argv[1:]
(daemon,) = (one for one in yaml.safe_load_all(open(manifest)) if one["kind"] == "DaemonSet")
pod = daemon["spec"]["template"]["spec"]
(box,) = pod["containers"]
safe = box["securityContext"]
places = {}
for volume in pod["volumes"]:
    kind = "secret" if "secret" in volume else volume["hostPath"]["path"]
    places[volume["name"]] = {"secret": tmp + "/secret", "/var/lib/bosc": tmp + "/outbox"}.get(kind, kind)
assert pod["hostPID"] and safe["seccompProfile"]["type"] == "Unconfined"
assert not safe["allowPrivilegeEscalation"] and safe["readOnlyRootFilesystem"]
words = ["--pid=host", "--security-opt=seccomp=unconfined", "--security-opt=no-new-privileges", "--read-only",
         f"--user={safe['runAsUser']}"]
words += [f"--cap-drop={name}" for name in safe["capabilities"]["drop"]]
words += [f"--cap-add={name}" for name in safe["capabilities"]["add"]]
for one in box["env"]:
    value = one.get("value") or {"spec.nodeName": "node7"}[one["valueFrom"]["fieldRef"]["fieldPath"]]
    words.append(f"--env={one['name']}={value}")
for mount in box["volumeMounts"]:
    how = ":ro" if mount.get("readOnly") else ""
    words.append(f"--volume={places[mount['name']]}:{mount['mountPath']}{how}")
arguments = command or box["args"]
words += [box["image"], *(store if word.startswith("postgresql:") else word for word in arguments)]
if command:
    words += ["--store", store]
print("\n".join(words))
END
}

# Like a pod of the manifest's; its network is the host's, where the server is.
bosc_there() { # NAME [COMMAND…]
	local name=$1 words

	shift
	options_of_manifest "$@" >"$tmp/words" || return 1
	mapfile -t words <"$tmp/words"
	start "$name" "${run_box[@]}" --rm --name "$node-$name" --network host "${words[@]}"
}
signal() { # NAME SIGNAL
	"${podman[@]}" kill --signal "$2" "$node-$1" >/dev/null
}

image() {
	"$root/tools/container-image" "$bosc" "$tmp/one.tar" && "$root/tools/container-image" "$bosc" "$tmp/two.tar" ||
		return 1
	cmp "$tmp/one.tar" "$tmp/two.tar" && "${podman[@]}" load --quiet --input "$tmp/one.tar"
}

can_watch() {
	bosc_there status status
	finish status 0 && said status "^bosc can watch here" && said status "^sensor +yes" &&
		said status "^pid namespace +yes" && said status "^cgroups +yes +v2 at /host/sys/fs/cgroup$"
}

learnt() {
	"${run_box[@]}" --detach --name "$web" --network none bosc-web:1 /bin/sh -c \
		'while :; do cat /proc/uptime; sleep 0.05; done >/dev/null' >/dev/null || return 1
	bosc_there learn learn -c "$web"
	hear learn "^bosc: learning '$web'" || return 1
	sleep 4
	signal learn INT && finish learn 0
}

# With the arguments of the manifest, word for word but for the store's address.
caught() {
	bosc_there watch
	hear watch "^bosc: watching '$web'" || return 1
	"${podman[@]}" exec "$web" /bin/id >/dev/null || return 1
	hear watch '"exec":"/bin/id"' || return 1
	signal watch TERM && finish watch 3 || return 1
	! said watch "cannot|error" || return 1
	"$bosc" alarms --json --store "postgresql://bosc@127.0.0.1:$port/postgres" >"$tmp/kept" || return 1
	python3 - "$tmp/kept" "$web" <<'END'
import json, sys

kept = [json.loads(line) for line in open(sys.argv[1])]
found = {(one["host"], one["container"]["name"]) for one in kept if one.get("exec") == "/bin/id"}
print("kept:", found)
sys.exit(found != {("node7", sys.argv[2])})
END
}
learnt_there() {
	"$bosc" profile export "$web" --store "postgresql://bosc@127.0.0.1:$port/postgres" >"$tmp/profile" || return 1
	equal host "$(grep -o '"host": *"[^"]*"' "$tmp/profile")" '"host": "node7"'
}

for tool in podman busybox psql; do
	command -v "$tool" >/dev/null || stage_skip "there is no $tool on this machine"
done
python3 -c 'import yaml' 2>/dev/null || stage_skip "python3 cannot read YAML here"
server_up
node_up || stage_skip "no system for the containers can be made"
check "an image of bosc is made, twice the same" image
check "as the manifest starts it, bosc can watch" can_watch
check "it learns a container of its node" learnt
check "the profile says which node that was" learnt_there
check "it finds an attack, and keeps the alarm for all to ask after" caught
tap_end
