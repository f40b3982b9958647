# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Limit what all Pods of a namespace may request together."""

import json
import time

from kubernetes import client, config

NAMESPACE = "overview-resources"

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()


def wait_for(read, judge, seconds: float = 60):
    """Return what judge() makes of what read() returns, once that is true."""
    deadline = time.monotonic() + seconds
    while not (verdict := judge(seen := read())):
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds} s: {seen}")
        time.sleep(0.2)
    return verdict


def pod_spec(requests: dict[str, str]) -> dict:
    """Describe a Pod with one container that has these requests."""
    container = {
        "name": "server",
        "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
        "args": ["netexec", "--http-port=8080"],
        "resources": {"requests": requests},
    }
    return {"containers": [container]}


def create(name: str, requests: dict[str, str], **options) -> str:
    """Create a Pod, and return "accepted" or why it was refused."""
    metadata = {"name": name, "labels": {"example.com/story": NAMESPACE}}
    pod = {"metadata": metadata, "spec": pod_spec(requests)}
    try:
        core.create_namespaced_pod(NAMESPACE, pod, **options, _request_timeout=30)
        return "accepted"
    except client.ApiException as error:
        message = json.loads(error.body)["message"].partition(": ")[2]
        return f"{error.status}, {message}"


def quota() -> client.V1ResourceQuotaStatus:
    """Return what the quota allows, and what is used of it, if that is counted yet."""
    return core.read_namespaced_resource_quota(
        "team", NAMESPACE, _request_timeout=10
    ).status


core.create_namespaced_resource_quota(
    NAMESPACE,
    {
        "metadata": {"name": "team"},
        "spec": {"hard": {"requests.cpu": "200m", "pods": "20"}},
    },
    _request_timeout=30,
)
# It doesn't count Pods that have ended, but at first some that have been deleted.
there = core.list_namespaced_pod(
    NAMESPACE,
    field_selector="status.phase!=Failed,status.phase!=Succeeded",
    _request_timeout=10,
).items
used = wait_for(
    quota, lambda q: q.used if q.used and q.used["pods"] == str(len(there)) else None
)
print(f"used by what is there: {used}")
#> used by what is there: {'pods': '9', 'requests.cpu': '130m'}

# As with a LimitRange, it holds a moment later: try it without creating anything.
wait_for(
    lambda: create("big", {"cpu": "100m"}, dry_run="All"),
    lambda answer: f"used: requests.cpu={used['requests.cpu']}" in answer,
)
for name, requests in [
    ("big", {"cpu": "100m"}),
    ("silent", {}),
    ("small", {"cpu": "50m"}),
]:
    for part in create(name, requests).split(", "):
        print(f"{name}: {part}")
        #> big: 403
        #> big: exceeded quota: team
        #> big: requested: requests.cpu=100m
        #> big: used: requests.cpu=130m
        #> big: limited: requests.cpu=200m
        #> silent: 403
        #> silent: failed quota: team: must specify requests.cpu for: server
        #> small: accepted
print(f"used now: {quota().used}")
#> used now: {'pods': '10', 'requests.cpu': '180m'}

# A Deployment is no Pod, and is accepted.
labels = {"app": "three"}
template = {"metadata": {"labels": labels}, "spec": pod_spec({"cpu": "10m"})}
spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
apps.create_namespaced_deployment(
    NAMESPACE, {"metadata": {"name": "three"}, "spec": spec}, _request_timeout=30
)


def failure(status: client.V1DeploymentStatus) -> str | None:
    """Return why Pods are missing, once the others are there."""
    for condition in status.conditions or []:
        if condition.type == "ReplicaFailure" and status.replicas == 2:
            return f"{status.replicas} of 3 Pods, {condition.reason}"


why = wait_for(
    lambda: (
        apps.read_namespaced_deployment("three", NAMESPACE, _request_timeout=10).status
    ),
    failure,
)
print(f"a Deployment: {why}")
#> a Deployment: 2 of 3 Pods, FailedCreate

core.delete_namespaced_resource_quota("team", NAMESPACE, _request_timeout=30)
apps.delete_namespaced_deployment("three", NAMESPACE, _request_timeout=30)
