#!/usr/bin/env bash
# Usage: deploy/release/licences.sh
#
# Prints the licences of everything that is compiled into kaisen: each module's, those of the packages in it that have one
# of their own, and Go's. A module without a licence ends it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# licences FOLDER...: the files with a licence or a notice in each.
licences() {
	find "$@" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' \) ! -iname '*.go' | LC_ALL=C sort -u
}

# print NAME VERSION FILE...
print() {
	printf '\n%s\n%s %s\n' "$(printf '=%.0s' {1..80})" "$1" "$2"
	shift 2
	for file; do
		printf '\n'
		cat "$file"
	done
}

echo "kaisen is under the Apache License 2.0. What is compiled into it besides is under the licences below."
print go "$(go env GOVERSION)" "$(go env GOROOT)/LICENSE"
export CGO_ENABLED=0 GOOS=linux
go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}} {{$.Dir}}{{end}}{{end}}' ./cmd/kaisen |
	LC_ALL=C sort -u |
	awk '$1 != last { printf "%s%s %s %s", (last ? "\n" : ""), $1, $2, $3; last = $1 } $4 != $3 { printf " %s", $4 } END { print "" }' |
	while read -r path version folders; do
		# shellcheck disable=SC2086 # folders of the module cache have no blanks
		mapfile -t files < <(licences $folders)
		[ ${#files[@]} -gt 0 ] || { echo "licences.sh: $path $version has no licence" >&2 && exit 1; }
		print "$path" "$version" "${files[@]}"
	done
