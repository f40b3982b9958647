#!/bin/bash
# The sandbox, each time the container starts. Docker starts meanwhile, and nothing waits
# for it (https://github.com/devcontainers/features/issues/671), so this does. Where it
# does not come up, a new sandbox is one on kwok.
set -euo pipefail
cd "$(dirname "$0")/.."
timeout 60 bash -c 'until docker version >/dev/null 2>&1; do sleep 1; done' ||
  echo "Docker did not start within a minute" >&2
uv run --locked sandbox up >/dev/null
