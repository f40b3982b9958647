# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete a Pod, and look at the one that takes its place."""

import time

from kubernetes import client, config

NAMESPACE = "overview-self-healing"

config.load_kube_config()
core = client.CoreV1Api()


def is_ready(pod: client.V1Pod) -> bool:
    """Say whether a Pod is ready, and is not about to go."""
    conditions = {each.type: each.status for each in pod.status.conditions or []}
    return conditions.get("Ready") == "True" and not pod.metadata.deletion_timestamp


def ready_pods() -> dict[str, client.V1Pod]:
    """Return the Pods of web that are ready, by their UIDs."""
    pods = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    )
    return {pod.metadata.uid: pod for pod in pods.items if is_ready(pod)}


before = ready_pods()
victim = next(iter(before.values()))
[owner] = victim.metadata.owner_references
print(f"the Pod's owner: a {owner.kind}, its controller: {owner.controller}")
#> the Pod's owner: a ReplicaSet, its controller: True

started = time.monotonic()
core.delete_namespaced_pod(victim.metadata.name, NAMESPACE, _request_timeout=30)
while not (new := (now := ready_pods()).keys() - before.keys()):
    if time.monotonic() > started + 60:
        raise TimeoutError(f"no new Pod is ready after 60 s, but {list(now)} are")
    time.sleep(0.1)
took = time.monotonic() - started
print(f"a new Pod is ready, after less than 60 s: {took < 60}")
#> a new Pod is ready, after less than 60 s: True

[uid] = new
pod = now[uid]
print(f"the same name: {pod.metadata.name == victim.metadata.name}")
#> the same name: False
print(f"the same owner: {pod.metadata.owner_references == [owner]}")
#> the same owner: True
