#!/bin/bash
# red-run.sh WORKFLOW URL: say in an issue that a run of this workflow is red: in the one
# that is open, else in a new one. Needs gh.
set -euo pipefail
title="Red: $1" text="Red: $2"
number=$(gh issue list --state open --search "in:title \"$title\"" --json number --jq '.[0].number // ""')
if [ -n "$number" ]; then
  gh issue comment "$number" --body "$text"
else
  gh issue create --title "$title" --body "$text"
fi
