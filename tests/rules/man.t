#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The manual page and the program know the same commands, options and JSON keys.
. "$(dirname "$0")/../tap.sh"
cd "$root" || exit 1
page=man/bosc.8

# The options of one command, or of the original form, as --help lists them.
listed() { # COMMAND
	"$bosc" ${1:+"$1"} --help | sed -n 's/^  \(-.,\|   \) --\([a-z-]*\) .*/\2/p'
}
letters() {
	"$bosc" ${1:+"$1"} --help | sed -n 's/^  -\(.\), --\([a-z-]*\) .*/\1 \2/p'
}
for command in "" learn monitor record eval profile alarms status; do
	listed "$command"
done | sort -u >"$tmp/options"
for command in "" learn monitor record eval profile alarms status; do
	letters "$command"
done | sort -u >"$tmp/letters"
"$bosc" --help | sed -nE 's/^bosc ([a-z]+) (TARGET|list|\[SET|\[OPTION).*/\1/p' | sort -u >"$tmp/commands"
"$bosc" --help | sed -n 's/^bosc profile \([a-z|]*\) .*/\1/p' | tr '|' '\n' | sort -u >"$tmp/verbs"

# An entry is ".It Fl c , Fl -container Ar ID|NAME".
section() { # NAME: the lines of a section
	sed -n "/^\.Sh $1\$/,/^\.Sh /p" "$page"
}
{ section TARGETS; section OPTIONS; } | grep '^\.It Fl' >"$tmp/entries"
grep -oE 'Fl -[a-z-]+' "$tmp/entries" | sed 's/^Fl -//' | sort >"$tmp/man-options"
sed -nE 's/^\.It Fl ([a-z]) , Fl -([a-z-]+).*/\1 \2/p' "$tmp/entries" | sort >"$tmp/man-letters"
section DESCRIPTION | sed -nE 's/^\.It Cm ([a-z]+)$/\1/p' | sort >"$tmp/man-words"

check "there are options to compare" [ "$(wc -l <"$tmp/options")" -gt 15 ]
check "the page has the options of --help, and no others" diff "$tmp/options" "$tmp/man-options"
check "… with their letters" diff "$tmp/letters" "$tmp/man-letters"
check "the page has the commands of --help, and no others" \
	diff <(sort "$tmp/commands" "$tmp/verbs") "$tmp/man-words"
mentioned() { # every option that the page speaks of exists
	grep -oE 'Fl -[a-z-]+' "$page" | sed 's/^Fl -//' | sort -u | comm -23 - "$tmp/options" >"$tmp/odd"
	[ ! -s "$tmp/odd" ] || { cat "$tmp/odd"; return 1; }
}
check "… and speaks of no others" mentioned
arguments() { # "-c, --container ID|NAME" takes what the page says
	local option argument failed=0

	for command in "" learn monitor record eval profile alarms status; do
		"$bosc" ${command:+"$command"} --help
	done | sed -nE 's/^  (-.,|   ) --([a-z-]+) ([A-Z][A-Z|]*…?) .*/\2 \3/p' | sort -u >"$tmp/takes"
	while read -r option argument; do
		grep -qE "Fl -$option Ar ${argument//|/\\|}( |\$)" <(sed 's/ \.\.\.$/…/' "$tmp/entries") ||
			{ echo "--$option $argument"; failed=1; }
	done <"$tmp/takes"
	return "$failed"
}
check "… and their arguments" arguments
defaults() { # each default that --help names stands in the page
	local default failed=0

	while read -r default; do
		grep -qF -- "$default" <(section OPTIONS) || { echo "$default"; failed=1; }
	done < <(for command in learn monitor; do "$bosc" "$command" --help; done |
		sed -nE 's/.*\(default: ([^ )]+)\)$/\1/p' | sort -u)
	return "$failed"
}
check "… and their defaults" defaults

# The keys of JSON: those of the page by level of list, those of the program from a golden answer.
keys() { # SUBSECTION DEPTH [ENTRY]: the entries at this depth, below this one
	awk -v wanted="$1" -v depth="$2" -v below="${3:-}" '
		/^\.S[hs] / { inside = ($0 == ".Ss " wanted); level = 0 }
		!inside { next }
		/^\.Bl/ { level++ }
		/^\.El/ { level-- }
		/^\.It Li / && level == 1 { entry = $3 }
		/^\.It Li / && level == depth && (depth == 1 || entry == below) { print $3 }' "$page" | sort
}
written() { # FILE EXPRESSION: the keys of an object of the answer
	python3 -c 'import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
print("\n".join(sorted(eval(sys.argv[2], {"lines": lines}))))' "$@"
}
golden=tests/golden
check "the page has the keys of an alarm" \
	diff <(written $golden/attack.json 'lines[0]') <(keys Alarms 1)
check "… and of its process" \
	diff <(written $golden/attack.json 'lines[0]["process"]') <(keys Alarms 2 process)
check "… and of the nearest bag" \
	diff <(written $golden/attack.json 'lines[0]["nearest"]') <(keys Alarms 2 nearest)
check "… and of its container" diff \
	<(sed -n '/^json_t \*sink_json_container(/,/^}/s/.*object, "\([a-z_]*\)".*/\1/p' src/sink_json.c | sort) \
	<(keys Alarms 2 container)
