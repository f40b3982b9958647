# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete the application, and wait until its Pods are gone."""

import time

from kubernetes import client, config

NAMESPACE = "first-steps"

config.load_kube_config()
apps, core = client.AppsV1Api(), client.CoreV1Api()

core.delete_namespaced_service("hello", NAMESPACE)
apps.delete_namespaced_deployment("hello", NAMESPACE)

deadline = time.monotonic() + 120
while pods := core.list_namespaced_pod(NAMESPACE, label_selector="app=hello").items:
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s, Pods left: {len(pods)}")
    time.sleep(0.5)
print("Pods left:", len(pods))
#> Pods left: 0
