# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete the Deployment, and wait until its revisions and Pods are gone too."""

import time

from kubernetes import client, config

NAMESPACE = "overview-rollouts"

config.load_kube_config()
apps, core = client.AppsV1Api(), client.CoreV1Api()

# Foreground: the Deployment stays, marked as deleted, until what it owns is gone.
apps.delete_namespaced_deployment(
    "web", NAMESPACE, propagation_policy="Foreground", _request_timeout=30
)

only = {"label_selector": "app=web", "_request_timeout": 10}
one = {"field_selector": "metadata.name=web", "_request_timeout": 10}
deadline = time.monotonic() + 120
while True:
    left = [
        *apps.list_namespaced_deployment(NAMESPACE, **one).items,
        *apps.list_namespaced_replica_set(NAMESPACE, **only).items,
        *core.list_namespaced_pod(NAMESPACE, **only).items,
    ]
    if not left:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"still there: {[each.metadata.name for each in left]}")
    time.sleep(0.2)

print("Deployments, ReplicaSets and Pods left:", len(left))
#> Deployments, ReplicaSets and Pods left: 0
