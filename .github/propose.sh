#!/bin/bash
# propose.sh REMOTE BRANCH TITLE BODY FILE...: push what has changed in these files to that
# branch there, and open a pull request unless one is open. Needs gh.
set -euo pipefail
remote=$1 branch=$2 title=$3 body=$4
shift 4
if git diff --quiet -- "$@"; then
  echo "propose: $* did not change, so there is nothing to propose" >&2
  exit 0
fi
git switch --quiet --force-create "$branch"
git -c user.name="github-actions[bot]" \
  -c user.email="41898282+github-actions[bot]@users.noreply.github.com" \
  commit --quiet --message "$title" -- "$@"
git push --quiet --force "$remote" "HEAD:$branch"
if [ "$(gh pr list --head "$branch" --state open --json number --jq length)" = 0 ]; then
  gh pr create --head "$branch" --title "$title" --body "$body"
fi
