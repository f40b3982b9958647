# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
#
# [tool.sandbox.only-with]
# simulated-nodes = ["create nodes", "get nodes", "get namespaces"]
# ///
"""Fill a node with a Pod that does nothing, and see what still fits there."""

import time

from kubernetes import client, config
from kubernetes.utils.quantity import parse_quantity

NAMESPACE = "overview-resources"
NODE = NAMESPACE  # a node of our own, so that nobody else's Pods are affected

config.load_kube_config()
core = client.CoreV1Api()


def wait_for(read, judge, seconds: float = 60):
    """Return what judge() makes of what read() returns, once that is not None."""
    deadline = time.monotonic() + seconds
    while (verdict := judge(seen := read())) is None:
        if time.monotonic() > deadline:
            name, conditions = seen.metadata.name, seen.status.conditions
            raise TimeoutError(f"{name}, after {seconds} s: {conditions}")
        time.sleep(0.2)
    return verdict


def condition(owner, name: str):
    """Return a condition of a Pod or Node, or None while there is no such one."""
    found = {each.type: each for each in owner.status.conditions or []}
    return found.get(name)


def ready(node: client.V1Node) -> client.V1Node | None:
    """Return the node once it is ready, and has no taint for not being so."""
    state = condition(node, "Ready")
    if state and state.status == "True" and len(node.spec.taints) == 1:
        return node


def placed(pod: client.V1Pod) -> str | None:
    """Return what the scheduler says about a Pod, or None while it says nothing."""
    told = condition(pod, "PodScheduled")
    if told and told.status == "True":
        return "placed"
    if told and "Insufficient" in told.message:
        return told.reason


def create(name: str, requests: dict[str, str]) -> str:
    """Create a Pod for our node, and return what the scheduler says about it."""
    container = {
        "name": "server",
        "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
        "resources": {"requests": requests},
    }
    spec = {
        "containers": [container],
        "nodeSelector": {"kubernetes.io/hostname": NODE},
        "tolerations": [{"key": "example.com/story", "operator": "Exists"}],
    }
    pod = {"metadata": {"name": name}, "spec": spec}
    core.create_namespaced_pod(NAMESPACE, pod, _request_timeout=30)
    return wait_for(
        lambda: core.read_namespaced_pod(name, NAMESPACE, _request_timeout=10), placed
    )


namespace = core.read_namespace(NAMESPACE, _request_timeout=10)
owner = {"apiVersion": "v1", "kind": "Namespace", "name": NAMESPACE}
node = {
    "metadata": {
        "name": NODE,
        # KWOK knows its nodes by "type" in the sandbox, elsewhere by the annotation.
        "labels": {"kubernetes.io/hostname": NODE, "type": "kwok"},
        "annotations": {"kwok.x-k8s.io/node": "fake"},
        # It goes when the namespace goes, whatever happens to this program.
        "ownerReferences": [owner | {"uid": namespace.metadata.uid}],
    },
    # Keeps Pods away that do not tolerate it.
    "spec": {"taints": [{"key": "example.com/story", "effect": "NoSchedule"}]},
    "status": {
        "capacity": {"cpu": "2", "memory": "4Gi", "pods": "10"},
        # Less than it has: the rest is for the kubelet and the system.
        "allocatable": {"cpu": "1900m", "memory": "3Gi", "pods": "10"},
    },
}
core.create_node(node, _request_timeout=30)
node = wait_for(lambda: core.read_node(NODE, _request_timeout=10), ready)
print(f"capacity {node.status.capacity['cpu']} CPUs")
#> capacity 2 CPUs
print(f"allocatable {node.status.allocatable['cpu']}")
#> allocatable 1900m

for name, requests in [
    ("idle", {"cpu": "1500m"}),
    ("second", {"cpu": "500m"}),
    ("no-requests", {}),
]:
    print(f"{name}, requests {requests}: {create(name, requests)}")
    #> idle, requests {'cpu': '1500m'}: placed
    #> second, requests {'cpu': '500m'}: Unschedulable
    #> no-requests, requests {}: placed

left = parse_quantity(node.status.allocatable["cpu"])
on_node = core.list_namespaced_pod(
    NAMESPACE, field_selector=f"spec.nodeName={NODE}", _request_timeout=10
)
for pod in on_node.items:
    for container in pod.spec.containers:
        left -= parse_quantity((container.resources.requests or {}).get("cpu", 0))
print(f"left for others: {left * 1000:.0f}m")
#> left for others: 400m
