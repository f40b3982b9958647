#!/bin/bash
# wait.sh CONTEXT: until the nodes are ready, every Deployment is available and CPU is
# measured, for ten minutes at most; then say what was seen last.
set -euo pipefail
context=$1
for ((turn = 1; turn <= 3; turn++)); do
  if kubectl --context "$context" wait nodes --all --for=condition=Ready --timeout=200s &&
    kubectl --context "$context" wait deployments --all --all-namespaces \
      --for=condition=Available --timeout=200s; then
    break
  fi
  [ "$turn" -lt 3 ] || exit 1
done
for ((second = 0; second < 180; second += 5)); do
  kubectl --context "$context" top nodes && exit 0
  sleep 5
done
echo "wait: $context measured no CPU in 180 s" >&2
exit 1
