#!/usr/bin/env bash
# Usage: deploy/compose/secrets.sh < file-with-the-client-secret
#
# Writes the files of deploy/compose/secrets: the carrier's client secret from the standard input, and passwords made
# up for everything that only talks among itself. A file that is there stays as it is.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")}"

mkdir -p secrets
# The containers' users have other numbers than anyone here, so the files are readable; the folder is not.
chmod 0700 secrets

put() {
	local content
	content=$(cat)
	[ -e "secrets/$1" ] && return
	[ -n "$content" ] || { echo "secrets.sh: nothing to write into secrets/$1" >&2 && return 1; }
	(umask 0333 && printf '%s\n' "$content" >"secrets/$1")
	echo "secrets.sh: wrote secrets/$1" >&2
}

made_up() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

if [ ! -e secrets/client-secret ]; then
	put client-secret
fi
made_up | put clickhouse-password
echo "clickhouse://kaisen:$(<secrets/clickhouse-password)@clickhouse:9000/kaisen" | put clickhouse-dsn
made_up | put grafana-clickhouse-password
made_up | put grafana-password
