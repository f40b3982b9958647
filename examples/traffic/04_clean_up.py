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
NAMES = ("bare", "graceful", "prepared", "careful")

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()


def pods_left() -> list[str]:
    """Name the Pods of this page that are there: by their label, the caller by name."""
    pods = core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items
    labels = [pod.metadata.labels or {"app": pod.metadata.name} for pod in pods]
    ours = (*NAMES, "caller")
    return [each["app"] for each in labels if each.get("app") in ours]


for name in NAMES:
    apps.delete_namespaced_deployment(name, NAMESPACE, _request_timeout=10)
    core.delete_namespaced_service(name, NAMESPACE, _request_timeout=10)
core.delete_namespaced_pod("caller", NAMESPACE, _request_timeout=10)
core.delete_namespaced_config_map("programs", NAMESPACE, _request_timeout=10)

deadline = time.monotonic() + 120
while left := pods_left():
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s there are still {left}")
    time.sleep(0.5)
print(f"Pods left: {len(left)}")
#> Pods left: 0
