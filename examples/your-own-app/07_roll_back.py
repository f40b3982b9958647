# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["images"]
# ///
"""Go back to version 1, in the same way as the update to version 2."""

import time

from kubernetes import client, config

NAMESPACE = "overview-your-own-app"

config.load_kube_config()
apps = client.AppsV1Api()

containers = [{"name": "server", "image": "overview-hello:1"}]
change = {"spec": {"template": {"spec": {"containers": containers}}}}
apps.patch_namespaced_deployment("hello", NAMESPACE, change, _request_timeout=30)

deadline = time.monotonic() + 120
while True:
    hello = apps.read_namespaced_deployment("hello", NAMESPACE, _request_timeout=10)
    status = hello.status
    seen = status.observed_generation == hello.metadata.generation
    counts = [status.replicas, status.updated_replicas, status.available_replicas]
    if seen and counts == [2, 2, 2]:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s, all, new and available Pods: {counts}")
    time.sleep(0.2)
image = hello.spec.template.spec.containers[0].image
print(f"{status.available_replicas} Pods run {image}")
#> 2 Pods run overview-hello:1
