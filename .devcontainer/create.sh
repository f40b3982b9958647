#!/bin/bash
# What a new dev container lacks: uv, this project's packages, what a sandbox is made of.
# devcontainer.json puts .uv/bin on the PATH, and start.sh starts the sandbox after this.
set -euo pipefail
cd "$(dirname "$0")/.."
make .uv/bin/uv
uv=$PWD/.uv/bin/uv
"$uv" sync --locked
"$uv" run --locked sandbox fetch
# What Docker runs outlives the container in a volume, and all else that is known of a
# sandbox goes with it: the nodes of an earlier one would be in the way of a new one.
if left=$(timeout 60 docker ps --all --quiet --filter name=^sandbox-) && [ -n "$left" ]; then
  # shellcheck disable=SC2086  # one word for each container
  docker rm --force --volumes $left >/dev/null
fi
# New terminals reach the sandbox that is up by then; where there is none, they say so.
# shellcheck disable=SC2016  # for the terminal to expand
printf 'eval "$(%q run --locked --project %q sandbox env)"\n' "$uv" "$PWD" >>~/.bashrc
