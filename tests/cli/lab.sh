# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What the tests of learning and monitoring by recordings share: a folder to work in, a store, and
# the profile "server" of a small server that make-trace makes up.
. "$(dirname "$0")/../tap.sh"

store=$tmp/store.db
cd "$tmp" || exit 1

make_trace() { "$here/make-trace" "$@"; }
holds() { "$here/holds" "$@"; }
learn() { run 0 "$bosc" learn --store "$store" "$@"; }
monitor() { "$bosc" monitor --store "$store" --profile server "$@"; }
profile() { "$bosc" profile "$@" --store "$store"; }

# says SENTENCE: the last run said this, and perhaps a hint, at its end.
says() {
	grep -v "^try: " err | tail -n 1 | grep -qxF "bosc: $1" && return
	cat err
	return 1
}

# Training: three starts, as one alone says too little about the beginning.
for seed in 1 2 3; do make_trace "normal$seed.bsc" "normal=$seed:40000"; done
make_trace more.bsc normal=9:20000
make_trace attack.bsc normal=9:5000 call=101:3 exec=/bin/sh signal=11 mixed=4:400
