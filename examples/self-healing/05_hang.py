# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
#
# [tool.sandbox.only-with]
# containers = ["get pods"]
# ///
"""Let two servers fail their health check, one of them with a liveness probe."""

import time

from kubernetes import client, config

NAMESPACE = "overview-self-healing"

config.load_kube_config()
core = client.CoreV1Api()

probe = client.V1Probe(
    http_get=client.V1HTTPGetAction(path="/healthz", port=8080),
    period_seconds=1,
    failure_threshold=3,
)


def create(name: str, liveness_probe: client.V1Probe | None) -> None:
    """Create a Pod whose server is healthy for 10 s, and says that it isn't after."""
    container = client.V1Container(
        name="server",
        image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
        args=["liveness"],
        resources=client.V1ResourceRequirements(
            requests={"cpu": "10m", "memory": "16Mi"}
        ),
        liveness_probe=liveness_probe,
    )
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1PodSpec(containers=[container]),
    )
    core.create_namespaced_pod(NAMESPACE, pod, _request_timeout=30)


def status(name: str) -> client.V1ContainerStatus | None:
    """Return the status of a Pod's container, or None while it has none."""
    pod = core.read_namespaced_pod(name, NAMESPACE, _request_timeout=10)
    return pod.status.container_statuses[0] if pod.status.container_statuses else None


create("without-probe", None)
create("with-probe", probe)

deadline = time.monotonic() + 180
while not ((probed := status("with-probe")) and probed.restart_count):
    if time.monotonic() > deadline:
        raise TimeoutError(f"with-probe: no restart after 180 s, but {probed}")
    time.sleep(0.5)
print(f"with-probe: restarted after exit code {probed.last_state.terminated.exit_code}")
#> with-probe: restarted after exit code 2

deadline = time.monotonic() + 120
# Either of the two may have started first.
while not ((hanging := status("without-probe")) and hanging.ready):
    if time.monotonic() > deadline:
        raise TimeoutError(f"without-probe: not ready after 120 s, but {hanging}")
    time.sleep(0.5)
print(f"without-probe: {hanging.restart_count} restarts, ready {hanging.ready}")
#> without-probe: 0 restarts, ready True

for name in ["with-probe", "without-probe"]:
    core.delete_namespaced_pod(name, NAMESPACE, _request_timeout=30)
