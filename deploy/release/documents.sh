#!/usr/bin/env bash
# Usage: deploy/release/documents.sh FOLDER PROGRAM
#
# Writes into FOLDER what PROGRAM is given along: man/, completion/, third-party-licences, changelog, README.md and
# runbooks/. Links of the documents lead to where the package puts what they mean; those to what it does not have become
# plain words. A program for another machine does not run here: then one is made that does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder=$1 program=$2

if ! "$program" version >/dev/null 2>&1; then
	program=$(mktemp)
	trap 'rm -f "$program"' EXIT
	env -u GOARCH -u GOOS CGO_ENABLED=0 go build -o "$program" ./cmd/kaisen
fi
"$program" manual "$folder/man"
mkdir -p "$folder/completion" "$folder/runbooks"
"$program" completion bash >"$folder/completion/kaisen.bash"
"$program" completion zsh >"$folder/completion/_kaisen"
"$program" completion fish >"$folder/completion/kaisen.fish"
deploy/release/licences.sh >"$folder/third-party-licences"
cp CHANGELOG.md "$folder/changelog"

# relink FROM TO: a document with the links of an installed one.
relink() {
	sed -E \
		-e 's#\]\((\.\./)?prometheus(/[^)]*)?\)#](/usr/share/kaisen/prometheus\2)#g' \
		-e 's#\]\((\.\./)?alertmanager(/[^)]*)?\)#](/usr/share/kaisen/alertmanager\2)#g' \
		-e 's#\]\(grafana/#](/usr/share/kaisen/grafana/#g' \
		-e 's#\]\(\.\./dashboards\)#](/usr/share/kaisen/grafana/dashboards)#g' \
		-e 's#\]\(\.\./schema/grants\.sql\)#](/usr/share/kaisen/grants.sql)#g' \
		-e 's#\]\(systemd/#](/usr/lib/systemd/system/#g' \
		-e 's#\[([^]]+)\]\((\.\./|compose/|docker/|helm/|debian/|release/)[^)]*\)#\1#g' \
		"$1" >"$2"
}
relink deploy/README.md "$folder/README.md"
for page in deploy/runbooks/*.md; do
	relink "$page" "$folder/runbooks/$(basename "$page")"
done
