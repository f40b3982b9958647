# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# ///
"""Delete the autoscaler, the Service and the Deployment, and wait until it is gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-journey"

config.load_kube_config()
apps = client.AppsV1Api()

autoscaling = client.AutoscalingV2Api()
autoscaling.delete_namespaced_horizontal_pod_autoscaler(
    "web", NAMESPACE, _request_timeout=30
)
client.CoreV1Api().delete_namespaced_service("web", NAMESPACE, _request_timeout=30)
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
print("the Deployment and its Pods are gone")
#> the Deployment and its Pods are gone
