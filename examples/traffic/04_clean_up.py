# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# ///
"""Delete all of it, and wait until the last Pod is gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-traffic"

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()

for name in ("bare", "graceful", "prepared", "careful"):
    apps.delete_namespaced_deployment(name, NAMESPACE, _request_timeout=10)
    core.delete_namespaced_service(name, NAMESPACE, _request_timeout=10)
core.delete_namespaced_pod("caller", NAMESPACE, _request_timeout=10)
core.delete_namespaced_config_map("programs", NAMESPACE, _request_timeout=10)

deadline = time.monotonic() + 120
while pods := core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items:
    if time.monotonic() > deadline:
        left = [pod.metadata.name for pod in pods]
        raise TimeoutError(f"after 120 s there are still {left}")
    time.sleep(0.5)
print(f"Pods left: {len(pods)}")
#> Pods left: 0
