# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Break it: a version whose image does not exist, because of a typo."""

import time

from kubernetes import client, config

NAMESPACE = "overview-first-steps"

config.load_kube_config()
apps, core = client.AppsV1Api(), client.CoreV1Api()

image = "registry.k8s.io/e2e-test-images/agnhost:no-such-tag"
containers = [{"name": "server", "image": image}]
change = {"spec": {"template": {"spec": {"containers": containers}}}}
apps.patch_namespaced_deployment("hello", NAMESPACE, change, _request_timeout=30)

only = {"label_selector": "app=hello", "_request_timeout": 10}
deadline = time.monotonic() + 120
while True:
    pods = core.list_namespaced_pod(NAMESPACE, **only).items
    states = [s.state for pod in pods for s in pod.status.container_statuses or []]
    waiting = [state.waiting.reason for state in states if state.waiting]
    if waiting == ["ImagePullBackOff"]:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"after 120 s, waiting: {waiting}")
    time.sleep(0.2)
print(f"the new Pod waits: {waiting[0]}")
#> the new Pod waits: ImagePullBackOff
status = apps.read_namespaced_deployment("hello", NAMESPACE, _request_timeout=10).status
print(f"Pods available: {status.available_replicas}")
#> Pods available: 2
