# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete it all, and see that the EndpointSlices go with their Services."""

import time

from kubernetes import client, config

NAMESPACE = "services"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()
discovery = client.DiscoveryV1Api()

for name in ["web", "web-peers", "database", "web-node-port", "web-public"]:
    core.delete_namespaced_service(name, NAMESPACE)
apps.delete_namespaced_deployment("web", NAMESPACE, propagation_policy="Background")
# No controller owns these: the guest never had one, the other was taken aside.
for pod in core.list_namespaced_pod(NAMESPACE).items:
    if not pod.metadata.owner_references:
        core.delete_namespaced_pod(pod.metadata.name, NAMESPACE)

deadline = time.monotonic() + 120
while left := [
    each.metadata.name
    for found in [
        core.list_namespaced_service(NAMESPACE, _request_timeout=10),
        core.list_namespaced_pod(NAMESPACE, _request_timeout=10),
        discovery.list_namespaced_endpoint_slice(NAMESPACE, _request_timeout=10),
    ]
    for each in found.items
]:
    if time.monotonic() > deadline:
        raise TimeoutError(f"still there after 120 s: {', '.join(left)}")
    time.sleep(0.5)
print("Services, EndpointSlices and Pods are gone")
#> Services, EndpointSlices and Pods are gone
