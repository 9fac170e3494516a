#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Three hosts, network namespaces of their own, and one PostgreSQL server in a fourth: they learn one
# profile at once, watch by it and take up each other's versions; the server is killed in the middle,
# and nothing is lost by that or counted twice; and the password is nowhere to be seen.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
net=bosc$$
secret=secret
hosts="1 2 3"

fleet_down() {
	"$root/tests/postgres.sh" stop "$tmp/pg" 2>/dev/null
	for space in server $hosts; do ip netns del "$net-$space" 2>/dev/null; done
	for file in "$tmp"/*.fifo; do rm -f "$file"; done
}
# shellcheck disable=SC2154 # the trap sets it
trap 'status=$?; fleet_down; (exit "$status"); stage_clean_up' EXIT

in_space() { # SPACE COMMAND…
	local space=$1

	shift
	nsenter --net="/run/netns/$net-$space" "$@"
}
server() { # ACTION
	LISTEN='*' FSYNC=on in_space server "$root/tests/postgres.sh" "$1" "$tmp/pg" $$ 6>&- 7>&- 8>&-
}
sql() { # STATEMENT
	psql -qXAt -h "$tmp/pg" -p "$port" -U bosc -d postgres -c "$1"
}

# The commands of a host: its name, its part of the network, its files, and its store's address.
host() { # NUMBER COMMAND…
	local number=$1

	shift
	in_space "$number" env BOSC_FLEET="$tmp/keep$number" PGPASSFILE="$tmp/pgpass" \
		unshare --uts "$tmp/called" "host$number" "$@"
}
store() { # NUMBER
	printf 'postgresql://locked@10.231.%d.1:%d/postgres?sslmode=%s' "$1" "$port" "$tls"
}
bosc_on() { # NUMBER COMMAND OPTION…
	local number=$1 command=$2

	shift 2
	host "$number" "$bosc" "$command" --store "$(store "$number")" "$@"
}

# TLS as the server's owner sets it up: a certificate that the hosts check.
set_up_tls() {
	tls="disable"
	"$root/tests/postgres.sh" tls "$tmp/pg" 10.231.1.1 10.231.2.1 10.231.3.1 || return 0
	tls="verify-full&sslrootcert=$tmp/pg/root.crt"
}

fleet_up() {
	local number

	chmod 0755 "$tmp"
	"$root/tests/postgres.sh" make "$tmp/pg" 2>"$tmp/why" || stage_skip "$(tail -n 1 "$tmp/why")"
	set_up_tls
	ip netns add "$net-server" 2>"$tmp/why" || stage_skip "no network namespaces: $(cat "$tmp/why")"
	in_space server ip link set lo up
	for number in $hosts; do
		ip netns add "$net-$number"
		in_space server ip link add "host$number" type veth peer name server \
			netns "$net-$number" || stage_skip "no network between namespaces"
		in_space server ip addr add "10.231.$number.1/24" dev "host$number"
		in_space server ip link set "host$number" up
		in_space "$number" ip addr add "10.231.$number.2/24" dev server
		in_space "$number" ip link set server up
	done
	port=$(server start) || stage_skip "the server does not start"
	printf '*:*:*:locked:%s\n' "$secret" >"$tmp/pgpass"
	chmod 0600 "$tmp/pgpass"
	sql 'GRANT CREATE ON DATABASE postgres TO locked'
}

# A task on a host that does what is written into its fifo.
begin() { # NUMBER NAME COMMAND OPTION…
	local number=$1 name=$2 command=$3

	shift 3
	mkfifo "$tmp/$name.fifo"
	start "$name" nsenter --net="/run/netns/$net-$number" env BOSC_FLEET="$tmp/keep$number" \
		PGPASSFILE="$tmp/pgpass" unshare --uts "$tmp/called" "host$number" "$bosc" "$command" --store "$(store "$number")" "$@" -- "$subject" - orders \
		"$tmp/$name.fifo" 6>&- 7>&- 8>&-
	eval "exec $((5 + number))>'$tmp/$name.fifo'"
}
order() { # NUMBER LETTERS, which are obeyed when this returns
	printf %s "$2" >&$((5 + $1))
	wait_for 50 obeyed $((5 + $1))
	sleep 0.2
}
obeyed() { # DESCRIPTOR: nothing is left to be read
	python3 -c 'import array, fcntl, sys, termios
left = array.array("i", [0])
fcntl.ioctl(int(sys.argv[1]), termios.FIONREAD, left)
sys.exit(left[0] != 0)' "$1"
}
dismiss() { # NUMBER: its task ends
	eval "exec $((5 + $1))>&-"
}
letters() { # LETTERS TIMES
	for ((i = 0; i < $2; i++)); do printf %s "$1"; done
}

# What a profile's runs add up to: how many, of which hosts, and how often one call was made.
summed() { # PROFILE CALL
	bosc_on 1 profile export "$1" >"$tmp/export.json" || return 1
	python3 -c 'import json, sys
profile = json.load(open(sys.argv[1]))
runs = profile["runs"]
print(len(runs), len({run["id"] for run in runs}),
	",".join("%s:%d" % (host, sum(run["host"] == host for run in runs))
		for host in sorted({run["host"] for run in runs})),
	sum(run["learnt"]["calls"].get(sys.argv[2], 0) for run in runs))' \
		"$tmp/export.json" "$2"
}

# Three hosts, at the same moments, four times over.
learn_at_once() {
	local round number

	for round in 1 2 3 4; do
		for number in $hosts; do begin "$number" "learn$number.$round" learn --profile web; done
		for number in $hosts; do order "$number" "$(letters ab 100)"; done
		for number in $hosts; do dismiss "$number"; done
		for number in $hosts; do finish "learn$number.$round" 0 || return 1; done
	done
	equal "runs" "$(summed web getuid)" "12 12 host1:4,host2:4,host3:4 $((12 * 100 * 20))"
}
encrypted() {
	sql 'SELECT version FROM bosc.store' >/dev/null || return 1
	begin 1 tls monitor --profile web
	hear tls "^bosc: watching" || return 1
	equal "connections with TLS" "$(sql "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING
		(pid) WHERE ssl AND application_name = 'bosc'")" 1 || return 1
	dismiss 1
	finish tls 0
}

# Killed while three learn; one ends before it is back, one after.
learn_through_a_kill() {
	local number

	for number in $hosts; do begin "$number" "kill$number" learn --profile killed; done
	for number in $hosts; do order "$number" "$(letters ab 50)"; done
	wait_for 200 checkpointed || return 1
	server kill
	for number in $hosts; do order "$number" "$(letters ab 50)"; done
	dismiss 1
	finish kill1 0 || return 1
	said kill1 "what is not on the server yet waits in '$tmp/keep1/" || return 1
	hear kill2 "what is learnt of 'killed' waits here" 150 || return 1
	server start >/dev/null || return 1
	hear kill2 "is there again" 400 || return 1
	dismiss 2
	dismiss 3
	finish kill2 0 && finish kill3 0 || return 1
	bosc_on 1 profile list >/dev/null 2>&1 || return 1
	equal "runs" "$(summed killed getuid)" "3 3 host1:1,host2:1,host3:1 $((3 * 100 * 20))"
}
checkpointed() {
	[ "$(sql "SELECT runs FROM bosc.profile WHERE name = 'killed'")" = 3 ]
}

# For the whole of a checkpoint the server refuses, of what may be mended and may be not.
learn_while_refused() {
	sql "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN RAISE EXCEPTION USING ERRCODE = ''42501''; END'" &&
		sql "CREATE TRIGGER refuse BEFORE INSERT ON bosc.run EXECUTE FUNCTION refuse()" || return 1
	begin 1 refused learn --profile refused
	order 1 "$(letters ab 50)"
	hear refused "has no permission for that; bosc learns on, and tries again" 200 || return 1
	sql "DROP TRIGGER refuse ON bosc.run"
	order 1 "$(letters ab 50)"
	dismiss 1
	finish refused 0 || return 1
	equal "runs" "$(summed refused getuid)" "1 1 host1:1 $((100 * 20))"
}

told() { # NAME: the calls that alarms are about, each once
	python3 -c 'import json, sys
print(*sorted({line["syscall"] for line in map(json.loads, open(sys.argv[1])) if "rule" in line}))' "$tmp/$1.out"
}
tells() { # NAME CALLS
	[ "$(told "$1")" = "$2" ]
}

# What one host learns, another that watches takes up within seconds; a kill in between does no harm.
watch_the_fleet() {
	letters a 200 >"$tmp/orders"
	bosc_on 1 learn --profile job -- "$subject" - orders "$tmp/orders" >"$tmp/learnt" 2>&1 || return 1
	begin 2 watch monitor --keep-alarms --json --profile job
	hear watch "^bosc: watching" || return 1
	order 2 aab
	wait_for 50 tells watch getuid || return 1
	letters ab 200 >"$tmp/orders"
	bosc_on 3 learn --profile job -- "$subject" - orders "$tmp/orders" >"$tmp/learnt" 2>&1 || return 1
	hear watch '"type":"reload".*"outcome":"taken"' 100 || return 1
	order 2 "abbbaabb"
	equal "after" "$(told watch)" getuid || return 1
	server kill
	hear watch "bosc goes on with what this machine keeps" 50 || return 1
	order 2 abac
	wait_for 50 tells watch "getgid getuid" || return 1
	! bosc_on 1 monitor --profile job -- "$subject" - orders "$tmp/orders" 2>"$tmp/late.err" || return 1
	grep -q "^bosc: there is no copy of a profile 'job' here: .*Connection refused$" "$tmp/late.err" ||
		return 1
	start again nsenter --net="/run/netns/$net-2" env BOSC_FLEET="$tmp/keep2" PGPASSFILE="$tmp/pgpass" \
		"$bosc" monitor --store "$(store 2)" --profile job -- "$subject" - orders "$tmp/orders" 7>&-
	finish again 0 || return 1
	said again "the profile 'job' is the copy of $(date -u +%Y-%m-%d) " || return 1
	letters abc 200 >"$tmp/orders"
	bosc_on 3 learn --profile job -- "$subject" - orders "$tmp/orders" >"$tmp/learnt" 2>&1 || return 1
	server start >/dev/null || return 1
	hear watch "is there again" 400 || return 1
	bosc_on 3 profile list >/dev/null 2>&1 || return 1
	wait_for 100 taken 2 || return 1
	order 2 abccba
	dismiss 2
	finish watch 3 || return 1
	equal "at the end" "$(told watch)" "getgid getuid"
}
taken() { # HOW OFTEN
	[ "$(grep -c '"outcome":"taken"' "$tmp/watch.out")" -ge "$1" ]
}
# What one host alone cannot read for now, it takes up when it can.
watch_through_an_error() {
	letters a 200 >"$tmp/orders"
	bosc_on 1 learn --profile news -- "$subject" - orders "$tmp/orders" >"$tmp/learnt" 2>&1 || return 1
	begin 2 news monitor --json --profile news
	hear news "^bosc: watching" || return 1
	sql "CREATE FUNCTION bosc.fail() RETURNS boolean LANGUAGE plpgsql AS
		'BEGIN RAISE EXCEPTION USING ERRCODE = ''53200''; END';
		ALTER TABLE bosc.run RENAME TO run_kept;
		CREATE VIEW bosc.run AS SELECT * FROM bosc.run_kept
			WHERE host(inet_client_addr()) <> '10.231.2.2' OR bosc.fail();
		GRANT ALL ON bosc.run TO locked;
		UPDATE bosc.profile SET version = version + 1 WHERE name = 'news';
		NOTIFY bosc_profile, 'news'" || return 1
	hear news '"outcome":"kept".*the server has no memory left' || return 1
	sql "DROP VIEW bosc.run; ALTER TABLE bosc.run_kept RENAME TO run; DROP FUNCTION bosc.fail" || return 1
	hear news '"outcome":"same"' 150 || return 1
	dismiss 2
	finish news 0 || return 1
	equal "reloads" "$(grep -c '"outcome"' "$tmp/news.out")" 2
}
# A server that is there and says nothing holds up no alarm: its processes are stopped.
watch_a_mute_server() {
	letters a 200 >"$tmp/orders"
	bosc_on 1 learn --profile mute -- "$subject" - orders "$tmp/orders" >"$tmp/learnt" 2>&1 || return 1
	begin 3 mute monitor --keep-alarms --json --profile mute
	hear mute "^bosc: watching" || return 1
	server_signal STOP
	order 3 ab
	wait_for 20 tells mute getuid || return 1
	hear mute "the server does not answer; bosc goes on with what this machine keeps" 50 || return 1
	order 3 c
	wait_for 10 tells mute "getgid getuid" || return 1
	hear mute "cannot reach .*: the server does not answer" 200 || return 1
	before=$(grep -c '"rule"' "$tmp/mute.out")
	order 3 "$(letters bc 8)"
	wait_for 10 tells_more mute "$before" || return 1
	server_signal CONT
	hear mute "is there again" 400 || return 1
	dismiss 3
	finish mute 3 || return 1
	equal "kept" "$(sql "SELECT count(*) FROM bosc.alarm WHERE profile = 'mute'")" \
		"$(grep -c '"rule"' "$tmp/mute.out")"
}
server_signal() { # SIGNAL
	local pid

	pid=$(head -n 1 "$tmp/pg/data/postmaster.pid")
	# shellcheck disable=SC2046 # a word each
	kill "-$1" "$pid" $(pgrep -P "$pid")
}
tells_more() { # NAME THAN
	[ "$(grep -c '"rule"' "$tmp/$1.out")" -gt "$2" ]
}
all_kept() { # each alarm that was told stands in the store once, as any host sees
	local told

	told=$(grep -c '"rule"' "$tmp/watch.out")
	bosc_on 3 alarms --json --host host2 >"$tmp/kept" || return 1
	equal "kept" "$(wc -l <"$tmp/kept") $(grep -o '"id":"[^"]*"' "$tmp/kept" | sort -u | wc -l)" \
		"$told $told" || return 1
	equal "others" "$(bosc_on 1 alarms --json --host host1)" ""
}

# While something runs, and in all that was said and kept.
no_secret() {
	local pid

	begin 1 open monitor --profile web
	hear open "^bosc: watching" || return 1
	wait_for 50 [ "$(pgrep -xc bosc)" -gt 0 ] || return 1
	for pid in $(pgrep -x bosc); do
		! tr '\0' '\n' <"/proc/$pid/cmdline" | grep "$secret" || return 1
	done
	dismiss 1
	finish open 0 || return 1
	! grep -rlE "$secret|locked@" "$tmp"/*.out "$tmp"/*.err "$tmp"/keep* "$tmp/why" "$tmp/learnt"
}
# Whose role may look up profiles and add alarms, and nothing else: docs/fleet.md.
watch_only() {
	local as

	as=$(store 1) && as=${as/locked@/reader@}
	sed -n 's/^    \(GRANT .*\)$/\1/p' "$root/docs/fleet.md" | sed 's/watcher/reader/g' >"$tmp/grants"
	[ -s "$tmp/grants" ] && sql "$(cat "$tmp/grants")" || return 1
	begin 1 reader monitor --json --keep-alarms --profile web --store "$as"
	hear reader "^bosc: watching" || return 1
	order 1 abc
	dismiss 1
	finish reader 3 || return 1
	[ "$(sql "SELECT count(*) FROM bosc.alarm WHERE host = 'host1'")" = "$(grep -c '"rule"' "$tmp/reader.out")" ] ||
		return 1
	run 1 host 1 "$bosc" profile remove web --store "$as" &&
		grep -q "^bosc: cannot change profile 'web' in .*: the server's user has no permission for that$" "$tmp/err" &&
		run 1 host 1 "$bosc" learn --profile web --store "$as" -- /bin/true
}
password_refused() {
	run 1 host 1 "$bosc" profile list --store "postgresql://locked:$secret@10.231.1.1:$port/postgres" ||
		return 1
	! grep -q "$secret" "$tmp/out" "$tmp/err" && grep -q "^try: .*PGPASSFILE" "$tmp/err"
}

# Gives the host its name.
cat >"$tmp/called" <<-'END'
	#!/bin/sh
	echo "$1" >/proc/sys/kernel/hostname
	shift
	exec "$@"
END
chmod +x "$tmp/called"
stage_subject
fleet_up
check "three hosts learn one profile at once" learn_at_once
if [ "$tls" = disable ]; then
	skip "the hosts check the server's certificate" "there is no openssl"
else
	check "the hosts check the server's certificate" encrypted
fi
check "a server killed while they learn loses nothing" learn_through_a_kill
check "a checkpoint that the server refuses does not end learning" learn_while_refused
check "a monitor takes up what others learn, and goes on while the server is away" watch_the_fleet
check "its alarms are all there, once" all_kept
check "news that cannot be read at once are not lost" watch_through_an_error
check "a server that is mute holds up no alarm" watch_a_mute_server
check "a role that may only watch does so" watch_only
check "the password is nowhere to be seen" no_secret
check "an address with a password is refused" password_refused
tap_end
