#!/usr/bin/env bash
set -euo pipefail
NAMESPACE=overview-jobs

kubectl -n "$NAMESPACE" create job report --image=python:3.13-slim \
  -- python -c "print('42 orders shipped')"
#> job.batch/report created

# It waits for this condition only: where the Job fails, until the timeout.
kubectl -n "$NAMESPACE" wait job/report --for=condition=Complete --timeout=180s
#> job.batch/report condition met

kubectl -n "$NAMESPACE" logs job/report
#> 42 orders shipped
