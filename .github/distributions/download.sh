#!/bin/bash
# download.sh URL SUMS TARGET: fetch a file, and keep it only if its SHA-256 sum is right.
# SUMS is the sum. Or it's the address of lines "SHA-256  NAME", of which one is the
# file's, or of the sum alone.
set -euo pipefail
url=$1 sums=$2 target=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
curl --fail --silent --show-error --location --retry 3 --output "$folder/file" "$url"
if [[ $sums =~ ^[0-9a-f]{64}$ ]]; then
  sum=$sums
else
  curl --fail --silent --show-error --location --retry 3 --output "$folder/sums" "$sums"
  sum=$(awk -v name="${url##*/}" 'NF == 1 { print $1 } NF > 1 { n = split($NF, part, "/"); if (part[n] == name || part[n] == "*" name) print $1 }' "$folder/sums")
fi
if [ -z "$sum" ]; then
  echo "download: $sums has no sum of ${url##*/}" >&2
  exit 2
fi
if ! echo "$sum  $folder/file" | sha256sum --check --status; then
  echo "download: $url is not the file that $sums tells of: find out what has changed" >&2
  exit 2
fi
install -D -m 755 "$folder/file" "$target"
