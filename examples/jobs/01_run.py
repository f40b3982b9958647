# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get pods/log"]
# ///
"""Run a Python program once, in a Pod, and read what it printed."""

import time

from kubernetes import client, config

NAMESPACE = "overview-jobs"

config.load_kube_config()
batch, core = client.BatchV1Api(), client.CoreV1Api()


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
    "name": "report",
    "image": "python:3.13-slim",
    "command": ["python", "-c", "print('42 orders shipped')"],
}
report = {
    "metadata": {"name": "report"},
    "spec": {
        "template": {"spec": {"restartPolicy": "Never", "containers": [container]}}
    },
}
batch.create_namespaced_job(NAMESPACE, report, _request_timeout=10)
print(f"report: {wait_until_finished('report').type}")
#> report: Complete

[pod] = core.list_namespaced_pod(
    NAMESPACE, label_selector="batch.kubernetes.io/job-name=report", _request_timeout=10
).items
ended = pod.status.container_statuses[0].state.terminated
print(f"its Pod: {pod.status.phase}, exit code {ended.exit_code}")
#> its Pod: Succeeded, exit code 0

log = core.read_namespaced_pod_log(pod.metadata.name, NAMESPACE, _request_timeout=10)
print(f"its log: {log.strip()}")
#> its log: 42 orders shipped
