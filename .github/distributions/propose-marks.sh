#!/bin/bash
# propose-marks.sh REMOTE: propose what has changed in facts/distributions.yaml there.
set -euo pipefail
exec "$(dirname "$0")/../propose.sh" "$1" distribution-marks "Mark where the examples were run" \
  "From the workflow distributions: each mark links to its run." facts/distributions.yaml
