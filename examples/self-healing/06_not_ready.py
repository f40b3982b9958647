# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Declare a Pod not ready, and see a Service leave it out."""

import time

from kubernetes import client, config

NAMESPACE = "overview-self-healing"
GATE = "example.com/in-service"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()
discovery = client.DiscoveryV1Api()

labels = {"app": "gated"}
container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["netexec", "--http-port=8080"],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
}
# Ready only while somebody says so under this name.
pod_spec = {"containers": [container], "readinessGates": [{"conditionType": GATE}]}
template = {"metadata": {"labels": labels}, "spec": pod_spec}
spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
apps.create_namespaced_deployment(
    NAMESPACE, {"metadata": {"name": "gated"}, "spec": spec}, _request_timeout=30
)
service = {"selector": labels, "ports": [{"port": 8080}]}
core.create_namespaced_service(
    NAMESPACE, {"metadata": {"name": "gated"}, "spec": service}, _request_timeout=30
)


def declare(pod: client.V1Pod, ready: bool) -> None:
    """Set the gate, from which the kubelet computes Ready.

    A simulated node has no kubelet, and gives its containers no id. There, Ready is
    nobody else's to set.
    """
    ids = [each.container_id for each in pod.status.container_statuses]
    kinds = [GATE] if any(ids) else [GATE, "Ready"]
    conditions = [{"type": kind, "status": str(ready)} for kind in kinds]
    core.patch_namespaced_pod_status(
        pod.metadata.name,
        NAMESPACE,
        {"status": {"conditions": conditions}},
        _request_timeout=30,
    )


def wait_for_endpoints(ready: set[int]) -> int:
    """Wait until two Pods are behind the Service; return how many of them are ready,
    once that is one of these numbers."""
    deadline = time.monotonic() + 120
    while True:
        slices = discovery.list_namespaced_endpoint_slice(
            NAMESPACE,
            label_selector="kubernetes.io/service-name=gated",
            _request_timeout=10,
        )
        found = [
            each.conditions.ready for s in slices.items for each in s.endpoints or []
        ]
        if len(found) == 2 and found.count(True) in ready:
            return found.count(True)
        if time.monotonic() > deadline:
            raise TimeoutError(f"not {ready} endpoints ready after 120 s, but {found}")
        time.sleep(0.2)


def pods() -> list[client.V1Pod]:
    return core.list_namespaced_pod(
        NAMESPACE, label_selector="app=gated", _request_timeout=10
    ).items


def started() -> list[client.V1Pod]:
    """Return the Pods once their containers run."""
    deadline = time.monotonic() + 120
    while True:
        found = pods()
        states = [s.state for p in found for s in p.status.container_statuses or []]
        if len(states) == 2 and all(state.running for state in states):
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not started after 120 s: {states}")
        time.sleep(0.2)


for pod in started():
    declare(pod, ready=True)
print(f"declared ready: {wait_for_endpoints({2})} of 2 endpoints")
#> declared ready: 2 of 2 endpoints

before = pods()
declare(before[0], ready=False)
print(f"one declared not ready: {wait_for_endpoints({1})} of 2 endpoints")
#> one declared not ready: 1 of 2 endpoints

same = [pod.metadata.uid for pod in before] == [pod.metadata.uid for pod in pods()]
print(f"still the same two Pods: {same}")
#> still the same two Pods: True

declare(before[0], ready=True)
print(f"and ready again: {wait_for_endpoints({2})} of 2 endpoints")
#> and ready again: 2 of 2 endpoints

core.delete_namespaced_service("gated", NAMESPACE, _request_timeout=30)
apps.delete_namespaced_deployment("gated", NAMESPACE, _request_timeout=30)
