# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Replace all Pods with new ones of the same version: `kubectl rollout restart`."""

import time
from datetime import UTC, datetime

import urllib3
from kubernetes import client, config

NAMESPACE = "overview-kubectl-rollout"
# Ask again where that may help: up to five times, but only once after a silence,
# because each silence costs _request_timeout.
RETRIES = urllib3.Retry(5, read=1, backoff_factor=0.2, status_forcelist=range(500, 600))


def restart(apps: client.AppsV1Api, name: str, namespace: str):
    """Start a rollout by a change of the Pod template which changes nothing else.

    Raises ValueError when the Deployment is paused: it would restart much later, when
    somebody resumes it.
    """
    web = apps.read_namespaced_deployment(name, namespace, _request_timeout=10)
    if web.spec.paused:
        raise ValueError("can't restart paused deployment (run rollout resume first)")
    # Finer than kubectl's seconds: otherwise two restarts in one second would be one.
    now = datetime.now(UTC).isoformat()
    # The template's annotations. A change of the Deployment's own restarts nothing.
    metadata = {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}
    apps.patch_namespaced_deployment(
        name,
        namespace,
        {"spec": {"template": {"metadata": metadata}}},
        _content_type="application/strategic-merge-patch+json",
        _request_timeout=30,
    )


def wait_until_done(
    apps: client.AppsV1Api, name: str, namespace: str, seconds: float = 120
):
    """Return the Deployment when its rollout is complete, or raise TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = apps.read_namespaced_deployment(name, namespace, _request_timeout=10)
        status = found.status
        counts = [status.replicas, status.updated_replicas, status.available_replicas]
        counts = [each or 0 for each in counts]  # None at zero
        observed = status.observed_generation == found.metadata.generation
        if observed and counts == [found.spec.replicas] * 3:
            return found
        time.sleep(0.2)
    raise TimeoutError(f"{name}: total, updated and available are {counts}")


def pods() -> set[str]:
    """Return the uids of the Pods which are not on their way out."""
    found = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items
    return {pod.metadata.uid for pod in found if not pod.metadata.deletion_timestamp}


if __name__ == "__main__":
    config.load_kube_config()
    client.Configuration.get_default().retries = RETRIES
    apps, core = client.AppsV1Api(), client.CoreV1Api()

    before = pods()
    restart(apps, "web", NAMESPACE)
    web = wait_until_done(apps, "web", NAMESPACE)
    after = pods()
    print(
        f"{len(before)} Pods before, {len(after)} after, in both {len(before & after)}"
    )
    #> 3 Pods before, 3 after, in both 0
    print("new in the template:", *web.spec.template.metadata.annotations)
    #> new in the template: kubectl.kubernetes.io/restartedAt
