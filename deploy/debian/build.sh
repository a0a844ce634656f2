#!/usr/bin/env bash
# Usage: deploy/debian/build.sh FOLDER VERSION [ENGINE]
#
# Makes kaisen_VERSION_ARCH.deb in FOLDER, out of the program FOLDER/kaisen for GOARCH; with ENGINE, a libchdb.so, the
# package kaisen-engine instead. The same commit makes the same bytes, wherever and whenever. It is what `make deb` runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# v2.46 and later need modules that not every mirror has.
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2

folder=$1 version=$2
STAGE=$(mktemp -d)
trap 'rm -rf "$STAGE"' EXIT
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat --format %Y go.mod)}
ARCH=$(go env GOARCH)
export SOURCE_DATE_EPOCH
DEB_VERSION=$(deploy/debian/version.sh "$version")
export STAGE ARCH DEB_VERSION

package() {
	env -u GOARCH -u GOOS go run "$nfpm" package --config "$1" --packager deb --target "$folder/" >&2
}

if [ -n "${3:-}" ]; then
	export ENGINE=$3
	package deploy/nfpm-engine.yaml
	exit
fi
cp "$folder/kaisen" "$STAGE/kaisen"
deploy/release/documents.sh "$STAGE" "$STAGE/kaisen"
gzip --best --no-name "$STAGE"/man/* "$STAGE/third-party-licences" "$STAGE/changelog"
package deploy/nfpm.yaml
