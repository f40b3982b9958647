# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete it all, and see that the EndpointSlices go with their Services."""

import time

from kubernetes import client, config

NAMESPACE = "overview-services"
SERVICES = ["web", "web-peers", "database", "web-node-port", "web-public"]
PODS = "app in (web,aside,caller)"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()
discovery = client.DiscoveryV1Api()


def still_there() -> list[str]:
    """List what is left of the Services, their EndpointSlices and the Pods."""
    services = core.list_namespaced_service(NAMESPACE, _request_timeout=10)
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector=f"kubernetes.io/service-name in ({','.join(SERVICES)})",
        _request_timeout=10,
    )
    pods = core.list_namespaced_pod(NAMESPACE, label_selector=PODS, _request_timeout=10)
    ours = [each for each in services.items if each.metadata.name in SERVICES]
    return [each.metadata.name for each in [*ours, *slices.items, *pods.items]]


for name in SERVICES:
    core.delete_namespaced_service(name, NAMESPACE, _request_timeout=30)
apps.delete_namespaced_deployment(
    "web", NAMESPACE, propagation_policy="Background", _request_timeout=30
)
# No controller owns these: two never had one, the third was taken aside.
for pod in core.list_namespaced_pod(
    NAMESPACE, label_selector=PODS, _request_timeout=10
).items:
    if not pod.metadata.owner_references:
        core.delete_namespaced_pod(pod.metadata.name, NAMESPACE, _request_timeout=30)

deadline = time.monotonic() + 120
while left := still_there():
    if time.monotonic() > deadline:
        raise TimeoutError(f"still there after 120 s: {', '.join(left)}")
    time.sleep(0.5)
print("Services, EndpointSlices and Pods are gone")
#> Services, EndpointSlices and Pods are gone
