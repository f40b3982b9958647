# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Say no to a Pod's readiness, and see its Service leave it out."""

import time
from datetime import UTC, datetime

from kubernetes import client, config

NAMESPACE = "overview-services"
GATE = "example.com/in-service"

config.load_kube_config()
core = client.CoreV1Api()
discovery = client.DiscoveryV1Api()

container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["netexec", "--http-port=8080"],
    "ports": [{"name": "http", "containerPort": 8080}],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
}
guest = {
    "metadata": {"name": "guest", "labels": {"app": "web"}},
    "spec": {
        "containers": [container],
        # Ready means: the containers are, and this condition is True as well.
        "readinessGates": [{"conditionType": GATE}],
    },
}


def condition(pod: client.V1Pod, kind: str) -> str:
    """Read a condition of a Pod: True, False, or Unknown if it has none."""
    found = {each.type: each.status for each in pod.status.conditions or []}
    return found.get(kind, "Unknown")


def endpoint(name: str) -> client.V1EndpointConditions | None:
    """Read what the Service "web" says about a Pod, None if nothing."""
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector="kubernetes.io/service-name=web",
        _request_timeout=10,
    ).items
    for each in slices:
        for found in each.endpoints or []:
            if found.target_ref.name == name:
                return found.conditions
    return None


def set_gate(pod: client.V1Pod, answer: str) -> None:
    """Give our answer, as a controller does that has its own idea of readiness."""
    told = [GATE]
    if not pod.status.container_statuses[0].container_id:
        # A simulated node: nobody draws the conclusion, so we do that, too.
        told.append("Ready")
    now = datetime.now(UTC).isoformat()
    conditions = [
        {"type": kind, "status": answer, "lastTransitionTime": now} for kind in told
    ]
    core.patch_namespaced_pod_status(
        pod.metadata.name,
        NAMESPACE,
        {"status": {"conditions": conditions}},
        _request_timeout=30,
    )


core.create_namespaced_pod(NAMESPACE, guest, _request_timeout=30)
deadline = time.monotonic() + 120
while True:
    pod = core.read_namespaced_pod("guest", NAMESPACE, _request_timeout=10)
    if condition(pod, "ContainersReady") == "True":
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"guest, after 120 s: {pod.status.phase}, not ready")
    time.sleep(0.2)

for answer in ["True", "False", "True"]:
    set_gate(pod, answer)
    deadline = time.monotonic() + 60
    while not (seen := endpoint("guest")) or str(seen.ready) != answer:
        if time.monotonic() > deadline:
            raise TimeoutError(f"guest, after 60 s: {seen}, not ready={answer}")
        time.sleep(0.1)
    now = core.read_namespaced_pod("guest", NAMESPACE, _request_timeout=10)
    ready = f"Pod Ready={condition(now, 'Ready')}, endpoint ready={seen.ready}"
    print(f"{ready}, containers ready={condition(now, 'ContainersReady')}")
    #> Pod Ready=True, endpoint ready=True, containers ready=True
    #> Pod Ready=False, endpoint ready=False, containers ready=True
    #> Pod Ready=True, endpoint ready=True, containers ready=True
