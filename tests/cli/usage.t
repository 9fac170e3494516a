#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What the command line promises: wrong usage is status 2, a failure is status 1, and each says in
# one sentence on standard error what is wrong, with nothing on standard output.
#
. "$(dirname "$0")/../tap.sh"

long=$(printf '%256s' '' | tr ' ' x)
store=$tmp/store.db

# says STATUS SENTENCE COMMAND…: the program ends so, and says this and nothing else but a hint.
says() {
	local status=$1 sentence=$2

	shift 2
	run "$status" "$@" || return 1
	[ ! -s "$tmp/out" ] || { echo "on standard output:"; cat "$tmp/out"; return 1; }
	[ "$(head -n 1 "$tmp/err")" = "bosc: $sentence" ] || { cat "$tmp/err"; return 1; }
	is_message "$tmp/err"
}

# One sentence: lower case, no full stop; below it at most a hint.
is_message() { # FILE
	local first

	first=$(head -n 1 "$1")
	[[ $first =~ ^bosc:\ [a-z\'0-9-].*[^.]$ ]] || { echo "no sentence: $first"; return 1; }
	[ "$(sed '1d; /^try: /d' "$1" | wc -l)" = 0 ] || { echo "more than that:"; cat "$1"; return 1; }
	[ "$(grep -c '^try: ' "$1")" -le 1 ] || { echo "several hints"; cat "$1"; return 1; }
}

refused() { # SENTENCE ARGUMENT…: wrong usage
	local sentence=$1

	shift
	check "bosc $*: $sentence" says 2 "$sentence" "$bosc" "$@"
}

fails() { # DESCRIPTION SENTENCE ARGUMENT…: a failure
	local description=$1 sentence=$2

	shift 2
	check "$description" says 1 "$sentence" "$bosc" "$@"
}

# The original form, and what goes with what.
refused "nothing to do: neither -l nor -m, and no command"
refused "nothing to do: neither -l nor -m, and no command" -v
refused "options -l and -m are mutually exclusive" -l -m -c web
refused "options -l and -m are mutually exclusive" -lm
refused "options -l and -m are mutually exclusive" --learn --monitor
refused "options -c and -t are mutually exclusive" -l -c web -t redis
refused "options -c and -t are mutually exclusive" -mv --container web --task redis
refused "option -m needs a target: -c CONTAINER or -t TASK" -m
refused "'web' is no option here: targets are named by -c, -t, -p, -g, --all, --trace or after --" \
	-l web
refused "--profile names one profile, but there are several targets" -l --profile web

# What is not known.
refused "no command 'lern'" lern
refused "no command ''" ""
refused "no option '--bogus' here" --bogus
refused "no option '--bogus' here" learn -t redis --bogus
refused "no option '-x' here" monitor -x
refused "no option '-xv' here" -xv
refused "no option '-lx' here" -lx
refused "no option '--json-file' here" learn --json-file alarms
refused "no option '--window' here" monitor --window 8
refused "no option '--trace' here" -l --trace file
refused "no option '--trace' here" record --trace file
refused "no option '--json=yes' here" learn --json=yes

# Values.
for option in -c -t -p -g --container --task --pid --cgroup --trace --profile --store --window \
	--quiet-time --quiet-calls --unseen --max-time; do
	refused "option '$option' wants a value" learn "$option"
done
refused "option '--json-file' wants a value" monitor -t redis --json-file
refused "option '-lc' wants a value" -lc
refused "option '-o' wants a value" record -t redis -o
for window in 1 0 11 -3 eight 8.5 "" 99999999999999999999; do
	refused "option --window wants a number of calls from 2 to 10, not '$window'" \
		learn -t redis --window "$window"
done
for value in soon -1s 5w 5ss "" inf nan 1e9d; do
	refused "option --quiet-time wants a time like 90s, 5m or 2h, not '$value'" \
		learn -t redis --quiet-time "$value"
	refused "option --max-time wants a time like 90s, 5m or 2h, not '$value'" \
		monitor -t redis --max-time "$value"
done
for share in 0 -1 1.5 much "" nan 1e-4x; do
	refused "option --unseen wants a share above 0 and up to 1, not '$share'" \
		learn -t redis --unseen "$share"
done
for calls in -5 few "" 1e5; do
	refused "option --quiet-calls wants a number of calls, not '$calls'" \
		learn -t redis --quiet-calls "$calls"
done
for pid in 0 -1 init "" 4194305 1x; do
	refused "option --pid wants a process id, not '$pid'" monitor -p "$pid"
done
refused "a target's name is empty" monitor -c ""
refused "a profile's name has 1 to 255 bytes" learn -t redis --profile ""
refused "a profile's name has 1 to 255 bytes" learn -t redis --profile "$long"

# Targets.
no_target="no target: name one by -c, -t, -p, -g, --all, --trace or a command after --"
refused "$no_target" learn
refused "$no_target" monitor --json
refused "$no_target" record -o file
refused "$no_target" learn --
stray="is no option here: targets are named by -c, -t, -p, -g, --all, --trace or after --"
refused "'redis' $stray" learn redis
refused "'redis' $stray" learn -t redis redis
refused "'redis' $stray" learn redis -- true
refused "a trace and a live target at once: name one of them" learn --trace file -t redis \
	--profile redis
refused "a trace and a live target at once: name one of them" monitor --trace file --profile redis \
	-- true
refused "a trace has no name of its own: --profile NAME is missing" learn --trace file
refused "a trace has no name of its own: --profile NAME is missing" monitor --trace file other
refused "--profile names one profile, but there are several targets" learn -t redis -t nginx \
	--profile web
refused "--profile names one profile, but there are several targets" learn --all --profile web
refused "no file to record into: -o FILE is missing" record -t redis
refused "a recording has one target" record -t redis -t nginx -o file
many=()
for i in $(seq 1024); do many+=(-t "task$i"); done
refused "more than 1023 targets" monitor "${many[@]}"
for target in "-c web" "-t redis" "-p 1" "-g a/b"; do
	# shellcheck disable=SC2086 # it is an option and its word
	refused "the target '${target#* }' is given twice" monitor $target -c other $target
done

# Profiles.
refused "'bosc profile' wants list, show, diff, export, import, merge, review, accept, withdraw or remove" profile
refused "no command 'profile rename'" profile rename old new
refused "'bosc profile list' wants no name" profile list web
for verb in show confirm remove export; do
	refused "'bosc profile $verb' wants one name" profile "$verb"
	refused "'bosc profile $verb' wants one name" profile "$verb" web shop
done
refused "'bosc profile import' wants one file" profile import
refused "option --format wants 'json', 'original', 'seccomp' or 'csv', not 'xml'" profile export web \
	--format xml
refused "only 'bosc profile export' has a --format" profile show web --format csv
refused "'bosc profile diff' wants two names" profile diff web
refused "'bosc profile diff' wants two names" profile diff web shop third
refused "no option '--window' here" profile list --window 8

# The status of the machine.
refused "'bosc status' takes no target" status web
refused "'bosc status' takes no target" status -- true
refused "no option '-c' here" status -c web

# Help lists each option of its command, and the version is one line.
helps() { # COMMAND OPTION…
	local command=$1

	shift
	run 0 "$bosc" ${command:+"$command"} --help || return 1
	[ ! -s "$tmp/err" ] || { cat "$tmp/err"; return 1; }
	sed -n 's/^  \(-.,\|   \) --\([a-z-]*\) .*/\2/p' "$tmp/out" | sort >"$tmp/listed"
	diff <(printf '%s\n' "$@" help | sort) "$tmp/listed"
}
targets=(container task pid cgroup all)
check "bosc --help lists its options" helps "" learn monitor "${targets[@]}" profile store window \
	verbose version
check "bosc learn --help lists its options" helps learn "${targets[@]}" trace abi profile store window \
	quiet-time quiet-calls unseen epoch method similar max-time verbose json
check "bosc monitor --help lists its options" helps monitor "${targets[@]}" trace abi profile store \
	anomalous epoch method max-time min-severity strict verbose json json-file keep-alarms
check "bosc record --help lists its options" helps record "${targets[@]}" output max-time
check "bosc profile --help lists its options" helps profile profile store output format into author reason \
	verbose json
check "bosc status --help lists its options" helps status store json
check "bosc -h helps, too" run 0 "$bosc" -h
"$bosc" --help >"$tmp/help"
for command in learn monitor record eval profile status; do
	check "bosc --help names the command $command" grep -q "^bosc $command " "$tmp/help"
done
version() {
	run 0 "$bosc" --version && grep -qE '^bosc [0-9]+\.[0-9]+\.[0-9]+$' "$tmp/out" &&
		[ "$(wc -l <"$tmp/out")" = 1 ] && [ ! -s "$tmp/err" ]
}
check "bosc --version is one line" version
full() { # ARGUMENT…: on a full disk
	local status=0

	"$bosc" "$@" >/dev/full 2>"$tmp/err" || status=$?
	[ "$status" = 1 ] || { echo "status $status"; return 1; }
	grep -qx "bosc: cannot write to standard output: No space left on device" "$tmp/err"
}
check "bosc --help on a full disk fails" full --help
check "bosc --version on a full disk fails" full --version
check "bosc learn --help on a full disk fails" full learn --help

# What was never learnt.
"$here/make-trace" "$tmp/normal.bsc" normal=1:2000
"$bosc" learn --trace "$tmp/normal.bsc" --profile other --store "$store" --quiet-time 0 \
	--quiet-calls 0 --unseen 1 2>"$tmp/err" ||
	not_ok "a trace is learnt" "$(cat "$tmp/err")"
never="there is no profile 'web': it was never learnt"
fails "an unlearnt container" "$never" -m -c web --store "$store"
check "… with a cure" grep -qx "try: bosc learn, with the same target" "$tmp/err"
fails "an unlearnt task" "$never" monitor -t web --store "$store"
fails "an unlearnt profile" "$never" monitor -t other --profile web --store "$store"
fails "an unlearnt trace" "$never" monitor --trace "$tmp/normal.bsc" --profile web --store "$store"
fails "an unlearnt name that moves the cursor" "there is no profile 'a\\x0ab\\x1b[2J': it was never learnt" \
	monitor -t $'a\nb\e[2J' --store "$store"
fails "no profile to show" "there is no profile 'web' in '$store'" \
	profile show web --store "$store"
check "… with a cure" grep -qx "try: bosc profile list, which shows those that are there" "$tmp/err"

# Stores that are none.
open="cannot open profile store"
fails "no store" "$open '$tmp/none.db': No such file or directory" profile list --store "$tmp/none.db"
check "… with a cure" grep -q "^try: bosc learn" "$tmp/err"
check "… and none was made" [ ! -e "$tmp/none.db" ]
fails "no folder for a store" "cannot make profile store '$tmp/no/where.db': No such file or directory" \
	learn --trace "$tmp/normal.bsc" --profile web --store "$tmp/no/where.db"
fails "a folder as a store" "$open '$tmp': Is a directory" profile list --store "$tmp"
fails "an empty path as a store" "$open '': No such file or directory" profile list --store ""
echo "a letter to somebody" >"$tmp/letter"
fails "a text as a store" "$open '$tmp/letter': it is no SQLite database" profile list --store "$tmp/letter"
fails "a text as a store to learn into" "$open '$tmp/letter': it is no SQLite database" \
	learn --trace "$tmp/normal.bsc" --profile web --store "$tmp/letter"
check "… which is left as it is" grep -qx "a letter to somebody" "$tmp/letter"
: >"$tmp/empty"
fails "an empty file as a store" "profile store '$tmp/empty' is empty" profile list \
	--store "$tmp/empty"
fails "an address with a password" "cannot open the PostgreSQL store: its address holds a password, which \
everybody on this machine could read in the list of processes" \
	profile list --store "postgresql://user:secret@host/bosc"
check "… whose password is not told" [ "$(grep -c secret "$tmp/err")" = 0 ]

scheme() { # SCHEME COMMAND…: refused, and no more of the address told than that
	local scheme=$1

	shift
	run 2 "$bosc" "$@" --store "$scheme://user:secret@host/bosc" || return 1
	! grep -qE "secret|user|host/bosc" "$tmp/out" "$tmp/err" || { cat "$tmp/out" "$tmp/err"; return 1; }
	grep -qxF "bosc: cannot open the profile store: bosc knows no store of the form '$scheme://…'" "$tmp/err"
}
for scheme in typo POSTGRESQL pg+ssl sqlite file; do
	check "an address of the form $scheme://" scheme "$scheme" profile list
done
check "… to learn into" scheme typo learn --trace "$tmp/normal.bsc" --profile web
check "… to monitor by" scheme typo monitor --trace "$tmp/normal.bsc" --profile web
check "… as the original" scheme typo -m -t web
check "… of kept alarms" scheme typo alarms
check "… and of the state" scheme typo status
check "… and none is made" [ -z "$(find . "$tmp" -name '*secret*' 2>/dev/null)" ]
check "an address with one slash" says 2 "cannot open the profile store: bosc knows no store of the form 'postgresql:/…'" \
	"$bosc" profile list --store "postgresql:/user:secret@host/bosc"
check "… with a cure" grep -qxF "try: --store PATH, or --store postgresql://HOST/DATABASE" "$tmp/err"
check "an option that is mistyped" says 2 "no option '--sotre' here" \
	"$bosc" profile list "--sotre=postgresql://user:secret@host/bosc"
check "sqlite:///PATH is a file" run 0 "$bosc" profile list --store "sqlite://$store"
mkdir "$tmp/odd:"
check "so is any path that begins with a dot" run 0 "$bosc" learn --trace "$tmp/normal.bsc" \
	--profile web --store "$tmp/odd:/a.db" --quiet-time 0 --quiet-calls 0 --unseen 1

change() { # FILE SQL: a copy of the store that was tampered with
	cp "$store" "$1" && python3 -c 'import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.executescript(sys.argv[2])' "$1" "$2"
}
change "$tmp/newer.db" "PRAGMA user_version = 99"
fails "a newer store" "$open '$tmp/newer.db': a newer bosc wrote it (version 99 of its tables, this bosc knows 8)" \
	profile list --store "$tmp/newer.db"
check "… with a cure" grep -q "^try: the newer bosc" "$tmp/err"
change "$tmp/foreign.db" "PRAGMA application_id = 7"
fails "another program's database" "$open '$tmp/foreign.db': it is the database of another program" \
	profile list --store "$tmp/foreign.db"
change "$tmp/changed.db" "UPDATE run SET content = zeroblob(length(content))"
fails "a profile that was tampered with" \
	"profile 'other' in '$tmp/changed.db' is damaged: a run is not as it was saved" \
	profile show other --store "$tmp/changed.db"
check "… with a cure" grep -q "^try: remove this profile and learn it again" "$tmp/err"
# One that is damaged is named, and the others are listed all the same.
change "$tmp/entry.db" "INSERT INTO profile SELECT 9, 'broken', version, 99, why, image, digest, saved_s, \"window\",
	windows, bags, runs FROM profile"
listed() { # OPTION…
	run 1 "$bosc" profile list --store "$tmp/entry.db" "$@" || return 1
	grep -q other "$tmp/out" && ! grep -q broken "$tmp/out" &&
		grep -qx "bosc: profile 'broken' is damaged: its entry holds a value that no profile has" "$tmp/err" &&
		grep -qx "bosc: damaged: 1 of the store's 2 profiles; the others are listed" "$tmp/err" && return
	cat "$tmp/out" "$tmp/err"
	return 1
}
check "a damaged entry does not end the list" listed
check "… nor as JSON" listed --json
check "… and can be removed" run 0 "$bosc" profile remove broken --store "$tmp/entry.db"
check "… after which all is well" run 0 "$bosc" profile list --store "$tmp/entry.db"
# A store that was cut or overwritten is refused, or what it still tells is right.
"$bosc" profile export other --store "$store" >"$tmp/whole.json"
size=$(stat -c %s "$store")
damaged() { # FILE
	local status=0

	"$bosc" profile export other --store "$1" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	[ "$status" = 0 ] && { cmp "$tmp/out" "$tmp/whole.json"; return; }
	[ "$status" = 1 ] && [ ! -s "$tmp/out" ] && is_message "$tmp/err" && return
	echo "status $status"
	cat "$tmp/err"
	return 1
}
for part in 1 50 100 1000 4096 5000 10000 $((size / 2)) $((size - 1)); do
	head -c "$part" "$store" >"$tmp/cut.db"
	check "a store cut after $part bytes" damaged "$tmp/cut.db"
done
for ((at = 100; at < size; at += size / 12)); do
	cp "$store" "$tmp/scratched.db"
	printf 'scratched all over, for a while' |
		dd of="$tmp/scratched.db" bs=1 seek="$at" conv=notrunc status=none
	check "a store overwritten at byte $at" damaged "$tmp/scratched.db"
done

# Without privilege: nothing of it hangs, and each says which power is missing.
if [ "$(id -u)" != 0 ]; then
	skip "live commands without privilege" "needs root to give it up"
else
	# Nobody must be able to reach the program and the folder.
	chmod 755 "$tmp"
	mkdir "$tmp/open" && chmod 777 "$tmp/open"
	cp "$bosc" "$tmp/open/bosc"
	cp "$store" "$tmp/open/store.db" && chown -R 65534 "$tmp/open"
	chmod 600 "$store"
	nobody() {
		timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
			--bounding-set=-all --inh-caps=-all "$tmp/open/bosc" "$@"
	}
	powerless() { # ARGUMENT…
		run 1 nobody "$@" && [ ! -s "$tmp/out" ] && is_message "$tmp/err" &&
			grep -qE "^try: .*CAP_.*; 'bosc status' says more$|Permission denied$" "$tmp/err"
	}
	for words in "-lc web" "learn -t redis" "learn --all" "learn -- true" "learn -p $$" \
		"monitor -t other" "-m -t other"; do
		# shellcheck disable=SC2086 # several words
		check "bosc $words without privilege fails" powerless $words --store "$tmp/open/store.db"
	done
	check "bosc record without privilege fails" powerless record -t redis -o "$tmp/open/record.bsc"
	check "… and leaves no file" [ ! -e "$tmp/open/record.bsc" ]
	check "a store without permission" says 1 "$open '$store': Permission denied" \
		nobody profile list --store "$store"
	check "a folder without permission" \
		says 1 "cannot make profile store '$tmp/new.db': Permission denied" \
		nobody learn --trace "$tmp/normal.bsc" --profile web --store "$tmp/new.db"
	check "traces need no privilege" run 0 nobody learn --trace "$tmp/normal.bsc" --profile web \
		--store "$tmp/open/store.db"
fi

tap_end
