# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["images"]
# ///
"""Delete all of it, and wait until the Pods are gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-your-own-app"

config.load_kube_config()
apps, core = client.AppsV1Api(), client.CoreV1Api()
networking = client.NetworkingV1Api()

networking.delete_namespaced_ingress("hello", NAMESPACE, _request_timeout=30)
core.delete_namespaced_service("hello", NAMESPACE, _request_timeout=30)
apps.delete_namespaced_deployment("hello", NAMESPACE, _request_timeout=30)
core.delete_namespaced_config_map("hello", NAMESPACE, _request_timeout=30)
core.delete_namespaced_secret("hello", NAMESPACE, _request_timeout=30)

only = {"label_selector": "app=hello", "_request_timeout": 10}
deadline = time.monotonic() + 120
while pods := core.list_namespaced_pod(NAMESPACE, **only).items:
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s, Pods left: {len(pods)}")
    time.sleep(0.5)
print("Pods left:", len(pods))
#> Pods left: 0
