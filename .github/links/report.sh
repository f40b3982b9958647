#!/bin/bash
# report.sh REPORT: keep one issue with the dead links of the site: open it, bring it up to
# date, or close it where there are none. Needs gh.
set -euo pipefail
report=$1 title="Dead links"
number=$(gh issue list --state open --search "in:title \"$title\"" --json number --jq '.[0].number // ""')
if ! grep -q '^Result *Error' "$report"; then
  [ -z "$number" ] || gh issue close "$number" --comment "Every link leads somewhere again."
elif [ -n "$number" ]; then
  gh issue edit "$number" --body-file "$report"
else
  gh issue create --title "$title" --body-file "$report"
fi
