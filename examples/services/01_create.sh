#!/usr/bin/env bash
set -euo pipefail
NAMESPACE=overview-services

kubectl -n "$NAMESPACE" create -f 01_create.yaml
#> deployment.apps/web created
#> service/web created

kubectl -n "$NAMESPACE" wait deployment/web --for=condition=Available --timeout=120s
#> deployment.apps/web condition met

# The list of addresses is an object of its own, kept by a controller.
kubectl -n "$NAMESPACE" get endpointslices -l kubernetes.io/service-name=web \
  -o jsonpath='{.items[0].metadata.labels.endpointslice\.kubernetes\.io/managed-by}{"\n"}'
#> endpointslice-controller.k8s.io
