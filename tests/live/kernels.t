#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# One statically linked program on other kernels: Debian's own, booted in QEMU with nothing but
# busybox. There it learns and knows commands, 32-bit ones too; watches a cgroup that processes are
# moved into while it runs and before; has a server attacked; does so with no more than the documented
# capabilities; and on x86-64 sees by which road a call comes, learns containers of crun and runc by name
# and has them attacked. guest.sh is what runs there. (On emulated arm64 runc takes minutes to start.)
#
# BOSC_KERNELS says which, by default "x86-6.1 arm64-6.1". With "all", the tests of the sensor run there,
# too, and the same program is tried on the kernel that runs here; and what is missing for it is a failure.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
cache=${BOSC_LAB_CACHE:-/var/cache/bosc-tests}
kernels=${BOSC_KERNELS:-x86-6.1 arm64-6.1}
thorough=
sensor_tests=(test_sensor test_differential test_swap test_swap_load)
[ "$kernels" != all ] || kernels='x86-6.1 x86-6.12 arm64-6.1' thorough=1

# What cannot be tried: only who wants all is told that it is wrong.
miss() { # DESCRIPTION REASON
	if [ -n "$thorough" ]; then not_ok "$1" "$2"; else skip "$1" "$2"; fi
}
miss_all() { # REASON
	miss "${0##*/}" "$1"
	tap_end
}

[ "$(uname -m)" = x86_64 ] || miss_all "other kernels are booted on x86-64"
for tool in busybox cpio dpkg-deb apt-get readelf meson clang; do
	command -v "$tool" >/dev/null || miss_all "there is no $tool on this machine"
done

# The kernels that there are, and what a machine for them takes.
choose() { # KERNEL
	case $1 in
	x86-6.1) package=linux-image-cloud-amd64 ;;
	x86-6.12) package=linux-image-6.12-cloud-amd64 ;;
	arm64-6.1) package=linux-image-cloud-arm64:arm64 ;;
	*) return 1 ;;
	esac
	guest=$tmp/guest-$1 boot=$tmp/boot-$1
	case $1 in
	x86-*)
		arch=x86_64 compiler=gcc static=$root/build-static options=
		compat=ia32 compat_target=i386-linux-gnu compat_linker="ld -m elf_i386"
		machine="qemu-system-x86_64" console=ttyS0 runtimes="crun runc"
		;;
	arm64-*)
		arch=aarch64 compiler=aarch64-linux-gnu-gcc static=$root/build-arm64
		options="--cross-file $root/cross/arm64.ini"
		compat=arm compat_target="armv7a-linux-gnueabi -marm"
		compat_linker="aarch64-linux-gnu-ld -m armelf_linux_eabi"
		machine="qemu-system-aarch64 -machine virt -cpu cortex-a57" console=ttyAMA0 runtimes=
		;;
	esac
}

# A file out of a Debian package, kept between runs; prints where.
fetch() { # PACKAGE FILE
	local kept folder

	kept=$cache/$(tr -c 'a-z0-9.\n-' - <<<"$1")
	folder=$(mktemp -d "$tmp/fetch.XXXXXX")
	if [ ! -e "$kept" ]; then
		mkdir -p "$cache"
		# shellcheck disable=SC2086 # the file's name is a pattern
		(cd "$folder" && apt-get download "$1") >"$tmp/fetch.log" 2>&1 &&
			dpkg-deb -x "$folder"/*.deb "$folder" && cp "$folder"/$2 "$kept.part" &&
			mv "$kept.part" "$kept" || return 1
	fi
	echo "$kept"
}

# The package of the kernel that the package stands for, with its version in the name.
versioned() {
	apt-cache depends "$package" 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p'
}

# The kernel that ran is that of the package, and of the version that was asked for.
is_wanted() { # VERSION
	local ran

	ran=$(grep -ao 'KERNEL [^ ]*' "$boot" | sed 's/.* //')
	equal "the kernel" "$ran" "$1" && [[ $ran == "${name#*-}".* ]]
}

# A program of a Debian package for the guest's architecture; prints where.
find_program() { # PROGRAM PACKAGE FOLDER
	case $arch in
	x86_64) command -v "$1" ;;
	*) fetch "$2:arm64" "$3/$1" ;;
	esac
}

build() {
	# shellcheck disable=SC2086 # options are words
	[ -e "$static/build.ninja" ] || meson setup "$static" -Dstatic=true $options || return 1
	ninja -C "$static" bosc ${thorough:+"${sensor_tests[@]/#/tests/}"}
}

# The loader comes from where the C library does: the machine may have those of two packages, and what
# two builds of glibc share is laid out differently.
put() { # FILE PLACE: into the guest, with the libraries that it needs
	local library loader

	install -D "$1" "$guest$2" || return 1
	loader=$(readelf -l "$1" 2>/dev/null | sed -n 's/.*interpreter: \(.*\)\]/\1/p')
	[ -z "$loader" ] || [ -e "$guest$loader" ] ||
		install -D "$("$compiler" -print-file-name="${loader##*/}")" "$guest$loader" || return 1
	for library in $(readelf -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		[ -e "$guest/lib/$library" ] || put "$("$compiler" -print-file-name="$library")" \
			"/lib/$library" || return 1
	done
}

