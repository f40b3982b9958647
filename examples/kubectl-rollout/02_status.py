# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Follow a rollout to its end, as `kubectl rollout status` does."""

import math
import time

import urllib3
from kubernetes import client, config, watch

NAMESPACE = "overview-kubectl-rollout"


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
        if condition.reason == "ProgressDeadlineExceeded":
            text = f'deployment "{name}" exceeded its progress deadline'
            raise ProgressDeadlineExceeded(text)
    if updated < wanted:
        text = f"{updated} out of {wanted} new replicas have been updated..."
        return f"{waiting} {text}", False
    if total > updated:
        old = total - updated
        return f"{waiting} {old} old replicas are pending termination...", False
    if available < updated:
        text = f"{available} of {updated} updated replicas are available..."
        return f"{waiting} {text}", False
    return f'deployment "{name}" successfully rolled out', True


def states(apps: client.AppsV1Api, name: str, namespace: str, deadline: float):
    """Yield the Deployment as it is now, and again after each change; None without it.

    Goes on through all that may pass, until the deadline, a time of time.monotonic().
    """
    only = {"namespace": namespace, "field_selector": f"metadata.name={name}"}
    version = None
    # A round is 30 s at most: a connection which has gone silent is soon given up.
    while (left := min(deadline - time.monotonic(), 30)) > 0:
        try:
            if version is None:
                found = apps.list_namespaced_deployment(**only, _request_timeout=left)
                version = found.metadata.resource_version
                yield found.items[0] if found.items else None
            left = max(1, min(deadline - time.monotonic(), 30))
            for event in watch.Watch().stream(
                apps.list_namespaced_deployment,
                **only,
                resource_version=version,
                timeout_seconds=math.ceil(left),
                _request_timeout=left + 5,
            ):
                version = event["object"].metadata.resource_version
                yield None if event["type"] == "DELETED" else event["object"]
        except client.ApiException as error:
            if error.status == 410:  # Gone: too far back, so list again
                version = None
            elif "CERTIFICATE_VERIFY_FAILED" in str(error.reason):
                raise  # another CA's certificate: waiting won't help
            # 0 is for TLS that broke off.
            elif error.status != 429 and 0 < error.status < 500:
                raise  # 401, 403 and the like: nor does it here
            time.sleep(1)
        except urllib3.exceptions.HTTPError:  # the connection broke, or was silent
            time.sleep(1)


def follow_rollout(apps: client.AppsV1Api, name: str, namespace: str, seconds: float):
    """Yield each line of rollout_status until the rollout is complete.

    Raises TimeoutError after so many seconds, LookupError when the Deployment is
    not there (any more), and what rollout_status raises.
    """
    line = "no answer from the API server"
    for deployment in states(apps, name, namespace, time.monotonic() + seconds):
        if deployment is None:
            raise LookupError(f"no deployment {name} in {namespace}")
        line, done = rollout_status(deployment)
        yield line
        if done:
            return
    raise TimeoutError(f"after {seconds} s: {line}")


if __name__ == "__main__":
    config.load_kube_config()
    # Otherwise, a silent server costs four times _request_timeout.
    client.Configuration.get_default().retries = False
    apps = client.AppsV1Api()

    container = {"name": "server", "env": [{"name": "GREETING", "value": "hello"}]}
    patched = apps.patch_namespaced_deployment(
        "web",
        NAMESPACE,
        {"spec": {"template": {"spec": {"containers": [container]}}}},
        _content_type="application/strategic-merge-patch+json",
        _request_timeout=30,
    )
    # The API server's answer: the new spec, and a status about the old one.
    print(rollout_status(patched))
    #> ('Waiting for deployment spec update to be observed...', False)

    # How many lines come in between depends on how fast the Pods are.
    *progress, last = follow_rollout(apps, "web", NAMESPACE, seconds=120)
    print(last)
    #> deployment "web" successfully rolled out
