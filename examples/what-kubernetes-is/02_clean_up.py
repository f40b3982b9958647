# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Take the desired state back, and see the Pods go with it."""

import time

from kubernetes import client, config

NAMESPACE = "overview-what-kubernetes-is"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()

apps.delete_namespaced_deployment(
    "hello", NAMESPACE, propagation_policy="Foreground", _request_timeout=30
)
deadline = time.monotonic() + 120
while True:
    pods = core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items
    try:
        apps.read_namespaced_deployment("hello", NAMESPACE, _request_timeout=10)
    except client.ApiException as error:
        if error.status != 404:
            raise
        if not pods:
            break
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s the Deployment and {len(pods)} Pods are left")
    time.sleep(0.5)
print("nothing wanted, nothing there")
#> nothing wanted, nothing there
