#!/usr/bin/env bash
# Usage: deploy/debian/build.sh FOLDER VERSION [ENGINE]
#
# Makes kaisen_VERSION_ARCH.deb in FOLDER, out of the program FOLDER/kaisen; with ENGINE, a libchdb.so, the package
# kaisen-engine instead. The same commit makes the same bytes, wherever and whenever. It is what `make deb` runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# v2.46 and later need modules that not every mirror has.
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2

folder=$1 version=$2
STAGE=$(mktemp -d)
trap 'rm -rf "$STAGE"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat --format %Y go.mod)
ARCH=$(go env GOARCH)
export SOURCE_DATE_EPOCH
DEB_VERSION=$(deploy/debian/version.sh "$version")
export STAGE ARCH DEB_VERSION

package() {
	go run "$nfpm" package --config "$1" --packager deb --target "$folder/" >&2
}

if [ -n "${3:-}" ]; then
	export ENGINE=$3
	package deploy/nfpm-engine.yaml
	exit
fi
cp "$folder/kaisen" "$STAGE/kaisen"
"$STAGE/kaisen" manual "$STAGE/man"
gzip --best --no-name "$STAGE"/man/*
mkdir "$STAGE/completion"
"$STAGE/kaisen" completion bash >"$STAGE/completion/kaisen.bash"
"$STAGE/kaisen" completion zsh >"$STAGE/completion/_kaisen"
"$STAGE/kaisen" completion fish >"$STAGE/completion/kaisen.fish"
package deploy/nfpm.yaml
