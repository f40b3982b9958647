# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Write one object, and follow by a watch what the others make of it."""

import time
from itertools import pairwise

from kubernetes import client, config, watch

NAMESPACE = "overview-architecture"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()

labels = {"app": "web"}
container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["netexec", "--http-port=8080"],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
}
template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
deployment = {"metadata": {"name": "web"}, "spec": spec}
ports = [{"port": 80, "targetPort": 8080}]
service = {"metadata": {"name": "web"}, "spec": {"selector": labels, "ports": ports}}


def stage(pod: client.V1Pod) -> str:
    """Say how far a Pod has come."""
    conditions = {each.type: each.status for each in pod.status.conditions or []}
    if conditions.get("Ready") == "True":
        return "ready: by the kubelet"
    if pod.spec.node_name:
        return "on a node: by the scheduler"
    return "stored, on no node: by a controller"


# From the list we learn where the watch is to start.
version = core.list_namespaced_pod(
    NAMESPACE, _request_timeout=10
).metadata.resource_version
core.create_namespaced_service(NAMESPACE, service, _request_timeout=30)
apps.create_namespaced_deployment(NAMESPACE, deployment, _request_timeout=30)

stages, numbers = [], [int(version)]
deadline = time.monotonic() + 120
while not stages or not stages[-1].startswith("ready"):
    if time.monotonic() > deadline:
        raise TimeoutError(f"not ready after 120 s, seen: {stages}")
    # A watch ends by itself after a while: go on from the last change seen.
    for event in watch.Watch().stream(
        core.list_namespaced_pod,
        NAMESPACE,
        resource_version=str(numbers[-1]),
        timeout_seconds=10,
        _request_timeout=15,  # for a server which has gone silent
    ):
        pod = event["object"]
        numbers.append(int(pod.metadata.resource_version))
        if not stages or stages[-1] != stage(pod):
            stages.append(stage(pod))
        if stages[-1].startswith("ready"):
            break

for seen in stages:
    print(f"the Pod is {seen}")
    #> the Pod is stored, on no node: by a controller
    #> the Pod is on a node: by the scheduler
    #> the Pod is ready: by the kubelet
rising = all(old < new for old, new in pairwise(numbers))
print(f"each change has a higher number than the last: {rising}")
#> each change has a higher number than the last: True

apps.patch_namespaced_deployment_scale(
    "web", NAMESPACE, {"spec": {"replicas": 2}}, _request_timeout=30
)
deadline = time.monotonic() + 120
while True:
    status = apps.read_namespaced_deployment(
        "web", NAMESPACE, _request_timeout=10
    ).status
    if status.available_replicas == 2:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"{status.available_replicas} of 2 available after 120 s")
    time.sleep(0.2)
print(f"replicas available: {status.available_replicas}")
#> replicas available: 2
