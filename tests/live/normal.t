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

# Long bursts of one command each, and pauses, in an order that the seed decides.
bursts() { # SEED SECONDS
	local end=$((SECONDS + $2))

	RANDOM=$1
	while ((SECONDS < end)); do
		timeout 20 redis-benchmark -s "$lab_dir/sock-$name/redis.sock" -q -r 1000 \
			-t "$(pick ping set get incr lpush rpush lpop rpop sadd hset spop zadd zpopmin mset)" \
			-c "$(pick 1 10 50)" -P "$(pick 1 16)" -d "$(pick 3 512)" \
			-n "$(pick 5000 20000 40000)" >/dev/null 2>&1
		sleep "$(pick 0 0 0 0.1 1)"
	done
}

# The lab's load beside it: short bursts, single commands, BGSAVE, and its quiet at the end.
normal_work() { # SEED SECONDS
	local bursts

	bursts "$1" "$2" &
	bursts=$!
	lab redis-load "$lab_dir" "$name" "$(($1 + 1000))" "$2"
	wait "$bursts"
	sleep 4
}

learn() {
	local seed=1

	lab redis-create "$lab_dir" "$name" || return 1
	start learn "$bosc" learn -c "$name" --store "$store" --quiet-time 10s --quiet-calls 300000 \
		--unseen 1e-4 --max-time 180s
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
