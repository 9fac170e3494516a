#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
#
# The first program of a guest that kernels.t boots: takes bosc through its steps on another kernel,
# says on the console what came of each, and switches the machine off. What is not in the guest (a
# container runtime, the tests of the sensor) is not tried.
#
#     STEP name status alarms     what a step came to
#     OUT name line               what it printed

export PATH=/bin

# The initial root cannot be left by pivot_root, which is how a container gets its own.
if [ "$1" != moved ]; then
	/bin/busybox mkdir /new
	/bin/busybox mount -t tmpfs none /new
	for folder in /*; do
		[ "$folder" = /new ] || /bin/busybox cp -a "$folder" /new
	done
	exec /bin/busybox switch_root /new /init moved
fi

report() { # NAME STATUS: of what left its words in /tmp/NAME.out
	sed "s/^/OUT $1 /" "/tmp/$1.out"
	echo "STEP $1 $2 $(grep -c -E '^ALARM|^  also' "/tmp/$1.out")"
}

step() { # NAME COMMAND…
	name=$1; shift
	"$@" >"/tmp/$name.out" 2>&1
	report "$name" $?
}

begin() { # NAME COMMAND…: a bosc beside, until it watches or waits
	name=$1; shift
	"$@" >"/tmp/$name.out" 2>&1 &
	watcher=$!
	for _ in $(seq 300); do
		! grep -qE '^bosc: (learning|watching|recording|waiting)' "/tmp/$name.out" || break
		sleep 0.1
	done
}

end() {
	kill "$watcher"
	wait "$watcher"
	report "$name" $?
}

requests() { # HOW MANY [ATTACK]
	seq "$1"
	[ -z "$2" ] || echo "run: $2"
}

# What somebody has a server do that executes what it is sent: calls of the shell itself, then a
# program.
attack='cd /; umask 77; exec /bin/id'

commands() {
	step learn bosc learn --profile ls -- /bin/busybox ls /
	step known bosc monitor --profile ls -- /bin/busybox ls /
	step other bosc monitor --profile ls -- /bin/busybox id
	step record bosc record -o /tmp/id.bsc -- /bin/busybox id
	step replay bosc monitor --profile ls --trace /tmp/id.bsc
	step learn-compat bosc learn --profile compat -- /bin/compat
	step show-compat bosc profile show compat
	step compat bosc monitor --profile ls --json -- /bin/compat
	step record-compat bosc record -o /tmp/compat.bsc -- /bin/compat
	step compat-replay bosc monitor --profile ls --json --trace /tmp/compat.bsc
	printf 'PK\003\004' >/tmp/some.zip
	step status bosc status
	step zipped bosc learn --profile zip --trace /tmp/some.zip
}

cgroups() {
	cgroup=/sys/fs/cgroup/watched
	mkdir $cgroup
	begin moved bosc monitor --profile ls -g $cgroup
	sh -c "echo \$\$ >$cgroup/cgroup.procs; exec busybox id" >/dev/null
	end
	sh -c 'until [ -e /tmp/go ]; do sleep 0.1; done; busybox id; busybox id' >/dev/null &
	worker=$!
	echo $worker >$cgroup/cgroup.procs
	begin running bosc monitor --profile ls -g $cgroup
	touch /tmp/go
	wait $worker
	end
}

# What follows is nobody's command, who has these capabilities and no others.
make_as() {
	cat >/bin/as <<-'END'
		#!/bin/sh
		list=-all
		for one in $1; do list=$list,+$one; done
		shift
		exec /usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set="$list" \
			--inh-caps="$list" --ambient-caps="$list" "$@"
	END
	chmod +x /bin/as
}

# The documented ones, as they are for this kernel.
privileges() { # WITH WHICH THE SENSOR IS LOADED
	make_as
	cgroup=/sys/fs/cgroup/nobody store=/tmp/nobody/store
	mkdir $cgroup
	mkdir -m 777 /tmp/nobody
	step nobody-refused as sys_ptrace bosc learn --profile ls --store $store -- /bin/busybox ls /
	step nobody-learns as "$1" bosc learn --profile ls --store $store -- /bin/busybox ls /
	step nobody-knows as "$1" bosc monitor --profile ls --store $store -- /bin/busybox ls /
	begin nobody-moved as "$1 sys_ptrace" bosc monitor --profile ls --store $store -g $cgroup
	sh -c "echo \$\$ >$cgroup/cgroup.procs; exec busybox id" >/dev/null
	end
}

server() {
	for name in learn-server learn-server-2; do
		requests 400 | step $name bosc learn --profile server -- /bin/busybox sh /bin/server
	done
	requests 300 | step serves bosc monitor --profile server -- /bin/busybox sh /bin/server
	requests 300 "$attack" |
		step attacked bosc monitor --profile server -- /bin/busybox sh /bin/server
}

# The same work by every road to the kernel.
roads() {
	step teach bosc learn --profile native -- /bin/roads - native
	for road in native ia32 x32 uring sqpoll; do
		step $road bosc monitor --profile native --json -- /bin/roads - $road
	done
}

make_bundle() { # RUNTIME
	mkdir -p "/$1/rootfs/bin" "/$1/rootfs/tmp"
	cp /bin/busybox /bin/server "/$1/rootfs/bin"
	ln -s busybox "/$1/rootfs/bin/sh"
	ln -s busybox "/$1/rootfs/bin/id"
	(cd "/$1" && "$1" spec)
	sed -i -e 's/"terminal": true/"terminal": false/; s/"readonly": true/"readonly": false/' \
		-e 's|^\([[:space:]]*\)"sh"|\1"/bin/sh", "/bin/server"|' "/$1/config.json"
}

# One that runs before bosc does.
running() {
	mkfifo "/tmp/$runtime.requests"
	"$runtime" run -b "/$runtime" "$id" <"/tmp/$runtime.requests" >/dev/null 2>&1 &
	ran=$!
	exec 3>"/tmp/$runtime.requests"
	requests 100 >&3
	begin "$runtime-running" bosc monitor --profile "$runtime" -c "$id"
	requests 300 "$attack" >&3
	exec 3>&-
	wait $ran
	end
}

# The same server in a container that starts when bosc waits for it already.
container() { # RUNTIME
	runtime=$1
	id=bosc-$runtime
	make_bundle "$runtime"
	for round in 1 2; do
		begin "$runtime-learn-$round" bosc learn --profile "$runtime" -c "$id"
		requests 400 | "$runtime" run -b "/$runtime" "$id" >"/tmp/$runtime.out" 2>&1
		end
		report "$runtime" $?
	done
	step "$runtime-show" bosc profile show "$runtime"
	begin "$runtime-record" bosc record -o "/tmp/$runtime.bsc" -c "$id"
	requests 100 | "$runtime" run -b "/$runtime" "$id" >/dev/null 2>&1
	end
	step "$runtime-replay" bosc learn --profile "$runtime-replay" --trace "/tmp/$runtime.bsc"
	step "$runtime-show-replay" bosc profile show "$runtime-replay"
	begin "$runtime-serves" bosc monitor --profile "$runtime" -c "$id"
	requests 300 | "$runtime" run -b "/$runtime" "$id" >/dev/null 2>&1
	end
	begin "$runtime-attacked" bosc monitor --profile "$runtime" -c "$id"
	requests 300 "$attack" | "$runtime" run -b "/$runtime" "$id" >/dev/null 2>&1
	end
	running
}

/bin/busybox --install -s /bin
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p /tmp /var/lib /run
echo "KERNEL $(uname -r) $(uname -m)"
commands
cgroups
server
[ ! -e /bin/roads ] || roads
case $(uname -r) in
6.1.*) loading=sys_admin ;;
*) loading="bpf perfmon" ;;
esac
[ ! -e /usr/bin/setpriv ] || privileges "$loading"
for runtime in crun runc; do
	[ ! -e /bin/$runtime ] || container $runtime
done
for test in /tests/*; do
	[ ! -e "$test" ] || step "${test##*/}" "$test"
done
echo "DONE $(cut -d. -f1 /proc/uptime) s"
poweroff -f
