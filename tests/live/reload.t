#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A running monitor takes up newer versions of its profiles: what was learnt meanwhile is normal from
# then on, what was not is none, no call in between goes unjudged, and no alarm comes of the change.
# What cannot be taken leaves things as they were.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db

letters() { # LETTERS TIMES: a file of orders
	for ((i = 0; i < $2; i++)); do printf %s "$1"; done
}
learn_orders() { # STORE PROFILE LETTERS
	letters "$3" 200 >"$tmp/orders"
	"$bosc" learn --store "$1" --profile "$2" -- "$subject" - orders "$tmp/orders" >"$tmp/learnt" 2>&1 ||
		{ cat "$tmp/learnt"; return 1; }
}

# A task that does what is written into descriptor 7, and its monitor.
watch_orders() { # PROFILE [OPTION…]
	mkfifo "$tmp/fifo.$1"
	start watch "$bosc" monitor --json --store "$store" --profile "$@" -- "$subject" - orders "$tmp/fifo.$1"
	exec 7>"$tmp/fifo.$1"
	order a
	hear watch "^bosc: watching"
}
order() { # LETTERS, which are obeyed when this returns
	printf %s "$1" >&7
	wait_for 50 obeyed
	sleep 0.2
}
obeyed() { # nothing is left to be read
	python3 -c 'import array, fcntl, sys, termios
left = array.array("i", [0])
fcntl.ioctl(7, termios.FIONREAD, left)
sys.exit(left[0] != 0)'
}

value() { # KEY, of what the last reload came to
	python3 -c 'import json, sys
reloads = [line for line in map(json.loads, open(sys.argv[1])) if line.get("type") == "reload"]
print(reloads[-1][sys.argv[2]])' "$tmp/watch.out" "$1"
}
summary() { # KEY
	python3 -c 'import json, sys
print(json.loads(open(sys.argv[1]).readlines()[-1])["summary"][sys.argv[2]])' "$tmp/watch.out" "$1"
}
alarms() { # the calls that alarms are about, each once
	python3 -c 'import json, sys
print(*sorted({line["syscall"] for line in map(json.loads, open(sys.argv[1])) if "rule" in line}))' "$tmp/watch.out"
}
reloads() {
	[ "$(grep -c '"type":"reload"' "$tmp/watch.out")" -gt "$1" ]
}
reload() { # OUTCOME: of the monitor that was started as "watch"
	local before

	before=$(grep -c '"type":"reload"' "$tmp/watch.out")
	kill -HUP "${pids[watch]}"
	wait_for 100 reloads "$before" || return 1
	tail -n 1 "$tmp/watch.out" | grep -q "\"outcome\":\"$1\"" && return
	equal "outcome: $(value reason)" "$(value outcome)" "$1"
}

learnt_meanwhile() {
	local undisturbed

	learn_orders "$store" order a && learn_orders "$store" order a || return 1
	watch_orders order || return 1
	order aaab
	equal "before" "$(alarms)" getuid || return 1
	learn_orders "$store" order ab || return 1
	reload taken || return 1
	equal "bags" "$(($(value bags) > $(value bags_before)))" 1 || return 1
	order bbabbbaabb
	reload same || return 1
	order aba
	equal "after" "$(alarms)" getuid || return 1
	equal "after" "$(wc -l <"$tmp/watch.out")" "$(grep -cE 'getuid|"type":"reload"' "$tmp/watch.out")" || return 1
	order c
	equal "never learnt" "$(alarms)" "getgid getuid" || return 1
	exec 7>&-
	finish watch 3 || return 1
	undisturbed=$(windows_of aaaabbbabbbaabbabac) || return 1
	equal windows "$(summary windows)" "$undisturbed" || return 1
	all_judged || return 1
	equal lost "$(summary lost)" 0
}

# How many windows of these orders there are where no profile is taken up.
windows_of() { # LETTERS
	printf %s "$1" >"$tmp/orders"
	"$bosc" monitor --json --store "$store" --profile order -- "$subject" - orders "$tmp/orders" >"$tmp/plain"
	sed -nE '$s/.*"windows":([0-9]+).*/\1/p' "$tmp/plain"
}

