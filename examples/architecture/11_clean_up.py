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

# By name, so that nothing else goes. Some are missing where a program was left out.
for delete, name in [
    (autoscaling.delete_namespaced_horizontal_pod_autoscaler, "web"),
    (core.delete_namespaced_config_map, "note"),
    (core.delete_namespaced_service, "web"),
    (apps.delete_namespaced_deployment, "web"),
    (apps.delete_namespaced_deployment, "late"),
]:
    try:
        delete(name, NAMESPACE, _request_timeout=30)
    except client.ApiException as error:
        if error.status != 404:
            raise

only = {"label_selector": "app in (web,late)", "_request_timeout": 10}
deadline = time.monotonic() + 120
while left := core.list_namespaced_pod(NAMESPACE, **only).items:
    if time.monotonic() > deadline:
        names = [pod.metadata.name for pod in left]
        raise TimeoutError(f"still there after 120 s: {names}")
    time.sleep(0.5)
print("the Pods are gone")
#> the Pods are gone
