# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Create an application: two Pods that answer requests."""

import time

from kubernetes import client, config

NAMESPACE = "overview-first-steps"

config.load_kube_config()
apps = client.AppsV1Api()

container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["porter"],  # a test server that answers with the text in the next line
    "env": [{"name": "SERVE_PORT_8080", "value": "hello from version 1"}],
    "readinessProbe": {"httpGet": {"port": 8080}, "periodSeconds": 1},
}
labels = {"app": "hello"}
pod = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": pod}
deployment = {"metadata": {"name": "hello"}, "spec": spec}
apps.create_namespaced_deployment(NAMESPACE, deployment, _request_timeout=30)

deadline = time.monotonic() + 120
while True:
    status = apps.read_namespaced_deployment(
        "hello", NAMESPACE, _request_timeout=10
    ).status
    if status.available_replicas == 2:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s, available: {status.available_replicas}")
    time.sleep(0.2)
print(f"Pods available: {status.available_replicas}")
#> Pods available: 2
