# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
#
# [tool.sandbox.only-with]
# simulated-nodes = ["create nodes", "create leases", "get namespaces"]
# ///
"""Make a node, and do for it what its kubelet would do, for a moment."""

import time
from datetime import UTC, datetime

from kubernetes import client, config

NAMESPACE = "overview-self-healing"
LOST, OTHER = f"{NAMESPACE}-lost", f"{NAMESPACE}-other"

config.load_kube_config()
apps = client.AppsV1Api()
coordination = client.CoordinationV1Api()
core = client.CoreV1Api()

# What we make outside of the namespace goes when the namespace goes.
uid = core.read_namespace(NAMESPACE, _request_timeout=10).metadata.uid
owner = {"apiVersion": "v1", "kind": "Namespace", "name": NAMESPACE, "uid": uid}


def wait_for(what: str, read, seconds: float = 60):
    """Return what read() returns, once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := read()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} after {seconds} s")
        time.sleep(0.2)
    return found


def create_node(name: str, played: bool = False, **status) -> None:
    """Create a node that takes the Pods of this story only. KWOK may play its kubelet.

    KWOK knows its nodes by the label in the sandbox, and elsewhere by the annotation.
    """
    size = {"cpu": "1", "memory": "1Gi", "pods": "10"}
    node = {
        "metadata": {
            "name": name,
            "labels": {"example.com/story": NAMESPACE}
            | ({"type": "kwok"} if played else {}),
            "annotations": {"kwok.x-k8s.io/node": "fake"} if played else {},
            "ownerReferences": [owner],
        },
        "spec": {"taints": [{"key": "example.com/story", "effect": "NoSchedule"}]},
        "status": {"capacity": size, "allocatable": size, **status},
    }
    core.create_node(node, _request_timeout=30)


# The heartbeat. A kubelet renews it every 10 s; we won't.
now = datetime.now(UTC)
spec = {"holderIdentity": LOST, "leaseDurationSeconds": 40, "renewTime": now}
lease = {"metadata": {"name": LOST, "ownerReferences": [owner]}, "spec": spec}
coordination.create_namespaced_lease("kube-node-lease", lease, _request_timeout=30)

# How the node is.
ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": now}
create_node(LOST, conditions=[ready | {"reason": "KubeletReady"}])

labels = {"app": "moving"}
container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
}
unreachable = {
    "key": "node.kubernetes.io/unreachable",
    "operator": "Exists",
    "effect": "NoExecute",
    "tolerationSeconds": 5,
}
pod_spec = {
    "containers": [container],
    "nodeSelector": {"example.com/story": NAMESPACE},
    "tolerations": [{"key": "example.com/story", "operator": "Exists"}, unreachable],
}
template = {"metadata": {"labels": labels}, "spec": pod_spec}
spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
apps.create_namespaced_deployment(
    NAMESPACE, {"metadata": {"name": "moving"}, "spec": spec}, _request_timeout=30
)


def placed() -> list[client.V1Pod]:
    on_node = f"spec.nodeName={LOST}"
    return core.list_namespaced_pod(
        NAMESPACE, field_selector=on_node, _request_timeout=10
    ).items


def available() -> int | None:
    status = apps.read_namespaced_deployment(
        "moving", NAMESPACE, _request_timeout=10
    ).status
    return status.available_replicas


[pod] = wait_for("Pod on our node", placed)
for toleration in pod.spec.tolerations:
    print(f"tolerates {toleration.key}: {toleration.toleration_seconds}")
    #> tolerates example.com/story: None
    #> tolerates node.kubernetes.io/unreachable: 5
    #> tolerates node.kubernetes.io/not-ready: 300

# How the Pods on it are.
ready = [{"type": "Ready", "status": "True"}]
body = {"status": {"phase": "Running", "conditions": ready}}
patch = {"namespace": NAMESPACE, "body": body, "_request_timeout": 30}
core.patch_namespaced_pod_status(pod.metadata.name, **patch)

print(f"available, for all that is known: {wait_for('available Pod', available)}")
#> available, for all that is known: 1

create_node(OTHER, played=True)
