# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete the Pods of this page at once, and wait until they are gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-resources"

config.load_kube_config()
core = client.CoreV1Api()

# Not all Pods of the Namespace: others may have some there.
only = {"label_selector": f"example.com/story={NAMESPACE}", "_request_timeout": 30}
core.delete_collection_namespaced_pod(NAMESPACE, **only)

deadline = time.monotonic() + 120
while left := core.list_namespaced_pod(NAMESPACE, **only).items:
    if time.monotonic() > deadline:
        names = [pod.metadata.name for pod in left]
        raise TimeoutError(f"still there after 120 s: {names}")
    time.sleep(0.5)
print("the Pods are gone")
#> the Pods are gone
