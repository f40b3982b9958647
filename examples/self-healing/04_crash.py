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
    image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    command=["sh", "-c", "echo this does not work >&2; exit 3"],
    resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "16Mi"}),
)
pod = client.V1Pod(
    metadata=client.V1ObjectMeta(name="broken"),
    spec=client.V1PodSpec(containers=[container]),
)
created = core.create_namespaced_pod(NAMESPACE, pod)

deadline = time.monotonic() + 180
while True:
    pod = core.read_namespaced_pod("broken", NAMESPACE, _request_timeout=10)
    [status] = pod.status.container_statuses or [None]
    waiting = status and status.state.waiting
    if waiting and waiting.reason == "CrashLoopBackOff" and status.restart_count >= 2:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"not crashing in a loop after 180 s, but {status}")
    time.sleep(0.5)

ended = status.last_state.terminated
print(f"waiting: {waiting.reason}")
#> waiting: CrashLoopBackOff
print(f"ended before: {ended.reason}, exit code {ended.exit_code}")
#> ended before: Error, exit code 3
print(f"restarted twice or more: {status.restart_count >= 2}")
#> restarted twice or more: True
same = pod.metadata.uid == created.metadata.uid
print(f"the same Pod: {same}, phase {pod.status.phase}")
#> the same Pod: True, phase Running
log = core.read_namespaced_pod_log("broken", NAMESPACE, previous=True)
print(f"its last words: {log.strip()}")
#> its last words: this does not work

core.delete_namespaced_pod("broken", NAMESPACE)
