# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete what the others made, and wait until it is gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-architecture"

config.load_kube_config()
apps = client.AppsV1Api()
autoscaling = client.AutoscalingV2Api()
core = client.CoreV1Api()

# What 10 made, and what 04 perhaps made: it got no answer.
for delete, name in [
    (autoscaling.delete_namespaced_horizontal_pod_autoscaler, "web"),
    (core.delete_namespaced_config_map, "note"),
]:
    try:
        delete(name, NAMESPACE, _request_timeout=30)
    except client.ApiException as error:
        if error.status != 404:
            raise
core.delete_namespaced_service("web", NAMESPACE, _request_timeout=30)
for deployment in apps.list_namespaced_deployment(NAMESPACE, _request_timeout=10).items:
    apps.delete_namespaced_deployment(
        deployment.metadata.name,
        NAMESPACE,
        propagation_policy="Foreground",
        _request_timeout=30,
    )

deadline = time.monotonic() + 120
while left := core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items:
    if time.monotonic() > deadline:
        names = [pod.metadata.name for pod in left]
        raise TimeoutError(f"still there after 120 s: {names}")
    time.sleep(0.5)
print("the Pods are gone")
#> the Pods are gone
