# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Put a Job on a schedule, and start it by hand as well."""

import time

from kubernetes import client, config

NAMESPACE = "overview-jobs"

config.load_kube_config()
batch = client.BatchV1Api()


def wait_until_finished(name: str) -> client.V1JobCondition:
    """Return the condition that says how a Job has ended."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        status = batch.read_namespaced_job(name, NAMESPACE, _request_timeout=10).status
        for condition in status.conditions or []:
            if condition.type in ("Complete", "Failed") and condition.status == "True":
                return condition
        time.sleep(0.5)
    raise TimeoutError(f"{name}: not finished after 180 s, but {status}")


container = {
    "name": "main",
    "image": "python:3.13-slim",
    "command": ["python", "-c", "print('invoices sent')"],
}
pod = {"restartPolicy": "Never", "containers": [container]}
nightly = {
    "metadata": {"name": "nightly"},
    "spec": {
        "schedule": "30 4 * * *",  # minute 30 of hour 4, each day
        "timeZone": "Europe/Berlin",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 3600,
        "jobTemplate": {"spec": {"template": {"spec": pod}}},
    },
}
cron_job = batch.create_namespaced_cron_job(NAMESPACE, nightly, _request_timeout=10)

owner = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "name": "nightly",
    "uid": cron_job.metadata.uid,
    "controller": True,
}
template = cron_job.spec.job_template
given = template.metadata or client.V1ObjectMeta()
annotations = given.annotations or {}
by_hand = {
    "metadata": {
        "name": "nightly-by-hand",
        "labels": given.labels or {},
        "annotations": annotations | {"cronjob.kubernetes.io/instantiate": "manual"},
        "ownerReferences": [owner],
    },
    "spec": template.spec,
}
batch.create_namespaced_job(NAMESPACE, by_hand, _request_timeout=10)
print(f"nightly-by-hand: {wait_until_finished('nightly-by-hand').type}")
#> nightly-by-hand: Complete
