# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete a Pod that nobody owns: nothing takes its place."""

import time

from kubernetes import client, config

NAMESPACE = "overview-self-healing"

config.load_kube_config()
core = client.CoreV1Api()

container = client.V1Container(
    name="server",
    image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    args=["netexec", "--http-port=8080"],
    resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "32Mi"}),
)
pod = client.V1Pod(
    metadata=client.V1ObjectMeta(name="alone", labels={"app": "alone"}),
    spec=client.V1PodSpec(containers=[container]),
)
created = core.create_namespaced_pod(NAMESPACE, pod, _request_timeout=30)
print(f"owners: {created.metadata.owner_references}")
#> owners: None
print(f"restart policy: {created.spec.restart_policy}")
#> restart policy: Always

core.delete_namespaced_pod("alone", NAMESPACE, _request_timeout=30)


def left() -> list[client.V1Pod]:
    pods = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=alone", _request_timeout=10
    )
    return pods.items


deadline = time.monotonic() + 120
while left():
    if time.monotonic() > deadline:
        raise TimeoutError("alone is still there after 120 s")
    time.sleep(0.5)


def ready_pods_of_web() -> dict[str, str]:
    """Return the names of web's Pods that are ready and not about to go, by UID."""
    return {
        pod.metadata.uid: pod.metadata.name
        for pod in core.list_namespaced_pod(
            NAMESPACE, label_selector="app=web", _request_timeout=10
        ).items
        for each in pod.status.conditions or []
        if each.type == "Ready" and each.status == "True"
        if not pod.metadata.deletion_timestamp
    }


# The controllers work meanwhile: they replace a Pod of web that is deleted later.
before = ready_pods_of_web()
core.delete_namespaced_pod(next(iter(before.values())), NAMESPACE, _request_timeout=30)
deadline = time.monotonic() + 120
while not ready_pods_of_web().keys() - before.keys():
    if time.monotonic() > deadline:
        raise TimeoutError("no new Pod of web is ready after 120 s")
    time.sleep(0.5)
print(f"when web has replaced a Pod that went later: {left()}")
#> when web has replaced a Pod that went later: []
