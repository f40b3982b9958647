# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete the autoscaler and the Deployment, and wait until their Pods are gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-autoscaling"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()
autoscaling = client.AutoscalingV2Api()

# The autoscaler first: without its target it would only complain.
autoscaling.delete_namespaced_horizontal_pod_autoscaler(
    "web", NAMESPACE, _request_timeout=30
)
last = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
print(f"without its autoscaler: still {last.spec.replicas} replicas")
#> without its autoscaler: still 2 replicas
# Foreground: the Deployment stays until all that it owns is gone.
apps.delete_namespaced_deployment(
    "web", NAMESPACE, propagation_policy="Foreground", _request_timeout=30
)

deadline = time.monotonic() + 120
while True:
    try:
        last = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    except client.ApiException as error:
        if error.status == 404:
            break
        raise
    if time.monotonic() > deadline:
        raise TimeoutError(f"not gone after 120 s, last seen: {last.status}")
    time.sleep(0.5)
pods = core.list_namespaced_pod(
    NAMESPACE, label_selector="app=web", _request_timeout=10
).items
print(f"the Deployment is gone, and {len(pods)} Pods are left")
#> the Deployment is gone, and 0 Pods are left
