#!/usr/bin/env bash
# Usage: deploy/release/version.sh
#
# Tells the version of this checkout: its tag (v1.2.3), or the last one and how many commits there were since
# (v1.2.3-4-gcafe123), counted from the first commit where there is no tag yet (v0.0.0-1234-gcafe123). A folder that is no
# checkout is "unknown".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if tagged=$(git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null); then
	echo "$tagged"
elif commit=$(git describe --always --dirty --abbrev=7 2>/dev/null); then
	echo "v0.0.0-$(git rev-list --count HEAD)-g$commit"
else
	echo unknown
fi
