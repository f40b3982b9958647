# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# ///
"""Let three Jobs fail: by two restart policies, and by an exit code that means it."""

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


def create(name: str, exit_code: int, restart_policy: str, **spec: object) -> None:
    """Create a Job whose program fails, to be tried again two times."""
    container = {
        "name": "main",
        "image": "python:3.13-slim",
        "command": ["python", "-c", f"raise SystemExit({exit_code})"],
    }
    pod = {"restartPolicy": restart_policy, "containers": [container]}
    spec |= {"backoffLimit": 2, "template": {"spec": pod}}
    job = {"metadata": {"name": name}, "spec": spec}
    batch.create_namespaced_job(NAMESPACE, job, _request_timeout=10)


def pods(name: str) -> list[client.V1Pod]:
    """Return the Pods that a Job has left."""
    selector = f"batch.kubernetes.io/job-name={name}"
    found = core.list_namespaced_pod(
        NAMESPACE, label_selector=selector, _request_timeout=10
    ).items
    return [pod for pod in found if not pod.metadata.deletion_timestamp]


hopeless = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}
create("new-pods", 1, "Never")
create("same-pod", 1, "OnFailure")
create("give-up", 42, "Never", podFailurePolicy={"rules": [hopeless]})

for name in ["new-pods", "same-pod", "give-up"]:
    condition = wait_until_finished(name)
    print(f"{name}: {condition.type}, {condition.reason}, Pods left: {len(pods(name))}")
    #> new-pods: Failed, BackoffLimitExceeded, Pods left: 3
    #> same-pod: Failed, BackoffLimitExceeded, Pods left: 0
    #> give-up: Failed, PodFailurePolicy, Pods left: 1

times = [pod.metadata.creation_timestamp for pod in pods("new-pods")]
first, second, third = sorted(times)
print(f"the second Pod came 10 s later, or more: {(second - first).seconds >= 10}")
#> the second Pod came 10 s later, or more: True
print(f"the third came 20 s later, or more: {(third - second).seconds >= 20}")
#> the third came 20 s later, or more: True
