# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
#
# [tool.sandbox.only-with]
# simulated-nodes = [
#     "create priorityclasses", "delete priorityclasses", "delete nodes", "delete pods",
# ]
# ///
"""Let a Pod of higher priority take the place of another one."""

import time

from kubernetes import client, config, watch

NAMESPACE = "overview-resources"
NODE = NAMESPACE
PRIORITY = f"{NAMESPACE}-urgent"

config.load_kube_config()
core = client.CoreV1Api()
scheduling = client.SchedulingV1Api()

# As with the node: it goes when the namespace goes.
owners = core.read_node(NODE, _request_timeout=10).metadata.owner_references
scheduling.create_priority_class(
    {
        "metadata": {"name": PRIORITY, "ownerReferences": owners},
        "value": 1000,
        "description": "Pods for which others may have to go.",
    },
    _request_timeout=30,
)

before = core.list_namespaced_pod(NAMESPACE, _request_timeout=10)
container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "resources": {"requests": {"cpu": "1500m"}},
}
spec = {
    "containers": [container],
    "priorityClassName": PRIORITY,
    "nodeSelector": {"kubernetes.io/hostname": NODE},
    "tolerations": [{"key": "example.com/story", "operator": "Exists"}],
}
body = {"metadata": {"name": "urgent"}, "spec": spec}
deadline = time.monotonic() + 60
while True:
    try:
        urgent = core.create_namespaced_pod(NAMESPACE, body, _request_timeout=30)
        break
    except client.ApiException as error:
        # The API server looks classes up in a cache: a new one is known a moment later.
        if error.status != 403 or time.monotonic() > deadline:
            raise
    time.sleep(0.2)
[idle] = [pod for pod in before.items if pod.metadata.name == "idle"]
print(f"priorities: urgent {urgent.spec.priority}, idle {idle.spec.priority}")
#> priorities: urgent 1000, idle 0

# What happens between the list and the placing of the new Pod.
stream = watch.Watch().stream(
    core.list_namespaced_pod,
    NAMESPACE,
    resource_version=before.metadata.resource_version,
    timeout_seconds=120,
    _request_timeout=125,  # for a server which has gone silent
)
ended, placed = {}, False
for event in stream:
    pod = event["object"]
    if pod.metadata.deletion_timestamp:
        conditions = {each.type: each for each in pod.status.conditions}
        ended[pod.metadata.name] = conditions["DisruptionTarget"].reason
    if placed := pod.metadata.name == "urgent" and pod.spec.node_name == NODE:
        break
if not placed:
    raise TimeoutError(f"urgent is not placed after 120 s; ended so far: {ended}")
print(f"had to go: {ended}")
#> had to go: {'idle': 'PreemptionByScheduler'}

on_node = core.list_namespaced_pod(
    NAMESPACE, field_selector=f"spec.nodeName={NODE}", _request_timeout=10
)
print(f"on the node: {sorted(pod.metadata.name for pod in on_node.items)}")
#> on the node: ['no-requests', 'urgent']

for name in ["urgent", "second", "no-requests"]:
    core.delete_namespaced_pod(name, NAMESPACE, _request_timeout=30)
scheduling.delete_priority_class(PRIORITY, _request_timeout=30)
# The node last: without it, nobody would say that the Pods on it have ended.
on_node = f"spec.nodeName={NODE}"
deadline = time.monotonic() + 120
while left := core.list_namespaced_pod(
    NAMESPACE, field_selector=on_node, _request_timeout=10
).items:
    if time.monotonic() > deadline:
        names = [pod.metadata.name for pod in left]
        raise TimeoutError(f"still on the node after 120 s: {names}")
    time.sleep(0.2)
core.delete_node(NODE, _request_timeout=30)
