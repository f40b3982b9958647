# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
#
# [tool.sandbox.only-with]
# simulated-nodes = ["get nodes", "delete nodes"]
# ///
"""Follow what the control plane does with a node that has fallen silent."""

import time

from kubernetes import client, config

NAMESPACE = "overview-self-healing"
LOST, OTHER = f"{NAMESPACE}-lost", f"{NAMESPACE}-other"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()


def wait_for(what: str, read, seconds: float = 120):
    """Return what read() returns, once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := read()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} after {seconds} s")
        time.sleep(0.5)
    return found


def condition(owner, kind: str) -> str:
    """Return a condition of a node or a Pod as "status, reason"."""
    found = {each.type: each for each in owner.status.conditions or []}
    return f"{found[kind].status}, {found[kind].reason}" if kind in found else ""


def pod_on(name: str) -> client.V1Pod | None:
    """Return our Pod on this node, if there is one."""
    pods = core.list_namespaced_pod(
        NAMESPACE,
        label_selector="app=moving",
        field_selector=f"spec.nodeName={name}",
        _request_timeout=10,
    )
    return pods.items[0] if pods.items else None


def unknown() -> str | None:
    told = condition(core.read_node(LOST, _request_timeout=10), "Ready")
    return told if told.startswith("Unknown") else None


def taints() -> list[str]:
    found = core.read_node(LOST, _request_timeout=10).spec.taints
    ours = [t for t in found if "unreachable" in t.key]
    return sorted(f"{t.key}:{t.effect}" for t in ours) if len(ours) == 2 else []


def not_ready() -> bool:
    return condition(pod_on(LOST), "Ready").startswith("False")


def evicted() -> client.V1Pod | None:
    pod = pod_on(LOST)
    return pod if pod.metadata.deletion_timestamp else None


def replaced() -> bool:
    pod = pod_on(OTHER)
    return pod is not None and condition(pod, "Ready").startswith("True")


print(f"the node, Ready: {wait_for('silence noticed', unknown, seconds=300)}")
#> the node, Ready: Unknown, NodeStatusUnknown
print(f"its Pod, not ready: {wait_for('Pod not ready', not_ready)}")
#> its Pod, not ready: True
for taint in wait_for("taints", taints):
    print(f"the node's taint: {taint}")
    #> the node's taint: node.kubernetes.io/unreachable:NoExecute
    #> the node's taint: node.kubernetes.io/unreachable:NoSchedule

pod = wait_for("eviction", evicted)
print(f"its Pod, DisruptionTarget: {condition(pod, 'DisruptionTarget')}")
#> its Pod, DisruptionTarget: True, DeletionByTaintManager
print(f"a Pod on the other node, ready: {wait_for('replacement', replaced)}")
#> a Pod on the other node, ready: True

# Nobody is there to confirm that the old one has ended.
print(f"the old Pod is still listed: {pod_on(LOST) is not None}")
#> the old Pod is still listed: True
core.delete_namespaced_pod(
    pod.metadata.name, NAMESPACE, grace_period_seconds=0, _request_timeout=30
)
print(f"after a forced deletion: {pod_on(LOST) is not None}")
#> after a forced deletion: False

apps.delete_namespaced_deployment("moving", NAMESPACE, _request_timeout=30)
wait_for("end of the Deployment's Pods", lambda: pod_on(OTHER) is None)
for name in [LOST, OTHER]:
    core.delete_node(name, _request_timeout=30)
