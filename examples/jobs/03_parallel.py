# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get pods/log"]
# ///
"""Add up numbers in four Pods, two at a time, each with a part of its own."""

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


program = """
import os
index = int(os.environ["JOB_COMPLETION_INDEX"])
print(sum(range(index, 1000, 4)))
"""
container = {
    "name": "main",
    "image": "python:3.13-slim",
    "command": ["python", "-c", program],
}
total = {
    "metadata": {"name": "total"},
    "spec": {
        "completionMode": "Indexed",
        "completions": 4,
        "parallelism": 2,
        "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
    },
}
batch.create_namespaced_job(NAMESPACE, total, _request_timeout=10)
print(f"total: {wait_until_finished('total').type}")
#> total: Complete

label = "batch.kubernetes.io/job-completion-index"
parts = 0
for index in range(4):
    [pod] = core.list_namespaced_pod(
        NAMESPACE,
        label_selector=f"batch.kubernetes.io/job-name=total,{label}={index}",
        field_selector="status.phase=Succeeded",
        _request_timeout=10,
    ).items
    log = core.read_namespaced_pod_log(
        pod.metadata.name, NAMESPACE, _request_timeout=10
    )
    print(f"part {index}: {log.strip()}")
    #> part 0: 124500
    #> part 1: 124750
    #> part 2: 125000
    #> part 3: 125250
    parts += int(log)
print(f"together: {parts}, and it should be {sum(range(1000))}")
#> together: 499500, and it should be 499500
