#!/usr/bin/env bash
# Usage: deploy/release/build.sh FOLDER VERSION REVISION [ENGINE]
#
# Makes a release in FOLDER: the program with its documents for each platform, Debian's packages, the contexts of the
# container images, the chart, a bill of materials for each program, and SHA256SUMS. With ENGINE, a libchdb.so for
# linux/amd64, also what has the embedded ClickHouse. The same commit makes the same bytes. It is what `make release` runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

helm=helm.sh/helm/v3/cmd/helm@v3.22.0
cyclonedx=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0
read -ra platforms <<<"${PLATFORMS:-linux/amd64 linux/arm64 darwin/arm64 windows/amd64}"

mkdir -p "$1"
folder=$(cd "$1" && pwd) tag=$2 revision=$3 engine=${4:-}
version=${tag#v}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat --format %Y go.mod)
export SOURCE_DATE_EPOCH CGO_ENABLED=0
unset GOOS GOARCH

# pack NAME FOLDER WHAT: a tarball of WHAT in FOLDER, which only depends on what is in it.
pack() {
	tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
		-C "$2" -cf - "$3" | gzip --best --no-name >"$folder/$1"
}

# image NAME FOLDER STAGE: what `docker build - <NAME` needs to make an image of programs that are there already: the same stages
# as deploy/docker/Dockerfile has, without those that compile and fetch.
image() {
	sed -n -e "s#--from=build \(--chown=[^ ]* --chmod=[^ ]* \)\?/out/#\1#" -e 's#--from=fetch \(--chmod=[^ ]* \)\?/engine/#\1#' \
		-e '/^FROM gcr.io/,/^FROM base AS engine/ { /^FROM base AS engine/!p }' deploy/docker/Dockerfile >"$2/Dockerfile"
	if [ "$3" = engine ]; then
		sed -n -e 's#--from=fetch \(--chmod=[^ ]* \)\?/engine/#\1#' -e '/^FROM base AS engine/,/^ENV/p' deploy/docker/Dockerfile >>"$2/Dockerfile"
	fi
	mkdir -p "$2/data"
	pack "$1" "$2" .
}

deploy/release/documents.sh "$work" /nowhere
for platform in "${platforms[@]}"; do
	export GOOS=${platform%/*} GOARCH=${platform#*/}
	name=kaisen_${version}_${GOOS}_$GOARCH
	tree=$work/$name
	mkdir -p "$tree"
	suffix=$(go env GOEXE)
	go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$tag -X main.revision=$revision" -o "$tree/kaisen$suffix" ./cmd/kaisen
	(unset GOOS GOARCH && go run "$cyclonedx" bin -json -noserial -version "$tag" -output "$folder/$name.sbom.json" "$tree/kaisen$suffix")
	cp -r LICENSE "$work/third-party-licences" "$work/changelog" "$work/man" "$work/completion" deploy/kaisen.example.yaml "$tree"
	pack "$name.tar.gz" "$work" "$name"
	if [ "$GOOS" = linux ]; then
		mkdir "$work/deb"
		cp "$tree/kaisen" "$work/deb/"
		deploy/debian/build.sh "$work/deb" "$tag"
		mv "$work"/deb/*.deb "$folder/"
		context=$work/kaisen-image
		mkdir "$context"
		cp "$tree/kaisen" "$work/third-party-licences" "$context/"
		image "kaisen-image_${version}_$GOARCH.tar.gz" "$context" kaisen
		if [ -n "$engine" ] && [ "$GOARCH" = amd64 ]; then
			ln "$engine" "$context/libchdb.so" 2>/dev/null || cp "$engine" "$context/libchdb.so"
			image "kaisen-image-engine_${version}_$GOARCH.tar.gz" "$context" engine
			deploy/debian/build.sh "$folder" "$(sed -n 's/^const Version = "\(.*\)"/\1/p' internal/chdb/library.go)" "$engine"
		fi
		rm -r "$work/deb" "$context"
	fi
	unset GOOS GOARCH
done
# What is no tag is a version of the chart all the same: 0.0.0-12-gcafe is one before 0.0.0.
go run "$helm" package deploy/helm/kaisen --version "$version" --app-version "$version" --destination "$folder" >&2 2>/dev/null
(cd "$folder" && rm -f SHA256SUMS && sha256sum -- * >"$work/sums" && mv "$work/sums" SHA256SUMS)
