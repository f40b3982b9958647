# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Write down what should be, see it come true, break it, and see it come back."""

import time

from kubernetes import client, config

NAMESPACE = "overview-what-kubernetes-is"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()

server = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["netexec", "--http-port=8080"],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
}
# The desired state: three Pods made from one template. How to get there is not said.
hello = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "hello"},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "hello"}},
        "template": {
            "metadata": {"labels": {"app": "hello"}},
            "spec": {"containers": [server]},
        },
    },
}


def wait_for_ready_pods(count: int, seconds: float) -> set[str]:
    """Return the names of the Pods that are ready, once there are so many."""
    deadline = time.monotonic() + seconds
    while True:
        ready = {
            pod.metadata.name
            for pod in core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items
            for condition in pod.status.conditions or []
            if condition.type == "Ready" and condition.status == "True"
            if pod.metadata.deletion_timestamp is None  # else it is on its way out
        }
        if len(ready) == count:
            return ready
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(ready)} of {count} Pods ready after {seconds} s")
        time.sleep(0.2)


created = apps.create_namespaced_deployment(NAMESPACE, hello, _request_timeout=30)
wanted = created.spec.replicas
print(f"written: {wanted} wanted, {created.status.replicas or 0} there")
#> written: 3 wanted, 0 there

first = wait_for_ready_pods(wanted, seconds=120)
print(f"a moment later: {wanted} wanted, {len(first)} there")
#> a moment later: 3 wanted, 3 there

core.delete_namespaced_pod(min(first), NAMESPACE, _request_timeout=30)
now = wait_for_ready_pods(wanted, seconds=120)
print(f"one deleted: {len(now)} there, {len(now - first)} of them new")
#> one deleted: 3 there, 1 of them new

stored = apps.read_namespaced_deployment("hello", NAMESPACE, _request_timeout=10)
print(f"times that the desired state was written: {stored.metadata.generation}")
#> times that the desired state was written: 1