put_compat() {
	# shellcheck disable=SC2086 # both are words
	clang -target $compat_target -std=gnu11 -O1 -ffreestanding -c -o "$tmp/compat.o" "$here/compat.c" &&
		$compat_linker -o "$tmp/compat" "$tmp/compat.o" && put "$tmp/compat" /bin/compat
}

# Executes what it is sent.
put_server() {
	cat >"$guest/bin/server" <<'END'
#!/bin/sh
while read -r line; do
	case $line in
	run:*) eval "${line#run:}" ;;
	*) echo "$line" >/dev/null ;;
	esac
done
END
	chmod +x "$guest/bin/server"
}

make_guest() {
	local runtime test program

	mkdir -p "$guest"/{bin,proc,sys,dev,tmp} || return 1
	put "$busybox" /bin/busybox && put "$static/bosc" /bin/bosc && put_compat && put_server || return 1
	[ "$arch" != x86_64 ] ||
		gcc -std=gnu11 -D_GNU_SOURCE -static -O1 -o "$guest/bin/roads" "$here/roads.c" || return 1
	for test in ${thorough:+"${sensor_tests[@]}"}; do
		put "$static/tests/$test" "/tests/$test" || return 1
	done
	for runtime in $runtimes; do
		! command -v "$runtime" >/dev/null || put "$(command -v "$runtime")" "/bin/$runtime" ||
			return 1
	done
	program=$(find_program setpriv util-linux usr/bin) && put "$program" /usr/bin/setpriv || return 1
	"${machine%% *}" --version >/dev/null && install "$here/guest.sh" "$guest/init"
	(cd "$guest" && find . | cpio -o -H newc 2>/dev/null) | gzip -1 >"$guest.gz"
}

# A kernel that falls over under emulation before its first program begins is booted once more.
boot() {
	make_guest || return 1
	for _ in 1 2; do
		# shellcheck disable=SC2086 # the machine is words
		start guest timeout 900 $machine -smp 2 -m 1024 -nographic -no-reboot -net none \
			-kernel "$kernel" -initrd "$guest.gz" -append "console=$console panic=-1 quiet"
		finish guest 0 9000 || return 1
		! grep -aq '^KERNEL' "$tmp/guest.out" || break
	done
	tr -d '\r' <"$tmp/guest.out" >"$boot"
	grep -q '^DONE' "$boot" || {
		tail -n 20 "$boot"
		return 1
	}
}

stepped() { # NAME STATUS ALARMS
	local found

	found=$(sed -n "s/^STEP $1 //p" "$boot")
	[[ $found =~ ^$2\ $3$ ]] && return
	echo "$1: found '$found', wanted '$2 $3'"
	grep -E "^OUT $1 " "$boot"
	return 1
}

printed() { # NAME PATTERN
	grep -qE "^OUT $1 $2" "$boot" && return
	echo "$1: found no '$2' in"
	grep -E "^OUT $1 " "$boot"
	return 1
}

attacked() { # NAME
	stepped "$1" 3 '[1-9][0-9]*' && printed "$1" ' *(reason|also in .*:) .*it called chdir, which' &&
		printed "$1" " *(reason|also in .*:) .*it executed '/bin/id', which"
}

# What the runtime does before the container's command begins stands in no profile.
without_set_up() { # NAME: of the step that shows the profile
	printed "$1" ' *read ' && printed "$1" 'executes */bin/sh$' || return 1
	! grep -E "^OUT $1  *(mount|umount2|pivot_root|setns|unshare|sethostname|capset|openat2) " "$boot"
}

check_container() { # RUNTIME
	grep -q "^STEP $1-show" "$boot" || {
		miss "$name: a container of $1" "there is no $1 on this machine"
		return
	}
	check "$name: a container of $1 is learnt, which starts later" stepped "$1-learn-2" 0 0
	check "$name: … without the calls that set it up" without_set_up "$1-show"
	check "$name: … neither are they when it is recorded" without_set_up "$1-show-replay"
	check "$name: … and known again" stepped "$1-serves" 0 0
	check "$name: … and attacked" attacked "$1-attacked"
	check "$name: … and attacked when it ran before bosc did" attacked "$1-running"
}

new_calls() { # ROAD CALLS: that are new by it
	equal "calls" "$(grep -E "^OUT $1 " "$boot" | grep -o '"syscall":"[a-z0-9_]*:[a-z0-9_]*"' |
		cut -d'"' -f4 | sort -u | paste -sd ' ')" "$2"
}