check "… and of a newer profile" diff \
	<(sed -n '/^static int json_reload(/,/^}/s/.*object, "\([a-z_]*\)".*/\1/p' src/sink_json.c | sort) \
	<(keys "A newer profile" 1)
check "the page has the keys of a summary" \
	diff <(written $golden/attack.json 'lines[-1]["summary"]') <(keys "The end of monitoring" 1)
check "the page has the keys of what was learnt" \
	diff <(written $golden/learn.json 'lines[0]["learn"]') <(keys "The end of learning" 1)
"$here/../cli/make-trace" "$tmp/normal.bsc" normal=1:1000
run 0 "$bosc" learn --store "$tmp/store.db" --profile p --trace "$tmp/normal.bsc" >/dev/null
run 0 "$bosc" profile list --json --store "$tmp/store.db" >/dev/null
check "the page has the keys of a list of profiles" \
	diff <(written "$tmp/out" 'lines[0]') <(keys "The list of profiles" 1)
run 0 "$bosc" profile diff p p --json --store "$tmp/store.db" >/dev/null
check "the page has the keys of what two profiles differ in" \
	diff <(written "$tmp/out" 'lines[0]') <(keys "What two profiles differ in" 1)
check "… and of a side" \
	diff <(written "$tmp/out" 'lines[0]["old"]') <(keys "What two profiles differ in" 2 old)
"$here/../cli/make-trace" "$tmp/mixed.bsc" mixed=1:1000
run 0 "$bosc" learn --method paper --store "$tmp/store.db" --profile p --trace "$tmp/normal.bsc" >/dev/null
run 3 "$bosc" monitor --method paper --store "$tmp/store.db" --profile p --json \
	--trace "$tmp/mixed.bsc" >/dev/null
check "the page has the keys of an alarm of the paper's method" \
	diff <(written "$tmp/out" 'lines[0]') <(keys "Alarms of the paper's method" 1)
run 3 "$bosc" monitor --keep-alarms --store "$tmp/store.db" --profile p --trace "$tmp/mixed.bsc" >/dev/null
run 0 "$bosc" alarms --json --store "$tmp/store.db" >/dev/null
check "the page has the keys of an alarm that was kept" diff \
	<(written "$tmp/out" '[key for key in lines[0] if key in ("id", "host")]') \
	<({ keys "Alarms that were kept" 1; } | sort)
check "… which are those of an alarm as well" diff <(written "$tmp/out" 'lines[0]') \
	<({ keys "Alarms that were kept" 1; keys Alarms 1; } | sort)
DOCKER_HOST=tcp://nowhere "$bosc" status --json --store "$tmp/store.db" >"$tmp/status"
check "the page has the keys of a feature" diff \
	<(written "$tmp/status" '{key for line in lines if "feature" in line for key in line}') \
	<(keys "The status" 1)
summary_explained() {
	local key

	while read -r key; do
		sed -n '/^\.Ss The status/,/^\.Ss A profile/p' "$page" | grep -qE "^\.Li $key( \.)?\$" ||
			{ echo "$key"; return 1; }
	done < <(written "$tmp/status" '[key for key in lines[-1]["summary"]] + ["summary"]')
}
check "… and of their summary" summary_explained
explained() { # each key of an evaluation stands in backquotes in its document
	local key failed=0

	while read -r key; do
		grep -qE "$quote([a-z_]+\\.)?$key$quote" docs/eval-json.md || { echo "$key"; failed=1; }
	done < <(grep -oE '(object|inner), "[a-z_0-9]+"' src/eval_json.c | sed 's/.*"\(.*\)"/\1/' | sort -u)
	return "$failed"
}
quote=$'\x60'
check "docs/eval-json.md has the keys of an evaluation" explained
shown() { # each key of a profile that is shown stands in backquotes in its document
	local key failed=0

	written "$tmp/out" '{*lines[0], *lines[0]["limits"], *lines[0]["execs"][0], *lines[0]["runs"][0],
		*lines[0]["parts"][0], *lines[0]["bags"][0]}' >"$tmp/keys" || return 1
	while read -r key; do
		grep -qF "$quote$key$quote" docs/profile-json.md || { echo "$key"; failed=1; }
	done <"$tmp/keys"
	return "$failed"
}
run 0 "$bosc" profile show p --json --store "$tmp/store.db" >/dev/null
check "docs/profile-json.md has the keys of a profile that is shown" shown
words() { # of the rules
	sed -nE 's/^[[:space:]]*\[RULE_[A-Z_]*\] = \{ "[^"]*", "([a-z-]+)", .*/\1/p' src/alarm.c | sort
}
check "the page has the rules" \
	diff <(words) <(section RULES | sed -nE 's/^\.It Li ([a-z-]+)$/\1/p' | sort)

if command -v mandoc >/dev/null; then
	check "the page is well made" mandoc -T lint -W warning "$page"
elif command -v groff >/dev/null; then
	wellformed() {
		groff -mandoc -ww -z "$page" 2>&1 | tee "$tmp/groff"
		[ ! -s "$tmp/groff" ]
	}
	check "the page is well made" wellformed
else
	skip "the page is well made" "there is neither mandoc nor groff"
fi

tap_end
