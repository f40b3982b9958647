#!/usr/bin/env bash
set -euo pipefail
NAMESPACE=overview-autoscaling

# `kubectl autoscale` would do for the target and the bounds, but knows no behavior.
kubectl -n "$NAMESPACE" create -f 01_create_autoscaler.yaml
#> horizontalpodautoscaler.autoscaling/web created

# What the API server added: how fast it may add Pods.
kubectl -n "$NAMESPACE" get hpa web \
  -o jsonpath='{range .spec.behavior.scaleUp.policies[*]}{.value} {.type} in {.periodSeconds} s{"\n"}{end}'
#> 4 Pods in 15 s
#> 100 Percent in 15 s
