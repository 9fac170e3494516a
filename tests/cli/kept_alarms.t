#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Alarms that are kept in the store, and found there again: in a file, and on a server.
. "$(dirname "$0")/lab.sh"

make_trace tree.bsc normal=9:20000 fork=100:210 by=210:101 by=210:102
make_trace quiet.bsc normal=10:20000
export BOSC_FLEET=$tmp/keep

# The alarms that this prints as JSON are those that monitor printed, in their order.
same_as_told() { # FILE OPTION…
	local told=$1

	shift
	run 0 "$bosc" alarms --json "${store[@]}" "$@" || return 1
	python3 - "$told" out <<-'END'
		import json, sys
		told = [json.loads(line) for line in open(sys.argv[1])]
		told = [alarm for alarm in told if "rule" in alarm]
		kept = [json.loads(line) for line in open(sys.argv[2])]
		ids = {alarm.pop("id") for alarm in kept}
		hosts = {alarm.pop("host") for alarm in kept}
		assert told and kept == told, (len(told), len(kept))
		assert len(ids) == len(kept) and len(hosts) == 1
	END
}
nothing_found() { # OPTION…
	run 0 "$bosc" alarms "${store[@]}" "$@" && [ ! -s out ] && [ ! -s err ]
}
on_store() { # NAME ADDRESS
	store=(--store "$2")
	check "$1: a profile is learnt" run 0 "$bosc" learn "${store[@]}" --profile server \
		--trace normal1.bsc normal2.bsc normal3.bsc
	check "$1: there are no alarms yet" nothing_found
	check "$1: without --keep-alarms none is kept" run 3 "$bosc" monitor "${store[@]}" \
		--profile server --trace tree.bsc
	check "$1: …" nothing_found
	check "$1: what is normal leaves nothing" run 0 "$bosc" monitor --keep-alarms "${store[@]}" \
		--profile server --trace quiet.bsc
	check "$1: …" nothing_found
	check "$1: an attack is told and kept" run 3 "$bosc" monitor --keep-alarms --json "${store[@]}" \
		--profile server --trace tree.bsc
	cp out told.json
	check "$1: the same alarms are found" same_as_told told.json
	check "$1: … by host, profile, rule and severity" same_as_told told.json --host "$(uname -n)" \
		--profile server --rule new-call --min-severity high --limit 10
	for query in "--host nowhere" "--profile other" "--rule frame" "--min-severity critical" \
		"--since 60s"; do
		# shellcheck disable=SC2086 # an option and its value
		check "$1: none has $query" nothing_found $query
	done
	check "$1: the latest one" run 0 "$bosc" alarms "${store[@]}" --json --limit 1
	check "$1: … is the last that was told" [ "$(grep -o '"mono_ns":[0-9]*' out)" = \
		"$(grep '"rule"' told.json | tail -n 1 | grep -o '"mono_ns":[0-9]*')" ]
	check "$1: people get a table" run 0 "$bosc" alarms "${store[@]}"
	check "$1: … with who, where and why" grep -qE \
		"^[0-9 :-]{19}  high +$(uname -n) +tree.bsc +new-call +it called [a-z]+, which" out
}

on_store "file" "$tmp/alarms.db"
# A disk that is full: no file grows beyond 32 KiB.
on_full_disk() { # COMMAND…
	(
		trap '' XFSZ
		ulimit -f 32
		exec "$@"
	)
}
# It goes on to the end: all alarms are told, and those that are not in the store are counted.
told_not_kept() { # COMMAND…
	run 3 "$bosc" monitor --json "${store[@]}" --profile server --trace attack.bsc || return 1
	cp out attack.json
	run 1 "$@" --profile server --trace attack.bsc && python3 - attack.json out <<-'END'
		import json, sys
		before, now = ([json.loads(line) for line in open(name)] for name in sys.argv[1:])
		told = [[line["mono_ns"] for line in lines if "rule" in line] for lines in (before, now)]
		assert told[0] == told[1], told
		unkept = now[-1]["summary"]["unkept"]
		assert 0 < unkept <= len(told[0]), unkept
	END
}
check "what a full disk does not take is told and counted" told_not_kept on_full_disk \
	"$bosc" monitor --keep-alarms --json "${store[@]}"
check "… said once" [ "$(grep -c "; alarms are told but not kept until this is better$" err)" = 1 ]
check "… with a sentence at the end" grep -qE "^bosc: [0-9]+ alarms were told but not kept; the first: cannot .*'$tmp/alarms.db'" err
check "a file that is not there is not made" run 1 "$bosc" monitor --keep-alarms \
	--store "$tmp/none.db" --profile server --trace tree.bsc
check "…" [ ! -e "$tmp/none.db" ]

chmod 0755 "$tmp" # for the server's user
status=0
"$root/tests/postgres.sh" make "$tmp/pg" 2>"$tmp/err" || status=$?
if [ "$status" = 0 ]; then
	port=$("$root/tests/postgres.sh" start "$tmp/pg" $$)
	on_store "server" "postgresql://bosc@127.0.0.1:$port/postgres"
	"$root/tests/postgres.sh" stop "$tmp/pg"
	check "a server that is away is asked for no alarms" run 1 "$bosc" alarms "${store[@]}"
	check "… with a sentence" grep -q "^bosc: cannot reach 'postgresql://127.0.0.1:$port/postgres': Connection refused$" err
	check "an alarm is told meanwhile" run 3 "$bosc" monitor --keep-alarms "${store[@]}" \
		--profile server --trace tree.bsc
	check "… by the copy, which is said" grep -q "^bosc: the profile 'server' is the copy of " err
	check "… and waits" grep -q "^bosc: what is not on the server yet waits in '$tmp/keep/" err
	check "… where only its owner reads it" [ "$(find "$tmp/keep" -perm /077 | wc -l)" = 0 ]
	"$root/tests/postgres.sh" start "$tmp/pg" $$ >/dev/null
	check "without an outbox it is told and counted" told_not_kept \
		env BOSC_FLEET="$tmp/told.json/none" "$bosc" monitor --keep-alarms --json "${store[@]}"
	run 0 "$bosc" alarms "${store[@]}" --json >/dev/null
	check "… until the next bosc sends it" [ "$(wc -l <out)" = $((2 * $(grep -c '"rule"' told.json))) ]
	run 0 "$bosc" alarms "${store[@]}" --json >/dev/null
	check "… once" [ "$(wc -l <out)" = $((2 * $(grep -c '"rule"' told.json))) ]
	"$root/tests/postgres.sh" stop "$tmp/pg"
	check "while it is away, the copies are listed" run 0 "$bosc" profile list "${store[@]}"
	check "… all of them" grep -q "^server " out
	check "where there is none, the server is missed" \
		run 1 env BOSC_FLEET="$tmp/elsewhere" "$bosc" profile list "${store[@]}"
elif [ "$status" = 77 ]; then
	skip "alarms on a server" "$(cat "$tmp/err")"
else
	not_ok "a server is made" "$(cat "$tmp/err")"
fi

check "an unknown rule is refused" run 2 "$bosc" alarms --rule nonsense
check "… with a sentence" grep -q "option --rule wants a rule's word, as in JSON, not 'nonsense'" err
check "a time that is none is refused" run 2 "$bosc" alarms --since never
check "no alarm at all is refused" run 2 "$bosc" alarms --limit 0
check "a target is refused" run 2 "$bosc" alarms web
check "the paper's method keeps none" run 2 "$bosc" monitor --method paper --keep-alarms \
	--profile server --trace tree.bsc
check "… with a sentence" grep -q "names no process" err

tap_end
