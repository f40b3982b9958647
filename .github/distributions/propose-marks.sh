#!/bin/bash
# propose-marks.sh REMOTE: push what has changed in docs/distributions.yaml to the branch
# "distribution-marks" there, and open a pull request unless one is open. Needs gh.
set -euo pipefail
remote=$1 branch=distribution-marks
if git diff --quiet -- docs/distributions.yaml; then
  echo "propose-marks: nothing was run, so there is nothing to propose" >&2
  exit 0
fi
git switch --quiet --force-create "$branch"
git -c user.name="github-actions[bot]" \
  -c user.email="41898282+github-actions[bot]@users.noreply.github.com" \
  commit --quiet --message "Mark where the examples were run" -- docs/distributions.yaml
git push --quiet --force "$remote" "HEAD:$branch"
if [ "$(gh pr list --head "$branch" --state open --json number --jq length)" = 0 ]; then
  gh pr create --head "$branch" --title "Mark where the examples were run" \
    --body "From the workflow distributions: each mark links to its run."
fi
