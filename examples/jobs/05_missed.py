# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Let two CronJobs miss a run, and see which of them makes up for it."""

import time
from datetime import datetime

from kubernetes import client, config

NAMESPACE = "overview-jobs"

config.load_kube_config()
batch = client.BatchV1Api()


def jobs() -> list[client.V1Job]:
    """Return the Jobs that the two CronJobs of this program have started."""
    return batch.list_namespaced_job(
        NAMESPACE, label_selector="made-by=missed", _request_timeout=10
    ).items


container = {
    "name": "main",
    "image": "python:3.13-slim",
    "command": ["python", "-c", "print('done')"],
}
pod = {"restartPolicy": "Never", "containers": [container]}
every_minute = {
    "schedule": "* * * * *",
    "suspend": True,
    "jobTemplate": {
        "metadata": {"labels": {"made-by": "missed"}},
        "spec": {"template": {"spec": pod}},
    },
}
patient = {"metadata": {"name": "patient"}, "spec": every_minute}
batch.create_namespaced_cron_job(NAMESPACE, patient, _request_timeout=10)
punctual = {
    "metadata": {"name": "punctual"},
    "spec": every_minute | {"startingDeadlineSeconds": 10},
}
made = batch.create_namespaced_cron_job(NAMESPACE, punctual, _request_timeout=10)

# Over the beginning of the next minute, and 20 s more.
time.sleep(60 - made.metadata.creation_timestamp.second + 20)
print(f"while suspended: {len(jobs())} Jobs")
#> while suspended: 0 Jobs

for name in ["punctual", "patient"]:
    batch.patch_namespaced_cron_job(
        name, NAMESPACE, {"spec": {"suspend": False}}, _request_timeout=10
    )
deadline = time.monotonic() + 20
while not jobs():
    if time.monotonic() > deadline:
        raise TimeoutError("no Job 20 s after the two were resumed")
    time.sleep(0.5)
time.sleep(5)  # time enough for the other one
for job in jobs():
    due = job.metadata.annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]
    late = job.metadata.creation_timestamp - datetime.fromisoformat(due)
    owner = job.metadata.owner_references[0].name
    print(f"resumed: a Job of {owner}, late by 20 s or more: {late.seconds >= 20}")
    #> resumed: a Job of patient, late by 20 s or more: True

for name in ["punctual", "patient"]:
    batch.delete_namespaced_cron_job(name, NAMESPACE, _request_timeout=10)
