#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Normal work raises no alarm: redis in a container is learnt under a varied load at full speed,
# with pauses and through two restarts; then it does three million calls of the same kind of work
# in another order, through a restart of its own, and everything that bosc says of it is wrong.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
name=bosc-normal-$$
store=$tmp/db
calls_wanted=3000000

pick() {
	echo "${@:RANDOM % $# + 1:1}"
}

# Every command with every number of clients, depth of the pipeline and size of a value, in an order
# that the seed decides, and pauses.
bursts() { # SEED
	local command clients depth size count

	RANDOM=$1
	for command in ping set get incr lpush rpush lpop rpop sadd hset spop zadd zpopmin mset; do
		for clients in 1 10 50; do
			for depth in 1 16; do
				for size in 3 512; do
					echo "$RANDOM $command $clients $depth $size"
				done
			done
		done
	done | sort -n | while read -r _ command clients depth size; do
		count=$(pick 1000 3000 9000)
		redis-benchmark -s "$lab_dir/sock-$name/redis.sock" -q -r 1000 -t "$command" \
			-c "$clients" -P "$depth" -d "$size" -n "$count" >/dev/null 2>&1
		sleep "$(pick 0 0 0 0 0 0 0.1 0.5)"
	done
}

# On a busy machine a server meets at once what else comes one by one: here fifty clients that left.
crowd_leaves() {
	redis-benchmark -s "$lab_dir/sock-$name/redis.sock" -q -t get -c 50 -n 100000000 >/dev/null 2>&1 &
	sleep 1
	docker pause "$name" >/dev/null
	kill $! 2>/dev/null
	wait $! 2>/dev/null
	docker unpause "$name" >/dev/null
}

# The lab's load beside it: short bursts, single commands, BGSAVE, and its quiet at the end.
normal_work() { # SEED SECONDS
	local bursts

	bursts "$1" &
	bursts=$!
	lab redis-load "$lab_dir" "$name" "$(($1 + 1000))" "$2"
	wait "$bursts"
	crowd_leaves
	sleep 4
}

learn() {
	local seed=1

	lab redis-create "$lab_dir" "$name" || return 1
	start learn "$bosc" learn -c "$name" --store "$store" --quiet-time 30s --quiet-calls 1000000 \
		--unseen 1e-4 --max-time 600s
	hear learn "^bosc: waiting for '$name'" || return 1
	lab redis-start "$lab_dir" "$name" || return 1
	sleep 5
	until ended learn; do
		normal_work "$seed" 15
		seed=$((seed + 1))
		((seed > 3)) || docker restart --time 5 "$name" >/dev/null
	done
	finish learn 0 || return 1
	"$bosc" profile show "$name" --store "$store" >"$tmp/shown"
	equal lost "$(sed -n 's/^lost *//p' "$tmp/shown")" 0
}

# A round of fresh work; adds its calls to $calls. Shows each false alarm.
watched_round() { # SEED
	local round=round$1 status=0

	start "$round" "$bosc" monitor -c "$name" --store "$store" --json-file "$tmp/$round.json" -v
	hear "$round" "^bosc: watching '$name'" || return 1
	normal_work "$1" 30
	docker restart --time 5 "$name" >/dev/null || return 1
	normal_work "$(($1 + 1))" 30
	stop "$round" INT 0 >"$tmp/said" || status=1
	tail -n 1 "$tmp/$round.json" >>"$tmp/summaries"
	calls=$((calls + $(sed -E 's/.*"calls":([0-9]+).*/\1/' <<<"$(tail -n 1 "$tmp/$round.json")")))
	[ "$status" = 0 ] || cat "$tmp/$round.json"
	return "$status"
}

no_false_alarm() {
	local calls=0 seed=500 status=0

	while ((calls < calls_wanted && seed < 510)); do
		watched_round "$seed" || status=1
		seed=$((seed + 2))
	done
	((calls >= calls_wanted)) || equal calls "$calls" "$calls_wanted" || return 1
	return "$status"
}

stage_lab redis
check "redis is learnt under load, nothing is lost" learn
sed 's/^/# /' "$tmp/shown" | head -n 9
check "no alarm in $calls_wanted calls of fresh normal work" no_false_alarm
sed 's/^/# /' "$tmp/summaries"
tap_end
