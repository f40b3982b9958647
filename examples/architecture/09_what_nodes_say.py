# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Read what the parts of a node say about themselves, which the API server keeps."""

import time

from kubernetes import client, config

NAMESPACE = "overview-architecture"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()
custom = client.CustomObjectsApi()


def pods() -> list[client.V1Pod]:
    return core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items


wanted = apps.read_namespaced_deployment(
    "web", NAMESPACE, _request_timeout=10
).spec.replicas
deadline = time.monotonic() + 120
while True:
    # The kubelets are back: they end what was deleted, and start what is new.
    found = pods()
    addresses = {pod.status.pod_ip for pod in found if pod.status.pod_ip}
    if len(found) == len(addresses) == wanted:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"{len(found)} Pods, addresses {addresses} after 120 s")
    time.sleep(0.2)
print(f"CNI: each Pod has an address of its own, {len(addresses) == len(found)}")
#> CNI: each Pod has an address of its own, True

nodes = core.list_node(_request_timeout=10).items
runtimes = [node.status.node_info.container_runtime_version for node in nodes]
named = all("://" in runtime for runtime in runtimes)
print(f"CRI: each node names its runtime, {named}")
#> CRI: each node names its runtime, True

# Each kubelet writes down which storage drivers there are on its node. Where there are
# none, the list is null, which the class V1CSINode refuses: so these are plain dicts.
listed = custom.list_cluster_custom_object(
    "storage.k8s.io", "v1", "csinodes", _request_timeout=10
)
drivers = {
    each["metadata"]["name"]: [found["name"] for found in each["spec"]["drivers"] or []]
    for each in listed["items"]
}
strange = set(drivers) - {node.metadata.name for node in nodes}
print(f"CSI: lists of drivers that are of no node, {len(strange)}")
#> CSI: lists of drivers that are of no node, 0
