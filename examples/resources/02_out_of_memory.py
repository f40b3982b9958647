# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# ///
"""Let a container take more memory than its limit, and read what became of it."""

import time

from kubernetes import client, config

NAMESPACE = "overview-resources"

config.load_kube_config()
core = client.CoreV1Api()

container = client.V1Container(
    name="greedy",
    image="docker.io/library/busybox:1.35.0",
    # Keeps in memory what it reads, up to a line's end, which never comes.
    command=["tail", "/dev/zero"],
    resources=client.V1ResourceRequirements(
        requests={"cpu": "10m", "memory": "16Mi"},
        limits={"cpu": "500m", "memory": "32Mi"},
    ),
)
pod = client.V1Pod(
    metadata=client.V1ObjectMeta(name="greedy"),
    spec=client.V1PodSpec(containers=[container], restart_policy="Never"),
)
core.create_namespaced_pod(NAMESPACE, pod, _request_timeout=30)

deadline = time.monotonic() + 120
while True:
    now = core.read_namespaced_pod("greedy", NAMESPACE, _request_timeout=10)
    if now.status.phase in ("Succeeded", "Failed"):
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"still {now.status.phase} after 120 s")
    time.sleep(0.5)

[container] = now.status.container_statuses
ended = container.state.terminated
print(f"{now.status.phase}: {ended.reason}, exit code {ended.exit_code}")
#> Failed: OOMKilled, exit code 137
