# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Roll out an image which does not exist, and see where and when that shows."""

import math
import time

from kubernetes import client, config

NAMESPACE = "overview-rollouts"
BAD_IMAGE = "registry.k8s.io/e2e-test-images/agnhost:no-such-tag"

config.load_kube_config()
apps, core = client.AppsV1Api(), client.CoreV1Api()

started = time.monotonic()
apps.patch_namespaced_deployment(
    "web",
    NAMESPACE,
    {
        "metadata": {"annotations": {"kubernetes.io/change-cause": "a typing error"}},
        "spec": {
            # So that you need not wait for ten minutes. Too short for real use: to
            # place a Pod, pull its image and get it ready may take longer.
            "progressDeadlineSeconds": 5,
            "template": {
                "spec": {"containers": [{"name": "server", "image": BAD_IMAGE}]}
            },
        },
    },
    _content_type="application/strategic-merge-patch+json",
    _request_timeout=30,
)


def reasons(deployment: client.V1Deployment) -> dict[str, str]:
    """Return each condition with its status and reason."""
    conditions = deployment.status.conditions or []
    return {each.type: f"{each.status}, {each.reason}" for each in conditions}


def waiting() -> list[str]:
    """Return why the containers of the new version wait."""
    pods = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items
    return [
        status.state.waiting.reason
        for pod in pods
        for status in pod.status.container_statuses or []
        if pod.spec.containers[0].image == BAD_IMAGE and status.state.waiting
    ]


pulls = {"ErrImagePull", "ImagePullBackOff"}  # a kubelet alternates
while True:
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    unpulled = [reason for reason in waiting() if reason in pulls]
    # A controller that is slow may miss the deadline before it has come that far.
    stuck = web.status.available_replicas == 3 and len(unpulled) == 2
    if stuck and "ProgressDeadlineExceeded" in reasons(web).get("Progressing", ""):
        break
    if time.monotonic() - started > 90:
        raise TimeoutError(f"after 90 s: {reasons(web)}, Pods wait for {waiting()}")
    time.sleep(0.2)

# Rounded up, since the controller counts from a time in whole seconds.
took = math.ceil(time.monotonic() - started)
print("seconds until then, at least 5:", took >= 5)
#> seconds until then, at least 5: True
for condition, reason in sorted(reasons(web).items()):
    print(f"{condition}: {reason}")
    #> Available: True, MinimumReplicasAvailable
    #> Progressing: False, ProgressDeadlineExceeded
print("new Pods whose image cannot be pulled:", len(unpulled))
#> new Pods whose image cannot be pulled: 2
print("old Pods, still available:", web.status.available_replicas)
#> old Pods, still available: 3
