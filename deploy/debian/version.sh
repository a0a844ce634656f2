#!/usr/bin/env bash
# Usage: deploy/debian/version.sh VERSION
#
# Tells what dpkg calls a version of kaisen's: v1.2 is 1.2, and what has no tag yet comes before all that has, by the day
# of its commit.
set -euo pipefail

version=${1#v}
if [[ ! $version =~ ^[0-9]+\. ]]; then
	version=0~$(date --utc --date "@${SOURCE_DATE_EPOCH:-0}" +%Y%m%d).$version
fi
echo "${version//-/+}" # a dash would begin a Debian revision
