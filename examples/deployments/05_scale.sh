#!/usr/bin/env bash
set -euo pipefail
NAMESPACE=overview-deployments

kubectl -n "$NAMESPACE" scale deployment/web --replicas=3
#> deployment.apps/web scaled

# The last of the lines that it prints while it waits.
kubectl -n "$NAMESPACE" rollout status deployment/web --timeout=60s | tail -n 1
#> deployment "web" successfully rolled out

# If somebody else has changed the number meanwhile, it fails, and changes nothing.
kubectl -n "$NAMESPACE" scale deployment/web --current-replicas=3 --replicas=2
#> deployment.apps/web scaled
