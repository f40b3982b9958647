#!/usr/bin/env bash
set -euo pipefail
NAMESPACE=overview-jobs

kubectl -n "$NAMESPACE" create -f 04_schedule.yaml
#> cronjob.batch/nightly created

kubectl -n "$NAMESPACE" create job nightly-by-hand --from=cronjob/nightly
#> job.batch/nightly-by-hand created

kubectl -n "$NAMESPACE" wait job/nightly-by-hand --for=condition=Complete --timeout=180s
#> job.batch/nightly-by-hand condition met