check_roads() {
	local operations="io_uring:close io_uring:openat io_uring:read"

	check "$name: native calls are what they are" stepped native 0 0
	check "$name: … and 32-bit ones" new_calls ia32 "ia32:close ia32:open ia32:read"
	check "$name: … and x32 ones" new_calls x32 "x32:close x32:openat x32:read"
	check "$name: … and operations of io_uring" new_calls uring "$operations"
	check "$name: … by the ring's own thread, too" new_calls sqpoll "$operations"
}

check_kernel() {
	local test runtime

	check "$name: a command is learnt there" stepped learn 0 0
	check "$name: … and known again" stepped known 0 0
	check "$name: … and told from another" stepped other 3 '[1-9][0-9]*'
	check "$name: a recording is made" stepped record 0 0
	check "$name: … and judged" stepped replay 3 '[1-9][0-9]*'
	check "$name: a 32-bit program has calls of its own" printed show-compat " *$compat:getpid +100 "
	check "$name: … of this architecture" printed show-compat "calls .* $arch\$"
	check "$name: … which are alarms where none were learnt" printed compat ".*\"syscall\":\"$compat:getpid\""
	check "$name: … and by a recording, too" printed compat-replay ".*\"syscall\":\"$compat:getpid\""
	check "$name: a process that is moved into a cgroup is watched" stepped moved 3 '[1-9][0-9]*'
	check "$name: … and one that was there before" stepped running 3 '[1-9][0-9]*'
	check "$name: a server is known again" stepped serves 0 0
	check "$name: … and attacked" attacked attacked
	for runtime in $runtimes; do
		check_container "$runtime"
	done
	for test in ${thorough:+"${sensor_tests[@]}"}; do
		check "$name: $test passes there" stepped "$test" 0 0
	done
	[ "$arch" != x86_64 ] || check_roads
	check "$name: the documented capabilities are enough to learn a command" stepped nobody-learns 0 0
	check "$name: … and to know it again" stepped nobody-knows 0 0
	check "$name: … and to watch a cgroup" stepped nobody-moved 3 '[1-9][0-9]*'
	check "$name: which of them are missing is said" printed nobody-refused "bosc: .*CAP_(SYS_ADMIN|BPF)"
	check "$name: bosc status says that it can watch there" stepped status 0 0
	check "$name: … and that it sees the operations of io_uring" printed status 'io_uring  *yes  *its operations are seen'
	check "$name: a static bosc says what it was built without" printed zipped \
		"bosc: cannot read the archive '/tmp/some.zip': this bosc was built without libarchive"
}

# The server of the guests, learnt, known and attacked on this very kernel.
attacked_here() {
	local status=0
	local -a server watch=("$static/bosc" monitor --profile server --store "$tmp/db")

	mkdir -p "$tmp/here/bin"
	guest=$tmp/here put_server
	server=(busybox sh "$tmp/here/bin/server")
	for _ in 1 2; do
		seq 400 | "$static/bosc" learn --profile server --store "$tmp/db" -- "${server[@]}" || return 1
	done
	seq 300 | "${watch[@]}" -- "${server[@]}" || return 1
	{ seq 300; echo "run: cd /; umask 77; exec /bin/id"; } | "${watch[@]}" -- "${server[@]}" >"$tmp/out" ||
		status=$?
	cat "$tmp/out"
	[ "$status" = 3 ] && grep -q 'it called chdir, which' "$tmp/out" &&
		grep -q "it executed '/bin/id', which" "$tmp/out"
}

check_here() {
	local test name

	choose x86-6.1
	name=$(uname -r)
	check "$name: a server is known again, and attacked" attacked_here
	check "$name: the tests of tasks pass" env BOSC="$static/bosc" "$here/tasks.t"
	for test in "${sensor_tests[@]}"; do
		check "$name: $test passes" "$static/tests/$test"
	done
}

# Finds what this kernel takes; says in $why what is missing.
prepare() {
	why=
	for tool in "${machine%% *}" "$compiler"; do
		command -v "$tool" >/dev/null || why="there is no $tool on this machine"
	done
	[ -z "$why" ] || return 1
	version=$(versioned)
	version=${version#linux-image-}
	[ -n "$version" ] && kernel=$(fetch "linux-image-$version" 'boot/vmlinuz-*') && busybox=$(find_program busybox busybox-static bin) && return
	why="Debian's $package or its busybox cannot be had: $(tail -n 1 "$tmp/fetch.log" 2>/dev/null)"
	return 1
}

for name in $kernels; do
	choose "$name" || {
		not_ok "$name is booted" "there is no such kernel; there are: x86-6.1, x86-6.12, arm64-6.1"
		continue
	}
	prepare || {
		miss "$name is booted" "$why"
		continue
	}
	check "$name: a static bosc is built" build
	check "$name: the kernel boots" boot
	check "$name: … and is the one that is wanted" is_wanted "${version%:*}"
	echo "# $(grep -o 'KERNEL .*' "$boot"), $(grep '^DONE' "$boot")"
	check_kernel
done
[ -z "$thorough" ] || check_here
tap_end
