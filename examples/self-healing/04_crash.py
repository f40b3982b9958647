# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
#
# [tool.sandbox.only-with]
# containers = ["get pods", "get pods/log"]
# ///
"""Let a container end with an error, and watch the kubelet start it again."""

import time

from kubernetes import client, config

NAMESPACE = "self-healing"

config.load_kube_config()
core = client.CoreV1Api()

container = client.V1Container(
    name="broken",
    image="docker.io/library/busybox:1.35.0",
    command=["sh", "-c", "echo this does not work >&2; exit 3"],
    resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "16Mi"}),
)
pod = client.V1Pod(
    metadata=client.V1ObjectMeta(name="broken"),
    spec=client.V1PodSpec(containers=[container]),
)
created = core.create_namespaced_pod(NAMESPACE, pod)


def wait_for_restarts(count: int, seconds: float) -> client.V1Pod:
    """Return the Pod once its container was restarted so many times."""
    deadline = time.monotonic() + seconds
    while True:
        pod = core.read_namespaced_pod("broken", NAMESPACE, _request_timeout=10)
        statuses = pod.status.container_statuses or []
        if any(status.restart_count >= count for status in statuses):
            return pod
        if time.monotonic() > deadline:
            raise TimeoutError(f"not {count} restarts after {seconds} s: {statuses}")
        time.sleep(0.2)


wait_for_restarts(1, seconds=120)
first = time.monotonic()
pod = wait_for_restarts(2, seconds=120)
pause = time.monotonic() - first
print(f"the second restart came later, by more than 5 s: {pause > 5}")
#> the second restart came later, by more than 5 s: True

ended = pod.status.container_statuses[0].last_state.terminated
print(f"before it, the container ended: {ended.reason}, exit code {ended.exit_code}")
#> before it, the container ended: Error, exit code 3
same = pod.metadata.uid == created.metadata.uid
print(f"the same Pod: {same}, phase {pod.status.phase}")
#> the same Pod: True, phase Running
# The kubelet keeps the log of one container that has ended. While it changes over from
# one to the next, there may be none.
deadline = time.monotonic() + 60
while True:
    log = core.read_namespaced_pod_log("broken", NAMESPACE, previous=True)
    if not log.startswith("unable to retrieve"):
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"no log after 60 s: {log}")
    time.sleep(0.5)
print(f"its last words: {log.strip()}")
#> its last words: this does not work

core.delete_namespaced_pod("broken", NAMESPACE)
