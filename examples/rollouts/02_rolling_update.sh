#!/usr/bin/env bash
set -euo pipefail
NAMESPACE=overview-rollouts

kubectl -n "$NAMESPACE" set image deployment/web \
  server=registry.k8s.io/e2e-test-images/agnhost:2.66.1
#> deployment.apps/web image updated

# A second request, where the program sends one.
kubectl -n "$NAMESPACE" annotate deployment/web --overwrite \
  kubernetes.io/change-cause="agnhost 2.66.1"
#> deployment.apps/web annotated

# The last of the lines that it prints while it waits.
kubectl -n "$NAMESPACE" rollout status deployment/web --timeout=120s | tail -n 1
#> deployment "web" successfully rolled out
