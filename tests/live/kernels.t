#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The same program on another kernel: Debian's own (Linux 6.1), booted in QEMU with nothing but
# busybox. It learns a command, knows it again, tells another one from it, watches a cgroup that
# processes are moved into while it runs and before, and sees by which road a call comes.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
cache=${BOSC_LAB_CACHE:-/var/cache/bosc-tests}
guest=$tmp/guest

[ "$(uname -m)" = x86_64 ] || stage_skip "the other kernel is for x86-64"
for tool in gcc qemu-system-x86_64 busybox cpio dpkg-deb apt-get; do
	command -v "$tool" >/dev/null || stage_skip "there is no $tool on this machine"
done

# The kernel of Debian's cloud images, kept between runs; prints its path.
fetch_kernel() {
	local package

	package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p')
	[ -n "$package" ] || return 1
	if [ ! -e "$cache/$package" ]; then
		mkdir -p "$cache" "$tmp/kernel" &&
			(cd "$tmp/kernel" && apt-get download "$package") >"$tmp/kernel.log" 2>&1 &&
			dpkg-deb -x "$tmp/kernel/$package"_*.deb "$tmp/kernel" &&
			cp "$tmp"/kernel/boot/vmlinuz-* "$cache/$package.part" &&
			mv "$cache/$package.part" "$cache/$package" || return 1
	fi
	echo "$cache/$package"
}

put() { # FILE PLACE: into the guest, with the libraries that it needs
	local library

	install -D "$1" "$guest$2"
	for library in $(ldd "$1" 2>/dev/null | grep -oE '/[^ ]+'); do
		[ -e "$guest$library" ] || install -D "$library" "$guest$library"
	done
}

make_guest() {
	mkdir -p "$guest"/{bin,proc,sys,dev,tmp} || return 1
	put "$(command -v busybox)" /bin/busybox
	put "$bosc" /bin/bosc
	gcc -std=gnu11 -D_GNU_SOURCE -static -O1 -o "$guest/bin/roads" "$here/roads.c" || return 1
	cat >"$guest/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
mount -t cgroup2 none /sys/fs/cgroup; mount -t tmpfs none /tmp
cgroup=/sys/fs/cgroup/watched
mkdir $cgroup
step() { # NAME COMMAND…
	name=$1; shift
	"$@" >/tmp/out 2>&1
	echo "STEP $name $? $(grep -c -E '^ALARM|^  also' /tmp/out)"
	echo "CALLS $name" $(grep -o '"syscall":"[a-z0-9_]*:[a-z0-9_]*"' /tmp/out | cut -d'"' -f4 | sort -u)
	grep '^bosc: cannot' /tmp/out
}
echo "KERNEL $(uname -r)"
step learn bosc learn --store /tmp/db --profile ls -- /bin/busybox ls /
step known bosc monitor --store /tmp/db --profile ls -- /bin/busybox ls /
step other bosc monitor --store /tmp/db --profile ls -- /bin/busybox id
step record bosc record -o /tmp/id.bsc -- /bin/busybox id
step replay bosc monitor --store /tmp/db --profile ls --trace /tmp/id.bsc
(sleep 3; sh -c 'echo $$ >/sys/fs/cgroup/watched/cgroup.procs; exec busybox id') &
step moved bosc monitor --store /tmp/db --profile ls -g $cgroup --max-time 6s
sh -c 'sleep 3; busybox id; busybox id' &
echo $! >$cgroup/cgroup.procs
step running bosc monitor --store /tmp/db --profile ls -g $cgroup --max-time 6s
step teach bosc learn --store /tmp/db --profile native -- /bin/roads - native
for road in native ia32 x32 uring sqpoll; do
	step $road bosc monitor --store /tmp/db --profile native --json -- /bin/roads - $road
done
poweroff -f
END
	chmod +x "$guest/init"
	(cd "$guest" && find . | cpio -o -H newc 2>/dev/null) | gzip -1 >"$tmp/initrd.gz"
}

boot() {
	kernel=$(fetch_kernel) || return 1
	make_guest || return 1
	start guest timeout 240 qemu-system-x86_64 -m 1024 -nographic -no-reboot -net none \
		-kernel "$kernel" -initrd "$tmp/initrd.gz" -append "console=ttyS0 panic=-1 quiet"
	finish guest 0 2500 || return 1
	tr -d '\r' <"$tmp/guest.out" >"$tmp/boot"
	grep -q '^STEP sqpoll' "$tmp/boot" || {
		tail -n 20 "$tmp/boot"
		return 1
	}
}

stepped() { # NAME STATUS ALARMS
	local found

	found=$(sed -n "s/^STEP $1 //p" "$tmp/boot")
	[[ $found =~ ^$2\ $3$ ]] && return
	echo "$1: found '$found', wanted '$2 $3'"
	grep '^bosc: ' "$tmp/boot"
	return 1
}

foreign() { # ROAD CALLS: that are new by it
	local found

	found=$(sed -n "s/^CALLS $1 *//p" "$tmp/boot" | tail -n 1)
	equal "calls" "$found" "$2"
}

kernel=
fetch_kernel >/dev/null || stage_skip "Debian's kernel cannot be had: $(tail -n 1 "$tmp/kernel.log" 2>/dev/null)"
check "another kernel boots" boot
echo "# $(grep -o 'KERNEL [^ ]*' "$tmp/boot")"
check "a command is learnt there" stepped learn 0 0
check "… and known again" stepped known 0 0
check "… and told from another" stepped other 3 '[1-9][0-9]*'
check "a recording is made" stepped record 0 0
check "… and judged" stepped replay 3 '[1-9][0-9]*'
check "a process that is moved into a cgroup is watched" stepped moved 3 '[1-9][0-9]*'
check "… and one that was there before" stepped running 3 '[1-9][0-9]*'
check "native calls are what they are" stepped native 0 0
check "… and 32-bit ones" foreign ia32 "ia32:close ia32:open ia32:read"
check "… and x32 ones" foreign x32 "x32:close x32:openat x32:read"
check "… and operations of io_uring" foreign uring "io_uring:close io_uring:openat io_uring:read"
check "… by the ring's own thread, too" foreign sqpoll "io_uring:close io_uring:openat io_uring:read"
tap_end
