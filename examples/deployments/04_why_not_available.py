# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Find out why a Deployment is not available: ask it, then ask its Pods."""

import time

import urllib3
from kubernetes import client, config

NAMESPACE = "overview-deployments"
# Ask again where that may help: up to five times, but only once after a silence,
# because each silence costs _request_timeout.
RETRIES = urllib3.Retry(5, read=1, backoff_factor=0.2, status_forcelist=range(500, 600))

config.load_kube_config()
client.Configuration.get_default().retries = RETRIES
apps = client.AppsV1Api()
core = client.CoreV1Api()


def create(name: str, pod_spec: dict) -> None:
    """Create a Deployment with one replica."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod_spec}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    web = {"metadata": {"name": name, "labels": labels}, "spec": spec}
    apps.create_namespaced_deployment(NAMESPACE, web, _request_timeout=30)


def complaints(name: str) -> list[str]:
    """List what a Deployment's conditions and its Pods complain about."""
    found = []
    deployment = apps.read_namespaced_deployment(name, NAMESPACE, _request_timeout=10)
    for condition in deployment.status.conditions or []:
        # Of the three types, this is the one where True is the bad news.
        bad = "True" if condition.type == "ReplicaFailure" else "False"
        if condition.status == bad:
            found.append(f"Deployment {condition.type}={bad}, {condition.reason}")
    pods = core.list_namespaced_pod(
        NAMESPACE, label_selector=f"app={name}", _request_timeout=10
    )
    for pod in pods.items:
        for condition in pod.status.conditions or []:
            if condition.type == "PodScheduled" and condition.status == "False":
                found.append(f"Pod {condition.type}=False, {condition.reason}")
        # Init containers come first: while one of them fails, no other starts.
        containers = pod.status.init_container_statuses or []
        for container in containers + (pod.status.container_statuses or []):
            if container.state.waiting:
                found.append(f"Pod waiting, {container.state.waiting.reason}")
    return sorted(found)


def complaints_with(name: str, words: list[str], seconds: float) -> list[str]:
    """Ask each half second until the complaints have all of these words in them."""
    deadline = time.monotonic() + seconds
    while True:
        found = complaints(name)
        if all(word in str(found) for word in words):
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name}: no {words} after {seconds} s, but {found}")
        time.sleep(0.5)


container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:no-such-tag",
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
}

create("no-image", {"containers": [container]})
# Both: which status is written first, the Deployment's or the Pod's, is not certain.
expected = ["Available=False", "ImagePullBackOff"]
for complaint in complaints_with("no-image", expected, seconds=120):
    print(f"no-image: {complaint}")
    #> no-image: Deployment Available=False, MinimumReplicasUnavailable
    #> no-image: Pod waiting, ImagePullBackOff

create("no-pods", {"containers": [container], "serviceAccountName": "nobody"})
for complaint in complaints_with("no-pods", ["ReplicaFailure"], seconds=60):
    print(f"no-pods: {complaint}")
    #> no-pods: Deployment Available=False, MinimumReplicasUnavailable
    #> no-pods: Deployment ReplicaFailure=True, FailedCreate
