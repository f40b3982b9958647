# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Say how much CPU the container requests: that is what a percentage is of."""

import time

from kubernetes import client, config

NAMESPACE = "overview-autoscaling"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()

container = {"name": "web", "resources": {"requests": {"cpu": "50m"}}}
apps.patch_namespaced_deployment(
    "web",
    NAMESPACE,
    {"spec": {"template": {"spec": {"containers": [container]}}}},
    _content_type="application/strategic-merge-patch+json",
    _request_timeout=30,
)

# A new template means new Pods. One without requests, even one that is on its way
# out, is enough to keep the autoscaler from computing: wait until it is gone.
deadline = time.monotonic() + 120
while True:
    pods = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items
    requests = [pod.spec.containers[0].resources.requests for pod in pods]
    ready = [
        condition.status
        for pod in pods
        for condition in pod.status.conditions or []
        if condition.type == "Ready"
    ]
    if all(requests) and ready == ["True", "True"]:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s, last seen: {requests}, Ready: {ready}")
    time.sleep(0.5)
print(f"{len(pods)} Pods, each of which requests {requests[0]}")
#> 2 Pods, each of which requests {'cpu': '50m'}
