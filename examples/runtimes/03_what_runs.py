# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get pods", "delete pods"]
# ///
"""Run a container, see which image it got and who runs it, and delete it."""

import time

from kubernetes import client, config

NAMESPACE = "overview-runtimes"

config.load_kube_config()
core = client.CoreV1Api()


def read_pod() -> client.V1Pod | None:
    """Return the Pod, or None if there is none."""
    try:
        return core.read_namespaced_pod("one", NAMESPACE, _request_timeout=10)
    except client.ApiException as error:
        if error.status == 404:
            return None
        raise


core.create_namespaced_pod(
    NAMESPACE,
    client.V1Pod(
        metadata=client.V1ObjectMeta(name="one"),
        spec=client.V1PodSpec(
            termination_grace_period_seconds=1,
            containers=[
                client.V1Container(
                    name="server",
                    image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
                    args=["pause"],
                    resources=client.V1ResourceRequirements(
                        requests={"cpu": "10m", "memory": "32Mi"}
                    ),
                )
            ],
        ),
    ),
    _request_timeout=30,
)

deadline = time.monotonic() + 120
while not (pod := read_pod()) or pod.status.phase != "Running":
    if time.monotonic() > deadline:
        seen = pod.status.phase if pod else "gone"
        raise TimeoutError(f"after 120 s the Pod is {seen}")
    time.sleep(0.5)
[status] = pod.status.container_statuses
[node] = core.list_node(
    field_selector=f"metadata.name={pod.spec.node_name}", _request_timeout=10
).items

print(f"asked for: {pod.spec.containers[0].image}")
#> asked for: registry.k8s.io/e2e-test-images/agnhost:2.66.1
print("runs an image known by its digest:", "sha256:" in status.image_id)
#> runs an image known by its digest: True
scheme = status.container_id.partition("://")[0]
reported = node.status.node_info.container_runtime_version
print("the runtime of its node made it:", reported.startswith(f"{scheme}://"))
#> the runtime of its node made it: True

core.delete_namespaced_pod("one", NAMESPACE, _request_timeout=30)
deadline = time.monotonic() + 120
while pod := read_pod():
    if time.monotonic() > deadline:
        raise TimeoutError(f"120 s after its deletion the Pod is {pod.status.phase}")
    time.sleep(0.5)
print("deleted")
#> deleted
