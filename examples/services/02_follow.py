# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Add Pods, remove Pods, change a Pod's label: the EndpointSlice follows."""

import time

from kubernetes import client, config

NAMESPACE = "overview-services"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()
discovery = client.DiscoveryV1Api()


def ready_pods(service: str) -> set[str]:
    """Name the Pods to which a Service sends traffic."""
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector=f"kubernetes.io/service-name={service}",
        _request_timeout=10,
    ).items
    # A set: while a slice is split or filled up, a Pod may stand in two of them.
    return {
        endpoint.target_ref.name
        for each in slices
        for endpoint in each.endpoints or []
        if endpoint.conditions.ready is not False
    }


def wait_for(number: int, without: str = "", seconds: float = 120) -> set[str]:
    """Return the Pods behind "web" once there are so many, and not this one."""
    deadline = time.monotonic() + seconds
    while len(found := ready_pods("web")) != number or without in found:
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds} s: {sorted(found)}, not {number}")
        time.sleep(0.1)
    return found


for replicas in [5, 1, 2]:
    apps.patch_namespaced_deployment_scale(
        "web", NAMESPACE, {"spec": {"replicas": replicas}}, _request_timeout=30
    )
    print(f"{replicas} replicas, {len(wait_for(replicas))} ready endpoints")
    #> 5 replicas, 5 ready endpoints
    #> 1 replicas, 1 ready endpoints
    #> 2 replicas, 2 ready endpoints

# Take one aside, to look at it while nobody calls it.
aside = min(wait_for(2))
label = {"metadata": {"labels": {"app": "aside"}}}
core.patch_namespaced_pod(aside, NAMESPACE, label, _request_timeout=30)
now = wait_for(2, without=aside)
pod = core.read_namespaced_pod(aside, NAMESPACE, _request_timeout=10)
print(f"{pod.metadata.labels['app']}: {pod.status.phase}, behind web: {aside in now}")
#> aside: Running, behind web: False
print(f"owned by a ReplicaSet: {bool(pod.metadata.owner_references)}")
#> owned by a ReplicaSet: False
print(f"{len(now)} ready endpoints")
#> 2 ready endpoints
