# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# ///
"""Create four Deployments: with and without settings, with either way to end."""

import time

from kubernetes import client, config

NAMESPACE = "overview-traffic"

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()


def pod_spec(*command: str, **container) -> dict:
    """Describe a Pod that runs one of the programs in the ConfigMap."""
    main = {
        "name": "main",
        "image": "python:3.13-slim",
        "command": ["python", *command],
        "env": [{"name": "VERSION", "value": "1"}],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
        "volumeMounts": [{"name": "programs", "mountPath": "/programs"}],
        **container,
    }
    return {
        # Time for the hook, and then for the longest request.
        "terminationGracePeriodSeconds": 60,
        "containers": [main],
        "volumes": [{"name": "programs", "configMap": {"name": "programs"}}],
    }


def create(name: str, ending: str, strategy: dict, **container) -> None:
    """Create a Deployment of three Pods, and a Service in front of it."""
    labels = {"app": name}
    spec = {
        "replicas": 3,
        "strategy": strategy,
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": pod_spec("/programs/server.py", ending, **container),
        },
    }
    apps.create_namespaced_deployment(
        NAMESPACE, {"metadata": {"name": name}, "spec": spec}, _request_timeout=10
    )
    port = {"port": 80, "targetPort": 8080}
    service = {"selector": labels, "ports": [port]}
    core.create_namespaced_service(
        NAMESPACE, {"metadata": {"name": name}, "spec": service}, _request_timeout=10
    )


settings = {
    # No Pod goes before another one has come.
    "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
    # No requests before the server answers.
    "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1},
    # Fifteen seconds for the nodes to hear of it, before the server is told to end.
    "lifecycle": {"preStop": {"sleep": {"seconds": 15}}},
}
create("bare", "at-once", strategy={})
create("graceful", "gracefully", strategy={})
create("prepared", "at-once", **settings)
create("careful", "gracefully", **settings)

deadline = time.monotonic() + 180
while True:
    webs = apps.list_namespaced_deployment(NAMESPACE, _request_timeout=10).items
    available = {web.metadata.name: web.status.available_replicas for web in webs}
    if all(count == 3 for count in available.values()):
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 180 s, of 3 Pods each: {available}")
    time.sleep(0.5)
print(available)
#> {'bare': 3, 'careful': 3, 'graceful': 3, 'prepared': 3}
