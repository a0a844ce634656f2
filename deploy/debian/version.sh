#!/usr/bin/env bash
# Usage: deploy/debian/version.sh VERSION
#
# Tells what dpkg calls a version of kaisen's, so that a later one is always an upgrade: v1.2-rc1 comes before v1.2, and
# v1.2-4-gcafe, four commits later, after it. What is no version comes before all that are, by the day of its commit.
set -euo pipefail

version=${1#v}
if [[ ! $version =~ ^[0-9]+\. ]]; then
	version=0~$(date --utc --date "@${SOURCE_DATE_EPOCH:-0}" +%Y%m%d).$version
fi
# A tilde sorts before the end; a dash would begin a Debian revision.
sed -E 's/-(alpha|beta|pre|rc)/~\1/; s/-/+/g' <<<"$version"
