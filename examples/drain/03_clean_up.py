# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
# ///
"""Delete the Deployment, its budget, and the nodes when nothing is on them."""

import time

from kubernetes import client, config

NAMESPACE = "overview-drain"

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()
policy = client.PolicyV1Api()

apps.delete_namespaced_deployment("web", NAMESPACE, _request_timeout=30)
policy.delete_namespaced_pod_disruption_budget("web", NAMESPACE, _request_timeout=30)
deadline = time.monotonic() + 120
while pods := core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items:
    if time.monotonic() > deadline:
        left = [pod.metadata.name for pod in pods]
        raise TimeoutError(f"after 120 s there are still {left}")
    time.sleep(0.2)
for name in (f"{NAMESPACE}-first", f"{NAMESPACE}-second"):
    core.delete_node(name, _request_timeout=30)
print(f"Pods left: {len(pods)}, and both nodes are gone")
#> Pods left: 0, and both nodes are gone