# Only what bosc's own child does until it executes the command is no window.
all_judged() {
	local unjudged=$(($(summary calls) - $(summary windows)))

	((unjudged > 0 && unjudged < 20)) || equal "not judged" "$unjudged" "few"
}

# Threads that never rest, and a store that is replaced again and again.
under_load() {
	local made judged i

	for i in 1 2; do
		run 0 "$bosc" learn --store "$tmp/load$i" --profile load -- "$subject" "$tmp" busy 3 1000 || return 1
		[ "$i" = 2 ] || cp "$tmp/load1" "$tmp/load2"
	done
	cp "$tmp/load1" "$tmp/load"
	start watch "$bosc" monitor --json --store "$tmp/load" --profile load -- "$subject" "$tmp/enough" busy 3
	hear watch "^bosc: watching" || return 1
	for ((i = 0; i < 50; i++)); do
		cp "$tmp/load$((2 - i % 2))" "$tmp/load.new" && mv "$tmp/load.new" "$tmp/load"
		reload taken || return 1
	done
	touch "$tmp/enough"
	finish watch 0 || return 1
	made=$(sed -n 's/^made \([0-9]*\) calls$/\1/p' "$tmp/watch.err")
	judged=$(summary windows)
	# Beside those that its threads count it makes some to start and to end.
	equal "made $made, judged $judged" "$((made > 1000000 && judged > made && judged < made + 300))" 1 || return 1
	all_judged || return 1
	equal "alarms, repeats, lost" "$(summary alarms) $(summary repeats) $(summary lost)" "0 0 0"
}

kept() { # SENTENCE
	reload kept || return 1
	grep -qE -e "$1" <<<"$(value reason)" || equal reason "$(value reason)" "$1"
}
keeps_what_it_has() {
	learn_orders "$store" keep a && learn_orders "$store" keep a || return 1
	watch_orders keep || return 1
	reload same || return 1
	mv "$store" "$tmp/away"
	kept "cannot open profile store '$store': No such file" || return 1
	head -c 20000 /dev/urandom >"$store"
	kept "$store" || return 1
	cp "$tmp/away" "$store"
	"$bosc" profile remove keep --store "$store" || return 1
	kept "there is no profile 'keep' in the store any more" || return 1
	rm -f "$store"*
	"$bosc" learn --window 6 --store "$store" --profile keep -- "$subject" - work 1000 >/dev/null 2>&1
	kept "it has windows of 6 calls, and not of 8, now" || return 1
	equal "told to try" "$(value hint)" "bosc monitor, started anew" || return 1
	rm -f "$store"*
	mv "$tmp/away" "$store"
	reload same || return 1
	order aaaa
	equal "alarms" "$(alarms)" "" || return 1
	order b
	equal "alarms" "$(alarms)" getuid || return 1
	exec 7>&-
	finish watch 3
}

# More bags than the table was made for, which the sensor's tests fill to the last place.
grow_and_shrink() {
	learn_orders "$store" grow a && learn_orders "$store" grow a || return 1
	cp "$store" "$tmp/small"
	"$bosc" profile export grow --store "$store" -o "$tmp/grow.json" || return 1
	python3 - "$tmp/grow.json" >"$tmp/grown.json" <<'END' || return 1
import itertools, json, sys
profile = json.load(open(sys.argv[1]))
del profile["runs"][0]["sum"]
learnt = profile["runs"][0]["learnt"]
known = ["getppid", "getuid", "geteuid", "getegid", "getpid", "gettid", "getpgid", "getsid", "read"]
for name in known:
    learnt["calls"][name] = learnt["calls"].get(name, 0) + 100000
have = {tuple(sorted(bag["calls"])) for run in profile["runs"] for bag in run["learnt"]["bags"]}
like = {**learnt["bags"][-1], "count": 100}
learnt["bags"] += [{**like, "calls": list(calls)} for calls in itertools.combinations_with_replacement(known, 8)
                   if tuple(sorted(calls)) not in have]
json.dump(profile, sys.stdout)
END
	rm -f "$tmp/large"
	"$bosc" profile import "$tmp/grown.json" --store "$tmp/large" || return 1
	watch_orders grow || return 1
	order b
	equal "before" "$(alarms)" getuid || return 1
	for size in large small large small large; do
		cp "$tmp/$size" "$tmp/new" && mv "$tmp/new" "$store"
		reload taken || return 1
		order aaaa
		equal "alarms" "$(alarms)" getuid || return 1
	done
	equal "bags" "$(($(value bags) > 8192))" 1 || return 1
	order bbabb
	order c
	equal "alarms" "$(alarms)" "getgid getuid" || return 1
	exec 7>&-
	finish watch 3 || return 1
	equal lost "$(summary lost)" 0
}

