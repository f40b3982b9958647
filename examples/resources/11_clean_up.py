# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete all Pods of the namespace at once, and wait until they are gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-resources"

config.load_kube_config()
core = client.CoreV1Api()

core.delete_collection_namespaced_pod(NAMESPACE, _request_timeout=30)

deadline = time.monotonic() + 120
while left := core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items:
    if time.monotonic() > deadline:
        names = [pod.metadata.name for pod in left]
        raise TimeoutError(f"still there after 120 s: {names}")
    time.sleep(0.5)
print("the Pods are gone")
#> the Pods are gone
