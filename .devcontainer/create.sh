#!/bin/bash
# What a new dev container lacks: uv, this project's packages, what a sandbox is made of.
# devcontainer.json puts .uv/bin on the PATH, and starts the sandbox after this.
set -euo pipefail
cd "$(dirname "$0")/.."
make .uv/bin/uv
uv=$PWD/.uv/bin/uv
"$uv" sync --locked
"$uv" run --locked sandbox fetch
# New terminals reach the sandbox that is up by then; where there is none, they say so.
# shellcheck disable=SC2016  # for the terminal to expand
printf 'eval "$(%q run --locked --project %q sandbox env)"\n' "$uv" "$PWD" >>~/.bashrc
