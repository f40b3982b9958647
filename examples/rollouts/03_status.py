# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Follow a rollout to its end, as `kubectl rollout status` does."""

import math
import time

from kubernetes import client, config, watch

NAMESPACE = "rollouts"


class ProgressDeadlineExceeded(Exception):
    """The newest version made no progress for progressDeadlineSeconds."""


def rollout_status(deployment: client.V1Deployment) -> tuple[str, bool]:
    """Return the line which kubectl prints, and whether the rollout is complete.

    Raises ProgressDeadlineExceeded where kubectl ends with that error.
    """
    name, status = deployment.metadata.name, deployment.status
    wanted = deployment.spec.replicas
    total = status.replicas or 0  # None at zero
    updated = status.updated_replicas or 0
    available = status.available_replicas or 0
    waiting = f'Waiting for deployment "{name}" rollout to finish:'

    # First, because all the rest would be about the spec before this one.
    if (status.observed_generation or 0) < deployment.metadata.generation:
        return "Waiting for deployment spec update to be observed...", False
    for condition in status.conditions or []:
        if condition.type == "Progressing" and (
            condition.reason == "ProgressDeadlineExceeded"
        ):
            raise ProgressDeadlineExceeded(
                f'deployment "{name}" exceeded its progress deadline'
            )
    if updated < wanted:
        return (
            f"{waiting} {updated} out of {wanted} new replicas have been updated...",
            False,
        )
    if total > updated:
        old = total - updated
        return f"{waiting} {old} old replicas are pending termination...", False
    if available < updated:
        return (
            f"{waiting} {available} of {updated} updated replicas are available...",
            False,
        )
    return f'deployment "{name}" successfully rolled out', True


def follow_rollout(apps: client.AppsV1Api, name: str, namespace: str, seconds: float):
    """Yield each line of rollout_status until the rollout is complete.

    Raises TimeoutError after so many seconds, LookupError when the Deployment is
    not there (any more), and what rollout_status raises.
    """
    deadline = time.monotonic() + seconds
    only = {"namespace": namespace, "field_selector": f"metadata.name={name}"}
    line = "nothing"
    while (left := deadline - time.monotonic()) > 0:
        found = apps.list_namespaced_deployment(**only)
        if not found.items:
            raise LookupError(f"no deployment {name} in {namespace}")
        changes = watch.Watch().stream(
            apps.list_namespaced_deployment,
            **only,
            resource_version=found.metadata.resource_version,
            timeout_seconds=math.ceil(left),
            _request_timeout=left + 5,  # for a server which has gone silent
        )
        try:
            seen = found.items[0]
            while seen is not None:
                line, done = rollout_status(seen)
                yield line
                if done:
                    return
                event = next(changes, None)  # None: the server ended the watch
                if event is not None and event["type"] == "DELETED":
                    raise LookupError(f"deployment {name} was deleted")
                seen = event and event["object"]
        except client.ApiException as error:
            if error.status != 410:  # 410 Gone: too far back, so list again
                raise
    raise TimeoutError(f"after {seconds} s: {line}")


if __name__ == "__main__":
    config.load_kube_config()
    apps = client.AppsV1Api()

    container = {"name": "server", "env": [{"name": "GREETING", "value": "hello"}]}
    patched = apps.patch_namespaced_deployment(
        "web",
        NAMESPACE,
        {"spec": {"template": {"spec": {"containers": [container]}}}},
        _content_type="application/strategic-merge-patch+json",
    )
    # The API server's answer: the new spec, and a status about the old one.
    print(rollout_status(patched))
    #> ('Waiting for deployment spec update to be observed...', False)

    # How many lines come in between depends on how fast the Pods are.
    *progress, last = follow_rollout(apps, "web", NAMESPACE, seconds=120)
    print(last)
    #> deployment "web" successfully rolled out
