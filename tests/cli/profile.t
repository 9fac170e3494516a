#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What was learnt stays: profiles are listed, handed on and removed by any name, survive an end at
# any moment, and output that cannot be written is no success.
#
. "$(dirname "$0")/lab.sh"

check "a server is learnt" learn --profile server --trace normal1.bsc normal2.bsc normal3.bsc
profile export server >before.json
monitor --json --trace attack.bsc >attack.json 2>err

# Profiles by any name are listed, shown, handed on and removed; nothing that is said of one moves the cursor.
one_line() { # VERB ARGUMENT…
	run 0 "$bosc" profile --store names.db "$@" || return 1
	[ "$(wc -l <out)" = 1 ] && [ "$(LC_ALL=C grep -c '[[:cntrl:]]' out)" = 0 ] && return
	cat -v out
	return 1
}
round_trip() { # NAME
	local name=$1

	run 0 "$bosc" learn --store names.db --trace more.bsc --profile "$name" || return 1
	[ "$(grep -c . err)" = 1 ] || { echo "more than one line:"; cat err; return 1; }
	run 0 "$bosc" profile list --store names.db || return 1
	[ "$(grep -c . out)" = 2 ] || { cat out; return 1; }
	run 0 "$bosc" profile list --json --store names.db || return 1
	holds out 'len(lines) == 1' || return 1
	run 0 "$bosc" profile show --store names.db -- "$name" || return 1
	[ "$(LC_ALL=C grep -c '[[:cntrl:]]' out)" = 0 ] || { cat -v out; return 1; }
	rm -f first.json second.json
	run 0 "$bosc" profile export --store names.db -o first.json -- "$name" || return 1
	[ "$(stat -c %a first.json)" = 600 ] || return 1
	run 1 "$bosc" profile import --store names.db first.json || return 1
	[ "$(head -n 1 err | cut -c 1-38)" = "bosc: cannot import 'first.json': the " ] || return 1
	run 0 "$bosc" profile remove --store names.db -- "$name" || return 1
	run 1 "$bosc" profile remove --store names.db -- "$name" || return 1
	run 0 "$bosc" profile import --store names.db first.json || return 1
	run 0 "$bosc" profile export --store names.db -o second.json -- "$name" || return 1
	cmp first.json second.json || return 1
	run 0 "$bosc" monitor --store names.db --trace more.bsc --json --profile "$name" || return 1
	one_line merge --into "$name" second.json || return 1
	one_line review --author "$name" -- "$name" || return 1
	one_line withdraw --author "$name" -- "$name" 1 || return 1
	run 0 "$bosc" profile remove --store names.db -- "$name" || return 1
	run 0 "$bosc" profile list --store names.db && [ ! -s out ]
}
for name in plain "two words" "it's \"quoted\"" $'a new\nline' -v ../up %s%n 'Ünïcode' "back\\slash" \
	"'; DROP TABLE profile; --" $'\e[2J' $'no\xffutf8' "$(printf '%255s' '' | tr ' ' x)"; do
	check "a profile called $(printf '%.40q' "$name")" round_trip "$name"
done
# One that is too long is refused, not cut.
long=$(printf '%256s' '' | tr ' ' x)
learn --profile "${long:1}" --trace more.bsc
cp "$store" long.db
too_long() { # STATUS SENTENCE COMMAND…
	run "$1" timeout 20 "$bosc" "${@:3}" --store long.db && says "$2"
}
wanted="a profile's name has 1 to 255 bytes"
for name in "$long" ""; do
	check "${#name} bytes are no name to learn" too_long 2 "$wanted" learn --trace more.bsc --profile "$name"
	check "… to import" too_long 2 "$wanted" profile import before.json --profile "$name"
	check "… to merge into" too_long 2 "$wanted" profile merge --into "$name" server
	check "… to review as" too_long 2 "an author's name has 1 to 255 bytes" profile review server --author "$name"
	check "… nor a reason" too_long 2 "a reason has 1 to 255 bytes" profile accept server attack.json \
		--reason "$name"
done
check "256 bytes of a target's name are no name to learn" \
	too_long 1 "cannot learn 'paper:$long': a profile's name has 1 to 255 bytes" \
	learn -c "$long" --method paper
for verb in show export review remove; do
	check "one that is longer is not there to $verb" \
		too_long 1 "there is no profile '$long' in 'long.db'" profile "$verb" "$long"
done
check "… nor to monitor by" too_long 1 "there is no profile '$long': it was never learnt" monitor -c "$long"
sed "s/\"name\": \"server\"/\"name\": \"$long\"/" before.json >bad.json
check "a profile with such a name is refused" too_long 1 \
	"cannot read profile 'bad.json': 'name' is longer than 255 bytes" profile import bad.json
check "… and nothing was changed" cmp "$store" long.db
profile remove "${long:1}"
check "an export goes to standard output, too" run 0 profile export server
check "… the same bytes" cmp out before.json
check "an import takes another name" run 0 profile import before.json --profile copy
check "… and judges the same" run 3 "$bosc" monitor --store "$store" --profile copy --json \
	--trace attack.bsc
