#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# bosc eval: on recordings made up here, on the redis recordings and on ADFA-LD where they are, and
# on what is no data set at all.
. "$(dirname "$0")/lab.sh"

evaluate() { # OPTION…: its figures into figures.json
	"$bosc" eval --json "$@" >figures.json 2>err
}
figures() { # EXPRESSION…: with e the evaluation, d its detectors by word, r its recordings by file
	python3 - "$@" <<'END'
import json, os, sys
e = json.load(open("figures.json"))["eval"]
names = {"e": e, "d": {one["detector"]: one for one in e["detectors"]},
         "r": {os.path.basename(one["name"]): one for one in e["recordings"]}}
names["rate"] = lambda word, percent: [one for one in names["d"][word]["scores"]["detection"]
                                       if abs(one["false_positive_rate"] - percent / 100) < 1e-9][0]["detection_rate"]
for expression in sys.argv[1:]:
    assert eval(expression, names), (expression, json.dumps(names["d"].get("bosc"))[:600])
END
}
refused() { # SENTENCE OPTION…
	"$bosc" eval "${@:2}" >out 2>err
	[ $? = 1 ] && grep -qF "$1" err && [ ! -s out ]
}

train=(--train normal1.bsc normal2.bsc normal3.bsc)
check "recordings are evaluated" evaluate "${train[@]}" --normal more.bsc --attack attack.bsc
check "… the attack is caught, normal work is not" figures \
	'r["attack.bsc"]["alarms"]' 'not r["more.bsc"]["alarms"]' 'e["profile"]["bags"] > 0'
check "… by all detectors that there are" figures 'len(d) == 8' '"paper" in d and "thread" in d'
check "a recording that is named as two kinds is refused" refused "normal1.bsc' is named with --train and with --normal" \
	"${train[@]}" --normal more.bsc normal1.bsc
cp normal1.bsc copy.bsc
check "a copy of a recording of the training is not judged" evaluate "${train[@]}" --normal more.bsc copy.bsc --attack attack.bsc
check "… which is said" figures 'not r["copy.bsc"]["judged"]' 'r["more.bsc"]["judged"]'
check "… unless it is to count" evaluate --count-seen "${train[@]}" --normal copy.bsc --attack attack.bsc
check "… and then it does" figures 'r["copy.bsc"]["judged"]'
check "a page is written" "$bosc" eval "${train[@]}" --normal more.bsc --attack attack.bsc --html page.html
check "… that is well-formed and asks no network" python3 -c '
import re, xml.dom.minidom
text = open("page.html").read()
xml.dom.minidom.parseString(re.sub("(?i)<!doctype[^>]*>", "", text))
assert "<svg" in text and not re.search("(src|href)=.https?:", text)'
check "the text has the figures" grep -q "^bosc .*1 of 1" <("$bosc" eval "${train[@]}" --normal more.bsc --attack attack.bsc)

mkdir -p ld/Training_Data_Master ld/Validation_Data_Master ld/Attack_Data_Master/Adduser_1
for i in 1 2 3; do
	for _ in $(seq 60); do printf '%s ' 3 4 5 $i 6 3 3 4; done >ld/Training_Data_Master/t$i.txt
	for _ in $(seq 50); do printf '%s ' 3 4 5 $i 6 3 4; done >ld/Validation_Data_Master/v$i.txt
done
for _ in $(seq 40); do printf '%s ' 11 102 3 195; done >ld/Attack_Data_Master/Adduser_1/a.txt
check "a folder in the layout of ADFA-LD says what it is" evaluate ld
check "… with its families" figures 'r["a.txt"]["family"] == "Adduser"' 'len(r) == 7'

check "nothing to learn from is refused" refused "there is no recording to learn from" --normal more.bsc
check "nothing at all is wrong usage" run 2 "$bosc" eval
check "a folder of something else is refused" refused "$tmp/other" "$(mkdir -p other; echo x >other/readme.md; echo "$tmp/other")"
: >empty.bsc
check "an empty trace is refused" refused "empty.bsc" --train empty.bsc --normal more.bsc
printf '3 4\n' >few.txt
check "fewer calls than a window are judged" evaluate "${train[@]}" --normal few.txt --attack attack.bsc
"$root/tests/cli/make-trace" arm.bsc host=aarch64 normal=9:4000
check "another architecture is refused" refused "is of the architecture 'aarch64'" "${train[@]}" --normal arm.bsc
check "… in the training, too" refused "is of the architecture" "${train[@]}" arm.bsc --normal more.bsc
check "a page that cannot be written is said" run 1 "$bosc" eval "${train[@]}" --normal more.bsc --html none/page.html
check "… in a sentence" grep -q "none/page.html" err

shared=${BOSC_SHARED:-$root/../shared}
redis=$shared/data/redis-docker
if [ -d "$redis" ]; then
	check "redis is evaluated" evaluate "$redis" --train "$redis"/redis-normal{2,4,6}.bsc.xz
	check "… both attacks are caught, the module within 50 calls" figures \
		'd["bosc"]["alarms"]["caught"] == 2' \
		'r["redis-a02-module-exec.bsc.xz"]["detectors"]["bosc"]["latency_calls"] <= 50'
	check "… and nothing else is an alarm" figures 'd["bosc"]["alarms"]["false_alarms"] == 0'
else
	skip "redis is evaluated" "no recordings in ../shared"
fi
adfa=$shared/data/adfa-ld/ADFA-LD.zip
if [ -f "$adfa" ]; then
	unzip -q "$adfa" -d adfa
	check "ADFA-LD is evaluated as published" evaluate --count-seen adfa/*/
	check "… area under the curve and best F1" figures 'd["bosc"]["scores"]["auc"] >= .85' \
		'd["bosc"]["scores"]["best"]["f1"] >= .58'
	check "… detection at 1 and 5 %" figures 'rate("bosc", 1) >= .22' 'rate("bosc", 5) >= .32'
	check "… and the training's threshold lets little through" figures \
		'd["thread"]["alarms"]["false_positive_rate_grouped"] <= .015'
else
	skip "ADFA-LD is evaluated as published" "no ADFA-LD in ../shared"
fi
tap_end
