# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Update the application to version 2, and wait until the old Pods are gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-first-steps"

config.load_kube_config()
apps = client.AppsV1Api()

version_2 = {"name": "SERVE_PORT_8080", "value": "hello from version 2"}
containers = [{"name": "server", "env": [version_2]}]
change = {"spec": {"template": {"spec": {"containers": containers}}}}
apps.patch_namespaced_deployment("hello", NAMESPACE, change, _request_timeout=30)

deadline = time.monotonic() + 120
while True:
    hello = apps.read_namespaced_deployment("hello", NAMESPACE, _request_timeout=10)
    status = hello.status
    heard = status.observed_generation == hello.metadata.generation
    counts = [status.replicas, status.updated_replicas, status.available_replicas]
    if heard and counts == [2, 2, 2]:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s, all, new and available Pods: {counts}")
    time.sleep(0.2)
print(f"Pods of version 2: {status.updated_replicas} of {status.replicas}")
#> Pods of version 2: 2 of 2
