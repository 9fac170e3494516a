#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A PostgreSQL server for a test, from Debian's package, in a folder of the test's own.
#
#     tests/postgres.sh make DIR           its files, with a superuser bosc and a role locked, whose
#                                          password is "secret"; 77: it is not installed
#     tests/postgres.sh tls DIR ADDRESS…   gives it a certificate of these, to be checked by DIR/root.crt;
#                                          77: there is no openssl
#     tests/postgres.sh start DIR PID      prints its port; it ends with the process PID at the latest
#     tests/postgres.sh stop|kill DIR      in good order, or by SIGKILL
#
# It listens on 127.0.0.1, or on $LISTEN, and at a socket in DIR. Its files are lost with the machine
# unless $FSYNC is on.
set -euo pipefail
action=$1 dir=$(realpath -m "$2")
[[ $dir == /tmp/* ]] || { echo "postgres.sh: '$dir' is not below /tmp" >&2; exit 2; }
bin=$(find /usr/lib/postgresql/*/bin -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "postgres.sh: there is no PostgreSQL server" >&2; exit 77; }

# The server refuses to be root.
as_user() {
	local user=postgres

	if [ "$(id -u)" != 0 ]; then
		"$@"
		return
	fi
	id -u "$user" >/dev/null 2>&1 || user=nobody
	setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"
}

server_pid() {
	head -n 1 "$dir/data/postmaster.pid" 2>/dev/null
}

make_files() {
	mkdir -p "$dir"
	chmod 0755 "$dir"
	[ "$(id -u)" != 0 ] || chown "$(as_user id -u):$(as_user id -g)" "$dir"
	cd "$dir"
	as_user "$bin/initdb" -D data -U bosc -A trust -E UTF8 --locale=C --no-sync >initdb.log 2>&1 || {
		cat initdb.log >&2
		exit 1
	}
	as_user tee data/pg_hba.conf >/dev/null <<-END
		local all all trust
		host all locked all scram-sha-256
		host all bosc all trust
		host all reader all trust
	END
	printf '%s\n' "CREATE ROLE locked LOGIN PASSWORD 'secret'" "CREATE ROLE reader LOGIN" |
		as_user "$bin/postgres" --single -D data postgres >setup.log 2>&1
}

certify() { # ADDRESS…
	local names=("${@/#/IP:}") key=$dir/data/server.key

	command -v openssl >/dev/null || exit 77
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=server -keyout "$key" -out "$dir/root.crt" \
		-addext "subjectAltName=$(IFS=,; echo "${names[*]}")" 2>"$dir/openssl.log" || exit 77
	cp "$dir/root.crt" "$dir/data/server.crt"
	chown --reference="$dir/data" "$key" "$dir/data/server.crt"
	chmod 0600 "$key"
	echo "ssl = on" >>"$dir/data/postgresql.conf"
}

# Waits until it answers, or for the reason why it never will.
await() { # PID PORT
	for _ in $(seq 150); do
		"$bin/pg_isready" -q -h "$dir" -p "$2" && return 0
		kill -0 "$1" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}

# One that was killed leaves children, which end soon; until then its memory cannot be taken.
start() { # PID
	local port pid

	[ -s "$dir/port" ] || python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' >"$dir/port"
	port=$(cat "$dir/port")
	for _ in $(seq 20); do
		as_user setsid "$bin/postgres" -D "$dir/data" -p "$port" -k "$dir" -c fsync="${FSYNC:-off}" \
			-c listen_addresses="${LISTEN:-127.0.0.1}" -c max_connections=150 \
			</dev/null >>"$dir/log" 2>&1 &
		pid=$!
		await "$pid" "$port" && break
		kill -9 "$pid" 2>/dev/null || true
		sleep 0.5
	done
	"$bin/pg_isready" -q -h "$dir" -p "$port" || { tail -n 5 "$dir/log" >&2; exit 1; }
	pid=$(server_pid)
	(
		while kill -0 "$1" 2>/dev/null && kill -0 "$pid" 2>/dev/null; do sleep 0.5; done
		kill -QUIT "$pid" 2>/dev/null
	) </dev/null >/dev/null 2>&1 &
	echo "$port"
}

stop() { # SIGNAL
	local pid

	pid=$(server_pid) || return 0
	[ -n "$pid" ] || return 0
	kill "-$1" "$pid" 2>/dev/null || return 0
	while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
}

case $action in
make) make_files ;;
tls) certify "${@:3}" ;;
start) start "$3" ;;
stop) stop INT ;;
kill) stop KILL ;;
esac