# Somebody else's folder, which root may not enter any more once the sensor runs.
unreachable_store() {
	install -d -o 65534 -g 65534 -m 700 "$tmp/theirs"
	store=$tmp/theirs/db
	learn_orders "$store" theirs a && learn_orders "$store" theirs a || return 1
	watch_orders theirs || return 1
	learn_orders "$store" theirs ab || return 1
	reload taken || return 1
	order abab
	equal "alarms" "$(alarms)" "" || return 1
	exec 7>&-
	finish watch 0
}

# -v: the tables of the original count each window once, whatever profile it was judged by.
tables_go_on() {
	learn_orders "$store" tables a && learn_orders "$store" tables a || return 1
	mkfifo "$tmp/fifo.tables"
	start watch "$bosc" monitor -v --store "$store" --profile tables -- "$subject" - orders "$tmp/fifo.tables"
	exec 7>"$tmp/fifo.tables"
	order aaab
	learn_orders "$store" tables ab || return 1
	kill -HUP "${pids[watch]}"
	hear watch "^PROFILE of .*: 'tables' is taken up anew: [0-9]+ bags after [0-9]+, partial" || return 1
	order abab
	exec 7>&-
	finish watch 3 || return 1
	equal "windows in the table" "$(sed '0,/MONITORED/d' "$tmp/watch.out" | sed -n 's/^(.*) , \([0-9]*\)$/\1/p' |
		paste -sd+ | bc)" "$(sed -n 's/.* calls, \([0-9]*\) windows.*/\1/p' "$tmp/watch.out")"
}

in_terminal() { # NAME [--nohup]
	local name=$1

	shift
	start "$name" "$here/terminal.py" "$@" "$tmp/hang-up.$name" \
		"$bosc" monitor --store "$store" --profile term -t nonesuch
	hear "$name" "^bosc: waiting" || return 1
	inner=$(head -n 1 "$tmp/$name.out")
	pids[inner]=$inner
}
terminal_hangs_up() {
	learn_orders "$store" term a || return 1
	in_terminal plain || return 1
	kill -HUP "$inner"
	hear plain "^PROFILE of nonesuch: 'term' is as it was" || return 1
	touch "$tmp/hang-up.plain"
	wait_for 50 ended inner || return 1
	grep -q '^nonesuch: 0 calls' "$tmp/plain.out" || return 1
	equal "looked anew" "$(grep -c ^PROFILE "$tmp/plain.out")" 1
}
nohup_goes_on() {
	in_terminal ignoring --nohup || return 1
	touch "$tmp/hang-up.ignoring"
	wait_for 50 ended ignoring || return 1
	hear ignoring "^PROFILE of nonesuch" || return 1
	kill -HUP "$inner"
	sleep 0.5
	! ended inner || return 1
	kill -TERM "$inner"
	wait_for 50 ended inner
}

stage_subject
check "what was learnt meanwhile is normal from then on, and every call is judged" learnt_meanwhile
check "50 newer profiles under load: no false alarm, nothing unjudged, nothing lost" under_load
check "a store or profile that cannot be read leaves things as they were" keeps_what_it_has
check "a profile that outgrows the table, and shrinks again" grow_and_shrink
check "a store that cannot be opened any more is read all the same" unreachable_store
check "what -v counts goes on" tables_go_on
check "a terminal's hang-up is no request for a newer profile" terminal_hangs_up
check "… but nothing at all to who ignores it" nohup_goes_on
tap_end
