# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# stopped = ["kube-controller-manager"]
#
# [tool.sandbox.only-with]
# components = ["list replicasets", "list endpointslices", "delete pods"]
# ///
"""Create a Deployment and delete a Pod while the controllers are stopped."""

import time

from kubernetes import client, config

NAMESPACE = "overview-architecture"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()
discovery = client.DiscoveryV1Api()


def pods() -> list[client.V1Pod]:
    return core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items


def addresses() -> set[str]:
    """Return the addresses to which the Service web sends traffic."""
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector="kubernetes.io/service-name=web",
        _request_timeout=10,
    ).items
    return {
        address
        for each in slices
        for endpoint in each.endpoints or []
        if endpoint.conditions.ready is not False
        for address in endpoint.addresses
    }


web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
containers = web.spec.template.spec.containers
labels = {"app": "late"}
template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
apps.create_namespaced_deployment(
    NAMESPACE, {"metadata": {"name": "late"}, "spec": spec}, _request_timeout=30
)

gone = min(pods(), key=lambda pod: pod.metadata.name)
core.delete_namespaced_pod(gone.metadata.name, NAMESPACE, _request_timeout=30)
deadline = time.monotonic() + 60
while len(left := pods()) == 3:
    if time.monotonic() > deadline:
        raise TimeoutError("the deleted Pod is still listed after 60 s")
    time.sleep(0.2)

time.sleep(5)  # time in which the controllers would have done it many times over
sets = apps.list_namespaced_replica_set(
    NAMESPACE, label_selector="app=late", _request_timeout=10
).items
seen = apps.read_namespaced_deployment(
    "late", NAMESPACE, _request_timeout=10
).status.observed_generation
print(f"late: accepted, seen by a controller: {seen}, ReplicaSets: {len(sets)}")
#> late: accepted, seen by a controller: None, ReplicaSets: 0
status = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10).status
print(f"web: {len(pods())} Pods are left, its status says {status.available_replicas}")
#> web: 2 Pods are left, its status says 3
running = [pod.status.phase for pod in left]
print(f"those that are left: {', '.join(running)}")
#> those that are left: Running, Running
print(f"the Service names the deleted one: {gone.status.pod_ip in addresses()}")
#> the Service names the deleted one: True
