# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
# ///
"""Delete the Deployment, wait until its Pods are gone, and take the nodes away."""

import sys
import time

from kubernetes import client, config

NAMESPACE = "overview-scale"
MINE = f"simulated-for={NAMESPACE}"

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()

try:
    apps.delete_namespaced_deployment("web", NAMESPACE, _request_timeout=30)
except client.ApiException as error:
    if error.status != 404:  # a run may have ended before it was created
        raise
only = {"label_selector": "app=web", "_request_timeout": 30}
deadline = time.monotonic() + 300
while pods := core.list_namespaced_pod(NAMESPACE, **only).items:
    if time.monotonic() > deadline:
        raise TimeoutError(f"{len(pods)} Pods are still there after 300 s")
    sys.stderr.write(f"{len(pods)} Pods to go\n")
    time.sleep(1)
print("Pods left:", len(pods))
#> Pods left: 0

# One by one: a right to delete nodes by a selector is one to delete them all at once.
for node in core.list_node(label_selector=MINE, _request_timeout=10).items:
    core.delete_node(node.metadata.name, _request_timeout=30)
print(
    "simulated nodes left:",
    len(core.list_node(label_selector=MINE, _request_timeout=10).items),
)
#> simulated nodes left: 0
