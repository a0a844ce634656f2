#!/usr/bin/env bash
# Usage: deploy/debian/test.sh FOLDER
#
# Installs FOLDER/kaisen_*.deb and FOLDER/kaisen-engine_*.deb on a clean Debian that systemd has booted in a container of
# its own (systemd-nspawn, without a network), and lives through what a service lives through: test-inside.sh. It needs
# root, debootstrap and systemd-nspawn (apt-get install debootstrap systemd-container), and some 3 GB in TMPDIR.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(cd "$1" && pwd)
suite=bookworm

[ "$(id -u)" = 0 ] || { echo "test.sh: needs root, to make a container" >&2 && exit 1; }
for tool in debootstrap systemd-nspawn; do
	command -v "$tool" >/dev/null || { echo "test.sh: $tool is missing: apt-get install debootstrap systemd-container" >&2 && exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT

# A clean system, made once and copied for each run.
clean=${XDG_CACHE_HOME:-$HOME/.cache}/kaisen/debian/$suite
if [ ! -e "$clean/etc/debian_version" ]; then
	echo "making a clean Debian $suite in $clean" >&2
	mirror=$(apt-cache policy debootstrap | awk '$2 ~ /^http/ { print $2; exit }')
	mkdir -p "$(dirname "$clean")"
	debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates,curl,procps "$suite" "$clean.new" "$mirror" >&2
	mv "$clean.new" "$clean"
fi
cp --archive --reflink=auto "$clean" "$work/debian"

newest() { find "$folder" -maxdepth 1 -name "$1" -printf '%T@ %p\n' | sort -n | tail -1 | cut -d ' ' -f 2-; }
mkdir "$work/debian/opt/test"
cp "$(newest 'kaisen_*.deb')" "$work/debian/opt/test/kaisen.deb"
cp "$(newest 'kaisen-engine_*.deb')" "$work/debian/opt/test/kaisen-engine.deb"
cp "$here/test-inside.sh" "$work/debian/opt/test/"
cat >"$work/debian/etc/systemd/system/test.service" <<-'UNIT'
	[Unit]
	After=multi-user.target
	SuccessAction=exit
	FailureAction=exit
	[Service]
	Type=oneshot
	ExecStart=/opt/test/test-inside.sh
	StandardOutput=file:/opt/test/out
	StandardError=inherit
	TimeoutStartSec=10min
	[Install]
	WantedBy=default.target
UNIT
systemctl --root="$work/debian" enable --quiet test.service

echo "booting it" >&2
systemd-nspawn --quiet --register=no --keep-unit --private-network --boot --directory="$work/debian" >"$work/console" 2>&1 </dev/null || true
cat "$work/debian/opt/test/out"
if [ ! -e "$work/debian/opt/test/passed" ]; then
	echo "test.sh: not passed; the container's console ended with:" >&2
	tail -n 5 "$work/console" >&2
	exit 1
fi
