# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
# stopped = ["kwok-controller"]
# ///
"""Create and delete Pods while nobody plays the kubelets."""

import time

from kubernetes import client, config

NAMESPACE = "overview-architecture"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()


def pods() -> list[client.V1Pod]:
    return core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items


old = min(pods(), key=lambda pod: pod.metadata.name)
core.delete_namespaced_pod(old.metadata.name, NAMESPACE, _request_timeout=30)

deadline = time.monotonic() + 60
while not [pod for pod in pods() if not pod.status.pod_ip and pod.spec.node_name]:
    if time.monotonic() > deadline:
        raise TimeoutError(f"no new Pod on a node after 60 s, but {len(pods())} Pods")
    time.sleep(0.2)

time.sleep(5)  # a kubelet would have started the one and ended the other
[new] = [pod for pod in pods() if not pod.status.pod_ip]
[old] = [pod for pod in pods() if pod.metadata.deletion_timestamp]
print(f"the new Pod: {new.status.phase}, on a node: {new.spec.node_name is not None}")
#> the new Pod: Pending, on a node: True
print(f"its address: {new.status.pod_ip}, its start: {new.status.start_time}")
#> its address: None, its start: None
print(f"the deleted Pod: {old.status.phase}, still listed")
#> the deleted Pod: Running, still listed
