# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
# ///
"""Make two nodes, and a Deployment with a disruption budget on the first."""

import time

from kubernetes import client, config

NAMESPACE = "overview-drain"
# Nodes are in no namespace, so their names must be nobody else's.
FIRST, SECOND = f"{NAMESPACE}-first", f"{NAMESPACE}-second"
LABELS = {"app": "web"}

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()
policy = client.PolicyV1Api()

# The same label and taint on both: only these Pods go there.
mine = {"example.com/story": NAMESPACE}
taint = {"key": "example.com/story", "value": NAMESPACE, "effect": "NoSchedule"}
size = {"cpu": "1", "memory": "1Gi", "pods": "10"}


def create_node(name: str) -> None:
    """Create a node whose kubelet KWOK plays.

    KWOK knows its nodes by the label in the sandbox, and elsewhere by the annotation.
    """
    played = {"kwok.x-k8s.io/node": "fake"}
    labels = {"type": "kwok", **mine}
    metadata = {"name": name, "labels": labels, "annotations": played}
    status = {"capacity": size, "allocatable": size}
    core.create_node(
        {"metadata": metadata, "spec": {"taints": [taint]}, "status": status},
        _request_timeout=30,
    )


create_node(FIRST)
container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["netexec", "--http-port=8080"],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
}
pod = {"nodeSelector": mine, "tolerations": [taint], "containers": [container]}
template = {"metadata": {"labels": LABELS}, "spec": pod}
spec = {"replicas": 3, "selector": {"matchLabels": LABELS}, "template": template}
apps.create_namespaced_deployment(
    NAMESPACE, {"metadata": {"name": "web"}, "spec": spec}, _request_timeout=30
)
policy.create_namespaced_pod_disruption_budget(
    NAMESPACE,
    {
        "metadata": {"name": "web"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": LABELS}},
    },
    _request_timeout=30,
)

deadline = time.monotonic() + 120
while True:
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    if web.status.available_replicas == 3:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"web, after 120 s: {web.status.conditions}")
    time.sleep(0.2)
print(f"available on the first node: {web.status.available_replicas}")
#> available on the first node: 3
create_node(SECOND)
