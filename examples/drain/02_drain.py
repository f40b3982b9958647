# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
# ///
"""kubectl cordon, drain and uncordon."""

import json
import time

import urllib3
from kubernetes import client, config

NAMESPACE = "overview-drain"
FIRST, SECOND = f"{NAMESPACE}-first", f"{NAMESPACE}-second"


def kubectl_cordon(core: client.CoreV1Api, node: str, on: bool = True) -> None:
    """kubectl cordon NODE, and with on=False kubectl uncordon NODE."""
    # None takes the field away: that is what it is without a cordon.
    change = {"spec": {"unschedulable": True if on else None}}
    core.patch_node(node, change, _request_timeout=30)


def full_name(pod: client.V1Pod) -> str:
    return f"{pod.metadata.namespace}/{pod.metadata.name}"


def pods_to_evict(
    core: client.CoreV1Api, node: str, force: bool, delete_emptydir_data: bool
) -> list[client.V1Pod]:
    """The Pods of a node that a drain has to evict.

    Raises ValueError where something would be lost: a Pod that no controller replaces,
    or data in an emptyDir.
    """
    found = core.list_pod_for_all_namespaces(
        field_selector=f"spec.nodeName={node}", _request_timeout=30
    ).items
    kept, lost = [], []
    for pod in found:
        owners = pod.metadata.owner_references or []
        owner = next((each.kind for each in owners if each.controller), None)
        ended = pod.status.phase in ("Succeeded", "Failed")
        # The kubelet runs it from a file, and a DaemonSet would put it back at once.
        mirror = "kubernetes.io/config.mirror" in (pod.metadata.annotations or {})
        if mirror or (owner == "DaemonSet" and not ended):
            continue
        kept.append(pod)
        volumes = pod.spec.volumes or []
        if not (ended or owner or force):
            lost.append(f"{full_name(pod)}: no controller owns it")
        if not ended and not delete_emptydir_data and any(v.empty_dir for v in volumes):
            lost.append(f"{full_name(pod)}: it has data in an emptyDir")
    if lost:
        raise ValueError("; ".join(lost))
    return kept


def is_gone(core: client.CoreV1Api, pod: client.V1Pod) -> bool:
    """Whether this Pod is gone, even if a new Pod has its name."""
    name, namespace = pod.metadata.name, pod.metadata.namespace
    try:
        found = core.read_namespaced_pod(name, namespace, _request_timeout=10)
    except client.ApiException as error:
        if error.status != 404:
            raise
        return True
    return found.metadata.uid != pod.metadata.uid


def evict(core: client.CoreV1Api, pod: client.V1Pod) -> bool:
    """Ask a Pod to go; return False where a disruption budget does not allow it now."""
    name, namespace = pod.metadata.name, pod.metadata.namespace
    uid = {"preconditions": {"uid": pod.metadata.uid}}
    eviction = {"metadata": {"name": name}, "deleteOptions": uid}
    try:
        core.create_namespaced_pod_eviction(
            name, namespace, eviction, _request_timeout=10
        )
    except client.ApiException as error:
        if error.status == 429:
            return False
        if error.status == 409:  # another one by now, or changed at this moment
            return is_gone(core, pod)
        # Its whole Namespace is being deleted, so it will go without being asked.
        if error.status != 404 and "NamespaceTerminating" not in causes(error):
            raise
    return True


def causes(error: client.ApiException) -> list[str]:
    """The reasons in one word that the API server gives for a refusal."""
    try:
        details = json.loads(error.body or "{}").get("details") or {}
    except ValueError:  # plain text, or the page of a proxy
        return []
    return [each.get("reason", "") for each in details.get("causes") or []]


def kubectl_drain(
    core: client.CoreV1Api,
    node: str,
    timeout: float,
    force: bool = False,
    delete_emptydir_data: bool = False,
) -> dict[str, int]:
    """kubectl drain NODE --ignore-daemonsets: cordon it, and evict its Pods.

    Returns each Pod's full name and how often its eviction was refused before it was
    granted. Raises TimeoutError with the Pods that are left, RuntimeError with those
    that cannot be evicted, when all others are gone; the node stays cordoned.
    """
    kubectl_cordon(core, node)
    found = pods_to_evict(core, node, force, delete_emptydir_data)
    left = {full_name(pod): pod for pod in found}
    refused = dict.fromkeys(left, 0)
    going: set[str] = set()
    failed: list[str] = []
    deadline = time.monotonic() + timeout
    while left:
        for name, pod in list(left.items()):
            if time.monotonic() > deadline:
                still = f"{node}, after {timeout} s, still has {[*left]}"
                raise TimeoutError("; ".join([still, *failed]))
            try:
                if name not in going and not evict(core, pod):
                    refused[name] += 1
                    continue
                going.add(name)
                if is_gone(core, pod):
                    del left[name]
            except client.ApiException as error:
                if error.status in (0, 429, 502, 503, 504):
                    continue  # the API server is busy or restarts: ask again
                # One that cannot be evicted does not keep the others.
                failed.append(f"{name}: {error.status} {error.reason}")
                del left[name]
            except urllib3.exceptions.HTTPError:
                continue  # the connection broke, or was silent: ask again
        time.sleep(0.5)
    if failed:
        raise RuntimeError(f"{node} is not drained: {'; '.join(failed)}")
    return refused


def count(core: client.CoreV1Api, node: str) -> int:
    on_node = f"spec.nodeName={node}"
    found = core.list_pod_for_all_namespaces(
        field_selector=on_node, _request_timeout=30
    )
    return len(found.items)


if __name__ == "__main__":
    config.load_kube_config()
    # Otherwise, a silent server costs four times _request_timeout.
    client.Configuration.get_default().retries = False
    core = client.CoreV1Api()

    refused = kubectl_drain(core, FIRST, timeout=120)
    print(f"{len(refused)} Pods evicted")
    #> 3 Pods evicted
    print(f"the budget held some of them back: {sum(refused.values()) > 0}")
    #> the budget held some of them back: True
    # The node is empty, but what replaces its last Pod may not be placed yet.
    deadline = time.monotonic() + 60
    while count(core, SECOND) < 3 and time.monotonic() < deadline:
        time.sleep(0.2)
    first, second = count(core, FIRST), count(core, SECOND)
    print(f"Pods on the first node: {first}, on the second: {second}")
    #> Pods on the first node: 0, on the second: 3
    kubectl_cordon(core, FIRST, on=False)
    print(f"after uncordon, on the first: {count(core, FIRST)}")
    #> after uncordon, on the first: 0
