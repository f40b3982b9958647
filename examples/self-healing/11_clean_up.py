# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete the Deployment, and wait until no Pod is left in the namespace."""

import time

from kubernetes import client, config

NAMESPACE = "overview-self-healing"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()

apps.delete_namespaced_deployment(
    "web", NAMESPACE, propagation_policy="Foreground", _request_timeout=30
)

deadline = time.monotonic() + 120
while left := core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items:
    if time.monotonic() > deadline:
        names = [pod.metadata.name for pod in left]
        raise TimeoutError(f"still there after 120 s: {names}")
    time.sleep(0.5)
print("the Pods are gone")
#> the Pods are gone