check "… attack" cmp <(sed 's/"profile":"copy"/"profile":"server"/' out) attack.json
check "an export does not overwrite" run 1 profile export server -o before.json
check "… and says so" says "cannot write 'before.json': File exists"
sed 's/"count": [0-9]*/"count": -1/' before.json >bad.json
check "a profile with a bad number is refused" run 1 profile import bad.json --profile bad
check "… and the number is named" grep -q "^bosc: cannot read profile 'bad.json': 'count' is no whole number" err
head -c 3000 before.json >bad.json
check "half a profile is refused" run 1 profile import bad.json --profile bad
check "no profile to import" run 1 profile import none.json
check "… is said" says "cannot open 'none.json': No such file or directory"

# What the original program learnt.
original='"names_lookup": [18, 42], "window_size": 10'
echo "{\"db_bags\": [[3, 2, 0], [1, 4, 0]], \"db_freq\": [7, 5], $original}" >web.json
check "the original's bags of calls are imported" run 0 profile import web.json
check "… as bags" run 0 profile show web -v
check "… of its calls" bash -c "grep -qx \"\['close', 'openat'\]\" out &&
	grep -qxF '(3, 2, 0) , 7' out && grep -qxF '(1, 4, 0) , 5' out"
echo "{\"db_bags\": [[3, 2, 100], [1, 4, 7]], \"db_freq\": [7, 5], $original}" >shop.json
check "the original's bags of a time are imported" run 0 profile import shop.json
check "… and judge by the calls alone" run 3 "$bosc" monitor --store "$store" --profile shop --json \
	--trace attack.bsc
check "… which is said" grep -q "^bosc: the profile 'shop' holds no bags: only calls that it never saw" err
check "… so no frame of them is an alarm, nor an executable, which it does not know" holds out \
	'all(alarm["rule"] in ("new-call", "fatal-signal") for alarm in alarms)'
named() { # ptrace is among the calls that the original tells apart, epoll_wait is not
	holds out 'any(alarm["syscall"] == "ptrace" for alarm in alarms)' \
		'all(alarm["syscall"] != "epoll_wait" for alarm in alarms)'
}
check "… and what the original lumps together is no new call" named

# Interrupted or killed in the middle, the store has the last good state.
mkfifo pipe
feed() { # what a recording under way looks like: half of it, and then nothing for a while
	(
		head -c 400000 normal2.bsc
		exec sleep 20
	) >pipe &
	feeder=$!
}
unfed() {
	kill "$feeder"
	wait "$feeder" 2>/dev/null
}
interrupted() { # STATUS SIGNAL
	local status=0

	profile export server >before.json
	feed
	timeout --preserve-status -s "$2" 1 "$bosc" learn --store "$store" --profile server \
		--trace pipe >out 2>err || status=$?
	unfed
	[ "$status" = "$1" ] || { echo "status $status"; cat err; return 1; }
	cmp before.json <(profile export server)
}
check "Ctrl-C in the middle of a recording leaves the profile as it was" interrupted 130 INT
check "so does a kill" interrupted 137 KILL
killed() {
	local runs=1 now

	run 0 "$bosc" learn --store kill.db --profile kill --trace normal1.bsc || return 1
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		timeout -s KILL "0.0$((n * 7 + 3))" "$bosc" learn --store kill.db --profile kill \
			--trace normal1.bsc >out 2>err
		run 0 "$bosc" profile show kill --json --store kill.db || return 1
		now=$(python3 -c 'import json
profile = json.load(open("out"))
assert sum(profile["calls"].values()) == 40010 * len(profile["runs"]), "half a run"
print(len(profile["runs"]))') || return 1
		[ "$now" = "$runs" ] || [ "$now" = $((runs + 1)) ] || {
			echo "$now runs after $runs"
			return 1
		}
		runs=$now
	done
}
check "killed at any moment, whole runs are kept" killed 2>/dev/null

# Output that cannot be written.
full() { # ARGUMENT…
	local status=0

	"$bosc" "$@" --store "$store" >/dev/full 2>err || status=$?
	[ "$status" = 1 ] || { echo "status $status"; cat err; return 1; }
	grep -q "^bosc: cannot write .*\(No space left on device\|not all of it was taken\)$" err || { cat err; return 1; }
}
for words in "profile list" "profile list --json" "profile show server" "profile show server -v" \
	"profile show server --json" "profile diff server server --json" "profile review server" \
	"profile export server" "monitor --profile server --trace attack.bsc" \
	"monitor --profile server --trace attack.bsc --json" \
	"monitor --profile server --trace more.bsc" "monitor --profile server --trace more.bsc -v" \
	"monitor --profile server --trace more.bsc --json-file /dev/full" \
	"learn --profile full --trace more.bsc --json" "learn --profile full --trace more.bsc -v" \
	"profile import before.json --profile fuller"; do
	# shellcheck disable=SC2086 # several words
	check "bosc $words on a full disk fails" full $words
done
check "alarms that cannot be written into a file" run 1 monitor --trace attack.bsc \
	--json-file /nowhere/alarms
check "… are said" says "cannot write alarms into '/nowhere/alarms': No such file or directory"

tap_end
