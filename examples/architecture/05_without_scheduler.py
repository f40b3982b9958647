# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# stopped = ["kube-scheduler"]
#
# [tool.sandbox.only-with]
# components = ["create pods/binding", "get pods", "list endpointslices"]
# ///
"""Ask for one Pod more while the scheduler is stopped, and do its work by hand."""

import time

from kubernetes import client, config

NAMESPACE = "overview-architecture"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()
discovery = client.DiscoveryV1Api()


def wait_for(what: str, read, seconds: float = 60):
    """Return what read() returns, once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := read()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} after {seconds} s")
        time.sleep(0.2)
    return found


def pods() -> list[client.V1Pod]:
    return core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items


def is_ready(pod: client.V1Pod) -> bool:
    conditions = pod.status.conditions or []
    return any(each.type == "Ready" and each.status == "True" for each in conditions)


def noted() -> bool:
    """Say whether the controllers have noted down that all three are ready."""
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector="kubernetes.io/service-name=web",
        _request_timeout=10,
    ).items
    served = [e for each in slices for e in each.endpoints or [] if e.conditions.ready]
    return web.status.available_replicas == len(served) == 3


apps.patch_namespaced_deployment_scale(
    "web", NAMESPACE, {"spec": {"replicas": 3}}, _request_timeout=30
)
wait_for("third Pod", lambda: len(pods()) == 3)

time.sleep(5)  # time in which a scheduler would have placed it many times over
[waiting] = [pod for pod in pods() if not pod.spec.node_name]
name = waiting.metadata.name
print(f"the new Pod: {waiting.status.phase}, node: {waiting.spec.node_name}")
#> the new Pod: Pending, node: None
print(f"what anybody says about it: {waiting.status.conditions}")
#> what anybody says about it: None
print(f"Pods that are ready: {sum(is_ready(pod) for pod in pods())}")
#> Pods that are ready: 2

# The scheduler's whole answer is this one object. Ours doesn't weigh anything: it
# takes a node that another of the Pods is on already.
node = next(pod.spec.node_name for pod in pods() if pod.spec.node_name)
binding = client.V1Binding(
    metadata=client.V1ObjectMeta(name=name),
    target=client.V1ObjectReference(api_version="v1", kind="Node", name=node),
)
# The answer is a Status where the client expects a Binding, so don't let it be parsed.
# A refusal raises an ApiException all the same.
answer = core.create_namespaced_pod_binding(
    name, NAMESPACE, binding, _preload_content=False, _request_timeout=30
)
print(f"the binding: {answer.status} {answer.reason}")
#> the binding: 201 Created
wait_for(
    "ready Pod",
    lambda: is_ready(core.read_namespaced_pod(name, NAMESPACE, _request_timeout=10)),
)
print(f"bound by this program, and ready: {sum(is_ready(pod) for pod in pods())} of 3")
#> bound by this program, and ready: 3 of 3
# The next program begins with what they have noted, and without them.
wait_for("note of the third Pod", noted)
