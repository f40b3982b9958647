# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["images"]
# ///
"""Run the application: two copies of the image, and one name for both."""

import time

from kubernetes import client, config

NAMESPACE = "overview-your-own-app"

config.load_kube_config()
apps, core = client.AppsV1Api(), client.CoreV1Api()

labels = {"app": "hello"}
server = {
    "name": "server",
    "image": "overview-hello:1",
    "envFrom": [{"configMapRef": {"name": "hello"}}, {"secretRef": {"name": "hello"}}],
    "readinessProbe": {
        "httpGet": {"path": "/healthz", "port": 8080},
        "periodSeconds": 1,
    },
    "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    "securityContext": {"runAsNonRoot": True, "allowPrivilegeEscalation": False},
}
deployment = {
    "metadata": {"name": "hello"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [server]}},
    },
}
service = {
    "metadata": {"name": "hello"},
    "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": 8080}]},
}
apps.create_namespaced_deployment(NAMESPACE, deployment, _request_timeout=30)
core.create_namespaced_service(NAMESPACE, service, _request_timeout=30)

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
