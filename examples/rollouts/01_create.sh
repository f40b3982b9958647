#!/usr/bin/env bash
set -euo pipefail
NAMESPACE=overview-rollouts

kubectl -n "$NAMESPACE" create -f 01_create.yaml
#> deployment.apps/web created

# The last of the lines that it prints while it waits.
kubectl -n "$NAMESPACE" rollout status deployment/web --timeout=120s | tail -n 1
#> deployment "web" successfully rolled out

# What the API server added, as the program prints it.
kubectl -n "$NAMESPACE" get deployment/web -o jsonpath='{.spec.revisionHistoryLimit}{"\n"}'
#> 10
