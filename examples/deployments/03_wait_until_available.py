# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Wait until a Deployment is available, and no longer than a deadline."""

import math
import time

import urllib3
from kubernetes import client, config, watch

NAMESPACE = "overview-deployments"

config.load_kube_config()
settings = client.Configuration.get_default_copy()
settings.retries = False  # else a silent server costs four times _request_timeout
apps = client.AppsV1Api(client.ApiClient(settings))


def states(name: str, deadline: float):
    """Yield the Deployment as it is now, and again after each change.

    Yields None while there is no such Deployment. Ends at the deadline, which
    is a time of time.monotonic(), or soon after it if the server falls silent.
    """
    only = {"namespace": NAMESPACE, "field_selector": f"metadata.name={name}"}
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
                resource_version=version,  # everything since then, nothing twice
                timeout_seconds=math.ceil(left),  # then the server ends the watch
                _request_timeout=left + 5,  # for a server which has gone silent
            ):
                version = event["object"].metadata.resource_version
                yield None if event["type"] == "DELETED" else event["object"]
        except client.ApiException as error:
            if error.status == 410:  # Gone: too far back for the server
                version = None  # so list again
            elif "CERTIFICATE_VERIFY_FAILED" in str(error.reason):
                raise  # another CA's certificate: waiting won't help
            # 0 is for TLS that broke off.
            elif error.status != 429 and 0 < error.status < 500:
                raise  # 401, 403 and the like: nor does it here
            time.sleep(1)
        except urllib3.exceptions.HTTPError:  # the connection broke
            time.sleep(1)


def is_available(deployment: client.V1Deployment) -> bool:
    """Say whether all replicas run the present template, and are available."""
    status = deployment.status
    updated = status.updated_replicas or 0
    return (
        (status.observed_generation or 0) >= deployment.metadata.generation
        and updated >= deployment.spec.replicas
        and (status.replicas or 0) <= updated  # none of an older template is left
        and (status.available_replicas or 0) >= updated
    )


def summary(deployment: client.V1Deployment | None) -> str:
    """Say in one line how far a Deployment has come, and what its conditions say."""
    if deployment is None:
        return "there is no such Deployment"
    available = deployment.status.available_replicas or 0
    reasons = sorted(each.reason for each in deployment.status.conditions or [])
    return f"{available}/{deployment.spec.replicas} available, {', '.join(reasons)}"


def wait_until_available(name: str, seconds: float) -> client.V1Deployment:
    """Return the Deployment once it is available, or raise TimeoutError."""
    last = "no answer from the API server"
    for deployment in states(name, time.monotonic() + seconds):
        if deployment and is_available(deployment):
            return deployment
        last = summary(deployment)
    raise TimeoutError(f"{name}, after {seconds} s: {last}")


for name in ["web", "worker"]:
    print(f"{name}: {summary(wait_until_available(name, seconds=120))}")
    #> web: 2/2 available, MinimumReplicasAvailable, NewReplicaSetAvailable
    #> worker: 2/2 available, MinimumReplicasAvailable, NewReplicaSetAvailable

try:
    wait_until_available("wbe", seconds=10)
except TimeoutError as error:
    print(error)
    #> wbe, after 10 s: there is no such Deployment
