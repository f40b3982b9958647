# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete Jobs in three ways, and look at which Pods are left."""

import time
from collections.abc import Callable

from kubernetes import client, config

NAMESPACE = "overview-jobs"
# Only those of this page: others may have Jobs in the Namespace as well.
OURS = ["report", "new-pods", "same-pod", "give-up", "total"]
OURS += ["migrate-v2", "migrate-v3", "brief", "nightly-by-hand"]

config.load_kube_config()
apps, batch, core = client.AppsV1Api(), client.BatchV1Api(), client.CoreV1Api()


def jobs() -> list[str]:
    """Name our Jobs that are there."""
    found = batch.list_namespaced_job(NAMESPACE, _request_timeout=10).items
    return [job.metadata.name for job in found if job.metadata.name in OURS]


def pods() -> dict[str, str]:
    """Map the name of each Pod to the Job that it belongs or belonged to."""
    label = "batch.kubernetes.io/job-name"
    only = {"label_selector": f"{label} in ({','.join(OURS)})", "_request_timeout": 10}
    found = core.list_namespaced_pod(NAMESPACE, **only).items
    return {pod.metadata.name: pod.metadata.labels[label] for pod in found}


def wait(what: str, is_so: Callable[[], bool]) -> None:
    """Return as soon as something is so, or raise TimeoutError with its name."""
    deadline = time.monotonic() + 120
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so after 120 s: {what}; {jobs()}, {pods()}")
        time.sleep(0.5)


container = {
    "name": "main",
    "image": "python:3.13-slim",
    "command": ["python", "-c", "print('done')"],
}
pod = {"restartPolicy": "Never", "containers": [container]}
brief = {
    "metadata": {"name": "brief"},
    "spec": {"ttlSecondsAfterFinished": 5, "template": {"spec": pod}},
}
batch.create_namespaced_job(NAMESPACE, brief, _request_timeout=10)
wait("brief is gone", lambda: "brief" not in jobs())
wait("its Pod is gone", lambda: "brief" not in pods().values())
print("brief: gone by itself, with its Pod")
#> brief: gone by itself, with its Pod

batch.delete_namespaced_job("nightly-by-hand", NAMESPACE, _request_timeout=10)
wait("nightly-by-hand is gone", lambda: "nightly-by-hand" not in jobs())
print("nightly-by-hand: deleted")
#> nightly-by-hand: deleted

for name in jobs():
    batch.delete_namespaced_job(
        name, NAMESPACE, propagation_policy="Background", _request_timeout=10
    )
batch.delete_namespaced_cron_job("nightly", NAMESPACE, _request_timeout=10)
apps.delete_collection_namespaced_deployment(
    NAMESPACE, field_selector="metadata.name=web", _request_timeout=10
)
wait("one Pod is left", lambda: not jobs() and len(pods()) == 1)
print(f"all others: deleted, and the Pods left are of {list(pods().values())}")
#> all others: deleted, and the Pods left are of ['nightly-by-hand']

for name in pods():
    core.delete_namespaced_pod(name, NAMESPACE, _request_timeout=10)
wait("all is gone", lambda: not pods())
