# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete the Deployments, and wait until their Pods are gone too."""

import time

from kubernetes import client, config

NAMESPACE = "overview-deployments"
NAMES = ["web", "worker", "api", "no-image", "no-pods"]

config.load_kube_config()
apps = client.AppsV1Api()
core = client.CoreV1Api()


def delete(name: str, policy: str) -> str:
    """Ask for a Deployment's deletion, and say what the API server answered."""
    try:
        answer = apps.delete_namespaced_deployment(
            name, NAMESPACE, propagation_policy=policy, _request_timeout=30
        )
    except client.ApiException as error:
        if error.status == 404:
            return "gone already"
        raise
    if answer["kind"] == "Status":
        return answer["status"]
    return f"a {answer['kind']} held by {answer['metadata']['finalizers']}"


def still_there() -> list[str]:
    """List what is left of the Deployments, their ReplicaSets and their Pods."""
    ours = {
        "namespace": NAMESPACE,
        "label_selector": f"app in ({','.join(NAMES)})",
        "_request_timeout": 10,
    }
    found = [
        *apps.list_namespaced_deployment(**ours).items,
        *apps.list_namespaced_replica_set(**ours).items,
        *core.list_namespaced_pod(**ours).items,
    ]
    return [each.metadata.name for each in found]


print(f"worker, in the background: {delete('worker', 'Background')}")
#> worker, in the background: Success
print(f"web, in the foreground: {delete('web', 'Foreground')}")
#> web, in the foreground: a Deployment held by ['foregroundDeletion']
for name in NAMES[2:]:
    delete(name, "Foreground")

deadline = time.monotonic() + 120
while left := still_there():
    if time.monotonic() > deadline:
        raise TimeoutError(f"still there after 120 s: {', '.join(left)}")
    time.sleep(0.5)
print("Deployments, ReplicaSets and Pods are gone")
#> Deployments, ReplicaSets and Pods are gone
