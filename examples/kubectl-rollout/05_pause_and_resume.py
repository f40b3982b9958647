# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Make several changes and roll them out as one, between pause and resume."""

import time

import urllib3
from kubernetes import client, config

NAMESPACE = "overview-kubectl-rollout"
STRATEGIC = "application/strategic-merge-patch+json"
# Ask again where that may help: up to five times, but only once after a silence,
# because each silence costs _request_timeout.
RETRIES = urllib3.Retry(5, read=1, backoff_factor=0.2, status_forcelist=range(500, 600))


def pause(apps: client.AppsV1Api, name: str, namespace: str, paused: bool = True):
    """Keep changes of the Pod template from being rolled out, for now."""
    apps.patch_namespaced_deployment(
        name,
        namespace,
        {"spec": {"paused": paused}},
        _content_type=STRATEGIC,
        _request_timeout=30,
    )


def resume(apps: client.AppsV1Api, name: str, namespace: str):
    """Roll out what was changed since the pause."""
    pause(apps, name, namespace, paused=False)


def is_observed(deployment: client.V1Deployment) -> bool:
    """Say whether the controller has seen the spec as it is now."""
    status = deployment.status
    return (status.observed_generation or 0) >= deployment.metadata.generation


def is_done(deployment: client.V1Deployment) -> bool:
    """Say whether all Pods there are have the present template, and are available."""
    status, wanted = deployment.status, deployment.spec.replicas
    counts = [status.replicas, status.updated_replicas, status.available_replicas]
    return is_observed(deployment) and [each or 0 for each in counts] == [wanted] * 3


def wait_until(is_so, seconds: float = 120) -> client.V1Deployment:
    """Return the Deployment as soon as is_so(Deployment), or raise TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
        if is_so(web):
            return web
        time.sleep(0.2)
    seen = f"{web.status.updated_replicas} updated, of {web.status.replicas} Pods"
    raise TimeoutError(f"not {is_so.__name__} after {seconds} s: {seen}")


def count_revisions() -> int:
    found = apps.list_namespaced_replica_set(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    )
    return len(found.items)


if __name__ == "__main__":
    config.load_kube_config()
    client.Configuration.get_default().retries = RETRIES
    apps = client.AppsV1Api()

    pause(apps, "web", NAMESPACE)
    print("revisions:", count_revisions())
    #> revisions: 2

    for change in [
        {"env": [{"name": "GREETING", "value": "good morning"}]},
        {"image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1"},
        {"resources": {"requests": {"memory": "48Mi"}}},
    ]:
        container = {"name": "server"} | change
        apps.patch_namespaced_deployment(
            "web",
            NAMESPACE,
            {"spec": {"template": {"spec": {"containers": [container]}}}},
            _content_type=STRATEGIC,
            _request_timeout=30,
        )
    web = wait_until(is_observed)
    print("revisions after three changes:", count_revisions())
    #> revisions after three changes: 2
    progress = {each.type: each for each in web.status.conditions}["Progressing"]
    print(f"Progressing is {progress.status}: {progress.reason}")
    #> Progressing is Unknown: DeploymentPaused

    resume(apps, "web", NAMESPACE)
    wait_until(is_done)
    print("revisions after resuming:", count_revisions())
    #> revisions after resuming: 3
